package krm

import (
	"errors"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// errBeside is that of an edit which would be lost, as nobody prints it.
var errBeside = errors.New("its file is read beside")

// Set writes a string at the end of the path, as edit.Set does.
func (i *Item) Set(path edit.Path, value string) error {
	if there, err := edit.Current(i.Node(), path); err == nil {
		if s, ok := edit.String(there); ok && s == value {
			return nil // not a byte changes
		}
	}
	return i.change(
		func(text []byte, object *yaml.Node) ([]byte, bool) { return edit.Splice(text, object, path, value) },
		func(doc, object *yaml.Node) error { return edit.Set(doc, object, path, value) },
	)
}

// SetElement puts an element in the place of one of the list at the end of the path, or after
// the last one, as edit.SetElement does.
func (i *Item) SetElement(path edit.Path, index int, element *yaml.Node) error {
	if there := edit.Elements(edit.Get(i.Node(), path...)); index >= 0 && index < len(there) && edit.Same(there[index], element) {
		return nil // not a byte changes
	}
	return i.change(
		func(text []byte, object *yaml.Node) ([]byte, bool) {
			return edit.SpliceElement(text, object, path, index, element)
		},
		func(doc, object *yaml.Node) error { return edit.SetElement(doc, object, path, index, element) },
	)
}

// RemoveElement removes an element of the list at the end of the path, as edit.RemoveElement
// does.
func (i *Item) RemoveElement(path edit.Path, index int) error {
	return i.change(
		func(text []byte, object *yaml.Node) ([]byte, bool) {
			return edit.SpliceRemoval(text, object, path, index)
		},
		func(doc, object *yaml.Node) error { return edit.RemoveElement(doc, object, path, index) },
	)
}

// change edits the item: by lines where it can be done, and else in the tree alone, of which
// its part is printed anew. What both come to is what tree makes of the nodes.
func (i *Item) change(lines func(text []byte, object *yaml.Node) ([]byte, bool), tree func(doc, object *yaml.Node) error) error {
	p := i.part
	if p.stream.Beside {
		return errBeside
	}
	var text []byte
	ok := false
	if node := i.node(); !p.shared && !p.ahead {
		text, ok = lines(p.now, node) // before the nodes lose their places in the text
	}
	object, err := i.own()
	if err == nil {
		p.ahead, p.edited = true, true
		err = tree(p.tree(), object)
	}
	if err == nil && ok {
		p.take(text)
	}
	return err
}
