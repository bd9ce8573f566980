package edit

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// Splice sets a string at the end of the path in the text of an object, so that every other
// byte stays. The object must have been parsed from that very text. ok is false for what
// cannot be done by lines: flow style, anchors, aliases, merge keys, tags, and values that
// go over several lines.
//
// The rules:
//
//   - An existing value is replaced where it stands, in the quotes that it has.
//   - A new key gets a line of its own, at the column of the keys beside it: in front of the
//     key that follows in the alphabet, and of the comments above that, if the keys are
//     sorted; after the last one if they are not.
//   - A map that is missing begins with its key, and what is in it is indented by as much as
//     the map around it. One that is null or {} loses that word, and keeps its comment.
//
// The caller parses the result and compares it with what Set makes of the object: where the
// two differ the text must not be used.
func Splice(text []byte, object *yaml.Node, path Path, value string) (spliced []byte, ok bool) {
	s := newSplicer(text, place)
	s.value = func(int) (string, bool) {
		text, ok := inline(value)
		return " " + text + s.lineEnd, ok
	}
	return s.set(object, path, func(key, v *yaml.Node) ([]byte, bool) { return s.replace(key, v, value) })
}

// splicer changes the lines of a text.
type splicer struct {
	lines   [][]byte // with their ends
	lineEnd string
	step    int // of the indentation
	place   placer
	// value writes a new value, from behind the colon of its key, which is at a column, to
	// the end of its last line.
	value func(column int) (string, bool)
}

func newSplicer(text []byte, place placer) *splicer {
	s := &splicer{lines: bytes.SplitAfter(text, []byte("\n")), lineEnd: "\n", step: 2, place: place}
	if bytes.Contains(s.lines[0], []byte("\r\n")) {
		s.lineEnd = "\r\n"
	}
	return s
}

// set gives the value the place at the end of the path; replace does so where another
// stands there.
func (s *splicer) set(object *yaml.Node, path Path, replace func(key, v *yaml.Node) ([]byte, bool)) ([]byte, bool) {
	m := object
	for i, name := range path {
		if !isBlockMap(m) {
			return nil, false
		}
		at := index(m, name)
		if at < 0 {
			return s.insert(m, path[i:])
		}
		key, v := m.Content[at], m.Content[at+1]
		switch {
		case !isBare(v):
			return nil, false
		case i == len(path)-1:
			return replace(key, v)
		case IsNull(v) || v.Kind == yaml.MappingNode && len(v.Content) == 0:
			return s.fill(key, path[i+1:])
		case isBlockMap(v):
			s.step = v.Content[0].Column - m.Content[0].Column
		}
		m = v
	}
	return nil, false
}

// isBare reports whether nothing stands before a value: no anchor and no tag. An alias is
// no value of its own.
func isBare(v *yaml.Node) bool {
	return v.Kind != yaml.AliasNode && v.Anchor == "" && v.Style&yaml.TaggedStyle == 0
}

func isBlockMap(m *yaml.Node) bool {
	return m.Kind == yaml.MappingNode && m.Style&yaml.FlowStyle == 0 && m.Anchor == "" &&
		len(m.Content) > 0 && len(mergeSources(m)) == 0
}

// entry returns the lines of the value under the last of the names, each name but the first
// indented further than the one before.
func (s *splicer) entry(margin int, names Path) ([]byte, bool) {
	var b strings.Builder
	for i, name := range names {
		key, ok := inline(name)
		if !ok {
			return nil, false
		}
		if i > 0 {
			b.WriteString(s.lineEnd)
			margin += s.step
		}
		b.WriteString(strings.Repeat(" ", margin) + key + ":")
	}
	value, ok := s.value(margin)
	b.WriteString(value)
	return []byte(b.String()), ok
}

// inline returns a string as YAML writes it on one line.
func inline(value string) (string, bool) {
	if isWord(value) {
		return value, true
	}
	text, err := yaml.Marshal(NewString(value))
	line := strings.TrimSuffix(string(text), "\n")
	return line, err == nil && !strings.Contains(line, "\n")
}

// insert adds an entry to a map.
func (s *splicer) insert(m *yaml.Node, names Path) ([]byte, bool) {
	margin := m.Content[0].Column - 1
	lines, ok := s.entry(margin, names)
	if !ok {
		return nil, false
	}
	at := s.place(m, names[0])
	if at == len(m.Content) {
		return s.put(s.endOf(m, margin), lines), true
	}
	line := m.Content[at].Line - 1
	if indentOf(s.lines[line]) != margin {
		return nil, false // a dash or something else stands before the key
	}
	for line > m.Content[0].Line-1 && isComment(s.lines[line-1]) && indentOf(s.lines[line-1]) == margin {
		line--
	}
	return s.put(line, lines), true
}

// endOf returns the line after the last entry of a map whose keys are at the margin.
func (s *splicer) endOf(m *yaml.Node, margin int) int {
	first := max(m.Content[len(m.Content)-2].Line, s.afterBlock(m, margin)) // the line after that of the last key
	line := first
	for line < len(s.lines) {
		l, indent := s.lines[line], indentOf(s.lines[line])
		inList := indent == margin && isDash(l)
		if len(l) == 0 || !isBlank(l) && !isComment(l) && indent <= margin && !inList {
			break
		}
		line++
	}
	for line > first && (isBlank(s.lines[line-1]) || isComment(s.lines[line-1]) && indentOf(s.lines[line-1]) < margin) {
		line--
	}
	return line
}

// put returns the text with more lines before the given one.
func (s *splicer) put(line int, more []byte) []byte {
	before := bytes.Join(s.lines[:line], nil)
	if len(before) > 0 && before[len(before)-1] != '\n' {
		before = append(before, s.lineEnd...)
	}
	return slices.Concat(before, more, bytes.Join(s.lines[line:], nil))
}

// fill gives a map that is null or empty its first entry, and a list, below which there are
// no names, its first element.
func (s *splicer) fill(key *yaml.Node, names Path) ([]byte, bool) {
	var lines []byte
	var ok bool
	if len(names) > 0 {
		lines, ok = s.entry(key.Column-1+s.step, names)
	} else {
		var element string
		element, ok = s.value(key.Column - 1)
		lines = []byte(strings.TrimPrefix(element, s.lineEnd))
	}
	if !ok {
		return nil, false
	}
	head, rest, ok := s.afterKey(key)
	if !ok {
		return nil, false
	}
	word, comment := cutComment(rest)
	switch word {
	case "", "~", "null", "Null", "NULL", "{}", "[]":
	default:
		return nil, false
	}
	if comment != "" {
		head += rest[strings.Index(rest, word)+len(word):]
	}
	s.lines[key.Line-1] = []byte(head + s.lineEnd)
	return s.put(key.Line, lines), true
}

// replace puts a value in the place of another.
func (s *splicer) replace(key, v *yaml.Node, value string) ([]byte, bool) {
	head, rest, ok := s.afterKey(key)
	isNothing := IsNull(v) && v.Value == ""
	if !ok || v.Kind != yaml.ScalarNode || v.Line != key.Line && !isNothing {
		return nil, false
	}
	old, comment := cutComment(rest)
	var text string
	switch {
	case v.Style&yaml.SingleQuotedStyle != 0:
		ok = old == "'"+strings.ReplaceAll(v.Value, "'", "''")+"'" && !strings.ContainsAny(value, "\n\r")
		text = "'" + strings.ReplaceAll(value, "'", "''") + "'"
	case v.Style&yaml.DoubleQuotedStyle != 0:
		ok = old == `"`+v.Value+`"` && !strings.ContainsAny(v.Value+value, "\\\"\n\r")
		text = `"` + value + `"`
	case v.Style != 0:
		return nil, false
	default:
		ok = old == v.Value
		var fits bool
		text, fits = inline(value)
		ok = ok && fits
	}
	if !ok {
		return nil, false
	}
	if comment != "" {
		// What is between the value and the comment stays, too.
		text += rest[strings.Index(rest, old)+len(old):]
	}
	s.lines[key.Line-1] = []byte(head + " " + text + s.lineEnd)
	return bytes.Join(s.lines, nil), true
}

// afterKey splits the line of a key after its colon.
func (s *splicer) afterKey(key *yaml.Node) (head, rest string, ok bool) {
	line := strings.TrimRight(string(s.lines[key.Line-1]), "\r\n")
	rest = fromColumn(line, key.Column)
	written := key.Value
	switch {
	case key.Style&yaml.SingleQuotedStyle != 0:
		written = "'" + written + "'"
	case key.Style&yaml.DoubleQuotedStyle != 0:
		written = `"` + written + `"`
	}
	rest, ok = strings.CutPrefix(rest, written+":")
	return line[:len(line)-len(rest)], rest, ok
}

// fromColumn returns the rest of a line from a column, which counts characters.
func fromColumn(line string, column int) string {
	for range column - 1 {
		_, size := utf8.DecodeRuneInString(line)
		line = line[size:]
	}
	return line
}

// cutComment splits the rest of a line into the value and the comment. A "#" within a
// quoted value makes the value another than the caller expects, and it gives up.
func cutComment(rest string) (value, comment string) {
	if i := strings.Index(" "+rest, " #"); i >= 0 {
		return strings.TrimSpace(rest[:i]), rest[i:]
	}
	return strings.TrimSpace(rest), ""
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
