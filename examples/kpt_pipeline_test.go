package examples

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/internal/testenv"
)

// TestGoldenKptPipeline renders the package: it has what the Google Cloud example builds, and
// a second time changes nothing.
func TestGoldenKptPipeline(t *testing.T) {
	kpt := testenv.Kpt(t)
	dir := copyOf(t, "kpt-pipeline")
	components := filepath.Join("flux-system", "gotk-components.yaml")
	rendered := filepath.Join(dir, "gotk-components.yaml")
	copyFile(t, components, rendered)
	commit(t, dir)
	run(t, dir, kpt, "fn", "render", "--allow-exec")
	after := testenv.Read(t, rendered)
	testenv.Golden(t, filepath.Join("kpt-pipeline", "expected.diff"), testenv.Diff(t, testenv.Read(t, components), after))
	if changed := run(t, dir, "git", "status", "--porcelain"); strings.TrimSpace(changed) != "M gotk-components.yaml" {
		t.Errorf("want a change in gotk-components.yaml only, got:\n%s", changed)
	}
	run(t, dir, kpt, "fn", "render", "--allow-exec")
	if diff := cmp.Diff(after, testenv.Read(t, rendered)); diff != "" {
		t.Errorf("-first run +second run:\n%s", diff)
	}

	system := copyOf(t, "flux-system")
	copyFile(t, rendered, filepath.Join(system, "gotk-components.yaml"))
	if diff := cmp.Diff(build(t, "gcp"), buildPlain(t, system)); diff != "" {
		t.Errorf("-kustomize +kpt:\n%s", diff)
	}
}
