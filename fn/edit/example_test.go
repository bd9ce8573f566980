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
