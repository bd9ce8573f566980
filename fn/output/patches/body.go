package patches

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output"
)

// patch is a patch that a home is to hold, in the form of Flux's documentation: a strategic
// merge with a target, one for an identity and a kind.
type patch struct {
	kind      string
	names     []string // of the objects
	namespace string   // "" where the names say enough
	places    []output.Place
	body      string
	identity  string // the field that names it
}

// kinds are the objects that carry an identity.
var kinds = []struct {
	name, version string
	places        func(provider.Settings) []output.Place
}{
	{"ServiceAccount", "v1", output.OfServiceAccount},
	{"Deployment", "apps/v1", output.OfDeployment},
}

// places returns the maps of a kind in which identities are.
func places(kind string) (paths []edit.Path) {
	for _, k := range kinds {
		if k.name == kind || kind == "" {
			for _, p := range k.places(provider.Settings{}) {
				paths = append(paths, p.Path)
			}
		}
	}
	return paths
}

// bodyOf returns the text of a patch. Its name, which kustomize does not look at, is ours.
func bodyOf(version, kind, name string, places []output.Place) string {
	body := mapOf("apiVersion", text(version), "kind", text(kind), "metadata", mapOf("name", text(name)))
	for _, p := range places {
		if len(p.Entries) == 0 {
			continue
		}
		m := body
		for _, field := range p.Path {
			next := edit.Get(m, field)
			if next == nil {
				next = mapOf()
				m.Content = append(m.Content, text(field), next)
			}
			m = next
		}
		for _, e := range p.Entries {
			m.Content = append(m.Content, text(e.Key), text(e.Value))
		}
	}
	return printed(body)
}

// String says what a patch sets, and of whom.
func (p *patch) String() string {
	return p.instead(nil)
}

// instead is String with the values that another patch set before, where they differ.
func (p *patch) instead(before []kustomize.Entry) string {
	var sets []string
	for place, e := range output.Entries(p.places) {
		set := fmt.Sprintf("%s %q", e.Key, e.Value)
		for _, was := range before {
			if value, _ := edit.String(was.Value); slices.Equal(was.Place, place) && was.Key == e.Key && value != e.Value {
				set += " instead of " + edit.Describe(was.Value)
			}
		}
		if !slices.Contains(sets, set) {
			sets = append(sets, set)
		}
	}
	return fmt.Sprintf("%s for %s %s", strings.Join(sets, ", "), p.kind, kustomize.Names(p.names))
}

// entry returns the patch as an element of a list.
func (p *patch) entry() *yaml.Node {
	target := mapOf("kind", text(p.kind), "name", text(kustomize.Names(p.names)))
	if p.namespace != "" {
		target.Content = append(target.Content, text("namespace"), text(p.namespace))
	}
	body := text(p.body)
	body.Style = yaml.LiteralStyle
	return mapOf("patch", body, "target", target)
}

// is reports whether an element is the patch already. How it is written does not count.
func (p *patch) is(e *yaml.Node) bool {
	return edit.Text(e, "patch") == p.body && p.targets(e) && len(edit.Pairs(e)) == 2
}

// targets reports whether an element has the target of the patch.
func (p *patch) targets(e *yaml.Node) bool {
	return edit.Same(edit.Get(p.entry(), "target"), sorted(edit.Get(e, "target")))
}

// sorted returns a target with its fields in our order.
func sorted(target *yaml.Node) *yaml.Node {
	if !edit.IsMap(target) {
		return mapOf()
	}
	s := mapOf()
	for _, key := range []string{"kind", "name", "namespace"} {
		if v := edit.Get(target, key); v != nil {
			s.Content = append(s.Content, text(key), v)
		}
	}
	for _, p := range edit.Pairs(target) {
		if !slices.Contains([]string{"kind", "name", "namespace"}, p.Key) {
			s.Content = append(s.Content, text(p.Key), p.Value)
		}
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
