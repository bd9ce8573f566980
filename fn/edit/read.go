package edit

import (
	"fmt"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

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
		n = child(n, name, nil)
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
	if n = Resolve(n); n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	elements := make([]*yaml.Node, len(n.Content))
	for i, e := range n.Content {
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
	n = Resolve(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	own := make([]Pair, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := Resolve(n.Content[i]); key != nil && key.Kind == yaml.ScalarNode && !isMerge(key) {
			own = append(own, Pair{Key: key.Value, Value: Resolve(n.Content[i+1])})
		}
	}
	if sources := mergeSources(n); len(sources) > 0 {
		return append(own, lent(sources, own)...)
	}
	return own
}

// lent returns the fields that maps behind merge keys lend to one that has its own.
func lent(sources []*yaml.Node, own []Pair) (lent []Pair) {
	seen, visited := map[string]bool{}, map[*yaml.Node]bool{}
	for _, p := range own {
		seen[p.Key] = true
	}
	var visit func(sources []*yaml.Node)
	visit = func(sources []*yaml.Node) {
		for _, source := range sources {
			source = Resolve(source)
			if !IsMap(source) || visited[source] {
				continue
			}
			visited[source] = true
			for i := 0; i+1 < len(source.Content); i += 2 {
				key := Resolve(source.Content[i])
				if key != nil && key.Kind == yaml.ScalarNode && !isMerge(key) && !seen[key.Value] {
					lent = append(lent, Pair{Key: key.Value, Value: Resolve(source.Content[i+1])})
					seen[key.Value] = true
				}
			}
			visit(mergeSources(source))
		}
	}
	visit(sources)
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
// is none. It is the check before Set: it returns a FieldError where a parent of the
// field is neither a map nor null, or where a key on the way is written twice, so
// that one could not tell which of the two a reader would take.
func Current(object *yaml.Node, path Path) (*yaml.Node, *FieldError) {
	n := Resolve(object)
	for i, name := range path {
		switch {
		case IsNull(n):
			return nil, nil
		case n.Kind != yaml.MappingNode || isTemplate(n):
			return nil, &FieldError{Path: path[:i], Given: Describe(n), Want: "a map"}
		case count(n, name) > 1:
			return nil, &FieldError{Path: path[:i+1], Given: "written twice", Want: "one"}
		}
		n = Resolve(child(n, name, nil))
	}
	return n, nil
}

// child returns the value of a field of a map, looked for among its own fields first
// and then behind its merge keys; nil where there is none. Maps in visited were looked at
// before: merge keys may lead to one map by many ways, or back to itself.
func child(n *yaml.Node, name string, visited map[*yaml.Node]bool) *yaml.Node {
	n = Resolve(n)
	if n == nil || n.Kind != yaml.MappingNode || visited[n] {
		return nil
	}
	if i := index(n, name); i >= 0 {
		return n.Content[i+1]
	}
	sources := mergeSources(n)
	if len(sources) == 0 {
		return nil
	}
	if visited == nil {
		visited = map[*yaml.Node]bool{}
	}
	visited[n] = true
	for _, source := range sources {
		if value := child(source, name, visited); value != nil {
			return value
		}
	}
	return nil
}

// index returns the position of a key among the content of a map, -1 if absent.
func index(n *yaml.Node, name string) int {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if isKey(n.Content[i], name) {
			return i
		}
	}
	return -1
}

func count(n *yaml.Node, name string) (times int) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if isKey(n.Content[i], name) {
			times++
		}
	}
	return times
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
