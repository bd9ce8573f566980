package edit

import (
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// SetElement puts a copy of an element in the place of one of the list at the end of the path,
// or after the last one where at is the length of the list; a list that is missing or null
// has none. Maps on the way are created.
//
// It changes nothing where the element is there already. The comments above and below an
// element that is replaced stay. A new key goes to the end of its map. Aliases, anchors and
// merge keys on the way are dealt with as Set does. An element in block style makes the list,
// and the maps on the way, collections in block style; what else is in them stays as it is.
//
// The error is a FieldError where the path does not lead to a list, and where the list is
// shorter.
func SetElement(doc, object *yaml.Node, path Path, at int, element *yaml.Node) error {
	elements, err := listAt(object, path)
	switch {
	case err != nil:
		return err
	case at < 0 || at > len(elements):
		return &FieldError{Path: path.At(at), Given: "beyond the end", Want: "an index up to the length of the list"}
	case at < len(elements) && Same(Resolve(elements[at]), element):
		return nil
	}
	w := writer{doc: doc}
	way, wayErr := w.way(object, path)
	if wayErr != nil {
		return wayErr
	}
	added, copyErr := w.copy(element)
	if copyErr != nil {
		return copyErr
	}
	if element.Style&yaml.FlowStyle == 0 {
		unflow(way, path)
	}
	list := way[len(path)]
	if at == len(list.Content) {
		list.Content = append(list.Content, added)
		return nil
	}
	old := list.Content[at]
	if err := w.disown(old); err != nil {
		return err
	}
	added.HeadComment = joined(old.HeadComment, added.HeadComment)
	addFoot(added, footOf(old))
	list.Content[at] = added
	return nil
}

// RemoveElement removes an element of the list at the end of the path. A list that is left
// empty goes with its key, and so do the maps on the way that are left empty, except the
// first field of a path that is longer than one: a spec stays. Comments stay, but for those
// within what goes and beside the keys. An empty list stays where a merge key would lend
// another in its place.
//
// The error is a FieldError where there is no such element.
func RemoveElement(doc, object *yaml.Node, path Path, at int) error {
	elements, err := listAt(object, path)
	switch {
	case err != nil:
		return err
	case at < 0 || at >= len(elements):
		return &FieldError{Path: path.At(at), Given: "missing", Want: "an element"}
	}
	w := writer{doc: doc}
	way, wayErr := w.way(object, path)
	if wayErr != nil {
		return wayErr
	}
	list := way[len(path)]
	old := list.Content[at]
	if err := w.disown(old); err != nil {
		return err
	}
	left := take(list, at, 1, joined(old.HeadComment, footOf(old)))
	for i := len(path) - 1; i >= 0 && len(way[i+1].Content) == 0; i-- {
		m, key := way[i], index(way[i], path[i])
		name, value := m.Content[key], m.Content[key+1]
		left = joined(joined(name.HeadComment, value.HeadComment), left, value.FootComment, name.FootComment)
		if i == 0 && len(path) > 1 || lends(m, path[i]) {
			name.HeadComment, name.FootComment, value.HeadComment, value.FootComment = left, "", "", ""
			value.Style |= yaml.FlowStyle
			break
		}
		left = take(m, key, 2, left)
	}
	return nil
}

// Element returns an element of a list of the object for an edit: the object and the list are
// made what no other place of the document shares.
func Element(doc, object *yaml.Node, key string, at int) (*yaml.Node, error) {
	w := writer{doc: doc}
	way, err := w.way(object, Path{key})
	if err != nil {
		return nil, err
	}
	return way[1].Content[at], nil
}

// listAt returns the elements of the list at the end of the path.
func listAt(object *yaml.Node, path Path) ([]*yaml.Node, error) {
	n, err := Current(object, path)
	switch {
	case err != nil:
		return nil, err
	case !IsNull(n) && n.Kind != yaml.SequenceNode:
		return nil, &FieldError{Path: path, Given: Describe(n), Want: "a list"}
	case n == nil:
		return nil, nil
	}
	return n.Content, nil
}

// way returns the object, the maps on the way, and the list at the end of the path. They are
// created where they are missing, and made the object's own.
func (w *writer) way(object *yaml.Node, path Path) ([]*yaml.Node, error) {
	way := []*yaml.Node{object}
	if err := w.own(object); err != nil {
		return nil, err
	}
	for i, name := range path {
		next, err := w.field(way[i], name, last)
		if err != nil {
			return nil, err
		}
		if err := w.own(next); err != nil {
			return nil, err
		}
		switch {
		case !IsNull(next):
		case i < len(path)-1:
			makeMap(next)
		default:
			makeMap(next)
			next.Kind, next.Tag = yaml.SequenceNode, yaml.NodeTagSeq
		}
		way = append(way, next)
	}
	return way, nil
}

// last is the placer of lists.
func last(m *yaml.Node, _ string) int {
	return len(m.Content)
}

// lends reports whether a map has a field even without its own key.
func lends(m *yaml.Node, name string) bool {
	for _, source := range mergeSources(m) {
		if child(source, name, nil) != nil {
			return true
		}
	}
	return false
}

// disown makes copies of what an element, which is about to go, shares with other places.
func (w *writer) disown(element *yaml.Node) error {
	anchored := map[*yaml.Node]bool{}
	var find func(n *yaml.Node)
	find = func(n *yaml.Node) {
		if n.Anchor != "" {
			anchored[n] = true
		}
		for _, c := range n.Content {
			find(c)
		}
	}
	find(element)
	if len(anchored) == 0 {
		return nil
	}
	return w.replaceAliases(w.doc, anchored)
}

// unflow makes what lies on the way collections in block style, which have no place in the
// text yet. A comment beside such a one is beside its key.
func unflow(way []*yaml.Node, path Path) {
	for i, n := range way {
		if n.Style&yaml.FlowStyle != 0 {
			n.Style &^= yaml.FlowStyle
			n.Line, n.Column = 0, 0
		}
		if i > 0 && n.LineComment != "" {
			key := way[i-1].Content[index(way[i-1], path[i-1])]
			key.LineComment, n.LineComment = n.LineComment, ""
		}
	}
}

// take removes the nodes of an entry from a collection, and gives the comments that are left
// to the entry that follows, or to the one before. It returns them where there is neither.
func take(n *yaml.Node, at, size int, comments string) (left string) {
	n.Content = append(n.Content[:at:at], n.Content[at+size:]...)
	switch {
	case at < len(n.Content):
		n.Content[at].HeadComment = joined(comments, n.Content[at].HeadComment)
	case at > 0:
		addFoot(n.Content[at-size], comments)
	default:
		return comments
	}
	return ""
}

// footOf returns the comments below an element, which the parser gives to one of its keys.
func footOf(n *yaml.Node) string {
	foot := n.FootComment
	if n.Kind == yaml.MappingNode {
		for i := 0; i < len(n.Content); i += 2 {
			foot = joined(n.Content[i].FootComment, foot)
		}
	}
	return foot
}

// addFoot puts comments below an element or a key.
func addFoot(n *yaml.Node, comments string) {
	if n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0 {
		n = n.Content[len(n.Content)-2]
	}
	n.FootComment = joined(n.FootComment, comments)
}

// joined returns comments one below the other.
func joined(comments ...string) string {
	var some []string
	for _, c := range comments {
		if c != "" {
			some = append(some, strings.TrimSuffix(c, "\n"))
		}
	}
	return strings.Join(some, "\n")
}
