package krm

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"unicode/utf8"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/suggest"
)

// Kind and APIVersion are those of the lists this package writes.
const (
	Kind       = "ResourceList"
	APIVersion = "config.kubernetes.io/v1"
)

// apiVersions are the accepted versions; their content is the same.
var apiVersions = []string{APIVersion, "config.kubernetes.io/v1beta1"}

// ResourceList is what an orchestrator sends: the items, and how to treat them.
type ResourceList struct {
	// Items are the objects in the order of the stream.
	Items []*Item
	// Beside are the objects of streams that are read beside. They cannot be edited.
	Beside []*Item
	// FunctionConfig is the configuration of the function, nil where there is none.
	FunctionConfig *yaml.Node

	streams []Stream // as they were read; a ResourceList is one
	parts   []*part  // of the streams, in their order
	refused []refusal

	// root has the fields of a ResourceList beside the items, which the layout says the places
	// of, if the items are parts. Else all is one part, and there is no layout.
	root   *yaml.Node
	layout *layout
}

// Read reads one ResourceList, YAML or JSON, to the end of r. The error of anything
// else says what came instead.
func Read(r io.Reader) (*ResourceList, error) {
	text, err := readAll(r)
	if err != nil {
		return nil, fmt.Errorf("stdin: %w", err)
	}
	return Parse(text)
}

// Parse is Read for text in memory. The list keeps the text, which must not change.
func Parse(text []byte) (*ResourceList, error) {
	if l, ok := scan(text); ok {
		if list := sliced(text, l); list != nil {
			return list, nil
		}
	}
	list, err := ParseWhole(text)
	if err != nil || list.root.Column != 1 {
		return list, err
	}
	// Of JSON there may be another text than the stream's.
	if l, ok := locate(list.parts[0].read, list.root); ok {
		if list := sliced(text, l); list != nil {
			return list, nil
		}
	}
	return list, nil
}

// sliced returns the list of a layout, nil where the other fields are not those of a
// ResourceList.
func sliced(text []byte, l layout) *ResourceList {
	if !slices.ContainsFunc(l.fields, func(f region) bool { return f.key == "items" }) {
		return nil
	}
	doc, err := parseDocument(l.without(text, "items"))
	if err != nil || checkTopLevel(doc.Content[0]) != nil {
		return nil
	}
	list := &ResourceList{streams: []Stream{{Text: text}}, root: doc.Content[0], layout: &l, FunctionConfig: edit.Get(doc.Content[0], "functionConfig")}
	list.Items, list.parts = make([]*Item, 0, len(l.items)), make([]*part, 0, len(l.items))
	items, parts := make([]Item, len(l.items)), make([]part, len(l.items))
	for n, r := range l.items {
		parts[n] = part{
			now: text[r.start:r.content], read: text[r.start:r.content], stream: &list.streams[0],
			start: r.start, end: r.content, below: r.end, column: l.column, plain: l.plain,
		}
		items[n] = Item{part: &parts[n], number: n, kind: r.key}
		list.add(&items[n])
	}
	return list
}

// ParseWhole parses the whole document, as Parse does where it cannot do with less. What the
// two make of a list is the same but for the spacing of an edited one.
func ParseWhole(text []byte) (*ResourceList, error) {
	read := text
	doc, err := parseDocument(text)
	if err != nil {
		if rewritten, ok := yamlFromJSON(text); ok {
			read = rewritten
			doc, err = parseDocument(read)
		}
	}
	if err != nil {
		return nil, err
	}
	if err := checkTopLevel(doc.Content[0]); err != nil {
		return nil, err
	}
	list := &ResourceList{streams: []Stream{{Text: text}}, root: doc.Content[0], FunctionConfig: edit.Get(doc.Content[0], "functionConfig")}
	p := &part{now: read, read: read, doc: doc, stream: &list.streams[0], end: len(text), below: len(text), form: wholeForm, shared: true, unscanned: true}
	list.parts = []*part{p}
	all := &Item{part: p}
	for n := range edit.Elements(edit.Get(list.root, "items")) {
		list.add(&Item{part: p, within: all, number: n, kind: oddKind})
	}
	return list, nil
}

// parseDocument parses text that must hold one YAML document; empty ones beside it,
// as a trailing "---" makes them, do not count.
func parseDocument(text []byte) (*yaml.Node, error) {
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return nil, errors.New("stdin: empty: want a " + Kind)
	case !utf8.Valid(text):
		return nil, errors.New("stdin: not UTF-8: want a " + Kind + " in UTF-8")
	case bytes.IndexByte(text, 0) >= 0:
		return nil, errors.New("stdin: holds a NUL byte: want a " + Kind + " in YAML or JSON")
	}
	var found *yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			hint := ""
			if isTemplate(text, err) {
				hint = renderFirst
			}
			return nil, fmt.Errorf("stdin: not YAML: %w: want a %s in YAML or JSON%s", err, Kind, hint)
		}
		if len(doc.Content) == 0 || edit.IsNull(doc.Content[0]) {
			continue
		}
		if found != nil {
			return nil, errors.New("stdin: several YAML documents: want one " + Kind + plainly)
		}
		found = &doc
	}
	if found == nil {
		return nil, errors.New("stdin: empty: want a " + Kind)
	}
	return found, nil
}

// plainly says what to do with what is plain YAML.
const plainly = "; for plain manifests run flux install --export | flux-workload-identity --fn-config FILE, " +
	"for a folder kpt fn source DIR --fn-config FILE | flux-workload-identity | kpt fn sink NEWDIR"

// Sliced reports whether the items are slices of the text, so that each of them stays as it
// came unless it is edited.
func (l *ResourceList) Sliced() bool {
	return l.layout != nil
}

// isManifests reports whether the list is of plain manifests.
func (l *ResourceList) isManifests() bool {
	return l.root == nil
}

// Unsure reports whether an item could not be parsed or printed by itself, so that what was
// made of the list must not be used. Reparse then helps.
func (l *ResourceList) Unsure() bool {
	for _, p := range l.parts {
		p.settle()
	}
	return slices.ContainsFunc(l.parts, func(p *part) bool { return p.broken })
}

// Reparse makes the list what it was when it was read, with items of which nothing rests on
// the scan.
func (l *ResourceList) Reparse() error {
	var again *ResourceList
	var err error
	if l.isManifests() {
		again, err = parseManifests(l.FunctionConfig, l.streams, false)
	} else {
		again, err = ParseWhole(l.streams[0].Text)
	}
	if err == nil {
		*l = *again
	}
	return err
}

// Reset makes the list what it was when it was read.
func (l *ResourceList) Reset() {
	for _, p := range l.parts {
		p.reset()
	}
	if !l.isManifests() && l.layout == nil {
		l.root = l.parts[0].root()
		l.FunctionConfig = edit.Get(l.root, "functionConfig")
	}
}

// Text returns the list as it was read.
func (l *ResourceList) Text() []byte {
	var text []byte
	for _, s := range l.streams {
		if !s.Beside {
			text = append(text, s.Text...)
		}
	}
	return text
}

// Each visits items, with all processors. The visits must not depend on each other.
func Each(items []*Item, visit func(*Item)) {
	workers := min(runtime.GOMAXPROCS(0), len(items)/8+1)
	if workers == 1 || items[0].part.unscanned {
		for _, i := range items {
			visit(i)
		}
		return
	}
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for n, i := range items {
				if n%workers == w && !i.part.shared || w == 0 && i.part.shared {
					i.protected(visit)
				}
			}
		})
	}
	group.Wait()
}

// protected visits the item. A panic, which would end the program in a goroutine, makes the
// list unsure; should it come again when the list is parsed as a whole, it is an error.
func (i *Item) protected(visit func(*Item)) {
	defer func() {
		if recover() != nil {
			i.part.broken = true
		}
	}()
	visit(i)
}

// pieces returns the pieces of a stream: what stays as it came, and the texts of edited parts
// between it; and at a place, -1 for none, something more instead of what is there up to another.
func (s *Stream) pieces(parts []*part, inserted []byte, at, resume int) (pieces [][]byte) {
	from := 0
	for _, p := range parts {
		if p.edited {
			if p.start > at && at >= from {
				pieces = append(pieces, s.Text[from:at], inserted)
				from = resume
			}
			pieces = append(pieces, s.Text[from:p.start], p.text())
			from = p.end
		}
	}
	if at >= from {
		pieces = append(pieces, s.Text[from:at], inserted)
		from = resume
	}
	return append(pieces, s.Text[from:])
}

// checkTopLevel checks what makes a map a ResourceList: the version, the kind, and
// items that are a list, null or absent.
func checkTopLevel(root *yaml.Node) error {
	if !edit.IsMap(root) {
		return fmt.Errorf("stdin: %s: want a %s", edit.Describe(root), Kind)
	}
	for _, field := range []string{"apiVersion", "kind", "items", "functionConfig", "results"} {
		if _, err := edit.Current(root, edit.Path{field}); err != nil {
			return fmt.Errorf("stdin: %w", err)
		}
	}
	if kind := edit.Get(root, "kind"); edit.Text(kind) != Kind {
		hint := ""
		if given := edit.Text(kind); given != "" && suggest.Nearest(given, []string{Kind}) == "" {
			hint = plainly
		}
		return fmt.Errorf("stdin: kind: %s: want %s%s", edit.Describe(kind), Kind, hint)
	}
	if v := edit.Get(root, "apiVersion"); !slices.Contains(apiVersions, edit.Text(v)) {
		return fmt.Errorf("stdin: apiVersion: %s: want %s or %s", edit.Describe(v), apiVersions[0], apiVersions[1])
	}
	for _, field := range []string{"items", "results"} {
		if n := edit.Get(root, field); n != nil && !edit.IsList(n) {
			return fmt.Errorf("stdin: %s: %s: want a list", field, edit.Describe(n))
		}
	}
	return nil
}
