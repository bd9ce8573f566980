package krm

import "bytes"

// The scan finds the items of a ResourceList without parsing them. It recognises a subset
// of YAML, the one that kustomize, kpt and most people write, and is sure of every
// boundary in it; for anything else it gives up, and the whole document is parsed.
//
// The rules, all of them for block style:
//
//   - Text is printable; lines end in LF or CRLF; indentation is of spaces.
//   - A line is blank, a comment, or the beginning or the continuation of an entry. An entry
//     is "key: value" or "- value", where the value may itself be an entry ("- key: value")
//     or stand on the next line.
//   - Entries of one map or list begin at one column. Those below "key:" or "-" without a
//     value begin further right, except that a list may begin at the column of its key.
//   - A plain value goes on over the lines that are indented further than its entry; so does
//     a quoted one, to its closing quote. None of those lines holds what would be a key or a
//     comment.
//   - A block scalar (| or >) holds the lines that are indented as its first one is, or
//     further, and the blank ones among them.
//   - A flow collection is on one line, without comments within.
//   - No anchors, aliases, tags, directives, "?" keys or tabs before content, no second
//     document, and no keys that a plain word would not be.
//
// Duplicate keys are not looked for: the parser takes them too.

// scan returns the layout of the text; ok is false where it is not sure.
func scan(text []byte) (l layout, ok bool) {
	if len(text) == 0 || text[len(text)-1] != '\n' {
		return layout{}, false
	}
	clean := make(chan bool, 1)
	go func() { clean <- printable(text) }()
	defer func() { ok = <-clean && ok }()
	s := scanner{text: text}
	return s.scan()
}

// scan returns the layout of a text that ends in a line feed.
func (s *scanner) scan() (l layout, ok bool) {
	if !s.header() {
		return layout{}, false
	}
	for s.pos < len(s.text) {
		if !s.line() {
			return layout{}, false
		}
	}
	s.layout.tail, s.layout.plain = len(s.text), true
	return s.layout, s.finish()
}

// scanner goes through the text line by line.
type scanner struct {
	text   []byte
	pos    int // the beginning of the next line
	open   []collection
	layout layout
	column int  // of the first entry, anyColumn where that does not matter
	lists  bool // it may be a dash
	inKind bool // the last entry is the kind of an item
	ended  bool // the text holds a value that is no collection, and nothing may follow

	// pending is set after "key:" or "-" without a value: the value may follow, further right
	// than after.
	pending bool
	after   int
	// scalar is set after a plain value, whose next lines are indented further than after;
	// closed when a comment has ended it.
	scalar, closed bool
}

const anyColumn = -1

// collection is a map or a list in block style whose entries begin at a column.
type collection struct {
	column int
	list   bool
}

// header skips comments and one marker before the first field.
func (s *scanner) header() bool {
	marked := false
	for s.pos < len(s.text) {
		line, next := s.peek()
		body := bytes.TrimLeft(line, " ")
		switch {
		case len(body) == 0 || body[0] == '#':
		case string(line) == "---" && !marked:
			marked = true
		default:
			return true
		}
		s.pos = next
	}
	return false
}

// peek returns the next line without its end, and the position after it.
func (s *scanner) peek() (line []byte, next int) {
	next = s.pos + bytes.IndexByte(s.text[s.pos:], '\n') + 1
	line = s.text[s.pos : next-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, next
}

// line takes the next line.
func (s *scanner) line() bool {
	line, next := s.peek()
	indent := 0
	for indent < len(line) && line[indent] == ' ' {
		indent++
	}
	body := line[indent:]
	if len(body) == 0 {
		s.pos = next
		return true
	}
	if bytes.IndexByte(line, '\t') >= 0 {
		return false
	}
	if s.scalar && indent > s.after {
		if body[0] == '#' {
			s.closed = true
			s.pos = next
			return true
		}
		if s.closed || !plain(body, false) {
			return false
		}
		if s.inKind {
			s.kind(nil) // it goes on
		}
		s.advance(next)
		return true
	}
	if body[0] == '#' {
		s.closed = true
		s.pos = next
		return true
	}
	s.scalar, s.closed = false, false
	if s.pending && indent > s.after && !isDash(body) {
		if _, _, isKey := cutKey(body); !isKey {
			s.pending = false
			return s.value(body, s.after, next)
		}
	}
	if !s.place(indent, isDash(body)) {
		return false
	}
	start := s.pos
	return s.begin(body, indent, start, next)
}

// advance notes that the content of the open regions goes on to the end of a line.
func (s *scanner) advance(next int) {
	s.pos = next
	if n := len(s.layout.fields); n > 0 {
		s.layout.fields[n-1].content = next
		if n := len(s.layout.items); n > 0 && s.inItems() {
			s.layout.items[n-1].content = next
		}
	}
}

func (s *scanner) inItems() bool {
	n := len(s.layout.fields)
	return n > 0 && s.layout.fields[n-1].key == "items"
}

// place finds the collection that an entry at this column belongs to, closing those that
// end before it, or opens one below a key or a dash that has no value yet.
func (s *scanner) place(column int, dash bool) bool {
	if s.pending {
		s.pending = false
		top := s.open[len(s.open)-1]
		if column > s.after || dash && !top.list && column == s.after {
			return s.push(column, dash)
		}
	}
	if len(s.open) == 0 {
		return !s.ended && (column == s.column || s.column == anyColumn) && (!dash || s.lists) && s.push(column, dash)
	}
	for len(s.open) > 0 {
		top := s.open[len(s.open)-1]
		if column == top.column && dash == top.list {
			return true
		}
		// A list may lie at the column of the key that it is the value of.
		if column > top.column || column == top.column && dash {
			return false
		}
		s.open = s.open[:len(s.open)-1]
	}
	return false
}

const maxOpen = 500

func (s *scanner) push(column int, list bool) bool {
	s.open = append(s.open, collection{column, list})
	return len(s.open) < maxOpen
}

// begin takes an entry that begins at the column; body is the rest of its line.
func (s *scanner) begin(body []byte, column, start, next int) bool {
	depth := len(s.open)
	s.inKind = false
	if depth == 1 && !s.open[0].list {
		s.field(start)
	}
	if isDash(body) {
		if depth == 2 && s.inItems() {
			s.item(column, start)
		}
		rest := bytes.TrimLeft(body[1:], " ")
		if len(rest) == 0 || rest[0] == '#' && len(rest) < len(body)-1 {
			return s.wait(column, next)
		}
		inner := column + len(body) - len(rest)
		if isDash(rest) {
			return s.push(inner, true) && s.begin(rest, inner, start, next)
		}
		if _, _, isKey := cutKey(rest); isKey {
			return s.push(inner, false) && s.begin(rest, inner, start, next)
		}
		return s.value(rest, column, next)
	}
	key, rest, isKey := cutKey(body)
	if !isKey {
		return false
	}
	switch {
	case depth == 1:
		if c := body[0] | 0x20; c < 'a' || c > 'z' {
			return false // a marker, or nothing that a list has
		}
		s.layout.fields[len(s.layout.fields)-1].key = string(key)
	case depth == 3 && string(key) == "kind" && s.inItems() && s.open[1].list:
		s.kind(rest)
	}
	if len(rest) == 0 || rest[0] == '#' {
		return s.wait(column, next)
	}
	return s.value(rest, column, next)
}

// wait notes an entry without a value.
func (s *scanner) wait(column, next int) bool {
	s.pending, s.after = true, column
	s.advance(next)
	return true
}

// isDash reports whether an entry of a list begins here.
func isDash(body []byte) bool {
	return body[0] == '-' && (len(body) == 1 || body[1] == ' ')
}
