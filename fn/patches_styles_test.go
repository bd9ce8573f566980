package fn_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/internal/testenv"
)

// styles are kustomizations with users' patches as people write them. None of them has
// to do with identity.
var styles = map[string]string{
	"operations": `
- patch: |-
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --concurrent=20
  target:
    kind: Deployment
    name: (kustomize-controller|helm-controller)
`,
	"strategic merge and comments": `
# what we changed ourselves
- patch: |   # the node pool
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: all
    spec:
      template:
        spec:
          # a comment in the patch
          nodeSelector: {pool: system}
  target:   # all of them
    kind: Deployment

# between two, after a blank line
- path: more.yaml # in a file
  # at the end of an entry
  target: {kind: Deployment, name: source-controller}
# at the end of the list
`,
	"options and a selector of labels": `
- path: renamed.patch
  target:
    kind: NetworkPolicy
    name: allow-scraping
  options:
    allowNameChange: true
- target:
    kind: Deployment
    labelSelector: app.kubernetes.io/component in (source-controller, helm-controller)
    annotationSelector: "!example.com/none"
  patch: |-
    - {op: add, path: /metadata/annotations, value: {example.com/owner: platform}}
`,
	"folded, quoted and flow": `
- patch: >
    [{"op": "add",
    "path": "/metadata/labels/example.com~1team", "value": "platform"}]
  target: {kind: ServiceAccount, name: "helm-controller|notification-controller"}
- patch: '[{"op": "add", "path": "/metadata/labels/example.com~1tier", "value": "it''s one"}]'
  target:
    kind: ServiceAccount
    name: source-controller
- patch: "[{\"op\": \"add\", \"path\": \"/metadata/labels/example.com~1env\",\
    \ \"value\": \"prod\"}]"
  target: {"kind": "ServiceAccount"}
- {path: more.yaml}
`,
	"indented": `
  - path: more.yaml


  - patch: |-
      - op: remove
        path: /spec/template/spec/priorityClassName
    target:
        kind: Deployment
        name: source-controller
`,
	"an annotations map replaced": `
- patch: |-
    - op: replace
      path: /metadata/annotations
      value: {example.com/owner: platform}
  target:
    kind: ServiceAccount
    name: source-controller|kustomize-controller|image-reflector-controller
    namespace: flux-system
`,
}

// flowStyles are lists in flow style, in which ours cannot be as the documentation writes
// them: the whole list is written anew, as a block.
var flowStyles = map[string]string{
	"a line": ` [{path: more.yaml}, {path: renamed.patch, target: {kind: NetworkPolicy, name: allow-scraping}}] # short
`,
	"lines": `
  [
    {path: more.yaml}, # one
    {path: renamed.patch, target: {kind: NetworkPolicy, name: allow-scraping}},
  ]
`,
	"none": ` []
`,
}

// styled is a folder whose kustomization has the patches of a style, with the list last or
// in the midst of the file.
func styled(install, patches string, last bool) folder {
	const before = "# The kustomization of prod\napiVersion: kustomize.config.k8s.io/v1beta1   # as bootstrapped\nkind: Kustomization\n\nresources:\n- gotk-components.yaml # written by flux\n"
	const after = "labels:\n- includeSelectors: false\n  pairs: {example.com/cluster: 'prod'}\n# the end\n"
	f := bootstrapped(strings.ReplaceAll(install, "\nkind: ServiceAccount\nmetadata:\n", "\nkind: ServiceAccount\nmetadata:\n  annotations:\n    example.com/since: \"2020\"\n"))
	if last {
		f["kustomization.yaml"] = before + after + "patches:" + patches
	} else {
		f["kustomization.yaml"] = before + "patches:" + patches + after
	}
	f["more.yaml"] = "# a patch of ours\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: source-controller\n  namespace: flux-system\nspec: {template: {metadata: {annotations: {example.com/more: 'yes'}}}}\n"
	f["renamed.patch"] = `[{"op": "replace", "path": "/metadata/name", "value": "allow-metrics"}]` + "\n"
	return f
}

// TestUsersPatchesSurvive checks that no byte of a user's patch changes, in whatever style
// it is written, that the build has what both ask for, and that the removal of ours leaves
// the file as it was.
func TestUsersPatchesSurvive(t *testing.T) {
	install := testenv.Read(t, testenv.Root, exampleInstall)
	for name, patches := range styles {
		for title, v := range map[string]struct {
			cloud, ends string
			last        bool
		}{
			"last":          {"aws", "\n", true},
			"amid":          {"azure", "\n", false},
			"last, Windows": {"azure", "\r\n", true},
			"amid, Windows": {"gcp", "\r\n", false},
		} {
			t.Run(name+"/"+title, func(t *testing.T) {
				t.Parallel()
				f := styled(install, patches, v.last)
				f["kustomization.yaml"] = strings.ReplaceAll(f["kustomization.yaml"], "\n", v.ends)
				after := checkSurvive(t, f, v.cloud)
				for _, line := range lineDiff(t, f["kustomization.yaml"], after["kustomization.yaml"]) {
					if line[0] == '-' {
						t.Errorf("a line of the user's is gone: %q", line)
					}
				}
				above := folder{"outer/kustomization.yaml": "resources:\n- ../base\n"}
				for name, text := range after {
					above["base/"+name] = text
				}
				moved := above.applyStyled(t, toPatchesWith(v.cloud, "kustomization: outer/kustomization.yaml"))
				if diff := cmp.Diff(f["kustomization.yaml"], moved.folder["base/kustomization.yaml"]); diff != "" {
					t.Errorf("-before the patches +after their removal:\n%s", diff)
				}
			})
		}
	}
}

// TestUsersFlowListsSurvive checks the same of lists in flow style, but for the style.
func TestUsersFlowListsSurvive(t *testing.T) {
	install := testenv.Read(t, testenv.Root, exampleInstall)
	for name, patches := range flowStyles {
		for _, cloud := range clouds() {
			t.Run(name+"/"+cloud, func(t *testing.T) {
				f := styled(install, patches, cloud == "aws")
				after := checkSurvive(t, f, cloud)["kustomization.yaml"]
				for line := range strings.Lines(f["kustomization.yaml"]) {
					if _, comment, ok := strings.Cut(line, "#"); ok && !strings.Contains(after, "#"+comment) {
						t.Errorf("a comment is gone: %q", comment)
					}
				}
			})
		}
	}
}

// TestPatchesMoveBehind checks that patches of ours do not stay where a later one of the
// user's takes away what they set.
func TestPatchesMoveBehind(t *testing.T) {
	for _, cloud := range clouds() {
		f := styled(testenv.Read(t, testenv.Root, exampleInstall), styles["strategic merge and comments"], true)
		after := f.apply(t, toPatches(cloud)).folder
		added := after.with("kustomization.yaml", after["kustomization.yaml"]+styles["an annotations map replaced"][1:])
		got := added.apply(t, toPatches(cloud))
		f["kustomization.yaml"] += styles["an annotations map replaced"][1:]
		if diff := cmp.Diff(documented(f, cloud).build(t, "."), got.build(t, ".")); diff != "" {
			t.Errorf("%s: -the documentation's patches last +ours:\n%s", cloud, diff)
		}
		if diff := cmp.Diff(got.folder, got.apply(t, toPatches(cloud)).folder); diff != "" {
			t.Errorf("%s: a second run changes something:\n%s", cloud, diff)
		}
		if want := strings.Count(after["kustomization.yaml"], "name: flux-workload-identity-"); strings.Count(got.folder["kustomization.yaml"], "name: flux-workload-identity-") != want {
			t.Errorf("%s: want %d patches of ours:\n%s", cloud, want, got.folder["kustomization.yaml"])
		}
	}
}

// checkSurvive runs the function on a folder with patches of the user, and returns what is
// left.
func checkSurvive(t *testing.T, f folder, cloud string) folder {
	t.Helper()
	after := f.applyStyled(t, toPatches(cloud))
	onlyFile(t, f, after, "kustomization.yaml")
	want := documented(f, cloud).build(t, ".")
	if diff := cmp.Diff(want, after.build(t, ".")); diff != "" {
		t.Errorf("-the documentation's patches last +ours:\n%s", diff)
	}
	if diff := cmp.Diff(after.folder, after.applyStyled(t, toPatches(cloud)).folder); diff != "" {
		t.Errorf("a second run changes something:\n%s", diff)
	}
	return after.folder
}

// applyStyled is apply of a folder whose patches may name a file that is no YAML: kpt brings none, which
// is said.
func (f folder) applyStyled(t *testing.T, config string) outcome {
	t.Helper()
	o := f.eval(t, config)
	rest := 0
	for line := range strings.Lines(unexpected(o.stderr)) {
		if !strings.Contains(line, `"renamed.patch": not looked at`) {
			rest++
		}
	}
	if o.code != 0 || rest > 0 {
		t.Fatalf("exit %d\n%s", o.code, o.stderr)
	}
	return o
}

// documented returns the folder with the patches of the documentation in a layer above,
// where they come last.
func documented(f folder, cloud string) folder {
	g := folder{}
	for name, text := range f {
		g["inner/"+name] = text
	}
	g["kustomization.yaml"] = "resources:\n- inner\npatches:" + parities[cloud].patches
	return g
}
