package edit_test

import (
	"fmt"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// A new key finds its place among sorted ones, and comments stay with theirs.
func ExampleApply() {
	text := []byte(`metadata:
  name: source-controller
  annotations:
    app:   flux # as it is
    # set by the platform team
    team: platform
`)
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		fmt.Println(err)
		return
	}
	path := edit.Path{"metadata", "annotations", "eks.amazonaws.com/role-arn"}
	text, err := edit.Apply(text, &doc, doc.Content[0], edit.Set(path, "arn:aws:iam::111122223333:role/flux"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(path)
	fmt.Print(string(text))
	// Output:
	// metadata.annotations[eks.amazonaws.com/role-arn]
	// metadata:
	//   name: source-controller
	//   annotations:
	//     app:   flux # as it is
	//     eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux
	//     # set by the platform team
	//     team: platform
}

// Current is the check before Set: it says what stands in the way.
func ExampleCurrent() {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte("metadata: {annotations: [team]}"), &doc); err != nil {
		fmt.Println(err)
		return
	}
	_, err := edit.Current(doc.Content[0], edit.Path{"metadata", "annotations", "team"})
	fmt.Println(err)
	// Output: metadata.annotations: a list: want a map
}

// A new element goes to the end of its list, and everything else stays as it is written.
func ExampleApply_append() {
	text := []byte(`kind: Kustomization
patches:
- path:   'replicas.yaml'   # of the team

resources: [gotk-components.yaml]
`)
	var doc, element yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		fmt.Println(err)
		return
	}
	if err := yaml.Unmarshal([]byte("{patch: '- op: test', target: {kind: Deployment}}"), &element); err != nil {
		fmt.Println(err)
		return
	}
	edit.Unflow(element.Content[0])
	path := edit.Path{"patches"}
	edited, err := edit.Apply(text, &doc, doc.Content[0], edit.SetElement(path, 1, element.Content[0]))
	fmt.Println(path.At(1), err)
	fmt.Print(string(edited))
	// Output:
	// patches[1] <nil>
	// kind: Kustomization
	// patches:
	// - path:   'replicas.yaml'   # of the team
	// - patch: '- op: test'
	//   target:
	//     kind: Deployment
	//
	// resources: [gotk-components.yaml]
}

// A list that is left empty goes with its key.
func ExampleRemove() {
	text := []byte("kind: FluxInstance\nspec:\n  sync: {}\n  kustomize:\n    patches:\n    - path: a.yaml\n")
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		fmt.Println(err)
		return
	}
	edited, err := edit.Apply(text, &doc, doc.Content[0], edit.Remove(edit.Path{"spec", "kustomize", "patches"}, 0))
	fmt.Println(err)
	fmt.Print(string(edited))
	// Output:
	// <nil>
	// kind: FluxInstance
	// spec:
	//   sync: {}
}

// SetElement creates what is missing on the way; RemoveElement removes it again.
func ExampleSetElement() {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte("kind: FluxInstance\nspec: {}\n"), &doc); err != nil {
		fmt.Println(err)
		return
	}
	show := func(op edit.Op) {
		_, err := edit.Apply(nil, &doc, doc.Content[0], op) // without a text the nodes alone are edited
		text, printErr := yaml.Marshal(&doc)
		fmt.Printf("%v %v\n%s", err, printErr, text)
	}
	path := edit.Path{"spec", "kustomize", "patches"}
	show(edit.SetElement(path, 0, edit.NewString("first")))
	show(edit.Remove(path, 0))
	_, err := edit.Apply(nil, &doc, doc.Content[0], edit.Remove(path, 0))
	fmt.Println(err)
	// Output:
	// <nil> <nil>
	// kind: FluxInstance
	// spec:
	//   kustomize:
	//     patches:
	//     - first
	// <nil> <nil>
	// kind: FluxInstance
	// spec: {}
	// spec.kustomize.patches[0]: missing: want an element
}
