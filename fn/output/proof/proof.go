// Package proof has kustomize build a stream before and after the edits, and compares what comes of
// it with what a plan asks for: each controller is to have its identity, nobody else is to gain or
// lose one, and nothing else is to differ.
package proof

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/cloud"
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output"
	"flux-workload-identity/fn/plan"
)

// Wanted is what an object of a build is to carry.
type Wanted struct {
	Target   plan.Target
	Fragment provider.Fragment
	// Home holds the patches that it is to come from; nil where the object itself is edited.
	Home *krm.Item
}

// Proof is what kustomize builds of a stream, before and after the edits.
type Proof struct {
	Cloud  *provider.Provider
	Before *kustomize.Tree
	Roots  []kustomize.Root
	// Wants returns what an object is to carry; nil where it is none of a controller.
	Wants func(kustomize.Built) *Wanted
	// Name is that in the patches of this configuration; "" where the objects themselves are edited.
	Name string
	// Expected are objects that are to be built by all that reaches their home.
	Expected []Expected
	// Again returns the tree after the edits; nil where it is that of the stream.
	Again func() *kustomize.Tree
	// Place returns where a part stands in the stream; nil where it does so itself.
	Place func(kustomize.Step) kustomize.Step

	after    *kustomize.Tree
	faults   []Fault
	before   map[kustomize.Root]*outcome
	outcomes []*outcome // after the edits
	builds   int        // that were made to find who is at fault
}

// Expected is an object of a controller, known by its item, and the file of the home that is to give it
// its identity.
type Expected struct {
	File   string
	Object kustomize.Built
}

// Kind says what is wrong.
type Kind int

// The kinds of faults.
const (
	Lost    Kind = iota // a controller has not what it is to have
	Differs             // it has something else, which is right by itself
	Unasked             // it has a key of workload identity that the configuration does not ask for
	Gained              // somebody is given a key of workload identity by the edits
	Parted              // somebody who is no controller loses one
	Altered             // the edits change something else
	Gone                // a controller's object is not in the build
	Broken              // there is no build after the edits
)

// Fault is a difference between what is built and what is wanted.
type Fault struct {
	Kind   Kind
	Root   kustomize.Root
	Object kustomize.Built
	Nth    int       // of the objects that were made of the same document
	Path   edit.Path // of the key
	Want   string
	Got    *yaml.Node // nil where there is nothing
	Wanted *Wanted
	Err    error // of a build that is broken
}

// Replaced is a controller's account that had another identity before the edits.
type Replaced struct{ *Wanted }

// look builds what there is before the edits.
func (p *Proof) look() {
	if p.before == nil {
		p.before = map[kustomize.Root]*outcome{}
		for _, root := range p.Roots {
			p.before[root] = outcomeOf(p.Before, root)
		}
	}
}

// outcome is what is kept of a build: of a fleet there are many.
type outcome struct {
	root    kustomize.Root
	objects []object
	notSeen []kustomize.NotSeen
	err     error
}

// object is one of a build, without its node.
type object struct {
	kustomize.Built
	identity []output.Key
	rest     [sha256.Size]byte // of all else
}

func outcomeOf(tree *kustomize.Tree, root kustomize.Root) *outcome {
	build := tree.Build(root)
	defer tree.Forget(root)
	o := &outcome{root: root, notSeen: build.NotSeen, err: build.Err}
	for _, built := range build.Objects {
		rest := Rest(built.Node)
		if err, isError := rest.(error); isError && o.err == nil { // as kustomize has it when it prints the object
			o.err = fmt.Errorf("%s %s: %w", built.Kind, built.Name, err)
		}
		text, err := json.Marshal(rest) // whose maps are sorted
		if err != nil {
			text = []byte(err.Error())
		}
		kept := object{built, identity(built.Node), sha256.Sum256(text)}
		kept.Node = nil
		o.objects = append(o.objects, kept)
	}
	return o
}

// check builds what there is after edits of items, and compares. What these do not touch is what it was.
func (p *Proof) check(edited []*krm.Item) (faults []Fault, replaced []Replaced) {
	again := p.Again
	if again == nil {
		again = p.Before.Again
	}
	p.after, p.faults, p.outcomes = again(), nil, nil
	for _, root := range p.Roots {
		before := p.before[root]
		after := before
		if p.Again != nil || slices.ContainsFunc(edited, func(item *krm.Item) bool { return p.Before.Reaches(root, item.Path()) }) {
			after = outcomeOf(p.after, root)
		}
		c := comparison{Proof: p, root: root}
		switch {
		case before.err == nil && after.err != nil:
			c.faults = []Fault{{Kind: Broken, Root: root, Err: after.err}}
		case after.err == nil:
			c.compare(before.objects, after.objects, before.err == nil)
			c.expect(after.objects)
		}
		p.outcomes = append(p.outcomes, after)
		p.faults, replaced = append(p.faults, c.faults...), append(replaced, c.replaced...)
	}
	return p.faults, replaced
}

// expect looks for the objects that are to be in a build.
func (c *comparison) expect(after []object) {
	for _, e := range c.Expected {
		if c.Before.Reaches(c.root, e.File) && !slices.ContainsFunc(after, func(o object) bool { return o.Item == e.Object.Item }) {
			c.faults = append(c.faults, Fault{Kind: Gone, Root: c.root, Object: e.Object})
		}
	}
}

// comparison is that of one root.
type comparison struct {
	*Proof
	root     kustomize.Root
	faults   []Fault
	replaced []Replaced
}

// source is the document that an object was made of.
type source struct {
	file  string
	index int
	item  *krm.Item
}

func sourceOf(o kustomize.Built) source {
	return source{o.File, o.Index, o.Item}
}

func (c *comparison) compare(before, after []object, isKnown bool) {
	if isKnown && len(before) != len(after) {
		c.faults = append(c.faults, Fault{Kind: Altered, Root: c.root, Object: kustomize.Built{Kind: "objects"}})
		return
	}
	seen := map[source]int{}
	for i, o := range after {
		f := Fault{Root: c.root, Object: o.Built, Nth: seen[sourceOf(o.Built)], Wanted: c.Wants(o.Built)}
		seen[sourceOf(o.Built)]++
		was := o
		if isKnown {
			was = before[i]
		}
		had, has := was.identity, o.identity
		if !isKnown && f.Wanted == nil { // what an object has by itself it had before
			had = nil
			if o.Item != nil {
				had = identity(o.Item.Node())
			}
		}
		c.keys(f, had, has)
		if f.Wanted != nil && f.Wanted.Target.Identity != "" && o.Kind == "ServiceAccount" && c.isReplaced(had, has) {
			c.replaced = append(c.replaced, Replaced{f.Wanted})
		}
		if was.rest != o.rest || sourceOf(was.Built) != sourceOf(o.Built) {
			f.Kind = Altered
			c.faults = append(c.faults, f)
		}
	}
}

// keys compares what an object has of keys of workload identity before and after with what it is
// to have.
func (c *comparison) keys(f Fault, before, after []output.Key) {
	add := func(kind Kind, path edit.Path, want string, got *yaml.Node) {
		f.Kind, f.Path, f.Want, f.Got = kind, path, want, got
		c.faults = append(c.faults, f)
	}
	wanted := map[string]bool{}
	if f.Wanted != nil {
		for _, e := range f.Wanted.Fragment {
			wanted[edit.Path(e.Path).String()] = true
			got := find(after, e.Path)
			switch value, isText := edit.String(got); {
			case isText && value == e.Value:
			case isText && isRight(c.Cloud, e, value):
				add(Differs, e.Path, e.Value, got)
			default:
				add(Lost, e.Path, e.Value, got)
			}
		}
	}
	for _, e := range after {
		was := find(before, e.Path)
		switch {
		case wanted[e.Path.String()]:
		case was == nil || !edit.Same(was, e.Value):
			add(Gained, e.Path, text(was), e.Value)
		case f.Wanted != nil && isEffective(f.Object.Kind, e.Path) && !c.isOwn(f.Object, e):
			add(Unasked, e.Path, "", e.Value)
		}
	}
	for _, e := range before {
		if f.Wanted == nil && find(after, e.Path) == nil {
			add(Parted, e.Path, text(e.Value), nil)
		}
	}
}

// isReplaced reports whether an identity of the cloud, or one that goes, is not what it was, and there was
// one. Labels do nothing on a ServiceAccount.
func (c *comparison) isReplaced(had, has []output.Key) bool {
	isOther := func(e output.Key) bool {
		return slices.Equal(e.Path[:len(e.Path)-1], provider.Labels) || !c.Cloud.Owns(e.Path[len(e.Path)-1]) && find(has, e.Path) != nil
	}
	had = slices.DeleteFunc(slices.Clone(had), isOther)
	has = slices.DeleteFunc(slices.Clone(has), func(e output.Key) bool { return isOther(e) || !c.Cloud.Owns(e.Path[len(e.Path)-1]) })
	same := func(a, b output.Key) bool { return slices.Equal(a.Path, b.Path) && text(a.Value) == text(b.Value) }
	return len(had) > 0 && !slices.EqualFunc(had, has, same)
}

// Difference is a key of workload identity that is not the same in two objects.
type Difference struct {
	Path     edit.Path
	From, To string // "" for none
}

// Differences returns the keys of workload identity in which two objects differ.
func Differences(from, to *yaml.Node) (differences []Difference) {
	before, after := identity(from), identity(to)
	for _, e := range after {
		if was := find(before, e.Path); text(was) != text(e.Value) {
			differences = append(differences, Difference{e.Path, text(was), text(e.Value)})
		}
	}
	for _, e := range before {
		if find(after, e.Path) == nil {
			differences = append(differences, Difference{e.Path, text(e.Value), ""})
		}
	}
	return differences
}

// isOwn reports whether an object has an entry by itself, of which others have told.
func (c *comparison) isOwn(o kustomize.Built, e output.Key) bool {
	if o.Item == nil {
		return false
	}
	own := edit.Get(o.Item.Node(), e.Path...)
	return own != nil && edit.Same(own, e.Value)
}

// identity returns the keys of workload identity of an object. A patch that removes a key of a map
// which is not there leaves the word null behind (kustomize v5.8.2): that is none.
func identity(n *yaml.Node) []output.Key {
	return slices.DeleteFunc(output.Keys(n), func(k output.Key) bool { return edit.IsNull(k.Value) || k.Value.Value == "null" })
}

func find(entries []output.Key, path edit.Path) *yaml.Node {
	i := slices.IndexFunc(entries, func(e output.Key) bool { return slices.Equal(e.Path, path) })
	if i < 0 {
		return nil
	}
	return entries[i].Value
}

func text(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	return n.Value
}

// Rest returns an object without its keys of workload identity, and without the maps that are
// empty then; an error for what cannot be printed, as where a key is there twice.
func Rest(n *yaml.Node) any {
	var v any
	if err := n.Decode(&v); err != nil {
		return err
	}
	for _, place := range output.Places {
		strip(v, place)
	}
	return v
}

func strip(v any, place []string) {
	m, _ := v.(map[string]any)
	inner, isMap := m[place[0]].(map[string]any)
	if len(place) > 1 {
		strip(inner, place[1:])
	} else {
		maps.DeleteFunc(inner, func(key string, _ any) bool { return cloud.Owner(key) != nil })
	}
	if isMap && len(inner) == 0 || m[place[0]] == nil {
		delete(m, place[0])
	}
}

// FirstOther returns a field beside the keys of workload identity in which two objects differ, "" for
// none.
func FirstOther(a, b *yaml.Node) string {
	if a == b {
		return ""
	}
	return firstOther(nil, Rest(a), Rest(b))
}

func firstOther(at edit.Path, a, b any) string {
	from, isMap := a.(map[string]any)
	to, areMaps := b.(map[string]any)
	if isMap && (areMaps || b == nil) || areMaps && a == nil {
		keys := slices.Concat(slices.Collect(maps.Keys(from)), slices.Collect(maps.Keys(to)))
		for _, key := range slices.Compact(slices.Sorted(slices.Values(keys))) {
			if field := firstOther(at.With(key), from[key], to[key]); field != "" {
				return field
			}
		}
		return ""
	}
	if reflect.DeepEqual(a, b) {
		return ""
	}
	return at.String()
}

// isEffective reports whether a key is at a place where it does something: the webhooks and the metadata
// server read the annotations of accounts, and Azure's webhook the label of the pods.
func isEffective(kind string, path edit.Path) bool {
	place := provider.PodLabels
	if kind == "ServiceAccount" {
		place = provider.Annotations
	}
	return slices.Equal(path[:len(path)-1], place)
}

// isRight reports whether the value is one that the field behind an entry may have.
func isRight(of *provider.Provider, e provider.Entry, value string) bool {
	for _, field := range of.Fields() {
		s := of.Settings(provider.Values{field.Name: e.Value})
		if slices.Concat(s.ServiceAccount, s.Deployment).Value(e.Path) == e.Value {
			return !slices.ContainsFunc(field.Check(value), func(c provider.Complaint) bool { return !c.Warning })
		}
	}
	return false
}
