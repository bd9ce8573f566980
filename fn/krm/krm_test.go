package krm_test

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

const head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"

func TestParseErrors(t *testing.T) {
	cases := map[string]struct {
		reason string
		text   string
		want   string
	}{
		"Empty":          {"nothing came", "", "stdin: empty: want a ResourceList"},
		"Blank":          {"nothing but spaces came", " \n\n", "stdin: empty: want a ResourceList"},
		"Comment":        {"a comment is no document", "# nothing\n", "stdin: empty: want a ResourceList"},
		"Separators":     {"separators alone are none either", "---\n---\n", "stdin: empty: want a ResourceList"},
		"Null":           {"nor is a null", "null\n", "stdin: empty: want a ResourceList"},
		"NUL":            {"binary input", head + "items: []\n\x00", "stdin: holds a NUL byte: want a ResourceList in YAML or JSON"},
		"UTF8":           {"another encoding", head + "items: [] # gr\xfc\xdfe\n", "stdin: not UTF-8: want a ResourceList in UTF-8"},
		"UTF16":          {"what PowerShell writes", "\xff\xfea\x00", "stdin: not UTF-8: want a ResourceList in UTF-8"},
		"TwoDocuments":   {"a stream of manifests is no list", "---\n" + head + "items: []\n---\n" + head + "items: []\n", "stdin: several YAML documents: want one ResourceList" + krm.Plainly},
		"Scalar":         {"", "hello\n", `stdin: "hello": want a ResourceList`},
		"List":           {"", "- a\n", "stdin: a list: want a ResourceList"},
		"KindMissing":    {"", "apiVersion: config.kubernetes.io/v1\nitems: []\n", "stdin: kind: missing: want ResourceList"},
		"KindOther":      {"a manifest is no list", "apiVersion: v1\nkind: List\nitems: []\n", `stdin: kind: "List": want ResourceList` + krm.Plainly},
		"KindMap":        {"", "apiVersion: config.kubernetes.io/v1\nkind: {}\n", "stdin: kind: a map: want ResourceList"},
		"VersionMissing": {"", "kind: ResourceList\nitems: []\n", "stdin: apiVersion: missing: want config.kubernetes.io/v1 or config.kubernetes.io/v1beta1"},
		"VersionOther":   {"", "apiVersion: config.kubernetes.io/v1alpha1\nkind: ResourceList\n", `stdin: apiVersion: "config.kubernetes.io/v1alpha1": want config.kubernetes.io/v1 or config.kubernetes.io/v1beta1`},
		"ItemsString":    {"", head + "items: many\n", `stdin: items: "many": want a list`},
		"ItemsMap":       {"", head + "items: {}\n", "stdin: items: a map: want a list"},
		"ItemsTwice":     {"it is not for us to choose one", head + "items: []\nitems: [{kind: x}]\n", "stdin: items: written twice: want one"},
		"ResultsString":  {"", head + "items: []\nresults: none\n", `stdin: results: "none": want a list`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := krm.Parse([]byte(tc.text))
			if err == nil {
				t.Fatalf("%s: want an error", tc.reason)
			}
			if diff := cmp.Diff(tc.want, err.Error()); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestParseNotYAML(t *testing.T) {
	_, err := krm.Parse([]byte("items:\n- a: b\n c: d\n"))
	if err == nil || !strings.HasPrefix(err.Error(), "stdin: not YAML: ") || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("want an error that names stdin and the line, got %v", err)
	}
}

func TestReadError(t *testing.T) {
	_, err := krm.Read(iotest.ErrReader(errors.New("broken pipe")))
	if err == nil || err.Error() != "stdin: broken pipe" {
		t.Errorf("want stdin: broken pipe, got %v", err)
	}
}

func TestParse(t *testing.T) {
	cases := map[string]struct {
		reason string
		text   string
		want   []string // the names of the items
	}{
		"Items":            {"", head + "items:\n- metadata: {name: a}\n- metadata: {name: b}\n", []string{"a", "b"}},
		"Beta":             {"v1beta1 has the same content", "apiVersion: config.kubernetes.io/v1beta1\nkind: ResourceList\nitems: [{metadata: {name: a}}]\n", []string{"a"}},
		"ItemsNull":        {"null is an empty list", head + "items:\n", nil},
		"ItemsMissing":     {"as is none", head, nil},
		"ItemsAlias":       {"an alias is seen through", head + "x: &x\n- metadata: {name: a}\nitems: *x\n", []string{"a"}},
		"ItemOfAnyKind":    {"an item that is no object is not ours to judge", head + "items: [text, 5, null, [a]]\n", []string{"", "", "", ""}},
		"LeadingMarker":    {"", "---\n" + head + "items:\n- metadata: {name: a}\n", []string{"a"}},
		"TrailingMarker":   {"a separator at the end opens no second document", head + "items:\n- metadata: {name: a}\n---\n", []string{"a"}},
		"TrailingEnd":      {"nor does the end of the first", head + "items:\n- metadata: {name: a}\n...\n", []string{"a"}},
		"TrailingComments": {"nor does a comment", head + "items:\n- metadata: {name: a}\n---\n# the end\n", []string{"a"}},
		"JSON":             {"", `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"metadata":{"name":"a"}}]}`, []string{"a"}},
		"JSONTabs":         {"JSON may be indented with tabs", "{\n\t\"apiVersion\": \"config.kubernetes.io/v1\",\n\t\"kind\": \"ResourceList\",\n\t\"items\": [\n\t\t{\"metadata\": {\"name\": \"a\"}}\n\t]\n}\n", []string{"a"}},
		"JSONEscapes":      {"JSON has escapes that YAML lacks: of a slash, and of what lies beyond 16 bits in two halves", `{"apiVersion":"config.kubernetes.io\/v1","kind":"ResourceList","items":[{"metadata":{"name":"a\ud83d\ude00"}}]}`, []string{"a😀"}},
		"CRLF":             {"", strings.ReplaceAll(head+"items:\n- metadata: {name: a}\n", "\n", "\r\n"), []string{"a"}},
		"BOM":              {"", "\ufeff" + head + "items:\n- metadata: {name: a}\n", []string{"a"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			list, err := krm.Parse([]byte(tc.text))
			if err != nil {
				t.Fatalf("%s: %v", tc.reason, err)
			}
			var got []string
			for i, item := range list.Items {
				if item.Index != i {
					t.Errorf("item %d says that it is %d", i, item.Index)
				}
				got = append(got, edit.Text(item.Node(), "metadata", "name"))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// odd is a list in which everything is written as no printer would write it.
const odd = `# header

---   # the list
kind:   "ResourceList"
apiVersion: 'config.kubernetes.io/v1'
items:

  -   metadata: {name:   a}   # first
      data: &d
          text: >-
             folded
             twice
          "on": ~

  - metadata:
        name: b
    data: {<<: *d}
# the end
`

func TestBytesUnchanged(t *testing.T) {
	cases := map[string]struct {
		reason string
		text   string
	}{
		"Odd":             {"not a byte changes, however it is written", odd},
		"NoFinalNewline":  {"", head + "items: []"},
		"CRLF":            {"", strings.ReplaceAll(odd, "\n", "\r\n")},
		"JSON":            {"", `{"kind":"ResourceList","apiVersion":"config.kubernetes.io/v1","items":[{"a": 1e3}]}`},
		"Trailing":        {"", head + "items: []\n...\n"},
		"TrailingMarker":  {"", head + "items: []\n---\n"},
		"IncomingResults": {"", head + "items: []\nresults: [{severity: error, message: 'of another'}]\nother: 1\n"},
		"NullResults":     {"", head + "items: []\nresults:\n"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.text, write(t, tc.text, nil)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// write returns the list with the results, after the edit of its items if there is one.
func write(t *testing.T, text string, change func(*krm.ResourceList), results ...*fn.Result) string {
	t.Helper()
	list, err := krm.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(list)
	}
	got, err := list.Bytes(results)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := list.Bytes(results); err != nil || !bytes.Equal(again, got) {
		t.Errorf("written again: %v\n%s\nwas\n%s", err, again, got)
	}
	return string(got)
}

// TestBytesResults appends one result to lists of which no item was edited: the results
// are new lines, every other byte stays.
func TestBytesResults(t *testing.T) {
	const result = "- message: new\n  severity: info\n"
	cases := map[string]struct {
		reason string
		in     string
		want   string
	}{
		"Append": {
			reason: "the results come last",
			in:     head + "items:\n-   a:  1 # odd\n\n- b: 2\n",
			want:   head + "items:\n-   a:  1 # odd\n\n- b: 2\nresults:\n" + result,
		},
		"LeadingMarker": {
			reason: "a separator at the start stays",
			in:     "---\n" + head + "items: []\n",
			want:   "---\n" + head + "items: []\nresults:\n" + result,
		},
		"TrailingEnd": {
			reason: "the results belong before the end of the document",
			in:     head + "items: []\n...\n",
			want:   head + "items: []\nresults:\n" + result + "...\n",
		},
		"TrailingMarker": {
			reason: "and before a separator, beyond which lies another document",
			in:     head + "items: []\n---\n",
			want:   head + "items: []\nresults:\n" + result + "---\n",
		},
		"NoFinalNewline": {
			reason: "a line is ended before another follows",
			in:     head + "items:\n- a: 1",
			want:   head + "items:\n- a: 1\nresults:\n" + result,
		},
		"FinalComment": {
			reason: "comments at the end stay",
			in:     head + "items:\n- a: 1\n# the end\n",
			want:   head + "items:\n- a: 1\n# the end\nresults:\n" + result,
		},
		"BlockScalarKeep": {
			reason: "a block scalar at the end that keeps its line ends gets none of our lines",
			in:     head + "items:\n- a: |+\n    text\n\n",
			want:   head + "items:\n- a: |+\n    text\n\nresults:\n" + result,
		},
		"BlockScalarNoNewline": {
			reason: "one that ends with the input has no line end: it must not get one, so the list is written anew",
			in:     head + "items:\n- a: |\n    text",
			want:   head + "items:\n- a: |-\n    text\nresults:\n" + result,
		},
		"BlockScalarAtTop": {
			reason: "a block scalar as the last field of the list itself is no harm",
			in:     head + "items: []\nnote: |\n  text\n",
			want:   head + "items: []\nnote: |\n  text\nresults:\n" + result,
		},
		"Block": {
			reason: "results that are there go on",
			in:     head + "items: []\nresults:\n- {message: old} # kept\n",
			want:   head + "items: []\nresults:\n- {message: old} # kept\n" + result,
		},
		"BlockIndented": {
			reason: "with the indent that they have",
			in:     head + "items: []\nresults:\n  - message: old\n",
			want:   head + "items: []\nresults:\n  - message: old\n  - message: new\n    severity: info\n",
		},
		"BlockScalarLast": {
			reason: "what looks like a comment in a block scalar is text, and blank lines that it keeps are",
			in:     head + "results:\n- message: |+\n    old\n    # text\n\nitems:\n-   a:  1\n",
			want:   head + "results:\n- message: |+\n    old\n    # text\n\n" + result + "items:\n-   a:  1\n",
		},
		"BlockNotLast": {
			reason: "where they stand",
			in:     head + "results:\n- message: old\n\n# of the items\nitems: [] # none\n",
			want:   head + "results:\n- message: old\n" + result + "\n# of the items\nitems: [] # none\n",
		},
		"BlockBeforeEnd": {
			reason: "",
			in:     head + "items: []\nresults:\n- message: old\n...\n",
			want:   head + "items: []\nresults:\n- message: old\n" + result + "...\n",
		},
		"Flow": {
			reason: "results in flow style become a block",
			in:     head + "items: []\nresults: [{message: old}]\nother: 1\n",
			want:   head + "items: []\nresults:\n- {message: old}\n" + result + "other: 1\n",
		},
		"Empty": {
			reason: "so does an empty list",
			in:     head + "items: []\nresults: []\nother: 1\n",
			want:   head + "items: []\nresults:\n" + result + "other: 1\n",
		},
		"Null": {
			reason: "and a null",
			in:     head + "items: []\nresults:\nother: 1\n",
			want:   head + "items: []\nresults:\n" + result + "other: 1\n",
		},
		"IndentedRoot": {
			reason: "a list that is indented as a whole keeps its margin",
			in:     "  apiVersion: config.kubernetes.io/v1\n  kind: ResourceList\n  items: []\n",
			want:   "  apiVersion: config.kubernetes.io/v1\n  kind: ResourceList\n  items: []\n  results:\n  - message: new\n    severity: info\n",
		},
		"JSON": {
			reason: "JSON stays JSON, which is YAML",
			in:     `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[ ]}` + "\n",
			want:   `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[ ],"results":[{"message":"new","severity":"info"}]}` + "\n",
		},
		"JSONWide": {
			reason: "the brace at the end stays where it is",
			in:     "{\n  \"apiVersion\": \"config.kubernetes.io/v1\",\n  \"kind\": \"ResourceList\",\n  \"items\": []\n}",
			want:   "{\n  \"apiVersion\": \"config.kubernetes.io/v1\",\n  \"kind\": \"ResourceList\",\n  \"items\": [],\"results\":[{\"message\":\"new\",\"severity\":\"info\"}]\n}",
		},
		"JSONResults": {
			reason: "a JSON list with results is written anew, as YAML",
			in:     `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"a": "true"}],"results":[{"message":"old"}]}`,
			want:   head + "items:\n- a: \"true\"\nresults:\n- message: old\n" + result,
		},
		"ItemsMissing": {
			reason: "a list has items",
			in:     head,
			want:   head + "items: []\nresults:\n" + result,
		},
		"ItemsNull": {
			reason: "",
			in:     head + "items:\n",
			want:   head + "items: []\nresults:\n" + result,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := write(t, tc.in, nil, &fn.Result{Message: "new", Severity: fn.Info})
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
			again := write(t, got, nil, &fn.Result{Message: "new", Severity: fn.Info})
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("a result that is there is not appended again: -first +second:\n%s", diff)
			}
		})
	}
}

func TestBytesKnownResults(t *testing.T) {
	in := head + `items: []
results:
- severity: warning
  message: given
  resourceRef: {kind: ServiceAccount, apiVersion: v1, name: a}
  field:
    path: metadata.name
    currentValue: "5"
  file: {path: a.yaml, index: 3}
`
	given := func() *fn.Result {
		return &fn.Result{
			Message: "given", Severity: fn.Warning,
			ResourceRef: &fn.ResourceRef{APIVersion: "v1", Kind: "ServiceAccount", Name: "a"},
			Field:       &fn.Field{Path: "metadata.name", CurrentValue: "5"},
			File:        &fn.File{Path: "a.yaml", Index: 3},
		}
	}
	cases := map[string]struct {
		reason string
		change func(*fn.Result)
		known  bool
	}{
		"Same":     {"the order of keys and the style do not count", func(*fn.Result) {}, true},
		"Message":  {"", func(r *fn.Result) { r.Message = "another" }, false},
		"Severity": {"", func(r *fn.Result) { r.Severity = fn.Error }, false},
		"Object":   {"", func(r *fn.Result) { r.ResourceRef.Namespace = "b" }, false},
		"Field":    {"", func(r *fn.Result) { r.Field.CurrentValue = "6" }, false},
		"Type":     {"a number is not the string of its digits", func(r *fn.Result) { r.Field.CurrentValue = 5 }, false},
		"File":     {"", func(r *fn.Result) { r.File.Index = 4 }, false},
		"Less":     {"", func(r *fn.Result) { r.File = nil }, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			result := given()
			tc.change(result)
			got := write(t, in, nil, result, result)
			if (got == in) != tc.known {
				t.Errorf("%s: known: want %v, got:\n%s", tc.reason, tc.known, got)
			}
			if n := strings.Count(got, "\n- "); !tc.known && n != 2 {
				t.Errorf("a result that comes twice is appended once: got %d results:\n%s", n, got)
			}
		})
	}
}

// TestBytesEdited prints lists of which the first item was edited.
func TestBytesEdited(t *testing.T) {
	cases := map[string]struct {
		reason string
		in     string
		want   string
	}{
		"Compact": {
			reason: "sequences are indented as the list of items is",
			in:     head + "items:\n- list:\n  - a\n# of b\n- b: 'x' # beside\n",
			want:   head + "items:\n- list:\n  - a\n  metadata:\n    name: new\n# of b\n- b: 'x' # beside\n",
		},
		"Wide": {
			reason: "be it wide",
			in:     head + "items:\n  - list:\n      - a\n",
			want:   head + "items:\n  - list:\n      - a\n    metadata:\n      name: new\n",
		},
		"JSON": {
			reason: "JSON becomes YAML, with the quotes that YAML needs",
			in:     `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"a":"true","b":["x",5,null],"c":{},"d":[],"e":""}]}`,
			want:   head + "items:\n- a: \"true\"\n  b:\n  - x\n  - 5\n  - null\n  c: {}\n  d: []\n  e: \"\"\n  metadata:\n    name: new\n",
		},
		"Order": {
			reason: "the order of keys stays, at the top too",
			in:     "x: 1\nitems:\n- z: 1\n  a: 2\nkind: ResourceList\napiVersion: config.kubernetes.io/v1beta1\n",
			want:   "x: 1\nitems:\n- z: 1\n  a: 2\n  metadata:\n    name: new\nkind: ResourceList\napiVersion: config.kubernetes.io/v1beta1\n",
		},
		"LongLines": {
			reason: "long lines are not folded",
			in:     head + "items:\n- a: " + strings.Repeat("word ", 60) + "end\n",
			want:   head + "items:\n- a: " + strings.Repeat("word ", 60) + "end\n  metadata:\n    name: new\n",
		},
		"MergeKey": {
			reason: "a merge key of another item stays as it is written",
			in:     head + "items:\n- a: b\n- x: &x {c: d}\n  y:\n    <<: *x\n",
			want:   head + "items:\n- a: b\n  metadata:\n    name: new\n- x: &x {c: d}\n  y:\n    <<: *x\n",
		},
		"SharedItem": {
			reason: "an item that another repeats through an alias changes alone",
			in:     head + "items:\n- &i\n  a: b\n- *i\n",
			want:   head + "items:\n- a: b\n  metadata:\n    name: new\n- a: b\n",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := write(t, tc.in, func(list *krm.ResourceList) {
				if err := list.Items[0].Apply(edit.Set(edit.Path{"metadata", "name"}, "new")); err != nil {
					t.Fatal(err)
				}
			})
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestReset(t *testing.T) {
	text := head + "items:\n-   a: b # odd\n"
	got := write(t, text, func(list *krm.ResourceList) {
		if err := list.Items[0].Apply(edit.Set(edit.Path{"a"}, "new")); err != nil {
			t.Fatal(err)
		}
		list.Reset()
	})
	if diff := cmp.Diff(text, got); diff != "" {
		t.Errorf("the edit is undone, to the byte: -want +got:\n%s", diff)
	}
	got = write(t, text, func(list *krm.ResourceList) {
		list.Reset()
		if err := list.Items[0].Apply(edit.Set(edit.Path{"a"}, "new")); err != nil {
			t.Fatal(err)
		}
	})
	if diff := cmp.Diff(head+"items:\n-   a: new # odd\n", got); diff != "" {
		t.Errorf("the items of a list that was reset can be edited: -want +got:\n%s", diff)
	}
}

func TestUnreadable(t *testing.T) {
	got := krm.Unreadable(fn.Results{{Message: "stdin: empty", Severity: fn.Error}})
	want := head + "items: []\nresults:\n- message: 'stdin: empty'\n  severity: error\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, err := krm.Parse(got); err != nil {
		t.Errorf("the next function can read it: %v", err)
	}
}

func TestItemFile(t *testing.T) {
	cases := map[string]struct {
		reason string
		item   string
		want   *fn.File
	}{
		"None":      {"", "{metadata: {name: a}}", nil},
		"Path":      {"", "{metadata: {annotations: {internal.config.kubernetes.io/path: a/b.yaml}}}", &fn.File{Path: "a/b.yaml"}},
		"Index":     {"", "{metadata: {annotations: {internal.config.kubernetes.io/path: a/b.yaml, internal.config.kubernetes.io/index: '2'}}}", &fn.File{Path: "a/b.yaml", Index: 2}},
		"Legacy":    {"older orchestrators leave out internal.", "{metadata: {annotations: {config.kubernetes.io/path: a/b.yaml, config.kubernetes.io/index: '2'}}}", &fn.File{Path: "a/b.yaml", Index: 2}},
		"Both":      {"the newer name wins", "{metadata: {annotations: {config.kubernetes.io/path: old.yaml, internal.config.kubernetes.io/path: new.yaml}}}", &fn.File{Path: "new.yaml"}},
		"IndexOnly": {"an index says nothing without a path", "{metadata: {annotations: {internal.config.kubernetes.io/index: '2'}}}", nil},
		"BadIndex":  {"", "{metadata: {annotations: {internal.config.kubernetes.io/path: a.yaml, internal.config.kubernetes.io/index: two}}}", &fn.File{Path: "a.yaml"}},
		"Kustomize": {"under kustomize kyaml made the path up", "{metadata: {annotations: {internal.config.kubernetes.io/path: a.yaml, kustomize.config.k8s.io/id: '1'}}}", nil},
		"NotAMap":   {"", "text", nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			list, err := krm.Parse([]byte(head + "items:\n- " + tc.item + "\n"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, list.Items[0].File()); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestItemRef(t *testing.T) {
	cases := map[string]struct {
		reason string
		item   string
		want   *fn.ResourceRef
	}{
		"Full":         {"", "{apiVersion: v1, kind: A, metadata: {name: n, namespace: s}}", &fn.ResourceRef{APIVersion: "v1", Kind: "A", Name: "n", Namespace: "s"}},
		"NoNamespace":  {"", "{apiVersion: v1, kind: A, metadata: {name: n}}", &fn.ResourceRef{APIVersion: "v1", Kind: "A", Name: "n"}},
		"NoName":       {"the specification requires a name", "{apiVersion: v1, kind: A}", nil},
		"NoKind":       {"", "{apiVersion: v1, metadata: {name: n}}", nil},
		"NoVersion":    {"", "{kind: A, metadata: {name: n}}", nil},
		"NumberAsName": {"", "{apiVersion: v1, kind: A, metadata: {name: 5}}", nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			list, err := krm.Parse([]byte(head + "items:\n- " + tc.item + "\n"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, list.Items[0].Ref()); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestReport adds findings in disorder.
func TestReport(t *testing.T) {
	list, err := krm.Parse([]byte(head + `items:
- {apiVersion: v1, kind: A, metadata: {name: first, namespace: s}}
- {kind: A}
functionConfig: {apiVersion: fn.kpt.dev/v1alpha1, kind: FluxWorkloadIdentity, metadata: {name: config}}
`))
	if err != nil {
		t.Fatal(err)
	}
	report := krm.NewReport(list)
	report.Item(fn.Warning, list.Items[1], nil, "about the second")
	report.Item(fn.Error, list.Items[1], edit.Path{"metadata", "name"}, "missing")
	report.Item(fn.Warning, list.Items[0], edit.Path{"metadata", "b"}, "b")
	if !report.Failed() {
		t.Error("an error was reported")
	}
	report.Change(list.Items[0], edit.Path{"metadata", "a"}, "old", "new", "changed")
	report.Item(fn.Info, list.Items[0], nil, "about the first")
	report.Config(fn.Error, "spec.z", "z:\nin two\x1blines")
	report.Config(fn.Warning, "spec.a", "a")
	report.Config(fn.Error, "", "about the stream")

	var log bytes.Buffer
	if err := krm.WriteLog(&log, list, report.Results()); err != nil {
		t.Fatal(err)
	}
	// The configuration comes first in the order of its findings, then the items in theirs;
	// what is only an info is not logged. Whatever a message holds, it is one line.
	want := `error: spec.z: z:\nin two\x1blines
warning: spec.a: a
error: about the stream
warning: A s/first: metadata.b: b
warning: items[1]: about the second
error: items[1].metadata.name: missing
`
	if diff := cmp.Diff(want, log.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	var messages []string
	for _, r := range report.Results() {
		messages = append(messages, r.Message)
	}
	wantMessages := []string{
		"z:\nin two\x1blines", "a", "about the stream", "about the first", "changed", "b",
		"items[1]: about the second", "items[1].metadata.name: missing",
	}
	if diff := cmp.Diff(wantMessages, messages); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	change := report.Results()[4]
	if diff := cmp.Diff(&fn.Field{Path: "metadata.a", CurrentValue: "old", ProposedValue: "new"}, change.Field); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestLogWithoutList checks that a result is said where there is no list.
func TestLogWithoutList(t *testing.T) {
	var log bytes.Buffer
	result := &fn.Result{Severity: fn.Error, Message: "m", ResourceRef: &fn.ResourceRef{APIVersion: "v1", Kind: "A", Name: "a"}}
	if err := krm.WriteLog(&log, nil, fn.Results{result}); err != nil || log.String() != "error: A a: m\n" {
		t.Errorf("%v: %q", err, log.String())
	}
}

func TestReportWithoutConfigName(t *testing.T) {
	list, err := krm.Parse([]byte(head + "items: []\nfunctionConfig: {kind: FluxWorkloadIdentity}\n"))
	if err != nil {
		t.Fatal(err)
	}
	report := krm.NewReport(list)
	report.Config(fn.Error, "spec", "missing")
	got := report.Results()[0]
	if got.Message != "spec: missing" || got.ResourceRef != nil || got.Field != nil {
		t.Errorf("the field belongs into the message where no object can be named: got %+v", got)
	}
	if krm.NewReport(list).Failed() {
		t.Error("a report without findings has not failed")
	}
}

// TestReportOrder says that numbers in the paths of one item are compared by their value.
func TestReportOrder(t *testing.T) {
	list, err := krm.Parse([]byte("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- apiVersion: v1\n  kind: A\n  metadata: {name: a}\n"))
	if err != nil {
		t.Fatal(err)
	}
	patches := edit.Path{"patches"}
	want := []edit.Path{{"a9"}, patches, patches.At(1), patches.At(2), patches.At(9).With("target"), patches.At(10), patches.At(10).With("target"), patches.At(100), {"z"}}
	report := krm.NewReport(list)
	for i := range want {
		report.Item(fn.Warning, list.Items[0], want[i*7%len(want)], "x")
	}
	var paths, got []string
	for i, r := range report.Results() {
		paths, got = append(paths, want[i].String()), append(got, r.Field.Path)
	}
	if diff := cmp.Diff(paths, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// unseen are characters that cannot be seen, and texts that a terminal would obey.
var unseen = []string{
	"\u202e", "\u2066", "\u200b", "\ufeff", "\u2028", "\u2029", "\u0085", "\u009b", "\x1b[2J", "\x7f", "\t", "\r", "\n",
	"\u00a0", "\u00ad", "\U000e0041", "\ue000", "\ufffe", "\ufffd",
}

// TestLogIsVisible checks that all of a line can be seen, whoever wrote its parts, and that
// nothing that can be seen is changed.
func TestLogIsVisible(t *testing.T) {
	for _, odd := range append(unseen, "\xff", "\xe2\x80") {
		list, err := krm.Parse([]byte(head + "items:\n- {apiVersion: v1, kind: A, metadata: {name: a}}\n"))
		if err != nil {
			t.Fatal(err)
		}
		const plain = "größe \u540d \U0001f600 \\ \"é\""
		report := krm.NewReport(list)
		list.Items[0].Refer(&fn.ResourceRef{APIVersion: "v1", Kind: "K" + odd, Name: "n" + odd, Namespace: "s" + odd})
		report.Item(fn.Error, list.Items[0], edit.Path{"f"}, plain+odd)
		var log bytes.Buffer
		if err := krm.WriteLog(&log, list, report.Results()); err != nil {
			t.Fatal(err)
		}
		escaped := strings.Trim(strconv.Quote(odd), `"`)
		want := fmt.Sprintf("error: K%s s%s/n%s: f: %s%s\n", escaped, escaped, escaped, plain, escaped)
		if diff := cmp.Diff(want, log.String()); diff != "" {
			t.Errorf("%q: -want +got:\n%s", odd, diff)
		}
	}
}

// TestResultsAreReadAgain checks that a result that says what cannot be seen is the same for
// who reads the list, in each form of one, and comes once.
func TestResultsAreReadAgain(t *testing.T) {
	for _, odd := range unseen {
		for _, in := range []string{
			head + "items: []\n", head + "items: []\nresults:\n- {message: x}\n", "{apiVersion: config.kubernetes.io/v1, kind: ResourceList, items: []}\n",
			`{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": []}`,
		} {
			result := &fn.Result{Message: "a" + odd + "b: \"" + odd, Severity: fn.Error, ResourceRef: &fn.ResourceRef{APIVersion: "v1", Kind: "A", Name: odd}, Field: &fn.Field{Path: odd}}
			got := write(t, in, nil, result)
			list, err := krm.Parse([]byte(got))
			if err != nil {
				t.Errorf("%q: %v\n%s", odd, err, got)
				continue
			}
			again, err := list.Bytes(fn.Results{result})
			if err != nil || string(again) != got {
				t.Errorf("%q: %v: written again:\n%s", odd, err, cmp.Diff(got, string(again)))
			}
		}
	}
}
