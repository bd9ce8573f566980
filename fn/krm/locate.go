package krm

import (
	"bytes"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// locate finds the layout of a list that was parsed as a whole from the lines of its nodes,
// where the scan was not sure: so that a tab, a tag or an anchor somewhere does not have
// all items printed anew. ok is false where the items cannot be told apart by lines, or
// where one of them is not what it is when it is parsed by itself: those share anchors.
func locate(text []byte, root *yaml.Node) (l layout, ok bool) {
	items := edit.Get(root, "items")
	if root.Kind != yaml.MappingNode || root.Style&yaml.FlowStyle != 0 || root.Anchor != "" ||
		items == nil || items.Style&yaml.FlowStyle != 0 || items.Anchor != "" || len(items.Content) == 0 || text[len(text)-1] != '\n' || !printable(text) {
		return layout{}, false
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	starts := make([]int, len(lines)+1) // of each line, and the end of the text
	for i, line := range lines {
		starts[i+1] = starts[i] + len(line)
	}
	last := lastContentLine(lines)
	stop := len(lines) - 1 // the line after the last field
	for i := root.Line; i < len(lines); i++ {
		if isMarker(lines[i]) {
			if i != last {
				return layout{}, false // something follows the document
			}
			stop = i
		}
	}
	region := func(key string, from, to int) region {
		content := lastContentLine(lines[:to]) + 1
		return region{key: key, start: starts[from], end: starts[to], content: starts[max(content, from)]}
	}
	l = layout{column: items.Column - 1, tail: starts[stop]}
	for i := 0; i+1 < len(root.Content); i += 2 {
		from, to := root.Content[i].Line-1, stop
		if i+2 < len(root.Content) {
			to = root.Content[i+2].Line - 1
		}
		if from < 0 || from >= to || to > len(lines) {
			return layout{}, false
		}
		f := region(root.Content[i].Value, from, to)
		l.fields = append(l.fields, f)
		if root.Content[i+1] != items {
			continue
		}
		begin := make([]int, len(items.Content)+1)
		begin[len(items.Content)] = to
		for k, item := range items.Content {
			line := item.Line - 1
			for line > from && line < len(lines) && !isElement(lines[line], l.column) {
				line-- // the object begins below its dash
			}
			if line <= from || line >= to || k > 0 && line <= begin[k-1] {
				return layout{}, false
			}
			begin[k] = line
		}
		for k := range items.Content {
			l.items = append(l.items, region(oddKind, begin[k], begin[k+1]))
		}
	}
	for k, item := range items.Content {
		alone, err := parseItem(text[l.items[k].start:l.items[k].content])
		if err != nil || !edit.Same(alone.Content[0].Content[0], item) {
			return layout{}, false
		}
	}
	return l, len(l.items) == len(items.Content)
}

// isElement reports whether an element of a list begins on the line, at the column.
func isElement(line []byte, column int) bool {
	return len(line) > column && len(bytes.TrimLeft(line[:column], " ")) == 0 && isDash(bytes.TrimRight(line[column:], "\r\n"))
}
