package krm

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// layout is where the parts of a ResourceList lie in its text.
type layout struct {
	fields []region // the top-level fields, in order
	items  []region // the items: from the dash to what follows
	column int      // of the dashes of the items
	tail   int      // where the last field ends
	plain  bool     // the scan has recognised all of the text
}

// region is a part of the text, from the beginning of a line to that of another.
type region struct {
	key        string // of a top-level field; the kind of an item, "" where it is not plain
	start, end int    // the lines that begin with the key or the dash, and all that follow
	content    int    // the end of the last line that is neither blank nor a comment
}

// printable reports whether the text holds nothing but what both YAML and this scan take
// for text: no control characters, and no line breaks but LF and CRLF.
func printable(text []byte) bool {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= ' ' && c < 0x7f, c == '\n', c == '\t':
		case c == '\r':
			if i+1 == len(text) || text[i+1] != '\n' {
				return false
			}
		case c < utf8.RuneSelf:
			return false
		default:
			r, size := utf8.DecodeRune(text[i:])
			if r == utf8.RuneError || r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff || r&0xfffe == 0xfffe {
				return false
			}
			i += size - 1
		}
	}
	return true
}

// field begins a top-level field, and ends the one before.
func (s *scanner) field(start int) {
	s.end(start)
	s.layout.fields = append(s.layout.fields, region{start: start, end: len(s.text)})
}

// item begins an item, and ends the one before.
func (s *scanner) item(column, start int) {
	if n := len(s.layout.items); n > 0 {
		s.layout.items[n-1].end = start
	}
	s.layout.column = column
	s.layout.items = append(s.layout.items, region{start: start, end: len(s.text)})
}

func (s *scanner) end(start int) {
	n := len(s.layout.fields)
	if n == 0 {
		return
	}
	s.layout.fields[n-1].end = start
	if m := len(s.layout.items); m > 0 && s.inItems() {
		s.layout.items[m-1].end = start
	}
}

// oddKind marks an item whose kind cannot be told without parsing it.
const oddKind = "?"

// kind notes the kind of an item where it is a plain word.
func (s *scanner) kind(value []byte) {
	item := &s.layout.items[len(s.layout.items)-1]
	s.inKind = true
	if item.key != "" {
		item.key = oddKind // written twice
		return
	}
	item.key = plainKind(value)
}

// mayHoldKind reports whether a line of flow style, in which the scan takes no escapes, may
// say a kind.
func mayHoldKind(line []byte) bool {
	return bytes.Contains(line[:lineEnd(line, 0)], []byte("kind"))
}

// noStrings are the plain words of letters alone that YAML takes for something else.
var noStrings = [][]byte{[]byte("null"), []byte("true"), []byte("false")}

// plainKind returns a kind that is a plain word, in quotes or not.
func plainKind(value []byte) string {
	if len(value) == 0 || slices.ContainsFunc(noStrings, func(word []byte) bool { return bytes.EqualFold(word, value) }) {
		return oddKind
	}
	if n := len(value); n > 2 && value[0] == value[n-1] && (value[0] == '"' || value[0] == '\'') {
		value = value[1 : n-1]
	}
	for _, c := range value {
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return oddKind
		}
	}
	return string(value)
}

// finish checks what only the end shows: each field once, and items that are a list.
func (s *scanner) finish() bool {
	return s.layout.distinct() && len(s.layout.items) > 0
}

// distinct reports whether each field is written once.
func (l *layout) distinct() bool {
	seen := map[string]bool{}
	for _, f := range l.fields {
		if seen[f.key] {
			return false
		}
		seen[f.key] = true
	}
	return true
}
