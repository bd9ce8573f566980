package fn_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/internal/testenv"
)

// pasted are the patches of the Flux documentation as users have them, and the forms that
// its pages and users give them.
var pasted = map[string]func(string) string{
	"as documented":       func(p string) string { return p },
	"without parentheses": strings.NewReplacer(`"(`, "", `)"`, "").Replace,
	"namespace in the body": func(p string) string {
		return strings.ReplaceAll(p, "      name: controller\n", "      name: controller\n      namespace: flux-system\n")
	},
	"literal without the last line end": func(p string) string { return strings.ReplaceAll(p, "patch: |\n", "patch: |-\n") },
	"target first": func(p string) string {
		var entries []string
		for _, entry := range strings.Split(p, "\n- ")[1:] {
			patch, target, _ := strings.Cut(strings.TrimSuffix(entry, "\n"), "\n  target:\n")
			entries = append(entries, "\n- target:\n"+target+"\n  "+patch)
		}
		return strings.Join(entries, "") + "\n"
	},
	"anchored": func(p string) string {
		return strings.NewReplacer(`"(`, `"^(`, `)"`, `)$"`).Replace(p)
	},
	"one target a controller": func(p string) string {
		var entries []string
		for _, entry := range strings.Split(strings.TrimSuffix(p, "\n"), "\n- ")[1:] {
			before, names, _ := strings.Cut(entry, "    name: \"(")
			if names == "" {
				entries = append(entries, entry)
			}
			for name := range strings.SplitSeq(strings.TrimSuffix(names, `)"`), "|") {
				if name != "" {
					entries = append(entries, before+"    name: "+name)
				}
			}
		}
		return "\n- " + strings.Join(entries, "\n- ") + "\n"
	},
	"names of the controllers and no target": func(p string) string {
		var entries []string
		for _, entry := range strings.Split(strings.TrimSuffix(p, "\n"), "\n- ")[1:] {
			patch, target, _ := strings.Cut(entry, "  target:\n")
			_, names, _ := strings.Cut(target, "name: ")
			for name := range strings.SplitSeq(strings.Trim(names, `"()`), "|") {
				entries = append(entries, strings.Replace(patch, "name: controller\n", "name: "+name+"\n      namespace: flux-system\n", 1))
			}
		}
		return "\n- " + strings.Join(entries, "- ")
	},
	"operations": func(p string) string {
		return strings.NewReplacer(
			accountBody, "    - op: add\n      path: /metadata/annotations\n      value:\n",
			deploymentBody, "    - op: add\n      path: /metadata/labels/azure.workload.identity~1use\n      value: \"true\"\n    - op: add\n      path: /spec/template/metadata/labels/azure.workload.identity~1use\n      value: \"true\"\n",
		).Replace(p)
	},
}

const (
	accountBody    = "    apiVersion: v1\n    kind: ServiceAccount\n    metadata:\n      name: controller\n      annotations:\n"
	deploymentBody = `    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: controller
      labels:
        azure.workload.identity/use: "true"
    spec:
      template:
        metadata:
          labels:
            azure.workload.identity/use: "true"
`
)

// TestAdopt is the migration from the patches that the documentation tells its readers to
// paste: without adopt an error that says so, and nothing changes. With it they become ours,
// and what is built stays the same.
func TestAdopt(t *testing.T) {
	install := testenv.Read(t, testenv.Root, exampleInstall)
	for _, cloud := range clouds() {
		ours := bootstrapped(install).apply(t, toPatches(cloud)).folder["kustomization.yaml"]
		for name, form := range pasted {
			t.Run(cloud+"/"+name, func(t *testing.T) {
				t.Parallel()
				patches := form(parities[cloud].patches)
				if patches == parities[cloud].patches && name != "as documented" && (name != "operations" || cloud == "azure") {
					t.Fatal("the form changes nothing")
				}
				f := bootstrapped(install)
				f["kustomization.yaml"] += "patches:" + patches
				checkAdopted(t, f, cloud, ours)
			})
		}
	}
}

// checkAdopted checks a folder whose kustomization holds a user's patches that do what the
// configuration asks for. The kustomization that is left is to be ours.
func checkAdopted(t *testing.T, f folder, cloud, ours string) {
	t.Helper()
	refused := f.eval(t, toPatches(cloud))
	if refused.code != 1 || !strings.Contains(refused.stderr, "patches[0]") || !strings.Contains(refused.stderr, "spec.patches.adopt: true") {
		t.Errorf("without adopt: exit %d\n%s", refused.code, refused.stderr)
	}
	if diff := cmp.Diff(f, refused.folder); diff != "" {
		t.Errorf("without adopt something changes:\n%s", diff)
	}
	adopted := f.apply(t, toPatchesWith(cloud, "adopt: true"))
	if diff := cmp.Diff(f.build(t, "."), adopted.build(t, ".")); diff != "" {
		t.Errorf("-built before +built after:\n%s", diff)
	}
	if diff := cmp.Diff(meant(t, ours), meant(t, adopted.folder["kustomization.yaml"])); diff != "" {
		t.Errorf("-as if there had been none +taken over:\n%s", diff)
	}
	if !strings.Contains(adopted.results, "taken over: ") {
		t.Errorf("no result says what was done:\n%s", adopted.results)
	}
	for _, config := range []string{toPatches(cloud), toPatchesWith(cloud, "adopt: true")} {
		if diff := cmp.Diff(adopted.folder, adopted.apply(t, config).folder); diff != "" {
			t.Errorf("another run changes something:\n%s", diff)
		}
	}
}

// meant returns what the patches of a kustomization say, whatever style they have: that of a user stays, and
// so does a namespace in a body, at which kustomize does not look.
func meant(t *testing.T, text string) (patches []any) {
	t.Helper()
	var k struct {
		Patches []struct{ Patch, Target yaml.Node }
	}
	if err := yaml.Unmarshal([]byte(text), &k); err != nil {
		t.Fatal(err)
	}
	for _, p := range k.Patches {
		var body, target map[string]any
		if err := errors.Join(yaml.Unmarshal([]byte(p.Patch.Value), &body), p.Target.Decode(&target)); err != nil {
			t.Fatal(err)
		}
		delete(body["metadata"].(map[string]any), "namespace")
		patches = append(patches, body, target)
	}
	return patches
}

// TestAdoptIntoInstance is the same for a FluxInstance.
func TestAdoptIntoInstance(t *testing.T) {
	for _, cloud := range clouds() {
		for _, name := range []string{"as documented", "without parentheses", "one target a controller", "operations"} {
			t.Run(cloud+"/"+name, func(t *testing.T) {
				f := instance("  kustomize:\n    patches:" + strings.ReplaceAll(pasted[name](parities[cloud].patches), "\n", "\n    ") + "\n")
				refused := f.eval(t, toPatches(cloud))
				if refused.code != 1 || !strings.Contains(refused.stderr, "spec.kustomize.patches[0]") || !strings.Contains(refused.stderr, "spec.patches.adopt: true") {
					t.Errorf("without adopt: exit %d\n%s", refused.code, refused.stderr)
				}
				if diff := cmp.Diff(f, refused.folder); diff != "" {
					t.Errorf("without adopt something changes:\n%s", diff)
				}
				adopted := f.apply(t, toPatchesWith(cloud, "adopt: true"))
				want := patchesOf(t, instance("").apply(t, toPatches(cloud)).folder)
				if diff := cmp.Diff(meant(t, want), meant(t, patchesOf(t, adopted.folder))); diff != "" {
					t.Errorf("-as if there had been none +taken over:\n%s", diff)
				}
				if diff := cmp.Diff(adopted.folder, adopted.apply(t, toPatches(cloud)).folder); diff != "" {
					t.Errorf("another run changes something:\n%s", diff)
				}
			})
		}
	}
}

// TestAdoptLeavesTheRest checks that a user's patch is taken over only where ours does all
// that it does.
func TestAdoptLeavesTheRest(t *testing.T) {
	install := testenv.Read(t, testenv.Root, exampleInstall)
	documented := parities["aws"].patches
	for _, tc := range []struct{ reason, patches, want string }{
		{
			"An annotation of something else is in the patch.",
			strings.Replace(documented, "      annotations:\n", "      annotations:\n        example.com/owner: me\n", 1),
			"metadata.annotations[example.com/owner]",
		},
		{
			"The patch reaches a controller that the configuration does not give the identity.",
			strings.Replace(documented, "image-reflector-controller", "image-automation-controller", 1),
			"eks.amazonaws.com/role-arn] of ServiceAccount image-automation-controller too",
		},
		{
			"The patch sets another key of the cloud.",
			strings.Replace(documented, "      annotations:\n", "      annotations:\n        eks.amazonaws.com/audience: other\n", 1),
			"metadata.annotations[eks.amazonaws.com/audience] of ServiceAccount source-controller too",
		},
		{
			"The patch is in a file, which holds something else too.",
			"\n- path: mine.yaml\n  target:\n    kind: ServiceAccount\n    name: source-controller\n",
			"metadata.annotations[example.com/owner]",
		},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			f := bootstrapped(install)
			f["kustomization.yaml"] += "patches:" + tc.patches
			f["mine.yaml"] = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: any\n  annotations:\n    example.com/owner: me\n    eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/mine\n"
			o := f.eval(t, toPatchesWith("aws", "adopt: true"))
			if o.code != 1 || !strings.Contains(o.stderr, tc.want) {
				t.Errorf("exit %d, want an error with %q:\n%s", o.code, tc.want, o.stderr)
			}
			if diff := cmp.Diff(f, o.folder); diff != "" {
				t.Errorf("something changes:\n%s", diff)
			}
		})
	}
}
