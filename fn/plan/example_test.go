package plan_test

import (
	"fmt"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/cloud/aws"
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/plan"
)

// The plan is plain data: which controller is to carry what. It knows nothing of YAML.
func ExampleMake() {
	list, err := krm.Parse([]byte(`
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- {apiVersion: v1, kind: ServiceAccount, metadata: {name: source-controller, labels: {app.kubernetes.io/part-of: flux}}}
- {apiVersion: v1, kind: ServiceAccount, metadata: {name: helm-controller, labels: {app.kubernetes.io/part-of: flux}}}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	report := krm.NewReport(list)
	config := &api.Config{
		Cloud: aws.Provider,
		Identities: []api.Identity{{
			Field:        "spec.aws.identities[0]",
			Values:       provider.Values{"roleARN": "arn:aws:iam::111122223333:role/flux"},
			Integrations: []api.Reference{{Name: "S3", Field: "spec.aws.identities[0].integrations[0]"}},
		}},
	}
	for _, target := range plan.Make(config, flux.Find(list.Items, config.Scope, report), report).Targets {
		fmt.Printf("%s: %q %s\n", target.Controller.Name, target.Identity, target.Settings.ServiceAccount)
	}
	// Output:
	// source-controller: "spec.aws.identities[0]" [{[metadata annotations eks.amazonaws.com/role-arn] arn:aws:iam::111122223333:role/flux}]
	// helm-controller: "" []
}
