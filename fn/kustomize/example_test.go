package kustomize_test

import (
	"fmt"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
)

// What a Kustomization makes of an account, and without which of its entries it would be otherwise.
func Example() {
	list, err := krm.ParseManifests(krm.Stream{},
		krm.Stream{Path: "flux/account.yaml", Text: []byte(`apiVersion: v1
kind: ServiceAccount
metadata:
  name: source-controller
`)},
		krm.Stream{Path: "flux/kustomization.yaml", Text: []byte(`resources:
- account.yaml
- https://example.com/more.yaml
namePrefix: acme-
patches:
- patch: |
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: any
      annotations:
        eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux
  target:
    kind: ServiceAccount
`)})
	if err != nil {
		fmt.Println(err)
		return
	}
	tree := kustomize.TreeOf(list)
	root := tree.Roots()[0]
	build := tree.Build(root)
	for _, o := range build.Objects {
		fmt.Println(o.Kind, o.Name, "of", o.File, edit.Text(o.Node, "metadata", "annotations", "eks.amazonaws.com/role-arn"))
	}
	for _, n := range build.NotSeen {
		fmt.Println(n.Field, n.What, n.Why)
	}
	for _, step := range tree.Entries(root) {
		o := tree.Without(step).Build(root).Objects[0]
		fmt.Println("without", step.Field, o.Name, edit.Get(o.Node, "metadata", "annotations") != nil)
	}
	// Output:
	// ServiceAccount acme-source-controller of flux/account.yaml arn:aws:iam::111122223333:role/flux
	// resources[1] https://example.com/more.yaml is not local
	// without patches[0] acme-source-controller false
	// without namePrefix source-controller true
}
