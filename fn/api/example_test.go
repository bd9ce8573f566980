package api_test

import (
	"fmt"
	"log"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/krm"
)

func ExampleDecode() {
	list, err := krm.Parse([]byte(`
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items: []
functionConfig:
  apiVersion: fn.kpt.dev/v1alpha1
  kind: FluxWorkloadIdentity
  metadata:
    name: flux-workload-identity
  spec:
    aws:
      tokenExpirationSeconds: 3600
      identities:
      - roleARN: arn:aws:iam::111122223333:role/flux
        integrations: [ECR]
        controllers: [kustomize-controller]
`))
	if err != nil {
		log.Fatal(err)
	}
	config := api.Decode(list.FunctionConfig, krm.NewReport(list))
	id := config.Identities[0]
	fmt.Println(config.Cloud.Title, id.Field)
	fmt.Println(id.Values["roleARN"], id.Values["tokenExpirationSeconds"])
	fmt.Println(id.Integrations, id.Controllers)
	// Output:
	// AWS spec.aws.identities[0]
	// arn:aws:iam::111122223333:role/flux 3600
	// [{ECR spec.aws.identities[0].integrations[0]}] [{kustomize-controller spec.aws.identities[0].controllers[0]}]
}

// A configuration that is wrong has no Config; the report says all that is wrong with it.
func ExampleDecode_wrong() {
	list, err := krm.Parse([]byte(`
apiVersion: config.kubernetes.io/v1
kind: ResourceList
functionConfig:
  apiVersion: v1
  kind: ConfigMap
  metadata:
    name: function-input
  data:
    cloud: aws
    ecr: arn:aws:iam::1111:role/x
    kns: arn:aws:iam::111122223333:role/flux
`))
	if err != nil {
		log.Fatal(err)
	}
	report := krm.NewReport(list)
	fmt.Println(api.Decode(list.FunctionConfig, report) == nil)
	for _, r := range report.Results() {
		fmt.Println(r.Severity, r.Field.Path)
	}
	// Output:
	// true
	// error data.ecr
	// error data.kns
}
