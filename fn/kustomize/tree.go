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
	added  map[string]*krm.File // files that are not of the stream
	gone   map[entry]bool
	traced []*Kustomization
	whole  bool            // nothing is left out of the builds
	layers map[Root]*layer // by directory, and with Flux's Kustomization where that has its share
	builds map[Root]*Build
	tools  map[string]*tool // by directory
	marks  map[string]Built // what a document says of the objects made of it
}

// stream is what the copies of a tree share.
type stream struct {
	list  *krm.ResourceList
	files map[string]*krm.File // nil until somebody asks for them
	here  string               // where kustomize finds those with relative paths
	found []*Kustomization
	own   map[string]*Kustomization // by directory: those that kustomize finds there
}

// TreeOf returns the tree of a list. Nothing is parsed or printed before a build needs it.
func TreeOf(list *krm.ResourceList) *Tree {
	return (&Tree{stream: &stream{list: list}, added: map[string]*krm.File{}, gone: map[entry]bool{}}).copy()
}

func (t *Tree) copy() *Tree {
	return &Tree{
		stream: t.stream, added: maps.Clone(t.added), gone: maps.Clone(t.gone), traced: t.traced, whole: t.whole,
		layers: map[Root]*layer{}, builds: map[Root]*Build{}, tools: map[string]*tool{}, marks: map[string]Built{},
	}
}

// load finds the files and the Kustomizations, once.
func (s *stream) load() *stream {
	if s.files != nil {
		return s
	}
	s.files = map[string]*krm.File{}
	up := 0
	for _, f := range s.list.Files() {
		s.files[f.Path] = &f
		up = max(up, strings.Count(f.Path, "../"))
	}
	if s.here = "/.here" + strings.Repeat("/up", up); s.own != nil {
		return s
	}
	s.own, s.found = map[string]*Kustomization{}, Find(slices.Concat(s.list.Items, s.list.Beside))
	for _, k := range s.found {
		if f := s.files[k.File]; f != nil && f.Documents[0].Item == k.Item && inOwnFile(k.File) && s.own[k.Dir()] == nil {
			s.own[k.Dir()] = k
		}
	}
	return s
}

// file returns a file of the tree, nil where it has none of the name.
func (t *Tree) file(name string) *krm.File {
	if f := t.added[name]; f != nil {
		return f
	}
	return t.load().files[name]
}

// names returns the names of all files that are in a directory or below it, as a walk comes by.
func (t *Tree) names(dir string) (names []string) {
	all := maps.Clone(t.load().files)
	maps.Copy(all, t.added)
	for name := range all {
		if within(dir, name) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return slices.Compare(strings.Split(a, "/"), strings.Split(b, "/")) })
	return names
}

func within(dir, name string) bool {
	if dir == "." {
		return !path.IsAbs(name) && !strings.HasPrefix(name, "../")
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

// Without returns a copy in which the entries are taken out.
func (t *Tree) Without(entries ...Step) *Tree {
	c := t.copy()
	for _, e := range entries {
		c.gone[entry{e.Item, e.Field.String()}] = true
	}
	return c
}

// Whole returns a copy whose builds leave nothing out.
func (t *Tree) Whole() *Tree {
	c := t.copy()
	c.whole = true
	return c
}

// Again returns the tree after edits of its items.
func (t *Tree) Again() *Tree {
	c := t.copy()
	s := *t.load()
	c.stream, s.files = &s, nil
	return c
}

// Forget drops what was built of a root, of which a fleet has many.
func (t *Tree) Forget(r Root) { delete(t.builds, r) }
