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
)

// Stream is a text of plain YAML documents, such as flux install --export prints.
type Stream struct {
	Path string // of its file, "" for stdin
	Text []byte

	// Beside says that the file is not to be edited: it is there because a Kustomization of
	// another stream lists it. It is not printed, and its objects are no items. What is
	// wrong with it is no error: a build that needs it says so.
	Beside bool

	documents int // but for the empty ones, which do not count for kustomize and kpt either
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

// document names a document: its file, and which it is of several.
func (s Stream) document(number int) string {
	if s.documents < 2 {
		return s.name()
	}
	return fmt.Sprintf("%s: document %d", s.name(), number+1)
}

// fileOf returns the place of an item that a result is about, where its name may be that of
// another in one of several streams.
func (l *ResourceList) fileOf(r *fn.Result) []string {
	switch {
	case !l.isManifests() || len(l.streams) < 2:
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
	return parseManifests(config, streams, true)
}

// parseManifests is ParseManifests, with or without the scan.
func parseManifests(config *yaml.Node, streams []Stream, scan bool) (*ResourceList, error) {
	streams = slices.Clone(streams)
	last := map[bool]int{true: 1}
	slices.SortStableFunc(streams, func(a, b Stream) int { return last[a.Beside] - last[b.Beside] })
	list := &ResourceList{FunctionConfig: config, streams: streams, layout: &layout{}}
	objects := 0
	for n := range streams {
		s := &streams[n]
		s.documents = 0 // of a stream that was parsed before
		documents, err := split(s.Text)
		if err != nil && !s.Beside {
			return nil, fmt.Errorf("%s: %w", s.name(), err)
		}
		readDocuments(documents, scan)
		items, refused := len(list.Items), len(list.refused)
		for n := range documents {
			d := &documents[n]
			if d.err != nil && !s.Beside {
				return nil, s.errorAt(d.start, s.documents, d.err)
			}
			if d.object && d.err == nil {
				if d.isItem(s.Path) {
					list.add(&Item{number: objects, kind: d.kind, part: &part{
						now: d.text, read: d.text, stream: s, start: d.start, end: d.end, below: d.end,
						number: s.documents, form: documentForm, plain: d.plain, unscanned: !scan,
					}})
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

// isItem reports whether a document in a file may be of use: what has no kind is no object of
// Kubernetes. Only in its own files kustomize does without.
func (d *document) isItem(file string) bool {
	return d.kind != "" || slices.Contains(KustomizationFiles, path.Base(file))
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
