package krm

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"

	"github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// Stream is a text of plain YAML documents, such as flux install --export prints.
type Stream struct {
	Path string // of its file, "" for stdin
	Text []byte
}

// ReadStream reads a stream to the end of r.
func ReadStream(path string, r io.Reader) (Stream, error) {
	s := Stream{Path: path}
	var err error
	if s.Text, err = readAll(r); err != nil {
		return s, fmt.Errorf("%s: %w", s.name(), err)
	}
	return s, nil
}

// name is what errors call the stream.
func (s Stream) name() string {
	if s.Path == "" {
		return "stdin"
	}
	return s.Path
}

// manifests is what a list keeps of the streams that its items come from. Every item is a
// slice of a stream, as those of a ResourceList are slices of that, and is edited in the
// same way; but it is a document, where theirs begin with a dash.
type manifests struct {
	streams   []Stream
	documents []*document // those of the items, in their order
	counts    []int       // of the documents in each stream
	reparsed  bool        // nothing of it rests on the scan
}

// ParseManifests returns the objects of plain YAML streams as the items of a list, with the
// functionConfig of another stream, which must hold one document. The list keeps the texts,
// which must not change. Manifests returns them with the edits; what is no object passes
// through.
func ParseManifests(functionConfig Stream, streams ...Stream) (*ResourceList, error) {
	config, err := parseConfig(functionConfig.Text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cmp.Or(functionConfig.Path, "functionConfig"), err)
	}
	m := &manifests{streams: streams}
	var all []*document
	for i := range streams {
		documents, err := split(streams[i].Text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", streams[i].name(), err)
		}
		for _, d := range documents {
			d.stream = i
		}
		all = append(all, documents...)
	}
	readDocuments(all)
	if err := m.keep(all); err != nil {
		return nil, err
	}
	return m.list(config), nil
}

// parseConfig returns the functionConfig that a text holds, nil where it holds nothing.
func parseConfig(text []byte) (config *yaml.Node, err error) {
	documents, err := split(text)
	if err != nil {
		return nil, err
	}
	for _, d := range documents {
		root := d.parse()
		var at lineError
		switch {
		case errors.As(d.err, &at):
			return nil, fmt.Errorf("line %d: %w", lineOf(text, d.start)+at.line-1, at.error)
		case d.err != nil:
			return nil, d.err
		case d.empty:
		case config != nil:
			return nil, errors.New("several YAML documents: want one functionConfig")
		default:
			config = root
		}
	}
	return config, nil
}

// keep numbers the documents, and keeps those that are items. Empty ones do not count, as
// they do not for kustomize and kpt.
func (m *manifests) keep(all []*document) error {
	m.counts = make([]int, len(m.streams))
	for _, d := range all {
		d.number = m.counts[d.stream]
		if d.err != nil {
			return m.errorOf(d, d.err)
		}
		if !d.empty {
			m.counts[d.stream]++
		}
		if d.object {
			m.documents = append(m.documents, d)
		}
	}
	return nil
}

// list returns a list of new items.
func (m *manifests) list(config *yaml.Node) *ResourceList {
	// The fields of the document are those that a ResourceList has beside its items.
	root := &yaml.Node{Kind: yaml.MappingNode}
	if config != nil {
		root.Content = []*yaml.Node{edit.NewString("functionConfig"), config}
	}
	list := &ResourceList{
		Items:          make([]*Item, len(m.documents)),
		FunctionConfig: config,
		doc:            &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{root}},
		layout:         &layout{},
		manifests:      m,
	}
	items := make([]Item, len(m.documents))
	for i, d := range m.documents {
		items[i] = Item{Index: i, list: list, kind: d.kind, text: d.text}
		list.Items[i] = &items[i]
	}
	return list
}

// reset is Reset for a list of manifests.
func (m *manifests) reset(l *ResourceList) {
	l.become(m.list(l.FunctionConfig))
}

// reparse is Reparse for a list of manifests: each document is parsed, and no more is taken
// from the scan. The items stay slices, since each document is one by itself.
func (m *manifests) reparse(l *ResourceList) error {
	for _, d := range m.documents {
		if d.parse(); d.err != nil {
			return m.errorOf(d, d.err)
		}
	}
	m.reparsed = true
	m.reset(l)
	return nil
}

// recognised reports whether the scan knows all of the item's text.
func (i *Item) recognised() bool {
	if m := i.list.manifests; m != nil {
		return m.documents[i.Index].plain
	}
	return i.list.layout.plain
}

// fileIn returns the file of an item: that of its stream, where it has one. What the
// annotations of a document say of another file is not true of this one.
func (i *Item) fileIn(object *yaml.Node) *fn.File {
	m := i.list.manifests
	if m == nil {
		return fileOf(object)
	}
	d := m.documents[i.Index]
	if file := m.streams[d.stream].Path; file != "" {
		return &fn.File{Path: file, Index: d.number}
	}
	return nil
}

// place names a document: its file, and which it is of several.
func (m *manifests) place(stream, number int) string {
	if m.counts[stream] < 2 {
		return m.streams[stream].name()
	}
	return fmt.Sprintf("%s: document %d", m.streams[stream].name(), number+1)
}

// fileOf returns the place of an item that a result is about, where its name may be that of
// another in one of several streams.
func (l *ResourceList) fileOf(r *fn.Result) []string {
	m := l.manifests
	switch {
	case m == nil || len(m.streams) < 2:
		return nil
	case r.File == nil:
		return []string{Stream{}.name()}
	case path.Clean(r.File.Path) == r.ResourceRef.Name:
		return nil // a Kustomization's, which has no other
	}
	stream := slices.IndexFunc(m.streams, func(s Stream) bool { return s.Path == r.File.Path })
	if stream < 0 {
		return []string{r.File.Path} // of another list
	}
	return []string{m.place(stream, r.File.Index)}
}

// texts returns the buffers of what was read.
func (l *ResourceList) texts() [][]byte {
	if l.manifests == nil {
		return [][]byte{l.text}
	}
	var texts [][]byte
	for _, s := range l.manifests.streams {
		texts = append(texts, s.Text)
	}
	return texts
}
