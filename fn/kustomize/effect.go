package kustomize

import (
	"slices"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// Effect is what a patch does to a key of a map of an object.
type Effect int

// The effects of patches.
const (
	None    Effect = iota
	Wipes          // the whole map goes, or is replaced by another without the key
	Removes        // the key goes by its name
	Sets           // the key is given a value
)

// On returns what the patch does to a key of a map of the object.
func (p *Patch) On(o Object, place edit.Path, key string) (effect Effect) {
	for _, doc := range p.documents {
		if p.selects(o, doc) {
			effect = max(effect, merge(doc, place, key))
		}
	}
	for _, op := range p.operations {
		if p.Target != nil && p.Target.Matches(o) {
			effect = max(effect, op.on(place, key))
		}
	}
	return effect
}

// Selects reports whether the patch is applied to the object.
func (p *Patch) Selects(o Object) bool {
	if p.Target != nil {
		return p.Target.Matches(o)
	}
	return slices.ContainsFunc(p.documents, func(doc *yaml.Node) bool { return p.selects(o, doc) })
}

func (p *Patch) selects(o Object, doc *yaml.Node) bool {
	if p.Target != nil {
		return p.Target.Matches(o)
	}
	namespace := edit.Text(doc, "metadata", "namespace")
	return edit.Text(doc, "kind") == o.Kind && edit.Text(doc, "metadata", "name") == o.Name &&
		(namespace == "" || o.Namespace == "" || namespace == o.Namespace)
}

// Deletes reports whether the patch removes the object from the build.
func (p *Patch) Deletes(o Object) bool {
	return slices.ContainsFunc(p.documents, func(doc *yaml.Node) bool { return deletes(doc) && p.selects(o, doc) })
}

// directive is the key of a strategic merge that says to replace or to delete.
const directive = "$patch"

func deletes(doc *yaml.Node) bool {
	return edit.Text(doc, directive) == "delete"
}

// merge returns the effect of a document that is merged. One that deletes the object has
// none: nothing is left that another patch could set.
func merge(doc *yaml.Node, place edit.Path, key string) Effect {
	if deletes(doc) {
		return None
	}
	n := doc
	for i := 0; ; i++ {
		if i == len(place) {
			return mergeKey(n, key)
		}
		if replaces(n) {
			return Wipes
		}
		value, found := field(n, place[i])
		switch {
		case !found:
			return None
		case edit.IsNull(value):
			return Wipes
		}
		n = value
	}
}

// mergeKey is merge for the map that holds the key.
func mergeKey(n *yaml.Node, key string) Effect {
	switch value, found := field(n, key); {
	case found && edit.IsNull(value):
		return Removes
	case found:
		return Sets
	case replaces(n):
		return Wipes
	}
	return None
}

func replaces(n *yaml.Node) bool {
	d := edit.Text(n, directive)
	return d == "replace" || d == "delete"
}

// field returns a field of a map, which may be null.
func field(n *yaml.Node, name string) (value *yaml.Node, found bool) {
	for _, p := range edit.Pairs(n) {
		if p.Key == name {
			return p.Value, true
		}
	}
	return nil, false
}

// on returns the effect of an operation.
func (o operation) on(place edit.Path, key string) Effect {
	full := place.With(key)
	switch n := len(o.path); {
	case o.op == "test", n > len(full), !slices.Equal(o.path, full[:n]):
		return None
	case n == len(full) && o.gone:
		return Removes
	case n == len(full):
		return Sets
	default:
		if _, set := field(edit.Get(o.value, place[n:]...), key); set {
			return Sets
		}
		return Wipes
	}
}
