package fn_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRemoteInstalls are installs that are out of the stream. The error says what was seen, and
// what helps; with that the patches are written, and a warning says that nothing proved them.
func TestRemoteInstalls(t *testing.T) {
	trials := map[string]trial{}
	for name, entry := range map[string]string{
		"git":     "github.com/fluxcd/flux2/manifests/install?ref=v2.7.5",
		"git URL": "https://github.com/fluxcd/flux2//manifests/install?ref=v2.7.5",
		"release": "https://github.com/fluxcd/flux2/releases/download/v2.7.5/install.yaml",
		"absent":  "install.yaml",
	} {
		files := "-- flux/kustomization.yaml --\nresources:\n- " + entry + "\n"
		overlay := "-- prod/kustomization.yaml --\nresources:\n- ../flux\n"
		unproved := [][]string{{"warning", entry}}
		trials[name] = trial{reason: "nothing says which Kustomization is meant", output: "Patches", remote: entry, files: files, says: [][]string{{"error", "spec.patches.kustomization", entry}}}
		trials[name+", plain"] = trial{reason: "", output: "Patches", plain: true, remote: entry, files: files, says: [][]string{{"error", "spec.patches.kustomization", entry}}}
		trials[name+", named"] = trial{reason: "the configuration says it", output: "Patches", remote: entry, files: files, patches: "{kustomization: flux/kustomization.yaml}", want: both(), says: unproved}
		trials[name+", overlay"] = trial{reason: "", output: "Patches", remote: entry, files: files + overlay, patches: "{kustomization: prod/kustomization.yaml}", root: "prod", want: both(), says: unproved}
		trials[name+", checked"] = trial{reason: "what was not seen does not pass a check", output: "Patches", check: true, remote: entry, files: files + "patches:\n$OURS\n", patches: "{kustomization: flux/kustomization.yaml}", says: [][]string{{"error", entry}}}
	}
	checkTrials(t, trials)
}

// instanceWith is a FluxInstance with patches, whose components are those of the trials.
func instanceWith(patches string) folder {
	return instance("  components: [source-controller, kustomize-controller, notification-controller]\n  kustomize:\n    patches:\n" + shift(patches, "    "))
}

// buildInstance builds an install with the patches of a FluxInstance, as Flux Operator does.
func buildInstance(t *testing.T, f folder) string {
	t.Helper()
	install := bootstrapped(labelledInstall)
	install["kustomization.yaml"] += patchesOf(t, f)
	return install.build(t, ".")
}

// TestInstanceNamespace is a namespace in a target, which Flux Operator forbids: such a patch
// never counts as one that gives an identity, whoever wrote it.
func TestInstanceNamespace(t *testing.T) {
	inNamespace := func(patch string) string {
		return strings.ReplaceAll(patch, "    kind: ServiceAccount\n    name:", "    kind: ServiceAccount\n    namespace: flux-system\n    name:")
	}
	config := func(head string) string {
		return configNamed("flux-workload-identity", "\n  output: Patches"+head+awsTrial)
	}
	pasted := roleFor("source-controller", "ecr", true) + roleFor("kustomize-controller", "kms", true)
	ours := strings.NewReplacer("      name: source-controller", "      name: flux-workload-identity-flux-workload-identity", "      name: kustomize-controller", "      name: flux-workload-identity-flux-workload-identity").Replace(pasted)
	others := roleFor("notification-controller", "other", true)
	for name, tc := range map[string]struct {
		reason, patches, head string
		code                  int    // -1 for either
		says                  string // of the first patch, "" for nothing
	}{
		"pasted":          {"It does what the configuration asks for, but for the namespace.", inNamespace(pasted), "", -1, "target.namespace"},
		"pasted, checked": {"It is not done.", inNamespace(pasted), "\n  check: true", 1, "target.namespace"},
		"pasted, adopt":   {"Ours have no namespace, or it is refused.", inNamespace(pasted), "\n  patches: {adopt: true}", -1, "target.namespace"},
		"ours":            {"Somebody added a namespace to ours: it goes.", inNamespace(ours), "", 0, ""},
		"ours, checked":   {"It is not done.", inNamespace(ours), "\n  check: true", 1, "a run without check changes it"},
		"another's":       {"The operator refuses the whole of it.", inNamespace(others), "", -1, "target.namespace"},
	} {
		t.Run(name, func(t *testing.T) {
			f := instanceWith(tc.patches)
			o := f.eval(t, config(tc.head))
			told := trial{reason: tc.reason, says: [][]string{{"", "spec.kustomize.patches[0]", tc.says}}}
			if tc.says == "" {
				told = trial{reason: tc.reason, want: none()} // nothing at all
			}
			told.checkSays(t, o)
			switch {
			case tc.code >= 0 && o.code != tc.code:
				t.Errorf("%s Exit %d, want %d:\n%s", tc.reason, o.code, tc.code, o.stderr)
			case o.code != 0:
				if diff := cmp.Diff(f, o.folder); diff != "" {
					t.Errorf("%s Something changed:\n%s", tc.reason, diff)
				}
			default:
				// Without the patches that the operator refuses, ours give all.
				_, entries, _ := strings.Cut(patchesOfAny(t, o.folder), "patches:\n")
				var kept string
				for _, entry := range strings.Split("\n"+entries, "\n- ")[1:] {
					if !strings.Contains(entry, "namespace: flux-system") {
						kept += "- " + entry + "\n"
					}
				}
				built := buildInstance(t, instanceWith(kept))
				if diff := cmp.Diff([]string{"flux-system/kustomize-controller", "flux-system/source-controller"}, holders(t, built)); diff != "" {
					t.Errorf("%s Who has a role by patches that the operator takes: -want +got:\n%s\n%s", tc.reason, diff, o.folder["flux.yaml"])
				}
			}
		})
	}
}

// patchesOfAny is patchesOf, also for targets with a namespace.
func patchesOfAny(t *testing.T, f folder) string {
	t.Helper()
	const mark = "namespace-of-a-target: flux-system"
	f = folder{"flux.yaml": strings.ReplaceAll(f["flux.yaml"], "        namespace: flux-system", "        "+mark)}
	return strings.ReplaceAll(patchesOf(t, f), mark, "namespace: flux-system")
}

// TestInstanceAdoptsByEffect is the adoption in a FluxInstance, crosswise and with comments.
func TestInstanceAdoptsByEffect(t *testing.T) {
	config := func(head string) string {
		return configNamed("flux-workload-identity", "\n  output: Patches"+head+awsTrial)
	}
	for name, tc := range map[string]struct {
		reason, patches string
		order           []string
	}{
		"crosswise":      {"The comments stay at the patches of the same effect.", "# decrypts\n" + roleFor("kustomize-controller", "kms", true) + "# pulls images\n" + roleFor("source-controller", "ecr", true), []string{"# decrypts", "role/kms", "# pulls images", "role/ecr"}},
		"anchored":       {"The targets are written otherwise.", "# decrypts\n" + pastedForms["anchored"](roleFor("kustomize-controller", "kms", true)) + "# pulls images\n" + pastedForms["anchored"](roleFor("source-controller", "ecr", true)), []string{"# decrypts", "role/kms", "# pulls images", "role/ecr"}},
		"between others": {"Each is replaced where it stands.", roleFor("kustomize-controller", "kms", true) + pools + roleFor("source-controller", "ecr", true), []string{"role/kms", "nodeSelector", "role/ecr"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := instanceWith(tc.patches)
			o := f.eval(t, config("\n  patches: {adopt: true}"))
			quiet := trial{reason: tc.reason, want: both(), never: []string{"changes the identity of", "instead of", "changed from"}}
			quiet.checkSays(t, o)
			if o.code != 0 {
				t.Fatalf("%s Exit %d\n%s", tc.reason, o.code, o.stderr)
			}
			checkOrder(t, "flux.yaml", o, tc.order...)
			if diff := cmp.Diff(buildInstance(t, f), buildInstance(t, o.folder)); diff != "" {
				t.Errorf("%s -built before +built after:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(o.folder, o.apply(t, config("")).folder); diff != "" {
				t.Errorf("%s Another run changes something:\n%s", tc.reason, diff)
			}
		})
	}
}
