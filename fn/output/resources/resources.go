// Package resources writes a plan into the ServiceAccounts and Deployments of the stream.
package resources

import (
	"fmt"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/api"
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

// New works out the edits. It reports what output.Compare does.
func New(p plan.Plan, list *krm.ResourceList, report *krm.Report) *Output {
	o := &Output{changes: output.Compare(p, report)}
	warnOfOperator(p, report)
	tree := kustomize.TreeOf(list)
	if len(p.Targets) == 0 || len(tree.Kustomizations()) == 0 {
		return o
	}
	wanted, files := map[*krm.Item]*proof.Wanted{}, map[string]bool{}
	for _, t := range p.Targets {
		for _, object := range t.Controller.Objects() {
			wanted[object.Item], files[object.File] = &proof.Wanted{Target: t, Fragment: t.Settings.Of(object.Kind)}, true
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
