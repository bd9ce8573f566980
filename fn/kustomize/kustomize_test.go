package kustomize_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/provider"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/resid"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
)

// parse returns items, which are given as documents.
func parse(t *testing.T, documents ...string) []*krm.Item {
	t.Helper()
	text := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n"
	for _, d := range documents {
		text += "- " + strings.ReplaceAll(strings.TrimSpace(d), "\n", "\n  ") + "\n"
	}
	list, err := krm.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return list.Items
}

// in returns a document that was read from a file.
func in(file, document string) string {
	return "metadata:\n  annotations:\n    internal.config.kubernetes.io/path: " + file + "\n" + document
}

const typed = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"

func TestFind(t *testing.T) {
	cases := map[string]struct {
		reason string
		item   string
		want   string // the name in results, "" for none
		kind   string
	}{
		"Typed":        {"whatever its file is called", typed + in("a/any.yaml", ""), "a/any.yaml", "Kustomization"},
		"Component":    {"", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n" + in("a/kustomization.yaml", ""), "a/kustomization.yaml", "Component"},
		"Untyped":      {"kpt passes on what was written without", in("a/kustomization.yaml", "resources: []"), "a/kustomization.yaml", "Kustomization"},
		"UntypedYML":   {"", in("kustomization.yml", ""), "kustomization.yml", "Kustomization"},
		"UntypedBare":  {"", in("a/Kustomization", ""), "a/Kustomization", "Kustomization"},
		"KindAlone":    {"kustomize fills in the version", "kind: Component\n" + in("a/kustomization.yaml", ""), "a/kustomization.yaml", "Component"},
		"NotClean":     {"", in("./a//kustomization.yaml", ""), "a/kustomization.yaml", "Kustomization"},
		"OtherFile":    {"no type, and no file that kustomize looks for", in("a/kust.yaml", "resources: []"), "", ""},
		"NoFile":       {"nor is a file known", "resources: []", "", ""},
		"Flux":         {"Flux's own Kustomization, even in a file of that name", "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n" + in("a/kustomization.yaml", ""), "", ""},
		"OtherKind":    {"", "apiVersion: v1\nkind: ConfigMap\n" + in("a/kustomization.yaml", ""), "", ""},
		"OtherOfGroup": {"", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Other\n" + in("a/kustomization.yaml", ""), "", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			items := parse(t, tc.item)
			found := kustomize.Find(items)
			got, kind := "", ""
			if len(found) > 0 {
				got, kind = items[0].Ref().Name, items[0].Ref().Kind
			}
			if got != tc.want || kind != tc.kind {
				t.Errorf("%s: want %q of kind %q, got %q of kind %q", tc.reason, tc.want, tc.kind, got, kind)
			}
		})
	}
}

func TestReach(t *testing.T) {
	all := kustomize.Find(parse(t,
		in("top/kustomization.yaml", "resources:\n- ../base\n- own.yaml\n- https://example.com/x\ncomponents: [../part]"),
		in("base/kustomization.yaml", "bases: [../top]\nresources: [./flux.yaml]"),
		in("part/kustomization.yaml", "resources:\n- part.yaml"),
		in("other/kustomization.yaml", "resources:\n- other.yaml"),
		typed+"resources:\n- nowhere.yaml",
	))
	want := []string{"base", "top/own.yaml", "top/https:/example.com/x", "part", "base/flux.yaml", "top", "part/part.yaml"}
	if diff := cmp.Diff(want, all[0].Reach(all)); diff != "" {
		t.Errorf("directories are followed, once each, and nothing else: -want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"nowhere.yaml"}, all[4].Reach(all)); diff != "" {
		t.Errorf("a Kustomization of no file: -want +got:\n%s", diff)
	}
}

var (
	annotations = edit.Path{"metadata", "annotations"}
	labels      = edit.Path{"metadata", "labels"}
)

const (
	key  = "eks.amazonaws.com/role-arn"
	base = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: source-controller
  namespace: flux-system
  annotations:
    eks.amazonaws.com/role-arn: old
    other: kept
  labels:
    app.kubernetes.io/component: source-controller
`
)

// on is the merge of a body that goes on from metadata, with a target.
func on(metadata string) string {
	return "patches:\n- target: {kind: ServiceAccount}\n  patch: |\n    apiVersion: v1\n    kind: ServiceAccount\n    metadata:\n      name: source-controller\n" +
		"      namespace: flux-system\n      " + strings.ReplaceAll(metadata, "\n", "\n      ")
}

// TestOn compares the effect of a patch on the annotation with what kustomize makes of it: an
// effect of None leaves the value, Wipes takes it away, Removes and Sets do anything with it.
func TestOn(t *testing.T) {
	cases := map[string]struct {
		reason  string
		patches string
		want    kustomize.Effect
	}{
		"Merge":            {"", on("annotations: {" + key + ": new}"), kustomize.Sets},
		"MergeNull":        {"null removes a key", on("annotations: {" + key + ": null}"), kustomize.Removes},
		"MergeOther":       {"", on("annotations: {other: new}"), kustomize.None},
		"MergeNullMap":     {"and a map", strings.Replace(on("annotations: null"), "target: {kind: ServiceAccount}\n  ", "", 1), kustomize.Wipes},
		"MergeReplace":     {"", on("annotations: {$patch: replace, other: new}"), kustomize.Wipes},
		"MergeReplaceKey":  {"replaced by a map with the key", on("annotations: {$patch: replace, " + key + ": new}"), kustomize.Sets},
		"MergeDeleteMap":   {"", on("annotations: {$patch: delete}"), kustomize.Wipes},
		"MergeMetadata":    {"", on("$patch: replace"), kustomize.Wipes},
		"NoTarget":         {"the body names the object", "patches:\n- patch: '" + `{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "source-controller", "namespace": "flux-system", "annotations": {"` + key + `": "new"}}}` + "'", kustomize.Sets},
		"OtherTarget":      {"", strings.Replace(on("annotations: null"), "{kind: ServiceAccount}", "{kind: ServiceAccount, name: source}", 1), kustomize.None},
		"StrategicMerge":   {"", "patchesStrategicMerge:\n- |\n  apiVersion: v1\n  kind: ServiceAccount\n  metadata:\n    name: source-controller\n    namespace: flux-system\n    annotations:\n      " + key + ": new\n", kustomize.Sets},
		"Add":              {"", operation(`{op: add, path: /metadata/annotations/eks.amazonaws.com~1role-arn, value: new}`), kustomize.Sets},
		"Remove":           {"", operation(`{op: remove, path: /metadata/annotations/eks.amazonaws.com~1role-arn}`), kustomize.Removes},
		"Test":             {"a test changes nothing", operation(`{op: test, path: /metadata/annotations/other, value: kept}`), kustomize.None},
		"AddOther":         {"", operation(`{op: add, path: /metadata/annotations/other, value: new}`), kustomize.None},
		"AddMap":           {"the map is another", operation(`{op: add, path: /metadata/annotations, value: {a: b}}`), kustomize.Wipes},
		"AddMapKey":        {"", operation(`{op: replace, path: /metadata/annotations, value: {` + key + `: new}}`), kustomize.Sets},
		"ReplaceMetadata":  {"", operation(`{op: replace, path: /metadata, value: {name: source-controller, namespace: flux-system}}`), kustomize.Wipes},
		"RemoveMap":        {"", operation(`{op: remove, path: /metadata/annotations}`), kustomize.Wipes},
		"Move":             {"", operation(`{op: move, from: /metadata/annotations/eks.amazonaws.com~1role-arn, path: /metadata/annotations/a}`), kustomize.Removes},
		"Copy":             {"a copy leaves what it copies", operation(`{op: copy, from: /metadata/annotations/eks.amazonaws.com~1role-arn, path: /metadata/annotations/a}`), kustomize.None},
		"CopyOnto":         {"", operation(`{op: copy, from: /metadata/annotations/other, path: /metadata/annotations/eks.amazonaws.com~1role-arn}`), kustomize.Sets},
		"PatchesJson6902":  {"", strings.Replace(operation(`{op: remove, path: /metadata/annotations}`), "patches:\n- target: {", "patchesJson6902:\n- target: {version: v1, name: source-controller, namespace: flux-system, ", 1), kustomize.Wipes},
		"OtherOfTwo":       {"the strongest of several counts", operation(`{op: add, path: /metadata/annotations, value: {a: b}}`, `{op: add, path: /metadata/annotations/eks.amazonaws.com~1role-arn, value: new}`), kustomize.Sets},
		"SeveralDocuments": {"", "patches:\n- patch: |\n    apiVersion: v1\n    kind: ServiceAccount\n    metadata:\n      name: source-controller\n      namespace: flux-system\n      annotations: null\n    ---\n    apiVersion: v1\n    kind: ServiceAccount\n    metadata:\n      name: source-controller\n      namespace: flux-system\n      labels: {a: b}\n", kustomize.Wipes},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			items := parse(t, in("kustomization.yaml", tc.patches), base)
			var got kustomize.Effect
			for _, p := range kustomize.Find(items)[0].Patches(items) {
				got = max(got, p.On(kustomize.ObjectOf(items[1]), annotations, key))
			}
			if got != tc.want {
				t.Errorf("%s: want %d, got %d", tc.reason, tc.want, got)
			}
			value, found := built(t, tc.patches)
			if got == kustomize.None && value != "old" || got == kustomize.Wipes && found {
				t.Errorf("%s: effect %d, but kustomize leaves %q", tc.reason, got, value)
			}
			if got >= kustomize.Removes && value == "old" {
				t.Errorf("%s: effect %d, but kustomize leaves it", tc.reason, got)
			}
		})
	}
}

// TestOnNullWithTarget differs from what kustomize does: there the null has an effect only in
// a patch without a target. It is no promise of theirs, and to count it does no harm.
func TestOnNullWithTarget(t *testing.T) {
	items := parse(t, in("kustomization.yaml", on("annotations: null")), base)
	if p := kustomize.Find(items)[0].Patches(items)[0]; p.On(kustomize.ObjectOf(items[1]), annotations, key) != kustomize.Wipes {
		t.Error("want Wipes")
	}
}

func operation(operations ...string) string {
	return "patches:\n- target: {kind: ServiceAccount}\n  patch: |\n    - " + strings.Join(operations, "\n    - ") + "\n"
}

// built returns the annotation that kustomize leaves on the object.
func built(t *testing.T, patches string) (value string, found bool) {
	t.Helper()
	files := filesys.MakeFsInMemory()
	for name, text := range map[string]string{"a.yaml": base, "kustomization.yaml": "resources: [a.yaml]\n" + patches} {
		if err := files.WriteFile(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, ".")
	if err != nil {
		t.Fatal(err)
	}
	value, found = built.Resources()[0].GetAnnotations()[key]
	return value, found
}

func TestDeletes(t *testing.T) {
	items := parse(t, base, in("kustomization.yaml", on("annotations: {a: b}")+"\n"+
		"- patch: '{apiVersion: v1, kind: ServiceAccount, metadata: {name: source-controller}, $patch: delete}'\n"+
		"- patch: '{apiVersion: v1, kind: ServiceAccount, metadata: {name: other}, $patch: delete}'"))
	var got []bool
	for _, p := range kustomize.Find(items)[0].Patches(items) {
		if p.On(kustomize.ObjectOf(items[0]), annotations, key) != kustomize.None {
			t.Errorf("%s: where the object goes there is nothing to set", p.Field)
		}
		got = append(got, p.Deletes(kustomize.ObjectOf(items[0])))
	}
	if want := []bool{false, true, false}; !slices.Equal(want, got) {
		t.Errorf("want %v, got %v", want, got)
	}
}

func TestEntries(t *testing.T) {
	cases := map[string]struct {
		reason  string
		patches string
		entries []string
		others  []string
	}{
		"Merge":     {"what names the object does not count", on("annotations: {a: b}\nlabels: {c: d}"), []string{"a", "c"}, nil},
		"Others":    {"", on("annotations: {a: b, c: [d]}\nfinalizers: [e]"), []string{"a"}, []string{"metadata.annotations.c", "metadata.finalizers"}},
		"Directive": {"a directive does more than to set", on("annotations: {$patch: replace, a: b}"), []string{"a"}, []string{"metadata.annotations.$patch"}},
		"Twice":     {"kustomize refuses it", on("annotations: {a: b, a: c}"), []string{"a", "a"}, []string{"metadata.annotations.a twice"}},
		"NullMap":   {"", on("annotations: null"), nil, []string{"metadata.annotations"}},
		"Options":   {"", on("annotations: {a: b}") + "\n  options: {allowNameChange: true}", []string{"a"}, []string{"options"}},
		"Add":       {"", operation(`{op: add, path: /metadata/annotations/a~1b, value: c}`), []string{"a/b"}, nil},
		"AddMap":    {"", operation(`{op: add, path: /metadata/annotations, value: {a: b}}`), []string{"a"}, nil},
		"Remove":    {"", operation(`{op: remove, path: /metadata/annotations/a}`), nil, []string{"remove /metadata/annotations/a"}},
		"Elsewhere": {"", operation(`{op: add, path: /secrets/-, value: {name: a}}`), nil, []string{"secrets.-"}},
		"Unread":    {"a file that is not there", "patches:\n- path: a.yaml", nil, []string{"what cannot be read"}},
		"NoYAML":    {"", "patches:\n- patch: '{'", nil, []string{"what cannot be read"}},
		"NoMap":     {"", "patches:\n- text", nil, []string{"what cannot be read"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			items := parse(t, in("kustomization.yaml", tc.patches))
			entries, others := kustomize.Find(items)[0].Patches(items)[0].Entries([]edit.Path{annotations, labels})
			var keys []string
			for _, e := range entries {
				keys = append(keys, e.Key)
			}
			if diff := cmp.Diff(tc.entries, keys); diff != "" {
				t.Errorf("%s: entries: -want +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.others, others); diff != "" {
				t.Errorf("%s: others: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestPatchesOfFiles says which objects are the contents of patches, and in which order
// patches are applied.
func TestPatchesOfFiles(t *testing.T) {
	items := parse(t,
		in("a/kustomization.yaml", "patchesJson6902:\n- path: ops.yaml\npatches:\n- path: ../b/p.yaml\n- patch: '{kind: Job, metadata: {name: j}}'\npatchesStrategicMerge: [s.yaml]"),
		strings.Replace(base, "annotations:\n", "annotations:\n    internal.config.kubernetes.io/path: b/p.yaml\n", 1),
	)
	found := kustomize.Find(items)
	var got []string
	for _, p := range found[0].Patches(items) {
		line := p.Field.String() + " " + p.File + " " + p.Name() + " " + p.Kind()
		if p.Unread {
			line += " unread"
		}
		if p.Late {
			line += " late"
		}
		got = append(got, line)
	}
	want := []string{"patchesStrategicMerge[0] a/s.yaml   unread", "patches[0] b/p.yaml  ServiceAccount", "patches[1]  j Job", "patchesJson6902[0] a/ops.yaml   unread late"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]bool{"a/s.yaml": true, "b/p.yaml": true, "a/ops.yaml": true}, kustomize.PatchFiles(found)); diff != "" {
		t.Errorf("files of patches: -want +got:\n%s", diff)
	}
}

// TestMatches compares selectors with kustomize's own, on objects that are wholly known.
func TestMatches(t *testing.T) {
	documents := []string{
		base,
		"apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: my-source-controller\n  namespace: other\n",
		"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: source-controller\n  namespace: flux-system\n  labels: {app: source-controller, tier: a}\n",
		"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: source\n",
	}
	all, err := resmap.NewFactory(provider.NewDefaultDepProvider().GetResourceFactory()).NewResMapFromBytes([]byte(strings.Join(documents, "---\n")))
	if err != nil {
		t.Fatal(err)
	}
	items := parse(t, documents...)
	selectors := []kustomize.Selector{
		{},
		{Kind: "ServiceAccount"}, {Kind: "Service.*"}, {Kind: "Service"}, {Kind: "Deployment|ClusterRole"},
		{Group: "apps"}, {Group: "app"}, {Group: ".*k8s.io"}, {Version: "v1"}, {Version: "v1beta1"},
		{Name: "source-controller"}, {Name: "source"}, {Name: ".*source-controller"}, {Name: "source|my-source"}, {Name: "(source|source-controller)"}, {Name: "source-.*"}, {Name: "^source"},
		{Namespace: "flux-system"}, {Namespace: "flux.*", Kind: "ServiceAccount"},
		{LabelSelector: "app=source-controller"}, {LabelSelector: "app in (a, source-controller),tier"}, {LabelSelector: "!app"}, {LabelSelector: "app!=x"}, {LabelSelector: "app.kubernetes.io/component"},
		{AnnotationSelector: "other=kept"}, {AnnotationSelector: "other=lost"}, {Kind: "Deployment", LabelSelector: "tier=b"},
	}
	for _, s := range selectors {
		selected, err := all.Select(types.Selector{
			ResId:         resid.ResId{Gvk: resid.Gvk{Group: s.Group, Version: s.Version, Kind: s.Kind}, Name: s.Name, Namespace: s.Namespace},
			LabelSelector: s.LabelSelector, AnnotationSelector: s.AnnotationSelector,
		})
		if err != nil {
			t.Fatal(err)
		}
		var want, got []string
		for _, r := range selected {
			want = append(want, r.GetKind()+" "+r.GetName())
		}
		for _, item := range items {
			o := kustomize.ObjectOf(item)
			if o.Namespace == "" {
				o.Namespace = "default" // as kustomize takes it; for this package it is not known
			}
			if s.Matches(o) {
				got = append(got, o.Kind+" "+o.Name)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v: -kustomize +got:\n%s", s, diff)
		}
	}
}

// TestMatchesUnknown says that what is not known of an object may match.
func TestMatchesUnknown(t *testing.T) {
	o := kustomize.Object{Version: "v1", Kind: "ServiceAccount", Name: "source-controller"}
	for _, s := range []kustomize.Selector{{Namespace: "a"}, {LabelSelector: "a=b"}, {AnnotationSelector: "a"}} {
		if !s.Matches(o) {
			t.Errorf("%+v may match", s)
		}
	}
	for _, s := range []kustomize.Selector{{Name: "("}, {Kind: "Deployment"}, {Group: "apps"}} {
		if s.Matches(o) {
			t.Errorf("%+v cannot match", s)
		}
	}
}

// TestNames says that the pattern selects just the names.
func TestNames(t *testing.T) {
	for want, names := range map[string][]string{
		"source-controller": {"source-controller"},
		"(a|b)":             {"a", "b"},
		`a\.b`:              {"a.b"},
	} {
		if got := kustomize.Names(names); got != want {
			t.Errorf("%v: want %s, got %s", names, want, got)
		}
		s := kustomize.Selector{Name: want}
		if !s.Matches(kustomize.Object{Name: names[0]}) || s.Matches(kustomize.Object{Name: names[0] + "x"}) || s.Matches(kustomize.Object{Name: "axb"}) {
			t.Errorf("%s selects other names", want)
		}
	}
}

func TestCommon(t *testing.T) {
	k := kustomize.Find(parse(t, in("kustomization.yaml", "commonAnnotations: {a: b}\ncommonLabels: {c: d}\nlabels:\n- pairs: {e: f}\n- includeSelectors: true")))[0]
	var got []string
	for _, c := range k.Common() {
		got = append(got, c.Field.String()+" "+c.Of)
	}
	if diff := cmp.Diff([]string{"commonAnnotations.a annotations", "commonLabels.c labels", "labels[0].pairs.e labels"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
