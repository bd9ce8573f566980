package edit

import (
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// afterBlock returns the line after the block scalar (| or >) that a value ends with, 0 where
// it ends with anything else. What looks like a comment in there is text, and so are the
// blank lines at its end if it keeps them. The margin is that of what holds the value.
func (s *splicer) afterBlock(n *yaml.Node, margin int) int {
	for len(n.Content) > 0 && n.Style&yaml.FlowStyle == 0 {
		margin = n.Column - 1
		if n.Kind == yaml.MappingNode {
			margin = n.Content[0].Column - 1
		}
		n = n.Content[len(n.Content)-1]
	}
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		return 0
	}
	header := fromColumn(string(s.lines[n.Line-1]), n.Column)
	header, _, _ = strings.Cut(strings.TrimSpace(header), " ")
	keep, indent := strings.Contains(header, "+"), 0
	if i := strings.IndexAny(header, "123456789"); i >= 0 {
		indent = margin + int(header[i]-'0')
	}
	end := n.Line
	for at := n.Line; at < len(s.lines) && len(s.lines[at]) > 0; at++ {
		line := strings.TrimRight(string(s.lines[at]), "\r\n")
		spaces := len(line) - len(strings.TrimLeft(line, " "))
		switch {
		case spaces == len(line) && (indent == 0 || spaces <= indent):
			if keep {
				end = at + 1
			}
			continue
		case indent == 0 && spaces > margin:
			indent = spaces
		case spaces < indent || indent == 0:
			return end
		}
		end = at + 1
	}
	return end
}
