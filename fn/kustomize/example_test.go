package kustomize_test

import (
	"fmt"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
)

// A Kustomization without a kind is known by its file. Its patches tell what they would do to
// an object, here a ServiceAccount that is not in the stream.
func Example() {
	list, err := krm.Parse([]byte(`
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- metadata:
    annotations:
      internal.config.kubernetes.io/path: flux-system/kustomization.yaml
  resources:
  - gotk-components.yaml
  patches:
  - patch: |
      apiVersion: v1
      kind: ServiceAccount
      metadata:
        name: controller
        annotations:
          eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux
    target:
      kind: ServiceAccount
      name: (source-controller|image-reflector-controller)
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	annotations := edit.Path{"metadata", "annotations"}
	for _, k := range kustomize.Find(list.Items) {
		fmt.Println(k, k.Files())
		for _, p := range k.Patches(list.Items) {
			for _, name := range []string{"source-controller", "helm-controller"} {
				o := kustomize.Object{Version: "v1", Kind: "ServiceAccount", Name: name}
				fmt.Println(name, p.On(o, annotations, "eks.amazonaws.com/role-arn") == kustomize.Sets)
			}
			entries, others := p.Entries([]edit.Path{annotations})
			fmt.Println(entries[0].Key, others)
		}
	}
	// Output:
	// flux-system/kustomization.yaml [flux-system/gotk-components.yaml]
	// source-controller true
	// helm-controller false
	// eks.amazonaws.com/role-arn []
}

// The form of Flux's documentation; kustomize anchors the pattern itself.
func ExampleNames() {
	fmt.Println(kustomize.Names([]string{"source-controller"}))
	fmt.Println(kustomize.Names([]string{"source-controller", "image-reflector-controller"}))
	// Output:
	// source-controller
	// (source-controller|image-reflector-controller)
}
