package kustomize_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/internal/testenv"
)

func fluxOf(spec string) string {
	return "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: flux-system\n  namespace: flux-system\nspec:\n  " + strings.ReplaceAll(strings.TrimSpace(spec), "\n", "\n  ") + "\n"
}

// TestRoots says what is built, and of which layers and files.
func TestRoots(t *testing.T) {
	typical := folder{"flux/kustomization.yaml": "resources: [a.yaml]\n", "flux/a.yaml": account}
	cases := map[string]struct {
		reason string
		files  folder
		want   []string // DIR [flux]: LAYERS: FILES
	}{
		"Alone":      {"", nil, []string{"flux: flux/kustomization.yaml: flux/a.yaml flux/kustomization.yaml"}},
		"Overlay":    {"a layer that another lists is no root", folder{"prod/kustomization.yaml": "resources: [../flux]\npatches: [{path: p.yaml}]\n", "prod/p.yaml": account}, []string{"prod: flux/kustomization.yaml prod/kustomization.yaml: flux/a.yaml flux/kustomization.yaml prod/kustomization.yaml prod/p.yaml"}},
		"Component":  {"one that nobody lists is no root", folder{"comp/kustomization.yaml": component}, []string{"flux: flux/kustomization.yaml: flux/a.yaml flux/kustomization.yaml"}},
		"Cycle":      {"of layers that only list each other one is a root", folder{"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../a]\n"}, []string{"flux: flux/kustomization.yaml: flux/a.yaml flux/kustomization.yaml", "a: b/kustomization.yaml a/kustomization.yaml: a/kustomization.yaml b/kustomization.yaml"}},
		"Flux":       {"what Flux builds is no other root", folder{"flux/sync.yaml": fluxOf("path: ./flux")}, []string{"flux flux: flux/kustomization.yaml: flux/a.yaml flux/kustomization.yaml"}},
		"FluxAbove":  {"Flux generates what is not there", folder{"x/sync.yaml": fluxOf("path: ."), "more/b.yml": other, "more/c.txt": other}, []string{". flux: flux/kustomization.yaml: flux/a.yaml flux/kustomization.yaml more/b.yml x/sync.yaml"}},
		"FluxEnd":    {"what flux bootstrap writes says where the stream begins in the repository", folder{"y/flux-system/gotk-sync.yaml": fluxOf("path: ./clusters/y"), "x/sync.yaml": strings.Replace(fluxOf("path: ./clusters/flux"), "name: flux-system", "name: x", 1)}, []string{"flux flux: flux/kustomization.yaml: flux/a.yaml flux/kustomization.yaml", "y flux:: y/flux-system/gotk-sync.yaml"}},
		"Bootstrap":  {"the stream was made in another directory", folder{"y/flux-system/gotk-sync.yaml": fluxOf("path: ./clusters/prod")}, []string{"y flux:: y/flux-system/gotk-sync.yaml", "flux: flux/kustomization.yaml: flux/a.yaml flux/kustomization.yaml"}},
		"Lost":       {"", folder{"x/sync.yaml": fluxOf("path: ./elsewhere\npatches: []")}, []string{"flux: flux/kustomization.yaml: flux/a.yaml flux/kustomization.yaml"}},
		"Components": {"", folder{"flux/sync.yaml": fluxOf("path: ./flux\ncomponents: [../comp]"), "comp/kustomization.yaml": component + "patches: [{path: p.yaml}]\n", "comp/p.yaml": account}, []string{"flux flux: comp/kustomization.yaml flux/kustomization.yaml: comp/kustomization.yaml comp/p.yaml flux/a.yaml flux/kustomization.yaml"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(typical)
			maps.Copy(files, tc.files)
			for way, list := range map[string]*krm.ResourceList{"plain": files.plainly(t), "kpt": files.bySource(t)} {
				tree := kustomize.TreeOf(list)
				var got []string
				for _, r := range tree.Roots() {
					line := r.Dir
					if r.Flux != nil {
						line += " flux"
					}
					line += ":"
					for _, k := range tree.Layers(r) {
						line += " " + k.File
					}
					line += ":"
					for _, name := range slices.Sorted(maps.Keys(files)) {
						if tree.Reaches(r, name) {
							line += " " + name
						}
					}
					got = append(got, line)
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("%s: %s: -want +got:\n%s", way, tc.reason, diff)
				}
			}
		})
	}
}

// TestBuildFlux holds what Flux's Kustomizations build against Kustomizations by hand.
func TestBuildFlux(t *testing.T) {
	comp := component + "commonLabels: {c: d}\n"
	cases := map[string]struct {
		reason string
		files  folder
		spec   string
		byHand folder // instead
	}{
		"Nothing":   {"", folder{"c/kustomization.yaml": "resources: [a.yaml]\n"}, "", folder{}},
		"Generated": {"", folder{"c/b.yaml": other, "c/sub/b.yaml": strings.Replace(other, "other", "sub", 1), "c/k/kustomization.yaml": "resources: [b.yaml]\nnamePrefix: x-\n", "c/k/b.yaml": other, "c/k/z.yaml": "a: b\n"}, "", folder{"c/kustomization.yaml": "resources: [a.yaml, b.yaml, k, sub/b.yaml]\n"}},
		"Fields":    {"", folder{"c/kustomization.yaml": "resources: [a.yaml]\nnamespace: a\nnamePrefix: b\n"}, "targetNamespace: x\nnamePrefix: y-\nnameSuffix: -z", folder{"c/kustomization.yaml": "resources: [a.yaml]\nnamespace: x\nnamePrefix: y-\nnameSuffix: -z\n"}},
		"Patches":   {"after those that are there", folder{"c/kustomization.yaml": "resources: [a.yaml]\npatches:\n- {target: {kind: ServiceAccount}, patch: '" + wipe + "'}\n"}, "patches:\n- patch: '[{\"op\": \"add\", \"path\": \"/metadata/annotations/a\", \"value\": \"b\"}]'\n  target: {kind: ServiceAccount}", folder{"c/kustomization.yaml": "resources: [a.yaml]\npatches:\n- {target: {kind: ServiceAccount}, patch: '" + wipe + "'}\n- {target: {kind: ServiceAccount}, patch: '[{\"op\": \"add\", \"path\": \"/metadata/annotations/a\", \"value\": \"b\"}]'}\n"}},
		"OldPatches": {"", folder{"c/kustomization.yaml": "resources: [a.yaml]\n"}, "patchesStrategicMerge:\n- {apiVersion: v1, kind: ServiceAccount, metadata: {name: source-controller, namespace: flux-system, labels: {a: b}}}\npatchesJson6902:\n- {target: {version: v1, kind: ServiceAccount, name: source-controller}, patch: [{op: add, path: /metadata/labels/c, value: d}]}",
			folder{"c/kustomization.yaml": "resources: [a.yaml]\npatches:\n- {target: {kind: ServiceAccount}, patch: '[{\"op\": \"add\", \"path\": \"/metadata/labels\", \"value\": {\"a\": \"b\", \"c\": \"d\"}}]'}\n"}},
		"Components": {"", folder{"c/kustomization.yaml": "resources: [a.yaml]\n", "comp/kustomization.yaml": comp}, "components: [../comp]", folder{"c/kustomization.yaml": "resources: [a.yaml]\ncomponents: [../comp]\n", "comp/kustomization.yaml": comp}},
		"Metadata":   {"after the build", folder{"c/kustomization.yaml": "resources: [a.yaml]\n"}, "commonMetadata: {labels: {a: b}, annotations: {c: d}}", folder{"c/kustomization.yaml": "resources: [a.yaml]\nlabels: [{pairs: {a: b}}]\npatches:\n- {target: {kind: .*}, patch: '[{\"op\": \"add\", \"path\": \"/metadata/annotations\", \"value\": {\"c\": \"d\"}}]'}\n"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(tc.files)
			files["c/a.yaml"] = account + "---\n" + deployment
			byHand := maps.Clone(files)
			maps.Copy(byHand, tc.byHand)
			want := byHand.really(t, "c")
			files["sync.yaml"] = fluxOf("path: ./c\n" + tc.spec)
			for way, list := range map[string]*krm.ResourceList{"plain": files.plainly(t), "kpt": files.bySource(t)} {
				tree := kustomize.TreeOf(list)
				b := tree.Build(tree.Roots()[0])
				if diff := cmp.Diff(want, builtOf(t, b)); diff != "" || b.Err != nil {
					t.Errorf("%s: %s: %v: -by hand +got:\n%s", way, tc.reason, b.Err, diff)
				}
			}
		})
	}
}

// TestWithout takes out each entry by itself: what is built then is what is built of files that
// lack it.
func TestWithout(t *testing.T) {
	patch := "- {target: {kind: ServiceAccount}, patch: '[{\"op\": \"add\", \"path\": \"/metadata/annotations\", \"value\": {\"%s\": \"b\"}}]'}\n"
	transformer := "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: t-\nfieldSpecs: [{path: metadata/name}]\n"
	lines := []string{
		"configurations:\n- conf.yaml\n", "generators:\n- gen.yaml\n", "components:\n- ../comp\n", "patchesStrategicMerge:\n- sm.yaml\n", "patches:\n" + fmt.Sprintf(patch, "p"), "namespace: x\n", "namePrefix: a-\n", "nameSuffix: -b\n",
		"labels:\n- {pairs: {l: m}}\n", "commonLabels: {cl: x}\n", "commonAnnotations: {ca: x}\n", "patchesJson6902:\n- {target: {version: v1, kind: ServiceAccount, name: source-controller}, path: o.yaml}\n",
		"replicas: [{name: source-controller, count: 7}]\n", "images: [{name: fluxcd/source-controller, newTag: v9}]\n", "replacements:\n- {source: {kind: ServiceAccount, fieldPath: kind}, targets: [{select: {kind: Deployment}, fieldPaths: [metadata.labels.r], options: {create: true}}]}\n",
		"transformers:\n- t.yaml\n", "vars: [{name: V, objref: {apiVersion: v1, kind: ServiceAccount, name: source-controller}}]\n",
	}
	files := folder{
		"c/a.yaml": account + "---\n" + deployment, "c/conf.yaml": "nameSuffix:\n- {path: spec/foo, create: true}\n", "c/gen.yaml": "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: g}\nliterals: [a=b]\n",
		"comp/kustomization.yaml": component + "commonAnnotations: {comp: x}\n", "c/sm.yaml": account + "  labels: {sm: x}\n", "c/o.yaml": "- {op: add, path: /metadata/labels/o, value: x}\n", "c/t.yaml": transformer,
	}
	files["c/kustomization.yaml"] = "resources: [a.yaml]\n" + strings.Join(lines, "")
	tree := kustomize.TreeOf(files.plainly(t))
	whole := builtOf(t, tree.Build(tree.Roots()[0]))
	if diff := cmp.Diff(files.really(t, "c"), whole); diff != "" {
		t.Fatalf("-kustomize +got:\n%s", diff)
	}
	entries := tree.Entries(tree.Roots()[0])
	var kinds []string
	for _, e := range entries {
		kinds = append(kinds, e.Item.Path()+" "+e.Field.String())
	}
	want := []string{"comp/kustomization.yaml commonAnnotations"}
	for _, line := range lines {
		field, rest, _ := strings.Cut(line, ":")
		if strings.HasPrefix(rest, "\n") {
			field += "[0]"
		}
		want = append(want, "c/kustomization.yaml "+field)
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Fatalf("-want +got:\n%s", diff)
	}
	for n, e := range entries[1:] {
		files["c/kustomization.yaml"] = "resources: [a.yaml]\n" + strings.Join(slices.Delete(slices.Clone(lines), n, n+1), "")
		without := tree.Without(e)
		if diff := cmp.Diff(files.really(t, "c"), builtOf(t, without.Build(without.Roots()[0]))); diff != "" {
			t.Errorf("%s: -kustomize +got:\n%s", e.Field, diff)
		}
		if e.Kind != "vars" && e.Kind != "configurations" && slices.Equal(whole, builtOf(t, without.Build(without.Roots()[0]))) {
			t.Errorf("%s: nothing changes", e.Field)
		}
	}
	if all := tree.Without(entries...); len(all.Entries(all.Roots()[0])) != 0 || len(all.Build(all.Roots()[0]).Objects) != 2 {
		t.Error("want nothing but the objects")
	}
}

func TestWithoutFlux(t *testing.T) {
	spec := "path: c\npatches:\n- {target: {kind: ServiceAccount}, patch: '" + wipe + "'}\ncomponents: [../comp]\ntargetNamespace: x\nnamePrefix: y-\nnameSuffix: -z\ncommonMetadata: {labels: {a: b}}\n"
	files := folder{"c/a.yaml": account + "---\n" + deployment, "comp/kustomization.yaml": component + "commonAnnotations: {comp: x}\n", "sync.yaml": fluxOf(spec)}
	tree := kustomize.TreeOf(files.plainly(t))
	r := tree.Roots()[0]
	whole := builtOf(t, tree.Build(r))
	var got []string
	for _, e := range tree.Entries(r) {
		got = append(got, e.Field.String())
		if b := tree.Without(e).Build(r); b.Err != nil || slices.Equal(whole, builtOf(t, b)) {
			t.Errorf("%s: nothing changes: %v", e.Field, b.Err)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"commonAnnotations", "spec.commonMetadata", "spec.components[0]", "spec.namePrefix", "spec.nameSuffix", "spec.patches[0]", "spec.targetNamespace"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestTrace says which layers an object came through.
func TestTrace(t *testing.T) {
	files := folder{
		"flux/kustomization.yaml": "resources: [a.yaml]\n", "flux/a.yaml": account, "prod/kustomization.yaml": "resources: [../flux, b.yaml]\ncomponents: [../comp]\nnamePrefix: x-\npatches:\n- {target: {kind: ServiceAccount}, patch: '" + wipe + "'}\n", "prod/b.yaml": other,
		"comp/kustomization.yaml": component + "resources: [c.yaml]\n", "comp/c.yaml": strings.Replace(other, "other", "third", 1), "all/kustomization.yaml": "resources: [../prod, d.yaml]\n", "all/d.yaml": deployment,
	}
	tree := kustomize.TreeOf(files.plainly(t))
	traced := tree.Trace(tree.Kustomizations()...)
	r := traced.Roots()[0]
	var got []string
	for _, o := range traced.Build(r).Objects {
		line := o.Name + ":"
		for _, k := range o.Via {
			line += " " + k.Dir()
		}
		got = append(got, line)
	}
	want := []string{"x-source-controller: all comp flux prod", "x-other: all comp prod", "x-third: all comp prod", "source-controller: all"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(builtOf(t, tree.Build(r)), builtOf(t, traced.Build(r))); diff != "" {
		t.Errorf("tracing changes the build: -without +with:\n%s", diff)
	}
}

// TestKptStream says that what kpt adds to items is not there for kustomize.
func TestKptStream(t *testing.T) {
	files := folder{
		"c/kustomization.yaml": "resources: [a.yaml, l.yaml]\npatches:\n- {target: {name: source-controller}, patch: '[{\"op\": \"add\", \"path\": \"/metadata/annotations/a\", \"value\": \"b\"}]'}\n", "c/a.yaml": other + "---\n" + account, "c/l.yaml": listOf,
	}
	tree := kustomize.TreeOf(files.bySource(t))
	if diff := cmp.Diff(files.really(t, "c"), builtOf(t, tree.Build(tree.Roots()[0]))); diff != "" {
		t.Errorf("-kustomize +got:\n%s", diff)
	}
	files["c/kustomization.yaml"] = "resources: [a.yaml, l.yaml]\n"
	tree = kustomize.TreeOf(files.bySource(t))
	b := tree.Build(tree.Roots()[0])
	if diff := cmp.Diff(files.really(t, "c"), builtOf(t, b)); diff != "" {
		t.Fatalf("-kustomize +got:\n%s", diff)
	}
	var got []string
	for _, o := range b.Objects {
		got = append(got, fmt.Sprintf("%s %s#%d %s", o.Name, o.File, o.Index, yaml.GetValue(yaml.NewRNode(o.Item.Node()).Field("metadata").Value.Field("name").Value)))
	}
	if diff := cmp.Diff([]string{"other c/a.yaml#0 other", "source-controller c/a.yaml#1 source-controller", "one c/l.yaml#0 one", "two c/l.yaml#0 two"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestNotSeen says what is told of entries that are left out.
func TestNotSeen(t *testing.T) {
	files := folder{
		"c/kustomization.yaml": "resources: [a.yaml, b.yaml, https://localhost/x, ../d]\npatches: [{path: p.yaml}]\nconfigMapGenerator: [{name: x, files: [f.txt]}]\n", "c/a.yaml": account, "d/a.yaml": account,
	}
	notSeen := func() (got []string) {
		tree := kustomize.TreeOf(files.plainly(t))
		b := tree.Build(tree.Roots()[0])
		if b.Err != nil {
			t.Fatal(b.Err)
		}
		for _, n := range b.NotSeen {
			got = append(got, fmt.Sprintf("%s: %s: %s %s", n.Item.Path(), n.Field, n.What, n.Why))
		}
		return got
	}
	want := []string{
		"c/kustomization.yaml: resources[1]: b.yaml is not among the files", "c/kustomization.yaml: resources[2]: https://localhost/x is not local",
		"c/kustomization.yaml: resources[3]: ../d has no Kustomization among the files", "c/kustomization.yaml: patches[0].path: p.yaml is not among the files",
	}
	if diff := cmp.Diff(want, notSeen()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	files["c/kustomization.yaml"] += "replacements: [{source: {kind: ServiceAccount}, targets: [{select: {kind: ConfigMap}, fieldPaths: [data.x], options: {create: true}}]}]\n"
	if diff := cmp.Diff(append(want, "c/kustomization.yaml: configMapGenerator[0].files[0]: f.txt is not among the files"), notSeen()); diff != "" {
		t.Errorf("what a generator reads can be copied: -want +got:\n%s", diff)
	}
}

// TestOddSources says that what kustomize refuses of a generator is not taken for a file that is absent.
func TestOddSources(t *testing.T) {
	for _, source := range []string{"a=b=c", "=b", "a="} {
		tree := kustomize.TreeOf(folder{
			"kustomization.yaml": "resources: [a.yaml]\nconfigMapGenerator: [{name: x, files: ['" + source + "']}]\n", "a.yaml": account,
		}.plainly(t))
		if b := tree.Build(tree.Roots()[0]); b.Err == nil {
			t.Errorf("%s: want kustomize's error, got none; not seen: %v", source, b.NotSeen)
		}
	}
}

// TestAdd says that a file that is added is built as one of the stream.
func TestAdd(t *testing.T) {
	files := folder{"c/kustomization.yaml": "resources: [a.yaml]\nnamePrefix: x-\n"}
	tree := kustomize.TreeOf(files.plainly(t)).Add("c/a.yaml", account+"---\n"+other)
	b := tree.Build(tree.Roots()[0])
	var got []string
	for _, o := range b.Objects {
		got = append(got, fmt.Sprintf("%s %s#%d %v", o.Name, o.File, o.Index, o.Item))
	}
	if diff := cmp.Diff([]string{"x-source-controller c/a.yaml#0 <nil>", "x-other c/a.yaml#1 <nil>"}, got); diff != "" || b.Err != nil {
		t.Errorf("%v: -want +got:\n%s", b.Err, diff)
	}
}

// TestThin says that documents that are left out are missed where they matter.
func TestThin(t *testing.T) {
	role := "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: r\n"
	files := folder{"c/kustomization.yaml": "resources: [a.yaml]\n", "c/a.yaml": role + "---\n" + account}
	tree := kustomize.TreeOf(files.plainly(t))
	if b := tree.Build(tree.Roots()[0]); b.Err != nil || len(b.Objects) != 1 || b.Objects[0].Index != 1 {
		t.Errorf("want the account alone: %v", b)
	}
	files["c/kustomization.yaml"] += "patches: [{patch: '" + strings.ReplaceAll(`{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r", "labels": {"a": "b"}}}`, "'", "") + "'}]\n"
	tree = kustomize.TreeOf(files.plainly(t))
	if b := tree.Build(tree.Roots()[0]); b.Err != nil || len(b.Objects) != 2 {
		t.Errorf("want both: %v", b)
	}
}

// install returns a real install with a Kustomization, thin or with what makes a build need all.
func install(t testing.TB, more string) folder {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(testenv.Root, "..", "shared", "corpus", "flux-v2.7.5-6.yaml"))
	if err != nil || len(names) == 0 {
		t.Skip("no corpus")
	}
	text, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	return folder{"flux-system/gotk-components.yaml": string(text), "flux-system/kustomization.yaml": "resources: [gotk-components.yaml]\n" + more}
}

func BenchmarkBuild(b *testing.B) {
	for name, more := range map[string]string{"Thin": "", "Whole": "patches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: webhook-receiver, namespace: flux-system, labels: {a: b}}}'}]\n"} {
		for way, list := range map[string]*krm.ResourceList{"Plain": install(b, more).plainly(b), "Kpt": install(b, more).bySource(b)} {
			b.Run(name+way, func(b *testing.B) {
				for b.Loop() {
					tree := kustomize.TreeOf(list)
					if built := tree.Build(tree.Roots()[0]); built.Err != nil || len(built.Objects) < 12 {
						b.Fatal(built.Err)
					}
				}
			})
		}
	}
}

// TestSchema says that the schema of one build is not that of the next.
func TestSchema(t *testing.T) {
	patch := strings.Replace(deployment, "image: fluxcd/source-controller:v1", "env: [{name: A, value: b}]", 1)
	files := folder{"c/kustomization.yaml": "resources: [a.yaml]\npatches: [{path: p.yaml}]\n", "c/a.yaml": deployment, "c/p.yaml": patch}
	want := files.really(t, "c")
	odd := folder{"c/kustomization.yaml": "resources: [a.yaml]\nopenapi: {path: s.json}\npatches: [{path: p.yaml}]\n", "c/a.yaml": deployment, "c/p.yaml": patch, "c/s.json": `{"definitions": {"x": {"type": "object", "x-kubernetes-group-version-kind": [{"group": "apps", "version": "v1", "kind": "Deployment"}]}}}`}
	for n, f := range []folder{files, odd, files} {
		tree := kustomize.TreeOf(f.plainly(t))
		b := tree.Build(tree.Roots()[0])
		if isWanted := n != 1; b.Err != nil || slices.Equal(want, builtOf(t, b)) != isWanted {
			t.Errorf("build %d: %v: %s", n, b.Err, builtOf(t, b))
		}
	}
}
