package krm

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"

	"github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// Annotations that orchestrators set on items. The sources are kyaml's kio/kioutil and
// kustomize's api/internal/utils; the older names without "internal." still come.
const (
	pathAnnotation        = "internal.config.kubernetes.io/path"
	legacyPathAnnotation  = "config.kubernetes.io/path"
	indexAnnotation       = "internal.config.kubernetes.io/index"
	legacyIndexAnnotation = "config.kubernetes.io/index"
	kustomizeIDAnnotation = "kustomize.config.k8s.io/id"
	localConfigAnnotation = "config.kubernetes.io/local-config"
)

// Item is one object of a list.
type Item struct {
	// Index is the place of the item in the list, from 0. Those that are read beside come last.
	Index int

	part   *part
	within *Item // the List that holds it, nil for an item of the stream itself
	number int   // its place in that List or in the stream, with all that are no items

	kind    string   // "" for none
	implied *implied // by the List
	names   *names   // nil until somebody asks for them
}

// implied is what an object of a typed list, a ServiceAccountList for instance, need not say.
type implied struct{ apiVersion, kind string }

// names are what stays known of an item when it is released.
type names struct {
	ref  *fn.ResourceRef
	file *fn.File
}

// Node returns the root of the object, for reading.
func (i *Item) Node() *yaml.Node {
	return i.complete(edit.Resolve(i.node()))
}

// node returns the place of the object in the tree of its part.
func (i *Item) node() *yaml.Node {
	if i.within == nil || i.within.part != i.part {
		return i.part.root()
	}
	return edit.Get(i.within.node(), "items").Content[i.number]
}

// own is node for an edit: a List on the way that is used in other places of the document is
// no longer shared with them.
func (i *Item) own() (*yaml.Node, error) {
	if i.within == nil || i.within.part != i.part {
		return i.part.root(), nil
	}
	list, err := i.within.own()
	if err != nil {
		return nil, err
	}
	return edit.Element(i.part.tree(), list, "items", i.number)
}

// complete returns the object with what its List implies.
func (i *Item) complete(root *yaml.Node) *yaml.Node {
	if i.implied == nil || !edit.IsMap(root) || edit.Text(root, "kind") != "" && edit.Text(root, "apiVersion") != "" {
		return root
	}
	all := *root
	all.Content = slices.Clip(all.Content)
	if edit.Get(root, "kind") == nil {
		all.Content = append(all.Content, edit.NewString("kind"), edit.NewString(i.implied.kind))
	}
	if edit.Get(root, "apiVersion") == nil && edit.Text(&all, "kind") == i.implied.kind {
		all.Content = append(all.Content, edit.NewString("apiVersion"), edit.NewString(i.implied.apiVersion))
	}
	return &all
}

// MayBe reports whether the item is of one of the kinds. The item need not be parsed for that.
func (i *Item) MayBe(kinds ...string) bool {
	return slices.Contains(kinds, i.kind)
}

// Fields are the fields of an object to read: each whole where its value is nil, and those
// named in its value otherwise. In a list they are those of each element.
type Fields map[string]Fields

// Outline returns the root of the object for reading the given fields, and only those: of
// what is a slice no more is parsed, which takes a fraction of the time. Errors and
// duplicates within the fields are those of the whole object.
func (i *Item) Outline(fields Fields) *yaml.Node {
	if i.part.doc != nil || !i.part.plain {
		return i.Node()
	}
	doc, err := parseItem(outline(i.part.now, fields))
	if err != nil {
		return i.Node()
	}
	root := i.complete(edit.Resolve(doc.Content[0].Content[0]))
	if i.names == nil {
		i.note(root)
	}
	return root
}

// Mentions reports whether one of the words may be in the item. Where it says no, the item
// need not be parsed to look for them.
func (i *Item) Mentions(words ...string) bool {
	p := i.part
	return p.doc != nil || bytes.IndexByte(p.now, '\\') >= 0 ||
		slices.ContainsFunc(words, func(word string) bool { return bytes.Contains(p.now, []byte(word)) })
}

// Header returns what follows a word in the comments above a document, up to the end of the line, ""
// where they do not hold it. What orchestrators send has often lost them.
func (i *Item) Header(word string) string {
	for line := range bytes.Lines(i.part.read) {
		switch line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("---"))); {
		case !i.isDocument(), len(line) > 0 && line[0] != '#':
			return ""
		default:
			if _, rest, ok := bytes.Cut(line, []byte(word)); ok {
				return string(bytes.TrimSpace(rest))
			}
		}
	}
	return ""
}

// Release forgets what was parsed, where it can be parsed again: of a fleet's items few are
// needed at a time.
func (i *Item) Release() {
	i.name()
	i.part.release()
}

// outer returns the List that holds the item, nil where the stream itself does.
func (i *Item) outer() *Item {
	if i.within == nil || i.within.within == nil && i.within.part.whole {
		return nil
	}
	return i.within
}

// File returns the file from which the orchestrator read the item and the place of the
// item in it, or nil where it is not known. Under kustomize it never is: what a second
// function of a build sees there is a name that kyaml made up for the first.
//
// What a List holds is of the List's file, and a document of that of its stream: what the
// annotations there say of another file is not true of this one.
func (i *Item) File() *fn.File {
	switch outer := i.outer(); {
	case outer != nil:
		return outer.File()
	case i.isDocument() && i.part.stream.Path == "":
		return nil
	case i.isDocument():
		return &fn.File{Path: i.part.stream.Path, Index: i.part.number}
	case i.names == nil && !i.Mentions(legacyPathAnnotation): // which is the end of the other
		return nil
	}
	return i.name().file
}

// isDocument reports whether the item is a document of a stream.
func (i *Item) isDocument() bool {
	return i.part.dash < 0 && !i.part.whole
}

// Path returns the path of the file, "" where it is not known.
func (i *Item) Path() string {
	file := i.File()
	if file == nil {
		return ""
	}
	return path.Clean(file.Path)
}

// IsLocal reports whether an object is for tools alone, and never applied.
func IsLocal(object *yaml.Node) bool {
	return edit.Text(object, "metadata", "annotations", localConfigAnnotation) == "true"
}

// Ref returns what results name the item by, or nil where the item lacks one of the
// fields that the specification requires of a reference.
func (i *Item) Ref() *fn.ResourceRef {
	return i.name().ref
}

// Refer makes results name the item by a reference that says more than its own fields.
func (i *Item) Refer(ref *fn.ResourceRef) {
	i.name().ref = ref
}

// at names a field of an item that has no name, or the item where path is nil: by the file,
// where it is known, else by the place in the list.
func (i *Item) at(path edit.Path) string {
	place, dot := i.place()
	if path == nil {
		return place
	}
	return place + dot + path.String()
}

// place names the item by where it is, and returns what parts that from a field.
func (i *Item) place() (place, dot string) {
	switch outer, file := i.outer(), i.File(); {
	case outer != nil:
		place, dot = outer.place()
		return fmt.Sprintf("%s%sitems[%d]", place, dot, i.number), "."
	case i.isDocument():
		return i.part.stream.document(i.part.number), ": "
	case file == nil:
		return fmt.Sprintf("items[%d]", i.number), "."
	case file.Index > 0:
		return fmt.Sprintf("%s: document %d", file.Path, file.Index+1), ": "
	default:
		return file.Path, ": "
	}
}

// naming are the fields that say which object an item is, and where it comes from.
var naming = Fields{"apiVersion": nil, "kind": nil, "metadata": nil}

// name returns the names, and keeps them.
func (i *Item) name() *names {
	if i.names == nil {
		if root := i.Outline(naming); i.names == nil { // an outline is noted already
			i.note(root)
		}
	}
	return i.names
}

func (i *Item) note(root *yaml.Node) {
	i.names = &names{refTo(root), fileOf(root)}
}

func fileOf(object *yaml.Node) *fn.File {
	annotations := edit.Get(object, "metadata", "annotations")
	path := cmp.Or(edit.Text(annotations, pathAnnotation), edit.Text(annotations, legacyPathAnnotation))
	if path == "" || edit.Get(annotations, kustomizeIDAnnotation) != nil {
		return nil
	}
	index, _ := strconv.Atoi(cmp.Or(edit.Text(annotations, indexAnnotation), edit.Text(annotations, legacyIndexAnnotation)))
	return &fn.File{Path: path, Index: index}
}

func refTo(object *yaml.Node) *fn.ResourceRef {
	ref := &fn.ResourceRef{
		APIVersion: edit.Text(object, "apiVersion"),
		Kind:       edit.Text(object, "kind"),
		Name:       edit.Text(object, "metadata", "name"),
		Namespace:  edit.Text(object, "metadata", "namespace"),
	}
	if ref.APIVersion == "" || ref.Kind == "" || ref.Name == "" {
		return nil
	}
	return ref
}
