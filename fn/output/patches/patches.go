package patches

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output"
	"flux-workload-identity/fn/output/proof"
	"flux-workload-identity/fn/output/resources"
	"flux-workload-identity/fn/plan"
)

// Output writes a plan as patches.
type Output struct {
	Homes
	plan    plan.Plan
	config  *api.Config
	report  *krm.Report
	writers []*writer
	unseen  []func(sdk.Severity) // what is said of controllers that are not in the stream
	tries   int
}

// New works out the patches that the homes are to hold. It reports what resources.Check does of the
// controllers that are in the stream, and patches of others that stand in the way.
func New(p plan.Plan, homes Homes, config *api.Config, report *krm.Report) *Output {
	resources.Check(p, report)
	o := &Output{Homes: homes, plan: p, config: config, report: report}
	for _, h := range homes.List {
		o.standIn(h)
	}
	for _, h := range homes.List {
		w := &writer{Output: o, home: h}
		if w.read() {
			o.writers = append(o.writers, w)
		}
	}
	for _, w := range o.writers {
		w.wish()
		w.sort()
		w.again()
		w.checkConfig()
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
	p := &proof.Proof{Cloud: o.plan.Cloud, Before: o.tree, Wants: o.wants, Name: o.config.Patches.Name}
	var homes []*kustomize.Kustomization
	for _, w := range o.writers {
		if w.home.kustomization == nil {
			proofs = append(proofs, w.instanceProof())
			continue
		}
		homes = append(homes, w.home.kustomization)
		for _, object := range w.objects {
			if object.item != nil && object.target.Identity != "" && slices.ContainsFunc(w.wanted, func(p *patch) bool { return p.covers(object) }) {
				p.Expected = append(p.Expected, proof.Expected{File: w.home.kustomization.File, Object: kustomize.Built{Item: object.item, Kind: object.kind, Name: object.name}})
			}
		}
	}
	if len(homes) == 0 {
		return proofs
	}
	p.Before = p.Before.Trace(homes...)
	for _, root := range p.Before.Roots() {
		if slices.ContainsFunc(homes, func(k *kustomize.Kustomization) bool { return p.Before.Reaches(root, k.File) }) {
			p.Roots = append(p.Roots, root)
		}
	}
	return append(proofs, p)
}

// wants returns what an object of a build is to carry by the patches of a home through which it came.
func (o *Output) wants(of kustomize.Built) *proof.Wanted {
	for _, w := range o.writers {
		if w.home.kustomization != nil && slices.Contains(of.Via, w.home.kustomization) {
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
	for _, say := range o.unseen {
		if o.config.Check {
			say(sdk.Error)
		} else {
			say(sdk.Warning)
		}
	}
	for _, w := range o.writers {
		w.say(left)
	}
}

// writer works out the patches of one home.
type writer struct {
	*Output
	home     *Home
	site     *kustomize.Tree // of which the home is a root
	root     kustomize.Root
	instance *krm.ResourceList // what stands in for a FluxInstance, nil for a Kustomization

	elements []*element
	objects  []*object // of the controllers of the home
	wanted   []*patch
	names    map[*object][2]string // present ones, with the namespaces; nil until they are asked for
	notes    []note
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
		at := n.index
		for _, e := range w.elements {
			if !left && e.goes && e.item == n.item && slices.Equal(e.list, n.list) && e.index < n.index {
				at--
			}
		}
		w.report.Item(sdk.Warning, n.item, n.list.At(at), n.message)
	}
}

// elsewhere names the homes that are to hold patches.
func (o *Output) elsewhere() string {
	var names []string
	for _, w := range o.writers {
		if ref := w.home.Item.Ref(); len(w.home.Installs) > 0 && ref != nil {
			names = append(names, ref.Kind+" "+ref.Name)
		}
	}
	return strings.Join(names, ", ")
}

// read reads the patches that the home holds; false where they are no list.
func (w *writer) read() bool {
	list, err := edit.Current(w.home.Item.Node(), w.home.List)
	switch {
	case err != nil:
		w.report.Item(sdk.Error, w.home.Item, err.Path, err.Given+": want "+err.Want)
		return false
	case !edit.IsNull(list) && !edit.IsList(list):
		w.report.Item(sdk.Error, w.home.Item, w.home.List, edit.Describe(list)+": want a list of patches")
		return false
	}
	if w.site, w.root = w.build(); w.site != nil {
		if err := w.site.Err(w.root); err != nil {
			w.report.Item(sdk.Error, w.home.Item, nil, fmt.Sprintf("kustomize cannot read it: %v: want a Kustomization that it takes, to hold the patches", err))
			return false
		}
	}
	if w.site != nil {
		w.readElements()
	}
	return w.site != nil
}
