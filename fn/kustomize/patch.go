package kustomize

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// PatchesPath is the list of patches of a Kustomization.
var PatchesPath = edit.Path{"patches"}

// Patch is an entry of a list of patches (api/types/patch.go): a strategic merge of one or
// several documents, or operations of RFC 6902.
type Patch struct {
	Field edit.Path  // where it stands, as in patches[2]
	Entry *yaml.Node // nil where it is no map
	// Target selects the objects; nil where the documents name them.
	Target *Selector
	// File holds the patch where the entry does not.
	File string
	// Unread says that the patch is not known: its file is not among the items, or it is no YAML.
	Unread bool
	// Late says that it is applied after all entries of patches.
	Late bool

	documents  []*yaml.Node
	operations []operation
}

// operation is one of RFC 6902.
type operation struct {
	op    string
	path  edit.Path
	value *yaml.Node
	gone  bool // nothing is left at the path
}

// Patches returns all patches of a Kustomization, in the order in which kustomize applies
// them (api/internal/target: the strategic merges, patches, the operations). Contents of
// files are looked for among the items.
func (k *Kustomization) Patches(items []*krm.Item) (patches []*Patch) {
	root := k.Item.Node()
	r := patchReader{dir: k.Dir(), items: items}
	for i, e := range edit.Elements(edit.Get(root, "patchesStrategicMerge")) {
		p := &Patch{Field: edit.Path{"patchesStrategicMerge"}.At(i)}
		if text := edit.Text(e); strings.Contains(text, "\n") {
			p.read(text)
		} else {
			r.readFile(p, text)
		}
		patches = append(patches, p)
	}
	patches = append(patches, r.list(root, PatchesPath)...)
	for _, p := range r.list(root, edit.Path{"patchesJson6902"}) {
		p.Late = true
		patches = append(patches, p)
	}
	return patches
}

// ListOf returns the patches of a list in any object that has one as a Kustomization has.
func ListOf(root *yaml.Node, list edit.Path) []*Patch {
	return (&patchReader{}).list(root, list)
}

type patchReader struct {
	dir   string
	items []*krm.Item
}

func (r *patchReader) list(root *yaml.Node, list edit.Path) (patches []*Patch) {
	for i, e := range edit.Elements(edit.Get(root, list...)) {
		p := &Patch{Field: list.At(i), Unread: !edit.IsMap(e)}
		if !p.Unread {
			p.Entry = e
		}
		if target := edit.Get(e, "target"); target != nil {
			p.Target = selectorOf(target)
		}
		if text := edit.Text(e, "patch"); text != "" {
			p.read(text)
		} else if file := edit.Text(e, "path"); file != "" {
			r.readFile(p, file)
		}
		patches = append(patches, p)
	}
	return patches
}

func (r *patchReader) readFile(p *Patch, file string) {
	p.File = path.Join(r.dir, file)
	for _, item := range r.items {
		if item.Path() == p.File {
			p.documents = append(p.documents, item.Node())
		}
	}
	p.Unread = len(p.documents) == 0
}

// read reads the text of a patch: documents to merge, or one list of operations.
func (p *Patch) read(text string) {
	if plain, ok := withoutEscapes(text); ok {
		text = plain
	}
	decoder := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			p.Unread = true
			return
		}
		switch root := edit.Resolve(doc.Content[0]); {
		case edit.IsMap(root):
			p.documents = append(p.documents, root)
		case edit.IsList(root):
			p.readOperations(root)
		case !edit.IsNull(root):
			p.Unread = true
		}
	}
}

// withoutEscapes returns JSON without escapes that YAML does not know: \\/ above all.
func withoutEscapes(text string) (plain string, ok bool) {
	var v any
	if !strings.Contains(text, `\/`) || json.Unmarshal([]byte(text), &v) != nil {
		return "", false
	}
	printed, err := json.Marshal(v)
	return string(printed), err == nil
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~") // RFC 6901

func (p *Patch) readOperations(list *yaml.Node) {
	for _, e := range edit.Elements(list) {
		for _, field := range []string{"path", "from"} {
			pointer := edit.Text(e, field)
			if pointer == "" {
				continue
			}
			o := operation{op: edit.Text(e, "op"), value: edit.Get(e, "value")}
			o.gone = field == "from" || o.op == "remove"
			if field == "from" && o.op != "move" {
				continue // a copy leaves its source alone
			}
			for _, name := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
				o.path = append(o.path, unescape.Replace(name))
			}
			p.operations = append(p.operations, o)
		}
	}
}

// Documents returns the number of documents that the patch merges.
func (p *Patch) Documents() int {
	return len(p.documents)
}

// Name returns the metadata.name in the body of a patch, in the first of its documents.
// kustomize does not look at it where the patch has a target.
func (p *Patch) Name() string {
	if len(p.documents) == 0 || p.File != "" {
		return ""
	}
	return edit.Text(p.documents[0], "metadata", "name")
}

// Kind returns the kind of the objects, as the target or the body names it.
func (p *Patch) Kind() string {
	if p.Target != nil && p.Target.Kind != "" || len(p.documents) == 0 {
		return p.target().Kind
	}
	return edit.Text(p.documents[0], "kind")
}

func (p *Patch) target() Selector {
	if p.Target == nil {
		return Selector{}
	}
	return *p.Target
}
