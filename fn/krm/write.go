package krm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// errReprint means that the printed list, read again, did not hold what it should:
// YAML has corners that its printer does not get right, and a wrong list must not pass.
var errReprint = errors.New("stdin: cannot be printed without changing its data: simplify its comments, anchors or quotes")

// Bytes returns the list with the results appended to those that came with it; one that
// came already is not repeated.
//
// Every byte that is not of an edited item stays, and new results are inserted as lines of
// their own. Only a list that was parsed as a whole and edited is printed anew: its data,
// order and comments are kept, its spacing is not.
func (l *ResourceList) Bytes(results fn.Results) ([]byte, error) {
	pieces, err := l.Pieces(results)
	if len(pieces) == 1 {
		return pieces[0], err
	}
	return bytes.Join(pieces, nil), err
}

// Pieces is Bytes without the copying: what is to be written, one after the other.
func (l *ResourceList) Pieces(results fn.Results) ([][]byte, error) {
	root := l.doc.Content[0]
	fresh, err := unknownResults(edit.Elements(edit.Get(root, "results")), results)
	if err != nil {
		return nil, err
	}
	if l.layout != nil {
		return l.sliced(fresh)
	}
	text, err := l.whole(fresh)
	return [][]byte{text}, err
}

// sliced returns the pieces of a list whose items are slices.
func (l *ResourceList) sliced(fresh fn.Results) ([][]byte, error) {
	end := l.layout.tail
	if len(fresh) == 0 {
		return l.output(nil, end, end), nil
	}
	block, err := yaml.Marshal(fresh)
	if err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	for _, f := range l.layout.fields {
		if f.key != "results" {
			continue
		}
		results := edit.Get(l.doc.Content[0], "results")
		if results != nil && len(results.Content) > 0 && results.Style&yaml.FlowStyle == 0 {
			return l.output(indent(strings.Repeat(" ", results.Column-1), block), f.content, f.content), nil
		}
		all, err := yaml.Marshal(map[string]any{"results": append(edit.Elements(results), nodesOf(fresh)...)})
		if err != nil {
			return nil, fmt.Errorf("results: %w", err)
		}
		return l.output(all, f.start, f.content), nil
	}
	return l.output(append([]byte("results:\n"), block...), end, end), nil
}

// restyles are other forms of block scalars, which hold the same data: the printer gets some
// of them wrong, those with lines that are indented further, folded ones above all.
var restyles = []func(*yaml.Node){func(*yaml.Node) {}, edit.Unfold, edit.Quote}

// whole returns the text of a list that was parsed as a whole.
func (l *ResourceList) whole(fresh fn.Results) ([]byte, error) {
	root := l.doc.Content[0]
	if !l.edited && len(fresh) == 0 && edit.Get(root, "items") != nil {
		return l.text, nil
	}
	var insertions [][]byte
	if !l.edited {
		insertions = l.insertions(fresh)
	}
	appendResults(root, fresh)
	for _, text := range insertions {
		if l.holds(text) {
			return text, nil
		}
	}
	for _, restyle := range restyles {
		restyle(root)
		text, err := l.print()
		if err != nil {
			return nil, err
		}
		if l.holds(text) {
			return text, nil
		}
	}
	return nil, errReprint
}

// Unreadable returns the list that stands for input which is no ResourceList.
func Unreadable(results fn.Results) []byte {
	text, err := yaml.Marshal(struct {
		APIVersion string     `yaml:"apiVersion"`
		Kind       string     `yaml:"kind"`
		Items      []string   `yaml:"items"`
		Results    fn.Results `yaml:"results"`
	}{APIVersion, Kind, []string{}, results})
	if err != nil {
		panic(err) // plain structs of strings always have a form in YAML
	}
	return text
}

// Reset makes the list what it was when it was read, with new items.
func (l *ResourceList) Reset() {
	original, err := Parse(l.text)
	if err != nil {
		panic(err) // the text was parsed before
	}
	l.become(original)
}

// Text returns the list as it was read.
func (l *ResourceList) Text() []byte {
	return l.text
}

// holds reports whether the text, read again, is the list.
func (l *ResourceList) holds(text []byte) bool {
	doc, err := parseDocument(text)
	if err != nil {
		return false
	}
	got, want := doc.Content[0], l.doc.Content[0]
	gotRest, gotResults := withoutResults(got)
	wantRest, wantResults := withoutResults(want)
	return edit.Same(gotRest, wantRest) && edit.Same(gotResults, wantResults)
}

// withoutResults splits the root into the results, whose place among the other fields does
// not matter, and the rest.
func withoutResults(root *yaml.Node) (rest, results *yaml.Node) {
	rest = &yaml.Node{Kind: root.Kind, Tag: root.Tag, Anchor: root.Anchor}
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == "results" && results == nil {
			results = root.Content[i+1]
		} else {
			rest.Content = append(rest.Content, root.Content[i:i+2]...)
		}
	}
	if results == nil {
		results = &yaml.Node{Kind: yaml.SequenceNode}
	}
	return rest, results
}

// print prints the document anew. JSON becomes block style, sequences are indented as
// the list of items is.
func (l *ResourceList) print() ([]byte, error) {
	root := l.doc.Content[0]
	options := &yaml.EncoderOptions{SeqIndent: yaml.CompactSequenceStyle}
	items := edit.Get(root, "items")
	switch {
	case root.Style&yaml.FlowStyle != 0:
		edit.Unflow(root)
	case items != nil && items.Style&yaml.FlowStyle == 0 && items.Column > root.Column:
		options.SeqIndent = yaml.WideSequenceStyle
	}
	text, err := encode(l.doc, options)
	if err != nil {
		return nil, fmt.Errorf("stdin: cannot be printed: %w", err)
	}
	return text, nil
}

func encode(doc *yaml.Node, options *yaml.EncoderOptions) ([]byte, error) {
	defer edit.Untag(doc)()
	var buffer bytes.Buffer
	encoder := yaml.NewEncoderWithOptions(&buffer, options)
	if err := encoder.Encode(doc); err != nil {
		return nil, err
	}
	if err := encoder.Close(); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}

// unknownResults returns the results that are not among those that came in, once each.
func unknownResults(incoming []*yaml.Node, results fn.Results) (fresh fn.Results, err error) {
	known := map[string]bool{}
	for _, n := range incoming {
		var v any
		if err := n.Decode(&v); err != nil {
			continue // what cannot be decoded is none of ours
		}
		if text, err := json.Marshal(v); err == nil {
			known[string(text)] = true
		}
	}
	for _, r := range results {
		text, err := canonical(r)
		if err != nil {
			return nil, fmt.Errorf("results: %w", err)
		}
		if !known[text] {
			known[text] = true
			fresh = append(fresh, r)
		}
	}
	return fresh, nil
}

// canonical returns a result as JSON with sorted keys, as the one who reads it back has it.
func canonical(r *fn.Result) (string, error) {
	var v any
	text, err := json.Marshal(r)
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err == nil {
		text, err = json.Marshal(v)
	}
	return string(text), err
}

// appendResults appends to the results of the tree, and makes items a list.
func appendResults(root *yaml.Node, fresh fn.Results) {
	if edit.Get(root, "items") == nil {
		edit.SetList(root, "items", nil)
	}
	if len(fresh) > 0 {
		edit.SetList(root, "results", append(edit.Elements(edit.Get(root, "results")), nodesOf(fresh)...))
	}
}

// nodesOf returns the results as nodes.
func nodesOf(results fn.Results) []*yaml.Node {
	var doc yaml.Node
	text, err := yaml.Marshal(results)
	if err == nil {
		err = yaml.Unmarshal(text, &doc)
	}
	if err != nil {
		panic(err) // plain structs always have a form in YAML
	}
	return doc.Content[0].Content
}

// insertions returns the input with the results inserted, and an empty list of items where
// there is none, at the places where that may work, the best first. Which of them does, if
// any, is found by reading them again.
func (l *ResourceList) insertions(fresh fn.Results) [][]byte {
	root := l.doc.Content[0]
	items, _ := edit.Current(root, edit.Path{"items"})
	results, _ := edit.Current(root, edit.Path{"results"})
	if items != nil && edit.IsNull(items) || results != nil && edit.IsNull(results) {
		return nil
	}
	if root.Style&yaml.FlowStyle != 0 {
		return l.flowInsertions(fresh)
	}
	list, err := yaml.Marshal(fresh)
	if err != nil {
		return nil
	}
	lines := splitLines(l.text)
	margin := strings.Repeat(" ", root.Column-1)
	end := len(lines)
	stop := end
	if i := lastContentLine(lines); i > 0 && (bytes.HasPrefix(lines[i], []byte("...")) || bytes.HasPrefix(lines[i], []byte("---"))) {
		stop = i
	}
	if results == nil {
		var block []byte
		if items == nil {
			block = append(block, "items: []\n"...)
		}
		if len(fresh) > 0 {
			block = append(append(block, "results:\n"...), list...)
		}
		block = indent(margin, block)
		places := []int{stop, end}
		for i := 0; i < len(root.Content); i += 2 {
			if root.Content[i].Value == "items" {
				places = append(places, root.Content[i].Line-1)
			}
		}
		return insertAt(lines, block, places...)
	}
	if results.Style&yaml.FlowStyle != 0 || len(results.Content) == 0 || items == nil {
		return nil
	}
	block := indent(strings.Repeat(" ", results.Column-1), list)
	for i := 0; i+2 < len(root.Content); i += 2 {
		if edit.Resolve(root.Content[i+1]) == results {
			next := root.Content[i+2].Line - 1
			return insertAt(lines, block, lastContentLine(lines[:next])+1, next)
		}
	}
	return insertAt(lines, block, stop, end)
}

// flowInsertions does the same for a list in JSON, or in YAML's form of it.
func (l *ResourceList) flowInsertions(fresh fn.Results) [][]byte {
	var list bytes.Buffer
	encoder := json.NewEncoder(&list)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(fresh); err != nil {
		return nil
	}
	brace := bytes.LastIndexByte(l.text, '}')
	root := l.doc.Content[0]
	if brace < 0 || edit.Get(root, "items") == nil || edit.Get(root, "results") != nil {
		return nil
	}
	last := len(bytes.TrimRight(l.text[:brace], " \t\r\n"))
	return [][]byte{bytes.Join([][]byte{
		l.text[:last], []byte(`,"results":`), bytes.TrimSpace(list.Bytes()), l.text[last:],
	}, nil)}
}

// splitLines splits text after each line feed and gives the last line one too.
func splitLines(text []byte) [][]byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	last := len(lines) - 1
	if len(lines[last]) == 0 {
		return lines[:last]
	}
	lines[last] = append(bytes.Clone(lines[last]), '\n')
	return lines
}

// lastContentLine returns the index of the last line that is neither empty nor a comment.
func lastContentLine(lines [][]byte) int {
	for i := len(lines) - 1; i >= 0; i-- {
		if line := bytes.TrimSpace(lines[i]); len(line) > 0 && line[0] != '#' {
			return i
		}
	}
	return -1
}

func indent(margin string, text []byte) []byte {
	if margin == "" {
		return text
	}
	var out []byte
	for _, line := range splitLines(text) {
		out = append(append(out, margin...), line...)
	}
	return out
}

func insertAt(lines [][]byte, block []byte, places ...int) [][]byte {
	var texts [][]byte
	for _, i := range places {
		if i < 0 || i > len(lines) {
			continue // a line count that differs from the parser's, as a lone CR makes it
		}
		texts = append(texts, bytes.Join([][]byte{
			bytes.Join(lines[:i], nil), block, bytes.Join(lines[i:], nil),
		}, nil))
	}
	return texts
}
