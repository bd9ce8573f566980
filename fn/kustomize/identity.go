package kustomize

import (
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// Entry is a key that a patch sets in one of the maps of labels and annotations.
type Entry struct {
	Place edit.Path
	Key   string
	Value *yaml.Node
}

// Entries returns the labels and annotations that a patch sets in the given maps, and what
// else is in it, as paths of fields: nothing for a patch that does nothing else. The fields
// by which a document names its object do not count.
func (p *Patch) Entries(places []edit.Path) (entries []Entry, others []string) {
	if p.Unread {
		return nil, []string{"what cannot be read"}
	}
	w := walker{places: places}
	for _, doc := range p.documents {
		w.walk(doc, nil)
	}
	for _, op := range p.operations {
		if op.op != "add" && op.op != "replace" {
			w.others = append(w.others, op.op+" /"+strings.Join(op.path, "/"))
			continue
		}
		w.visit(op.value, op.path)
	}
	for _, field := range edit.Pairs(p.Entry) {
		if field.Key != "patch" && field.Key != "target" && field.Key != "path" {
			w.others = append(w.others, field.Key)
		}
	}
	return w.entries, w.others
}

type walker struct {
	places  []edit.Path
	entries []Entry
	others  []string
}

// naming are the fields by which a document names its object.
var naming = []edit.Path{{"apiVersion"}, {"kind"}, {"metadata", "name"}, {"metadata", "namespace"}}

func (w *walker) walk(n *yaml.Node, at edit.Path) {
	seen := map[string]bool{}
	for _, p := range edit.Pairs(n) {
		if seen[p.Key] {
			w.others = append(w.others, at.With(p.Key).String()+" twice") // kustomize refuses that
		}
		seen[p.Key] = true
		w.visit(p.Value, at.With(p.Key))
	}
	for _, odd := range edit.OddKeys(n) {
		w.others = append(w.others, at.With(odd).String())
	}
}

func (w *walker) visit(n *yaml.Node, at edit.Path) {
	is := func(p edit.Path) bool { return slices.Equal(p, at) }
	parent, isEntry := at[:len(at)-1], false
	for _, place := range w.places {
		isEntry = isEntry || slices.Equal(place, parent)
	}
	key := at[len(at)-1]
	switch {
	case slices.ContainsFunc(naming, is):
	case isEntry && key != directive && !edit.IsMap(n) && !edit.IsList(n):
		w.entries = append(w.entries, Entry{slices.Clone(parent), key, n})
	case edit.IsMap(n) && slices.ContainsFunc(w.places, func(p edit.Path) bool {
		return len(p) >= len(at) && slices.Equal(p[:len(at)], at)
	}):
		w.walk(n, at)
	default:
		w.others = append(w.others, at.String())
	}
}
