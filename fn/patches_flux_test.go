package fn_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/internal/testenv"
)

// checkFluxBuilds builds a folder as Flux does, and returns the build.
func checkFluxBuilds(t *testing.T, f folder) string {
	t.Helper()
	got, stderr, code := fluxBuild(t, testenv.Files(t, f))
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d\n%s", code, stderr)
	}
	return got
}

// TestFluxTakesPatches checks with Flux's own build code what spec.output Patches is for.
// On a folder as flux bootstrap leaves it, the controllers are those that the documentation's
// patches give. Then gotk-components.yaml is written anew as an upgrade does, with that of
// each next version and in the end with that of an old one: nothing is lost, and what was
// not there before gets what it is to have.
func TestFluxTakesPatches(t *testing.T) {
	files := testenv.Corpus(t)
	for i, file := range files {
		// Every file with one cloud, every cloud with some.
		cloud := clouds()[i%len(clouds())]
		t.Run(cloud+"/"+filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			f := bootstrapped(testenv.Read(t, file))
			after := f.apply(t, toPatches(cloud))
			got := checkFluxBuilds(t, after.folder)
			if diff := cmp.Diff(after.build(t, "."), got); diff != "" {
				t.Errorf("-kustomize +Flux:\n%s", diff)
			}
			documented := f.with("kustomization.yaml", f["kustomization.yaml"]+"patches:"+parities[cloud].patches)
			if diff := cmp.Diff(checkFluxBuilds(t, documented), got); diff != "" {
				t.Errorf("-patches of the documentation +ours:\n%s", diff)
			}

			next := bootstrapped(testenv.Read(t, files[(i+1)%len(files)]))
			upgraded := after.with("gotk-components.yaml", next["gotk-components.yaml"])
			want := next.apply(t, toResources(cloud)).build(t, ".")
			if diff := cmp.Diff(want, checkFluxBuilds(t, upgraded)); diff != "" {
				t.Errorf("-Resources on the upgrade +the upgrade with the patches of before:\n%s", diff)
			}
			again := upgraded.apply(t, toPatches(cloud))
			if diff := cmp.Diff(upgraded, again.folder); diff != "" {
				t.Errorf("a run after the upgrade changes something:\n%s", diff)
			}
		})
	}
}

// TestUpgradesKeepPatches checks that the patches do not depend on the version of Flux, nor
// on which of the controllers an install has.
func TestUpgradesKeepPatches(t *testing.T) {
	for _, cloud := range clouds() {
		want := bootstrapped(testenv.Read(t, testenv.Root, exampleInstall)).apply(t, toPatches(cloud)).folder["kustomization.yaml"]
		for _, file := range testenv.Corpus(t) {
			got := bootstrapped(testenv.Read(t, file)).apply(t, toPatches(cloud)).folder["kustomization.yaml"]
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: -the example +%s:\n%s", cloud, filepath.Base(file), diff)
			}
		}
	}
}

// TestFluxRefusesTransformers is why there is such an output: where the function is a
// transformer, Flux builds nothing.
func TestFluxRefusesTransformers(t *testing.T) {
	f := bootstrapped(testenv.Read(t, testenv.Root, exampleInstall)).apply(t, toPatches("aws")).folder
	f["kustomization.yaml"] += "transformers:\n- workload-identity.yaml\n"
	f["workload-identity.yaml"] = functionConfig(testenv.Function(t), parities["aws"].spec)
	stdout, stderr, code := fluxBuild(t, testenv.Files(t, f))
	if code != 1 || stdout != "" || !strings.Contains(stderr, "external plugins disabled") {
		t.Errorf("want an error about external plugins; exit %d\n%s\n%s", code, stdout, stderr)
	}
}

// instance is the file of a FluxInstance, which begins with the fields given.
func instance(spec string) folder {
	return folder{"flux.yaml": `apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata:
  name: flux
  namespace: flux-system
spec:
` + spec + `  distribution:
    version: "2.x"
    registry: ghcr.io/fluxcd
`}
}

// patchesOf returns the patches of the FluxInstance, as those of a kustomization are written.
func patchesOf(t *testing.T, f folder) string {
	t.Helper()
	patches, err := yaml.MustParse(f["flux.yaml"]).Pipe(yaml.Lookup("spec", "kustomize", "patches"))
	if err != nil {
		t.Fatal(err)
	}
	if patches == nil {
		return ""
	}
	if patches.YNode().Style&yaml.FlowStyle != 0 {
		t.Error("the patches are in flow style")
	}
	text, err := patches.String()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "namespace:") {
		t.Errorf("Flux Operator takes no namespace in a target:\n%s", text)
	}
	return "patches:\n" + text
}

// TestFluxInstanceParity takes the patches out of a FluxInstance, as Flux Operator does, and
// builds with them the installs of many versions, with kustomize and with Flux's own code:
// every file with one cloud.
func TestFluxInstanceParity(t *testing.T) {
	const all = "  components: [source-controller, source-watcher, kustomize-controller, helm-controller, notification-controller, image-reflector-controller, image-automation-controller]\n"
	const minimal = "  components:\n  - source-controller\n  - kustomize-controller\n"
	for c, cloud := range clouds() {
		var first string
		for name, components := range map[string]string{"default": "", "all": all, "minimal": minimal} {
			got := patchesOf(t, instance(components).apply(t, toPatches(cloud)).folder)
			if first == "" {
				first = got
			}
			if diff := cmp.Diff(first, got); diff != "" {
				t.Errorf("%s: components %s make other patches:\n%s", cloud, name, diff)
			}
		}
		for i, file := range testenv.Installs(t) {
			if i%len(clouds()) != c {
				continue
			}
			t.Run(cloud+"/"+filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				f := bootstrapped(testenv.Read(t, file))
				want := f.apply(t, toResources(cloud)).build(t, ".")
				f["kustomization.yaml"] += first
				if diff := cmp.Diff(want, f.build(t, ".")); diff != "" {
					t.Errorf("-Resources +with the patches of the FluxInstance:\n%s", diff)
				}
				if diff := cmp.Diff(want, checkFluxBuilds(t, f)); diff != "" {
					t.Errorf("-Resources +Flux with the patches of the FluxInstance:\n%s", diff)
				}
			})
		}
	}
}

// TestFluxInstanceComponents checks the identities against what the instance will have.
func TestFluxInstanceComponents(t *testing.T) {
	config := func(controller string) string {
		return configNamed("flux-workload-identity", "\n  output: Patches\n  gcp:\n    identities:\n    - serviceAccountEmail: flux-gar@my-project.iam.gserviceaccount.com\n      controllers: ["+controller+"]\n")
	}
	const some = "  components:\n  - source-controller\n  - image-reflector-controller\n"
	for _, tc := range []struct {
		reason, components, controller string
		code                           int
	}{
		{"The default has the controller.", "", "helm-controller", 0},
		{"The default lacks the controller.", "", "image-reflector-controller", 1},
		{"The list has it.", some, "image-reflector-controller", 0},
		{"The list lacks it.", some, "helm-controller", 1},
	} {
		f := instance(tc.components)
		o := f.eval(t, config(tc.controller))
		if o.code != tc.code || o.code == 1 && !strings.Contains(o.stderr, tc.controller) {
			t.Errorf("%s Exit %d, want %d:\n%s", tc.reason, o.code, tc.code, o.stderr)
		}
		if changed := cmp.Diff(f, o.folder) != ""; changed != (tc.code == 0) {
			t.Errorf("%s Changed: %v", tc.reason, changed)
		}
	}
}
