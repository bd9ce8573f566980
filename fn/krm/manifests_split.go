package krm

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
)

// document is what lies between two markers of a stream.
type document struct {
	start, end int // in the text of the stream

	// text is that part; of JSON it may be another form, which YAML can read.
	text   []byte
	kind   string // as an item has it
	object bool   // it is a map
	empty  bool   // it holds nothing but comments
	plain  bool   // the scan has recognised all of it
	err    error  // why it cannot be taken
}

var byteOrderMark = []byte("\ufeff")

// split returns the documents of a stream. Their texts begin below the marker; but one with
// content on the line of its marker begins with that line.
//
// A line that begins with --- or ... is a marker wherever it stands, within block scalars
// and quotes too: YAML has no way to write it as content there.
func split(text []byte) (documents []document, err error) {
	start := 0
	if bytes.HasPrefix(text, byteOrderMark) {
		start = len(byteOrderMark)
	}
	s := newSplitter(text, start)
	documents = make([]document, 0, len(s.starts)+len(s.ends)-1)
	bare := true // directives may stand here
	for from := start; ; {
		at := s.marker(from)
		isStart := at < len(text) && text[at] == '-'
		directive := ""
		if isStart && bare {
			directive = directiveIn(text[start:at])
		}
		switch {
		case directive == "" && start < at:
			documents = append(documents, document{start: start, end: at, text: text[start:at:at]})
		case directive != "" && directive != "%YAML": // which changes nothing
			hint := ""
			if strings.HasPrefix(directive, "%{") { // Terraform's
				hint = renderFirst
			}
			return nil, fmt.Errorf("line %d: %q: want no directives but %%YAML%s", lineOf(text, start), directive, hint)
		}
		if at == len(text) {
			return documents, nil
		}
		from = lineEnd(text, at)
		rest := bytes.TrimSpace(text[at+3 : from])
		switch {
		case len(rest) == 0 || rest[0] == '#' && !hasOddBreaks(rest): // which would end the comment
			start = from
		case isStart:
			start = at
		default:
			return nil, fmt.Errorf("line %d: %q: want nothing after ... but a comment", lineOf(text, at), rest)
		}
		bare = !isStart
	}
}

// splitter finds markers from the beginning of a text to its end.
type splitter struct {
	text         []byte
	starts, ends []int // where the markers lie that are still to come
}

// newSplitter looks for both markers at once, each of which takes a look at every byte.
func newSplitter(text []byte, from int) *splitter {
	s := &splitter{text: text}
	var group sync.WaitGroup
	group.Go(func() { s.ends = markers(text, from, "...") })
	s.starts = markers(text, from, "---")
	group.Wait()
	return s
}

// marker returns where the first marker lies that begins at or after a position, the end of
// the text if there is none.
func (s *splitter) marker(from int) int {
	for s.starts[0] < from {
		s.starts = s.starts[1:]
	}
	for s.ends[0] < from {
		s.ends = s.ends[1:]
	}
	return min(s.starts[0], s.ends[0])
}

// markers returns where the lines of a marker begin, and the end of the text.
func markers(text []byte, from int, word string) (found []int) {
	if bytes.HasPrefix(text[from:], []byte(word)) && isMarkerAt(text, from) {
		found = append(found, from)
	}
	line := []byte("\n" + word)
	for {
		next := bytes.Index(text[from:], line)
		if next < 0 {
			return append(found, len(text))
		}
		if from += next + 1; isMarkerAt(text, from) {
			found = append(found, from)
		}
	}
}

// isMarkerAt reports whether the three bytes at a position are a word.
func isMarkerAt(text []byte, at int) bool {
	return at+3 == len(text) || bytes.IndexByte([]byte(" \t\r\n"), text[at+3]) >= 0
}

// directiveIn returns the name of the directives in a text that holds nothing else but
// comments: the first that is not %YAML, if there is one. It is "" for any other text.
func directiveIn(text []byte) (name string) {
	for len(text) > 0 {
		end := lineEnd(text, 0)
		line := bytes.TrimSpace(text[:end])
		switch {
		case len(line) == 0 || line[0] == '#':
		case text[0] != '%':
			return ""
		case name == "" || name == "%YAML":
			name = string(bytes.Fields(line)[0])
		}
		text = text[end:]
	}
	return name
}

// lineEnd returns where the line after that of a position begins.
func lineEnd(text []byte, at int) int {
	if end := bytes.IndexByte(text[at:], '\n'); end >= 0 {
		return at + end + 1
	}
	return len(text)
}

// lineOf returns the number of the line of a position, from 1.
func lineOf(text []byte, at int) int {
	return 1 + bytes.Count(text[:at], []byte("\n"))
}
