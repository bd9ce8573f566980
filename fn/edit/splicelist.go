package edit

import (
	"bytes"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// SpliceElement is Splice for an element of the list at the end of the path: it takes the
// place of the one at the index, or comes after the last one. It returns what SetElement
// makes of the object, or ok is false.
//
// The rules:
//
//   - An element goes from the line of its dash to its last line, and another takes their
//     place. Comments and blank lines around it stay.
//   - A new one goes below the last line of the last one, and below comments that are indented
//     as what is in that one.
//   - A key that is missing goes to the end of its map. A list that is null or [] loses that
//     word, and keeps its comment.
//   - The dashes of a new list are at the column of its key, or two further where another
//     list of the object is indented.
func SpliceElement(text []byte, object *yaml.Node, path Path, at int, element *yaml.Node) (spliced []byte, ok bool) {
	printed, ok := printElement(element)
	if !ok {
		return nil, false
	}
	s := newSplicer(text, last)
	margin := 0
	if IsIndented(object) {
		margin = 2
	}
	s.value = func(column int) (string, bool) {
		return s.lineEnd + s.indented(printed, column+margin), true
	}
	return s.set(object, path, func(key, v *yaml.Node) ([]byte, bool) {
		if IsNull(v) || v.Kind == yaml.SequenceNode && len(v.Content) == 0 {
			return s.fill(key, nil)
		}
		starts, ok := s.starts(v)
		if !ok || at > len(v.Content) {
			return nil, false
		}
		lines := []byte(s.indented(printed, v.Column-1))
		if at == len(v.Content) {
			return s.put(s.afterComments(s.endOfElement(v, starts, at-1), starts[at], v.Column), lines), true
		}
		if hasAnchor(v.Content[at]) {
			return nil, false
		}
		s.cut(starts[at], s.endOfElement(v, starts, at))
		return s.put(starts[at], lines), true
	})
}

// SpliceRemoval takes the lines of an element out of the text, and with the last one those of
// the keys that RemoveElement removes. It returns what that makes of the object, or ok is
// false.
func SpliceRemoval(text []byte, object *yaml.Node, path Path, at int) (spliced []byte, ok bool) {
	s := newSplicer(text, last)
	maps, keys := []*yaml.Node{}, []*yaml.Node{}
	n := object
	for _, name := range path {
		i := index(n, name)
		if !isBlockMap(n) || i < 0 || !isBare(n.Content[i+1]) {
			return nil, false
		}
		maps, keys = append(maps, n), append(keys, n.Content[i])
		n = n.Content[i+1]
	}
	starts, ok := s.starts(n)
	if !ok || at >= len(n.Content) || hasAnchor(n.Content[at]) {
		return nil, false
	}
	s.cut(starts[at], s.endOfElement(n, starts, at))
	for i := len(path) - 1; len(n.Content) == 1 || n.Kind == yaml.MappingNode && len(n.Content) == 2; i-- {
		if i < 0 || i == 0 && len(path) > 1 {
			return s.empty(keys, i)
		}
		line := keys[i].Line - 1
		if indentOf(s.lines[line]) != keys[i].Column-1 {
			return nil, false // a dash stands before the key
		}
		s.cut(line, line+1)
		n = maps[i]
	}
	return bytes.Join(s.lines, nil), true
}

// empty makes the map of the first key an empty one.
func (s *splicer) empty(keys []*yaml.Node, i int) ([]byte, bool) {
	if i < 0 {
		return nil, false // nothing is left of the object
	}
	head, rest, ok := s.afterKey(keys[i])
	s.lines[keys[i].Line-1] = []byte(head + " {}" + rest + s.lineEnd)
	return bytes.Join(s.lines, nil), ok
}

// cut makes lines empty, so that the others keep their numbers.
func (s *splicer) cut(from, to int) {
	for i := from; i < to; i++ {
		s.lines[i] = nil
	}
}

// starts returns the lines on which the elements of a list begin, and the one after the list;
// ok is false for a list in flow style, and where a dash cannot be found.
func (s *splicer) starts(list *yaml.Node) (starts []int, ok bool) {
	if list.Kind != yaml.SequenceNode || list.Style&yaml.FlowStyle != 0 || len(list.Content) == 0 {
		return nil, false
	}
	margin, before := list.Column-1, list.Line-2
	begins := func(line []byte) bool { return indentOf(line) == margin && isDash(line) }
	for _, element := range list.Content {
		line := element.Line - 1
		for line > before && !begins(s.lines[line]) {
			line-- // the element begins below its dash
		}
		if line == before {
			return nil, false
		}
		starts, before = append(starts, line), line
	}
	end := before + 1
	for end < len(s.lines) && len(s.lines[end]) > 0 {
		line := s.lines[end]
		if !isBlank(line) && !isComment(line) && indentOf(line) <= margin {
			break
		}
		end++
	}
	return append(starts, end), true
}

// afterComments returns the line after the comments from a line on, up to another, that begin
// at the column or behind it.
func (s *splicer) afterComments(line, stop, column int) int {
	for i := line; i < stop && (isBlank(s.lines[i]) || isComment(s.lines[i]) && indentOf(s.lines[i]) >= column); i++ {
		if !isBlank(s.lines[i]) {
			line = i + 1
		}
	}
	return line
}

// endOfElement returns the line after the last one of an element.
func (s *splicer) endOfElement(list *yaml.Node, starts []int, i int) int {
	first := max(starts[i]+1, s.afterBlock(list.Content[i], list.Column-1))
	end := starts[i+1]
	for end > first && (isBlank(s.lines[end-1]) || isComment(s.lines[end-1])) {
		end--
	}
	return end
}

// indented returns the lines of an element with a margin, which blank lines do not get.
func (s *splicer) indented(lines []string, margin int) string {
	var b strings.Builder
	for _, line := range lines {
		if line != "" {
			b.WriteString(strings.Repeat(" ", margin) + line)
		}
		b.WriteString(s.lineEnd)
	}
	return b.String()
}

// printElement returns the lines of an element, from its dash, as a list without a margin has
// them.
func printElement(element *yaml.Node) ([]string, bool) {
	for _, restyle := range []func(*yaml.Node){func(*yaml.Node) {}, Unfold, Quote} {
		own, err := (&writer{}).copy(element)
		if err != nil {
			return nil, false
		}
		restyle(own)
		list := &yaml.Node{Kind: yaml.SequenceNode, Tag: yaml.NodeTagSeq, Content: []*yaml.Node{own}}
		var b bytes.Buffer
		encoder := yaml.NewEncoderWithOptions(&b, &yaml.EncoderOptions{SeqIndent: yaml.CompactSequenceStyle})
		if encoder.Encode(list) != nil || encoder.Close() != nil {
			continue
		}
		var doc yaml.Node
		if yaml.Unmarshal(b.Bytes(), &doc) == nil && Same(doc.Content[0], list) {
			return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n"), true
		}
	}
	return nil, false
}

// hasAnchor reports whether something in a value may be used elsewhere.
func hasAnchor(n *yaml.Node) bool {
	return n.Anchor != "" || slices.ContainsFunc(n.Content, hasAnchor)
}
