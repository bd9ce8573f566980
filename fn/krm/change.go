package krm

import (
	"errors"
	"slices"

	"flux-workload-identity/fn/edit"
)

// errBeside is that of an edit which would be lost, as nobody prints it.
var errBeside = errors.New("its file is read beside")

// Apply edits the item: by lines where it can be done, and else in the tree alone, of which
// its part is printed anew. Where there is nothing to do not a byte changes.
func (i *Item) Apply(ops ...edit.Op) error {
	p, node := i.part, i.Node()
	switch {
	case !slices.ContainsFunc(ops, func(op edit.Op) bool { return !op.Done(node) }):
		return nil
	case p.stream.Beside:
		return errBeside
	}
	var text []byte
	if !p.shared && !p.ahead {
		text = p.now
	}
	object, err := i.own()
	if err == nil {
		p.ahead, p.edited = true, true
		text, err = edit.Apply(text, p.tree(), object, ops...)
	}
	if err == nil && text != nil {
		p.take(text)
	}
	return err
}
