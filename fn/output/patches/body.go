package patches

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/cloud"
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output"
	"flux-workload-identity/fn/output/proof"
)

// patch is a patch that a home is to hold, in the form of Flux's documentation: a strategic
// merge with a target, one for an identity and a kind.
type patch struct {
	kind     kind
	objects  []*object         // of the home
	absent   map[string]string // the controllers that an install lacks, but may get, by the names they would have
	places   []output.Place
	identity string // the field that names it
	name     string // of all patches of the configuration

	target  target
	element *element // that it comes from, nil for none
	last    bool     // it goes to the end of the list all the same
	whole   *patch   // of which it is the part for a namespace
	level   int      // how narrow its target is
	settled bool     // there is nothing better: of the whole
}

// target is whom a patch is for.
type target struct {
	names     []string
	namespace string // "" where the names say enough
	// components are the values of Flux's label, nil where the rest says enough.
	components []string
}

// kind is one of the objects that carry an identity.
type kind struct {
	name, version string
	places        func(provider.Settings) []output.Place
}

var kinds = []kind{
	{"ServiceAccount", "v1", output.OfServiceAccount},
	{"Deployment", "apps/v1", output.OfDeployment},
}

var noSettings provider.Settings

func (p *patch) covers(o *object) bool { return slices.Contains(p.objects, o) }

// sets reports whether the patch sets the key at the end of the path.
func (p *patch) sets(path edit.Path) bool {
	for place, e := range output.Entries(p.places) {
		if slices.Equal(place.With(e.Key), path) {
			return true
		}
	}
	return false
}

// gives reports whether the value at the end of the path is that of the patch.
func (p *patch) gives(path edit.Path, value *yaml.Node) bool {
	for place, e := range output.Entries(p.places) {
		if slices.Equal(place.With(e.Key), path) && value != nil && value.Value == e.Value {
			return true
		}
	}
	return false
}

// body returns the text of the patch: that of the element in whose place it goes, with the values
// of ours, where that is a merge with nothing that must go; its comments stay then. The name in it,
// which kustomize does not look at, is ours.
func (p *patch) body() string {
	if p.element != nil {
		if body, ok := p.bodyIn(p.element); ok {
			return body
		}
	}
	object := mapOf("apiVersion", text(p.kind.version), "kind", text(p.kind.name), "metadata", mapOf("name", text(p.name)))
	for place, e := range output.Entries(p.places) {
		m := object
		for _, field := range place {
			next := edit.Get(m, field)
			if next == nil {
				next = mapOf()
				m.Content = append(m.Content, text(field), next)
			}
			m = next
		}
		m.Content = append(m.Content, text(e.Key), text(e.Value))
	}
	return printed(object)
}

func (p *patch) bodyIn(e *element) (body string, ok bool) {
	if len(e.docs) != 1 || edit.Text(e.docs[0], "kind") != p.kind.name || !isPure(e.docs[0]) {
		return "", false
	}
	for _, place := range places(p.kind.name) {
		for _, pair := range edit.Pairs(edit.Get(e.docs[0], place...)) {
			if path := place.With(pair.Key); !p.sets(path) && (!slices.Contains(cloud.Owner(pair.Key).Harmless, pair.Key) || p.kind.name != kinds[0].name) {
				return "", false
			}
		}
	}
	if _, err := yaml.NewRNode(e.docs[0]).Map(); err != nil { // a key is there twice
		return "", false
	}
	ops := []edit.Op{edit.Set(edit.Path{"metadata", "name"}, p.name)}
	for place, e := range output.Entries(p.places) {
		ops = append(ops, edit.Set(place.With(e.Key), e.Value))
	}
	doc := documents(e.body)[0]
	text, err := edit.Apply([]byte(e.body), doc, doc, ops...)
	if err != nil {
		return "", false
	}
	docs := documents(string(text))
	return string(text), len(docs) == 1 && edit.Same(docs[0], doc)
}

// isPure reports whether a document holds nothing but keys of workload identity, and the fields by which
// it names its object.
func isPure(doc *yaml.Node) bool {
	metadata := mapOf()
	for _, field := range []string{"name", "namespace"} {
		if v := edit.Get(doc, "metadata", field); v != nil {
			metadata.Content = append(metadata.Content, text(field), v)
		}
	}
	named := mapOf("metadata", metadata)
	for _, field := range []string{"apiVersion", "kind"} {
		if v := edit.Get(doc, field); v != nil {
			named.Content = append(named.Content, text(field), v)
		}
	}
	return edit.IsMap(doc) && proof.FirstOther(doc, named) == ""
}

// String says what a patch sets, and of whom.
func (p *patch) String() string {
	return p.instead(nil)
}

// instead is String with the values that an element set before, where they differ.
func (p *patch) instead(e *element) string {
	var sets []string
	for place, entry := range output.Entries(p.places) {
		set := fmt.Sprintf("%s %q", entry.Key, entry.Value)
		if was := e.value(place.With(entry.Key)); was != "" && was != entry.Value {
			set += fmt.Sprintf(" instead of %q", was)
		}
		if !slices.Contains(sets, set) {
			sets = append(sets, set)
		}
	}
	return fmt.Sprintf("%s for %s %s", strings.Join(sets, ", "), p.kind.name, pattern(p.target.names))
}

// value returns what an element sets at a path, "" for nothing.
func (e *element) value(path edit.Path) string {
	switch {
	case e == nil:
	case e.effect != nil:
		if i := slices.IndexFunc(e.effect.sets, func(s set) bool { return slices.Equal(s.path, path) }); i >= 0 {
			return e.effect.sets[i].to
		}
	case len(e.docs) == 1:
		return edit.Text(e.docs[0], path...)
	}
	return ""
}

// entry returns the patch as an element of a list.
func (p *patch) entry() *yaml.Node {
	target := mapOf("kind", text(p.kind.name), "name", text(pattern(p.target.names)))
	if p.target.namespace != "" {
		target.Content = append(target.Content, text("namespace"), text(p.target.namespace))
	}
	if p.target.components != nil {
		target.Content = append(target.Content, text("labelSelector"), text(flux.ComponentLabel+" in ("+strings.Join(p.target.components, ", ")+")"))
	}
	if p.element != nil && edit.Same(target, sorted(edit.Get(p.element.node, "target"))) {
		target = edit.Get(p.element.node, "target") // with its comments
	}
	body := text(p.body())
	body.Style = yaml.LiteralStyle
	return mapOf("patch", body, "target", target)
}

// is reports whether an element is the patch already. How it is written does not count.
func (p *patch) is(e *element) bool {
	return slices.Equal(e.list[len(e.list)-1:], kustomize.PatchesPath) && e.body == p.body() && p.targets(e) && len(edit.Pairs(e.node)) == 2
}

// targets reports whether an element has the target of the patch.
func (p *patch) targets(e *element) bool {
	return edit.Same(sorted(edit.Get(p.entry(), "target")), sorted(edit.Get(e.node, "target")))
}

var order = []string{"kind", "name", "namespace"}

// sorted returns a target with its fields in our order.
func sorted(target *yaml.Node) *yaml.Node {
	s := mapOf()
	pairs := edit.Pairs(target)
	place := func(p edit.Pair) int { return (slices.Index(order, p.Key) + len(order) + 1) % (len(order) + 1) }
	slices.SortStableFunc(pairs, func(a, b edit.Pair) int { return place(a) - place(b) })
	for _, p := range pairs {
		s.Content = append(s.Content, text(p.Key), p.Value)
	}
	return s
}

func text(s string) *yaml.Node {
	return edit.NewString(s)
}

// mapOf returns a map of strings, the keys, and nodes.
func mapOf(pairs ...any) *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode, Tag: yaml.NodeTagMap}
	for _, p := range pairs {
		switch p := p.(type) {
		case string:
			m.Content = append(m.Content, text(p))
		case *yaml.Node:
			m.Content = append(m.Content, p)
		}
	}
	return m
}

func printed(n *yaml.Node) string {
	text, err := yaml.Marshal(n)
	if err != nil {
		panic(err) // plain nodes always have a form in YAML
	}
	return string(text)
}
