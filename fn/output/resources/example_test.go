package resources_test

import (
	"fmt"

	"flux-workload-identity/fn/cloud/azure"
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/output"
	"flux-workload-identity/fn/output/resources"
	"flux-workload-identity/fn/plan"
)

// Changes says what to change, Apply changes it. What has its value already is no
// change.
func ExampleNew() {
	list, err := krm.Parse([]byte(`
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    labels: {app.kubernetes.io/component: source-controller, azure.workload.identity/use: "true"}
    name: source-controller
  spec:
    template:
      metadata:
        labels: {azure.workload.identity/use: "false"}
      spec:
        containers: [{name: manager}]
        serviceAccountName: source-controller
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	report := krm.NewReport(list)
	use := provider.Fragment{
		{Path: []string{"metadata", "labels", "azure.workload.identity/use"}, Value: "true"},
		{Path: []string{"spec", "template", "metadata", "labels", "azure.workload.identity/use"}, Value: "true"},
	}
	p := plan.Plan{Cloud: azure.Provider}
	for _, install := range flux.Find(list.Items, flux.Scope{}, report) {
		for _, c := range install.Controllers {
			p.Targets = append(p.Targets, plan.Target{Install: install, Controller: c, Grant: plan.Grant{Settings: provider.Settings{Deployment: use}}})
		}
	}
	changes := resources.New(p, list, report).Changes()
	for _, c := range changes {
		fmt.Printf("%s: %q to %q\n", c.Path, c.Current, c.Proposed)
	}
	fmt.Println(output.Apply(changes, report))
	output.Tell(changes, nil, report)
	for _, r := range report.Results() {
		fmt.Println(r.Message)
	}
	// Output:
	// spec.template.metadata.labels[azure.workload.identity/use]: "false" to "true"
	// true
	// changed from "false" to "true"
}
