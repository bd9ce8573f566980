package krm

import "unicode/utf8"

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
