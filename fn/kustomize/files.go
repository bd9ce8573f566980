package kustomize

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// asIs is where kustomize finds what it is to read without marks, and nothing for a file that is absent.
const asIs = "/.flux-workload-identity"

// files is a tree as a file system to read. What else kustomize might do with it comes to nothing.
type files struct {
	filesys.FileSystem
	*Tree
	kustomizations map[string]*layer // by place
	objects        map[string]bool   // the files of resources, by place
	thin           bool              // without what cannot matter
	layers, read   int               // and objects, so far
}

// CleanedAbs says whether a place is a directory.
func (f *files) CleanedAbs(place string) (dir filesys.ConfirmedDir, file string, err error) {
	if place = path.Clean(filepath.ToSlash(place)); f.kustomizations[place] != nil {
		return filesys.ConfirmedDir(place), "", nil
	}
	return filesys.ConfirmedDir(path.Dir(place)), path.Base(place), nil
}

// Beyond these kustomize takes too long: of bases that are listed twice on each of twelve levels, 25 s.
const (
	maxLayers  = 1_000
	maxObjects = 50_000
)

var errTooMany = errors.New("too many layers or objects to build")

// ReadFile returns a Kustomization as kustomize is to see it, and any other file as it is to be read.
func (f *files) ReadFile(place string) ([]byte, error) {
	place = path.Clean(filepath.ToSlash(place))
	if _, plain, isPlain := strings.Cut(place, asIs); isPlain {
		switch made, file := f.tools[plain], f.fileAt(plain); {
		case made != nil:
			return made.text, nil
		case file != nil:
			return f.text(file, false, false), nil
		}
		return nil, nil
	}
	if l := f.kustomizations[path.Dir(place)]; l != nil && path.Base(place) == krm.KustomizationFiles[0] { // whatever it is called
		if f.layers++; f.layers > maxLayers {
			panic(errTooMany) // which ends the build
		}
		return json.Marshal(l.fields)
	} else if file := f.fileAt(place); file != nil && (l == nil || !inOwnFile(place)) {
		for _, d := range file.Documents {
			f.read += max(1, len(d.Items))
		}
		if f.read > maxObjects {
			panic(errTooMany)
		}
		return f.text(file, f.objects[place], f.thin), nil
	}
	return nil, fs.ErrNotExist
}

// heavy are the kinds that flux install prints and that cannot carry an identity.
var heavy = []string{"CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding", "NetworkPolicy", "ResourceQuota", "Service"}

// text returns a file, with marks where it is to be known what is made of it.
func (t *Tree) text(file *krm.File, marked, thin bool) []byte {
	var out bytes.Buffer
	for n, d := range file.Documents {
		if marked && thin && d.Item != nil && d.Item.MayBe(heavy...) {
			continue
		}
		if n > 0 {
			out.WriteString("\n---\n")
		}
		out.Write(t.document(file, n, marked))
	}
	return out.Bytes()
}

// begins matches what an object in block style begins with: a line more before that is a field.
var begins = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([ \t]*(#.*)?\r?\n)*[A-Za-z][A-Za-z0-9_.-]*:[ \r\n]`)
})

// document returns one of the documents. What kpt adds to items is not there for kustomize.
func (t *Tree) document(file *krm.File, n int, marked bool) []byte {
	d := file.Documents[n]
	if d.Text != nil && (!marked || d.Item == nil && d.Items == nil) {
		return d.Text
	}
	newMark := func(item *krm.Item) string {
		id := fmt.Sprint(len(t.marks))
		if t.added[t.at(file.Path)] != nil {
			item = nil // of no list that the stream knows
		}
		t.marks[id] = Built{Item: item, File: file.Path, Index: n}
		return id
	}
	if d.Text != nil && d.Item != nil && begins().Match(d.Text) {
		return append(fmt.Appendf(nil, "%s: %q\n", mark, newMark(d.Item)), d.Text...)
	}
	root := value(d.Node())
	for _, item := range append(d.Items[:len(d.Items):len(d.Items)], d.Item) {
		if item == nil {
			continue
		}
		object, _ := root.(map[string]any)
		for _, n := range item.Place() {
			items, _ := object["items"].([]any)
			object, _ = items[n].(map[string]any)
		}
		metadata, _ := object["metadata"].(map[string]any)
		if annotations, _ := metadata["annotations"].(map[string]any); d.Text == nil && annotations != nil {
			if maps.DeleteFunc(annotations, func(key string, _ any) bool { return krm.IsOrchestrators(key) }); len(annotations) == 0 {
				delete(metadata, "annotations")
			}
		}
		if marked {
			object[mark] = newMark(item)
		}
	}
	text, err := json.Marshal(root)
	if errors.Is(err, errTwice) {
		if text, err := yaml.String(d.Node()); err == nil {
			return []byte(text) // of which kustomize says so
		}
	}
	if err != nil {
		text = fmt.Append(nil, "cannot be read: ", err) // which kustomize refuses
	}
	return text
}

// twice stands for the value of a key that is there twice, which JSON cannot say.
type twice struct{}

var errTwice = errors.New("a key is there twice")

// MarshalJSON implements json.Marshaler.
func (twice) MarshalJSON() ([]byte, error) { return nil, errTwice }

// value returns a node as JSON has it; of annotations that are there twice, as where kpt has put its own beside
// others, the last ones.
func value(n *yaml.Node) any {
	switch {
	case edit.IsNull(n):
		return nil
	case edit.IsMap(n):
		m := map[string]any{}
		for _, p := range edit.Pairs(n) {
			if _, again := m[p.Key]; again && p.Key != "annotations" {
				m[p.Key] = twice{}
				continue
			}
			m[p.Key] = value(p.Value)
		}
		return m
	case edit.IsList(n):
		list := []any{}
		for _, e := range edit.Elements(n) {
			list = append(list, value(e))
		}
		return list
	}
	return edit.Value(n)
}
