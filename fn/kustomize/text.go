package kustomize

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// form is which text of a file kustomize is given.
type form int

const (
	plain         form = iota // as it is
	full                      // with marks
	thin                      // with marks, without what cannot matter
	configuration             // of plugins: for tools alone, and yet built
)

// Where files are in memory: those that are read as they are, and one that holds nothing.
const (
	asIs    = "/.as-is"
	nothing = "/.nothing"
)

// memory returns where a file or directory is in memory.
func (t *Tree) memory(name string) string {
	if path.IsAbs(name) {
		return "/.absolute" + escaped(path.Clean(name))
	}
	return path.Join("/"+strings.Repeat("up/", t.load().up), escaped(name))
}

// illegal matches what kyaml's file system in memory takes in no name (filesys/fsnode.go).
var illegal = regexp.MustCompile(`[^/a-zA-Z0-9_.-]|\.{3,}|[^/.]\.\.|\.\.[^/.]`)

// escaped returns a name without it.
func escaped(name string) string {
	return illegal.ReplaceAllStringFunc(name, func(s string) string { return fmt.Sprintf(":%x:", s) })
}

var escape = regexp.MustCompile(":((?:[0-9a-f]{2})+):")

// unescaped returns a text with the names as they are.
func unescaped(text string) string {
	return escape.ReplaceAllStringFunc(text, func(s string) string {
		name, err := hex.DecodeString(s[1 : len(s)-1])
		if err != nil {
			return s
		}
		return string(name)
	})
}

// heavy are the kinds that flux install prints and that cannot carry an identity.
var heavy = []string{"CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding", "NetworkPolicy", "ResourceQuota", "Service"}

// file returns a file of the tree, nil where it has none of the name.
func (t *Tree) file(name string) *krm.File {
	if f := t.added[name]; f != nil {
		return f
	}
	return t.load().files[name]
}

func (t *Tree) size(name string) (objects int) {
	for _, d := range t.file(name).Documents {
		objects += max(1, len(d.Items))
	}
	return objects
}

// text returns a file in one of the forms.
func (t *Tree) text(name string, as form) []byte {
	var out bytes.Buffer
	for n, d := range t.file(name).Documents {
		if as == thin && d.Item != nil && d.Item.MayBe(heavy...) {
			continue
		}
		if n > 0 {
			out.WriteString("\n---\n")
		}
		out.Write(t.document(d, Built{File: name, Index: n}, as))
	}
	return out.Bytes()
}

// begins matches what an object in block style begins with: a line more before that is a field.
var begins = regexp.MustCompile(`^([ \t]*(#.*)?\r?\n)*[A-Za-z][A-Za-z0-9_.-]*:[ \r\n]`)

// document returns a document in one of the forms. Its objects are what o says.
func (t *Tree) document(d krm.Document, o Built, as form) []byte {
	if d.Text != nil && (as == plain || d.Item == nil && d.Items == nil) {
		return d.Text
	}
	id := func(item *krm.Item, place []int) string {
		id := fmt.Sprint(o.File, "#", o.Index, place)
		if o.Item = item; t.added[o.File] != nil {
			id, o.Item = "+"+id, nil // of no list that the stream knows
		}
		t.origin[id] = o
		return id
	}
	if d.Text != nil && d.Item != nil && as != configuration && begins.Match(d.Text) {
		return append(fmt.Appendf(nil, "%s: %q\n", mark, id(d.Item, nil)), d.Text...)
	}
	root := light(d.Node())
	for _, item := range append(d.Items[:len(d.Items):len(d.Items)], d.Item) {
		if item == nil {
			continue
		}
		object, place := root, item.Place()
		for _, n := range place {
			object = edit.Elements(edit.Get(object, "items"))[n]
		}
		if annotations := edit.Get(object, "metadata", "annotations"); annotations != nil {
			drop(annotations, func(key string, _ *yaml.Node) bool {
				return d.Text == nil && krm.IsOrchestrators(key) || as == configuration && key == konfig.IgnoredByKustomizeAnnotation
			})
			empty := func(_ string, v *yaml.Node) bool { return edit.IsMap(v) && len(edit.Resolve(v).Content) == 0 }
			drop(edit.Get(object, "metadata"), empty)
			drop(object, func(key string, v *yaml.Node) bool { return key == "metadata" && empty(key, v) })
		}
		if as == thin || as == full {
			object.Content = append(object.Content, edit.NewString(mark), edit.NewString(id(item, place)))
		}
	}
	return printed(root)
}

func drop(m *yaml.Node, isIt func(key string, value *yaml.Node) bool) {
	m = edit.Resolve(m)
	for i := len(m.Content) - 2; i >= 0; i -= 2 {
		if isIt(m.Content[i].Value, m.Content[i+1]) {
			m.Content = append(m.Content[:i], m.Content[i+2:]...)
		}
	}
}

// light returns a copy without comments, and without what the printer gets wrong: some block
// scalars, and tags of merge keys.
func light(n *yaml.Node) *yaml.Node {
	return lighten(n, map[*yaml.Node]*yaml.Node{})
}

func lighten(n *yaml.Node, known map[*yaml.Node]*yaml.Node) *yaml.Node {
	if n == nil || known[n] != nil {
		return known[n]
	}
	c := *n
	known[n] = &c
	c.HeadComment, c.LineComment, c.FootComment = "", "", ""
	if c.Tag == yaml.MergeTag {
		c.Tag = ""
	}
	c.Content, c.Alias = make([]*yaml.Node, len(n.Content)), lighten(n.Alias, known)
	for i := range c.Content {
		c.Content[i] = lighten(n.Content[i], known)
	}
	edit.Quote(&c)
	return &c
}

func printed(n *yaml.Node) []byte {
	text, err := yaml.String(light(n))
	if err != nil {
		return nil // which kustomize refuses
	}
	return []byte(text)
}
