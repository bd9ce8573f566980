package edit

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// A change is a piece of the text and what takes its place.
type change struct {
	start, end int
	text       string
	margin     int // of the lines that it is made of; -1 within a line
}

// liner turns what has changed in the nodes into changes of the text that they were parsed from.
//
//   - A value is replaced on its line. A null, {} or [] that is filled loses that word, and keeps its comment.
//   - A new key goes to the column of the keys beside it: in front of the key that follows, and of the
//     comments above that, or below the last one. Maps below it are indented by as much as the one
//     around it; lists are not, unless another list of the object is.
//   - An element goes from the line of its dash to its last line. Comments and blank lines around it
//     stay. A new one goes below the last one, and below comments that are indented as what is in that.
type liner struct {
	*writer
	text    []byte
	lines   [][]byte // with their ends
	starts  []int    // of the lines, and of one more
	lineEnd string
	changes []change
	failed  bool
}

// lines returns the text with the changes, nil where some cannot be made by lines.
func (w *writer) lines(text []byte, object *yaml.Node) []byte {
	l := liner{writer: w, text: text, starts: []int{0}, lineEnd: "\n"}
	for line := range bytes.Lines(text) {
		l.lines = append(l.lines, line)
		l.starts = append(l.starts, l.starts[len(l.starts)-1]+len(line))
	}
	if bytes.HasSuffix(l.lines[0], []byte("\r\n")) {
		l.lineEnd = "\r\n"
	}
	l.value(object, object, 0, 2)
	slices.SortStableFunc(l.changes, func(a, b change) int {
		return cmp.Or(a.start-b.start, a.end-b.end, b.margin-a.margin) // what is in a map comes before what follows it
	})
	var edited []byte
	at := 0
	for _, c := range l.changes {
		if c.start < at {
			return nil
		}
		edited = append(edited, text[at:c.start]...)
		if c.margin >= 0 && len(edited) > 0 && edited[len(edited)-1] != '\n' {
			edited = append(edited, l.lineEnd...)
		}
		edited, at = append(edited, c.text...), c.end
	}
	if l.failed {
		return nil
	}
	return append(edited, text[at:]...)
}

// was returns a node as it was parsed.
func (l *liner) was(n *yaml.Node) *yaml.Node {
	if was := l.before[n]; was != nil {
		return was
	}
	return n
}

// visit makes the changes within a map or a list. The keys of the map around it are at a column,
// and those of a new map are further right than the ones around it by a step.
func (l *liner) visit(n *yaml.Node, column, step int) {
	was := l.was(n)
	if len(was.Content) == 0 || was.Style&yaml.FlowStyle != 0 {
		return
	}
	size, margin, inner := 1, was.Column-1, 0
	if was.Kind == yaml.MappingNode {
		size, margin, inner = 2, was.Content[0].Column-1, was.Content[0].Column
		if column > 0 {
			step = inner - column
		}
	}
	if was == n {
		for i := size - 1; i < len(n.Content); i += size {
			l.value(n.Content[i-size+1], n.Content[i], inner, step)
		}
		return
	}
	starts, at, added := l.entries(was, size, margin), 0, ""
	for i := 0; i < len(was.Content) && !l.failed; i += size {
		first, value, start := was.Content[i], was.Content[i+size-1], starts[i/size]
		end := l.end(value, start+1, starts[i/size+1], len(l.text))
		for ; at < len(n.Content) && n.Content[at].Line == 0; at += size {
			added += l.entry(n, at, margin, step)
		}
		stays := at < len(n.Content) && n.Content[at].Line == first.Line
		if stays && added != "" {
			l.above(first, starts[0], added, margin)
			added = ""
		}
		switch {
		case !stays && l.was(value) != value && len(value.Content) == 0: // what was in it goes by itself
			l.put(start, start+1, "", margin)
			l.visit(value, inner, step)
			continue
		case !stays:
			l.put(start, end, "", margin)
			continue
		case n.Content[at+size-1] == value:
			l.value(first, value, inner, step)
		case size == 2 && value.Kind == yaml.ScalarNode && n.Content[at+1].Kind == yaml.ScalarNode:
			l.replace(first, value, l.inline(n.Content[at+1]))
		default:
			l.put(start, end, l.entry(n, at, margin, step), margin)
		}
		at += size
	}
	for ; at < len(n.Content); at += size {
		added += l.entry(n, at, margin, step)
	}
	if added != "" && !l.failed {
		end := l.end(was.Content[len(was.Content)-1], starts[len(starts)-2]+1, starts[len(starts)-1], margin+2-size)
		l.insert(l.starts[end], added, margin)
	}
}

// above puts lines above a key and its comments, up to the first line of its map. Where a dash stands
// before the key they go between the two.
func (l *liner) above(key *yaml.Node, top int, lines string, margin int) {
	line := key.Line - 1
	if indentOf(l.lines[line]) != margin {
		at, _ := l.span(key)
		l.insert(at, strings.TrimLeft(lines, " ")+strings.Repeat(" ", margin), -1)
		return
	}
	for line > top && isComment(l.lines[line-1]) && indentOf(l.lines[line-1]) == margin {
		line--
	}
	l.insert(l.starts[line], lines, margin)
}

func (l *liner) insert(at int, text string, margin int) {
	l.changes = append(l.changes, change{at, at, text, margin})
}

// value makes the changes of a value that is still there.
func (l *liner) value(key, n *yaml.Node, column, step int) {
	switch was := l.was(n); {
	case was == n:
	case len(was.Content) == 0 && key == n: // an element
		l.failed = true
	case len(was.Content) == 0:
		l.replace(key, was, "")
		l.insert(l.starts[key.Line], l.block(n, key.Column-1, step), key.Column)
	case len(n.Content) == 0:
		l.replace(key, was, "{}")
	}
	l.visit(n, column, step)
}

// entries returns the lines on which the entries of a map or a list begin, and the one after it.
func (l *liner) entries(was *yaml.Node, size, margin int) (starts []int) {
	line := was.Line - 2
	for i := 0; i < len(was.Content); i += size {
		before := line
		line = min(was.Content[i].Line, len(l.lines)) - 1
		for size == 1 && line > before && (indentOf(l.lines[line]) != margin || !isDash(l.lines[line])) {
			line-- // the element begins below its dash
		}
		l.failed = l.failed || line == before
		starts = append(starts, line)
	}
	return append(starts, l.extent(line+1, margin, size == 2))
}

// put puts lines in the place of others, before the first of which no dash may stand.
func (l *liner) put(from, to int, text string, margin int) {
	l.failed = l.failed || indentOf(l.lines[from]) != margin
	l.changes = append(l.changes, change{l.starts[from], l.starts[to], text, margin})
}

// extent returns the first line, from one on, that is not indented further than the margin; in
// a map the dashes of a list may be at the margin.
func (l *liner) extent(line, margin int, isMap bool) int {
	for ; line < len(l.lines); line++ {
		text, indent := l.lines[line], indentOf(l.lines[line])
		if !isBlank(text) && !isComment(text) && (indent < margin || indent == margin && (!isMap || !isDash(text))) {
			break
		}
	}
	return line
}

// end returns the line after the last one of a value, which has some up to first and may have
// more up to last: blank lines, and comments that are indented less than the margin, are not
// its own at its end.
func (l *liner) end(n *yaml.Node, first, last, margin int) int {
	first = max(first, l.afterBlock(n))
	for last > first && (isBlank(l.lines[last-1]) || isComment(l.lines[last-1]) && indentOf(l.lines[last-1]) < margin) {
		last--
	}
	return last
}

// afterBlock returns the line after the block scalar (| or >) that a value ends with, 0 where
// it ends with anything else. What looks like a comment in there is text, and so are the
// blank lines at its end if it keeps them.
func (l *liner) afterBlock(n *yaml.Node) int {
	n = l.was(n)
	for len(n.Content) > 0 && n.Style&yaml.FlowStyle == 0 {
		n = l.was(n.Content[len(n.Content)-1])
	}
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		return 0
	}
	// The characters of the value are those of the lines, but for spaces and ends of lines.
	line, text := n.Line, strings.Join(strings.Fields(n.Value), "")
	for left := len(text); left > 0 && line < len(l.lines); line++ {
		left -= len(bytes.Join(bytes.Fields(l.lines[line]), nil))
	}
	blank := n.Value[strings.LastIndexFunc(n.Value, func(r rune) bool { return r != ' ' && r != '\t' && r != '\n' })+1:]
	if text != "" {
		blank = strings.TrimSuffix(blank, "\n")
	}
	return min(line+strings.Count(blank, "\n"), len(l.lines))
}

// entry returns the lines of an entry of a map or a list.
func (l *liner) entry(n *yaml.Node, i, margin, step int) string {
	if n.Kind == yaml.SequenceNode {
		return l.element(n.Content[i], margin)
	}
	text, v := strings.Repeat(" ", margin)+l.inline(n.Content[i])+":", n.Content[i+1]
	if len(v.Content) == 0 || v.Style&yaml.FlowStyle != 0 {
		return text + " " + l.inline(v) + l.lineEnd
	}
	return text + l.lineEnd + l.block(v, margin, step)
}

// block returns the lines of a map or a list below a key at the margin.
func (l *liner) block(n *yaml.Node, margin, step int) (text string) {
	size := 1
	switch {
	case n.Kind == yaml.MappingNode:
		size, margin = 2, margin+step
	case l.isWide:
		margin += 2
	}
	for i := 0; i < len(n.Content); i += size {
		text += l.entry(n, i, margin, step)
		l.failed = l.failed || size == 2 && (isCommented(n.Content[i]) || isCommented(n.Content[i+1]))
	}
	return text
}

func isCommented(n *yaml.Node) bool {
	return n.HeadComment != "" || n.LineComment != "" || n.FootComment != ""
}

// inline returns a value as YAML writes it on one line, without the comments around it.
func (l *liner) inline(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && n.Style == 0 && isWord(n.Value) {
		return n.Value
	}
	bare := *n
	bare.HeadComment, bare.LineComment, bare.FootComment = "", "", ""
	text, err := yaml.Marshal(&bare)
	line := strings.TrimSuffix(string(text), "\n")
	l.failed = l.failed || err != nil || strings.Contains(line, "\n")
	return line
}

// element returns the lines of an element, from its dash.
func (l *liner) element(element *yaml.Node, margin int) (text string) {
	own := (&writer{}).copy(l.was(element))
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: yaml.NodeTagSeq, Content: []*yaml.Node{own}}
	for _, restyle := range Restyles {
		restyle(own)
		printed, err := yaml.MarshalWithOptions(list, &yaml.EncoderOptions{SeqIndent: yaml.CompactSequenceStyle})
		var doc yaml.Node
		if err != nil || yaml.Unmarshal(printed, &doc) != nil || !Same(doc.Content[0], list) {
			continue
		}
		for line := range strings.Lines(string(printed)) {
			if line = strings.TrimSuffix(line, "\n"); line != "" {
				line = strings.Repeat(" ", margin) + line
			}
			text += line + l.lineEnd
		}
		return text
	}
	l.failed = true
	return ""
}

// replace puts a text in the place of what stands behind a key on its line.
func (l *liner) replace(key, was *yaml.Node, text string) {
	_, at := l.span(key)
	l.failed = l.failed || !bytes.HasPrefix(l.text[at:], []byte(":"))
	at++
	end := at
	if len(was.Content) == 0 && (was.Value != "" || !IsNull(was)) {
		_, end = l.span(was)
	}
	if text != "" {
		text = " " + text
	}
	l.changes = append(l.changes, change{at, end, text, -1})
}

// span returns where a scalar, or an empty collection, stands in the text.
func (l *liner) span(n *yaml.Node) (start, end int) {
	written := n.Value
	switch {
	case n.Kind == yaml.MappingNode:
		written = "{}"
	case n.Kind == yaml.SequenceNode:
		written = "[]"
	case n.Style&yaml.SingleQuotedStyle != 0:
		written = "'" + strings.ReplaceAll(written, "'", "''") + "'"
	case n.Style&yaml.DoubleQuotedStyle != 0:
		written = `"` + written + `"`
	}
	start = l.starts[n.Line-1]
	for range n.Column - 1 { // which counts characters
		_, size := utf8.DecodeRune(l.text[start:])
		start += size
	}
	l.failed = l.failed || !bytes.HasPrefix(l.text[start:], []byte(written))
	return start, start + len(written)
}

// isDash reports whether an element of a list begins on the line.
func isDash(line []byte) bool {
	line = bytes.TrimSpace(line)
	return bytes.HasPrefix(line, []byte("- ")) || string(line) == "-"
}

func indentOf(line []byte) int {
	return len(line) - len(bytes.TrimLeft(line, " "))
}

func isBlank(line []byte) bool {
	return len(bytes.TrimSpace(line)) == 0
}

func isComment(line []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(line, " "), []byte("#"))
}
