package krm

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// chunk is what lies between two markers of a stream, or from one dash of a list to the next: an
// object that stands by itself, if it can be read at all.
type chunk struct {
	start, end int    // in the text that it is a part of
	below      int    // where the blank lines and comments end that follow it in its list
	dash       int    // the column of its dash, -1 for a document
	text       []byte // that part; of JSON it may be another form, which YAML can read

	kind   string
	named  bool  // it has a kind, which may be no string
	object bool  // it is a map
	empty  bool  // it holds nothing but comments
	plain  bool  // the scan has recognised all of it
	err    error // why it cannot be taken
}

// readChunks finds what each chunk is.
func readChunks(chunks []chunk) {
	parallel(len(chunks), func(i int) { chunks[i].read() })
}

// parallel visits numbers from 0, with all processors: each takes the next when it is done with one, as
// the large objects of installs come at regular places. A panic is one of the caller's.
func parallel(n int, visit func(int)) {
	faults := make([]any, min(runtime.GOMAXPROCS(0), n/8+1))
	var taken atomic.Int64
	var group sync.WaitGroup
	for w := range faults {
		group.Go(func() {
			defer func() { faults[w] = recover() }()
			for i := int(taken.Add(1)); i <= n; i = int(taken.Add(1)) {
				visit(i - 1)
			}
		})
	}
	group.Wait()
	if i := slices.IndexFunc(faults, func(fault any) bool { return fault != nil }); i >= 0 {
		panic(faults[i])
	}
}

// read finds what the chunk is: by the scan where that is sure of it, and else by parsing it.
func (c *chunk) read() {
	if c.dash < 0 && isTrivia(c.text) && printable(c.text) {
		c.empty = true
		return
	}
	s, ok := scan(c.text, c.dash)
	switch {
	case ok && s.kind != unknown && (s.kind != Kind || c.dash >= 0):
		c.kind, c.named, c.object, c.plain = s.kind, s.kind != "", s.object, true
		if c.dash >= 0 {
			c.end -= len(c.text) - s.end
			c.text = c.text[:s.end:s.end]
		}
	case c.dash >= 0:
		c.parseElement()
	default:
		c.parse()
	}
}

// isTrivia reports whether a text holds blank lines and comments alone.
func isTrivia(text []byte) bool {
	return contentEnd(text) == 0
}

// contentEnd returns the end of the last line that is neither blank nor a comment.
func contentEnd(text []byte) int {
	for end := len(text); end > 0; {
		start := 1 + bytes.LastIndexByte(text[:end-1], '\n')
		if line := bytes.Trim(text[start:end], " \r\n"); len(line) > 0 && line[0] != '#' {
			return end
		}
		end = start
	}
	return 0
}

// parseElement finds what an item of a list is by parsing it. What follows the last line with content
// is no part of it, unless it is of a block scalar.
func (c *chunk) parseElement() {
	doc, err := parseItem(c.text)
	if err == nil && hasOddBreaks(c.text) {
		err = errUnprintable // the parser counts other lines
	}
	if c.err = err; err != nil {
		return
	}
	if end := contentEnd(c.text); end < len(c.text) {
		if trimmed, err := parseItem(c.text[:end]); err == nil && edit.Same(trimmed, doc) {
			c.end, c.text = c.start+end, c.text[:end:end]
		}
	}
	c.look(doc.Content[0].Content[0])
}

// look notes the kind of an object.
func (c *chunk) look(root *yaml.Node) {
	c.object = edit.IsMap(root)
	c.kind = edit.Text(root, "kind")
	c.named = hasKind(root)
}

func hasKind(object *yaml.Node) bool {
	return slices.ContainsFunc(edit.Pairs(object), func(p edit.Pair) bool { return p.Key == "kind" })
}

// parse finds what a document is by parsing it, and returns its root.
func (c *chunk) parse() *yaml.Node {
	text, root, err := orJSON(c.text, parseOne)
	c.text = text
	switch {
	case err != nil:
		c.err = err
	case edit.IsNull(root):
		c.empty = true
	case root.Kind == yaml.MappingNode:
		c.look(root)
		switch {
		case c.kind == Kind && strings.HasPrefix(edit.Text(root, "apiVersion"), "config.kubernetes.io/"):
			err = errors.New("a ResourceList: want plain manifests with --fn-config; leave --fn-config out for a ResourceList with a functionConfig of its own")
		case hasOddBreaks(c.text):
			err = c.rewrite(root)
		}
		if err != nil {
			c.err = lineError{root.Line, err}
		}
	}
	return root
}

// hasOddBreaks reports whether the parser may count other lines in the text than those that end in a
// line feed.
func hasOddBreaks(text []byte) bool {
	return bytes.Count(text, []byte("\r")) != bytes.Count(text, []byte("\r\n")) ||
		bytes.Contains(text, []byte("\u0085")) || bytes.Contains(text, []byte("\u2028")) || bytes.Contains(text, []byte("\u2029"))
}

// rewrite prints the text anew, so that it can be edited by lines.
func (c *chunk) rewrite(root *yaml.Node) error {
	text, err := encode(&yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{root}}, &yaml.EncoderOptions{})
	if err != nil {
		return err
	}
	printed, err := parseOne(text)
	if err != nil || hasOddBreaks(text) || !edit.Same(printed, root) {
		return errors.New("holds line breaks that not every program takes for such: want lines that end in LF or CRLF")
	}
	c.text = append([]byte(head(c.text)), text...)
	return nil
}

var byteOrderMark = []byte("\ufeff")

// split returns the documents of a stream. Their texts begin below the marker; but one with content on
// the line of its marker begins with that line.
//
// A line that begins with --- or ... is a marker wherever it stands, within block scalars and quotes
// too: YAML has no way to write it as content there.
func split(text []byte) (documents []chunk, err error) {
	start := 0
	if bytes.HasPrefix(text, byteOrderMark) {
		start = len(byteOrderMark)
	}
	bare := true // directives may stand here
	ends := -1   // where the next ... lies
	for from := start; ; {
		if ends < from {
			ends = marker(text, from, "...")
		}
		at := min(ends, from+marker(text[from:ends], 0, "---"))
		isStart := at < len(text) && text[at] == '-'
		directive := ""
		if isStart && bare {
			directive = directiveIn(text[start:at])
		}
		switch {
		case directive == "" && start < at:
			documents = append(documents, chunk{start: start, end: at, below: at, dash: -1, text: text[start:at:at]})
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

// marker returns where the next line begins that is a marker, the end of the text if there is none.
func marker(text []byte, from int, word string) int {
	for !bytes.HasPrefix(text[from:], []byte(word)) || !isMarker(text[from:]) {
		next := bytes.Index(text[from:], []byte("\n"+word))
		if next < 0 {
			return len(text)
		}
		from += next + 1
	}
	return from
}

// isMarker reports whether a text begins with a marker: a word at the beginning of a line.
func isMarker(text []byte) bool {
	return (bytes.HasPrefix(text, []byte("---")) || bytes.HasPrefix(text, []byte("..."))) &&
		(len(text) == 3 || bytes.IndexByte([]byte(" \t\r\n"), text[3]) >= 0)
}

// directiveIn returns the name of the directives in a text that holds nothing else but comments: the
// first that is not %YAML, if there is one. It is "" for any other text.
func directiveIn(text []byte) (name string) {
	for line := range bytes.Lines(text) {
		switch words := bytes.Fields(line); {
		case len(words) == 0 || words[0][0] == '#':
		case line[0] != '%':
			return ""
		case name == "" || name == "%YAML":
			name = string(words[0])
		}
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

// listing is what a list in block style holds: a ResourceList, or a List among the objects.
type listing struct {
	items []chunk
	// The text with an empty list in the place of the lines of the items, which lie between two places
	// of it; and its root.
	rest     []byte
	standIn  string
	root     *yaml.Node
	from, to int
}

// listIn cuts the items out of the text of an object, whose dash counts as a blank. ok is false where
// it is not sure that the parser finds them there: the fields of the rest must begin where their lines
// do, and each item must be one by itself, without the anchors of others.
func listIn(text []byte, dash int) (l listing, ok bool) {
	margin, column := -1, -1 // of the fields and of the dashes
	inItems := false
	var inner []byte // what a line of an item begins with
	var fields []int // the lines in the rest at which they begin
	for pos, lines := 0, 0; pos < len(text); {
		if inItems && column >= 0 && bytes.HasPrefix(text[pos:], inner) {
			pos = lineEnd(text, pos)
			continue
		}
		start := pos
		body, indent, next := peek(text, pos, dash)
		pos = next
		switch {
		case len(body) == 0 || body[0] == '#':
		case isDash(body) && inItems && indent >= margin && (column < 0 || indent == column):
			if column = indent; len(l.items) == 0 {
				l.from = start
				lines++
				inner = bytes.Repeat([]byte(" "), column+1)
			}
			l.items = append(l.items, chunk{start: start, dash: column})
		case isDash(body) && !inItems && margin >= 0 && indent == margin: // of a list that is another field
		case margin < 0 || indent == margin:
			key, value, _ := cutKey(body) // readRest sees whether it is one
			if string(key) == "items" && (len(l.items) > 0 || len(value) > 0 && value[0] != '#') {
				return listing{}, false
			}
			if margin = indent; inItems {
				l.to = start
			}
			inItems = string(key) == "items"
			fields = append(fields, lines+1)
		case indent < margin || inItems && column >= 0:
			return listing{}, false
		}
		if column < 0 || !inItems {
			lines++
		}
	}
	if len(l.items) == 0 {
		return listing{}, false
	}
	if inItems {
		l.to = len(text)
	}
	for i := range l.items {
		c := &l.items[i]
		c.end = l.to
		if i+1 < len(l.items) {
			c.end = l.items[i+1].start
		}
		c.below, c.text = c.end, text[c.start:c.end:c.end]
	}
	l.standIn = strings.Repeat(" ", margin+1) + "[]\n"
	l.rest = slices.Concat(text[:l.from], []byte(l.standIn), text[l.to:])
	if dash >= 0 {
		l.rest[dash] = ' '
	}
	return l, l.readRest(margin, fields) && l.readItems()
}

// readRest parses all but the items, in which the fields are to begin at lines.
func (l *listing) readRest(margin int, lines []int) bool {
	doc, err := parseDocument(l.rest)
	if err != nil || hasOddBreaks(l.rest) {
		return false
	}
	l.root = doc.Content[0]
	if l.root.Kind != yaml.MappingNode || l.root.Style&yaml.FlowStyle != 0 || l.root.Anchor != "" ||
		len(l.root.Content) != 2*len(lines) || len(edit.Elements(edit.Get(l.root, "items"))) > 0 {
		return false
	}
	for i, line := range lines {
		if key := l.root.Content[2*i]; key.Line != line || key.Column != margin+1 {
			return false
		}
	}
	return true
}

// readItems finds what the items are.
func (l *listing) readItems() bool {
	readChunks(l.items)
	hasAliases := bytes.IndexByte(l.rest, '*') >= 0
	return !slices.ContainsFunc(l.items, func(c chunk) bool {
		return c.err != nil || hasAliases && !c.plain && bytes.IndexByte(c.text, '&') >= 0
	})
}
