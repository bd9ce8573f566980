package fn_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/internal/testenv"
)

// fluxBuild builds a folder as Flux does.
func fluxBuild(t *testing.T, dir string) (stdout, stderr string, code int) {
	t.Helper()
	return testenv.Run(t, dir, testenv.FluxBuild(t), dir, dir)
}

// TestFluxBuildsPatches checks that Flux builds plain patches, to the byte as kustomize
// does: what works in both is what can be handed to Flux.
func TestFluxBuildsPatches(t *testing.T) {
	for _, cloud := range clouds() {
		t.Run(cloud, func(t *testing.T) {
			dir := testenv.Files(t, map[string]string{
				"kustomization.yaml":   "resources:\n- gotk-components.yaml\npatches:" + parities[cloud].patches,
				"gotk-components.yaml": testenv.Read(t, testenv.Root, exampleInstall),
			})
			got, stderr, code := fluxBuild(t, dir)
			if code != 0 || stderr != "" {
				t.Fatalf("exit %d\n%s", code, stderr)
			}
			if diff := cmp.Diff(build(t, dir), got); diff != "" {
				t.Errorf("-kustomize +Flux:\n%s", diff)
			}
		})
	}
}

// TestFluxRunsNoFunctions checks what the README says: a transformer breaks the sync, and
// is not skipped.
func TestFluxRunsNoFunctions(t *testing.T) {
	dir := testenv.Files(t, map[string]string{
		"kustomization.yaml":     "resources:\n- gotk-components.yaml\ntransformers:\n- workload-identity.yaml\n",
		"gotk-components.yaml":   testenv.Read(t, testenv.Root, exampleInstall),
		"workload-identity.yaml": functionConfig(testenv.Function(t), parities["aws"].spec),
	})
	stdout, stderr, code := fluxBuild(t, dir)
	if code != 1 || stdout != "" || !strings.HasPrefix(stderr, "error: ") || !strings.Contains(stderr, "external plugins disabled") {
		t.Errorf("want an error about external plugins; exit %d\n%s\n%s", code, stdout, stderr)
	}
}
