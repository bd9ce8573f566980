// Package edit holds what the function knows of YAML: how to look a field up in a parsed
// object, and how to change some so that nothing else does.
//
// It works on the nodes of kyaml's parser, and on the lines that they were parsed from. Aliases
// and merge keys ("<<") are seen through when reading; when writing, a map that is shared
// through an anchor is first made the object's own.
package edit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// Path leads from the root of an object to one of its fields: through maps by their keys,
// {"metadata", "annotations", "eks.amazonaws.com/role-arn"}, and into lists by the index of an
// element or by one of its fields, {"containers", "[name=manager]", "image"}.
type Path []string

// With returns the path one name longer.
func (p Path) With(name string) Path {
	return append(slices.Clone(p), name)
}

// At returns the path of an element of the list at its end, {"spec", "patches", "[2]"}.
func (p Path) At(index int) Path {
	return p.With("[" + strconv.Itoa(index) + "]")
}

// Where returns the path of the element of the list at its end that has a field with the value.
func (p Path) Where(field, value string) Path {
	return p.With("[" + field + "=" + value + "]")
}

// String writes the path as kpt prints it well: names joined by dots, a name that
// itself holds a dot or a slash in brackets, as in
// metadata.annotations[eks.amazonaws.com/role-arn], and an element as it is, as in
// spec.patches[2] and containers[name=manager].
func (p Path) String() string {
	var b strings.Builder
	for i, name := range p {
		switch _, _, isElement := element(name); {
		case isElement && name[1] != '-':
			b.WriteString(name)
		case strings.ContainsAny(name, "./[] "):
			b.WriteString("[" + name + "]")
		case i > 0:
			b.WriteString("." + name)
		default:
			b.WriteString(name)
		}
	}
	return b.String()
}

// element splits the name of an element of a list: an index, which has no field, or a field and its value.
func element(name string) (field, value string, ok bool) {
	if len(name) < 3 || name[0] != '[' || name[len(name)-1] != ']' {
		return "", "", false
	}
	field, value, ok = strings.Cut(name[1:len(name)-1], "=")
	if !ok {
		_, err := strconv.Atoi(field)
		return "", field, err == nil
	}
	return field, value, field != ""
}

// mergeKey is the key whose value, a map or a list of maps, lends its fields to the
// map that holds it (YAML 1.1, https://yaml.org/type/merge.html).
const mergeKey = "<<"

// Resolve returns the node that an alias stands for, and any other node as it is.
// A nil node stays nil.
func Resolve(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias // never an alias itself
	}
	return n
}

// Get returns the value at the end of the path, or nil where the path ends early or
// the value is null. The value is never an alias.
func Get(n *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		n = child(n, name)
	}
	if n = Resolve(n); IsNull(n) {
		return nil
	}
	return n
}

// Text returns the string at the end of the path, and "" where there is none or
// where the value is not a string (a number, a boolean, a map).
func Text(n *yaml.Node, path ...string) string {
	s, _ := String(Get(n, path...))
	return s
}

// String returns the value of a string scalar; ok is false for any other node.
func String(n *yaml.Node) (value string, ok bool) {
	n = Resolve(n)
	if n == nil || n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" {
		return "", false
	}
	return n.Value, true
}

// Value returns the value of a scalar as Go has it: a string, a bool, an int.
func Value(n *yaml.Node) (value any) {
	n = Resolve(n)
	if err := n.Decode(&value); err != nil {
		return n.Value
	}
	return value
}

// Elements returns the elements of a list, aliases resolved; nil for any other node.
func Elements(n *yaml.Node) []*yaml.Node {
	if !IsList(n) {
		return nil
	}
	elements := slices.Clone(Resolve(n).Content)
	for i, e := range elements {
		elements[i] = Resolve(e)
	}
	return elements
}

// Pair is one field of a map.
type Pair struct {
	Key   string
	Value *yaml.Node // never an alias
}

// Pairs returns the fields of a map in the order in which they are written, those
// lent by a merge key last. A key that is written twice comes twice. Keys that are
// not scalars are left out. For a node that is no map it returns nil.
func Pairs(n *yaml.Node) []Pair {
	if !IsMap(n) {
		return nil
	}
	own := ownPairs(Resolve(n))
	return append(own, lent(Resolve(n), own)...)
}

func ownPairs(m *yaml.Node) []Pair {
	own := make([]Pair, 0, len(m.Content)/2)
	for i := 0; i+1 < len(m.Content); i += 2 {
		if key := Resolve(m.Content[i]); key != nil && key.Kind == yaml.ScalarNode && !isMerge(key) {
			own = append(own, Pair{Key: key.Value, Value: Resolve(m.Content[i+1])})
		}
	}
	return own
}

// lent returns the fields that maps behind merge keys lend to one that has its own. They may lead
// to one map by many ways, or back to itself.
func lent(m *yaml.Node, own []Pair) (lent []Pair) {
	sources := mergeSources(m)
	if len(sources) == 0 {
		return nil
	}
	seen, visited := map[string]bool{}, map[*yaml.Node]bool{}
	for _, p := range own {
		seen[p.Key] = true
	}
	for len(sources) > 0 {
		source := Resolve(sources[0])
		sources = sources[1:]
		if !IsMap(source) || visited[source] {
			continue
		}
		visited[source] = true
		sources = append(mergeSources(source), sources...)
		for _, p := range ownPairs(source) {
			if !seen[p.Key] {
				lent = append(lent, p)
				seen[p.Key] = true
			}
		}
	}
	return lent
}

// OddKeys describes the keys of a map that Pairs leaves out: those that are maps or lists,
// and merge keys that lend nothing because their value is no map.
func OddKeys(n *yaml.Node) (odd []string) {
	if n = Resolve(n); !IsMap(n) {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := Resolve(n.Content[i])
		if key == nil || key.Kind != yaml.ScalarNode {
			odd = append(odd, Describe(key))
		}
	}
	for _, source := range mergeSources(n) {
		if !IsMap(source) {
			odd = append(odd, fmt.Sprintf("%q, with %s for a map", mergeKey, Describe(source)))
		}
	}
	return odd
}

// IsNull reports whether the node is absent or null.
func IsNull(n *yaml.Node) bool {
	n = Resolve(n)
	return n == nil || (n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null")
}

// IsMap reports whether the node is a map.
func IsMap(n *yaml.Node) bool {
	n = Resolve(n)
	return n != nil && n.Kind == yaml.MappingNode
}

// IsList reports whether the node is a list.
func IsList(n *yaml.Node) bool {
	n = Resolve(n)
	return n != nil && n.Kind == yaml.SequenceNode
}

// isTemplate reports whether a map is what YAML makes of an unrendered {{ x }}: one that has
// a map for a key, in flow style.
func isTemplate(n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle != 0 && len(n.Content) > 0 && n.Content[0].Kind == yaml.MappingNode
}

// Describe says what a node is, for a message: a string in quotes, another scalar as
// it is written, and "a map", "a list", "null" or "missing" for the rest.
func Describe(n *yaml.Node) string {
	n = Resolve(n)
	switch {
	case n == nil:
		return "missing"
	case IsNull(n):
		return "null"
	case isTemplate(n):
		return "a template's {{ }}"
	case n.Kind == yaml.MappingNode:
		return "a map"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.ShortTag() == "!!str":
		return fmt.Sprintf("%q", n.Value)
	}
	return n.Value
}

// A FieldError says why a field cannot be read or set.
type FieldError struct {
	Path  Path   // the field that is wrong, which may be a parent of the one asked for
	Given string // what stands there
	Want  string // what is accepted there
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s: %s: want %s", e.Path, e.Given, e.Want)
}

// Current returns the value at the end of the path as it stands now, nil where there
// is none. It is the check before an edit: it returns a FieldError where a parent of the
// field is neither null nor the map or list that the path wants, or where a key on the way is
// written twice, so that one could not tell which of the two a reader would take.
func Current(object *yaml.Node, path Path) (*yaml.Node, *FieldError) {
	n := Resolve(object)
	for i, name := range path {
		switch _, _, isElement := element(name); {
		case IsNull(n):
			return nil, nil
		case isElement && n.Kind != yaml.SequenceNode:
			return nil, &FieldError{Path: path[:i], Given: Describe(n), Want: "a list"}
		case !isElement && (n.Kind != yaml.MappingNode || isTemplate(n)):
			return nil, &FieldError{Path: path[:i], Given: Describe(n), Want: "a map"}
		case find(n, name, find(n, name, 0)+1) > 0:
			return nil, &FieldError{Path: path[:i+1], Given: "written twice", Want: "one"}
		}
		n = Resolve(child(n, name))
	}
	return n, nil
}

// child returns the value of a field of a map, looked for among its own fields first and then
// behind its merge keys, or an element of a list; nil where there is none.
func child(n *yaml.Node, name string) *yaml.Node {
	n = Resolve(n)
	if n == nil {
		return nil
	}
	if at := find(n, name, 0); at >= 0 {
		return n.Content[at]
	}
	if n.Kind == yaml.MappingNode {
		for _, p := range lent(n, nil) {
			if p.Key == name {
				return p.Value
			}
		}
	}
	return nil
}

// find returns the place, from one on, of what a name stands for among the content of a map or
// a list, -1 where it is not there.
func find(n *yaml.Node, name string, from int) int {
	if n.Kind == yaml.MappingNode {
		for i := from; i+1 < len(n.Content); i += 2 {
			if isKey(n.Content[i], name) {
				return i + 1
			}
		}
		return -1
	}
	field, value, isElement := element(name)
	at, _ := strconv.Atoi(value)
	for i := from; isElement && n.Kind == yaml.SequenceNode && i < len(n.Content); i++ {
		v := Get(n.Content[i], field)
		if field == "" && i == at || field != "" && v != nil && v.Kind == yaml.ScalarNode && v.Value == value {
			return i
		}
	}
	return -1
}

func isKey(key *yaml.Node, name string) bool {
	key = Resolve(key)
	return key != nil && key.Kind == yaml.ScalarNode && key.Value == name && !isMerge(key)
}

func isMerge(key *yaml.Node) bool {
	return key.Value == mergeKey && key.ShortTag() == "!!merge"
}

// mergeSources returns the maps that lend their fields to a map, the strongest first.
func mergeSources(n *yaml.Node) []*yaml.Node {
	var sources []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := Resolve(n.Content[i]), Resolve(n.Content[i+1])
		if key == nil || !isMerge(key) || value == nil {
			continue
		}
		if value.Kind == yaml.SequenceNode {
			sources = append(sources, value.Content...)
		} else {
			sources = append(sources, value)
		}
	}
	return sources
}
