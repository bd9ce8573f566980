package kustomize

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

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
		t.walk(r, (*layer).below, func(l *layer) { built[l.dir] = true })
	}
	for _, item := range t.fluxes() {
		if dir, found := t.dirOf(item); found {
			add(Root{dir, t.own[dir], item})
		}
	}
	for dir := range t.load().own {
		for _, other := range t.layer(dir).below() {
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

// walk visits the layer of a root and what it leads to, the deepest first, each once.
func (t *Tree) walk(r Root, next func(*layer) []string, visit func(*layer)) {
	t.walkFrom(t.top(r), next, visit)
}

func (t *Tree) walkFrom(top *layer, next func(*layer) []string, visit func(*layer)) {
	seen := map[string]bool{}
	var walk func(*layer)
	walk = func(l *layer) {
		if seen[l.dir] {
			return
		}
		seen[l.dir] = true
		for _, dir := range next(l) {
			walk(t.layer(dir))
		}
		visit(l)
	}
	walk(top)
}

// Reach returns the files that a root reads, by way of others too, those of Kustomizations among them.
func (t *Tree) Reach(r Root) map[string]bool {
	top := t.top(r)
	if top.reach == nil {
		top.reach = map[string]bool{}
		t.walk(r, (*layer).below, func(l *layer) {
			for _, name := range slices.Concat(l.files, l.others) {
				top.reach[name] = true
			}
			if l.kustomization != nil {
				top.reach[l.kustomization.File] = true
			}
		})
	}
	return top.reach
}

// Reaches reports whether a root reads the file, by way of others too.
func (t *Tree) Reaches(r Root, file string) bool { return t.Reach(r)[path.Clean(file)] }

// Err says why kustomize cannot read the Kustomization of a root, nil where it can.
func (t *Tree) Err(r Root) error { return t.top(r).err }

// Layers returns all that a root builds, the deepest first and itself last, each once.
func (t *Tree) Layers(r Root) []*Kustomization { return t.kustomizations(r, (*layer).below) }

// Components returns the Kustomization of a root and the Components that it lists, itself or by way
// of others of them.
func (t *Tree) Components(r Root) (items []*krm.Item) {
	for _, k := range t.kustomizations(r, func(l *layer) []string { return l.components }) {
		items = append(items, k.Item)
	}
	return items
}

func (t *Tree) kustomizations(r Root, next func(*layer) []string) (ks []*Kustomization) {
	t.walk(r, next, func(l *layer) {
		if l.kustomization != nil {
			ks = append(ks, l.kustomization)
		}
	})
	return ks
}

// Entries returns what can be taken out of the layers of a root, in the order in which
// kustomize applies it as far as that is known.
func (t *Tree) Entries(r Root) (entries []Step) {
	t.walk(r, (*layer).below, func(l *layer) { entries = append(entries, l.steps...) })
	return entries
}

// Step is an entry of a layer that can be taken out.
type Step struct {
	Item  *krm.Item
	Field edit.Path
	Kind  string // its field: patches, transformers, ...
}

// entry is the key of a Step.
type entry struct {
	item  *krm.Item
	field string
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
