package krm

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// File is a file of the stream as it stands now.
type File struct {
	Path      string
	Documents []Document
}

// Document is one document of a file.
type Document struct {
	Item  *Item   // nil for a List and for what is no item
	Items []*Item // that a List holds
	Text  []byte  // nil where the file came as items of a ResourceList

	root  *yaml.Node
	index int
}

// Files returns the files of the list in the order in which they are first seen. What has no
// path, as on stdin, is in none of them.
func (l *ResourceList) Files() []File {
	f := filer{left: slices.Concat(l.Items, l.Beside), known: map[string]int{}, edited: map[*Stream][]replacement{}}
	for _, p := range l.parts {
		f.edited[p.stream] = append(f.edited[p.stream], edits([]*part{p})...)
	}
	if l.frame == nil {
		for n := range l.streams {
			f.addStream(&l.streams[n])
		}
	} else {
		for len(f.left) > 0 {
			f.addItem()
		}
	}
	for _, file := range f.files {
		slices.SortStableFunc(file.Documents, func(a, b Document) int { return a.index - b.index })
	}
	return f.files
}

// filer puts documents together by file.
type filer struct {
	files  []File
	known  map[string]int
	left   []*Item // the items that are still to come
	edited map[*Stream][]replacement
}

func (f *filer) add(name string, d Document) {
	n, ok := f.known[name]
	if !ok {
		n = len(f.files)
		f.known[name] = n
		f.files = append(f.files, File{Path: name})
	}
	f.files[n].Documents = append(f.files[n].Documents, d)
}

// take returns the next items, as long as they are of a document.
func (f *filer) take(ofIt func(*Item) bool) (d Document) {
	for ; len(f.left) > 0 && ofIt(f.left[0]); f.left = f.left[1:] {
		if i := f.left[0]; i.outer() == nil {
			d.Item = i
		} else {
			d.Items = append(d.Items, i)
		}
	}
	return d
}

// addItem adds the next item of a ResourceList, with all others of its List where it is of one.
func (f *filer) addItem() {
	top := f.left[0].top()
	d := f.take(func(i *Item) bool { return i.top() == top })
	name := top.Path()
	if name == "" {
		return
	}
	d.index = top.File().Index
	if d.Items != nil {
		d.root = top.Node()
		if p := top.part; !p.shared && p.dash >= 0 { // its items have parts of their own
			if doc, err := parseItem(f.text(p.stream, p.start, p.end)); err == nil {
				d.root = edit.Resolve(doc.Content[0].Content[0])
			}
		}
	}
	f.add(name, d)
}

// addStream adds the documents of a file, those that are no items too.
func (f *filer) addStream(s *Stream) {
	for n, at := range s.chunks {
		d := f.take(func(i *Item) bool { return i.part.stream == s && i.part.start < at.end })
		if d.Text, d.index = f.text(s, at.start, at.end), n; s.Path != "" && !at.empty {
			f.add(path.Clean(s.Path), d)
		}
	}
}

// text returns what stands now between two places of a stream.
func (f *filer) text(s *Stream, start, end int) []byte {
	pieces := replaced(s.Text, start, end, f.edited[s])
	if len(pieces) == 1 {
		return pieces[0]
	}
	return bytes.Join(pieces, nil)
}

// top returns the item of the stream that the item is, or that holds it.
func (i *Item) top() *Item {
	for i.outer() != nil {
		i = i.outer()
	}
	return i
}

// Node returns the root of the document, nil where it is no map, for reading.
func (d *Document) Node() *yaml.Node {
	switch {
	case d.Item != nil:
		return d.Item.Node()
	case d.root == nil && d.Text != nil:
		if doc, err := parseItem(d.Text); err == nil {
			d.root = doc.Content[0].Content[0]
		}
	}
	return d.root
}

// Place returns where the item lies in the List that a document is: its place in each List on
// the way.
func (i *Item) Place() (place []int) {
	for ; i.outer() != nil; i = i.outer() {
		place = append(place, i.number)
	}
	slices.Reverse(place)
	return place
}

// IsOrchestrators reports whether an annotation is one that orchestrators set on items, and take
// off again. What kustomize notes of former names is none of those: where it comes from a file,
// kustomize reads it there.
func IsOrchestrators(key string) bool {
	const internal = "internal.config.kubernetes.io/"
	name, isInternal := strings.CutPrefix(key, internal)
	return isInternal && !slices.Contains([]string{"previousNames", "previousNamespaces", "previousKinds", "prefixes", "suffixes"}, name) ||
		slices.Contains([]string{legacyPathAnnotation, legacyIndexAnnotation, kustomizeIDAnnotation, "config.k8s.io/id"}, key)
}
