package krm

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// errReprint is errUnprintable of a ResourceList.
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
	if l.frame == nil {
		return l.together()
	}
	for _, p := range l.parts {
		if p.settle(); p.err != nil {
			return nil, errReprint
		}
	}
	return l.frame.pieces(l, results)
}

// replacement is what stands between two places of a text instead of what stood there.
type replacement struct {
	start, end int
	text       []byte
}

// edits returns what has become of the edited ones among parts, in their order.
func edits(parts []*part) (all []replacement) {
	for _, p := range parts {
		if p.edited {
			all = append(all, replacement{p.start, p.end, p.text()})
		}
	}
	return all
}

// replaced returns the pieces of a text between two places.
func replaced(text []byte, start, end int, with []replacement) (pieces [][]byte) {
	for _, r := range with {
		if r.start >= start && r.end <= end {
			pieces = append(pieces, text[start:r.start], r.text)
			start = r.end
		}
	}
	return append(pieces, text[start:end:end])
}

// pieces returns those of a ResourceList. Whether results can be inserted at a place is found by
// reading what comes of it.
func (f *frame) pieces(l *ResourceList, results fn.Results) ([][]byte, error) {
	text, root := f.rest, f.root
	if f.whole != nil {
		text, root = f.whole.now, f.whole.root()
	}
	fresh, err := unknownResults(edit.Elements(edit.Get(root, "results")), results)
	if err != nil {
		return nil, err
	}
	stream, all := l.streams[0].Text, edits(l.parts)
	if len(fresh) == 0 && edit.Get(root, "items") != nil {
		return replaced(stream, 0, len(stream), all), nil
	}
	nodes, block, err := nodesOf(fresh)
	if err != nil {
		return nil, err
	}
	want := *root
	want.Content = slices.Clone(root.Content)
	if edit.Get(root, "items") == nil {
		edit.SetList(&want, "items", nil)
	}
	if len(fresh) > 0 {
		edit.SetList(&want, "results", append(edit.Elements(edit.Get(root, "results")), nodes...))
	}
	for _, r := range insertions(text, root, &want, block, fresh) {
		with := bytes.Join(replaced(text, 0, len(text), []replacement{r}), nil)
		switch {
		case !holds(with, &want):
		case f.whole != nil:
			return [][]byte{with}, nil
		default:
			for _, at := range []*int{&r.start, &r.end} {
				if *at > f.from {
					*at += f.to - f.from - len(f.standIn)
				}
				*at += f.start
			}
			i := slices.IndexFunc(all, func(e replacement) bool { return e.start >= r.end })
			if i < 0 {
				i = len(all)
			}
			return replaced(stream, 0, len(stream), slices.Insert(all, i, r)), nil
		}
	}
	for _, restyle := range restyles {
		if f.whole == nil {
			break
		}
		restyle(&want)
		if text, err := f.whole.printed(&want); err == nil && holds(text, &want) {
			return [][]byte{text}, nil
		}
	}
	return nil, errReprint
}

// takesResults reports whether results can be inserted into a list whose items are cut out of it.
func takesResults(root *yaml.Node) bool {
	i := slices.IndexFunc(root.Content, func(n *yaml.Node) bool { return n.Value == "results" })
	if i < 0 {
		return true
	}
	results := root.Content[i+1]
	return i%2 == 0 && results.Kind != yaml.AliasNode && results.Anchor == "" && results.Style&yaml.TaggedStyle == 0
}

// insertions returns how the results may be inserted into a list, and an empty list of items where there
// is none; the best first.
func insertions(text []byte, root, want *yaml.Node, block []byte, fresh fn.Results) []replacement {
	items, _ := edit.Current(root, edit.Path{"items"})
	results, _ := edit.Current(root, edit.Path{"results"})
	if root.Style&yaml.FlowStyle != 0 {
		return flowInsertion(text, items, results, fresh)
	}
	if items != nil && edit.IsNull(items) {
		return nil
	}
	end := len(text)
	stop := contentEnd(text)
	if last := 1 + bytes.LastIndexByte(text[:stop-1], '\n'); isMarker(text[last:]) {
		stop = last
	} else {
		stop = end
	}
	if results == nil {
		if len(fresh) > 0 {
			block = append([]byte("results:\n"), block...)
		} else {
			block = nil
		}
		if items == nil {
			block = append([]byte("items: []\n"), block...)
		}
		return blockAt(text, indent(root.Column-1, block), stop, end, lineAt(text, root, "items", 0))
	}
	start, next := lineAt(text, root, "results", 0), min(stop, lineAt(text, root, "results", 2))
	if start >= next {
		return nil
	}
	content := start + contentEnd(text[start:next])
	if results.Style&yaml.FlowStyle == 0 && len(results.Content) > 0 {
		return blockAt(text, indent(results.Column-1, block), content, next, end)
	}
	all, err := yaml.Marshal(map[string]any{"results": edit.Get(want, "results")})
	if err != nil {
		return nil
	}
	return []replacement{{start, content, indent(root.Column-1, all)}}
}

// lineAt returns where the line of a field begins, or of the next one; the end of the text where there
// is none.
func lineAt(text []byte, root *yaml.Node, field string, next int) (at int) {
	i := slices.IndexFunc(root.Content, func(n *yaml.Node) bool { return n.Value == field }) + next
	if i < next || i >= len(root.Content) {
		return len(text)
	}
	for range root.Content[i].Line - 1 {
		at = lineEnd(text, at)
	}
	return at
}

// blockAt inserts lines at one of several places; a text without a line feed at its end has only that.
func blockAt(text, block []byte, places ...int) (all []replacement) {
	if end := len(text); text[end-1] != '\n' {
		return []replacement{{end, end, append([]byte("\n"), block...)}}
	}
	for _, at := range places {
		all = append(all, replacement{at, at, block})
	}
	return all
}

// flowInsertion does the same for a list in JSON, or in YAML's form of it.
func flowInsertion(text []byte, items, results *yaml.Node, fresh fn.Results) []replacement {
	var list bytes.Buffer
	encoder := json.NewEncoder(&list)
	encoder.SetEscapeHTML(false)
	brace := bytes.LastIndexByte(text, '}')
	if encoder.Encode(fresh) != nil || brace < 0 || edit.IsNull(items) || results != nil {
		return nil
	}
	last := len(bytes.TrimRight(text[:brace], " \t\r\n"))
	return []replacement{{last, last, append([]byte(`,"results":`), bytes.TrimSpace(list.Bytes())...)}}
}

// indent returns lines with a margin.
func indent(margin int, text []byte) (out []byte) {
	for line := range bytes.Lines(text) {
		out = append(append(out, bytes.Repeat([]byte(" "), margin)...), line...)
	}
	return out
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

// Manifests returns the streams with the edits. Every byte outside the edited documents
// stays, and in those all that is not edited; a document that cannot be edited by lines is
// printed anew, JSON as YAML. A stream without edits is the one that was read. Streams that are
// read beside are not among them.
func (l *ResourceList) Manifests() ([]Stream, error) {
	if l.frame != nil {
		return nil, errors.New("stdin: a ResourceList: want plain manifests")
	}
	edited := map[*Stream][]*part{}
	for _, p := range l.parts {
		if p.settle(); p.err != nil {
			return nil, p.unprintable()
		}
		if p.edited {
			edited[p.stream] = append(edited[p.stream], p)
		}
	}
	out := make([]Stream, 0, len(l.streams))
	for i := range l.streams {
		s := l.streams[i]
		if all := edited[&l.streams[i]]; all != nil {
			s.Text = bytes.Join(replaced(s.Text, 0, len(s.Text), edits(all)), nil)
		}
		if !s.Beside {
			out = append(out, s)
		}
	}
	return out, nil
}

// StreamsBeside returns the streams that are read beside, as they were read.
func (l *ResourceList) StreamsBeside() (beside []Stream) {
	for _, s := range l.streams {
		if s.Beside {
			beside = append(beside, s)
		}
	}
	return beside
}

// unprintable says why a part cannot be used.
func (p *part) unprintable() error {
	err := p.err
	if _, wrong := parseItem(p.read); wrong != nil {
		err = notYAML(p.read, wrong)
	}
	return p.stream.errorAt(p.start, p.number, err)
}

// together is what Pieces returns of manifests: the streams as one.
func (l *ResourceList) together() ([][]byte, error) {
	streams, err := l.Manifests()
	if err != nil {
		return nil, err
	}
	var pieces [][]byte
	for _, s := range streams {
		text := bytes.TrimPrefix(s.Text, byteOrderMark)
		if len(pieces) == 0 {
			text = s.Text
		}
		if len(text) == 0 {
			continue
		}
		if len(pieces) > 0 {
			pieces = append(pieces, between(pieces[len(pieces)-1], text))
		}
		pieces = append(pieces, text)
	}
	return pieces, nil
}

// between returns what is needed between two streams for them to be one.
func between(before, after []byte) (separator []byte) {
	if before[len(before)-1] != '\n' {
		separator = append(separator, '\n')
	}
	for line := range bytes.Lines(after) {
		switch trimmed := bytes.TrimSpace(line); {
		case len(trimmed) == 0 || trimmed[0] == '#':
			continue
		case line[0] == '%':
			return append(separator, "...\n"...)
		case isMarker(line):
			return separator
		}
		break
	}
	return append(separator, "---\n"...)
}
