package fn_test

import (
	"fmt"
	"os"
	"strings"

	"flux-workload-identity/fn"
)

func ExampleRun() {
	in := strings.NewReader(`apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: ServiceAccount
  metadata:
    labels:
      app.kubernetes.io/component: source-controller
      app.kubernetes.io/part-of: flux
    name: source-controller
    namespace: flux-system
functionConfig:
  apiVersion: fn.kpt.dev/v1alpha1
  kind: FluxWorkloadIdentity
  metadata:
    name: flux-workload-identity
  spec:
    aws:
      identities:
      - roleARN: arn:aws:iam::111122223333:role/flux
        integrations: [S3]
`)
	fmt.Println("exit", fn.Run(in, os.Stdout, os.Stdout))
	// Output:
	// apiVersion: config.kubernetes.io/v1
	// kind: ResourceList
	// items:
	// - apiVersion: v1
	//   kind: ServiceAccount
	//   metadata:
	//     annotations:
	//       eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux
	//     labels:
	//       app.kubernetes.io/component: source-controller
	//       app.kubernetes.io/part-of: flux
	//     name: source-controller
	//     namespace: flux-system
	// functionConfig:
	//   apiVersion: fn.kpt.dev/v1alpha1
	//   kind: FluxWorkloadIdentity
	//   metadata:
	//     name: flux-workload-identity
	//   spec:
	//     aws:
	//       identities:
	//       - roleARN: arn:aws:iam::111122223333:role/flux
	//         integrations: [S3]
	// results:
	// - message: set to "arn:aws:iam::111122223333:role/flux"
	//   severity: info
	//   resourceRef:
	//     apiVersion: v1
	//     kind: ServiceAccount
	//     name: source-controller
	//     namespace: flux-system
	//   field:
	//     path: metadata.annotations[eks.amazonaws.com/role-arn]
	//     proposedValue: arn:aws:iam::111122223333:role/flux
	// exit 0
}

// What is no ResourceList cannot be handed back: the answer is a list without items and
// the error, which is also the line on stderr.
func ExampleRun_unreadable() {
	in := strings.NewReader("apiVersion: v1\nitems: []\n")
	fmt.Println("exit", fn.Run(in, os.Stdout, os.Stdout))
	// Output:
	// apiVersion: config.kubernetes.io/v1
	// kind: ResourceList
	// items: []
	// results:
	// - message: 'stdin: kind: missing: want ResourceList'
	//   severity: error
	// error: stdin: kind: missing: want ResourceList
	// exit 1
}
