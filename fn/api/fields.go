package api

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// section reads a map with the given keys and no others, each once.
func (d *decoder) section(n *yaml.Node, field string, keys ...string) map[string]*yaml.Node {
	fields := map[string]*yaml.Node{}
	prefix := field
	if prefix != "" {
		prefix += "."
	}
	for _, odd := range edit.OddKeys(n) {
		d.wrong(strings.TrimSuffix(prefix, "."), "a key that is "+odd, oneOf("", keys))
	}
	for _, p := range edit.Pairs(n) {
		_, again := fields[p.Key]
		switch {
		case reserved[p.Key] != "":
			d.wrong(prefix+p.Key, edit.Describe(p.Value), "want none; it is reserved for "+reserved[p.Key])
		case !slices.Contains(keys, p.Key):
			given, want := unknown(prefix+p.Key, p.Key, d.kind, keys)
			d.wrong(prefix+p.Key, given, want)
		case again:
			d.wrong(prefix+p.Key, "written twice", "want one")
		default:
			fields[p.Key] = p.Value
		}
	}
	return fields
}

// references reads a list of names, each one of the accepted.
func (d *decoder) references(section map[string]*yaml.Node, prefix, name string, accepted []string) (references []Reference) {
	for i, e := range d.list(section, prefix, name, "name") {
		field := fmt.Sprintf("%s.%s[%d]", prefix, name, i)
		given := edit.Text(e)
		if !slices.Contains(accepted, given) {
			d.wrong(field, edit.Describe(e), oneOf(given, accepted)+otherCloud(given, accepted))
			continue
		}
		references = append(references, Reference{Name: given, Field: field})
	}
	return references
}

// list reads a field that is a list of at least one element, where it is given.
func (d *decoder) list(section map[string]*yaml.Node, prefix, name, element string) []*yaml.Node {
	n, ok := section[name]
	if !ok || name == "identities" && edit.IsNull(n) {
		return nil
	}
	elements := edit.Elements(n)
	switch {
	case !edit.IsList(n):
		d.wrong(prefix+"."+name, edit.Describe(n), "want a list of at least one "+element)
	case len(elements) == 0:
		d.wrong(prefix+"."+name, "[]", "want at least one "+element)
	}
	return elements
}

// text reads a field that is a string and not empty, where it is given.
func (d *decoder) text(section map[string]*yaml.Node, prefix, name, want string) string {
	n, ok := section[name]
	if !ok {
		return ""
	}
	value := edit.Text(n)
	if value == "" {
		d.wrong(prefix+"."+name, edit.Describe(n), "want "+want)
	}
	return value
}

func (d *decoder) isMap(n *yaml.Node, field, content string) bool {
	if !edit.IsMap(n) {
		d.wrong(field, edit.Describe(n), "want a map "+content)
		return false
	}
	return true
}

func quoted(s string) string {
	return fmt.Sprintf("%q", s)
}
