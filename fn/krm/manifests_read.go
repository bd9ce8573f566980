package krm

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// readDocuments finds what each document is, with all processors.
func readDocuments(documents []document, scan bool) {
	workers := min(runtime.GOMAXPROCS(0), len(documents))
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w; i < len(documents); i += workers {
				documents[i].readSafely(scan)
			}
		})
	}
	group.Wait()
}

// readSafely is read, or parse without the scan, with a panic, which would end the program in a
// goroutine, as an error.
func (d *document) readSafely(scan bool) {
	defer func() {
		if r := recover(); r != nil {
			d.err = fmt.Errorf("internal error: %v: please report it with the input that caused it", r)
		}
	}()
	if scan {
		d.read()
	} else {
		d.parse()
	}
}

// read finds what the document is: by the scan where that is sure of it, and by parsing it
// where it is not.
func (d *document) read() {
	if isBlankOrComments(d.text) && printable(d.text) {
		d.empty = true
		return
	}
	if kind, object, ok := scanDocument(d.text); ok && kind != Kind {
		d.kind, d.object, d.plain = kind, object, true
		return
	}
	d.parse()
}

func isBlankOrComments(text []byte) bool {
	for len(text) > 0 {
		end := lineEnd(text, 0)
		if line := bytes.Trim(text[:end], " \r\n"); len(line) > 0 && line[0] != '#' {
			return false
		}
		text = text[end:]
	}
	return true
}

// scanDocument returns whether a document that the scan recognises is a map, and its kind. The
// rules are those of ResourceLists; besides, it may be a list or a single value. ok is false
// where the scan is not sure.
func scanDocument(text []byte) (kind string, object, ok bool) {
	if text[len(text)-1] != '\n' || !printable(text) {
		return "", false, false
	}
	s := scanner{text: text, lists: true}
	if !s.header() {
		return "", false, false
	}
	line, next := s.peek()
	if _, _, isKey := cutKey(line); !isKey && !isDash(line) {
		object = line[0] == '{'
		column := -1 // of what the value is in
		if line[0] == '|' || line[0] == '>' {
			column = 0 // the parser takes no block at the first column
		}
		if isMarker(line) || isNothing(line) || object && mayHoldKind(line) || bytes.IndexByte(line, '\t') >= 0 || !s.value(line, column, next) {
			return "", false, false
		}
		s.ended = true
	}
	for s.pos < len(text) {
		if !s.line() {
			return "", false, false
		}
	}
	if s.ended || s.open[0].list {
		return "", object, true
	}
	for _, f := range s.layout.fields {
		if f.key == "kind" {
			kind = kindOf(text[f.start:f.content])
		}
	}
	return kind, true, s.layout.distinct()
}

// isNothing reports whether a plain value may be null.
func isNothing(line []byte) bool {
	return line[0] == '~' || len(line) >= 4 && bytes.EqualFold(line[:4], []byte("null"))
}

// kindOf returns the kind where it is a plain word on the line of its key.
func kindOf(field []byte) string {
	field = bytes.TrimRight(field, " \r\n")
	_, value, _ := cutKey(field)
	if bytes.IndexByte(field, '\n') >= 0 {
		return oddKind
	}
	return plainKind(value)
}

// parse finds what the document is by parsing it, and returns its root.
func (d *document) parse() *yaml.Node {
	d.plain = false
	root, err := parseOne(d.text)
	if err != nil {
		if rewritten, ok := yamlFromJSON(d.text); ok {
			d.text = rewritten
			root, err = parseOne(d.text)
		}
	}
	switch {
	case err != nil:
		d.err = err
	case root == nil || edit.IsNull(root):
		d.empty = true
	case root.Kind == yaml.MappingNode:
		d.object, d.kind = true, oddKind
		err := d.look(root)
		if err == nil && hasOddBreaks(d.text) {
			err = d.rewrite(root)
		}
		if err != nil {
			d.err = lineError{root.Line, err}
		}
	}
	return root
}

// look notes the kind of an object, and refuses what has another way in.
func (d *document) look(root *yaml.Node) error {
	if _, err := edit.Current(root, edit.Path{"kind"}); err != nil {
		return nil // left to those who read it
	}
	d.kind = edit.Text(root, "kind")
	if d.kind == Kind && strings.HasPrefix(edit.Text(root, "apiVersion"), "config.kubernetes.io/") {
		return errors.New("a ResourceList: want plain manifests with --fn-config; leave --fn-config out for a ResourceList with a functionConfig of its own")
	}
	if d.kind == "" && slices.ContainsFunc(edit.Pairs(root), func(p edit.Pair) bool { return p.Key == "kind" }) {
		d.kind = oddKind // null, or no string
	}
	return nil
}

// hasOddBreaks reports whether the parser may count other lines in the text than those that
// end in a line feed.
func hasOddBreaks(text []byte) bool {
	return bytes.Count(text, []byte("\r")) != bytes.Count(text, []byte("\r\n")) ||
		bytes.Contains(text, []byte("\u0085")) || bytes.Contains(text, []byte("\u2028")) || bytes.Contains(text, []byte("\u2029"))
}

// rewrite prints the text anew, so that it can be edited by lines.
func (d *document) rewrite(root *yaml.Node) error {
	text, err := encode(&yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{root}}, &yaml.EncoderOptions{})
	if err != nil {
		return err
	}
	printed, err := parseOne(text)
	if err != nil || hasOddBreaks(text) || !edit.Same(printed, root) {
		return errors.New("holds line breaks that not every program takes for such: want lines that end in LF or CRLF")
	}
	d.text = append([]byte(head(d.text)), text...)
	return nil
}

// parseOne returns the root of text that holds one document, nil where it is empty.
func parseOne(text []byte) (*yaml.Node, error) {
	const want = "want plain YAML"
	if !utf8.Valid(text) {
		valid := 0
		for valid < len(text) {
			r, size := utf8.DecodeRune(text[valid:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			valid += size
		}
		return nil, lineError{lineOf(text, valid), errors.New("not UTF-8: " + want + " in UTF-8")}
	}
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return nil, lineError{lineOf(text, i), errors.New("a NUL byte: " + want)}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var doc, more yaml.Node
	err := decoder.Decode(&doc)
	if err == nil {
		err = decoder.Decode(&more)
		if err == nil {
			// The parser takes more for line breaks than split, and has found a marker after one.
			return nil, errors.New("a --- that not every program takes for the end of a document: want lines that end in LF or CRLF")
		}
	}
	if !errors.Is(err, io.EOF) {
		return nil, notYAML(text, err)
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	return doc.Content[0], nil
}

// lineError is an error at a line of a document.
type lineError struct {
	line int
	error
}

var lineInError = regexp.MustCompile(`line (\d+): `)

// notYAML says what the parser has to say, with the line apart, since it is one of the
// document.
func notYAML(text []byte, err error) error {
	message, line := strings.TrimPrefix(err.Error(), "yaml: "), 1
	if at := lineInError.FindStringSubmatchIndex(message); at != nil {
		line, _ = strconv.Atoi(message[at[2]:at[3]])
		message = message[:at[0]] + message[at[1]:]
		if strings.HasPrefix(message, "did not find expected") {
			line++ // the parser counts from 0 here, its scanner from 1
		}
	}
	message = "not YAML: " + message + ": want plain YAML"
	if isTemplate(text, err) {
		message += renderFirst
	}
	return lineError{line, errors.New(message)}
}

// errorAt says which document an error is about.
func (s *Stream) errorAt(start, number int, err error) error {
	line := lineOf(s.Text, start)
	var at lineError
	if errors.As(err, &at) {
		line, err = line+at.line-1, at.error
	}
	return fmt.Errorf("%s: document %d, line %d: %w", s.name(), number+1, line, err)
}
