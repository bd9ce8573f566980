package patches_test

import (
	"fmt"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/cloud/aws"
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/flux/controllers"
	"flux-workload-identity/fn/home"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/output"
	"flux-workload-identity/fn/output/patches"
	"flux-workload-identity/fn/plan"
)

// A plan goes in, and patches come out: here for the controllers that a FluxInstance declares.
func ExampleNew() {
	list, err := krm.Parse([]byte(`
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: fluxcd.controlplane.io/v1
  kind: FluxInstance
  metadata:
    name: flux
    namespace: flux-system
  spec:
    components: [source-controller]
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	report := krm.NewReport(list)
	config := &api.Config{Cloud: aws.Provider, Output: api.ToPatches, Patches: api.Patches{Name: api.PatchPrefix + "prod"}}
	homes, installs := home.Find(list, config, report)
	settings := provider.Settings{ServiceAccount: provider.Fragment{{Path: []string{"metadata", "annotations", "eks.amazonaws.com/role-arn"}, Value: "arn:aws:iam::111122223333:role/flux"}}}
	p := plan.Plan{Cloud: aws.Provider, Grants: []plan.Grant{{Identity: "spec.aws.identities[0]", Settings: settings, Controllers: []string{controllers.Source}}}}
	for _, c := range installs[0].Controllers {
		p.Targets = append(p.Targets, plan.Target{Install: installs[0], Controller: c, Grant: plan.Grant{Settings: settings, Identity: "spec.aws.identities[0]"}})
	}
	changes := patches.New(p, homes, config, report).Changes()
	fmt.Println(output.Apply(changes, report))
	for _, c := range changes {
		fmt.Println(c.Path)
		fmt.Print(c.Proposed)
	}
	// Output:
	// true
	// spec.kustomize.patches[0]
	// patch: |
	//   apiVersion: v1
	//   kind: ServiceAccount
	//   metadata:
	//     name: flux-workload-identity-prod
	//     annotations:
	//       eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux
	// target:
	//   kind: ServiceAccount
	//   name: source-controller
}
