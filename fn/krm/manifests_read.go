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
func readDocuments(documents []*document) {
	workers := min(runtime.GOMAXPROCS(0), len(documents))
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w; i < len(documents); i += workers {
				documents[i].read()
			}
		})
	}
	group.Wait()
}

// read finds what the document is: by the scan where that is sure of it, and by parsing it
// where it is not, or where the kind needs a closer look. A panic, which would end the
// program in a goroutine, becomes an error.
func (d *document) read() {
	defer func() {
		if r := recover(); r != nil {
			d.err = fmt.Errorf("internal error: %v: please report it with the input that caused it", r)
		}
	}()
	if isBlankOrComments(d.text) && printable(d.text) {
		d.empty = true
		return
	}
	if kind, ok := scanDocument(d.text); ok && !slices.Contains(collections, kind) {
		d.kind, d.object, d.plain = kind, true, true
		return
	}
	d.parse()
}

// collections are kinds whose objects hold objects.
var collections = []string{Kind, "List", "ServiceAccountList", "DeploymentList"}

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

// scanDocument returns the kind of an object that the scan of ResourceLists recognises: its
// rules are the same whatever the column. ok is false where it is not sure.
func scanDocument(text []byte) (kind string, ok bool) {
	if text[len(text)-1] != '\n' || !printable(text) {
		return "", false
	}
	s := scanner{text: text}
	if !s.header() {
		return "", false
	}
	for s.pos < len(text) {
		if !s.line() {
			return "", false
		}
	}
	if !s.layout.distinct() {
		return "", false
	}
	for _, f := range s.layout.fields {
		if f.key == "kind" {
			kind = kindOf(text[f.start:f.content])
		}
	}
	return kind, true
}

// kindOf returns the kind where it is a plain word on the line of its key.
func kindOf(field []byte) string {
	field = bytes.TrimRight(field, " \r\n")
	_, value, _ := cutKey(field)
	if len(value) == 0 || bytes.IndexByte(field, '\n') >= 0 {
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

// look notes the kind of an object, and refuses those that hold others, since the function
// would not see these.
func (d *document) look(root *yaml.Node) error {
	if _, err := edit.Current(root, edit.Path{"kind"}); err != nil {
		return nil // left to those who read it
	}
	kind, version := edit.Text(root, "kind"), edit.Text(root, "apiVersion")
	if kind != "" {
		d.kind = kind
	}
	if kind == Kind && strings.HasPrefix(version, "config.kubernetes.io/") {
		return errors.New("a ResourceList: want plain manifests with --fn-config; leave --fn-config out for a ResourceList with a functionConfig of its own")
	}
	if !slices.Contains(collections, kind) || !edit.IsList(edit.Get(root, "items")) {
		return nil
	}
	for _, item := range edit.Elements(edit.Get(root, "items")) {
		inner := edit.Text(item, "kind")
		if inner == "" {
			inner = strings.TrimSuffix(kind, "List")
		}
		if inner == "ServiceAccount" || inner == "Deployment" {
			return fmt.Errorf("a %s with a %s among its items: want each object in a document of its own", kind, inner)
		}
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
	if bytes.Contains(text, []byte("{{")) {
		message += "; render templates first"
	}
	return lineError{line, errors.New(message)}
}

// errorOf says which document an error is about.
func (m *manifests) errorOf(d *document, err error) error {
	s := m.streams[d.stream]
	line := lineOf(s.Text, d.start)
	var at lineError
	if errors.As(err, &at) {
		line, err = line+at.line-1, at.error
	}
	return fmt.Errorf("%s: document %d, line %d: %w", s.name(), d.number+1, line, err)
}
