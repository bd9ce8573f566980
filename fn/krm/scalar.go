package krm

import (
	"bytes"
	"strconv"
)

// This file is the part of the scan that knows the forms of a value.

// cutKey splits "key: value" or "key:". The key is a plain word or quoted without escapes;
// rest is the value without the blanks before it.
func cutKey(body []byte) (key, rest []byte, ok bool) {
	end := 0 // of the key, where the colon is
	switch c := body[0]; {
	case c == '"' || c == '\'':
		end = bytes.IndexByte(body[1:], c) + 2
		if end < 2 || end >= len(body) || body[end] != ':' || bytes.IndexByte(body[:end], '\\') >= 0 {
			return nil, nil, false
		}
		key = body[1 : end-1]
	case !isWordStart(c):
		return nil, nil, false
	default:
		for end = bytes.IndexByte(body, ':'); end >= 0 && end+1 < len(body) && body[end+1] != ' '; {
			next := bytes.IndexByte(body[end+1:], ':')
			if next < 0 {
				return nil, nil, false
			}
			end += 1 + next
		}
		if end < 0 || body[end-1] == ' ' || bytes.Contains(body[:end], []byte(" #")) {
			return nil, nil, false
		}
		key = body[:end]
	}
	const maxKey = 1000 // the parser takes 1024
	if len(key) > maxKey || end+1 < len(body) && body[end+1] != ' ' {
		return nil, nil, false
	}
	return key, bytes.TrimLeft(body[end+1:], " "), true
}

// isWordStart reports whether a plain word may begin so. It leaves out some that YAML takes.
func isWordStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80 ||
		bytes.IndexByte([]byte("_/.$()^~+=;\\"), c) >= 0
}

// plain reports whether text is that of a plain scalar on one line; first says that it
// begins there, and does not go on from the line before.
func plain(text []byte, first bool) bool {
	if first {
		switch c := text[0]; c {
		case '-', '?', ':':
			if len(text) == 1 || text[1] == ' ' {
				return false
			}
		default:
			if !isWordStart(c) && c != '<' {
				return false
			}
		}
	}
	for i := 0; ; i++ {
		next := bytes.IndexByte(text[i:], ':')
		if next < 0 {
			break
		}
		if i += next; i+1 == len(text) || text[i+1] == ' ' {
			return false
		}
	}
	return !bytes.Contains(text, []byte(" #"))
}

// value takes the value of an entry whose collection begins at the column, up to the end of
// its last line.
func (s *scanner) value(rest []byte, column, next int) bool {
	switch rest[0] {
	case '"', '\'':
		return s.quoted(rest, column)
	case '|', '>':
		return s.block(rest, column, next)
	case '[', '{':
		if len(s.open) == 2 && s.inItems() && mayHoldKind(rest) {
			s.kind(nil) // of an item
		}
		after, ok := flow(rest, 0)
		s.advance(next)
		return ok && isEnd(after)
	}
	text, _, commented := bytes.Cut(rest, []byte(" #"))
	if !plain(text, true) {
		return false
	}
	s.scalar, s.closed, s.after = true, commented, column
	s.advance(next)
	return true
}

// isEnd reports whether nothing but a comment follows on the line.
func isEnd(rest []byte) bool {
	trimmed := bytes.TrimLeft(rest, " ")
	return len(trimmed) == 0 || trimmed[0] == '#' && len(trimmed) < len(rest)
}

// quoted takes a quoted scalar, over lines that are indented further than the column.
func (s *scanner) quoted(rest []byte, column int) bool {
	quote, text := rest[0], s.text
	i := cap(text) - cap(rest) + 1
	for {
		switch c := text[i]; {
		case c == quote && quote == '\'' && text[i+1] == quote:
			i++
		case c == quote:
			s.pos = i + 1
			after, next := s.peek()
			s.advance(next)
			return isEnd(after)
		case c == '\\' && quote == '"':
			size := escape(text[i+1:])
			if size == 0 {
				return false
			}
			i += size
			if text[i] == '\n' && !s.continues(i+1, column) {
				return false
			}
		case c == '\t':
			return false
		case c == '\n' && !s.continues(i+1, column):
			return false
		}
		if i++; i >= len(text) {
			return false
		}
	}
}

// continues reports whether the line at i, and those after blank ones, go on with what
// began at the column.
func (s *scanner) continues(i, column int) bool {
	indent := 0
	for ; i < len(s.text); i++ {
		switch s.text[i] {
		case ' ':
			indent++
		case '\r':
		case '\n':
			indent = 0
		default:
			return indent > column
		}
	}
	return false
}

// escape returns the length of the escape that begins after a backslash, 0 for one that is
// not sure to be right.
func escape(text []byte) int {
	digits := 0
	switch text[0] {
	case '0', 'a', 'b', 't', 'n', 'v', 'f', 'r', 'e', ' ', '"', '\\', '\n':
		return 1
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	}
	if digits == 0 || len(text) <= digits {
		return 0
	}
	n, err := strconv.ParseUint(string(text[1:digits+1]), 16, 32)
	if err != nil || n >= 0xd800 && n < 0xe000 || n > 0x10ffff {
		return 0
	}
	return 1 + digits
}

// block takes a block scalar; rest begins with its header.
func (s *scanner) block(rest []byte, column, next int) bool {
	indent, keep := 0, false // of the content; whether blank lines at its end count
	i := 1
	for ; i < len(rest) && rest[i] != ' '; i++ {
		switch c := rest[i]; {
		case (c == '+' || c == '-') && !bytes.ContainsAny(rest[1:i], "+-"):
			keep = c == '+'
		case c >= '1' && c <= '9' && indent == 0:
			indent = column + int(c-'0')
		default:
			return false
		}
	}
	if !isEnd(rest[i:]) {
		return false
	}
	s.advance(next)
	blanks := 0 // the longest of the blank lines at the beginning
	for s.pos < len(s.text) {
		line, next := s.peek()
		spaces := len(line) - len(bytes.TrimLeft(line, " "))
		switch {
		case spaces == len(line):
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
			if indent = spaces; blanks > indent || line[spaces] == '\t' {
				return false
			}
		case spaces < indent:
			return true
		}
		s.advance(next)
	}
	return true
}
