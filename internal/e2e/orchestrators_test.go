package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flux-workload-identity/fn"
	"flux-workload-identity/internal/testenv"
)

// TestKustomize builds every example in its container form, and one with a bad configuration.
func TestKustomize(t *testing.T) {
	testenv.Image(t)
	for _, cloud := range clouds {
		t.Run(cloud, func(t *testing.T) { checkChange(t, cloud, mustBuild(t, example(cloud, "container"))) })
	}
	t.Run("bad", func(t *testing.T) {
		dir := filepath.Join(copyExamples(t), "aws", "container")
		spoil(t, filepath.Join(dir, "workload-identity.yaml"))
		stdout, stderr, code := build(t, dir)
		if code != 1 || stdout != "" || !strings.Contains(stderr, badWant) {
			t.Errorf("exit %d\n%s%s", code, stdout, stderr)
		}
	})
}

// kptWays are the ways in which kpt runs the image, in a copy of the examples.
var kptWays = map[string]func(t *testing.T, image, dir, cloud string) []string{
	"eval with a file": func(_ *testing.T, image, _, cloud string) []string {
		return []string{"eval", "flux-system", "--image", image, "--fn-config", filepath.Join(cloud, "workload-identity.yaml")}
	},
	"eval with keys and values": func(_ *testing.T, image, _, cloud string) []string {
		return append([]string{"eval", "flux-system", "--image", image, "--"}, map[string][]string{
			"aws":   {"cloud=aws", "ecr=" + goodRole, "kms=arn:aws:iam::111122223333:role/flux-kms"},
			"azure": {"cloud=azure", "tenant-id=7c1e0d9a-5b4f-4c3e-9d2a-1f0e8b7c6d5a", "acr=3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6", "key-vault=5e6d7c8b-9a0f-4e1d-a2c3-b4d5e6f70819"},
			"gcp":   {"cloud=gcp", "gar=flux-gar@my-project.iam.gserviceaccount.com", "kms=flux-kms@my-project.iam.gserviceaccount.com"},
			"bad":   {"cloud=aws", "ecr=" + badRole},
		}[cloud]...)
	},
	"render": func(t *testing.T, image, dir, cloud string) []string {
		write(t, filepath.Join(dir, "flux-system", "workload-identity.yaml"), testenv.Read(t, dir, cloud, "workload-identity.yaml"))
		write(t, filepath.Join(dir, "flux-system", "Kptfile"), `apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: flux-system
pipeline:
  mutators:
  - image: `+image+`
    configPath: workload-identity.yaml
`)
		return []string{"render", "flux-system"}
	},
}

// TestKpt runs the image with kpt in every way on every example and on a bad configuration.
func TestKpt(t *testing.T) {
	image, kpt := testenv.Image(t), testenv.Kpt(t)
	for way, arguments := range kptWays {
		for _, cloud := range clouds {
			t.Run(way+"/"+cloud, func(t *testing.T) {
				dir := copyExamples(t)
				stdout, stderr, code := testenv.Run(t, dir, append([]string{kpt, "fn"}, arguments(t, image, dir, cloud)...)...)
				if code != 0 || !strings.Contains(stdout+stderr, "[info] v1/ServiceAccount/flux-system/source-controller metadata.annotations") {
					t.Fatalf("exit %d, want 0 and the results\n%s%s", code, stdout, stderr)
				}
				checkChange(t, cloud, mustBuild(t, filepath.Join(dir, "flux-system")))
			})
		}
		t.Run(way+"/bad", func(t *testing.T) {
			dir := copyExamples(t)
			if err := os.Rename(filepath.Join(dir, "aws"), filepath.Join(dir, "bad")); err != nil {
				t.Fatal(err)
			}
			spoil(t, filepath.Join(dir, "bad", "workload-identity.yaml"))
			stdout, stderr, code := testenv.Run(t, dir, append([]string{kpt, "fn"}, arguments(t, image, dir, "bad")...)...)
			if code != 1 || !strings.Contains(stdout+stderr, badWant) {
				t.Errorf("exit %d\n%s%s", code, stdout, stderr)
			}
			const install = "flux-system/gotk-components.yaml"
			if testenv.Read(t, dir, install) != testenv.Read(t, example(install)) {
				t.Error("the install changed")
			}
		})
	}
	t.Run("doc", func(t *testing.T) {
		stdout, stderr, code := testenv.Run(t, ".", kpt, "fn", "doc", "--image", image)
		if code != 0 || strings.TrimSpace(stdout) != strings.TrimSpace(fn.Help) {
			t.Errorf("exit %d\n%s%s", code, stdout, stderr)
		}
	})
}
