package proof_test

import (
	"fmt"

	"flux-workload-identity/fn/cloud/aws"
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/output/proof"
	"flux-workload-identity/fn/output/resources"
	"flux-workload-identity/fn/plan"
)

// A patch beside the install replaces the annotations, with what is written among them.
func ExampleCarry() {
	list, err := krm.ParseManifests(krm.Stream{}, krm.Stream{Path: "gotk-components.yaml", Text: []byte(`apiVersion: v1
kind: ServiceAccount
metadata:
  name: source-controller
  labels:
    app.kubernetes.io/component: source-controller
    app.kubernetes.io/part-of: flux
`)}, krm.Stream{Path: "kustomization.yaml", Text: []byte(`resources: [gotk-components.yaml]
patches:
- patch: '[{"op": "add", "path": "/metadata/annotations", "value": {"owner": "platform"}}]'
  target: {kind: ServiceAccount}
`)})
	if err != nil {
		fmt.Println(err)
		return
	}
	report := krm.NewReport(list)
	settings := provider.Settings{ServiceAccount: provider.Fragment{{Path: []string{"metadata", "annotations", "eks.amazonaws.com/role-arn"}, Value: "arn:aws:iam::111122223333:role/flux"}}}
	p := plan.Plan{Cloud: aws.Provider}
	for _, install := range flux.Find(list.Items, flux.Scope{}, report) {
		for _, c := range install.Controllers {
			p.Targets = append(p.Targets, plan.Target{Install: install, Controller: c, Grant: plan.Grant{Settings: settings, Identity: "spec.aws.identities[0]"}})
		}
	}
	proof.Carry(list, resources.New(p, list, report), false, report)
	for _, r := range report.Results() {
		fmt.Println(r.Severity, r.ResourceRef.Name, r.Field.Path)
		fmt.Println(r.Message)
	}
	// Output:
	// error kustomization.yaml patches[0]
	// takes away metadata.annotations[eks.amazonaws.com/role-arn] of ServiceAccount source-controller: want it kept at "arn:aws:iam::111122223333:role/flux", which spec.aws.identities[0] asks for; take that out, or remove this
}
