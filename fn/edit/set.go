package edit

import (
	"errors"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// ErrTooManyAliases is returned where making a map an object's own would copy more
// nodes than any real manifest holds: aliases of aliases grow exponentially.
var ErrTooManyAliases = errors.New("aliases expand to more than 100000 nodes")

const maxCopies = 100_000

// Set writes a string at the end of the path, creating the maps on the way.
//
// It changes nothing where the value already is that string. An existing value keeps
// its quotes and comments. A new key goes to its alphabetical place in a map whose
// keys are sorted, and to the end of any other. A map on the way that is an alias, or
// lent by a merge key, is copied first; one that carries an anchor keeps its data
// wherever else it is used: doc is the document in which those places are looked for.
//
// Current must have found nothing wrong with the path.
func Set(doc, object *yaml.Node, path Path, value string) error {
	if current, _ := Current(object, path); isString(current, value) {
		return nil
	}
	w := writer{doc: doc}
	n := object
	if err := w.own(n); err != nil {
		return err
	}
	for i, name := range path {
		next, err := w.field(n, name, place)
		if err != nil {
			return err
		}
		if i == len(path)-1 {
			return w.setScalar(next, value)
		}
		if err := w.own(next); err != nil {
			return err
		}
		if IsNull(next) {
			makeMap(next)
		}
		n = next
	}
	return nil
}

// NewString returns the scalar node of a string, quoted where a reader of YAML 1.1
// (kubectl, and so the API server) or 1.2 would take the plain word for something else, and
// where it holds what only some readers take for the end of a line, which quotes escape.
func NewString(value string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagString, Value: value}
	quoteIfNeeded(n)
	return n
}

func quoteIfNeeded(n *yaml.Node) {
	if n.Style == 0 && !isWord(n.Value) && (yaml.IsYaml1_1NonString(n) || strings.ContainsAny(n.Value, "\u0085\u2028\u2029")) {
		n.Style = yaml.DoubleQuotedStyle
	}
}

// isWord reports whether a string is surely a plain word in all versions of YAML, without
// asking a parser: a path, an address or an ARN, which are what this function writes, or
// letters, of which the longest that YAML takes for something else are those of "false".
func isWord(s string) bool {
	letters, marked := true, false
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			continue
		case i == 0:
			return false
		case c == '/' || c == '@':
			marked = true
		case c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_' || c == ':' && i+1 < len(s):
		default:
			return false
		}
		letters = false
	}
	return marked || letters && len(s) > len("false")
}

func isString(n *yaml.Node, value string) bool {
	s, ok := String(n)
	return ok && s == value
}

// writer carries the document and the number of nodes that were copied for one edit.
type writer struct {
	doc    *yaml.Node
	copies int
}

// field returns the value node of a key of the map, adding the key with a null value at its
// place where there is none. What a merge key lends is copied, since an own key hides it.
func (w *writer) field(m *yaml.Node, name string, place placer) (*yaml.Node, error) {
	if i := index(m, name); i >= 0 {
		return m.Content[i+1], nil
	}
	value := &yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagNull}
	if lent := child(m, name, nil); lent != nil {
		var err error
		if value, err = w.copy(lent); err != nil {
			return nil, err
		}
	}
	m.Content = slices.Insert(m.Content, place(m, name), NewString(name), value)
	return value, nil
}

// placer tells where in the content of a map a new key goes.
type placer func(m *yaml.Node, name string) int

// place is the placer of strings: to its alphabetical place in a map whose keys are
// sorted, to the end of any other.
func place(m *yaml.Node, name string) int {
	at := len(m.Content)
	if keysSorted(m) {
		for at > 0 && m.Content[at-2].Value > name {
			at -= 2
		}
	}
	return at
}

func keysSorted(m *yaml.Node) bool {
	for i := 0; i < len(m.Content); i += 2 {
		if m.Content[i].Kind != yaml.ScalarNode || isMerge(m.Content[i]) {
			return false
		}
		if i > 0 && m.Content[i-2].Value > m.Content[i].Value {
			return false
		}
	}
	return true
}

// makeMap turns a null into an empty map and keeps its comments.
func makeMap(n *yaml.Node) {
	n.Kind, n.Tag, n.Value, n.Style = yaml.MappingNode, yaml.NodeTagMap, "", 0
}

func (w *writer) setScalar(n *yaml.Node, value string) error {
	if err := w.own(n); err != nil {
		return err
	}
	plain := n.Kind == yaml.ScalarNode && n.ShortTag() == yaml.NodeTagString
	if !plain {
		n.Style = 0
	}
	n.Kind, n.Tag, n.Value, n.Content = yaml.ScalarNode, yaml.NodeTagString, value, nil
	n.Style &^= yaml.LiteralStyle | yaml.FoldedStyle | yaml.TaggedStyle
	quoteIfNeeded(n)
	return nil
}

// own makes sure that a change of the node changes no other place of the document:
// an alias becomes a copy of what it stands for, and the aliases of an anchored node
// become copies of it. An empty flow map ({}) becomes a block map on the way, so that
// what is added to it reads like the rest of the object.
func (w *writer) own(n *yaml.Node) error {
	if n.Kind == yaml.AliasNode {
		c, err := w.copy(n.Alias)
		if err != nil {
			return err
		}
		takeComments(c, n)
		*n = *c
	}
	if n.Anchor != "" {
		if err := w.replaceAliases(w.doc, map[*yaml.Node]bool{n: true}); err != nil {
			return err
		}
		n.Anchor, n.Line, n.Column = "", 0, 0 // it was that of the anchor
	}
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		n.Style &^= yaml.FlowStyle
	}
	return nil
}

// takeComments gives a copy the comments of the alias that it stands for. The printer has
// no place for a comment behind the key of a map or a list, so it goes above what is in it.
func takeComments(c, alias *yaml.Node) {
	c.HeadComment, c.LineComment, c.FootComment = alias.HeadComment, alias.LineComment, alias.FootComment
	if c.Kind != yaml.ScalarNode && c.LineComment != "" {
		c.HeadComment = strings.TrimPrefix(c.HeadComment+"\n"+c.LineComment, "\n")
		c.LineComment = ""
	}
}

// replaceAliases turns every alias of one of the anchored nodes below n into a copy of it.
func (w *writer) replaceAliases(n *yaml.Node, anchored map[*yaml.Node]bool) error {
	for _, c := range n.Content {
		if c.Kind == yaml.AliasNode && anchored[c.Alias] {
			duplicate, err := w.copy(c.Alias)
			if err != nil {
				return err
			}
			takeComments(duplicate, c)
			*c = *duplicate
			continue
		}
		if err := w.replaceAliases(c, anchored); err != nil {
			return err
		}
	}
	return nil
}

// copy returns a deep copy without anchors and aliases, and without places in the text.
func (w *writer) copy(n *yaml.Node) (*yaml.Node, error) {
	if w.copies++; w.copies > maxCopies {
		return nil, ErrTooManyAliases
	}
	if n.Kind == yaml.AliasNode {
		return w.copy(n.Alias)
	}
	c := *n
	c.Anchor, c.Content, c.Line, c.Column = "", nil, 0, 0
	for _, e := range n.Content {
		d, err := w.copy(e)
		if err != nil {
			return nil, err
		}
		c.Content = append(c.Content, d)
	}
	return &c, nil
}

// Same reports whether two trees hold the same data in the same order, with the same
// anchors and aliases. Comments, quotes and spacing do not count.
func Same(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Anchor != b.Anchor || len(a.Content) != len(b.Content) {
		return false
	}
	switch a.Kind {
	case yaml.AliasNode:
		return a.Value == b.Value
	case yaml.ScalarNode:
		if a.ShortTag() != b.ShortTag() || (a.Value != b.Value && !IsNull(a)) {
			return false
		}
	default:
		if !strings.EqualFold(a.ShortTag(), b.ShortTag()) {
			return false
		}
	}
	for i := range a.Content {
		if !Same(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

// SetList makes elements the value of a key of the map, a new key at its end.
func SetList(m *yaml.Node, key string, elements []*yaml.Node) {
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: yaml.NodeTagSeq, Content: elements}
	if i := index(m, key); i >= 0 {
		list.Style = m.Content[i+1].Style & yaml.FlowStyle
		if len(elements) > 0 {
			list.Style = 0
		}
		m.Content[i+1] = list
		return
	}
	m.Content = append(m.Content, NewString(key), list)
}
