package krm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// documentsIn returns all documents of a text as the parser finds them.
func documentsIn(text []byte) (documents []*yaml.Node, err error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var doc yaml.Node
		if err := decoder.Decode(&doc); err != nil {
			if errors.Is(err, io.EOF) {
				return documents, nil
			}
			return nil, err
		}
		documents = append(documents, &doc)
	}
}

// parseDocument parses text that must hold one YAML document, a ResourceList; empty ones beside it, as
// a trailing "---" makes them, do not count.
func parseDocument(text []byte) (found *yaml.Node, err error) {
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return nil, errors.New("stdin: empty: want a " + Kind)
	case !utf8.Valid(text):
		return nil, errors.New("stdin: not UTF-8: want a " + Kind + " in UTF-8")
	case bytes.IndexByte(text, 0) >= 0:
		return nil, errors.New("stdin: holds a NUL byte: want a " + Kind + " in YAML or JSON")
	}
	documents, err := documentsIn(text)
	if err != nil {
		hint := ""
		if isTemplate(text, err) {
			hint = renderFirst
		}
		return nil, fmt.Errorf("stdin: not YAML: %w: want a %s in YAML or JSON%s", err, Kind, hint)
	}
	for _, doc := range documents {
		switch {
		case len(doc.Content) == 0 || edit.IsNull(doc.Content[0]):
		case found != nil:
			return nil, errors.New("stdin: several YAML documents: want one " + Kind + plainly)
		default:
			found = doc
		}
	}
	if found == nil {
		return nil, errors.New("stdin: empty: want a " + Kind)
	}
	return found, nil
}

// parseOne returns the root of text that holds one document of plain manifests, nil where it is empty.
func parseOne(text []byte) (*yaml.Node, error) {
	const want = "want plain YAML"
	if !utf8.Valid(text) {
		line := 1
		for l := range bytes.Lines(text) {
			if !utf8.Valid(l) {
				break
			}
			line++
		}
		return nil, lineError{line, errors.New("not UTF-8: " + want + " in UTF-8")}
	}
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return nil, lineError{lineOf(text, i), errors.New("a NUL byte: " + want)}
	}
	documents, err := documentsIn(text)
	switch {
	case err != nil:
		return nil, notYAML(text, err)
	case len(documents) > 1:
		// The parser takes more for line breaks than split, and has found a marker after one.
		return nil, errors.New("a --- that not every program takes for the end of a document: want lines that end in LF or CRLF")
	case len(documents) == 0 || len(documents[0].Content) == 0:
		return nil, nil
	}
	return documents[0].Content[0], nil
}

// parseItem parses a list of one item. A document that is the item is put into such a list.
func parseItem(text []byte) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 1 && doc.Content[0].Kind == yaml.MappingNode {
		wrap(&doc)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.SequenceNode || len(doc.Content[0].Content) != 1 {
		return nil, fmt.Errorf("not one item: %q", text)
	}
	return &doc, nil
}

func wrap(doc *yaml.Node) {
	doc.Content[0] = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{doc.Content[0]}}
}

// lineError is an error at a line of a document.
type lineError struct {
	line int
	error
}

// lazy returns a regular expression that is compiled when it is first asked for: that of all takes longer
// than the rest of a start.
func lazy(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

var lineInError = lazy(`line (\d+): `)

// notYAML says what the parser has to say, with the line apart, since it is one of the document.
func notYAML(text []byte, err error) error {
	message, line := strings.TrimPrefix(err.Error(), "yaml: "), 1
	if at := lineInError().FindStringSubmatchIndex(message); at != nil {
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

// renderFirst is added to the error of a text that is a template.
const renderFirst = "; render templates first"

var (
	// quoted is a string in which templates do no harm. In one that ends within braces they do:
	// "{{ .x | default "y" }}".
	quoted  = lazy(`"(?:[^"\\{]|\\.|\{[^"{]|\{\{[^"}]*\}\})*"|'(?:[^'{]|\{[^'{]|\{\{[^'}]*\}\})*'`)
	comment = lazy(`(?:^|\s)#.*`)
	// template is what templates are made of: of Helm and of others in Go's language, with braces
	// or brackets; of Terraform; of Jinja; of flux-operator's ResourceSets; of ERB; and variables
	// that stand on a line alone.
	template = lazy(`\{\{|%\{|\{%|^\s*(?:- )?\{#|` +
		`(?:^|:\s|-\s)\s*(?:<<-?\s*[^\s:<>][^<>]*>>|<%.*%>|\[\[-?\s[^\[\],]*\s-?\]\])|` +
		`^\s*(?:- )?(?:\$\w+|\$\{[^}]*\}|\$\([^)]*\)|@[\w.-]+@|__\w+__)\s*$`)
)

// isTemplate reports whether a text that the parser refuses shows a template where it does so.
func isTemplate(text []byte, err error) bool {
	lines := bytes.SplitAfter(text, []byte("\n"))
	ends, end := make([]int, len(lines)), 0
	for i, line := range lines {
		end += len(line)
		ends[i] = end
	}
	// The line that the parser names may be that of what it is in. It reads no further than to
	// the one at fault, so that the text up to there fails alike.
	fails := func(i int) bool {
		_, again := documentsIn(text[:ends[i]])
		return again != nil && again.Error() == err.Error()
	}
	from := 0
	if at := lineInError().FindStringSubmatch(err.Error()); at != nil {
		named, _ := strconv.Atoi(at[1])
		from = min(max(0, named-2), len(lines)-1)
	}
	to := from
	for step := 1; to < len(lines)-1 && !fails(to); step *= 2 {
		from, to = to, min(to+step, len(lines)-1)
	}
	at := from + sort.Search(to-from, func(i int) bool { return fails(from + i) })
	const before = 2 // lines: it may be at fault that the one above was no key
	for _, line := range lines[max(0, at-before) : at+1] {
		if template().Match(comment().ReplaceAll(quoted().ReplaceAll(bytes.TrimRight(line, "\r\n"), nil), nil)) {
			return true
		}
	}
	return false
}

// jsonEscape matches the escapes of JSON, and tabs, which lie outside of its strings.
var jsonEscape = lazy(`\t|\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u....|.)`)

// orJSON parses a text as YAML, and as JSON where it is none. It returns the text that was parsed.
func orJSON(text []byte, parse func([]byte) (*yaml.Node, error)) (read []byte, n *yaml.Node, err error) {
	if n, err = parse(text); err != nil && json.Valid(text) {
		text = yamlFromJSON(text)
		n, err = parse(text)
	}
	return text, n, err
}

// yamlFromJSON rewrites the escapes of JSON strings that YAML lacks: \/ and the two halves in which
// JSON writes what lies beyond 16 bits. Tabs become blanks.
func yamlFromJSON(text []byte) []byte {
	return jsonEscape().ReplaceAllFunc(text, func(escape []byte) []byte {
		isHalf := len(escape) == 6 && strings.ContainsRune("dD", rune(escape[2])) && escape[3] > '7'
		switch {
		case escape[0] == '\t':
			return []byte(" ")
		case len(escape) != 12 && !isHalf && escape[1] != '/':
			return escape
		}
		var character string
		_ = json.Unmarshal([]byte(`"`+string(escape)+`"`), &character) // half of one is U+FFFD
		return []byte(character)
	})
}
