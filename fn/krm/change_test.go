package krm_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

var (
	patches     = edit.Path{"patches"}
	specPatches = edit.Path{"spec", "kustomize", "patches"}
)

// patch is an element with a literal block scalar.
func patch(t *testing.T, text string) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte("patch: "+text+"target:\n  kind: Deployment\n"), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Content[0]
}

const jsonPatch = "|\n  - op: add\n\n    # text\n    path: /metadata\n"

// patchText is the text of that element below a margin.
func patchText(margin string) string {
	text := margin + strings.ReplaceAll("- patch: |\n    - op: add\n\n      # text\n      path: /metadata\n  target:\n    kind: Deployment\n", "\n", "\n"+margin)
	return strings.ReplaceAll(strings.TrimSuffix(text, margin), "\n"+margin+"\n", "\n\n")
}

// change is an edit of the first item.
type change struct {
	path   edit.Path
	at     int
	remove bool
}

func (c change) apply(t *testing.T, item *krm.Item, element *yaml.Node) {
	t.Helper()
	op := edit.SetElement(c.path, c.at, element)
	if c.remove {
		op = edit.Remove(c.path, c.at)
	}
	if err := item.Apply(op); err != nil {
		t.Fatal(err)
	}
}

const kustomization = `# of the item
- apiVersion: kustomize.config.k8s.io/v1beta1
  kind: Kustomization
  resources:
  - gotk-components.yaml
  - gotk-sync.yaml

  patches: # in this order
  # of the first
  - patch: |-
      - op: replace
        path: "/spec/replicas"

      # text
    target: {kind: Deployment} # beside
  # between

  -   path:   'b.yaml'
      options:
          allowNameChange: true
  # behind

  images: []
`

// kpt sends a Kustomization without apiVersion and kind as it is in its file, and adds its
// annotations.
const ofKpt = `- resources:
  - gotk-components.yaml
  metadata:
    annotations:
      internal.config.kubernetes.io/path: 'clusters/prod/kustomization.yaml'
      internal.config.kubernetes.io/index: '0'
`

const instance = `- apiVersion: fluxcd.controlplane.io/v1
  kind: FluxInstance
  metadata:
    name: flux
  spec:
    distribution:
      version: "2.x"
      registry: "ghcr.io/fluxcd"
    components:
      - source-controller
      - kustomize-controller
    # of the sync
    sync:
      kind: OCIRepository
`

func TestElements(t *testing.T) {
	cases := map[string]struct {
		reason string
		in     string
		change change
		want   string
	}{
		"Append": {
			reason: "a new element goes below the last one; not a byte beside changes",
			in:     head + "items:\n" + kustomization + "# of b\n- kind: b\n",
			change: change{path: patches, at: 2},
			want:   head + "items:\n" + strings.Replace(kustomization, "  # behind\n", patchText("  ")+"  # behind\n", 1) + "# of b\n- kind: b\n",
		},
		"Replace": {
			reason: "another takes its place",
			in:     head + "items:\n" + kustomization,
			change: change{path: patches, at: 0},
			want:   head + "items:\n" + between(kustomization, "  - patch", "  # between", patchText("  ")),
		},
		"Remove": {
			reason: "or none",
			in:     head + "items:\n" + kustomization,
			change: change{path: patches, at: 1, remove: true},
			want:   head + "items:\n" + between(kustomization, "  -   path", "  # behind", ""),
		},
		"Kpt": {
			reason: "in a Kustomization of kpt the new key comes behind the annotations",
			in:     head + "items:\n" + ofKpt,
			change: change{path: patches},
			want:   head + "items:\n" + ofKpt + "  patches:\n" + patchText("  "),
		},
		"Instance": {
			reason: "a FluxInstance has its patches in its spec, indented as its other lists are",
			in:     head + "items:\n" + instance,
			change: change{path: specPatches},
			want:   head + "items:\n" + instance + "    kustomize:\n      patches:\n" + patchText("        "),
		},
		"WideItems": {
			reason: "items may be indented",
			in:     head + "items:\n  - kind: Kustomization\n    patches: [] # none\n    x: y\n  - kind: b\n",
			change: change{path: patches},
			want:   head + "items:\n  - kind: Kustomization\n    patches: # none\n" + patchText("    ") + "    x: y\n  - kind: b\n",
		},
		"Flow": {
			reason: "a list in flow style becomes a block, its elements do not",
			in:     head + "items:\n- kind: Kustomization\n  patches: [{path: a.yaml}] # beside\n  x:   y\n-   kind: b\n",
			change: change{path: patches, at: 1},
			want:   head + "items:\n- kind: Kustomization\n  patches: # beside\n  - {path: a.yaml}\n" + patchText("  ") + "  x: y\n-   kind: b\n",
		},
		"FlowRemove": {
			reason: "",
			in:     head + "items:\n- kind: Kustomization\n  patches: [{path: a.yaml}, {path: b.yaml}]\n-   kind: b\n",
			change: change{path: patches, at: 0, remove: true},
			want:   head + "items:\n- kind: Kustomization\n  patches: [{path: b.yaml}]\n-   kind: b\n",
		},
		"Anchor": {
			reason: "a list that is shared becomes the field's own; the other items stay",
			in:     head + "items:\n- kind: Kustomization\n  patches: &p\n  - path: a.yaml\n  x: *p\n-   kind: b\n",
			change: change{path: patches, at: 1},
			want:   head + "items:\n- kind: Kustomization\n  patches:\n  - path: a.yaml\n" + patchText("  ") + "  x:\n  - path: a.yaml\n-   kind: b\n",
		},
		"SharedItems": {
			reason: "so does one that another item uses, in a list that is parsed as a whole",
			in:     head + "items:\n- patches: &p\n  - path: a.yaml\n- patches: *p\n",
			change: change{path: patches, at: 0},
			want:   head + "items:\n- patches:\n" + patchText("  ") + "- patches:\n  - path: a.yaml\n",
		},
		"FirstKey": {
			reason: "a key beside the dash of the item may go",
			in:     head + "items:\n- patches:\n  - path: a.yaml\n  # of the kind\n  kind: Kustomization\n",
			change: change{path: patches, remove: true},
			want:   head + "items:\n- # of the kind\n  kind: Kustomization\n",
		},
		"NothingLeft": {
			reason: "even if it is the only one",
			in:     head + "items:\n- patches:\n  - path: a.yaml\n- kind: b\n",
			change: change{path: patches, remove: true},
			want:   head + "items:\n- {}\n- kind: b\n",
		},
		"JSON": {
			reason: "JSON becomes YAML",
			in:     `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"patches":[{"path":"a.yaml"}]}]}`,
			change: change{path: patches, at: 1},
			want:   head + "items:\n- patches:\n  - path: a.yaml\n" + patchText("  "),
		},
		"FlowItems": {
			reason: "there is no block in flow style",
			in:     head + "items: [{kind: Kustomization}]\n",
			change: change{path: patches},
			want:   head + "items: [{kind: Kustomization, patches: [{patch: \"- op: add\\n\\n  # text\\n  path: /metadata\\n\", target: {kind: Deployment}}]}]\n",
		},
		"FlowItem": {
			reason: "an item in flow style becomes a block, what else is in it does not",
			in:     head + "items:\n- {kind: Kustomization, x: {y: z}}\n",
			change: change{path: patches},
			want:   head + "items:\n- kind: Kustomization\n  x: {y: z}\n  patches:\n" + patchText("  "),
		},
		"CRLF": {
			reason: "lines end as those of the list do",
			in:     strings.ReplaceAll(head+"items:\n"+kustomization, "\n", "\r\n"),
			change: change{path: patches, at: 2},
			want:   strings.ReplaceAll(head+"items:\n"+strings.Replace(kustomization, "  # behind\n", patchText("  ")+"  # behind\n", 1), "\n", "\r\n"),
		},
		"NoLineFeed": {
			reason: "a last line without an end gets one",
			in:     head + "items:\n- patches:\n  - path: a.yaml",
			change: change{path: patches, at: 1},
			want:   head + "items:\n- patches:\n  - path: a.yaml\n" + patchText("  "),
		},
		"KeptBlock": {
			reason: "blank lines that a block scalar keeps stay its own",
			in:     head + "items:\n- patches:\n  - patch: |+\n      a\n\n\n- kind: b\n",
			change: change{path: patches, at: 1},
			want:   head + "items:\n- patches:\n  - patch: |+\n      a\n\n\n" + patchText("  ") + "- kind: b\n",
		},
		"KeptBlockLast": {
			reason: "blank lines behind the item do not become those of a block scalar that keeps its own",
			in:     head + "items:\n- patches:\n  - |+\n    a\n  - path: b.yaml\n\n- kind: b\n",
			change: change{path: patches, at: 1, remove: true},
			want:   head + "items:\n- patches:\n  - |\n    a\n\n- kind: b\n",
		},
		"CommentBehindItem": {
			reason: "nor does a comment become its text",
			in:     head + "items:\n- patches:\n  - |\n    a\n  - path: b.yaml\n    # of b\n- kind: b\n",
			change: change{path: patches, at: 1, remove: true},
			want:   head + "items:\n- patches:\n  - \"a\\n\"\n    # of b\n- kind: b\n",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			element := patch(t, jsonPatch)
			got := write(t, tc.in, func(list *krm.ResourceList) { tc.change.apply(t, list.Items[0], element) })
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
			if tc.change.remove {
				return
			}
			again := write(t, got, func(list *krm.ResourceList) { tc.change.apply(t, list.Items[0], element) })
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("an element that is there is not written again: -first +second:\n%s", diff)
			}
		})
	}
}

// between puts a text in the place of that from one mark up to another.
func between(text, from, to, with string) string {
	i := strings.Index(text, from)
	return text[:i] + with + text[i+strings.Index(text[i:], to):]
}

// TestElementsAndBack appends an element and removes it: nothing is left of it.
func TestElementsAndBack(t *testing.T) {
	cases := map[string]struct {
		reason string
		items  string
		path   edit.Path
		at     int
	}{
		"Append":        {"below others", kustomization, patches, 2},
		"Kpt":           {"a list that it created goes", ofKpt, patches, 0},
		"Instance":      {"and so does a map", instance, specPatches, 0},
		"SpecMissing":   {"but not the spec", "- kind: FluxInstance\n  spec: {}  # nothing\n", specPatches, 0},
		"MapThere":      {"a map that has more in it stays", strings.Replace(instance, "    sync:", "    kustomize:\n      x: y # beside\n    sync:", 1), specPatches, 0},
		"Flow":          {"flow elements stay as they are", "- kind: x\n  patches:\n  - {path: a.yaml}\n  - [ 'a',  b ]\n\n\n- kind: y\n", patches, 2},
		"Folded":        {"", "- kind: x\n  patches:\n  - patch: >\n      a\n\n        b\n    # behind\n\n  # far behind\n", patches, 1},
		"Kept":          {"", "- kind: x\n  patches:\n  - patch: |+\n      a\n\n\n", patches, 1},
		"Quoted":        {"", "- kind: x\n  patches:\n  - patch: \"a\n\n      b\"\n  - 'it''s'\n", patches, 2},
		"Options":       {"", "- kind: x\n  patches:\n  - path: a.yaml\n    options:\n        allowKindChange: true\n    target:\n      name: '.*'\n", patches, 1},
		"NestedList":    {"", "- kind: x\n  patches:\n  -\n   - a\n   # - b\n  x: y\n", patches, 1},
		"Indented":      {"", "-   kind: x\n    patches:\n       - path: a.yaml\n         # - path: b.yaml\n       # behind\n    y: z\n", patches, 1},
		"CRLF":          {"", strings.ReplaceAll(kustomization, "\n", "\r\n"), patches, 2},
		"CRLFCreated":   {"", strings.ReplaceAll(instance, "\n", "\r\n"), specPatches, 0},
		"TrailingSpace": {"", "- kind: x\n  patches:   \n  - path: a.yaml   \n   \n  y: z\n", patches, 1},
		"Tabs":          {"a list that the scan is not sure of", "- kind: x\n  patches:\t# tab\n  - path:\ta.yaml\n  y:\tz\n", patches, 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			in := head + "items:\n" + tc.items
			if strings.Contains(in, "\r") {
				in = strings.ReplaceAll(head+"items:\n", "\n", "\r\n") + tc.items
			}
			element := patch(t, jsonPatch)
			with := write(t, in, func(list *krm.ResourceList) { change{path: tc.path, at: tc.at}.apply(t, list.Items[0], element) })
			if with == in {
				t.Error("nothing was appended")
			}
			got := write(t, with, func(list *krm.ResourceList) {
				change{path: tc.path, at: tc.at, remove: true}.apply(t, list.Items[0], nil)
			})
			if diff := cmp.Diff(in, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s\nbetween:\n%s", tc.reason, diff, with)
			}
			got = write(t, in, func(list *krm.ResourceList) {
				change{path: tc.path, at: tc.at}.apply(t, list.Items[0], element)
				change{path: tc.path, at: tc.at}.apply(t, list.Items[0], patch(t, "|\n  another\n"))
				list.Items[0].Release()
				change{path: tc.path, at: tc.at, remove: true}.apply(t, list.Items[0], nil)
			})
			if diff := cmp.Diff(in, got); diff != "" {
				t.Errorf("in one run: %s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
