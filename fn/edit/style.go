package edit

import (
	"slices"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// Unflow turns JSON into block style: what YAML users write by hand.
func Unflow(n *yaml.Node) {
	n.Style &^= yaml.FlowStyle
	if n.Kind == yaml.ScalarNode && n.ShortTag() == yaml.NodeTagString {
		n.Style &^= yaml.DoubleQuotedStyle
		quoteIfNeeded(n)
	}
	for _, c := range n.Content {
		Unflow(c)
	}
}

// Unfold turns folded scalars into literal ones.
func Unfold(n *yaml.Node) {
	restyle(n, yaml.FoldedStyle, yaml.LiteralStyle)
}

// Quote turns folded and literal scalars into quoted ones.
func Quote(n *yaml.Node) {
	restyle(n, yaml.FoldedStyle|yaml.LiteralStyle, yaml.DoubleQuotedStyle)
}

func restyle(n *yaml.Node, from, to yaml.Style) {
	if n.Style&from != 0 {
		n.Style = n.Style&^from | to
	}
	for _, c := range n.Content {
		restyle(c, from, to)
	}
}

// Untag removes the tags of merge keys, which the printer would write out (!!merge <<),
// until restore is called.
func Untag(n *yaml.Node) (restore func()) {
	var untagged []*yaml.Node
	var walk func(*yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode && n.Tag == yaml.MergeTag {
			n.Tag = ""
			untagged = append(untagged, n)
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(n)
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
		if v.Kind == yaml.SequenceNode && v.Style&yaml.FlowStyle == 0 && isBare(v) && v.Column > key.Column {
			return true
		}
	}
	return slices.ContainsFunc(n.Content, IsIndented)
}
