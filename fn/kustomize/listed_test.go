package kustomize_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
)

// TestListed checks which names a Kustomization lists, as they stand there, for somebody who
// reads the files.
func TestListed(t *testing.T) {
	const own = "clusters/prod/kustomization.yaml"
	cases := map[string]struct {
		reason, file, text string
		want               []string
	}{
		"Resources": {"files and folders, wherever they lie", own, "resources: [a.yaml, ./b/, ../c]\nbases: [../d]\ncomponents: [e]\n", []string{"a.yaml", "./b/", "../c", "../d", "e"}},
		"Patches":   {"those in files", own, "patches:\n- path: a.yaml\n  target: {kind: A}\n- patch: '{kind: A}'\npatchesStrategicMerge:\n- b.yaml\n- |\n  apiVersion: v1\n  kind: A\n  metadata: {name: a}\npatchesJson6902:\n- {path: d.json, target: {kind: A, name: a}}\n", []string{"b.yaml", "a.yaml", "d.json"}},
		"Others":    {"what else has a part in the build", own, "crds: [a.json]\nconfigurations: [b.yaml]\nopenapi: {path: c.json}\ntransformers: [d.yaml, e, '{apiVersion: v1, kind: A, metadata: {name: a}}']\ngenerators: [f.yaml]\nvalidators: [g.yaml]\nreplacements: [{path: h.yaml}, {source: {kind: A}}]\n", []string{"b.yaml", "a.json", "c.json", "f.yaml", "h.yaml", "d.yaml", "e", "g.yaml"}},
		"Generated": {"what is in a ConfigMap is no identity, and may be a secret", own, "configMapGenerator: [{name: a, files: [a, b=c], envs: [d], env: e}]\nsecretGenerator: [{name: a, files: [a, b=c], envs: [d], env: e}]\n", nil},
		"Component": {"it lists as a Kustomization does", own, "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [a.yaml]\n", []string{"a.yaml"}},
		"OtherFile": {"kustomize builds none that is in another file", "x.yaml", "kind: A\n---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n", nil},
		"Remote":    {"what is not local", own, "resources: [https://example.com/x.yaml, 'github.com/fluxcd/flux2/manifests/install?ref=v2.7.5', a.yaml, 'git@github.com:a/b']\npatches: [{path: https://example.com/y.yaml}]\n", []string{"a.yaml"}},
		"Beside":    {"whichever way the stream came", own, "resources: [a.yaml]\n", []string{"a.yaml"}},
		"NoKind":    {"in another file it is none without", "x.yaml", "resources: [a.yaml]\n", nil},
		"Flux":      {"Flux's own is another", own, "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nresources: [a.yaml]\n", nil},
		"NotYAML":   {"which is said by who reads it for good", own, "resources: [a.yaml\n", nil},
		"Odd":       {"which kustomize refuses", own, "resources: {a: b}\ncomponents: [c]\n", nil},
		"Empty":     {"", own, "", nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := kustomize.Listed(krm.Stream{Path: tc.file, Text: []byte(tc.text), Beside: name == "Beside"})
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestTreeBeside checks that a Kustomization builds what is read beside it, and that what is
// wrong there is an error of that build.
func TestTreeBeside(t *testing.T) {
	const object = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: a\n"
	cases := map[string]struct {
		reason  string
		beside  map[string]string
		objects int
		notSeen []string
		wrong   bool
	}{
		"All":     {"a base, a patch and a component", map[string]string{"base/kustomization.yaml": "resources: [a.yaml]\n", "base/a.yaml": object, "prod/p.json": `[{"op": "add", "path": "/metadata/annotations", "value": {"a": "b"}}]`, "comp/kustomization.yaml": "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nnamespace: x\n"}, 1, nil, false},
		"Missing": {"what is not there is not seen", map[string]string{"base/kustomization.yaml": "resources: [a.yaml]\n", "base/a.yaml": object}, 1, []string{"../comp", "p.json"}, false},
		"NotYAML": {"kustomize reads it too", map[string]string{"base/kustomization.yaml": "resources: [a.yaml]\n", "base/a.yaml": "a: b\n c: d\n"}, 0, []string{"../comp", "p.json"}, true},
		"Marker":  {"what we refuse where it is given is kustomize's to judge", map[string]string{"base/kustomization.yaml": "resources: [a.yaml]\n", "base/a.yaml": object + "... b\n"}, 1, []string{"../comp", "p.json"}, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			streams := []krm.Stream{{Path: "prod/kustomization.yaml", Text: []byte("resources: [../base]\ncomponents: [../comp]\npatches: [{path: p.json, target: {kind: ServiceAccount}}]\n")}}
			for name, text := range tc.beside {
				streams = append([]krm.Stream{{Path: name, Text: []byte(text), Beside: true}}, streams...)
			}
			list, err := krm.ParseManifests(krm.Stream{}, streams...)
			if err != nil {
				t.Fatal(err)
			}
			tree := kustomize.TreeOf(list)
			if roots := tree.Roots(); len(roots) != 1 || roots[0].Dir != "prod" {
				t.Fatalf("%s: %v", tc.reason, roots)
			}
			b := tree.Build(tree.Roots()[0])
			var notSeen []string
			for _, missed := range b.NotSeen {
				notSeen = append(notSeen, missed.What)
			}
			slices.Sort(notSeen)
			if diff := cmp.Diff(tc.notSeen, slices.Compact(notSeen)); diff != "" || len(b.Objects) != tc.objects || (b.Err != nil) != tc.wrong {
				t.Fatalf("%s: %d objects, %v, not seen -want +got:\n%s", tc.reason, len(b.Objects), b.Err, diff)
			}
			if name == "All" {
				if o := b.Objects[0]; o.Item != list.Beside[o.Item.Index-1] || o.Namespace != "x" || edit.Text(o.Node, "metadata", "annotations", "a") != "b" {
					t.Errorf("%s: %+v", tc.reason, o)
				}
			}
		})
	}
}

// TestTreeBesideFlux checks that what Flux does with a build counts where its Kustomization is
// read beside.
func TestTreeBesideFlux(t *testing.T) {
	list, err := krm.ParseManifests(krm.Stream{},
		krm.Stream{Path: "prod/kustomization.yaml", Text: []byte("resources: [sync.yaml]\n")},
		krm.Stream{Path: "prod/sync.yaml", Text: []byte("apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\nspec: {path: ./prod, namePrefix: x-}\n"), Beside: true})
	if err != nil {
		t.Fatal(err)
	}
	tree := kustomize.TreeOf(list)
	if roots := tree.Roots(); len(roots) != 1 || roots[0].Flux != list.Beside[0] {
		t.Fatalf("%+v", roots)
	}
	if b := tree.Build(tree.Roots()[0]); b.Err != nil || len(b.Objects) != 1 || b.Objects[0].Name != "x-a" {
		t.Errorf("%+v", b)
	}
}
