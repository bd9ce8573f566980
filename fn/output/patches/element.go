package patches

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/cloud"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/home"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output/proof"
)

// element is an entry of one of the lists of patches of a home, or of a component that it lists.
type element struct {
	entry kustomize.Step // in the tree
	item  *krm.Item
	list  edit.Path
	index int
	node  *yaml.Node
	body  string // "" where a file holds it
	docs  []*yaml.Node

	effect  *effect // of those that may be of workload identity
	ours    bool    // it is, or becomes so
	adopted bool
	goes    bool // no patch takes its place
}

// readElements reads the lists of patches: of the home, and of the components that it lists.
func (w *writer) readElements() {
	layers := w.Tree.Components(w.Root)
	for _, e := range w.Tree.Entries(w.Root) {
		isOthers := slices.ContainsFunc(w.homes.List, func(h *home.Home) bool { return h != w.Home && h.Item == e.Item })
		if !e.IsPatch() || !slices.Contains(layers, e.Item) || isOthers {
			continue
		}
		at := w.Place(e)
		el := &element{entry: e, item: at.Item, node: e.Node()}
		el.list, el.index = at.Element()
		el.body = edit.Text(el.node, "patch")
		if text := edit.Text(el.node); strings.Contains(text, "\n") {
			el.body = text // of patchesStrategicMerge
		}
		el.docs = documents(el.body)
		w.elements = append(w.elements, el)
	}
}

// documents returns the documents of the text of a patch; none where it is no YAML.
func documents(text string) (docs []*yaml.Node) {
	decoder := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	for {
		var doc yaml.Node
		if err := decoder.Decode(&doc); err != nil {
			if !errors.Is(err, io.EOF) {
				return nil
			}
			return docs
		}
		if root := edit.Resolve(doc.Content[0]); !edit.IsNull(root) {
			docs = append(docs, root)
		}
	}
}

// name is the metadata.name in the body, which kustomize does not look at where there is a target.
func (e *element) name() string {
	if len(e.docs) == 0 {
		return ""
	}
	return edit.Text(e.docs[0], "metadata", "name")
}

// config is the name of the configuration whose patch it is, "" for none.
func (e *element) config() string {
	name, isConfigs := strings.CutPrefix(e.name(), api.PatchPrefix)
	if !isConfigs {
		return ""
	}
	return name
}

// mayCarry reports whether it mentions workload identity, so far as its text is here; what is in a
// file is looked at.
func (e *element) mayCarry() bool {
	if e.body == "" {
		return true
	}
	return slices.ContainsFunc(cloud.KeyWords(), func(word string) bool {
		return strings.Contains(e.body, strings.TrimSuffix(word, "/")) || strings.Contains(e.body, strings.ReplaceAll(word, "/", "~1"))
	}) || strings.Contains(e.body, `\`)
}

// effect is what an element does by itself, with no other patch of the home.
type effect struct {
	unknown bool // there is no build
	sets    []set
	others  []string // fields of objects that it changes beside
}

// set is a key of workload identity that an element sets, or takes away.
type set struct {
	on       kustomize.Built
	object   *object // nil where it is none of the home's controllers
	path     edit.Path
	from, to string // "" for none
}

func (s set) verb() string {
	if s.to == "" {
		return "takes away"
	}
	return "sets"
}

// value returns what an element sets at a path, "" for nothing.
func (e *element) value(path edit.Path) string {
	switch {
	case e == nil:
	case e.effect != nil:
		if i := slices.IndexFunc(e.effect.sets, func(s set) bool { return slices.Equal(s.path, path) }); i >= 0 {
			return e.effect.sets[i].to
		}
	case len(e.docs) == 1:
		return edit.Text(e.docs[0], path...)
	}
	return ""
}

// effectOf returns what an element does. What it does not do by itself it may do after others, to
// objects that are selected by what these have set.
func (w *writer) effectOf(e *element) *effect {
	var all, others []kustomize.Step
	for _, other := range w.elements {
		all = append(all, other.entry)
		if other != e {
			others = append(others, other.entry)
		}
	}
	tree := w.Tree
	if !slices.Contains(kinds, e.kind()) {
		tree = tree.Whole()
	}
	found := w.differ(tree.Without(all...), tree.Without(others...))
	if len(found.sets)+len(found.others) == 0 {
		found = w.differ(tree.Without(e.entry), tree)
	}
	return found
}

// kind is that of the objects that it is for, as far as it says so.
func (e *element) kind() string {
	if kind := edit.Text(e.node, "target", "kind"); kind != "" || edit.Get(e.node, "target") != nil || len(e.docs) != 1 {
		return kind
	}
	return edit.Text(e.docs[0], "kind")
}

func (w *writer) differ(without, with *kustomize.Tree) *effect {
	before, after := without.Build(w.Root), with.Build(w.Root)
	found := &effect{}
	if before.Err != nil || after.Err != nil || len(before.Objects) != len(after.Objects) {
		found.unknown = true
		return found
	}
	for i, o := range after.Objects {
		was := before.Objects[i]
		for _, d := range proof.Differences(was.Node, o.Node) {
			found.sets = append(found.sets, set{o, w.objectOf(o), d.Path, d.From, d.To})
		}
		if field := proof.FirstOther(was.Node, o.Node); field != "" && len(found.others) == 0 {
			found.others = append(found.others, fmt.Sprintf("%s of %s %s", field, o.Kind, o.Name))
		}
	}
	return found
}
