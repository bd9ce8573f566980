package examples

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/internal/testenv"
)

// TestGoldenFluxOperator writes the patches into the FluxInstance. Taken out of it and built
// with the install, they give what the Azure example gives.
func TestGoldenFluxOperator(t *testing.T) {
	kpt := testenv.Kpt(t)
	dir := copyOf(t, "flux-operator")
	file := filepath.Join("clusters", "prod", "flux-instance.yaml")
	eval := func() string {
		run(t, dir, kpt, "fn", "eval", filepath.Join("clusters", "prod"), "--exec", "flux-workload-identity", "--fn-config", "workload-identity.yaml")
		return testenv.Read(t, dir, file)
	}
	after := eval()
	testenv.Golden(t, filepath.Join("flux-operator", "expected.diff"), testenv.Diff(t, testenv.Read(t, "flux-operator", file), after))
	if diff := cmp.Diff(after, eval()); diff != "" {
		t.Errorf("-first run +second run:\n%s", diff)
	}

	instance, err := yaml.Parse(after)
	if err != nil {
		t.Fatal(err)
	}
	patches, err := instance.Pipe(yaml.Lookup("spec", "kustomize"))
	if err != nil {
		t.Fatal(err)
	}
	system := copyOf(t, "flux-system")
	kustomization := filepath.Join(system, "kustomization.yaml")
	writeFile(t, kustomization, testenv.Read(t, kustomization)+patches.MustString())
	if diff := cmp.Diff(build(t, "azure"), buildPlain(t, system)); diff != "" {
		t.Errorf("-as a transformer +in the FluxInstance:\n%s", diff)
	}
}

// TestGoldenMigration takes over pasted patches, and replaces them by the function itself:
// the build is the same before and after, by both ways.
func TestGoldenMigration(t *testing.T) {
	kpt := testenv.Kpt(t)
	dir := copyOf(t, "migration")
	system := filepath.Join(dir, "flux-system")
	copyFile(t, filepath.Join("flux-system", "gotk-components.yaml"), filepath.Join(system, "gotk-components.yaml"))
	before := buildPlain(t, system)
	eval := func() string {
		run(t, dir, kpt, "fn", "eval", "flux-system", "--exec", "flux-workload-identity", "--fn-config", "workload-identity.yaml")
		return testenv.Read(t, system, "kustomization.yaml")
	}
	after := eval()
	testenv.Golden(t, filepath.Join("migration", "expected.diff"),
		testenv.Diff(t, testenv.Read(t, "migration", "flux-system", "kustomization.yaml"), after))
	if diff := cmp.Diff(before, buildPlain(t, system)); diff != "" {
		t.Errorf("-pasted patches +taken over:\n%s", diff)
	}
	if diff := cmp.Diff(after, eval()); diff != "" {
		t.Errorf("-first run +second run:\n%s", diff)
	}
	if diff := cmp.Diff(before, build(t, filepath.Join("migration", "transformer"))); diff != "" {
		t.Errorf("-pasted patches +function:\n%s", diff)
	}
	if len(identities(t, before)) == 0 {
		t.Error("the pasted patches match nothing")
	}
}
