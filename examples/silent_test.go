package examples

import (
	"regexp"
	"strings"
	"testing"

	"flux-workload-identity/internal/testenv"
)

// TestSilentFailure builds the patch with which the README begins: kustomize must take it, and
// do what the README says.
func TestSilentFailure(t *testing.T) {
	block := regexp.MustCompile("(?s)```yaml\n(patches:\n.*?)```").FindStringSubmatch(testenv.Read(t, testenv.Root, "README.md"))
	if block == nil {
		t.Fatal("the README does not begin with patches")
	}
	dir := testenv.Files(t, map[string]string{
		"kustomization.yaml":   "resources:\n- gotk-components.yaml\n" + block[1],
		"gotk-components.yaml": testenv.Read(t, "flux-system", "gotk-components.yaml"),
	})
	built := build(t, dir)
	if strings.Count(built, "eks.amazonaws.com/role-arn:") != 1 || !strings.Contains(built, "\ntarget:\n  kind: ServiceAccount\n") {
		t.Errorf("want the annotation once, and the target within the ServiceAccount:\n%s", testenv.Diff(t, build(t, "flux-system"), built))
	}
}
