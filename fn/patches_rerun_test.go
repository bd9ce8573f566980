package fn_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/internal/testenv"
)

// homes are the two kinds of home of patches, and the file that holds them.
func homes(t *testing.T) map[string]struct {
	folder
	file string
} {
	return map[string]struct {
		folder
		file string
	}{
		"kustomization": {bootstrapped(testenv.Read(t, testenv.Root, exampleInstall)), "kustomization.yaml"},
		"instance":      {instance("  components: [source-controller, kustomize-controller, image-reflector-controller]\n"), "flux.yaml"},
	}
}

// roles is a configuration for AWS with one line an identity: a role and its controllers.
func roles(name string, identities ...string) string {
	spec := "\n  output: Patches\n  aws:\n    identities:\n"
	for _, id := range identities {
		role, controllers, _ := strings.Cut(id, ": ")
		spec += "    - roleARN: arn:aws:iam::111122223333:role/" + role + "\n      controllers: [" + controllers + "]\n"
	}
	return configNamed(name, spec)
}

const (
	ecr      = "flux-ecr: source-controller, image-reflector-controller"
	kms      = "flux-kms: kustomize-controller"
	otherECR = "other: source-controller, image-reflector-controller"
)

// lineDiff returns the lines that went, with a minus, and those that came, with a plus.
func lineDiff(t *testing.T, before, after string) (lines []string) {
	t.Helper()
	for line := range strings.Lines(testenv.Diff(t, before, after)) {
		if line[0] == '-' || line[0] == '+' {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
	}
	return lines
}

// onlyFile checks that one file is all that a run changed, and returns its text.
func onlyFile(t *testing.T, before folder, after outcome, file string) string {
	t.Helper()
	if diff := cmp.Diff(before, after.with(file, before[file])); diff != "" {
		t.Errorf("not only %s changed:\n%s", file, diff)
	}
	return after.folder[file]
}

// TestPatchesRerun checks that a run on the result of the same configuration changes
// nothing, also not where the identities are in another order or called for otherwise.
func TestPatchesRerun(t *testing.T) {
	for name, home := range homes(t) {
		for _, cloud := range clouds() {
			first := home.apply(t, toPatches(cloud))
			onlyFile(t, home.folder, first, home.file)
			second := first.apply(t, toPatches(cloud))
			if diff := cmp.Diff(first.folder, second.folder); diff != "" {
				t.Errorf("%s, %s: a second run changed something:\n%s", name, cloud, diff)
			}
			if strings.Contains(second.results, "added: ") || strings.Contains(second.results, "changed: ") {
				t.Errorf("%s, %s: a second run says that it changed something:\n%s", name, cloud, second.results)
			}
		}
		first := home.apply(t, roles("ids", ecr, kms))
		for _, same := range [][]string{{kms, ecr}, {kms, "flux-ecr: source-controller", "flux-ecr: image-reflector-controller"}} {
			if diff := cmp.Diff(first.folder, first.apply(t, roles("ids", same...)).folder); diff != "" {
				t.Errorf("%s: the same in another order changes something:\n%s", name, diff)
			}
		}
	}
}

// TestPatchesChange checks that a change of the configuration changes just the lines that
// are about it.
func TestPatchesChange(t *testing.T) {
	for name, home := range homes(t) {
		margin := map[string]string{"kustomization": "", "instance": "    "}[name]
		start := home.apply(t, roles("ids", ecr, kms))
		for _, tc := range []struct {
			reason     string
			identities []string
			want       []string
		}{
			{"Another role.", []string{otherECR, kms}, []string{
				"-        eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux-ecr",
				"+        eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/other",
			}},
			{"A controller less.", []string{"flux-ecr: source-controller", kms}, []string{
				"-    name: (source-controller|image-reflector-controller)",
				"+    name: source-controller",
			}},
			{"The last identity is dropped.", []string{ecr}, removed("flux-kms", "kustomize-controller")},
			{"The first identity is dropped.", []string{kms}, removed("flux-ecr", "(source-controller|image-reflector-controller)")},
			{"The two swap their roles.", []string{"flux-kms: source-controller, image-reflector-controller", "flux-ecr: kustomize-controller"}, []string{
				"-        eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux-ecr",
				"+        eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux-kms",
				"-        eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux-kms",
				"+        eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux-ecr",
			}},
			{"The second gets a controller, the first another role.", []string{"flux-kms: kustomize-controller, image-reflector-controller", "other: source-controller"}, []string{
				"-        eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux-ecr",
				"+        eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/other",
				"-    name: (source-controller|image-reflector-controller)",
				"+    name: source-controller",
				"-    name: kustomize-controller",
				"+    name: (kustomize-controller|image-reflector-controller)",
			}},
			{"One role for all.", []string{"flux-ecr: source-controller, image-reflector-controller, kustomize-controller"}, append([]string{
				"-    name: (source-controller|image-reflector-controller)",
				"+    name: (source-controller|kustomize-controller|image-reflector-controller)",
			}, removed("flux-kms", "kustomize-controller")...)},
		} {
			t.Run(name+"/"+tc.reason, func(t *testing.T) {
				after := start.apply(t, roles("ids", tc.identities...))
				var want []string
				for _, line := range tc.want {
					want = append(want, line[:1]+margin+line[1:])
				}
				// Sorted, since of two patches that begin alike git may name the lines of either.
				got := lineDiff(t, start.folder[home.file], onlyFile(t, start.folder, after, home.file))
				if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got))); diff != "" {
					t.Errorf("lines changed: -want +got:\n%s", diff)
				}
				fresh := home.apply(t, roles("ids", tc.identities...))
				if diff := cmp.Diff(sorted(fresh.folder[home.file]), sorted(after.folder[home.file])); diff != "" {
					t.Errorf("-as if it had been so from the start +now:\n%s", diff)
				}
				back := after.apply(t, roles("ids", ecr, kms))
				if diff := cmp.Diff(sorted(start.folder[home.file]), sorted(back.folder[home.file])); diff != "" {
					t.Errorf("there and back again: -before +after:\n%s", diff)
				}
			})
		}
	}
}

// removed are the lines that go with a patch.
func removed(role, names string) []string {
	return []string{
		"-- patch: |",
		"-    apiVersion: v1",
		"-    kind: ServiceAccount",
		"-    metadata:",
		"-      name: flux-workload-identity-ids",
		"-      annotations:",
		"-        eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/" + role,
		"-  target:",
		"-    kind: ServiceAccount",
		"-    name: " + names,
	}
}

// sorted returns the lines of a text, whatever the order of the patches.
func sorted(text string) []string {
	return slices.Sorted(strings.Lines(text))
}

// TestPatchesOfTwoConfigs runs two configurations of different names on one home, in any
// order and again and again: each leaves the other's patches alone.
func TestPatchesOfTwoConfigs(t *testing.T) {
	a, b := roles("a", ecr), roles("b", kms)
	for name, home := range homes(t) {
		ab, ba := home.apply(t, a).apply(t, b), home.apply(t, b).apply(t, a)
		if diff := cmp.Diff(sorted(ab.folder[home.file]), sorted(ba.folder[home.file])); diff != "" {
			t.Errorf("%s: -a, then b +b, then a:\n%s", name, diff)
		}
		if strings.Count(ab.folder[home.file], "name: flux-workload-identity-a\n") != 1 || strings.Count(ab.folder[home.file], "name: flux-workload-identity-b\n") != 1 {
			t.Errorf("%s: want a patch of each:\n%s", name, ab.folder[home.file])
		}
		for _, start := range []outcome{ab, ba} {
			for _, config := range []string{a, b} {
				if diff := cmp.Diff(start.folder, start.apply(t, config).folder); diff != "" {
					t.Errorf("%s: another run changes something:\n%s", name, diff)
				}
			}
			got := lineDiff(t, start.folder[home.file], start.apply(t, roles("a", otherECR)).folder[home.file])
			if len(got) != 2 || !strings.HasSuffix(got[0], "/flux-ecr") || !strings.HasSuffix(got[1], "/other") {
				t.Errorf("%s: a change of a: %q", name, got)
			}
		}
		// Both for one controller is an error that names the other, whichever comes second.
		for _, configs := range [][2]string{{a, roles("b", otherECR)}, {roles("b", otherECR), a}, {a, roles("b", ecr)}} {
			start := home.apply(t, configs[0])
			for _, config := range []string{configs[1], strings.Replace(configs[1], "output: Patches\n", "output: Patches\n  patches: {adopt: true}\n", 1)} {
				refused := start.eval(t, config)
				if other := configs[0][strings.Index(configs[0], "name: ")+6:][:1]; refused.code != 1 || !strings.Contains(refused.stderr, `the configuration "`+other+`"`) {
					t.Errorf("%s: exit %d\n%s", name, refused.code, refused.stderr)
				}
				if diff := cmp.Diff(start.folder, refused.folder); diff != "" {
					t.Errorf("%s: an error changes something:\n%s", name, diff)
				}
			}
		}
	}
}

// TestPatchesMove checks that naming another Kustomization moves the patches there, and
// leaves nothing behind.
func TestPatchesMove(t *testing.T) {
	inner := bootstrapped(testenv.Read(t, testenv.Root, exampleInstall))
	f := folder{"outer/kustomization.yaml": "resources:\n- ../inner\n"}
	for name, text := range inner {
		f["inner/"+name] = text
	}
	for _, cloud := range clouds() {
		in := f.apply(t, toPatches(cloud))
		toOuter := toPatchesWith(cloud, "kustomization: outer/kustomization.yaml")
		out := f.apply(t, toOuter)
		if diff := cmp.Diff(in.build(t, "outer"), out.build(t, "outer")); diff != "" {
			t.Errorf("%s: -in the inner +in the outer:\n%s", cloud, diff)
		}
		if diff := cmp.Diff(f["inner/kustomization.yaml"], out.folder["inner/kustomization.yaml"]); diff != "" {
			t.Errorf("%s: the inner one changed:\n%s", cloud, diff)
		}
		if diff := cmp.Diff(out.folder, out.apply(t, toOuter).folder); diff != "" {
			t.Errorf("%s: a second run changed something:\n%s", cloud, diff)
		}
		if named := in.apply(t, toPatchesWith(cloud, "kustomization: inner/kustomization.yaml")); cmp.Diff(in.folder, named.folder) != "" {
			t.Errorf("%s: naming where they are changed something", cloud)
		}
		moved := in.apply(t, toOuter)
		if diff := cmp.Diff(out.folder, moved.folder); diff != "" {
			t.Errorf("%s: -in the outer from the start +moved there:\n%s", cloud, diff)
		}
		back := moved.apply(t, toPatchesWith(cloud, "kustomization: inner/kustomization.yaml"))
		if diff := cmp.Diff(in.folder, back.folder); diff != "" {
			t.Errorf("%s: -in the inner from the start +moved back there:\n%s", cloud, diff)
		}
		if diff := cmp.Diff(in.folder, moved.apply(t, toPatches(cloud)).folder); diff != "" {
			t.Errorf("%s: -in the inner from the start +moved back, with none named:\n%s", cloud, diff)
		}
	}
}

// TestPatchesMoveAcrossLayers is the same for three layers: no run of one leaves patches in
// another.
func TestPatchesMoveAcrossLayers(t *testing.T) {
	f := folder{
		"base/kustomization.yaml":   "resources:\n- gotk-components.yaml\n",
		"middle/kustomization.yaml": "resources:\n- ../base\n",
		"prod/kustomization.yaml":   "resources:\n- ../middle\n",
	}
	f["base/gotk-components.yaml"] = testenv.Read(t, testenv.Root, exampleInstall)
	layers := []string{"base", "middle", "prod"}
	in := func(layer string) string {
		return toPatchesWith("azure", "kustomization: "+layer+"/kustomization.yaml")
	}
	for _, from := range layers {
		for _, to := range layers {
			got := f.apply(t, in(from)).apply(t, in(to))
			if diff := cmp.Diff(f.apply(t, in(to)).folder, got.folder); diff != "" {
				t.Errorf("from %s to %s: -in place from the start +moved:\n%s", from, to, diff)
			}
		}
	}
	// What stands beside is for another cluster.
	f["stage/kustomization.yaml"] = "resources:\n- ../middle\n"
	prod := f.apply(t, in("prod"))
	both := prod.apply(t, in("stage"))
	if diff := cmp.Diff(prod.folder["prod/kustomization.yaml"], both.folder["prod/kustomization.yaml"]); diff != "" {
		t.Errorf("a run for stage changes prod:\n%s", diff)
	}
}
