package patches

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/home"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output"
	"flux-workload-identity/fn/output/proof"
)

// kinds are those of the objects that carry an identity.
var kinds = []string{serviceAccount, "Deployment"}

const serviceAccount = "ServiceAccount"

var versions = map[string]string{serviceAccount: "v1", "Deployment": "apps/v1"}

// patch is a patch that a home is to hold, in the form of Flux's documentation: a strategic
// merge with a target, one for an identity and a kind.
type patch struct {
	kind     string
	objects  []*object         // of the home
	absent   map[string]string // the controllers that an install lacks, but may get, by the names they would have
	settings provider.Fragment
	identity string // the field that names it
	name     string // of all patches of the configuration

	fragment provider.Fragment // what it sets where it goes
	target   target
	element  *element // in whose place it goes, nil for none
	last     bool     // it goes to the end of the list all the same
	old      bool     // its element is of an older list
	level    int      // how narrow its target is
	settled  bool     // there is nothing better
}

// wish works out the patches that the home is to hold.
func (w *writer) wish() {
	for _, g := range w.plan.Grants {
		for _, kind := range kinds {
			p := &patch{kind: kind, settings: g.Settings.Of(kind), identity: g.Identity, name: w.config.Patches.Name, absent: map[string]string{}}
			for _, o := range w.objects {
				if o.target.Identity == g.Identity && o.kind == kind {
					p.objects = append(p.objects, o)
				}
			}
			if len(p.objects) == 0 || len(p.settings) == 0 {
				continue
			}
			for _, name := range g.Controllers {
				if !slices.ContainsFunc(p.objects, func(o *object) bool { return o.target.Controller.Name == name }) {
					p.absent[w.Installs[0].NameOf(name)] = name
				}
			}
			p.fragment = p.settings
			w.aim(p, 0)
			w.wanted = append(w.wanted, p)
		}
	}
}

func (p *patch) covers(o *object) bool { return slices.Contains(p.objects, o) }

// sets reports whether the patch sets a value at a path.
func (p *patch) sets(path edit.Path) bool { return p.fragment.Value(path) != "" }

// keep makes the patch do no more and no less than the element does beside the identity: a label that
// Flux's pages set on the pods alone is not added to the Deployment, and a harmless one stays.
func (p *patch) keep(e *element) {
	p.fragment = slices.DeleteFunc(slices.Clone(p.fragment), func(entry provider.Entry) bool {
		return slices.Equal(entry.Path, edit.Path(provider.Labels).With(entry.Key())) &&
			e.value(entry.Path) == "" && e.value(edit.Path(provider.PodLabels).With(entry.Key())) != ""
	})
	if e.effect == nil {
		return
	}
	for _, s := range e.effect.Sets {
		if s.To != "" && s.IsHarmless() && !p.sets(s.Path) {
			p.fragment = append(p.fragment, provider.Entry{Path: s.Path, Value: s.To})
		}
	}
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
	object := mapOf("apiVersion", text(versions[p.kind]), "kind", text(p.kind), "metadata", mapOf("name", text(p.name)))
	for _, e := range p.fragment {
		m := object
		for _, field := range e.Path[:len(e.Path)-1] {
			next := edit.Get(m, field)
			if next == nil {
				next = mapOf()
				m.Content = append(m.Content, text(field), next)
			}
			m = next
		}
		m.Content = append(m.Content, text(e.Key()), text(e.Value))
	}
	return printed(object)
}

func (p *patch) bodyIn(e *element) (body string, ok bool) {
	if len(e.Docs) != 1 || edit.Text(e.Docs[0], "kind") != p.kind || !isPure(e.Docs[0]) {
		return "", false
	}
	if slices.ContainsFunc(output.Keys(e.Docs[0]), func(k output.Key) bool { return !p.sets(k.Path) && !k.IsHarmless(p.kind) }) {
		return "", false
	}
	if _, err := yaml.NewRNode(e.Docs[0]).Map(); err != nil { // a key is there twice
		return "", false
	}
	ops := []edit.Op{edit.Set(edit.Path{"metadata", "name"}, p.name)}
	for _, entry := range p.fragment {
		ops = append(ops, edit.Set(entry.Path, entry.Value))
	}
	doc := home.Documents(e.Body)[0]
	text, err := edit.Apply([]byte(e.Body), doc, doc, ops...)
	if err != nil {
		return "", false
	}
	docs := home.Documents(string(text))
	return string(text), len(docs) == 1 && edit.Same(docs[0], doc)
}

// isPure reports whether a document holds nothing but keys of workload identity, and the fields by which
// it names its object.
func isPure(doc *yaml.Node) bool {
	metadata := mapOf()
	named := mapOf("metadata", metadata)
	for _, field := range []string{"apiVersion", "kind"} {
		if v := edit.Get(doc, field); v != nil {
			named.Content = append(named.Content, text(field), v)
		}
	}
	for _, field := range []string{"name", "namespace"} {
		if v := edit.Get(doc, "metadata", field); v != nil {
			metadata.Content = append(metadata.Content, text(field), v)
		}
	}
	return edit.IsMap(doc) && proof.FirstOther(doc, named) == ""
}

// String says what a patch sets, and of whom.
func (p *patch) String() string { return p.instead(nil) }

// instead is String with the values that an element set before, where they differ.
func (p *patch) instead(e *element) string {
	var sets []string
	for _, entry := range p.fragment {
		set := fmt.Sprintf("%s %q", entry.Key(), entry.Value)
		if was := e.value(entry.Path); was != "" && was != entry.Value {
			set += fmt.Sprintf(" instead of %q", was)
		}
		if !slices.Contains(sets, set) {
			sets = append(sets, set)
		}
	}
	return fmt.Sprintf("%s for %s %s", strings.Join(sets, ", "), p.kind, pattern(p.target.names))
}

// entry returns the patch as an element of a list.
func (p *patch) entry() *yaml.Node {
	target := mapOf()
	for _, field := range p.target.fields(p.kind) {
		target.Content = append(target.Content, text(field[0]), text(field[1]))
	}
	if p.element != nil && p.targets(p.element) {
		target = edit.Get(p.element.Node, "target") // with its order and comments
	}
	body := text(p.body())
	body.Style = yaml.LiteralStyle
	return mapOf("patch", body, "target", target)
}

// is reports whether an element is the patch already. How it is written does not count.
func (p *patch) is(e *element) bool {
	return e.List[len(e.List)-1] == kustomize.PatchesPath[0] && e.Body == p.body() && p.targets(e) && len(edit.Pairs(e.Node)) == 2
}

// targets reports whether an element has the target of the patch.
func (p *patch) targets(e *element) bool {
	fields, pairs := p.target.fields(p.kind), edit.Pairs(edit.Get(e.Node, "target"))
	return len(fields) == len(pairs) && !slices.ContainsFunc(fields, func(f [2]string) bool { return edit.Text(e.Node, "target", f[0]) != f[1] })
}

func text(s string) *yaml.Node { return edit.NewString(s) }

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
