// Package patches writes a plan as patches into the homes of an install. What they are for and what they do
// is tried out in kustomize's builds of these, and so is what users' patches do, in whose place they go.
package patches

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/home"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output"
	"flux-workload-identity/fn/output/proof"
	"flux-workload-identity/fn/plan"
)

// Output writes a plan as patches.
type Output struct {
	homes   home.Homes
	plan    plan.Plan
	config  *api.Config
	report  *krm.Report
	writers []*writer
	tries   int
}

// New works out the patches that the homes are to hold. It reports what output.Compare does of the
// controllers that are in the stream, and patches of others that stand in the way.
func New(p plan.Plan, homes home.Homes, config *api.Config, report *krm.Report) *Output {
	output.Compare(p, report)
	o := &Output{homes: homes, plan: p, config: config, report: report}
	for _, h := range homes.List {
		if w := (&writer{Output: o, Home: h}); h.Tree != nil && w.read() {
			o.writers = append(o.writers, w)
		}
	}
	for _, w := range o.writers {
		w.wish()
		w.sort()
		w.again()
	}
	return o
}

// Changes returns the edits, as far as is known of what the builds make of them.
func (o *Output) Changes() (changes []output.Change) {
	for _, w := range o.writers {
		changes = append(changes, w.changes()...)
	}
	return changes
}

// Proofs returns what is to be built to see what the patches do. They are made before the edits, and
// what is asked of their Tree after the edits is what these have made of the stream.
func (o *Output) Proofs() (proofs []*proof.Proof) {
	p := &proof.Proof{Cloud: o.plan.Cloud, Before: o.homes.Tree, Wants: o.wants, Name: o.config.Patches.Name}
	var layers []*kustomize.Kustomization
	for _, w := range o.writers {
		if w.Kustomization == nil { // the patches of a FluxInstance are built over the components it declares
			proofs = append(proofs, &proof.Proof{
				Cloud: o.plan.Cloud, Before: w.Tree, Roots: []kustomize.Root{w.Root}, Wants: w.wants, Name: p.Name, Place: w.Place, Again: w.Again,
			})
			continue
		}
		layers = append(layers, w.Kustomization)
		for _, object := range w.objects {
			if object.item != nil && slices.ContainsFunc(w.wanted, func(p *patch) bool { return p.covers(object) }) {
				p.Expected = append(p.Expected, proof.Expected{File: w.Kustomization.File, Object: kustomize.Built{Item: object.item, Kind: object.kind, Name: object.name}})
			}
		}
	}
	if len(layers) == 0 {
		return proofs
	}
	p.Before = p.Before.Trace(layers...)
	for _, root := range p.Before.Roots() {
		if slices.ContainsFunc(layers, func(k *kustomize.Kustomization) bool { return p.Before.Reaches(root, k.File) }) {
			p.Roots = append(p.Roots, root)
		}
	}
	return append(proofs, p)
}

// wants returns what an object of a build is to carry by the patches of a home through which it came.
func (o *Output) wants(of kustomize.Built) *proof.Wanted {
	for _, w := range o.writers {
		if w.Kustomization != nil && slices.Contains(of.Via, w.Kustomization) {
			if wanted := w.wants(of); wanted != nil {
				return wanted
			}
		}
	}
	return nil
}

// Say reports what was found about patches of somebody else, and warns of what is lost: with left
// where nothing was changed.
func (o *Output) Say(left bool) {
	severity := sdk.Warning
	if o.config.Check {
		severity = sdk.Error
	}
	o.homes.Say(severity, o.report)
	for _, w := range o.writers {
		w.say(left)
	}
}

// writer works out the patches of one home.
type writer struct {
	*Output
	*home.Home

	elements []*element
	objects  []*object // of the controllers of the home
	wanted   []*patch
	names    map[*object][2]string // present ones, with the namespaces; nil until they are asked for
	notes    []note
}

// object is one of a controller of the home.
type object struct {
	kind, name, namespace string
	item                  *krm.Item // nil for one that is not in the stream
	target                plan.Target
}

func (o *object) String() string { return o.kind + " " + o.name }

// read reads the patches that the home holds; false where they are no list.
func (w *writer) read() bool {
	list, err := edit.Current(w.Item.Node(), w.List)
	switch {
	case err != nil:
		w.report.Item(sdk.Error, w.Item, err.Path, err.Given+": want "+err.Want)
		return false
	case !edit.IsNull(list) && !edit.IsList(list):
		w.report.Item(sdk.Error, w.Item, w.List, edit.Describe(list)+": want a list of patches")
		return false
	}
	if err := w.Tree.Err(w.Root); err != nil {
		w.report.Item(sdk.Error, w.Item, nil, fmt.Sprintf("kustomize cannot read it: %v: want a Kustomization that it takes, to hold the patches", err))
		return false
	}
	for _, e := range w.Entries(w.homes.List) {
		w.elements = append(w.elements, &element{Entry: e})
	}
	w.readObjects()
	return true
}

// readObjects notes the objects of the controllers of the home, those too that others stand in for.
func (w *writer) readObjects() {
	for _, t := range w.plan.Targets {
		if !slices.Contains(w.Installs, t.Install) {
			continue
		}
		objects := t.Controller.Objects()
		for _, o := range objects {
			w.objects = append(w.objects, &object{o.Kind, o.Name, o.Namespace, o.Item, t})
		}
		for _, kind := range kinds {
			if !slices.ContainsFunc(objects, func(o *flux.Object) bool { return o.Kind == kind }) {
				w.objects = append(w.objects, &object{kind: kind, name: t.Install.NameOf(t.Controller.Name), namespace: t.Install.Namespace, target: t})
			}
		}
	}
}

// objectOf returns the controller's object that one of a build was made of, nil for none.
func (w *writer) objectOf(of kustomize.Built) *object {
	controller, isStandIn := w.StandsFor(of)
	for _, o := range w.objects {
		if o.item != nil && o.item == of.Item || isStandIn && o.kind == of.Kind && o.target.Controller.Name == controller {
			return o
		}
	}
	return nil
}

// wants returns what an object of a build is to carry, nil where it is none of the home's controllers.
func (w *writer) wants(of kustomize.Built) *proof.Wanted {
	o := w.objectOf(of)
	if o == nil {
		return nil
	}
	wanted := &proof.Wanted{Target: o.target, Home: w.Item}
	for _, p := range w.wanted {
		if p.covers(o) {
			wanted.Fragment = append(wanted.Fragment, p.fragment...)
		}
	}
	return wanted
}

// note is a finding about an element, for when it is known where that will be.
type note struct {
	*element
	message string
}

func (w *writer) note(e *element, format string, args ...any) {
	w.notes = append(w.notes, note{e, fmt.Sprintf(format, args...)})
}

// say reports the notes. Where the lists are not left as they are, they name the elements by their
// places in what these become: the next run finds them there, and has nothing new to say.
func (w *writer) say(left bool) {
	if !left {
		w.sayAdopted()
	}
	for _, n := range w.notes {
		at := n.Index
		if !left {
			at = w.place(n.Item, n.List, at)
		}
		w.report.Item(sdk.Warning, n.Item, n.List.At(at), n.message)
	}
}

// place returns the place in a list when the elements before it that go are gone.
func (w *writer) place(item *krm.Item, list edit.Path, at int) int {
	before := at
	for _, e := range w.elements {
		if e.goes && e.Item == item && slices.Equal(e.List, list) && e.Index < before {
			at--
		}
	}
	return at
}

// elsewhere names the homes that are to hold patches.
func (o *Output) elsewhere() string {
	var names []string
	for _, w := range o.writers {
		if ref := w.Item.Ref(); len(w.Installs) > 0 && ref != nil {
			names = append(names, ref.Kind+" "+ref.Name)
		}
	}
	return strings.Join(names, ", ")
}
