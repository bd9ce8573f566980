// Package resources writes a plan into the ServiceAccounts and Deployments of the stream.
package resources

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/cloud"
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output"
	"flux-workload-identity/fn/output/proof"
	"flux-workload-identity/fn/plan"
)

// Output writes a plan into ServiceAccounts and Deployments.
type Output struct {
	changes []output.Change
	proofs  []*proof.Proof
}

// New works out the edits. It reports what Check does.
func New(p plan.Plan, list *krm.ResourceList, report *krm.Report) *Output {
	o := &Output{changes: Check(p, report)}
	warnOfOperator(p, report)
	tree := kustomize.TreeOf(list)
	if len(p.Targets) == 0 || len(tree.Kustomizations()) == 0 {
		return o
	}
	wanted, files := map[*krm.Item]*proof.Wanted{}, map[string]bool{}
	for _, t := range p.Targets {
		for _, object := range t.Controller.Objects() {
			places := output.OfServiceAccount(t.Settings)
			if object != t.Controller.Account {
				places = output.OfDeployment(t.Settings)
			}
			wanted[object.Item], files[object.File] = &proof.Wanted{Target: t, Places: places}, true
		}
	}
	all := &proof.Proof{
		Cloud: p.Cloud, Before: tree,
		Wants: func(o kustomize.Built) *proof.Wanted { return wanted[o.Item] },
	}
	for _, root := range tree.Roots() {
		for file := range files {
			if tree.Reaches(root, file) {
				all.Roots = append(all.Roots, root)
				break
			}
		}
	}
	o.proofs = []*proof.Proof{all}
	return o
}

// Proofs returns what is to be built: all that reaches a controller's file.
func (o *Output) Proofs() []*proof.Proof { return o.proofs }

// Changes returns the edits.
func (o *Output) Changes() []output.Change { return o.changes }

// Retry knows no other way.
func (o *Output) Retry([]proof.Fault) bool { return false }

// Say has nothing to add.
func (o *Output) Say(bool) {}

// Check reports what stands in the way of a plan: a field of the wrong type, keys of workload
// identity that nobody asked for.
// It returns the changes that the plan would make.
func Check(p plan.Plan, report *krm.Report) (changes []output.Change) {
	for _, t := range p.Targets {
		r := resources{cloud: p.Cloud, target: t, report: report}
		for _, o := range t.Controller.Objects() {
			r.object(o)
		}
		changes = append(changes, r.changes...)
	}
	return changes
}

// warnOfOperator warns once for each install that flux-operator manages.
func warnOfOperator(p plan.Plan, report *krm.Report) {
	warned := map[*flux.Install]bool{}
	for _, t := range p.Targets {
		o := t.Install.Operated()
		if o == nil || warned[t.Install] {
			continue
		}
		warned[t.Install] = true
		report.Item(sdk.Warning, o.Item, flux.ManagedByPath, fmt.Sprintf(
			"%q: want the patches in spec.kustomize.patches of the FluxInstance, which spec.output %s writes: flux-operator ignores edits of the objects it manages (%s)",
			flux.Operator, api.ToPatches, t.Install))
	}
}

// resources works out the changes for one controller.
type resources struct {
	cloud   *provider.Provider
	target  plan.Target
	report  *krm.Report
	changes []output.Change
}

// keyWords are what an item must mention to carry a key of workload identity.
var keyWords = cloud.KeyWords()

func (r *resources) object(o *flux.Object) {
	places := output.OfServiceAccount(r.target.Settings)
	if o != r.target.Controller.Account {
		places = output.OfDeployment(r.target.Settings)
	}
	if !output.Writes(places) && !o.Item.Mentions(keyWords...) {
		return // nothing to write, and nothing to warn of
	}
	defer o.Item.Release()
	before := len(r.changes)
	had := false
	for _, p := range places {
		for _, e := range p.Entries {
			had = had || !edit.IsNull(edit.Get(o.Item.Node(), p.Path.With(e.Key)...))
			r.entry(o, p.Path.With(e.Key), e.Value)
		}
		r.warnOfOthers(o, p)
	}
	if had && len(r.changes) > before && o == r.target.Controller.Account { // a changed pod template restarts the pods by itself
		r.changes[before].Restarts = []output.Restart{output.RestartOf(r.target)}
	}
}

// entry adds the change that one entry needs, if it needs any.
func (r *resources) entry(o *flux.Object, path edit.Path, value string) {
	current, err := edit.Current(o.Item.Node(), path)
	if err != nil {
		r.report.Item(sdk.Error, o.Item, err.Path, err.Given+": want "+err.Want)
		return
	}
	if s, ok := edit.String(current); ok && s == value {
		return
	}
	if edit.IsMap(current) || edit.IsList(current) {
		r.report.Item(sdk.Error, o.Item, path, edit.Describe(current)+": want a string")
		return
	}
	change := output.Change{
		Item: o.Item, Path: path, Proposed: value, Message: fmt.Sprintf("set to %q", value),
		Given: edit.Describe(current), Want: fmt.Sprintf("%q", value),
		Op: edit.Set(path, value),
	}
	if !edit.IsNull(current) {
		change.Current = edit.Value(current)
		change.Message = fmt.Sprintf("changed from %s to %q", edit.Describe(current), value)
	}
	r.changes = append(r.changes, change)
}

// warnOfOthers warns of keys of workload identity that the configuration does not ask
// for: left by hand, or by a former configuration.
func (r *resources) warnOfOthers(o *flux.Object, p output.Place) {
	for _, pair := range edit.Pairs(edit.Get(o.Item.Node(), p.Path...)) {
		asked := false
		for _, e := range p.Entries {
			asked = asked || e.Key == pair.Key
		}
		owner := cloud.Owner(pair.Key)
		if asked || owner == nil || o == r.target.Controller.Account && slices.Contains(owner.Harmless, pair.Key) {
			continue
		}
		path := p.Path.With(pair.Key)
		r.report.Item(sdk.Warning, o.Item, path, fmt.Sprintf(
			"%s: want only what the configuration asks for: this is left as it is, remove it if %s is not to have it",
			strings.TrimSpace(edit.Describe(pair.Value)), r.target.Controller.Name))
	}
}
