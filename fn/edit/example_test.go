package edit_test

import (
	"fmt"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// A new key finds its place among sorted ones, and comments stay with theirs.
func ExampleSet() {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(`metadata:
  name: source-controller
  annotations:
    # set by the platform team
    team: platform
`), &doc); err != nil {
		fmt.Println(err)
		return
	}
	path := edit.Path{"metadata", "annotations", "eks.amazonaws.com/role-arn"}
	if err := edit.Set(&doc, doc.Content[0], path, "arn:aws:iam::111122223333:role/flux"); err != nil {
		fmt.Println(err)
		return
	}
	text, err := yaml.Marshal(&doc)
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
func ExampleSpliceElement() {
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
	spliced, ok := edit.SpliceElement(text, doc.Content[0], path, 1, element.Content[0])
	fmt.Println(path.At(1), ok)
	fmt.Print(string(spliced))
	// Output:
	// patches[1] true
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
func ExampleSpliceRemoval() {
	text := []byte("kind: FluxInstance\nspec:\n  sync: {}\n  kustomize:\n    patches:\n    - path: a.yaml\n")
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		fmt.Println(err)
		return
	}
	spliced, ok := edit.SpliceRemoval(text, doc.Content[0], edit.Path{"spec", "kustomize", "patches"}, 0)
	fmt.Println(ok)
	fmt.Print(string(spliced))
	// Output:
	// true
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
	show := func(err error) {
		text, printErr := yaml.Marshal(&doc)
		fmt.Printf("%v %v\n%s", err, printErr, text)
	}
	path := edit.Path{"spec", "kustomize", "patches"}
	show(edit.SetElement(&doc, doc.Content[0], path, 0, edit.NewString("first")))
	show(edit.RemoveElement(&doc, doc.Content[0], path, 0))
	fmt.Println(edit.RemoveElement(&doc, doc.Content[0], path, 0))
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
