// Command fluxbuild builds a kustomization as Flux's kustomize-controller does: with its
// package, which runs no plugins and reads nothing outside ROOT. Tests hold against it what
// is said to work inside Flux. It is a module of its own, as that package brings along much
// that the function does without; later versions of it need a later Go.
package main

import (
	"fmt"
	"os"

	"github.com/fluxcd/pkg/kustomize"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: fluxbuild ROOT DIR")
		os.Exit(2)
	}
	text, err := build(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	if _, err := os.Stdout.Write(text); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func build(root, dir string) ([]byte, error) {
	// No remote bases: what is tested needs no network.
	resources, err := kustomize.SecureBuild(root, dir, false)
	if err != nil {
		return nil, err
	}
	return resources.AsYaml()
}
