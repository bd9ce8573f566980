// Command noop is a function of the kpt SDK that does nothing: what the benchmark measures
// against.
package main

import (
	"os"

	"github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
)

func main() {
	nothing := fn.ResourceListProcessorFunc(func(*fn.ResourceList) (bool, error) { return true, nil })
	if err := fn.AsMain(nothing); err != nil {
		os.Exit(1)
	}
}
