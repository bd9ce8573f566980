package edit

import (
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// each does something with a node and all that is in it.
func each(n *yaml.Node, do func(*yaml.Node)) {
	do(n)
	for _, c := range n.Content {
		each(c, do)
	}
}

// Unflow turns JSON into block style: what YAML users write by hand.
func Unflow(n *yaml.Node) {
	each(n, func(n *yaml.Node) {
		n.Style &^= yaml.FlowStyle
		if n.Kind == yaml.ScalarNode && n.ShortTag() == yaml.NodeTagString {
			n.Style &^= yaml.DoubleQuotedStyle
			quoteIfNeeded(n)
		}
	})
}

// Restyles are forms of block scalars, which hold the same data: as they are, all literal, all quoted. The
// printer gets some of them wrong, those with lines that are indented further, folded ones above all.
var Restyles = []func(*yaml.Node){
	func(*yaml.Node) {},
	func(n *yaml.Node) { restyle(n, yaml.FoldedStyle, yaml.LiteralStyle) },
	func(n *yaml.Node) { restyle(n, yaml.FoldedStyle|yaml.LiteralStyle, yaml.DoubleQuotedStyle) },
}

func restyle(n *yaml.Node, from, to yaml.Style) {
	each(n, func(n *yaml.Node) {
		if n.Style&from != 0 {
			n.Style = n.Style&^from | to
		}
	})
}

// Untag removes the tags of merge keys, which the printer would write out (!!merge <<),
// until restore is called.
func Untag(n *yaml.Node) (restore func()) {
	var untagged []*yaml.Node
	each(n, func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode && n.Tag == yaml.MergeTag {
			n.Tag = ""
			untagged = append(untagged, n)
		}
	})
	return func() {
		for _, n := range untagged {
			n.Tag = yaml.MergeTag
		}
	}
}

// IsIndented reports whether a list in block style, somewhere in the object, has its dashes
// further right than its key. The place of a list with an anchor is that of the anchor, so it
// does not count.
func IsIndented(n *yaml.Node) bool {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		key, v := n.Content[i], n.Content[i+1]
		if v.Kind == yaml.SequenceNode && v.Style&(yaml.FlowStyle|yaml.TaggedStyle) == 0 && v.Anchor == "" && v.Column > key.Column {
			return true
		}
	}
	return slices.ContainsFunc(n.Content, IsIndented)
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

// Same reports whether two trees hold the same data in the same order, with the same
// anchors and aliases. Comments, quotes and spacing do not count.
func Same(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Anchor != b.Anchor {
		return false
	}
	isSame := strings.EqualFold(a.ShortTag(), b.ShortTag())
	switch a.Kind {
	case yaml.AliasNode:
		isSame = a.Value == b.Value
	case yaml.ScalarNode:
		isSame = a.ShortTag() == b.ShortTag() && (a.Value == b.Value || IsNull(a))
	}
	return isSame && slices.EqualFunc(a.Content, b.Content, Same)
}

// SetList makes elements the value of a key of the map, a new key at its end.
func SetList(m *yaml.Node, key string, elements []*yaml.Node) {
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: yaml.NodeTagSeq, Content: elements}
	if i := find(m, key, 0); i >= 0 {
		if len(elements) == 0 {
			list.Style = m.Content[i].Style & yaml.FlowStyle
		}
		m.Content[i] = list
		return
	}
	m.Content = append(m.Content, NewString(key), list)
}
