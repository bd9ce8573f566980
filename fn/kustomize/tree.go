package kustomize

import (
	"maps"
	"path"
	"slices"
	"strings"

	"flux-workload-identity/fn/krm"
)

// Tree is the files of a stream as kustomize sees them: as they stand when a build first needs
// them. One tree is for one goroutine at a time.
type Tree struct {
	*stream
	added   map[string]*krm.File // files that are not of the stream
	gone    map[entry]bool
	traced  []*Kustomization
	whole   bool              // nothing is left out of the builds
	layers  map[string]*layer // by directory
	tops    map[Root]*layer
	builds  map[Root]*Build
	running map[string]bool // directories that are being built
}

// stream is what the copies of a tree share.
type stream struct {
	list   *krm.ResourceList
	files  map[string]*krm.File // nil until somebody asks for them
	found  []*Kustomization
	own    map[string]*Kustomization // by directory: those that kustomize finds there
	origin map[string]Built          // by mark: what a document says of the objects made of it
	up     int                       // how many directories the paths lead upwards
}

// TreeOf returns the tree of a list. Nothing is parsed or printed before a build needs it.
func TreeOf(list *krm.ResourceList) *Tree {
	s := &stream{list: list, origin: map[string]Built{}}
	return (&Tree{stream: s, added: map[string]*krm.File{}, gone: map[entry]bool{}}).copy()
}

func (t *Tree) copy() *Tree {
	return &Tree{t.stream, maps.Clone(t.added), maps.Clone(t.gone), t.traced, t.whole, map[string]*layer{}, map[Root]*layer{}, map[Root]*Build{}, map[string]bool{}}
}

// load finds the files, once.
func (t *Tree) load() *Tree {
	if t.files != nil {
		return t
	}
	t.readFiles()
	t.own, t.found = map[string]*Kustomization{}, Find(slices.Concat(t.list.Items, t.list.Beside))
	for _, k := range t.found {
		if f := t.files[k.File]; f != nil && f.Documents[0].Item == k.Item && inOwnFile(k.File) && t.own[k.Dir()] == nil {
			t.own[k.Dir()] = k
		}
	}
	return t
}

func (s *stream) readFiles() {
	s.files = map[string]*krm.File{}
	for _, f := range s.list.Files() {
		s.files[f.Path] = &f
		s.up = max(s.up, strings.Count(f.Path, "../"))
	}
}

// names returns the names of all files that are in a directory or below it, as a walk comes by.
func (t *Tree) names(dir string) []string {
	names := slices.Collect(maps.Keys(t.load().added))
	for name := range t.files {
		if t.added[name] == nil {
			names = append(names, name)
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !within(dir, name) })
	slices.SortFunc(names, func(a, b string) int { return slices.Compare(strings.Split(a, "/"), strings.Split(b, "/")) })
	return names
}

func within(dir, name string) bool {
	if dir == "." {
		return !path.IsAbs(name) && name != ".." && !strings.HasPrefix(name, "../")
	}
	return strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/")
}

// Kustomizations returns those of the stream in its order, Components too.
func (t *Tree) Kustomizations() []*Kustomization { return t.load().found }

// Add returns a copy with one more file, a stand-in for what is not among the items, or instead
// of one.
func (t *Tree) Add(file, text string) *Tree {
	c := t.copy()
	file = path.Clean(file)
	c.added[file] = &krm.File{Path: file, Documents: []krm.Document{{Text: []byte(text)}}}
	if list, err := krm.ParseManifests(krm.Stream{}, krm.Stream{Path: file, Text: []byte(text)}); err == nil && len(list.Files()) > 0 {
		c.added[file] = &list.Files()[0]
	}
	return c
}

// Trace returns a copy whose builds tell which of the layers an object came through.
func (t *Tree) Trace(ks ...*Kustomization) *Tree {
	c := t.copy()
	c.traced = slices.Concat(t.traced, ks)
	return c
}

// Root is a directory that something builds: of a Kustomization that no other lists, or of
// one of Flux's own Kustomizations.
type Root struct {
	Dir           string
	Kustomization *Kustomization // nil where Flux generates one
	Flux          *krm.Item      // Flux's Kustomization, nil for none
}

// RootOf returns a build of that layer alone.
func (t *Tree) RootOf(k *Kustomization) Root { return Root{Dir: k.Dir(), Kustomization: k} }

// Roots returns all roots of the stream. Of layers that only list each other the first is one:
// its build says what is wrong.
func (t *Tree) Roots() (roots []Root) {
	seen := map[string]bool{}
	for _, item := range t.fluxes() {
		if dir, found := t.dirOf(item); found {
			r := Root{dir, t.own[dir], item}
			roots = append(roots, r)
			t.walk(t.top(r), map[string]bool{}, func(l *layer) { seen[l.dir] = true })
		}
	}
	add := func(isRoot func(*Kustomization) bool) {
		for _, k := range t.found {
			if r := t.RootOf(k); t.own[r.Dir] == k && !seen[r.Dir] && isRoot(k) && !k.IsComponent() {
				roots = append(roots, r)
				t.walk(t.top(r), map[string]bool{}, func(l *layer) { seen[l.dir] = true })
			}
		}
	}
	listed := map[string]bool{}
	for dir := range t.load().own {
		for _, other := range slices.Concat(t.layer(dir).dirs, t.layer(dir).tools) {
			listed[other] = true
		}
	}
	add(func(k *Kustomization) bool { return !listed[k.Dir()] })
	add(func(*Kustomization) bool { return true })
	return roots
}

// walk visits a layer and all that it builds, the deepest first, each once.
func (t *Tree) walk(l *layer, seen map[string]bool, visit func(*layer)) {
	if seen[l.dir] {
		return
	}
	seen[l.dir] = true
	for _, dir := range slices.Concat(l.dirs, l.tools) {
		t.walk(t.layer(dir), seen, visit)
	}
	visit(l)
}

// Reaches reports whether a root reads the file, by way of others too.
func (t *Tree) Reaches(r Root, file string) bool { return t.Reach(r)[path.Clean(file)] }

// Reach returns the files that a root reads, by way of others too, those of Kustomizations among them.
func (t *Tree) Reach(r Root) map[string]bool {
	l := t.top(r)
	if l.reach == nil {
		l.reach = map[string]bool{}
		t.walk(l, map[string]bool{}, func(o *layer) {
			for _, name := range slices.Concat(o.files, o.others) {
				l.reach[name] = true
			}
			if o.kustomization != nil {
				l.reach[o.kustomization.File] = true
			}
		})
	}
	return l.reach
}

// Err says why kustomize cannot read the Kustomization of a root, nil where it can.
func (t *Tree) Err(r Root) error { return t.top(r).err }

// Layers returns all that a root builds, the deepest first and itself last, each once.
func (t *Tree) Layers(r Root) (layers []*Kustomization) {
	t.walk(t.top(r), map[string]bool{}, func(l *layer) {
		if l.kustomization != nil {
			layers = append(layers, l.kustomization)
		}
	})
	return layers
}

// entry is the key of a Step.
type entry struct {
	item  *krm.Item
	field string
}

// Entries returns what can be taken out of the layers of a root, in the order in which
// kustomize applies it as far as that is known.
func (t *Tree) Entries(r Root) (entries []Step) {
	t.walk(t.top(r), map[string]bool{}, func(l *layer) { entries = append(entries, l.steps...) })
	return entries
}

// Without returns a copy in which the entries are taken out.
func (t *Tree) Without(entries ...Step) *Tree {
	c := t.copy()
	for _, e := range entries {
		c.gone[entry{e.Item, e.Field.String()}] = true
	}
	return c
}
