package krm

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// errReprint means that the printed list, read again, did not hold what it should:
// YAML has corners that its printer does not get right, and a wrong list must not pass.
var errReprint = errors.New("stdin: cannot be printed without changing its data: want simpler comments, anchors or quotes")

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
//
// Of manifests it returns the streams as one, without results, for which they have no place.
func (l *ResourceList) Pieces(results fn.Results) ([][]byte, error) {
	if l.isManifests() {
		return l.together()
	}
	fresh, err := unknownResults(edit.Elements(edit.Get(l.root, "results")), results)
	if err != nil {
		return nil, err
	}
	if l.layout != nil {
		return l.spliced(fresh)
	}
	text, err := l.whole(fresh)
	return [][]byte{text}, err
}

// spliced returns the pieces of a list whose items are slices.
func (l *ResourceList) spliced(fresh fn.Results) ([][]byte, error) {
	output := func(inserted []byte, at, resume int) [][]byte {
		return l.streams[0].pieces(l.parts, inserted, at, resume)
	}
	end := l.layout.tail
	if len(fresh) == 0 {
		return output(nil, end, end), nil
	}
	block, err := yaml.Marshal(fresh)
	if err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	for _, f := range l.layout.fields {
		if f.key != "results" {
			continue
		}
		results := edit.Get(l.root, "results")
		if results != nil && len(results.Content) > 0 && results.Style&yaml.FlowStyle == 0 {
			return output(indent(strings.Repeat(" ", results.Column-1), block), f.content, f.content), nil
		}
		all, err := yaml.Marshal(map[string]any{"results": append(edit.Elements(results), nodesOf(fresh)...)})
		if err != nil {
			return nil, fmt.Errorf("results: %w", err)
		}
		return output(all, f.start, f.content), nil
	}
	return output(append([]byte("results:\n"), block...), end, end), nil
}

// restyles are other forms of block scalars, which hold the same data: the printer gets some
// of them wrong, those with lines that are indented further, folded ones above all.
var restyles = []func(*yaml.Node){func(*yaml.Node) {}, edit.Unfold, edit.Quote}

// whole returns the text of a list that was parsed as a whole. The results are not part of
// its tree, so that it can be written again.
func (l *ResourceList) whole(fresh fn.Results) ([]byte, error) {
	p := l.parts[0]
	if !p.edited && len(fresh) == 0 && edit.Get(l.root, "items") != nil {
		return l.streams[0].Text, nil
	}
	root := *l.root
	root.Content = slices.Clone(l.root.Content)
	appendResults(&root, fresh)
	if !p.edited {
		for _, text := range l.insertions(fresh) {
			if holds(text, &root) {
				return text, nil
			}
		}
	}
	for _, restyle := range restyles {
		restyle(&root)
		text, err := p.printedWhole(&root)
		if err != nil {
			return nil, err
		}
		if holds(text, &root) {
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

// holds reports whether the text, read again, is the list of a root.
func holds(text []byte, root *yaml.Node) bool {
	doc, err := parseDocument(text)
	if err != nil {
		return false
	}
	gotRest, gotResults := withoutResults(doc.Content[0])
	wantRest, wantResults := withoutResults(root)
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

// printedWhole returns a whole list printed anew, with a root of its own. JSON becomes block
// style, sequences are indented as the list of items is.
func (p *part) printedWhole(root *yaml.Node) ([]byte, error) {
	options := &yaml.EncoderOptions{SeqIndent: yaml.CompactSequenceStyle}
	items := edit.Get(root, "items")
	switch {
	case root.Style&yaml.FlowStyle != 0:
		edit.Unflow(root)
	case items != nil && items.Style&yaml.FlowStyle == 0 && items.Column > root.Column:
		options.SeqIndent = yaml.WideSequenceStyle
	}
	doc := *p.tree()
	doc.Content = []*yaml.Node{root}
	text, err := encode(&doc, options)
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
