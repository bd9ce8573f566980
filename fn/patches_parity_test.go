package fn_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/internal/testenv"
)

// bootstrapped is a folder as flux bootstrap leaves it, but for the objects of the sync.
func bootstrapped(install string) folder {
	if !strings.HasSuffix(install, "\n") {
		install += "\n" // as the folder's eval would
	}
	return folder{
		"kustomization.yaml":   "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- gotk-components.yaml\n",
		"gotk-components.yaml": install,
	}
}

// toResources and toPatches are the same configuration with either output.
func toResources(cloud string) string {
	return configNamed("flux-workload-identity", parities[cloud].spec)
}

func toPatches(cloud string) string {
	return configNamed("flux-workload-identity", "\n  output: Patches"+parities[cloud].spec)
}

// toPatchesWith has a field of spec.patches too.
func toPatchesWith(cloud, field string) string {
	return configNamed("flux-workload-identity", "\n  output: Patches\n  patches:\n    "+field+parities[cloud].spec)
}

func configNamed(name, spec string) string {
	return "apiVersion: fn.kpt.dev/v1alpha1\nkind: FluxWorkloadIdentity\nmetadata:\n  name: " + name + "\nspec:" + strings.TrimRight(spec, "\n") + "\n"
}

// checkBothWays builds a directory of a folder after a run with each output, and compares
// the bytes, also with plain, the build before. It returns the build.
func checkBothWays(t *testing.T, f folder, dir, plain, resources, patches string) string {
	t.Helper()
	want := f.apply(t, resources).build(t, dir)
	after := f.apply(t, patches)
	got := after.build(t, dir)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-Resources +Patches:\n%s", diff)
	}
	if plain == got {
		t.Error("neither output changed anything")
	}
	for name, text := range f {
		if changed := after.folder[name] != text; changed != strings.Contains(after.folder[name], "name: flux-workload-identity-") {
			t.Errorf("%s: changed %v, which is not for patches of ours:\n%s", name, changed, cmp.Diff(text, after.folder[name]))
		}
	}
	return got
}

// TestPatchesParity checks that both outputs are one plan: what is built afterwards,
// without plugins, is the same to the byte on real installs of many versions.
func TestPatchesParity(t *testing.T) {
	for _, file := range testenv.Installs(t) {
		f := bootstrapped(testenv.Read(t, file))
		plain := f.build(t, ".")
		for _, cloud := range clouds() {
			t.Run(cloud+"/"+filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				checkBothWays(t, f, ".", plain, toResources(cloud), toPatches(cloud))
			})
		}
	}
}

// TestPatchesParityUnderTransformations is the same where kustomize renames what the
// patches are for: in their own layer, which it does after them, in one above, and in one
// below, for which the patches are in the outer one.
func TestPatchesParityUnderTransformations(t *testing.T) {
	transformations := map[string]string{
		"namePrefix": "namePrefix: acme-\n",
		"nameSuffix": "nameSuffix: -eu\n",
		"namespace":  "namespace: gitops\n",
		"all":        "namePrefix: acme-\nnameSuffix: -eu\nnamespace: gitops\n",
	}
	install := controllersOnly(t)
	for name, transformation := range transformations {
		for _, cloud := range clouds() {
			t.Run(cloud+"/"+name, func(t *testing.T) {
				t.Parallel()
				f := bootstrapped(install)
				f["kustomization.yaml"] += transformation
				checkBothWays(t, f, ".", f.build(t, "."), toResources(cloud), toPatches(cloud))

				for _, layers := range []struct{ inner, outer string }{{"", transformation}, {transformation, ""}, {transformation, strings.ReplaceAll(transformation, "acme", "corp")}} {
					f := folder{
						"inner/kustomization.yaml":   "resources:\n- gotk-components.yaml\n" + layers.inner,
						"inner/gotk-components.yaml": install,
						"outer/kustomization.yaml":   "resources:\n- ../inner\n" + layers.outer,
					}
					inner := checkBothWays(t, f, "outer", f.build(t, "outer"), toResources(cloud), toPatches(cloud))
					outer := checkBothWays(t, f, "outer", f.build(t, "outer"), toResources(cloud), toPatchesWith(cloud, "kustomization: outer/kustomization.yaml"))
					if inner != outer {
						t.Errorf("-in the inner kustomization +in the outer:\n%s", cmp.Diff(inner, outer))
					}
				}
			})
		}
	}
}

// TestPatchesParityOfShards is the same for shards as the Flux documentation makes them,
// with an overlay that copies the Deployments; and for copies that are in the stream.
func TestPatchesParityOfShards(t *testing.T) {
	install := controllersOnly(t)
	for _, cloud := range clouds() {
		for name, transformation := range map[string]string{"plain": "", "prefix": "namePrefix: acme-\n", "namespace": "namespace: gitops\n"} {
			t.Run(cloud+"/"+name, func(t *testing.T) {
				t.Parallel()
				f := folder{
					"base/kustomization.yaml":   "resources:\n- install.yaml\n",
					"base/install.yaml":         install,
					"shard1/kustomization.yaml": "resources:\n- ../base\nnameSuffix: -shard1\n" + shardPatches,
					"outer/kustomization.yaml":  "resources:\n- ../base\n- ../shard1\n" + transformation,
				}
				checkEveryPod(t, cloud, checkBothWays(t, f, "outer", f.build(t, "outer"), toResources(cloud), toPatches(cloud)), 4)
				checkEveryPod(t, cloud, checkBothWays(t, f, "outer", f.build(t, "outer"), toResources(cloud), toPatchesWith(cloud, "kustomization: outer/kustomization.yaml")), 4)
			})
		}
		t.Run(cloud+"/in the stream", func(t *testing.T) {
			f := bootstrapped(install)
			f["kustomization.yaml"] += "- shards.yaml\n"
			f["shards.yaml"] = shardOf(t, install, "source-controller")
			checkEveryPod(t, cloud, checkBothWays(t, f, ".", f.build(t, "."), toResources(cloud), toPatches(cloud)), 3)
		})
	}
}

// shardPatches leaves of a copy of the install the Deployments that can be sharded.
const shardPatches = `patches:
- target:
    kind: (ServiceAccount|Service|ClusterRoleBinding)
  patch: |
    $patch: delete
    kind: Any
    metadata:
      name: any
- target:
    kind: Deployment
    name: (kustomize|helm|notification|image-automation)-controller|source-watcher
  patch: |
    $patch: delete
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: any
`

// shardOf returns the Deployment of a controller under another name.
func shardOf(t *testing.T, install, controller string) string {
	t.Helper()
	for doc := range strings.SplitSeq(install, "---\n") {
		name := "\n  name: " + controller + "\n"
		if strings.Contains(doc, "\nkind: Deployment\n") && strings.Contains(doc, name) {
			return strings.Replace(doc, name, "\n  name: "+controller+"-shard1\n", 1)
		}
	}
	t.Fatal("there is no Deployment of " + controller)
	return ""
}
