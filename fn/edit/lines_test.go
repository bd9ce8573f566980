package edit_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

var (
	patches     = edit.Path{"patches"}
	specPatches = edit.Path{"spec", "kustomize", "patches"}
)

// ours is an element as the function writes it: with a literal block scalar in which lines
// look like comments and elements, and one is blank. oursText is its text below a margin.
func ours(t *testing.T) *yaml.Node {
	t.Helper()
	return parse(t, "patch: |\n  - op: add\n\n  # text\ntarget:\n  kinds: [a]\n").Content[0]
}

func oursText(margin string) string {
	lines := strings.SplitAfter("- patch: |\n    - op: add\n\n    # text\n  target:\n    kinds: [a]\n", "\n")
	for i, line := range lines {
		if len(line) > 1 {
			lines[i] = margin + line
		}
	}
	return strings.Join(lines, "")
}

// user is a list with elements as people write them, "  " being its margin.
const user = `# of the list
patches:
# of the first
- path: a.yaml # beside
  options: {allowNameChange: true}

  # inside the first
  target: {kind: Deployment}

# of the second

- patch: |-
    - op: replace
      path: /spec

      # text

    # more text
  # inside the second, at its end

- {path: c.yaml}
-   patch: >
      folded

      text
-
  # of the key
  path: "e.yaml"
- 'a string' # beside
# behind

# far behind
resources: [x]
`

// byLines returns the text with the operations, "" where they cannot be carried out by lines.
func byLines(t *testing.T, text string, doc, object *yaml.Node, ops ...edit.Op) string {
	t.Helper()
	edited, err := edit.Apply([]byte(text), doc, object, ops...)
	if err != nil {
		var field *edit.FieldError
		if !errors.As(err, &field) {
			t.Fatal(err)
		}
		return ""
	}
	var got yaml.Node
	if edited == nil || yaml.Unmarshal(edited, &got) != nil || !edit.Same(&got, doc) {
		return ""
	}
	return string(edited)
}

func TestLinesOfElements(t *testing.T) {
	cases := map[string]struct {
		reason string
		in     string
		path   edit.Path // patches if nil
		at     int
		want   string // "" where it cannot be done by lines
	}{
		"Append": {
			reason: "a new element goes below the last one, before the comments that follow",
			in:     user, at: 6,
			want: strings.Replace(user, "# behind\n", oursText("")+"# behind\n", 1),
		},
		"ReplaceFirst": {
			reason: "an element is replaced up to its last line: what is above it and below stays",
			in:     user, at: 0,
			want: ofUser("- path: a.yaml", "\n# of the second", oursText("")),
		},
		"ReplaceBlock": {
			reason: "what looks like a comment in a block scalar goes with it; a comment behind it stays",
			in:     user, at: 1,
			want: ofUser("- patch: |-", "  # inside the second", oursText("")),
		},
		"ReplaceFlow": {
			reason: "an element in flow style is one like any other",
			in:     user, at: 2,
			want: ofUser("- {path", "-   patch", oursText("")),
		},
		"ReplaceFolded": {
			reason: "",
			in:     user, at: 3,
			want: ofUser("-   patch", "-\n  #", oursText("")),
		},
		"ReplaceBelowDash": {
			reason: "an element may begin below its dash",
			in:     user, at: 4,
			want: ofUser("-\n  #", "- 'a string", oursText("")),
		},
		"ReplaceLast": {
			reason: "",
			in:     user, at: 5,
			want: ofUser("- 'a string", "# behind", oursText("")),
		},
		"Wide": {
			reason: "an indented list keeps its indentation",
			in:     "patches:\n    - path: a.yaml\n    # behind\nx: y\n", at: 1,
			want: "patches:\n    - path: a.yaml\n" + oursText("    ") + "    # behind\nx: y\n",
		},
		"Missing": {
			reason: "a new key goes to the end of its map, not to its place in the alphabet",
			in:     "kind: Kustomization\nresources:\n- a.yaml\n",
			want:   "kind: Kustomization\nresources:\n- a.yaml\npatches:\n" + oursText(""),
		},
		"MissingSorted": {
			reason: "even if the keys are sorted; comments at the end that are indented are of the last key",
			in:     "a: b\nz:\n  y: x\n  # of z\n\n# the end\n",
			want:   "a: b\nz:\n  y: x\n  # of z\n\n# the end\npatches:\n" + oursText(""),
		},
		"MissingWide": {
			reason: "a new list is indented as the others are",
			in:     "kind: Kustomization\nresources:\n    - a.yaml\n",
			want:   "kind: Kustomization\nresources:\n    - a.yaml\npatches:\n" + oursText("  "),
		},
		"MissingDeep": {
			reason: "maps on the way are created, and indented as the map around them is",
			in:     "spec:\n    sync:\n        path: a\n\n# of status\nstatus: {}\n",
			path:   specPatches,
			want:   "spec:\n    sync:\n        path: a\n    kustomize:\n        patches:\n" + oursText("        ") + "\n# of status\nstatus: {}\n",
		},
		"MissingSpec": {
			reason: "all of them may be missing",
			in:     "kind: FluxInstance\n",
			path:   specPatches,
			want:   "kind: FluxInstance\nspec:\n  kustomize:\n    patches:\n" + oursText("    "),
		},
		"NullMap": {
			reason: "a map that is null loses the word and keeps its comment",
			in:     "spec:\n  kustomize: null # none yet\n  sync: {}\n",
			path:   specPatches,
			want:   "spec:\n  kustomize: # none yet\n    patches:\n" + oursText("    ") + "  sync: {}\n",
		},
		"EmptyMap": {
			reason: "so does an empty one",
			in:     "spec:\n  kustomize: {}\n  sync: {}\n",
			path:   specPatches,
			want:   "spec:\n  kustomize:\n    patches:\n" + oursText("    ") + "  sync: {}\n",
		},
		"EmptyList": {
			reason: "and an empty list",
			in:     "patches: [] # none yet\nresources: []\n",
			want:   "patches: # none yet\n" + oursText("") + "resources: []\n",
		},
		"NullList": {
			reason: "and a null in its place",
			in:     "patches: null\nresources:\n  - a\n",
			want:   "patches:\n" + oursText("  ") + "resources:\n  - a\n",
		},
		"NothingForList": {
			reason: "which need not be written",
			in:     "patches: # none yet\n# - path: a.yaml\nresources: []\n",
			want:   "patches: # none yet\n" + oursText("") + "# - path: a.yaml\nresources: []\n",
		},
		"AfterBlock": {
			reason: "blank lines and comments in a block scalar at the end of the last element are its own",
			in:     "patches:\n- patch: |\n    a\n\n    # text\n\n\n# behind\n", at: 1,
			want: "patches:\n- patch: |\n    a\n\n    # text\n" + oursText("") + "\n\n# behind\n",
		},
		"AfterKept": {
			reason: "and so are those at the end of one that keeps them",
			in:     "patches:\n- patch: |+\n    a\n\n\n# behind\n", at: 1,
			want: "patches:\n- patch: |+\n    a\n\n\n" + oursText("") + "# behind\n",
		},
		"AfterIndicator": {
			reason: "the indentation of a block scalar may be written down",
			in:     "patches:\n- patch: |2\n      a\n    # text\n\n  # behind\n", at: 1,
			want: "patches:\n- patch: |2\n      a\n    # text\n\n  # behind\n" + oursText(""),
		},
		"AfterIndentedComment": {
			reason: "a comment that is indented as the last element is about that one, and none at its dash is",
			in:     "patches:\n- path: a.yaml\n\n  # of a\n\n# behind\n", at: 1,
			want: "patches:\n- path: a.yaml\n\n  # of a\n" + oursText("") + "\n# behind\n",
		},
		"AfterSpaces": {
			reason: "a line of spaces beyond the indentation is text",
			in:     "patches:\n- |\n  a\n    \n\n# behind\n", at: 1,
			want: "patches:\n- |\n  a\n    \n" + oursText("") + "\n# behind\n",
		},
		"AfterEmptyBlock": {
			reason: "a block scalar may be empty",
			in:     "patches:\n- patch: |\n\n# behind\n", at: 1,
			want: "patches:\n- patch: |\n" + oursText("") + "\n# behind\n",
		},
		"AfterKeptInMap": {
			reason: "a new key goes below the blank lines that a block scalar keeps",
			in:     "spec:\n  text: |+\n    a\n\n\nstatus: {}\n",
			path:   specPatches,
			want:   "spec:\n  text: |+\n    a\n\n\n  kustomize:\n    patches:\n" + oursText("    ") + "status: {}\n",
		},
		"CRLF": {
			reason: "lines end as they do in the text",
			in:     "patches:\r\n- path: a.yaml\r\n\r\nx: y\r\n", at: 1,
			want: "patches:\r\n- path: a.yaml\r\n" + strings.ReplaceAll(oursText(""), "\n", "\r\n") + "\r\nx: y\r\n",
		},
		"NoLineFeed": {
			reason: "a last line without an end gets one",
			in:     "patches:\n- path: a.yaml", at: 1,
			want: "patches:\n- path: a.yaml\n" + oursText(""),
		},
		"Umlauts": {
			reason: "columns count characters",
			in:     "\"ä\": ß\npatches:\n- {ä: ü, ö: ß} # ä\n", at: 1,
			want: "\"ä\": ß\npatches:\n- {ä: ü, ö: ß} # ä\n" + oursText(""),
		},
		"FlowList":      {reason: "no line of a list in flow style is that of one element", in: "patches: [{path: a.yaml}]\n", at: 1},
		"FlowMap":       {reason: "nor of a map", in: "{patches: []}\n"},
		"FlowSpec":      {reason: "", in: "spec: {kustomize: {}}\n", path: specPatches},
		"Anchor":        {reason: "what is shared has another place", in: "patches: &p\n- path: a.yaml\nx: *p\n", at: 1},
		"AnchorInside":  {reason: "so has what goes", in: "patches:\n- path: &p a.yaml\nx: *p\n", at: 0},
		"Alias":         {reason: "", in: "x: &p\n- path: a.yaml\npatches: *p\n", at: 1},
		"Merge":         {reason: "a merge key may lend the list", in: "x: &x {a: b}\nspec:\n  <<: *x\n", path: specPatches},
		"Tag":           {reason: "", in: "patches: !!seq\n- path: a.yaml\n", at: 1},
		"BrokenEmpty":   {reason: "an empty list may be written on two lines", in: "patches: [\n ]\n"},
		"Scalar":        {reason: "a string is no list", in: "patches: a\n"},
		"BeyondTheEnd":  {reason: "", in: "patches:\n- path: a.yaml\n", at: 2},
		"ValueIsString": {reason: "nor is it a map", in: "spec: a\n", path: specPatches},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if tc.path == nil {
				tc.path = patches
			}
			doc := parse(t, tc.in)
			if diff := cmp.Diff(tc.want, byLines(t, tc.in, doc, doc.Content[0], edit.SetElement(tc.path, tc.at, ours(t)))); diff != "" {
				t.Fatalf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// ofUser puts a text in the place of that of the user from one mark up to another.
func ofUser(from, to, with string) string {
	i := strings.Index(user, from)
	return user[:i] + with + user[i+strings.Index(user[i:], to):]
}

func TestLinesOfRemovals(t *testing.T) {
	const sync = "spec:\n  sync: a\n"
	cases := map[string]struct {
		reason string
		in     string
		path   edit.Path // patches if nil
		at     int
		want   string // "" where it cannot be done by lines
	}{
		"First": {
			reason: "an element goes up to its last line: what is above it and below stays",
			in:     user, at: 0,
			want: ofUser("- path: a.yaml", "\n# of the second", ""),
		},
		"Block": {
			reason: "what looks like a comment in a block scalar goes with it",
			in:     user, at: 1,
			want: ofUser("- patch: |-", "  # inside the second", ""),
		},
		"BelowDash": {
			reason: "",
			in:     user, at: 4,
			want: ofUser("-\n  #", "- 'a string", ""),
		},
		"Last": {
			reason: "",
			in:     user, at: 5,
			want: ofUser("- 'a string", "# behind", ""),
		},
		"Kept": {
			reason: "blank lines that a block scalar keeps go with it",
			in:     "patches:\n- a\n- |+\n  b\n\n\nx: y\n", at: 1,
			want: "patches:\n- a\nx: y\n",
		},
		"Only": {
			reason: "a list that is left empty goes with its key; comments stay",
			in:     "a: b\n\n# of the list\npatches: # beside\n# of the element\n- a: |\n    b\n\n# behind\nx: y\n",
			want:   "a: b\n\n# of the list\n# of the element\n\n# behind\nx: y\n",
		},
		"OnlyDeep": {
			reason: "and so does the map around it",
			in:     sync + "  kustomize:\n    patches:\n      - a\n  # behind\nx: y\n", path: specPatches,
			want: sync + "  # behind\nx: y\n",
		},
		"OnlyOfMap": {
			reason: "unless there is more in it",
			in:     sync + "  kustomize:\n    patches:\n    - a\n    x: y\n", path: specPatches,
			want: sync + "  kustomize:\n    x: y\n",
		},
		"SpecStays": {
			reason: "the first field of a long path stays, with its comment",
			in:     "kind: x\nspec:  # beside\n  kustomize:\n    patches:\n    - a\nx: y\n", path: specPatches,
			want: "kind: x\nspec: {}  # beside\nx: y\n",
		},
		"CRLF": {
			reason: "",
			in:     "spec:\r\n  kustomize:\r\n    patches:\r\n    - a\r\n", path: specPatches,
			want: "spec: {}\r\n",
		},
		"NothingLeft": {reason: "an object without fields has no lines", in: "patches:\n- a\n"},
		"BesideDash":  {reason: "a dash before the key must not go", in: "- patches:\n  - a\n  x: y\n"},
		"Flow":        {reason: "", in: "patches: [a, b]\n"},
		"Anchor":      {reason: "what goes may be needed elsewhere", in: "patches:\n- &a a\n- *a\n"},
		"Missing":     {reason: "", in: "a: b\n"},
		"BeyondEnd":   {reason: "", in: "patches:\n- a\n", at: 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if tc.path == nil {
				tc.path = patches
			}
			doc := parse(t, tc.in)
			object := doc.Content[0]
			if object.Kind == yaml.SequenceNode {
				object = object.Content[0] // an item
			}
			if diff := cmp.Diff(tc.want, byLines(t, tc.in, doc, object, edit.Remove(tc.path, tc.at))); diff != "" {
				t.Fatalf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
