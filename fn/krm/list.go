// Package krm reads and writes the ResourceList of the KRM Functions Specification,
// https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md,
// and streams of plain manifests, and collects what a function has to say about them.
//
// It differs from the lists of kyaml and of the kpt SDK in what it keeps: the order of
// the items, the order of the top-level keys and those it does not know, incoming
// results as they came, and, as long as nothing is edited, every byte.
//
// A source is a text, and an object a chunk of it. The chunks of a stream of manifests begin at
// markers, those of a ResourceList, and of a List among the objects, at dashes; from there on they
// are the same.
package krm

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"path"
	"runtime/debug"
	"slices"

	"github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
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
	frame   *frame // nil for plain manifests
}

// frame is what a ResourceList holds beside its items: if they could be cut out of the text, what is
// left, and else all of it.
type frame struct {
	listing
	start int   // of the text of the listing in the stream
	whole *part // nil if the items were cut out
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
	start, end := frameIn(text)
	if l, ok := listIn(text[start:end:end], -1); ok && text[end-1] == '\n' && checkTopLevel(l.root) == nil && takesResults(l.root) {
		list := newList(text, l.root)
		list.frame = &frame{listing: l, start: start}
		for n := range l.items {
			c := &l.items[n]
			list.add(&Item{number: n, kind: c.kind, part: c.part(&list.streams[0], start, 0)})
		}
		return list, nil
	}
	return ParseWhole(text)
}

// frameIn returns where a document begins and ends without a marker above it and one below.
func frameIn(text []byte) (start, end int) {
	if bytes.HasPrefix(text, byteOrderMark) {
		start = len(byteOrderMark)
	}
	for next := start; next < len(text); {
		line := text[next:lineEnd(text, next)]
		next += len(line)
		if isStart := line[0] == '-' && isMarker(line); isStart && isTrivia(line[3:]) {
			start = next
		} else if !isTrivia(line) {
			break
		}
	}
	return start, max(start, beforeMarker(text))
}

// beforeMarker returns where the last line with content begins if it is a marker, and else the end of the
// text.
func beforeMarker(text []byte) int {
	if last := 1 + bytes.LastIndexByte(text[:max(1, contentEnd(text))-1], '\n'); isMarker(text[last:]) {
		return last
	}
	return len(text)
}

func newList(text []byte, root *yaml.Node) *ResourceList {
	return &ResourceList{streams: []Stream{{Text: text}}, FunctionConfig: edit.Get(root, "functionConfig")}
}

// ParseWhole parses the whole document, as Parse does where it cannot do with less. What the
// two make of a list is the same but for the spacing of an edited one.
func ParseWhole(text []byte) (*ResourceList, error) {
	read, doc, err := orJSON(text, parseDocument)
	if err == nil {
		err = checkTopLevel(doc.Content[0])
	}
	if err != nil {
		return nil, err
	}
	list := newList(text, doc.Content[0])
	wrap(doc)
	p := &part{now: read, read: read, doc: doc, stream: &list.streams[0], end: len(text), below: len(text), dash: -1, shared: true, whole: true}
	list.parts, list.frame = []*part{p}, &frame{whole: p}
	all := &Item{part: p}
	for n, object := range edit.Elements(edit.Get(p.root(), "items")) {
		list.add(&Item{part: p, within: all, number: n, kind: edit.Text(object, "kind")})
	}
	return list, nil
}

// Stream is a text of plain YAML documents, such as flux install --export prints.
type Stream struct {
	Path string // of its file, "" for stdin
	Text []byte

	// Beside says that the file is not to be edited: it is there because a Kustomization of
	// another stream lists it. It is not printed, and its objects are no items. What is
	// wrong with it is no error: a build that needs it says so.
	Beside bool

	chunks    []chunk // its documents
	documents int     // how many, but for the empty ones, which do not count for kustomize and kpt either
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
	return cmp.Or(s.Path, "stdin")
}

// document names a document: its file, and which it is of several.
func (s Stream) document(number int) string {
	if s.documents < 2 {
		return s.name()
	}
	return fmt.Sprintf("%s: document %d", s.name(), number+1)
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

// fileOf returns the place of an item that a result is about, where its name may be that of
// another in one of several streams.
func (l *ResourceList) fileOf(r *fn.Result) []string {
	switch {
	case len(l.streams) < 2:
		return nil
	case r.File == nil:
		return []string{Stream{}.name()}
	case path.Clean(r.File.Path) == r.ResourceRef.Name:
		return nil // a Kustomization's, which has no other
	}
	stream := slices.IndexFunc(l.streams, func(s Stream) bool { return s.Path == r.File.Path })
	if stream < 0 {
		return []string{r.File.Path} // of another list
	}
	return []string{l.streams[stream].document(r.File.Index)}
}

// ParseManifests returns the objects of plain YAML streams as the items of a list, with the
// functionConfig of another stream, which must hold one document. The list keeps the texts,
// which must not change. Manifests returns them with the edits; what is no object passes
// through. Streams that are read beside come after all others.
func ParseManifests(functionConfig Stream, streams ...Stream) (*ResourceList, error) {
	config, err := parseConfig(functionConfig.Text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cmp.Or(functionConfig.Path, "functionConfig"), err)
	}
	streams = slices.Clone(streams)
	last := map[bool]int{true: 1}
	slices.SortStableFunc(streams, func(a, b Stream) int { return last[a.Beside] - last[b.Beside] })
	list := &ResourceList{FunctionConfig: config, streams: streams}
	objects := 0
	for n := range streams {
		s := &streams[n]
		s.documents = 0 // of a stream that was parsed before
		var err error
		switch s.chunks, err = split(s.Text); {
		case err == nil:
			readChunks(s.chunks)
		case s.Beside: // who reads it says so
			s.chunks = []chunk{{end: len(s.Text), err: err}}
		default:
			return nil, fmt.Errorf("%s: %w", s.name(), err)
		}
		items, refused := len(list.Items), len(list.refused)
		for n := range s.chunks {
			d := &s.chunks[n]
			if d.err != nil && !s.Beside {
				return nil, s.errorAt(d.start, s.documents, d.err)
			}
			if d.object && d.err == nil {
				// What has no kind is no object of Kubernetes. Only in its own files kustomize does without.
				if d.named || slices.Contains(KustomizationFiles, path.Base(s.Path)) {
					p := d.part(s, 0, 0)
					p.number = s.documents
					list.add(&Item{number: objects, kind: d.kind, part: p})
				}
				objects++
			}
			if !d.empty {
				s.documents++
			}
		}
		if s.Beside {
			list.Beside = append(list.Beside, list.Items[items:]...)
			list.Items, list.refused = list.Items[:items], list.refused[:refused]
		}
	}
	for n, i := range list.Beside {
		i.Index = len(list.Items) + n
	}
	return list, nil
}

// KustomizationFiles are the names that kustomize looks for in a directory
// (api/konfig/general.go). Only there may an object lack its kind and version.
var KustomizationFiles = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

// parseConfig returns the functionConfig that a text holds, nil where it holds nothing.
func parseConfig(text []byte) (config *yaml.Node, err error) {
	documents, err := split(text)
	if err != nil {
		return nil, err
	}
	for n := range documents {
		d := &documents[n]
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

// Sliced reports whether the items are slices of the text, so that each of them stays as it
// came unless it is edited.
func (l *ResourceList) Sliced() bool {
	return l.frame == nil || l.frame.whole == nil
}

// Reset makes the list what it was when it was read.
func (l *ResourceList) Reset() {
	for _, p := range l.parts {
		p.reset()
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
	parallel(len(items), func(n int) {
		if !items[n].part.shared {
			visit(items[n])
		}
	})
	for _, i := range items {
		if i.part.shared {
			visit(i)
		}
	}
}

// readAll is io.ReadAll for what may be large. That one's buffers grow by a quarter, and are
// copied each time. These grow to 2, 64 and 512 MiB, and then by doubling: what is not filled
// is never touched, so it costs addresses but no memory.
func readAll(r io.Reader) ([]byte, error) {
	text := make([]byte, 0, 64<<10)
	for {
		n, err := io.ReadFull(r, text[len(text):cap(text)])
		text = text[:len(text)+n]
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return text, nil
		}
		if err != nil {
			return nil, err
		}
		factor := 2
		switch {
		case cap(text) < 64<<20:
			factor = 32
		case cap(text) < 512<<20:
			factor = 8
		}
		text = append(make([]byte, 0, factor*cap(text)), text...)
	}
}

// large is the size of the text from which on LimitMemory limits.
const large = 8 << 20

// itemSize is about what an item takes beside its text.
const itemSize = 256

// LimitMemory keeps the program, until restore is called, to little more than the text of a
// large list that is sliced: the text is nearly all that there is to keep, and without a
// limit the collector lets the heap grow to twice of it before it looks. Where there are so many
// items that they take more than the text there is none: the collector would look at them all
// over and over.
func (l *ResourceList) LimitMemory() (restore func()) {
	size, room := 0, 0
	for _, s := range l.streams {
		size, room = size+len(s.Text), room+cap(s.Text)
	}
	if !l.Sliced() || size < large || size < itemSize*len(l.Items) {
		return func() {}
	}
	// The collector counts the whole buffer, of which the text may be a small part.
	percent := debug.SetGCPercent(max(1, 50*size/room))
	return func() { debug.SetGCPercent(percent) }
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

// plainly says what to do with what is plain YAML.
const plainly = "; for plain manifests run flux install --export | flux-workload-identity --fn-config FILE, " +
	"for a folder kpt fn source DIR --fn-config FILE | flux-workload-identity | kpt fn sink NEWDIR"
