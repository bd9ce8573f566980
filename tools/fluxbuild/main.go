// Command fluxbuild builds a kustomization as Flux's kustomize-controller does: with its
// package, which runs no plugins and reads nothing outside ROOT. Tests hold against it what
// is said to work inside Flux. It is a module of its own, as that package brings along much
// that the function does without; later versions of it need a later Go.
package main

import (
	"fmt"
	"os"

	"github.com/fluxcd/pkg/kustomize"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

func main() {
	if len(os.Args) < 3 || len(os.Args) > 4 {
		fmt.Fprintln(os.Stderr, "usage: fluxbuild ROOT DIR [KUSTOMIZATION]")
		os.Exit(2)
	}
	var err error
	if len(os.Args) == 4 {
		err = generate(os.Args[1], os.Args[2], os.Args[3])
	}
	var text []byte
	if err == nil {
		text, err = build(os.Args[1], os.Args[2])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	if _, err := os.Stdout.Write(text); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// generate writes into the kustomization of a directory what Flux's own Kustomization in a file says.
func generate(root, dir, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var o unstructured.Unstructured
	if err := yaml.Unmarshal(text, &o.Object); err != nil {
		return err
	}
	_, err = kustomize.NewGenerator(root, o).WriteFile(dir)
	return err
}

func build(root, dir string) ([]byte, error) {
	// No remote bases: what is tested needs no network.
	resources, err := kustomize.SecureBuild(root, dir, false)
	if err != nil {
		return nil, err
	}
	return resources.AsYaml()
}
