package home

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/cloud"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output"
	"flux-workload-identity/fn/output/proof"
)

// Entry is an entry of one of the lists of patches of a home, or of a component that it lists.
type Entry struct {
	Item  *krm.Item
	List  edit.Path
	Index int
	Node  *yaml.Node
	Body  string       // "" where a file holds it
	Docs  []*yaml.Node // of the body; none where it is no YAML

	step kustomize.Step // in the tree
}

// Entries returns those of a home, but for those in others.
func (h *Home) Entries(others []*Home) (entries []*Entry) {
	layers := h.Tree.Components(h.Root)
	for _, step := range h.Tree.Entries(h.Root) {
		isOthers := slices.ContainsFunc(others, func(o *Home) bool { return o != h && o.Item == step.Item })
		if !step.IsPatch() || !slices.Contains(layers, step.Item) || isOthers {
			continue
		}
		at := h.Place(step)
		e := &Entry{step: step, Item: at.Item, Node: step.Node()}
		e.List, e.Index = at.Element()
		e.Body = edit.Text(e.Node, "patch")
		if text := edit.Text(e.Node); strings.Contains(text, "\n") {
			e.Body = text // of patchesStrategicMerge
		}
		e.Docs = Documents(e.Body)
		entries = append(entries, e)
	}
	return entries
}

// Documents returns the documents of the text of a patch; none where it is no YAML.
func Documents(text string) (docs []*yaml.Node) {
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

// Name is the metadata.name in the body, which kustomize does not look at where there is a target.
func (e *Entry) Name() string {
	if len(e.Docs) == 0 {
		return ""
	}
	return edit.Text(e.Docs[0], "metadata", "name")
}

// Kind is that of the objects that it is for, as far as it says so.
func (e *Entry) Kind() string {
	if kind := edit.Text(e.Node, "target", "kind"); kind != "" || edit.Get(e.Node, "target") != nil || len(e.Docs) != 1 {
		return kind
	}
	return edit.Text(e.Docs[0], "kind")
}

// Names returns those in the target, of a pattern that lists some.
func (e *Entry) Names() []string {
	return strings.FieldsFunc(edit.Text(e.Node, "target", "name"), func(r rune) bool { return strings.ContainsRune("()|^$", r) })
}

// MayCarry reports whether it mentions workload identity, so far as its text is here; what is in a
// file is looked at.
func (e *Entry) MayCarry() bool {
	return e.Body == "" || strings.Contains(e.Body, `\`) || slices.ContainsFunc(cloud.KeyWords(), func(word string) bool {
		return strings.Contains(e.Body, strings.TrimSuffix(word, "/")) || strings.Contains(e.Body, strings.ReplaceAll(word, "/", "~1"))
	})
}

// Effect is what an entry does by itself, with no other patch of the home.
type Effect struct {
	Unknown bool // there is no build
	Sets    []Set
	Others  string // a field that it changes beside, and whose; "" for none
}

// Set is a key of workload identity that an entry sets, or takes away.
type Set struct {
	On kustomize.Built
	proof.Difference
}

// IsHarmless reports whether the key does nothing there.
func (s Set) IsHarmless() bool {
	return output.Key{Path: s.Path, Owner: cloud.Owner(s.Path[len(s.Path)-1])}.IsHarmless(s.On.Kind)
}

func (s Set) String() string {
	verb := "sets"
	if s.To == "" {
		verb = "takes away"
	}
	return fmt.Sprintf("%s %s of %s %s", verb, s.Path, s.On.Kind, s.On.Name)
}

// EffectOf returns what one of the entries does. What it does not do by itself it may do after others, to
// objects that are selected by what these have set.
func (h *Home) EffectOf(e *Entry, entries []*Entry) *Effect {
	var all, others []kustomize.Step
	for _, other := range entries {
		all = append(all, other.step)
		if other != e {
			others = append(others, other.step)
		}
	}
	tree := h.Tree
	if kind := e.Kind(); kind != "ServiceAccount" && kind != "Deployment" {
		tree = tree.Whole()
	}
	found := h.differ(tree.Without(all...), tree.Without(others...))
	if len(found.Sets) == 0 && found.Others == "" {
		found = h.differ(tree.Without(e.step), tree)
	}
	return found
}

func (h *Home) differ(without, with *kustomize.Tree) *Effect {
	before, after := without.Build(h.Root), with.Build(h.Root)
	if before.Err != nil || after.Err != nil || len(before.Objects) != len(after.Objects) {
		return &Effect{Unknown: true}
	}
	found := &Effect{}
	for i, o := range after.Objects {
		was := before.Objects[i]
		for _, d := range proof.Differences(was.Node, o.Node) {
			found.Sets = append(found.Sets, Set{o, d})
		}
		if field := proof.FirstOther(was.Node, o.Node); field != "" && found.Others == "" {
			found.Others = fmt.Sprintf("%s of %s %s", field, o.Kind, o.Name)
		}
	}
	return found
}
