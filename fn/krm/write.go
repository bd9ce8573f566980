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

// pieces returns those of a ResourceList.
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
	r, ok := insertion(text, root, &want, block, fresh)
	isNew := fieldOf(root, "results") < 0 && f.whole == nil // one field more at the end of a map in block style
	ok = ok && (isNew || holds(bytes.Join(replaced(text, 0, len(text), []replacement{r}), nil), &want))
	switch {
	case !ok && f.whole == nil:
		return nil, errReprint
	case !ok:
		return f.whole.printedWith(&want)
	case f.whole != nil:
		return replaced(text, 0, len(text), []replacement{r}), nil
	}
	for _, at := range []*int{&r.start, &r.end} { // in the stream
		if *at += f.start; *at > f.start+f.from {
			*at += f.to - f.from - len(f.standIn)
		}
	}
	all = append(all, r)
	slices.SortFunc(all, func(a, b replacement) int { return a.start - b.start })
	return replaced(stream, 0, len(stream), all), nil
}

// printedWith returns a list printed anew, with a root of its own.
func (p *part) printedWith(root *yaml.Node) ([][]byte, error) {
	for _, restyle := range edit.Restyles {
		restyle(root)
		if text, err := p.printed(root); err == nil && holds(text, root) {
			return [][]byte{text}, nil
		}
	}
	return nil, errReprint
}

// takesResults reports whether results can be inserted into a list whose items are cut out of it.
func takesResults(root *yaml.Node) bool {
	i := fieldOf(root, "results")
	return i < 0 || root.Content[i+1].Kind != yaml.AliasNode && root.Content[i+1].Anchor == "" && root.Content[i+1].Style&yaml.TaggedStyle == 0
}

// fieldOf returns the place of a field in the content of a map, -1 if there is none.
func fieldOf(m *yaml.Node, name string) int {
	for i := 0; i < len(m.Content); i += 2 {
		if m.Content[i].Value == name {
			return i
		}
	}
	return -1
}

// insertion puts the results into the text of a list, and an empty list of items where there is none, as
// lines of their own. ok is false where they have no place; what comes of it must be read again.
func insertion(text []byte, root, want *yaml.Node, block []byte, fresh fn.Results) (r replacement, ok bool) {
	items, results := fieldOf(root, "items"), fieldOf(root, "results")
	switch {
	case root.Style&yaml.FlowStyle != 0:
		if r, ok = flowInsertion(text, fresh); !ok || results >= 0 {
			return r, false
		}
	case items >= 0 && edit.IsNull(root.Content[items+1]):
		return r, false
	case results >= 0:
		if r, ok = besideResults(text, root, want, results, block); !ok {
			return r, false
		}
	default:
		if len(fresh) > 0 {
			block = append([]byte("results:\n"), block...)
		} else {
			block = nil
		}
		if items < 0 {
			block = append([]byte("items: []\n"), block...)
		}
		end := beforeMarker(text)
		r = replacement{end, end, indent(root.Column-1, block)}
	}
	if r.end == len(text) && text[r.end-1] != '\n' {
		r.text = append([]byte("\n"), r.text...)
	}
	return r, true
}

// besideResults adds to the results that are there, at a place in the content of the root.
func besideResults(text []byte, root, want *yaml.Node, at int, block []byte) (r replacement, ok bool) {
	start, next := lineStart(text, root.Content[at].Line), beforeMarker(text)
	if at+2 < len(root.Content) {
		next = lineStart(text, root.Content[at+2].Line)
	}
	if start >= next {
		return r, false // all on one line
	}
	content := start + contentEnd(text[start:next])
	old := edit.Resolve(root.Content[at+1])
	if endsInBlock(old) {
		content = next // what looks like a comment may be text
	}
	if old.Style&yaml.FlowStyle == 0 && len(old.Content) > 0 {
		return replacement{content, content, indent(old.Column-1, block)}, true
	}
	all, err := yaml.Marshal(map[string]any{"results": edit.Get(want, "results")})
	return replacement{start, content, indent(root.Column-1, all)}, err == nil
}

// lineStart returns where a line begins, which is counted from 1.
func lineStart(text []byte, line int) (at int) {
	for range line - 1 {
		at = lineEnd(text, at)
	}
	return at
}

// flowInsertion puts them into a list in JSON, or in YAML's form of it.
func flowInsertion(text []byte, fresh fn.Results) (r replacement, ok bool) {
	var list bytes.Buffer
	encoder := json.NewEncoder(&list)
	encoder.SetEscapeHTML(false)
	last := len(bytes.TrimRight(text[:max(0, bytes.LastIndexByte(text, '}'))], " \t\r\n"))
	err := encoder.Encode(fresh)
	return replacement{last, last, append([]byte(`,"results":`), bytes.TrimSpace(list.Bytes())...)}, err == nil
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
	return edit.Same(resultsLast(doc.Content[0]), resultsLast(root))
}

// resultsLast returns the root with the results, whose place does not matter, behind the other fields.
func resultsLast(root *yaml.Node) *yaml.Node {
	i := fieldOf(root, "results")
	if i < 0 {
		return root
	}
	last := *root
	last.Content = slices.Concat(root.Content[:i], root.Content[i+2:], root.Content[i:i+2])
	return &last
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
