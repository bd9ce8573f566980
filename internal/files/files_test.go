package files_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/internal/files"
	"flux-workload-identity/internal/testenv"
)

// runFiles runs the function on plain manifests.
func runFiles(t *testing.T, config, stdin string, check bool, names ...string) (stdout, stderr string, code int) {
	t.Helper()
	file := filepath.Join(testenv.Files(t, map[string]string{"config.yaml": config}), "config.yaml")
	var out, log bytes.Buffer
	code = files.Run(file, check, names, strings.NewReader(stdin), &out, &log)
	return out.String(), log.String(), code
}

const keyConfig = `apiVersion: v1
kind: ConfigMap
metadata: {name: config}
data: {cloud: gcp, gar: flux-gar@my-project.iam.gserviceaccount.com}
`

// TestCheck checks that nothing is written by a check, in any way to ask for one: exit 1 and
// a line for each field that would change, exit 0 where none would.
func TestCheck(t *testing.T) {
	install := testenv.Read(t, testenv.Root, "examples/flux-system/gotk-components.yaml")
	config := testenv.Read(t, testenv.Root, "examples/azure/workload-identity.yaml")
	done, stderr, code := runFiles(t, config, install, false)
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d\n%s", code, stderr)
	}
	doneKeys, _, _ := runFiles(t, keyConfig, install, false)
	for name, tc := range map[string]struct {
		reason, config string
		flag           bool
		stdin          string
		lines          int
	}{
		"Flag":          {"six annotations and six labels", config, true, install, 12},
		"Clean":         {"nothing to say", config, true, done, 0},
		"Field":         {"as a configuration says that is used for nothing else", config + "  check: true\n", false, install, 12},
		"Both":          {"they agree", config + "  check: true\n", true, done, 0},
		"Stronger":      {"who types the flag means it", config + "  check: false\n", true, install, 12},
		"KeyInCapitals": {"however a key is spelt, it is no second one", strings.Replace(keyConfig, "{cloud", `{CHECK: "false", cloud`, 1), true, install, 2},
		"KeyAlone":      {"and without the flag it counts", strings.Replace(keyConfig, "{cloud", `{Check: "true", cloud`, 1), false, install, 2},
		"KeyWrong":      {"a value that is wrong is not made right by the flag", strings.Replace(keyConfig, "{cloud", `{Check: "yes", cloud`, 1), true, install, 1},
		"KeyTwice":      {"two spellings of one key are two", strings.Replace(keyConfig, "{cloud", `{Check: "true", CHECK: "true", cloud`, 1), true, install, 1},
		"Keys":          {"the other form of a configuration", keyConfig, true, install, 2},
		"KeysClean":     {"and nothing to say", keyConfig, true, doneKeys, 0},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, code := runFiles(t, tc.config, tc.stdin, tc.flag)
			if stdout != "" {
				t.Errorf("%s: %d bytes on stdout", tc.reason, len(stdout))
			}
			if got := strings.Count(stderr, "error: "); got != tc.lines || strings.Count(stderr, "\n") != tc.lines || code != min(1, tc.lines) {
				t.Errorf("%s: exit %d, %d errors, want %d:\n%s", tc.reason, code, got, tc.lines, stderr)
			}
		})
	}
}

// TestCheckFailures checks that a check of what is no configuration says so, and not that
// nothing is to be done.
func TestCheckFailures(t *testing.T) {
	for name, config := range map[string]string{
		"Empty": "", "NoSpec": "apiVersion: fn.kpt.dev/v1alpha1\nkind: FluxWorkloadIdentity\n",
		"Scalar": "apiVersion: fn.kpt.dev/v1alpha1\nkind: FluxWorkloadIdentity\nspec: x\n", "NoData": "apiVersion: v1\nkind: ConfigMap\n",
	} {
		t.Run(name, func(t *testing.T) {
			if stdout, stderr, code := runFiles(t, config, "kind: A\n", true); code != 1 || stdout != "" || !strings.HasPrefix(stderr, "error: ") {
				t.Errorf("exit %d, stdout %q, stderr %q", code, stdout, stderr)
			}
		})
	}
}

// TestRestart checks that one who replaces an identity is told what to restart, where no results
// are seen, in both outputs; and that nobody else is: not one who writes the first, nor one who
// checks, for whom nothing is replaced.
func TestRestart(t *testing.T) {
	install := testenv.Read(t, testenv.Root, "examples/flux-system/gotk-components.yaml")
	other := strings.Replace(keyConfig, "flux-gar@", "other-gar@", 1)
	const warning = "warning: data.gar: changes the identity of flux-system/source-controller, flux-system/image-reflector-controller: want the pods restarted once this is applied; they take an identity when they start\n"
	for _, form := range []string{"{cloud", "{output: Patches, cloud"} {
		dir := testenv.Files(t, map[string]string{"kustomization.yaml": "resources: [gotk-components.yaml]\n", "gotk-components.yaml": install})
		t.Chdir(dir)
		for _, step := range []struct {
			reason, config string
			check          bool
			code           int
			want           string
		}{
			{"the first identity", keyConfig, false, 0, ""},
			{"the same again", keyConfig, false, 0, ""},
			{"a check of another", other, true, 1, ""},
			{"another", other, false, 0, warning},
			{"the other again", other, false, 0, ""},
		} {
			stdout, stderr, code := runFiles(t, strings.Replace(step.config, "{cloud", form, 1), "", step.check, "kustomization.yaml", "gotk-components.yaml")
			if code != step.code || step.code == 0 && stderr != step.want || strings.Contains(stderr, "restart") != (step.want != "") {
				t.Errorf("%s, %s: exit %d, want %d\n%s", form, step.reason, code, step.code, stderr)
			}
			if !step.check {
				kustomization, components, _ := strings.Cut(stdout, "---\n")
				for name, text := range map[string]string{"kustomization.yaml": kustomization, "gotk-components.yaml": "---\n" + components} {
					if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}

// TestFilesOrder checks that files come out as one stream, in the order of the arguments, and
// that results of patches find the kustomization by its name among them.
func TestFilesOrder(t *testing.T) {
	dir := testenv.Files(t, map[string]string{
		"kustomization.yaml":   "resources:\n- gotk-components.yaml # by flux\n",
		"gotk-components.yaml": testenv.Read(t, testenv.Root, "examples/flux-system/gotk-components.yaml"),
	})
	t.Chdir(dir)
	config := strings.Replace(keyConfig, "{cloud", "{output: Patches, cloud", 1)
	stdout, stderr, code := runFiles(t, config, "", false, "kustomization.yaml", "gotk-components.yaml")
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d\n%s", code, stderr)
	}
	want := `resources:
- gotk-components.yaml # by flux
patches:
- patch: |
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: flux-workload-identity-gcp
      annotations:
        iam.gke.io/gcp-service-account: flux-gar@my-project.iam.gserviceaccount.com
  target:
    kind: ServiceAccount
    name: (source-controller|image-reflector-controller)
` + testenv.Read(t, dir, "gotk-components.yaml")
	if diff := cmp.Diff(want, stdout); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestFilesOutputFails checks that a full disk is no success.
func TestFilesOutputFails(t *testing.T) {
	file := filepath.Join(testenv.Files(t, map[string]string{"config.yaml": keyConfig}), "config.yaml")
	var log bytes.Buffer
	code := files.Run(file, false, nil, strings.NewReader(testenv.Read(t, testenv.Root, "examples/flux-system/gotk-components.yaml")), failing{}, &log)
	if code != 1 || !strings.Contains(log.String(), "error: stdout: disk full") {
		t.Errorf("exit %d\n%s", code, log.String())
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// TestFilesBeside checks that what is read beside is not written, and that one of it that is no
// YAML stops nothing, nor what is listed and is not there.
func TestFilesBeside(t *testing.T) {
	const kustomization = "resources:\n- gotk-components.yaml # by flux\n- ../broken.yaml\n- none.yaml\n- https://example.com/x.yaml\n"
	dir := testenv.Files(t, map[string]string{
		".git/HEAD":               "",
		"prod/kustomization.yaml": kustomization,
		"broken.yaml":             "a: b\n c: d\n",
	})
	t.Chdir(dir)
	config := strings.Replace(keyConfig, "{cloud", "{output: Patches, cloud", 1)
	alone, log, code := runFiles(t, config, "", false, "prod/kustomization.yaml")
	if code != 0 || !strings.HasPrefix(alone, kustomization+"patches:\n") {
		t.Fatalf("exit %d\n%s\n%s", code, log, alone)
	}
	components := testenv.Read(t, testenv.Root, "examples/flux-system/gotk-components.yaml")
	if err := os.WriteFile("prod/gotk-components.yaml", []byte(components), 0o644); err != nil {
		t.Fatal(err)
	}
	stdout, log, code := runFiles(t, config, "", false, "prod/kustomization.yaml")
	if code != 0 || !strings.HasPrefix(stdout, kustomization+"patches:\n") || strings.Contains(stdout, "kind: Deployment") {
		t.Errorf("exit %d\n%s\n%s", code, log, stdout)
	}
	for name, want := range map[string]string{"prod/kustomization.yaml": kustomization, "prod/gotk-components.yaml": components} {
		if testenv.Read(t, dir, name) != want {
			t.Errorf("%s is written to", name)
		}
	}
}
