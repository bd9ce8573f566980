package krm

import (
	"bytes"
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
	// Index is the place of the item in the list, from 0.
	Index int

	node *yaml.Node
	list *ResourceList

	// Of an item that is a slice of the list's text:
	text   []byte     // from the dash to the end of the content
	kind   string     // as the scan saw it
	doc    *yaml.Node // the text, parsed
	edited bool
	broken bool // it could not be parsed or printed by itself after all

	named bool // ref and file are known
	ref   *fn.ResourceRef
	file  *fn.File
}

// Node returns the root of the object, for reading.
func (i *Item) Node() *yaml.Node {
	if i.node == nil {
		i.parse()
	}
	return edit.Resolve(i.node)
}

// MayBe reports whether the item may be of one of the kinds. It is cheap: where it says no,
// the item need not be parsed.
func (i *Item) MayBe(kinds ...string) bool {
	if i.kind != "" && i.kind != oddKind {
		return slices.Contains(kinds, i.kind)
	}
	return slices.Contains(kinds, edit.Text(i.Node(), "kind"))
}

// Mentions reports whether one of the words may be in the item. Where it says no, the item
// need not be parsed to look for them.
func (i *Item) Mentions(words ...string) bool {
	if i.node != nil || bytes.IndexByte(i.text, '\\') >= 0 {
		return true
	}
	return slices.ContainsFunc(words, func(word string) bool { return bytes.Contains(i.text, []byte(word)) })
}

// File returns the file from which the orchestrator read the item and the place of the
// item in it, or nil where it is not known. Under kustomize it never is: what a second
// function of a build sees there is a name that kyaml made up for the first.
func (i *Item) File() *fn.File {
	i.name()
	return i.file
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
	i.name()
	return i.ref
}

// Refer makes results name the item by a reference that says more than its own fields.
func (i *Item) Refer(ref *fn.ResourceRef) {
	i.name()
	i.ref = ref
}

// at names a field of an item that has no name, or the item where path is nil: by the file,
// where it is known, else by the place in the list.
func (i *Item) at(path edit.Path) string {
	place, dot := fmt.Sprintf("items[%d]", i.Index), "."
	if m := i.list.manifests; m != nil {
		d := m.documents[i.Index]
		place, dot = m.place(d.stream, d.number), ": "
	} else if file := i.File(); file != nil {
		if place, dot = file.Path, ": "; file.Index > 0 {
			place += fmt.Sprintf(": document %d", file.Index+1)
		}
	}
	if path == nil {
		return place
	}
	return place + dot + path.String()
}

// naming are the fields that say which object an item is, and where it comes from.
var naming = Fields{"apiVersion": nil, "kind": nil, "metadata": nil}

// name notes what stays known of an item when it is released.
func (i *Item) name() {
	if i.named {
		return
	}
	if root := i.Outline(naming); !i.named { // an outline is noted already
		i.ref, i.file, i.named = refTo(root), i.fileIn(root), true
	}
}

func fileOf(object *yaml.Node) *fn.File {
	annotations := edit.Get(object, "metadata", "annotations")
	path := firstText(annotations, pathAnnotation, legacyPathAnnotation)
	if path == "" || edit.Get(annotations, kustomizeIDAnnotation) != nil {
		return nil
	}
	index, _ := strconv.Atoi(firstText(annotations, indexAnnotation, legacyIndexAnnotation))
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

func firstText(n *yaml.Node, keys ...string) string {
	for _, key := range keys {
		if s := edit.Text(n, key); s != "" {
			return s
		}
	}
	return ""
}
