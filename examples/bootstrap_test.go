package examples

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/internal/testenv"
)

// TestGoldenBootstrap runs both recipes of the README on what flux bootstrap leaves, and
// builds the result as Flux does, before and after the controllers were written anew.
func TestGoldenBootstrap(t *testing.T) {
	kpt := testenv.Kpt(t)
	system := filepath.Join("clusters", "prod", "flux-system")
	eval := []string{kpt, "fn", "eval", system, "--exec", "flux-workload-identity", "--fn-config", "workload-identity.yaml"}

	restored := copyOf(t, "bootstrap")
	commit(t, restored)
	run(t, restored, eval...)
	run(t, restored, "git", "restore", filepath.Join(system, "gotk-*.yaml"))
	ignored := copyOf(t, "bootstrap")
	writeFile(t, filepath.Join(ignored, system, ".krmignore"), "gotk-*.yaml\n")
	commit(t, ignored)
	run(t, ignored, eval...)

	after := testenv.Read(t, restored, system, "kustomization.yaml")
	testenv.Golden(t, filepath.Join("bootstrap", "expected.diff"),
		testenv.Diff(t, testenv.Read(t, "bootstrap", system, "kustomization.yaml"), after))
	if diff := cmp.Diff(after, testenv.Read(t, ignored, system, "kustomization.yaml")); diff != "" {
		t.Errorf("-with git restore +with .krmignore:\n%s", diff)
	}
	for _, dir := range []string{restored, ignored} {
		if changed := run(t, dir, "git", "status", "--porcelain"); strings.TrimSpace(changed) != "M "+filepath.ToSlash(filepath.Join(system, "kustomization.yaml")) {
			t.Errorf("want a change in kustomization.yaml only, got:\n%s", changed)
		}
		run(t, dir, eval...)
		if diff := cmp.Diff(after, testenv.Read(t, dir, system, "kustomization.yaml")); diff != "" {
			t.Errorf("-first run +second run:\n%s", diff)
		}
	}

	want := []string{
		"ServiceAccount kustomize-controller eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux-kms",
		"ServiceAccount source-controller eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux-ecr",
	}
	if diff := cmp.Diff(want, identities(t, buildPlain(t, filepath.Join(ignored, system)))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	copyFile(t, filepath.Join("flux-system", "gotk-components.yaml"), filepath.Join(ignored, system, "gotk-components.yaml"))
	if diff := cmp.Diff(identities(t, build(t, "aws")), identities(t, buildPlain(t, filepath.Join(ignored, system)))); diff != "" {
		t.Errorf("with more components: -want +got:\n%s", diff)
	}
}

// TestBootstrapRefusesPlugins is why the patches are needed.
func TestBootstrapRefusesPlugins(t *testing.T) {
	_, stderr, code := testenv.Run(t, "aws", testenv.Kustomize(t), "build", ".")
	if want := "external plugins disabled; unable to load external plugin 'FluxWorkloadIdentity'"; code == 0 || !strings.Contains(stderr, want) {
		t.Errorf("exit %d, want %q in:\n%s", code, want, stderr)
	}
}

// TestBootstrapChanges edits the configuration: another role changes the line of its patch,
// and the patch of an identity that is gone goes.
func TestBootstrapChanges(t *testing.T) {
	kpt := testenv.Kpt(t)
	dir := copyOf(t, "bootstrap")
	system := filepath.Join(dir, "clusters", "prod", "flux-system")
	config := filepath.Join(dir, "workload-identity.yaml")
	eval := func() string {
		run(t, dir, kpt, "fn", "eval", system, "--exec", "flux-workload-identity", "--fn-config", config)
		return testenv.Read(t, system, "kustomization.yaml")
	}
	first := eval()
	text := strings.Replace(testenv.Read(t, config), "role/flux-kms", "role/flux-sops", 1)
	writeFile(t, config, text)
	if diff := cmp.Diff(strings.Replace(first, "role/flux-kms", "role/flux-sops", 1), eval()); diff != "" {
		t.Errorf("another role: -want +got:\n%s", diff)
	}
	text, _, _ = strings.Cut(text, "    # Decrypt")
	writeFile(t, config, text)
	want := first[:strings.LastIndex(first, "- patch:")]
	if diff := cmp.Diff(want, eval()); diff != "" {
		t.Errorf("an identity less: -want +got:\n%s", diff)
	}
}
