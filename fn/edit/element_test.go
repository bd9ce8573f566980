package edit_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/fn/edit"
)

func TestSetElement(t *testing.T) {
	cases := map[string]struct {
		reason string
		in     string
		path   edit.Path // patches if nil
		at     int
		want   string
	}{
		"Missing": {
			reason: "a new key goes to the end, even of a map whose keys are sorted",
			in:     "kind: x\nresources: []\n",
			want:   "kind: x\nresources: []\npatches:\n" + oursText(""),
		},
		"MissingDeep": {
			reason: "maps on the way are created",
			in:     "kind: x\n", path: specPatches,
			want: "kind: x\nspec:\n  kustomize:\n    patches:\n" + oursText("    "),
		},
		"Null": {
			reason: "a null becomes a list and keeps its comment",
			in:     "patches: null # none yet\nx: y\n",
			want:   "patches: # none yet\n" + oursText("") + "x: y\n",
		},
		"NullMap": {
			reason: "so does a null map",
			in:     "spec: ~\nx: y\n", path: specPatches,
			want: "spec:\n  kustomize:\n    patches:\n" + oursText("    ") + "x: y\n",
		},
		"Empty": {
			reason: "an empty list becomes a block",
			in:     "patches: []\nx: y\n",
			want:   "patches:\n" + oursText("") + "x: y\n",
		},
		"Append": {
			reason: "the others stay as they are",
			in:     "patches:\n# above\n- path: 'a.yaml' # beside\nx: y\n", at: 1,
			want: "patches:\n# above\n- path: 'a.yaml' # beside\n" + oursText("") + "x: y\n",
		},
		"Replace": {
			reason: "comments above and below stay",
			in:     "patches:\n# above\n- path: a.yaml # beside\n# below\n\n# of b\n- path: b.yaml\nx: y\n", at: 0,
			want: "patches:\n# above\n" + oursText("") + "# of b\n- path: b.yaml\n  # below\nx: y\n",
		},
		"ReplaceLast": {
			reason: "",
			in:     "patches:\n- path: a.yaml\n# of b\n- path: b.yaml\n# below\n\nx: y\n", at: 1,
			want: "patches:\n- path: a.yaml\n# of b\n" + oursText("") + "# below\n\nx: y\n",
		},
		"Same": {
			reason: "an element that is there already stays as it is written",
			in:     "patches: [{patch: \"- op: add\\n\\n# text\\n\", 'target': {kinds: [a]}}]\n", at: 0,
			want: "patches: [{patch: \"- op: add\\n\\n# text\\n\", 'target': {kinds: [a]}}]\n",
		},
		"FlowList": {
			reason: "a list in flow style becomes a block, what was in it does not",
			in:     "patches: [{path: a.yaml}, [b]]\n", at: 2,
			want: "patches:\n- {path: a.yaml}\n- [b]\n" + oursText(""),
		},
		"FlowMaps": {
			reason: "nor does what is beside it",
			in:     "{kind: x, spec: {sync: {a: b}, kustomize: {patches: []}}}\n", path: specPatches,
			want: "kind: x\nspec:\n  sync: {a: b}\n  kustomize:\n    patches:\n" + oursText("    "),
		},
		"Alias": {
			reason: "a list that is an alias becomes a copy",
			in:     "x: &p\n- a\npatches: *p\n", at: 1,
			want: "x: &p\n- a\npatches:\n- a\n" + oursText(""),
		},
		"Anchor": {
			reason: "a list that others use leaves them theirs",
			in:     "patches: &p\n- a\nx: *p\n", at: 0,
			want: "patches:\n" + oursText("") + "x:\n- a\n",
		},
		"AnchorOnTheWay": {
			reason: "so does a map on the way",
			in:     "x: &s\n  kustomize: {a: b}\nspec: *s\n", path: specPatches,
			want: "x: &s\n  kustomize: {a: b}\nspec:\n  kustomize:\n    a: b\n    patches:\n" + oursText("    "),
		},
		"AnchorInside": {
			reason: "what others use of the element that goes stays theirs",
			in:     "patches:\n- path: &p a.yaml\n  target: &t {kind: x, of: *p}\nx: *p\ny: [*t]\n", at: 0,
			want: "patches:\n" + oursText("") + "x: a.yaml\ny: [{kind: x, of: a.yaml}]\n",
		},
		"Lent": {
			reason: "a list that a merge key lends is copied",
			in:     "x: &x\n  patches: [a]\nspec:\n  <<: *x\n", path: edit.Path{"spec", "patches"}, at: 1,
			want: "x: &x\n  patches: [a]\nspec:\n  <<: *x\n  patches:\n  - a\n" + oursText("  "),
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if tc.path == nil {
				tc.path = patches
			}
			doc := parse(t, tc.in)
			element := ours(t)
			element.Content[1].Value = "- op: add\n\n# text\n"
			for range 2 { // the second time it is there
				if err := apply(doc, edit.SetElement(tc.path, tc.at, element)); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tc.want, printed(t, doc)); diff != "" {
					t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
				}
			}
		})
	}
}

func TestSetElementCopies(t *testing.T) {
	doc, element := parse(t, "kind: x\n"), ours(t)
	if err := apply(doc, edit.SetElement(patches, 0, element)); err != nil {
		t.Fatal(err)
	}
	element.Content[1].Value = "changed"
	if got := printed(t, doc); strings.Contains(got, "changed") {
		t.Errorf("one element can be put into many objects, which do not share it:\n%s", got)
	}
}

func TestRemoveElement(t *testing.T) {
	cases := map[string]struct {
		reason string
		in     string
		path   edit.Path // patches if nil
		at     int
		want   string
	}{
		"First": {
			reason: "the comments of an element stay where it was",
			in:     "patches:\n# above\n- path: a.yaml # beside\n# below\n\n# of b\n- path: b.yaml\nx: y\n", at: 0,
			want: "patches:\n# above\n# of b\n- path: b.yaml\n  # below\nx: y\n",
		},
		"Last": {
			reason: "below the one before, if it was the last one",
			in:     "patches:\n- path: a.yaml\n# above\n- path: b.yaml\nx: y\n", at: 1,
			want: "patches:\n- path: a.yaml\n  # above\nx: y\n",
		},
		"Only": {
			reason: "a list that is left empty goes with its key, and leaves the comments",
			in:     "a: b\n# of the list\npatches:\n# above\n- path: a.yaml\nx: y\n",
			want:   "a: b\n# of the list\n# above\nx: y\n",
		},
		"OnlyAtEnd": {
			reason: "",
			in:     "a: b\n# of the list\npatches:\n- path: a.yaml\n",
			want:   "a: b\n# of the list\n",
		},
		"Deep": {
			reason: "the map around it goes as well, if it is left empty",
			in:     "spec:\n  sync: a\n  # of the map\n  kustomize:\n    patches:\n    - a\n", path: specPatches,
			want: "spec:\n  sync: a\n  # of the map\n",
		},
		"DeepKept": {
			reason: "",
			in:     "spec:\n  kustomize:\n    patches: [a]\n    a: b\n", path: specPatches,
			want: "spec:\n  kustomize:\n    a: b\n",
		},
		"SpecStays": {
			reason: "the first field stays, and takes the comments",
			in:     "# of spec\nspec:\n  # of the map\n  kustomize:\n    # of the list\n    patches:\n    # of the element\n    - a\n", path: specPatches,
			want: "# of spec\n# of the map\n# of the list\n# of the element\nspec: {}\n",
		},
		"Flow": {
			reason: "a list in flow style stays one",
			in:     "patches: [a, {b: c}, d]\n", at: 1,
			want: "patches: [a, d]\n",
		},
		"Anchor": {
			reason: "what others use of the element that goes stays theirs",
			in:     "patches:\n- &a {path: a.yaml}\n- *a\n", at: 0,
			want: "patches:\n- {path: a.yaml}\n",
		},
		"Alias": {
			reason: "a list that is an alias is the object's own afterwards",
			in:     "x: &p [a, b]\npatches: *p\n", at: 0,
			want: "x: &p [a, b]\npatches: [b]\n",
		},
		"Lent": {
			reason: "without its key the list would be that of the merge key again",
			in:     "x: &x {patches: [a]}\nspec: {<<: *x}\n", path: edit.Path{"spec", "patches"},
			want: "x: &x {patches: [a]}\nspec: {<<: *x, patches: []}\n",
		},
		"Everything": {
			reason: "an object may be left without fields",
			in:     "patches: [a]\n",
			want:   "{}\n",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if tc.path == nil {
				tc.path = patches
			}
			doc := parse(t, tc.in)
			if err := apply(doc, edit.Remove(tc.path, tc.at)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, printed(t, doc)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestElementErrors(t *testing.T) {
	cases := map[string]struct {
		reason string
		in     string
		at     int
		set    string
		remove string
	}{
		"NoMap":    {"", "spec: a\n", 0, `spec: "a": want a map`, `spec: "a": want a map`},
		"NoList":   {"", "spec: {kustomize: {patches: {}}}\n", 0, "spec.kustomize.patches: a map: want a list", "spec.kustomize.patches: a map: want a list"},
		"Twice":    {"one cannot tell which of two lists a reader takes", "spec: {}\nspec: {}\n", 0, "spec: written twice: want one", "spec: written twice: want one"},
		"Beyond":   {"there is no gap in a list", "spec: {kustomize: {patches: [a]}}\n", 2, "spec.kustomize.patches[2]: beyond the end: want an index up to the length of the list", "spec.kustomize.patches[2]: missing: want an element"},
		"Negative": {"", "a: b\n", -1, "spec.kustomize.patches[[-1]]: beyond the end: want an index up to the length of the list", "spec.kustomize.patches[[-1]]: missing: want an element"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			doc := parse(t, tc.in)
			before := printed(t, doc)
			for want, err := range map[*string]error{
				&tc.set:    apply(doc, edit.SetElement(specPatches, tc.at, ours(t))),
				&tc.remove: apply(doc, edit.Remove(specPatches, tc.at)),
			} {
				var field *edit.FieldError
				if !errors.As(err, &field) || err.Error() != *want {
					t.Errorf("%s: want %s, got %v", tc.reason, *want, err)
				}
			}
			if diff := cmp.Diff(before, printed(t, doc)); diff != "" {
				t.Errorf("an error changes nothing: -want +got:\n%s", diff)
			}
		})
	}
}

func TestElementAliasBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0: &a0 [x]\n")
	for i := range 20 {
		fmt.Fprintf(&b, "a%d: &a%d [*a%d, *a%d]\n", i+1, i+1, i, i)
	}
	b.WriteString("patches: *a20\n")
	for name, change := range map[string]func() error{
		"Set": func() error {
			doc := parse(t, b.String())
			return apply(doc, edit.SetElement(patches, 0, ours(t)))
		},
		"Remove": func() error {
			doc := parse(t, b.String())
			return apply(doc, edit.Remove(patches, 0))
		},
	} {
		if err := change(); !errors.Is(err, edit.ErrTooManyAliases) {
			t.Errorf("%s: want ErrTooManyAliases, got %v", name, err)
		}
	}
}
