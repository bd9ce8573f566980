package kustomize

import (
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

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
func (s Step) IsPatch() bool {
	return slices.Contains(patchLists, s.Kind)
}

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

// String names a root for a message.
func (r Root) String() string {
	if r.Dir == "." {
		return "the folder"
	}
	return r.Dir
}

// Components returns the Kustomization of a root and the Components that it lists, itself or by way
// of others of them.
func (t *Tree) Components(r Root) (items []*krm.Item) {
	var add func(l *layer)
	add = func(l *layer) {
		if l.kustomization == nil || slices.Contains(items, l.kustomization.Item) {
			return
		}
		items = append(items, l.kustomization.Item)
		for _, dir := range l.components {
			add(t.layer(dir))
		}
	}
	add(t.top(r))
	return items
}

// Whole returns a copy whose builds leave nothing out.
func (t *Tree) Whole() *Tree {
	c := t.copy()
	c.whole = true
	return c
}

// Forget drops what was built of a root, of which a fleet has many.
func (t *Tree) Forget(r Root) { delete(t.builds, r) }

// Again returns the tree after edits of items. What these do not touch is not built again.
func (t *Tree) Again(edited []*krm.Item) *Tree {
	c := t.copy()
	s := *t.stream
	c.stream, s.files = &s, nil
	s.readFiles()
	isEdited := map[string]bool{}
	for _, item := range edited {
		isEdited[item.Path()] = true
	}
	for dir, l := range t.layers {
		if l.kustomization == nil || !isEdited[l.kustomization.File] {
			c.layers[dir] = l
		}
	}
next:
	for r, b := range t.builds {
		for file := range isEdited {
			if t.Reaches(r, file) {
				continue next
			}
		}
		c.builds[r], c.tops[r] = b, t.tops[r]
	}
	return c
}
