package edit

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// Op is an operation: what is to stand at the end of a path, nil for nothing.
type Op struct {
	Path  Path
	Value *yaml.Node
}

// Set is the operation that makes a string the value of a field.
func Set(path Path, value string) Op {
	return Op{path, NewString(value)}
}

// SetElement is the operation that puts a copy of an element in the place of one of the list at
// the end of the path, or after the last one where at is the length of the list.
func SetElement(path Path, at int, element *yaml.Node) Op {
	return Op{path.At(at), element}
}

// Remove is the operation that removes an element of the list at the end of the path.
func Remove(path Path, at int) Op {
	return Op{Path: path.At(at)}
}

// Done reports whether nothing is left to do: what is to stand in the object stands there.
func (op Op) Done(object *yaml.Node) bool {
	there, err := Current(object, op.Path)
	if err != nil || there == nil || op.Value == nil {
		return false
	}
	was, wasText := String(there)
	is, isText := String(op.Value)
	return wasText && isText && was == is || Same(there, op.Value)
}

// ErrTooManyAliases is returned where making a map an object's own would copy more
// nodes than any real manifest holds: aliases of aliases grow exponentially.
var ErrTooManyAliases = errors.New("aliases expand to more than 100000 nodes")

const maxCopies = 100_000

// An OpError says which operation could not be carried out.
type OpError struct {
	Index int
	error
}

func (e *OpError) Unwrap() error { return e.error }

// Apply carries out operations, one after the other, on the nodes of an object in a document. It
// returns the text that the object was parsed from with the same changes, in which all other bytes
// stay; nil where there is no text, and for what cannot be done by lines. The caller parses what
// it returns: where that does not hold what the nodes do, the object is to be printed anew.
//
// Maps, lists and elements on the way are created. A string keeps its quotes and the comment beside
// it, and what is replaced or removed the comments above and below. A new key goes to its place in
// a map whose keys are sorted, and to the end of any other, and of all on the way to an index. An
// element in block style makes what is around it block style. What is left empty by a removal
// goes as well, except the first field of a path: a spec stays.
//
// What is an alias, or lent by a merge key, is copied before it is changed, and what carries an
// anchor keeps its data wherever else it is used in the document.
//
// The error is an OpError, of a FieldError where a path leads nowhere. The operations before it
// are carried out.
func Apply(text []byte, doc, object *yaml.Node, ops ...Op) (edited []byte, err error) {
	w := writer{doc: doc, before: map[*yaml.Node]*yaml.Node{}, byLines: len(text) > 0, isWide: IsIndented(object)}
	for i, op := range ops {
		if w.apply(object, op); w.err != nil {
			return nil, &OpError{i, w.err}
		}
	}
	if !w.byLines {
		return nil, nil
	}
	return w.lines(text, object), nil
}

// Element returns an element of a list of the object for an edit: the object and the list are
// made what no other place of the document shares.
func Element(doc, object *yaml.Node, key string, at int) (*yaml.Node, error) {
	w := writer{doc: doc, before: map[*yaml.Node]*yaml.Node{}}
	way := w.walk(object, Path{key}.At(at))
	if w.err != nil {
		return nil, w.err
	}
	return way[1].Content[at], nil
}

// writer edits nodes.
type writer struct {
	doc     *yaml.Node
	copies  int                       // for one operation
	before  map[*yaml.Node]*yaml.Node // what nodes were that have changed
	byLines bool                      // no change has been made yet that lines cannot follow
	isWide  bool                      // lists of the object are indented
	err     error                     // the first one
}

func (w *writer) apply(object *yaml.Node, op Op) {
	w.copies = 0
	there, err := Current(object, op.Path)
	switch {
	case err != nil:
		w.err = err
		return
	case op.Value == nil && there == nil:
		w.err = &FieldError{Path: op.Path, Given: "missing", Want: "an element"}
		return
	case op.Done(object):
		return
	}
	for i, name := range op.Path {
		field, value, isElement := element(name)
		if at, _ := strconv.Atoi(value); isElement && field == "" && (at < 0 || at > len(Elements(Get(object, op.Path[:i]...)))) {
			w.err = &FieldError{Path: op.Path[:i+1], Given: "beyond the end", Want: "an index up to the length of the list"}
			return
		}
	}
	switch way := w.walk(object, op.Path); {
	case w.err != nil:
	case op.Value == nil:
		w.remove(way, op.Path)
	default:
		w.set(way, op.Path, op.Value)
	}
}

// walk returns the maps and lists in which the names of a path stand. They are created where
// they are missing, and made the object's own.
func (w *writer) walk(n *yaml.Node, path Path) (way []*yaml.Node) {
	for i, name := range path {
		if i > 0 {
			n = w.value(n, path[i-1], path)
		}
		w.byLines = w.byLines && isPlain(n)
		w.own(n)
		if IsNull(n) {
			w.touch(n)
			n.Kind, n.Tag, n.Value, n.Style = yaml.MappingNode, yaml.NodeTagMap, "", 0
			if _, _, isElement := element(name); isElement {
				n.Kind, n.Tag = yaml.SequenceNode, yaml.NodeTagSeq
			}
		}
		way = append(way, n)
	}
	return way
}

// isPlain reports whether lines can follow a change in a value: one in block style, or empty.
func isPlain(n *yaml.Node) bool {
	return n.Kind != yaml.AliasNode && n.Anchor == "" && (len(n.Content) == 0 || n.Style&yaml.FlowStyle == 0) &&
		(n.Kind != yaml.MappingNode || len(mergeSources(n)) == 0)
}

// touch keeps what a node of the text is before it changes.
func (w *writer) touch(n *yaml.Node) {
	if w.before[n] == nil && n.Line > 0 {
		was := *n
		was.Content = slices.Clone(n.Content)
		w.before[n] = &was
	}
}

// value returns what a name stands for in a map or a list. Where there is nothing it adds a key
// with a null, at the end or at its place, or an element. What a merge key lends is copied,
// since an own key hides it.
func (w *writer) value(n *yaml.Node, name string, path Path) *yaml.Node {
	if at := find(n, name, 0); at >= 0 {
		return n.Content[at]
	}
	value := &yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagNull}
	if lent := child(n, name); lent != nil {
		value = w.copy(lent)
	}
	w.touch(n)
	switch field, is, _ := element(name); {
	case n.Kind == yaml.MappingNode:
		at := len(n.Content)
		if keys := keysOf(n); !path.isIndexed() && slices.IsSorted(keys) && len(mergeSources(n)) == 0 {
			at, _ = slices.BinarySearch(keys, name)
			at *= 2
		}
		n.Content = slices.Insert(n.Content, at, NewString(name), value)
		return value
	case field != "":
		value = &yaml.Node{Kind: yaml.MappingNode, Tag: yaml.NodeTagMap, Content: []*yaml.Node{NewString(field), NewString(is)}}
	}
	n.Content = append(n.Content, value)
	return value
}

// isIndexed reports whether the path ends in an index.
func (p Path) isIndexed() bool {
	field, _, isElement := element(p[len(p)-1])
	return isElement && field == ""
}

func keysOf(m *yaml.Node) (keys []string) {
	for i := 0; i < len(m.Content); i += 2 {
		keys = append(keys, m.Content[i].Value)
	}
	return keys
}

// set puts a value at the end of a path.
func (w *writer) set(way []*yaml.Node, path Path, value *yaml.Node) {
	n, name := way[len(way)-1], path[len(path)-1]
	_, _, isElement := element(name)
	old, added := w.value(n, name, path), w.copy(value)
	w.byLines = w.byLines && (isElement || isPlain(old) && old.Style&yaml.TaggedStyle == 0)
	w.disown(old)
	w.touch(n)
	if isElement && value.Style&yaml.FlowStyle == 0 {
		unflow(way, path)
	}
	if !isElement && value.Kind == yaml.ScalarNode {
		added.LineComment = old.LineComment
		_, isText := String(value)
		if _, wasText := String(old); wasText && isText {
			added.Style = cmp.Or(Resolve(old).Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle), added.Style)
		}
	}
	added.HeadComment = joined(old.HeadComment, added.HeadComment)
	addFoot(added, footOf(old))
	if added.Line = old.Line; old.Line > 0 { // which says whose place it takes
		w.before[added] = value // without the comments that the text has already
	}
	n.Content[slices.Index(n.Content, old)] = added
}

// remove removes what is at the end of a path, and what is left empty by that. An empty value
// stays where a merge key would lend another in its place. The comments that are left go to
// the entry that follows, or to the one before.
func (w *writer) remove(way []*yaml.Node, path Path) {
	left := ""
	for i := len(path) - 1; i >= 0; i-- {
		n, at, size := way[i], find(way[i], path[i], 0), 1
		if n.Kind == yaml.MappingNode {
			at, size = at-1, 2
		}
		if at < 0 { // it is lent
			w.err = &FieldError{Path: path, Given: "missing", Want: "an element"}
			return
		}
		var heads, feet string
		for _, e := range n.Content[at : at+size] {
			w.disown(e)
			heads, feet = joined(heads, e.HeadComment), joined(footOf(e), feet)
		}
		left = joined(heads, left, feet)
		isLent := size == 2 && slices.ContainsFunc(mergeSources(n), func(m *yaml.Node) bool { return child(m, path[i]) != nil })
		if i < len(path)-1 && (i == 0 && len(path) > 2 || isLent) {
			name, value := n.Content[at], n.Content[at+size-1]
			value.HeadComment, value.FootComment, name.FootComment = "", "", ""
			name.HeadComment = left
			value.Style |= yaml.FlowStyle
			return
		}
		w.touch(n)
		n.Content = slices.Delete(n.Content, at, at+size)
		switch {
		case at < len(n.Content):
			n.Content[at].HeadComment = joined(left, n.Content[at].HeadComment)
			return
		case at > 0:
			addFoot(n.Content[at-size], left)
			return
		}
	}
}

// unflow makes what lies on the way collections in block style, which have no place in the
// text yet. A comment beside such a one is beside its key.
func unflow(way []*yaml.Node, path Path) {
	for i, n := range way {
		if n.Style&yaml.FlowStyle != 0 {
			n.Style &^= yaml.FlowStyle
			n.Line, n.Column = 0, 0
		}
		if i > 0 && n.LineComment != "" && way[i-1].Kind == yaml.MappingNode {
			key := way[i-1].Content[find(way[i-1], path[i-1], 0)-1]
			key.LineComment, n.LineComment = n.LineComment, ""
		}
	}
}

// own makes sure that a change of the node changes no other place of the document. An empty flow
// map ({}) becomes a block map on the way, so that what is added to it reads like the rest.
func (w *writer) own(n *yaml.Node) {
	if n.Kind == yaml.AliasNode {
		w.resolve(n)
	}
	if n.Anchor != "" {
		w.replaceAliases(map[*yaml.Node]bool{n: true})
		n.Anchor, n.Line, n.Column = "", 0, 0 // it was that of the anchor
	}
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		n.Style &^= yaml.FlowStyle
	}
}

// disown makes copies of what a value, which is about to go, shares with other places.
func (w *writer) disown(value *yaml.Node) {
	anchored := map[*yaml.Node]bool{}
	each(value, func(n *yaml.Node) {
		if n.Anchor != "" {
			anchored[n] = true
		}
	})
	if len(anchored) > 0 {
		w.byLines = false
		w.replaceAliases(anchored)
	}
}

// replaceAliases turns every alias of one of the anchored nodes into a copy of it.
func (w *writer) replaceAliases(anchored map[*yaml.Node]bool) {
	each(w.doc, func(n *yaml.Node) {
		if n.Kind == yaml.AliasNode && anchored[n.Alias] {
			w.resolve(n)
		}
	})
}

// resolve makes an alias a copy of what it stands for, with its own comments. The printer has no
// place for one behind the key of a map or a list, so it goes above what is in it.
func (w *writer) resolve(alias *yaml.Node) {
	c := *w.copy(alias)
	c.HeadComment, c.LineComment, c.FootComment = alias.HeadComment, alias.LineComment, alias.FootComment
	if c.Kind != yaml.ScalarNode {
		c.HeadComment, c.LineComment = joined(c.HeadComment, c.LineComment), ""
	}
	*alias = c
}

// copy returns a deep copy without anchors and aliases, and without places in the text.
func (w *writer) copy(n *yaml.Node) *yaml.Node {
	if w.copies++; w.copies > maxCopies {
		w.err = ErrTooManyAliases
		return n
	}
	c := *Resolve(n)
	c.Anchor, c.Line, c.Column = "", 0, 0
	c.Content = slices.Clone(c.Content)
	for i, e := range c.Content {
		c.Content[i] = w.copy(e)
	}
	return &c
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
