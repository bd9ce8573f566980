package kustomize

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// asIs is where kustomize finds what it is to read without marks, and nothing in a file that is absent.
const asIs = "/.as-is"

// at returns where kustomize finds a file or directory.
func (t *Tree) at(name string) string {
	if path.IsAbs(name) {
		return name
	}
	return path.Join(t.load().here, name)
}

// files is a tree as a file system to read. What else kustomize might do with it comes to nothing.
type files struct {
	filesys.FileSystem
	*Tree
	top    *layer
	marked map[string]bool // files of objects
	as     form            // of these
}

// name returns the file or directory that kustomize finds at a place.
func (f *files) name(at string) string {
	at = path.Clean(filepath.ToSlash(at))
	if at != f.here && !strings.HasPrefix(at, "/.here/") {
		return at
	}
	name, err := filepath.Rel(f.here, at)
	if err != nil {
		return at
	}
	return filepath.ToSlash(name)
}

// layerAt returns the layer of a directory, nil for what is none.
func (f *files) layerAt(dir string) *layer {
	switch {
	case dir == f.top.dir:
		return f.top
	case f.own[dir] != nil:
		return f.layer(dir)
	}
	return nil
}

// CleanedAbs says whether a place is a directory.
func (f *files) CleanedAbs(at string) (dir filesys.ConfirmedDir, file string, err error) {
	if f.layerAt(f.name(at)) == nil {
		return filesys.ConfirmedDir(path.Dir(at)), path.Base(at), nil
	}
	return filesys.ConfirmedDir(at), "", nil
}

// ReadFile returns a Kustomization as kustomize is to see it, and any other file as it is to be read.
func (f *files) ReadFile(at string) ([]byte, error) {
	rest, isPlain := strings.CutPrefix(filepath.ToSlash(at), asIs)
	name := f.name(rest)
	l := f.layerAt(path.Dir(name))
	switch {
	case isPlain && f.tools[name] != nil:
		return f.tools[name].text, nil
	case isPlain && f.file(name) == nil:
		return nil, nil
	case !isPlain && l != nil && path.Base(name) == krm.KustomizationFiles[0]:
		return json.Marshal(l.fields)
	case f.file(name) == nil, !isPlain && l != nil && inOwnFile(name): // whatever it is called, it has been seen
		return nil, fmt.Errorf("%s is not among the files", at)
	case isPlain || !f.marked[name]:
		return f.text(name, plain), nil
	}
	return f.text(name, f.as), nil
}

// form is which text of a file kustomize is given.
type form int

const (
	plain form = iota // as it is
	full              // with marks
	thin              // with marks, without what cannot matter
)

// heavy are the kinds that flux install prints and that cannot carry an identity.
var heavy = []string{"CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding", "NetworkPolicy", "ResourceQuota", "Service"}

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
		out.Write(t.document(t.file(name), n, as))
	}
	return out.Bytes()
}

// begins matches what an object in block style begins with: a line more before that is a field.
var begins = regexp.MustCompile(`^([ \t]*(#.*)?\r?\n)*[A-Za-z][A-Za-z0-9_.-]*:[ \r\n]`)

// document returns a document in one of the forms.
func (t *Tree) document(file *krm.File, n int, as form) []byte {
	d := file.Documents[n]
	if d.Text != nil && (as == plain || d.Item == nil && d.Items == nil) {
		return d.Text
	}
	newMark := func(item *krm.Item, place []int) string {
		id := fmt.Sprint(file.Path, "#", n, place)
		if t.added[file.Path] != nil {
			item = nil // of no list that the stream knows
		}
		t.marks[id] = Built{Item: item, File: file.Path, Index: n}
		return id
	}
	if d.Text != nil && d.Item != nil && begins.Match(d.Text) {
		return append(fmt.Appendf(nil, "%s: %q\n", mark, newMark(d.Item, nil)), d.Text...)
	}
	root := light(d.Node(), map[*yaml.Node]*yaml.Node{})
	for _, item := range append(d.Items[:len(d.Items):len(d.Items)], d.Item) {
		if item == nil {
			continue
		}
		object, place := root, item.Place()
		for _, n := range place {
			object = edit.Elements(edit.Get(object, "items"))[n]
		}
		if annotations := edit.Get(object, "metadata", "annotations"); d.Text == nil && annotations != nil {
			drop(annotations, krm.IsOrchestrators)
			drop(edit.Get(object, "metadata"), func(key string) bool { return key == "annotations" && len(annotations.Content) == 0 })
		}
		if as != plain {
			object.Content = append(object.Content, edit.NewString(mark), edit.NewString(newMark(item, place)))
		}
	}
	text, err := yaml.String(root)
	if err != nil {
		return nil // which kustomize refuses
	}
	return []byte(text)
}

// drop takes fields out of a map.
func drop(m *yaml.Node, isIt func(key string) bool) {
	for i := len(m.Content) - 2; i >= 0; i -= 2 {
		if isIt(m.Content[i].Value) {
			m.Content = slices.Delete(m.Content, i, i+2)
		}
	}
}

// light returns a copy without comments, and without what the printer gets wrong: some block
// scalars, and tags of merge keys.
func light(n *yaml.Node, known map[*yaml.Node]*yaml.Node) *yaml.Node {
	if n == nil || known[n] != nil {
		return known[n]
	}
	c := *n
	known[n] = &c
	c.HeadComment, c.LineComment, c.FootComment = "", "", ""
	if c.Tag == yaml.MergeTag {
		c.Tag = ""
	}
	c.Content, c.Alias = make([]*yaml.Node, len(n.Content)), light(n.Alias, known)
	for i := range c.Content {
		c.Content[i] = light(n.Content[i], known)
	}
	edit.Quote(&c)
	return &c
}
