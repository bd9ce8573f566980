package examples

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/internal/testenv"
)

// TestGoldenFleet builds every cluster from the shared configuration: each has its own role.
func TestGoldenFleet(t *testing.T) {
	builds := map[string]string{}
	for cluster, account := range map[string]string{"prod": "111122223333", "stage": "444455556666"} {
		var want []string
		for _, controller := range []string{"image-reflector-controller", "kustomize-controller", "source-controller"} {
			want = append(want, fmt.Sprintf("ServiceAccount %s eks.amazonaws.com/role-arn: arn:aws:iam::%s:role/flux", controller, account))
		}
		builds[cluster] = build(t, filepath.Join("fleet", "clusters", cluster))
		if diff := cmp.Diff(want, identities(t, builds[cluster])); diff != "" {
			t.Errorf("%s: -want +got:\n%s", cluster, diff)
		}
	}
	testenv.Golden(t, filepath.Join("fleet", "expected.diff"), testenv.Diff(t, builds["stage"], builds["prod"]))
}

// TestFleetForgotten leaves out what says which role a cluster has, in each way in which it can be forgotten: the
// function must stop, as no role that it could write is that cluster's.
func TestFleetForgotten(t *testing.T) {
	const forgotten = "error: spec.aws.identities[0].roleARN: missing: want arn:"
	read := func(file string) string { return testenv.Read(t, "fleet", file) }
	const cluster, overlay = "clusters/prod/kustomization.yaml", "config/prod/kustomization.yaml"
	unpatched, _, _ := strings.Cut(read(overlay), "patches:")
	for name, tc := range map[string]struct{ reason, file, text string }{
		"Overlay": {"The cluster names the base.", cluster, strings.Replace(read(cluster), "config/prod", "config/base", 1)},
		"Patch":   {"The overlay was made without its patch.", overlay, unpatched},
		"Target":  {"The patch selects another kind, of which kustomize says nothing.", overlay, strings.Replace(read(overlay), "kind: Flux", "kind: flux", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyOf(t, ".")
			writeFile(t, filepath.Join(dir, "fleet", tc.file), tc.text)
			stdout, stderr, code := testenv.Run(t, filepath.Join(dir, "fleet", "clusters", "prod"), testenv.Kustomize(t), "build", "--enable-alpha-plugins", "--enable-exec", ".")
			if code == 0 || stdout != "" || !strings.Contains(stderr, forgotten) {
				t.Errorf("exit %d, want %q: %s\n%s", code, forgotten, tc.reason, stderr)
			}
		})
	}
}

// TestFleetPatches gives the configuration of a cluster to kpt, for a bootstrapped folder.
func TestFleetPatches(t *testing.T) {
	kpt := testenv.Kpt(t)
	dir := copyOf(t, "bootstrap")
	config := buildPlain(t, filepath.Join("fleet", "config", "stage"))
	writeFile(t, filepath.Join(dir, "workload-identity.yaml"), strings.Replace(config, "\nspec:\n", "\nspec:\n  output: Patches\n", 1))
	system := filepath.Join(dir, "clusters", "prod", "flux-system")
	run(t, dir, kpt, "fn", "eval", system, "--exec", "flux-workload-identity", "--fn-config", "workload-identity.yaml")
	want := []string{
		"ServiceAccount kustomize-controller eks.amazonaws.com/role-arn: arn:aws:iam::444455556666:role/flux",
		"ServiceAccount source-controller eks.amazonaws.com/role-arn: arn:aws:iam::444455556666:role/flux",
	}
	if diff := cmp.Diff(want, identities(t, buildPlain(t, system))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
