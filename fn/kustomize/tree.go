package kustomize

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// Tree is the files of a stream as kustomize sees them: as they stand when it is made, or made again.
// One tree is for one goroutine at a time.
type Tree struct {
	list         *krm.ResourceList
	here         string               // where kustomize finds what has a relative path
	files, added map[string]*krm.File // by that place; those that are not of the stream
	found        []*Kustomization
	own          map[string]*Kustomization // by directory: those that kustomize finds there

	gone   map[entry]bool
	traced []*Kustomization
	whole  bool // nothing is left out of the builds

	layers map[Root]*layer // by directory, and with Flux's Kustomization where that has its share
	builds map[Root]*Build
	tools  map[string]*tool // by place
	marks  map[string]Built // what a document says of the objects made of it
}

// entry is the key of a Step.
type entry struct {
	item  *krm.Item
	field string
}

// TreeOf returns the tree of a list. Nothing is parsed or printed before a build needs it.
func TreeOf(list *krm.ResourceList) *Tree {
	t := &Tree{list: list, found: Find(slices.Concat(list.Items, list.Beside)), own: map[string]*Kustomization{},
		added: map[string]*krm.File{}, gone: map[entry]bool{}}
	if len(t.found) > 0 { // else there is nothing to build
		t.readFiles()
	}
	for _, k := range t.found {
		if f := t.file(k.File); f != nil && f.Documents[0].Item == k.Item && inOwnFile(k.File) && t.own[k.Dir()] == nil {
			t.own[k.Dir()] = k
		}
	}
	return t.with(func(*Tree) {})
}

func (t *Tree) readFiles() {
	files, up := t.list.Files(), 0
	for _, f := range files {
		up = max(up, strings.Count(f.Path, "../"))
	}
	t.here, t.files = "/.here"+strings.Repeat("/up", up), map[string]*krm.File{}
	for _, f := range files {
		t.files[t.at(f.Path)] = &f
	}
}

// with returns a copy of which nothing is built yet.
func (t *Tree) with(change func(c *Tree)) *Tree {
	c := *t
	c.gone, c.added = maps.Clone(t.gone), maps.Clone(t.added)
	c.layers, c.builds, c.tools, c.marks = map[Root]*layer{}, map[Root]*Build{}, map[string]*tool{}, map[string]Built{}
	change(&c)
	return &c
}

// at returns where kustomize finds a file or directory.
func (t *Tree) at(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(t.here, name)
}

// file returns a file of the tree, nil where it has none of the name.
func (t *Tree) file(name string) *krm.File { return t.fileAt(t.at(name)) }

func (t *Tree) fileAt(place string) *krm.File { return cmp.Or(t.added[place], t.files[place]) }

// names returns the names of all files that are in a directory or below it, as a walk comes by.
func (t *Tree) names(dir string) (names []string) {
	within := t.at(dir) + "/"
	for _, files := range []map[string]*krm.File{t.files, t.added} {
		for place, f := range files {
			if strings.HasPrefix(place, within) {
				names = append(names, f.Path)
			}
		}
	}
	slices.SortFunc(names, func(a, b string) int { return slices.Compare(strings.Split(a, "/"), strings.Split(b, "/")) })
	return slices.Compact(names)
}

// Kustomizations returns those of the stream in its order, Components too.
func (t *Tree) Kustomizations() []*Kustomization { return t.found }

// Add returns a copy with one more file, a stand-in for what is not among the items, or instead
// of one.
func (t *Tree) Add(file, text string) *Tree {
	added := &krm.File{Path: path.Clean(file), Documents: []krm.Document{{Text: []byte(text)}}}
	if list, err := krm.ParseManifests(krm.Stream{}, krm.Stream{Path: added.Path, Text: []byte(text)}); err == nil && len(list.Files()) > 0 {
		added = &list.Files()[0]
	}
	return t.with(func(c *Tree) { c.added[t.at(file)] = added })
}

// Trace returns a copy whose builds tell which of the layers an object came through.
func (t *Tree) Trace(ks ...*Kustomization) *Tree {
	return t.with(func(c *Tree) { c.traced = slices.Concat(t.traced, ks) })
}

// Without returns a copy in which the entries are taken out.
func (t *Tree) Without(entries ...Step) *Tree {
	return t.with(func(c *Tree) {
		for _, e := range entries {
			c.gone[entry{e.Item, e.Field.String()}] = true
		}
	})
}

// Whole returns a copy whose builds leave nothing out.
func (t *Tree) Whole() *Tree { return t.with(func(c *Tree) { c.whole = true }) }

// Again returns the tree after edits of its items.
func (t *Tree) Again() *Tree { return t.with((*Tree).readFiles) }

// Forget drops what was built of a root, of which a fleet has many.
func (t *Tree) Forget(r Root) { delete(t.builds, r) }

// Root is a directory that something builds: of a Kustomization that no other lists, or of
// one of Flux's own Kustomizations.
type Root struct {
	Dir           string
	Kustomization *Kustomization // nil where Flux generates one
	Flux          *krm.Item      // Flux's Kustomization, nil for none
}

// String names a root for a message.
func (r Root) String() string {
	if r.Dir == "." {
		return "the folder"
	}
	return r.Dir
}

// RootOf returns a build of that layer alone.
func (t *Tree) RootOf(k *Kustomization) Root { return Root{Dir: k.Dir(), Kustomization: k} }

// Roots returns all roots of the stream. Of layers that only list each other the first is one:
// its build says what is wrong.
func (t *Tree) Roots() (roots []Root) {
	built, listed := map[string]bool{}, map[string]bool{}
	add := func(r Root) {
		roots = append(roots, r)
		for _, l := range t.all(t.layer(r)) {
			built[l.dir] = true
		}
	}
	for _, item := range t.fluxes() {
		if dir, found := t.dirOf(item); found {
			add(Root{dir, t.own[dir], item})
		}
	}
	for dir := range t.own {
		for _, other := range t.layer(Root{Dir: dir}).dirs {
			listed[other] = true
		}
	}
	for _, evenListed := range []bool{false, true} {
		for _, k := range t.found {
			if dir := k.Dir(); t.own[dir] == k && !built[dir] && !k.IsComponent() && (evenListed || !listed[dir]) {
				add(t.RootOf(k))
			}
		}
	}
	return roots
}

// all returns a layer and those that it leads to, the deepest first, each once.
func (t *Tree) all(top *layer) (layers []*layer) {
	seen := map[string]bool{}
	var add func(*layer)
	add = func(l *layer) {
		seen[l.dir] = true
		for _, dir := range l.dirs {
			if !seen[dir] {
				add(t.layer(Root{Dir: dir}))
			}
		}
		layers = append(layers, l)
	}
	add(top)
	return layers
}

// Reach returns the files that a root reads, by way of others too, those of Kustomizations among them.
func (t *Tree) Reach(r Root) map[string]bool {
	top := t.layer(r)
	if top.reach == nil {
		top.reach = map[string]bool{}
		for _, l := range t.all(top) {
			for _, name := range slices.Concat(l.files, l.others) {
				top.reach[name] = true
			}
			if l.kustomization != nil {
				top.reach[l.kustomization.File] = true
			}
		}
	}
	return top.reach
}

// Reaches reports whether a root reads the file, by way of others too.
func (t *Tree) Reaches(r Root, file string) bool { return t.Reach(r)[path.Clean(file)] }

// Err says why kustomize cannot read the Kustomization of a root, nil where it can.
func (t *Tree) Err(r Root) error { return t.layer(r).err }

// Layers returns all that a root builds, the deepest first and itself last, each once.
func (t *Tree) Layers(r Root) (ks []*Kustomization) {
	for _, l := range t.all(t.layer(r)) {
		if l.kustomization != nil {
			ks = append(ks, l.kustomization)
		}
	}
	return ks
}

// Components returns the Kustomization of a root and the Components that it lists, itself or by way
// of others of them.
func (t *Tree) Components(r Root) (items []*krm.Item) {
	isOf := map[string]bool{r.Dir: true}
	for _, l := range slices.Backward(t.all(t.layer(r))) {
		if isOf[l.dir] && l.kustomization != nil {
			items = append(items, l.kustomization.Item)
		}
		for _, dir := range l.dirs {
			isOf[dir] = isOf[dir] || isOf[l.dir] && t.own[dir].IsComponent()
		}
	}
	return items
}

// Entries returns what can be taken out of the layers of a root, in the order in which
// kustomize applies it as far as that is known.
func (t *Tree) Entries(r Root) (entries []Step) {
	for _, l := range t.all(t.layer(r)) {
		entries = append(entries, l.steps...)
	}
	return entries
}

// Step is an entry of a layer that can be taken out.
type Step struct {
	Item  *krm.Item
	Field edit.Path
	Kind  string // its field: patches, transformers, ...
}

// PatchesPath is the list of patches of a Kustomization.
var PatchesPath = edit.Path{"patches"}

// patchLists are that and the older ones.
var patchLists = []string{"patches", "patchesStrategicMerge", "patchesJson6902"}

// IsPatch reports whether it is an element of one of the lists of patches.
func (s Step) IsPatch() bool { return slices.Contains(patchLists, s.Kind) }

// Element returns the list that it is an element of, and its place there.
func (s Step) Element() (list edit.Path, index int) {
	last := len(s.Field) - 1
	index, _ = strconv.Atoi(strings.Trim(s.Field[last], "[]"))
	return s.Field[:last], index
}

// Node returns the element that it is, nil for nothing.
func (s Step) Node() *yaml.Node {
	list, index := s.Element()
	if elements := edit.Elements(edit.Get(s.Item.Node(), list...)); index < len(elements) {
		return elements[index]
	}
	return nil
}

// Name returns the metadata.name in the text of a patch, which kustomize does not look at where the
// patch has a target; "" where a file holds it.
func (s Step) Name() string {
	if !s.IsPatch() {
		return ""
	}
	body, err := yaml.Parse(edit.Text(s.Node(), "patch"))
	if err != nil {
		return ""
	}
	return edit.Text(body.YNode(), "metadata", "name")
}
