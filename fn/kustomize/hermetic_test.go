package kustomize_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flux-workload-identity/fn/kustomize"
)

// failing is a transport that no request must come to.
type failing struct{ t *testing.T }

func (f failing) RoundTrip(r *http.Request) (*http.Response, error) {
	f.t.Errorf("a request for %s", r.URL)
	return nil, errors.New("no network")
}

// hermetic fails the test where it wants the network or git.
func hermetic(t *testing.T) {
	t.Helper()
	transport, client := http.DefaultTransport, http.DefaultClient
	http.DefaultTransport, http.DefaultClient = failing{t}, &http.Client{Transport: failing{t}}
	dir := t.TempDir()
	wanted := filepath.Join(dir, "wanted")
	if err := os.WriteFile(filepath.Join(dir, "git"), []byte("#!/bin/sh\necho \"$@\" >> "+wanted+"\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	t.Cleanup(func() {
		http.DefaultTransport, http.DefaultClient = transport, client
		if text, err := os.ReadFile(wanted); err == nil {
			t.Errorf("git is wanted: %s", text)
		}
	})
}

var remotes = []string{
	"https://localhost/x/a.yaml", "http://localhost/x/a.yaml", "HTTPS://localhost/x/a.yaml", "hTTp://localhost/a/b", "http:localhost", " https://localhost/x", "https://github.com/fluxcd/flux2//manifests/install?ref=v2.7.5",
	"git@localhost:x/y", "git@localhost:x/y.git//z?ref=a", "ssh://git@localhost/x/y", "SSH://localhost/x/y", "git::https://localhost/x/y", "GIT::ssh://localhost/x/y",
	"github.com/fluxcd/flux2", "GitHub.com/fluxcd/flux2/manifests?ref=v2.7.5", "github.com:fluxcd/flux2", "file:///tmp/x", "FILE:///tmp/x.git//y", "a@b:c/d", "user@host/x.git", "x.git", "../x.git/y", "host/x.git", "_git/x", "x?ref=main", "/x.git", "//localhost/x",
}

// TestHermeticBuild says that names of what is not local are never followed, wherever they stand.
func TestHermeticBuild(t *testing.T) {
	hermetic(t)
	fields := map[string]string{
		"Resources": "resources: [a.yaml, %q]\n", "ResourcesCase": "RESOURCES: [a.yaml, %q]\n", "Bases": "resources: [a.yaml]\nbases: [%q]\n", "Components": "resources: [a.yaml]\ncomponents: [%q]\n",
		"Kelvin": "resources: [a.yaml]\nba\u017fes: [%q]\n",
		"Crds":   "resources: [a.yaml]\ncrds: [%q]\n", "Configurations": "resources: [a.yaml]\nconfigurations: [%q]\n", "OpenAPI": "resources: [a.yaml]\nopenapi: {path: %q}\n",
		"Transformers": "resources: [a.yaml]\ntransformers: [%q]\n", "Generators": "resources: [a.yaml]\ngenerators: [%q]\n", "Validators": "resources: [a.yaml]\nvalidators: [%q]\n",
		"PatchesStrategicMerge": "resources: [a.yaml]\npatchesStrategicMerge: [%q]\n", "Patches": "resources: [a.yaml]\npatches: [{path: %q}]\n", "PatchesCase": "resources: [a.yaml]\nPatches: [{Path: %q}]\n",
		"PatchesJson6902": "resources: [a.yaml]\npatchesJson6902: [{path: %q, target: {version: v1, kind: ServiceAccount, name: other}}]\n", "Replacements": "resources: [a.yaml]\nreplacements: [{path: %q}]\n",
		"Files": "resources: [a.yaml]\nreplacements: []\nconfigMapGenerator: [{name: a, files: [%q]}]\nvars: [{name: A, objref: {apiVersion: v1, kind: ServiceAccount, name: other}}]\n", "KeyFiles": "resources: [a.yaml]\nvars: [{name: A, objref: {apiVersion: v1, kind: ServiceAccount, name: other}}]\nsecretGenerator: [{name: a, files: [\"k=\"%q]}]\n",
		"Envs": "resources: [a.yaml]\nvars: [{name: A, objref: {apiVersion: v1, kind: ServiceAccount, name: other}}]\nconfigMapGenerator: [{name: a, envs: [%q]}]\n", "Env": "resources: [a.yaml]\nvars: [{name: A, objref: {apiVersion: v1, kind: ServiceAccount, name: other}}]\nsecretGenerator: [{name: a, env: %q}]\n",
		"Twice": "resources: [a.yaml]\nresources: [a.yaml, %q]\n", "Merged": "x: &x {resources: [a.yaml, %q]}\n<<: *x\n", "Helm": "resources: [a.yaml]\nhelmCharts: [{name: a, repo: %q}]\n",
	}
	for field, text := range fields {
		for _, name := range remotes {
			files := folder{"a.yaml": other, "kustomization.yaml": strings.ReplaceAll(fmt.Sprintf(text, name), `"k=""`, `"k=`)}
			refuse(t, field+" "+name, files, ".")
			// The folder may hold what looks the same.
			files[filepath.Join(name, "kustomization.yaml")] = "resources: [../a.yaml]\n"
			tree := kustomize.TreeOf(files.plainly(t))
			for _, r := range tree.Roots() {
				tree.Build(r)
			}
		}
	}
}

// TestHermeticPlugins is the same for configurations of plugins, which name files themselves.
func TestHermeticPlugins(t *testing.T) {
	hermetic(t)
	plugins := map[string]string{
		"Path":        "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: a}\npath: %s\n",
		"PathCase":    "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: a}\nPATH: %s\n",
		"Paths":       "apiVersion: builtin\nkind: PatchStrategicMergeTransformer\nmetadata: {name: a}\npaths:\n- %s\n",
		"Operations":  "apiVersion: builtin\nkind: PatchJson6902Transformer\nmetadata: {name: a}\ntarget: {name: other}\npath: %s\n",
		"Replacement": "apiVersion: builtin\nkind: ReplacementTransformer\nmetadata: {name: a}\nreplacements:\n- path: %s\n",
		"ValueAdd":    "apiVersion: builtin\nkind: ValueAddTransformer\nmetadata: {name: a}\nvalue: a\ntargetFilePath: %s\n",
		"Files":       "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: a}\nfiles:\n- k=%s\n",
		"Bare":        "apiVersion: builtin\nkind: SecretGenerator\nmetadata: {name: a}\nfiles:\n- '%s'\n",
		"Envs":        "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: a}\nenvs:\n- %s\n",
		"Env":         "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: a}\nenv: %s\n",
		"Anchored":    "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: a}\nx: &a '%s'\npath: *a\n",
		"Helm":        "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: a}\nname: a\nadditionalValuesFiles:\n- %s\n",
		"List":        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: a}\n  path: %s\n",
	}
	inline := func(text string) string {
		return "|-\n    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ")
	}
	for name, text := range plugins {
		for _, url := range []string{"https://localhost/x", "HTTP://localhost/x", "https://localhost/x?a=b", "https://localhost/" + strings.Repeat("x", 5000)} {
			text := fmt.Sprintf(text, url)
			for _, field := range []string{"transformers", "generators", "validators"} {
				for way, files := range map[string]folder{
					"File":      {"kustomization.yaml": "resources: [a.yaml]\n" + field + ": [t.yaml]\n", "t.yaml": text},
					"Inline":    {"kustomization.yaml": "resources: [a.yaml]\n" + field + ":\n  - " + inline(text) + "\n"},
					"Directory": {"kustomization.yaml": "resources: [a.yaml]\n" + field + ": [t]\n", "t/kustomization.yaml": "resources: [t.yaml]\n", "t/t.yaml": text},
					"Patched": {"kustomization.yaml": "resources: [a.yaml]\n" + field + ": [t]\n", "t/kustomization.yaml": "resources: [t.yaml]\npatches:\n- target: {kind: PatchTransformer}\n  patch: |-\n    - op: add\n      path: /path\n      value: '" + url + "'\n",
						"t/t.yaml": "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: a, annotations: {config.kubernetes.io/local-config: 'true'}}\n"},
				} {
					files["a.yaml"] = other
					refuse(t, strings.Join([]string{name, field, way, url[:17]}, " "), files, ".")
				}
			}
		}
	}
}

// TestHermeticJoined says that a URL is seen which nobody has written, and only the build of a directory
// puts together.
func TestHermeticJoined(t *testing.T) {
	hermetic(t)
	refuse(t, "joined", folder{
		"a.yaml": other, "kustomization.yaml": "resources: [a.yaml]\ntransformers: [t]\n",
		"t/kustomization.yaml": "resources: [t.yaml]\ntransformers:\n- |-\n  apiVersion: builtin\n  kind: PrefixTransformer\n  metadata: {name: p}\n  prefix: ht\n  fieldSpecs: [{path: path}]\n",
		"t/t.yaml":             "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: a}\npath: tps://localhost/x\n",
	}, ".")
}

// TestFirstURL says that of several URLs in a configuration the first is told.
func TestFirstURL(t *testing.T) {
	hermetic(t)
	tree := kustomize.TreeOf(folder{
		"a.yaml": other, "kustomization.yaml": "resources: [a.yaml]\ntransformers: [t.yaml]\n",
		"t.yaml": "apiVersion: builtin\nkind: PatchStrategicMergeTransformer\nmetadata: {name: a}\npaths:\n- https://localhost/first\n- https://localhost/second\n",
	}.plainly(t))
	b := tree.Build(tree.Roots()[0])
	if len(b.NotSeen) != 1 || b.NotSeen[0].What != "https://localhost/first" {
		t.Errorf("want the first alone, got %v", b.NotSeen)
	}
}

// refuse wants something not seen, or an error.
func refuse(t *testing.T, name string, files folder, dir string) {
	t.Helper()
	tree := kustomize.TreeOf(files.plainly(t))
	r, found := rootAt(tree, dir)
	if !found {
		t.Fatalf("%s: no Kustomization", name)
	}
	if b := tree.Build(r); b.Err == nil && len(b.NotSeen) == 0 {
		t.Errorf("%s: neither an error nor said to be not seen: %v", name, slices.Sorted(maps.Values(files)))
	}
}

// TestTooMany says that what would take very long is not begun.
func TestTooMany(t *testing.T) {
	for _, levels := range []int{14, 100} {
		files := folder{"0/a.yaml": other, "0/kustomization.yaml": "resources: [a.yaml]\n"}
		for n := range levels {
			files[fmt.Sprintf("%d/kustomization.yaml", n+1)] = "resources: [one, two]\n"
			files[fmt.Sprintf("%d/one/kustomization.yaml", n+1)] = fmt.Sprintf("resources: [../../%d]\nnamePrefix: a\n", n)
			files[fmt.Sprintf("%d/two/kustomization.yaml", n+1)] = fmt.Sprintf("resources: [../../%d]\nnamePrefix: b\n", n)
		}
		tree := kustomize.TreeOf(files.plainly(t))
		roots := tree.Roots()
		if len(roots) != 1 || roots[0].Dir != fmt.Sprint(levels) {
			t.Fatalf("roots: %v", roots)
		}
		if b := tree.Build(roots[0]); b.Err == nil || !strings.Contains(b.Err.Error(), "too many") {
			t.Errorf("%d levels: %v", levels, b.Err)
		}
	}
}

// TestPluginDirectories says that directories of configurations which list each other end, and
// that many of them do not take long.
func TestPluginDirectories(t *testing.T) {
	plugin := "apiVersion: builtin\nkind: AnnotationsTransformer\nmetadata: {name: a}\nannotations: {x: z}\nfieldSpecs: [{path: metadata/annotations, create: true}]\n"
	cycle := folder{
		"a/kustomization.yaml": "resources: [a.yaml]\ntransformers: [../b]\n", "a/a.yaml": other, "b/kustomization.yaml": "resources: [b.yaml]\ntransformers: [../a]\n", "b/b.yaml": plugin,
	}
	refuse(t, "cycle", cycle, "a")
	deep := folder{"0/kustomization.yaml": "resources: [a.yaml]\n", "0/a.yaml": plugin}
	for n := range 60 {
		deep[fmt.Sprintf("%d/kustomization.yaml", n+1)] = fmt.Sprintf("resources: [a.yaml]\ntransformers: [../%d]\n", n)
		deep[fmt.Sprintf("%d/a.yaml", n+1)] = plugin
	}
	tree := kustomize.TreeOf(deep.plainly(t))
	if b := tree.Build(tree.Roots()[0]); b.Err != nil || len(b.NotSeen) > 0 || !strings.Contains(text(t, b.Objects[0].Node), `"x":"z"`) {
		t.Errorf("%v %v", b.Err, b.NotSeen)
	}
}
