// Package examples holds no code: its tests run the examples.
package examples

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/internal/testenv"
)

var clouds = []string{"aws", "azure", "gcp"}

// build runs kustomize on a folder, as the READMEs say.
func build(t *testing.T, dir string) string {
	t.Helper()
	stdout, stderr, code := testenv.Run(t, dir, testenv.Kustomize(t), "build", "--enable-alpha-plugins", "--enable-exec", ".")
	if code != 0 || stderr != "" {
		t.Fatalf("kustomize build %s: exit %d\n%s", dir, code, stderr)
	}
	return stdout
}

// run runs a command that succeeds, and returns what it prints.
func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	stdout, stderr, code := testenv.Run(t, dir, args...)
	if code != 0 {
		t.Fatalf("%s: exit %d\n%s", strings.Join(args, " "), code, stderr)
	}
	return stdout
}

// copyOf returns a copy of an example's folder, to edit.
func copyOf(t *testing.T, example string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(example)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// copyFile copies a file over another.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	writeFile(t, to, testenv.Read(t, from))
}

// commit makes a folder a git repository in which everything is committed.
func commit(t *testing.T, dir string) {
	t.Helper()
	run(t, dir, "git", "init", "-q")
	run(t, dir, "git", "add", ".")
	run(t, dir, "git", "-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false", "commit", "-q", "-m", "test")
}

// buildPlain runs kustomize with plugins disabled, as Flux does.
func buildPlain(t *testing.T, dir string) string {
	t.Helper()
	return run(t, dir, testenv.Kustomize(t), "build", ".")
}

// identities returns what identities there are in a build, one a line.
func identities(t *testing.T, build string) (lines []string) {
	t.Helper()
	objects, err := kio.ParseAll(build)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		for _, path := range [][]string{{"metadata", "annotations"}, {"metadata", "labels"}, {"spec", "template", "metadata", "labels"}} {
			entries, err := o.Pipe(yaml.Lookup(path...))
			if err != nil || entries == nil {
				continue // not in objects of this kind
			}
			err = entries.VisitFields(func(e *yaml.MapNode) error {
				if key := e.Key.YNode().Value; isIdentity.MatchString(key) {
					lines = append(lines, fmt.Sprintf("%s %s %s: %s", o.GetKind(), o.GetName(), key, e.Value.YNode().Value))
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	slices.Sort(lines)
	return lines
}

var isIdentity = regexp.MustCompile(`^(eks\.amazonaws\.com|azure\.workload\.identity|iam\.gke\.io)/`)

// TestKustomize compares what the function changes with expected.diff of the example.
func TestKustomize(t *testing.T) {
	before := build(t, "flux-system")
	for _, cloud := range clouds {
		t.Run(cloud, func(t *testing.T) {
			testenv.Golden(t, filepath.Join(cloud, "expected.diff"), testenv.Diff(t, before, build(t, cloud)))
		})
	}
}

// TestVariables builds an example whose account is a variable that Flux fills in: it is
// written as it stands, with a warning for each role, and Flux builds what comes of it.
func TestVariables(t *testing.T) {
	const account, variable = "111122223333", "${ACCOUNT_ID}"
	dir := testenv.Files(t, nil)
	if err := os.CopyFS(dir, os.DirFS(".")); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "aws", "workload-identity.yaml")
	text := strings.ReplaceAll(testenv.Read(t, config), account, variable)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	built, stderr, code := testenv.Run(t, filepath.Join(dir, "aws"), testenv.Kustomize(t), "build", "--enable-alpha-plugins", "--enable-exec", ".")
	if want := strings.Count(text, variable); code != 0 || strings.Count(stderr, "warning: ") != want || strings.Count(stderr, "\n") != want {
		t.Fatalf("want %d warnings; exit %d\n%s", want, code, stderr)
	}
	want := strings.ReplaceAll(testenv.Read(t, "aws", "expected.diff"), account, variable)
	if diff := cmp.Diff(want, testenv.Diff(t, build(t, "flux-system"), built)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}

	cluster := testenv.Files(t, map[string]string{"kustomization.yaml": "resources:\n- gotk-components.yaml\n", "gotk-components.yaml": built})
	rebuilt, stderr, code := testenv.Run(t, cluster, testenv.FluxBuild(t), cluster, cluster)
	if code != 0 || stderr != "" {
		t.Fatalf("Flux: exit %d\n%s", code, stderr)
	}
	if diff := cmp.Diff(built, rebuilt); diff != "" {
		t.Errorf("-kustomize +Flux:\n%s", diff)
	}
}

// TestKpt runs the example on a copy of the install with kpt, in both forms of the
// configuration, and compares the cluster that comes of it with that of kustomize.
func TestKpt(t *testing.T) {
	kpt := testenv.Kpt(t)
	for _, cloud := range clouds {
		t.Run(cloud, func(t *testing.T) {
			dir := copyOf(t, "flux-system")
			config, err := filepath.Abs(filepath.Join(cloud, "workload-identity.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			run(t, dir, kpt, "fn", "eval", ".", "--exec", "flux-workload-identity", "--fn-config", config)
			if diff := cmp.Diff(build(t, cloud), build(t, dir)); diff != "" {
				t.Errorf("-kustomize +kpt:\n%s", diff)
			}
		})
	}
}

// TestContainerForm checks that the two forms of an example's configuration differ only in
// how the function is run; package e2e runs the container's.
func TestContainerForm(t *testing.T) {
	for _, cloud := range clouds {
		want := strings.NewReplacer(
			"exec:\n        path: flux-workload-identity\n", "container:\n        image: "+testenv.ImageName+"\n",
			"$schema=../../", "$schema=../../../",
		).Replace(testenv.Read(t, cloud, "workload-identity.yaml"))
		if diff := cmp.Diff(want, testenv.Read(t, cloud, "container", "workload-identity.yaml")); diff != "" {
			t.Errorf("%s: -want +got:\n%s", cloud, diff)
		}
		if diff := cmp.Diff(strings.ReplaceAll(testenv.Read(t, cloud, "kustomization.yaml"), "../flux", "../../flux"),
			testenv.Read(t, cloud, "container", "kustomization.yaml")); diff != "" {
			t.Errorf("%s: -want +got:\n%s", cloud, diff)
		}
	}
}

var isConfig = regexp.MustCompile(`(?m)^kind: FluxWorkloadIdentity$`)

// TestSchemaLine checks that every configuration begins with the line that tells an editor
// where its schema is.
func TestSchemaLine(t *testing.T) {
	configs := 0
	err := fs.WalkDir(os.DirFS("."), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(file) != ".yaml" {
			return err
		}
		text := testenv.Read(t, file)
		if !isConfig.MatchString(text) {
			return nil
		}
		configs++
		schema, err := filepath.Rel(filepath.Dir(file), filepath.Join("..", "docs", "schema.json"))
		if err != nil {
			return err
		}
		if want := "# yaml-language-server: $schema=" + filepath.ToSlash(schema); !strings.HasPrefix(text, want+"\n") {
			t.Errorf("%s: want the first line %q", file, want)
		}
		return nil
	})
	if err != nil || configs == 0 {
		t.Fatal(configs, err)
	}
}
