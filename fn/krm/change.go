package krm

import (
	"slices"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// Set writes a string at the end of the path, as edit.Set does.
func (i *Item) Set(path edit.Path, value string) error {
	return i.change(
		func() ([]byte, bool) { return edit.Splice(i.text, i.node, path, value) },
		func(doc *yaml.Node) error { return edit.Set(doc, i.node, path, value) },
	)
}

// SetElement puts an element in the place of one of the list at the end of the path, or after
// the last one, as edit.SetElement does.
func (i *Item) SetElement(path edit.Path, index int, element *yaml.Node) error {
	if there := edit.Elements(edit.Get(i.Node(), path...)); index >= 0 && index < len(there) && edit.Same(there[index], element) {
		return nil // not a byte changes
	}
	return i.change(
		func() ([]byte, bool) { return edit.SpliceElement(i.text, i.node, path, index, element) },
		func(doc *yaml.Node) error { return edit.SetElement(doc, i.node, path, index, element) },
	)
}

// RemoveElement removes an element of the list at the end of the path, as edit.RemoveElement
// does.
func (i *Item) RemoveElement(path edit.Path, index int) error {
	return i.change(
		func() ([]byte, bool) { return edit.SpliceRemoval(i.text, i.node, path, index) },
		func(doc *yaml.Node) error { return edit.RemoveElement(doc, i.node, path, index) },
	)
}

// change edits the item. One that is a slice is edited by lines where it can be done, and
// printed anew where it cannot: what both come to is what tree makes of its nodes.
func (i *Item) change(lines func() ([]byte, bool), tree func(doc *yaml.Node) error) error {
	if i.list.layout == nil {
		i.list.edited = true
		return tree(i.list.doc)
	}
	i.Node()            // parses it
	text, ok := lines() // before the nodes lose their places in the text
	if err := tree(i.doc); err != nil {
		return err
	}
	if !ok || !i.take(text) {
		i.reprint()
	}
	return nil
}

// take makes text that of the item, if it holds what the item is to be.
func (i *Item) take(text []byte) bool {
	doc, err := parseItem(text)
	if err != nil || !edit.Same(doc.Content[0], i.doc.Content[0]) || !i.fits(text, doc) {
		return false
	}
	i.doc, i.node, i.text, i.edited = doc, doc.Content[0].Content[0], text, true
	return true
}

// fits reports whether the text holds the same when it stands in the list: a block scalar at
// its end might take the comments and blank lines that follow for its own.
func (i *Item) fits(text []byte, doc *yaml.Node) bool {
	if i.list.manifests != nil {
		return true // they are part of the text
	}
	r := i.list.layout.items[i.Index]
	following := i.list.text[r.content:r.end]
	if len(following) == 0 || !endsInBlock(doc) {
		return true
	}
	whole, err := parseItem(slices.Concat(text, following))
	return err == nil && edit.Same(whole.Content[0], doc.Content[0])
}

// endsInBlock reports whether the last value is a block scalar.
func endsInBlock(n *yaml.Node) bool {
	for len(n.Content) > 0 {
		n = n.Content[len(n.Content)-1]
	}
	return n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
}

// reprint prints the item alone, at its place and in its style.
func (i *Item) reprint() {
	options := &yaml.EncoderOptions{SeqIndent: yaml.CompactSequenceStyle}
	if edit.IsIndented(i.node) {
		options.SeqIndent = yaml.WideSequenceStyle
	}
	for _, restyle := range restyles {
		restyle(i.doc)
		text, err := i.printed(options)
		if err == nil && i.take(text) {
			return
		}
	}
	i.broken = true
}
