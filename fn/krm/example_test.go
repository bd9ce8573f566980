package krm_test

import (
	"fmt"

	"github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/krm"
)

// As long as no item is edited results are added, and every byte of the input stays.
func ExampleResourceList_Bytes() {
	list, err := krm.Parse([]byte(`apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
-   kind:   ServiceAccount # with spaces of its own
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	report := krm.NewReport(list)
	report.Item(fn.Warning, list.Items[0], nil, "no apiVersion")
	text, err := list.Bytes(report.Results())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(text))
	// Output:
	// apiVersion: config.kubernetes.io/v1
	// kind: ResourceList
	// items:
	// -   kind:   ServiceAccount # with spaces of its own
	// results:
	// - message: 'items[0]: no apiVersion'
	//   severity: warning
}

// The error says what came instead of a ResourceList.
func ExampleParse_error() {
	_, err := krm.Parse([]byte("kind: resourceList\n"))
	fmt.Println(err)
	// Output: stdin: kind: "resourceList": want ResourceList
}
