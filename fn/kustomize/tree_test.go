package kustomize_test

import (
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

	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
)

// folder is the text of each file.
type folder map[string]string

// plainly returns the folder as plain manifests.
func (f folder) plainly(t testing.TB) *krm.ResourceList {
	t.Helper()
	var streams []krm.Stream
	for _, name := range slices.Sorted(maps.Keys(f)) {
		streams = append(streams, krm.Stream{Path: name, Text: []byte(f[name])})
	}
	list, err := krm.ParseManifests(krm.Stream{}, streams...)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// bySource returns the folder as kpt sends it, those of its files that are objects.
func (f folder) bySource(t testing.TB) *krm.ResourceList {
	t.Helper()
	text := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n"
	for _, name := range slices.Sorted(maps.Keys(f)) {
		for n, document := range strings.Split(f[name], "---\n") {
			root, err := yaml.Parse(document)
			if err != nil || root.YNode().Kind != yaml.MappingNode {
				continue
			}
			for key, value := range map[string]string{"internal.config.kubernetes.io/path": name, "internal.config.kubernetes.io/index": fmt.Sprint(n), "config.kubernetes.io/path": name, "internal.config.kubernetes.io/kpt-resource-id": fmt.Sprint(n)} {
				if err := root.PipeE(yaml.SetAnnotation(key, value)); err != nil {
					t.Fatal(err)
				}
			}
			text += "- " + strings.ReplaceAll(strings.TrimSpace(root.MustString()), "\n", "\n  ") + "\n"
		}
	}
	list, err := krm.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// really returns what kustomize builds of the folder itself.
func (f folder) really(t testing.TB, dir string) []string {
	t.Helper()
	fs := filesys.MakeFsInMemory()
	for name, text := range f {
		if err := fs.WriteFile(path.Join("/top/top", name), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsNone
	built, err := krusty.MakeKustomizer(options).Run(fs, path.Join("/top/top", dir))
	if err != nil {
		return []string{"error"}
	}
	var objects []string
	for _, r := range built.Resources() {
		objects = append(objects, text(t, r.YNode()))
	}
	return objects
}

func text(t testing.TB, n *yaml.Node) string {
	t.Helper()
	s, err := yaml.NewRNode(n).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(s)
}

func builtOf(t testing.TB, b *kustomize.Build) (objects []string) {
	t.Helper()
	if b.Err != nil {
		return []string{"error"}
	}
	for _, o := range b.Objects {
		objects = append(objects, text(t, o.Node))
	}
	return objects
}

const (
	account    = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: source-controller\n  namespace: flux-system\n"
	other      = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: other\n  namespace: flux-system\n  annotations:\n    a: b\n"
	deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: source-controller\n  namespace: flux-system\nspec:\n  template:\n    spec:\n      serviceAccountName: source-controller\n      containers:\n      - name: manager\n        image: fluxcd/source-controller:v1\n"
	listOf     = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ServiceAccount\n  metadata: {name: one}\n- apiVersion: v1\n  kind: ServiceAccount\n  metadata: {name: two}\n"
	wipe       = `[{"op": "add", "path": "/metadata/annotations", "value": {"team": "x"}}]`
	component  = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
)

func TestBuild(t *testing.T) {
	base := folder{"flux/kustomization.yaml": "resources: [a.yaml]\n", "flux/a.yaml": account + "---\n" + deployment + "---\n" + other}
	refused := []string{}
	cases := map[string]struct {
		reason string
		files  folder // beside those of flux
		dir    string
		marks  []string // nil for any, refused for an error; NAME FILE#INDEX of objects, for those that came of documents
	}{
		"Plain": {"", nil, "flux", []string{"source-controller flux/a.yaml#0", "source-controller flux/a.yaml#1", "other flux/a.yaml#2"}},
		"PrefixSuffixNamespace": {"names in the build are others", folder{"prod/kustomization.yaml": "resources: [../flux]\nnamePrefix: a-\nnameSuffix: -b\nnamespace: c\n"}, "prod",
			[]string{"a-source-controller-b flux/a.yaml#0", "a-source-controller-b flux/a.yaml#1", "a-other-b flux/a.yaml#2"}},
		"Wiped": {"a wipe of all annotations leaves the marks", folder{"prod/kustomization.yaml": "resources: [../flux]\npatches:\n- {target: {kind: ServiceAccount}, patch: '" + wipe + "'}\n"}, "prod",
			[]string{"source-controller flux/a.yaml#0", "source-controller flux/a.yaml#1", "other flux/a.yaml#2"}},
		"Shards": {"a document may be built twice", folder{
			"prod/kustomization.yaml": "resources: [one, two]\n", "prod/one/kustomization.yaml": "resources: [../../flux]\nnamePrefix: one-\n", "prod/two/kustomization.yaml": "resources: [../../flux]\nnamePrefix: two-\n",
		}, "prod", []string{"one-source-controller flux/a.yaml#0", "one-source-controller flux/a.yaml#1", "one-other flux/a.yaml#2", "two-source-controller flux/a.yaml#0", "two-source-controller flux/a.yaml#1", "two-other flux/a.yaml#2"}},
		"Component": {"", folder{"prod/kustomization.yaml": "resources: [../flux]\ncomponents: [../comp]\n", "comp/kustomization.yaml": component + "namePrefix: x-\nresources: [b.yaml]\n", "comp/b.yaml": strings.Replace(other, "other", "more", 1)}, "prod",
			[]string{"x-source-controller flux/a.yaml#0", "x-source-controller flux/a.yaml#1", "x-other flux/a.yaml#2", "x-more comp/b.yaml#0"}},
		"List":          {"", folder{"prod/kustomization.yaml": "resources: [l.yaml]\nnamePrefix: x-\n", "prod/l.yaml": listOf}, "prod", []string{"x-one prod/l.yaml#0", "x-two prod/l.yaml#0"}},
		"JSON":          {"", folder{"prod/kustomization.yaml": "resources: [a.json]\npatches:\n- {path: p.json, target: {kind: ServiceAccount}}\n", "prod/a.json": `{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "json"}}`, "prod/p.json": `[{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]`}, "prod", []string{"json prod/a.json#0"}},
		"Operations":    {"a list of operations is no object", folder{"prod/kustomization.yaml": "resources: [../flux]\npatches:\n- {path: p.yaml, target: {kind: ServiceAccount}}\n", "prod/p.yaml": wipe}, "prod", nil},
		"PatchFile":     {"", folder{"prod/kustomization.yaml": "resources: [../flux]\npatches:\n- path: p.yaml\n", "prod/p.yaml": account + "  labels: {a: b}\n"}, "prod", []string{"source-controller flux/a.yaml#0", "source-controller flux/a.yaml#1", "other flux/a.yaml#2"}},
		"OldFields":     {"", folder{"prod/kustomization.yaml": "bases: [../flux]\npatchesStrategicMerge:\n- p.yaml\n- |-\n  apiVersion: v1\n  kind: ServiceAccount\n  metadata: {name: other, namespace: flux-system, annotations: {c: d}}\npatchesJson6902:\n- {path: o.yaml, target: {version: v1, kind: ServiceAccount, name: other}}\ncommonLabels: {x: z}\nimageTags: [{name: fluxcd/source-controller, newTag: v2}]\n", "prod/p.yaml": account + "  labels: {a: b}\n", "prod/o.yaml": "- {op: add, path: /metadata/annotations/e, value: f}\n"}, "prod", nil},
		"OddCase":       {"kustomize reads fields in any case", folder{"prod/kustomization.yaml": "Resources: [../flux]\nNAMEPREFIX: x-\npatches:\n- Path: p.yaml\n", "prod/p.yaml": account + "  labels: {a: b}\n"}, "prod", []string{"x-source-controller flux/a.yaml#0", "x-source-controller flux/a.yaml#1", "x-other flux/a.yaml#2"}},
		"Anchors":       {"", folder{"prod/kustomization.yaml": "resources: &r [../flux]\ncomponents: []\npatches:\n- &p {path: p.yaml, target: {kind: ServiceAccount, name: other}}\n- *p\n", "prod/p.yaml": account + "  labels: {a: b}\n"}, "prod", nil},
		"Empty":         {"kustomize refuses it", folder{"prod/kustomization.yaml": "{}\n"}, "prod", refused},
		"NoResources":   {"", folder{"prod/kustomization.yaml": "resources: []\n"}, "prod", nil},
		"UnknownField":  {"", folder{"prod/kustomization.yaml": "resources: [../flux]\nfoo: bar\n"}, "prod", refused},
		"Cycle":         {"", folder{"prod/kustomization.yaml": "resources: [../flux, ../other]\n", "other/kustomization.yaml": "resources: [../prod]\n"}, "prod", refused},
		"Itself":        {"", folder{"prod/kustomization.yaml": "resources: [.]\n"}, "prod", refused},
		"TwoFiles":      {"kustomize refuses it", folder{"prod/kustomization.yaml": "resources: [../flux]\n", "prod/kustomization.yml": "resources: [../flux]\n"}, "prod", refused},
		"NotAComponent": {"", folder{"prod/kustomization.yaml": "components: [../flux]\n"}, "prod", refused},
		"Upward":        {"", folder{"../base/kustomization.yaml": "resources: [a.yaml]\n", "../base/a.yaml": other, "prod/kustomization.yaml": "resources: [../../base]\nnamePrefix: x-\n"}, "prod", []string{"x-other ../base/a.yaml#0"}},
		"Transformers": {"inline, in a file and as a directory; inline first", folder{
			"prod/kustomization.yaml": "resources: [../flux]\ntransformers:\n- t.yaml\n- dir\n- |-\n  apiVersion: builtin\n  kind: PrefixTransformer\n  metadata: {name: p}\n  prefix: inline-\n  fieldSpecs: [{path: metadata/name}]\n- |-\n  apiVersion: builtin\n  kind: AnnotationsTransformer\n  metadata: {name: a}\n  annotations: {first: x}\n  fieldSpecs: [{path: metadata/annotations, create: true}]\n",
			"prod/t.yaml":             "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p, annotations: {config.kubernetes.io/local-config: 'true'}}\npath: p.yaml\ntarget: {kind: ServiceAccount}\n", "prod/p.yaml": wipe,
			"prod/dir/kustomization.yaml": "resources: [s.yaml]\nnamePrefix: x-\n", "prod/dir/s.yaml": "apiVersion: builtin\nkind: SuffixTransformer\nmetadata: {name: s, annotations: {config.kubernetes.io/local-config: 'true'}}\nsuffix: -dir\nfieldSpecs: [{path: metadata/name}]\n",
		}, "prod", []string{"inline-source-controller-dir flux/a.yaml#0", "inline-source-controller-dir flux/a.yaml#1", "inline-other-dir flux/a.yaml#2"}},
		"Generators": {"", folder{
			"prod/kustomization.yaml": "resources: [../flux]\nconfigMapGenerator:\n- {name: c, files: [f.yaml, key=f.yaml], envs: [e.yaml]}\ngenerators: [g.yaml]\n", "prod/f.yaml": "a: b\n", "prod/e.yaml": "a=b\n",
			"prod/g.yaml": "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: g}\nfiles: [k=f.yaml]\n",
		}, "prod", nil},
		"Replacements": {"", folder{
			"prod/kustomization.yaml": "resources: [../flux]\nreplacements: [{path: r.yaml}]\n",
			"prod/r.yaml":             "source: {kind: ServiceAccount, name: other, fieldPath: metadata.annotations.a}\ntargets:\n- {select: {kind: Deployment}, fieldPaths: [metadata.labels.x], options: {create: true}}\n",
		}, "prod", nil},
		"Configurations": {"", folder{"prod/kustomization.yaml": "resources: [../flux]\nnamePrefix: x-\nconfigurations: [c.yaml]\ncrds: [crd.yaml]\n", "prod/c.yaml": "namePrefix:\n- {path: spec/foo, create: true}\n", "prod/crd.yaml": "a: {Schema: {}}\n"}, "prod", nil},
		"Helm":           {"Flux does not enable it", folder{"prod/kustomization.yaml": "resources: [../flux]\nhelmCharts: [{name: a, repo: https://localhost}]\n"}, "prod", refused},
		"BothUses":       {"a file that is a resource and a patch marks nothing as a patch", folder{"prod/kustomization.yaml": "resources: [../flux, o.yaml]\npatches: [{path: o.yaml, target: {name: source-controller}}]\n", "prod/o.yaml": strings.Replace(other, "other", "third", 1)}, "prod", []string{"source-controller flux/a.yaml#0", "source-controller flux/a.yaml#1", "other flux/a.yaml#2", "third prod/o.yaml#0"}},
		"Local":          {"", folder{"prod/kustomization.yaml": "resources: [../flux, l.yaml]\n", "prod/l.yaml": strings.Replace(strings.Replace(other, "other", "local", 1), "a: b", "config.kubernetes.io/local-config: 'true'", 1)}, "prod", nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(base)
			maps.Copy(files, tc.files)
			tree := kustomize.TreeOf(files.plainly(t))
			r, found := rootAt(tree, tc.dir)
			if !found {
				t.Fatalf("%s: no Kustomization", tc.dir)
			}
			b := tree.Build(r)
			if diff := cmp.Diff(files.really(t, tc.dir), builtOf(t, b)); diff != "" {
				t.Errorf("%s: -kustomize +got (%v):\n%s", tc.reason, b.Err, diff)
			}
			if len(b.NotSeen) > 0 {
				t.Errorf("not seen: %v", b.NotSeen)
			}
			if isRefused := tc.marks != nil && len(tc.marks) == 0; isRefused != (b.Err != nil) {
				t.Errorf("%s: %v", tc.reason, b.Err)
			}
			var marks []string
			for _, o := range b.Objects {
				if o.File != "" {
					marks = append(marks, fmt.Sprintf("%s %s#%d", o.Name, o.File, o.Index))
					if o.Item == nil || o.Item.Path() != o.File || o.Item.Node() == nil {
						t.Errorf("%s: another item", o.Name)
					}
				}
			}
			if diff := cmp.Diff(tc.marks, marks); len(tc.marks) > 0 && diff != "" {
				t.Errorf("%s: marks: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func rootAt(tree *kustomize.Tree, dir string) (kustomize.Root, bool) {
	for _, k := range tree.Kustomizations() {
		if k.Dir() == dir {
			return tree.RootOf(k), true
		}
	}
	return kustomize.Root{}, false
}
