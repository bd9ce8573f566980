package krm

import (
	"fmt"
	"runtime"
	"slices"
	"sync"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// slice returns the list with items that are slices of the text, nil where the scan is not
// sure or where the other fields are not those of a ResourceList.
func slice(text []byte) *ResourceList {
	l, ok := scan(text)
	if !ok {
		return nil
	}
	return sliced(text, l)
}

// sliced returns the list of a layout.
func sliced(text []byte, l layout) *ResourceList {
	var rest []byte // the other fields
	from := 0
	for _, f := range l.fields {
		if f.key == "items" {
			rest = append(rest, text[from:f.start]...)
			from = f.end
		}
	}
	if from == 0 {
		return nil
	}
	doc, err := parseDocument(append(rest, text[from:]...))
	if err != nil || checkTopLevel(doc.Content[0]) != nil {
		return nil
	}
	list := &ResourceList{text: text, doc: doc, layout: &l, FunctionConfig: edit.Get(doc.Content[0], "functionConfig")}
	items := make([]Item, len(l.items))
	list.Items = make([]*Item, len(l.items))
	for i, r := range l.items {
		items[i] = Item{Index: i, list: list, kind: r.key, text: text[r.start:r.content]}
		list.Items[i] = &items[i]
	}
	return list
}

// Sliced reports whether the items are slices of the text, so that each of them stays as it
// came unless it is edited.
func (l *ResourceList) Sliced() bool {
	return l.layout != nil
}

// Unsure reports whether an item could not be parsed or printed by itself, so that what was
// made of the list must not be used. Reparse then helps.
func (l *ResourceList) Unsure() bool {
	return slices.ContainsFunc(l.Items, func(i *Item) bool { return i.broken })
}

// Reparse makes the list what it was when it was read, parsed as a whole.
func (l *ResourceList) Reparse() error {
	if l.manifests != nil {
		return l.manifests.reparse(l)
	}
	whole, err := ParseWhole(l.text)
	if err != nil {
		return err
	}
	l.become(whole)
	return nil
}

// become makes the list another, whose items are then its own.
func (l *ResourceList) become(other *ResourceList) {
	*l = *other
	for _, item := range l.Items {
		item.list = l
	}
}

// parse parses the text of an item that is a slice.
func (i *Item) parse() {
	doc, err := parseItem(i.text)
	if err != nil {
		i.broken = true
		doc = &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{{Kind: yaml.SequenceNode, Content: []*yaml.Node{{Kind: yaml.MappingNode}}}}}
	}
	i.doc, i.node = doc, doc.Content[0].Content[0]
}

// small is the size of the text up to which it is cheaper to keep what was parsed of it.
const small = 1 << 10

// Release forgets what was parsed, where it can be parsed again: of a fleet's items few are
// needed at a time.
func (i *Item) Release() {
	if i.list.layout != nil && i.node != nil && !i.broken && len(i.text) > small {
		i.Ref()
		i.File()
		i.doc, i.node = nil, nil
	}
}

// parseItem parses a list of one item. A document that is the item is put into such a list.
func parseItem(text []byte) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 1 && doc.Content[0].Kind == yaml.MappingNode {
		doc.Content[0] = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{doc.Content[0]}}
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.SequenceNode || len(doc.Content[0].Content) != 1 {
		return nil, fmt.Errorf("not one item: %q", text)
	}
	return &doc, nil
}

// Each visits items, with all processors. The visits must not depend on each other.
func Each(items []*Item, visit func(*Item)) {
	workers := min(runtime.GOMAXPROCS(0), len(items)/8+1)
	if len(items) == 0 {
		return
	}
	if workers == 1 || items[0].list.layout == nil || items[0].list.manifests != nil && items[0].list.manifests.reparsed {
		for _, i := range items {
			visit(i)
		}
		return
	}
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for n := w; n < len(items); n += workers {
				items[n].protected(visit)
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
			i.broken = true
		}
	}()
	visit(i)
}

// output returns the pieces of the list: what stays as it came, and the texts of edited
// items and of new results between it.
func (l *ResourceList) output(inserted []byte, at, resume int) (pieces [][]byte) {
	from := 0
	for i, r := range l.layout.items {
		if item := l.Items[i]; item.edited {
			if r.start > at && at >= from {
				pieces = append(pieces, l.text[from:at], inserted)
				from = resume
			}
			pieces = append(pieces, l.text[from:r.start], item.text)
			from = r.content
		}
	}
	if at >= from {
		pieces = append(pieces, l.text[from:at], inserted)
		from = resume
	}
	return append(pieces, l.text[from:])
}
