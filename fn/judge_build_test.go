package fn_test

import (
	stdcmp "cmp"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/yaml"
	sigs "sigs.k8s.io/yaml"
)

// judged is an object of a build: its identity, by place and key, and everything else.
type judged struct {
	identity map[string]string
	rest     string
}

// judge builds a root as Flux does: no plugins, and files from anywhere in the folder.
func (tc *trial) judge(t *testing.T, f folder) map[string]judged {
	t.Helper()
	fs := filesys.MakeFsInMemory()
	for name, text := range f {
		if tc.remote != "" {
			text = strings.ReplaceAll(text, "- "+tc.remote+"\n", "- fetched.yaml\n")
		}
		if err := fs.WriteFile(path.Join("/", name), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if tc.remote != "" {
		if err := fs.WriteFile("/flux/fetched.yaml", []byte(labelledInstall)); err != nil {
			t.Fatal(err)
		}
	}
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsNone
	root := tc.root
	if root == "" {
		root = "flux"
	}
	meta := tc.addFlux(t, fs, path.Join("/", root, "kustomization.yaml"))
	resources, err := krusty.MakeKustomizer(options).Run(fs, path.Join("/", root))
	if err != nil {
		t.Fatalf("%s: the test's folder cannot be built: %v", tc.reason, err)
	}
	for _, r := range resources.Resources() { // as kustomize-controller does, behind the build
		for key, value := range meta {
			if err := r.PipeE(yaml.SetAnnotation(key, value)); err != nil {
				t.Fatal(err)
			}
		}
	}
	objects := map[string]judged{}
	for _, r := range resources.Resources() {
		text, err := r.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		o := judged{identity: map[string]string{}}
		o.take(below(m, "metadata"), "")
		o.take(below(m, "spec", "template", "metadata"), "template ")
		if template := below(m, "spec", "template"); len(below(template, "metadata")) == 0 {
			delete(template, "metadata") // ours may have made it
		}
		rest, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		o.rest = string(rest)
		objects[r.GetKind()+" "+r.GetNamespace()+"/"+r.GetName()] = o
	}
	return objects
}

// addFlux adds to a file what Flux's own Kustomization says, where Flux's build code (fluxcd/pkg/kustomize)
// does: its patches behind those of the file, its components behind its components, which come before all
// patches. It returns the annotations that are set later.
func (tc *trial) addFlux(t *testing.T, fs filesys.FileSystem, file string) (annotations map[string]string) {
	t.Helper()
	if tc.flux == "" {
		return nil
	}
	var spec struct {
		TargetNamespace, NamePrefix string
		Patches                     []types.Patch
		Components                  []string
		CommonMetadata              struct{ Annotations map[string]string }
	}
	if err := sigs.UnmarshalStrict([]byte(tc.flux), &spec); err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var k types.Kustomization
	if err := k.Unmarshal(text); err != nil {
		t.Fatal(err)
	}
	k.Namespace, k.NamePrefix = stdcmp.Or(spec.TargetNamespace, k.Namespace), stdcmp.Or(spec.NamePrefix, k.NamePrefix)
	k.Patches, k.Components = append(k.Patches, spec.Patches...), append(k.Components, spec.Components...)
	if text, err = sigs.Marshal(k); err != nil {
		t.Fatal(err)
	}
	if err := fs.WriteFile(file, text); err != nil {
		t.Fatal(err)
	}
	return spec.CommonMetadata.Annotations
}

func below(m map[string]any, fields ...string) map[string]any {
	for _, field := range fields {
		m, _ = m[field].(map[string]any)
	}
	return m
}

// take moves the identity out of metadata, and with it maps that it leaves empty.
func (o *judged) take(metadata map[string]any, place string) {
	for _, field := range []string{"annotations", "labels"} {
		of := below(metadata, field)
		for key, value := range of {
			if !strings.HasPrefix(key, "eks.amazonaws.com/") && !strings.HasPrefix(key, "azure.workload.identity/") {
				continue
			}
			delete(of, key)
			if value != nil {
				o.identity[place+key] = fmt.Sprint(value)
			}
		}
		if len(of) == 0 {
			delete(metadata, field)
		}
	}
}

// wanted is what an object is to have, where it is a controller's.
func (tc *trial) wanted(object string) map[string]string {
	kind, name, _ := strings.Cut(object, " ")
	id, ok := tc.want[name]
	switch {
	case !ok:
		return map[string]string{}
	case tc.cloud != "azure" && kind == "ServiceAccount":
		return map[string]string{"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/" + id}
	case tc.cloud == "azure" && kind == "ServiceAccount":
		return map[string]string{"azure.workload.identity/client-id": id, "azure.workload.identity/tenant-id": "7c1e0d9a-5b4f-4c3e-9d2a-1f0e8b7c6d5a"}
	case tc.cloud == "azure" && kind == "Deployment":
		return map[string]string{"azure.workload.identity/use": "true", "template azure.workload.identity/use": "true"}
	}
	return map[string]string{}
}

// isController reports whether an object is one whose identity the trial names, whoever has
// which: others keep what they have.
func (tc *trial) isController(object string) bool {
	_, name, _ := strings.Cut(object, " ")
	if tc.want[name] != "" {
		return true
	}
	namespace, name, _ := strings.Cut(name, "/")
	return namespace == "flux-system" && (name == "source-controller" || name == "kustomize-controller")
}

// checkBuild compares what is built before and after with what the trial wants.
func (tc *trial) checkBuild(t *testing.T, before, after map[string]judged, o outcome) {
	t.Helper()
	if tc.isSame {
		if diff := cmp.Diff(before, after, cmp.AllowUnexported(judged{})); diff != "" {
			t.Errorf("%s: -built before +built after:\n%s", tc.reason, diff)
		}
		if tc.want == nil {
			return
		}
	}
	for name := range tc.want {
		if _, ok := after["ServiceAccount "+name]; !ok {
			t.Fatalf("the test names %s, which is not in the build: %q", name, slices.Sorted(maps.Keys(after)))
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after))); diff != "" {
		t.Errorf("%s: -objects built before +after:\n%s", tc.reason, diff)
	}
	for _, object := range slices.Sorted(maps.Keys(after)) {
		is, was := after[object], before[object]
		want := was.identity
		if tc.isController(object) {
			want = tc.wanted(object)
		}
		if diff := cmp.Diff(want, is.identity); diff != "" {
			t.Errorf("%s: %s: -want +built:\n%s\nsaid:\n%s", tc.reason, object, diff, o.stderr)
		}
		if is.rest != was.rest {
			t.Errorf("%s: %s: something else changed: -before +after:\n%s", tc.reason, object, cmp.Diff(was.rest, is.rest))
		}
	}
}

// checkBroken checks that a trial that is to be an error is one: with the install as output
// Resources writes it the build does not hold the identities.
func (tc *trial) checkBroken(t *testing.T, all folder) {
	t.Helper()
	granted := tc.grantedInstall(t)
	sound, built := (&trial{}).judge(t, granted), tc.judge(t, all.with("flux/gotk-components.yaml", granted["flux/gotk-components.yaml"]))
	if cmp.Equal(identitiesOf(sound), identitiesOf(built)) {
		t.Errorf("%s: the test wants an error, and the build is right", tc.reason)
	}
}

// identitiesOf returns the identities of a build, whoever has them.
func identitiesOf(objects map[string]judged) (identities []string) {
	for _, o := range objects {
		if len(o.identity) > 0 {
			identities = append(identities, fmt.Sprint(o.identity))
		}
	}
	slices.Sort(identities)
	return identities
}
