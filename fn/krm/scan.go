package krm

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// The scan says what an object is without parsing it. It recognises a subset of YAML, the one that
// kustomize, kpt and most people write, and is sure of each line in it; anything else is parsed.
//
//   - Text is printable; lines end in LF or CRLF; indentation is of spaces.
//   - A line is blank, a comment, or the beginning or the continuation of an entry: "key: value" or
//     "- value", where the value may itself be an entry or stand on the next line.
//   - Entries of one map or list begin at one column, those below an entry further right; but a list may
//     begin at the column of its key.
//   - A plain value goes on over the lines that are indented further than its entry, and a quoted one to
//     its closing quote. None of those lines holds what would be a key or a comment.
//   - A block scalar (| or >) holds the lines that are indented as its first one is, or further.
//   - A flow collection is on one line, of plain words and of strings.
//   - No anchors, aliases, tags, directives, "?" keys or tabs before content, and no keys that a plain
//     word would not be.
//
// Duplicate keys are not looked for: the parser takes them too.

// scanner goes through the text of a chunk line by line.
type scanner struct {
	text []byte
	dash int  // the column of the dash before the object, -1 where there is none; it counts as a blank
	pos  int  // where the next line begins
	end  int  // where the last line ends that is neither blank nor a comment
	tabs bool // there are some

	open  []collection
	after int // the column of the entry that may go on over lines that are indented further
	by    byte

	object bool   // it is a map
	kind   string // of the object, unknown where only the parser can tell
	inKind bool   // the last entry is the kind
}

// collection is a map or a list in block style whose entries begin at a column.
type collection struct {
	column int
	list   bool
}

// What an entry may go on by.
const (
	nothing  byte = iota
	aValue        // it has none yet
	moreText      // of its plain value
)

// unknown is no kind.
const unknown = "?"

// scan goes through a chunk; ok is false where it is not sure of it.
func scan(text []byte, dash int) (s *scanner, ok bool) {
	s = &scanner{text: text, dash: dash, after: dash, by: aValue, tabs: bytes.IndexByte(text, '\t') >= 0}
	if isMarker(text) || !printable(text) {
		return s, false
	}
	for s.pos < len(text) {
		if !s.line() {
			return s, false
		}
	}
	return s, s.end > 0
}

// printable reports whether the text holds nothing but what both YAML and this scan take for text: no
// control characters, and no line breaks but LF and CRLF.
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

// peek returns the line at a position without its end and its margin, of which the dash before an object
// is a part, and the position after it.
func peek(text []byte, pos, dash int) (body []byte, indent, next int) {
	next = lineEnd(text, pos)
	start, end := pos, next
	if end > pos && text[end-1] == '\n' {
		end--
	}
	if end > pos && text[end-1] == '\r' {
		end--
	}
	if pos == 0 {
		start = dash + 1
	}
	for start < end && text[start] == ' ' {
		start++
	}
	return text[start:end], start - pos, next
}

// line takes the next line.
func (s *scanner) line() bool {
	body, indent, next := peek(s.text, s.pos, s.dash)
	switch {
	case len(body) == 0:
		s.pos = next
		return true
	case s.tabs && bytes.IndexByte(body, '\t') >= 0:
		return false
	case body[0] == '#':
		if s.pos = next; s.by == moreText {
			s.by = nothing
		}
		return true
	case s.by == moreText && indent > s.after:
		if s.inKind {
			s.kind = unknown
		}
		s.advance(next)
		return isText(body) && !bytes.Contains(body, []byte(" #"))
	}
	key, rest, isKey := cutKey(body)
	if s.by == aValue && indent > s.after && !isKey && !isDash(body) {
		return s.value(body, s.after, next)
	}
	return s.place(indent, isDash(body)) && s.entry(body, key, rest, indent, next)
}

// advance notes that there is content up to the end of a line.
func (s *scanner) advance(next int) {
	s.pos, s.end = next, next
}

// place finds the collection that an entry at this column belongs to, closing those that end before
// it, or opens one below what has no value yet.
func (s *scanner) place(column int, dash bool) bool {
	n := len(s.open)
	if s.by == aValue && (column > s.after || dash && column == s.after && n > 0 && !s.open[n-1].list) {
		return s.push(column, dash)
	}
	for ; n > 0; n-- {
		top := s.open[n-1]
		if column == top.column && dash == top.list {
			s.open = s.open[:n]
			return true
		}
		// A list may lie at the column of the key that it is the value of.
		if column > top.column || column == top.column && dash {
			return false
		}
	}
	return false
}

const maxOpen = 500

func (s *scanner) push(column int, list bool) bool {
	s.open = append(s.open, collection{column, list})
	s.object = s.object || len(s.open) == 1 && !list
	return len(s.open) < maxOpen
}

// entry takes an entry that begins at the column; body is the rest of its line, which a key cuts.
func (s *scanner) entry(body, key, rest []byte, column, next int) bool {
	s.inKind = false
	for key == nil {
		if !isDash(body) {
			return false
		}
		rest = bytes.TrimLeft(body[1:], " ")
		if len(rest) == 0 || rest[0] == '#' {
			break
		}
		inner := rest
		key, rest, _ = cutKey(inner)
		if key == nil && !isDash(inner) {
			return s.value(inner, column, next)
		}
		column += len(body) - len(inner)
		if !s.push(column, key == nil) {
			return false
		}
		body = inner
	}
	if len(s.open) == 1 && string(key) == "kind" {
		s.inKind = true
		if s.kind != "" {
			s.kind = unknown // written twice
		} else {
			s.kind = plainKind(rest)
		}
	}
	if len(rest) == 0 || rest[0] == '#' {
		s.by, s.after = aValue, column
		s.advance(next)
		return true
	}
	return s.value(rest, column, next)
}

// isDash reports whether an entry of a list begins here.
func isDash(body []byte) bool {
	return body[0] == '-' && (len(body) == 1 || body[1] == ' ')
}

// cutKey splits "key: value" or "key:". The key is a plain word or quoted without escapes; rest is the
// value without the blanks before it.
func cutKey(body []byte) (key, rest []byte, ok bool) {
	const maxKey = 1000 // the parser takes 1024
	if key, rest, ok = bytes.Cut(body, []byte(": ")); !ok {
		key, ok = bytes.CutSuffix(body, []byte(":"))
		rest = nil
	}
	n := len(key)
	switch {
	case !ok || n == 0 || n > maxKey:
		return nil, nil, false
	case key[0] == '"' || key[0] == '\'':
		quote := key[0]
		if n < 2 || key[n-1] != quote || bytes.IndexByte(key[1:n-1], quote) >= 0 || bytes.IndexByte(key, '\\') >= 0 {
			return nil, nil, false
		}
		key = key[1 : n-1]
	case !isWordStart(key[0]) || key[n-1] == ' ' || bytes.Contains(key, []byte(" #")):
		return nil, nil, false
	}
	return key, bytes.TrimLeft(rest, " "), true
}

// isWordStart reports whether a plain word may begin so. It leaves out some that YAML takes.
func isWordStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80 ||
		bytes.IndexByte([]byte("_/.$()^~+=;\\"), c) >= 0
}

// plainKind returns a kind that is a plain word, in quotes or not.
func plainKind(value []byte) string {
	word := string(bytes.TrimRight(value, " "))
	if n := len(word); n > 2 && word[0] == word[n-1] && (word[0] == '"' || word[0] == '\'') {
		word = word[1 : n-1]
	}
	isLetter := func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
	switch strings.ToLower(word) {
	case "", "null", "true", "false": // which YAML takes for something else
		return unknown
	}
	if strings.TrimLeftFunc(word, isLetter) != "" {
		return unknown
	}
	return word
}

// value takes the value of an entry that begins at the column, up to the end of its last line.
func (s *scanner) value(rest []byte, column, next int) bool {
	s.by = nothing
	isRoot := len(s.open) == 0
	switch c := rest[0]; c {
	case '"', '\'':
		return s.quoted(rest, column)
	case '|', '>':
		return s.block(rest, max(column, 0), next) // the parser takes no block at the first column
	case '[', '{':
		s.object = s.object || isRoot && c == '{'
		s.advance(next)
		return isFlow(rest) && (!isRoot || !bytes.Contains(rest, []byte("kind")))
	case '~', 'n', 'N':
		if isRoot {
			return false // it may be null
		}
	}
	text, _, commented := bytes.Cut(rest, []byte(" #"))
	if !commented {
		s.by, s.after = moreText, column
	}
	s.advance(next)
	return beginsText(text) && isText(text)
}

// beginsText reports whether a plain value may begin so.
func beginsText(text []byte) bool {
	switch c := text[0]; c {
	case '-', '?', ':':
		return len(text) > 1 && text[1] != ' '
	default:
		return isWordStart(c) || c == '<'
	}
}

// isText reports whether a line of a plain value is no key.
func isText(text []byte) bool {
	return bytes.IndexByte(text, ':') < 0 || !bytes.Contains(text, []byte(": ")) && text[len(text)-1] != ':'
}

// isEnd reports whether nothing but a comment follows on the line.
func isEnd(rest []byte) bool {
	trimmed := bytes.TrimLeft(rest, " ")
	return len(trimmed) == 0 || trimmed[0] == '#' && len(trimmed) < len(rest)
}

// flow matches a flow collection of plain words and quoted strings without escapes, in which lie no
// others or such as hold no more.
var flow = sync.OnceValue(func() *regexp.Regexp {
	const word = `(?:"[^"\\]*"|'[^']*'|[a-zA-Z0-9_/.][a-zA-Z0-9_/.-]*)`
	collection := func(value string) string {
		return `(?:\[\s*(?:` + value + `\s*(?:,\s*` + value + `\s*)*)?\]|\{\s*(?:` + word + `:\s+` + value + `\s*(?:,\s*` + word + `:\s+` + value + `\s*)*)?\})`
	}
	inner := `(?:` + word + `|` + collection(word) + `)`
	return regexp.MustCompile(`^` + collection(inner) + `\s*(?:$|\s#)`)
})

func isFlow(text []byte) bool {
	return string(text) == "{}" || string(text) == "[]" || flow().Match(text)
}

// quoted takes a quoted scalar, over lines that are indented further than the column.
func (s *scanner) quoted(rest []byte, column int) bool {
	quote, text := rest[0], s.text
	for i := cap(text) - cap(rest) + 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == quote && quote == '\'' && i+1 < len(text) && text[i+1] == quote:
			i++
		case c == quote:
			next := lineEnd(text, i)
			s.advance(next)
			return isEnd(bytes.TrimRight(text[i+1:next], "\r\n"))
		case c == '\\' && quote == '"':
			if i++; i == len(text) || bytes.IndexByte([]byte(`0abtnvfre"\`), text[i]) < 0 {
				return false
			}
		case c == '\t':
			return false
		case c == '\n':
			if s.pos = i + 1; s.pos == len(text) {
				return false
			}
			if body, indent, _ := peek(s.text, s.pos, s.dash); len(body) > 0 && indent <= column {
				return false
			}
		}
	}
	return false
}

// block takes a block scalar of what begins at the column; rest begins with its header.
func (s *scanner) block(rest []byte, column, next int) bool {
	header, _, _ := bytes.Cut(rest, []byte(" "))
	if !isEnd(rest[len(header):]) || len(header) > 2 || len(header) == 2 && header[1] != '-' && header[1] != '+' {
		return false // or its indentation is given
	}
	indent, keep := 0, header[len(header)-1] == '+' // of the content; whether blank lines at its end count
	s.advance(next)
	blanks := 0 // the longest of the blank lines at the beginning
	for s.pos < len(s.text) {
		body, spaces, next := peek(s.text, s.pos, s.dash)
		switch {
		case len(body) == 0:
			if indent == 0 {
				blanks = max(blanks, spaces)
			}
			if s.pos = next; keep {
				s.advance(next)
			}
			continue
		case indent == 0:
			if spaces <= column {
				return true // no content
			}
			if indent = spaces; blanks > indent || body[0] == '\t' {
				return false
			}
		case spaces < indent:
			return true
		}
		s.advance(next)
	}
	return true
}

// outline drops the entries that are not wanted from an object that the scan has recognised. The first
// entry of a map stays in any case, since a map without any would be none.
func outline(text []byte, fields Fields) []byte {
	return appendOutline(make([]byte, 0, len(text)/2), text, -1, fields)
}

// appendOutline appends the outline of a collection, or of an element behind a dash: there an entry goes
// on over the lines that are indented further, and over the dashes below a key.
func appendOutline(out, text []byte, dash int, fields Fields) []byte {
	column, list := -1, false
	var starts []int // of the entries
	for pos := 0; pos < len(text); {
		body, indent, next := peek(text, pos, dash)
		switch {
		case len(body) == 0 || body[0] == '#':
		case column < 0:
			column, list = indent, isDash(body)
			starts = append(starts, pos)
		case indent == column && isDash(body) == list:
			starts = append(starts, pos)
		}
		pos = next
	}
	if column < 0 {
		return append(out, text...)
	}
	out = append(out, text[:starts[0]]...)
	for n, start := range starts {
		entry := text[start:]
		if n+1 < len(starts) {
			entry = text[start:starts[n+1]]
		}
		if start > 0 {
			dash = -1
		}
		body, _, next := peek(entry, 0, dash)
		key, rest, isKey := cutKey(body)
		below, wanted := fields[string(key)]
		switch {
		case list:
			out = appendOutline(out, entry, column, fields)
		case isKey && below != nil && (len(rest) == 0 || rest[0] == '#'):
			out = append(out, entry[:next]...)
			out = appendOutline(out, entry[next:], -1, below)
		case wanted || n == 0:
			out = append(out, entry...)
		}
	}
	return out
}
