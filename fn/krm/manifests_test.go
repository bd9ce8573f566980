package krm_test

import (
	"strings"
	"testing"

	"github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// annotate sets an annotation on each ServiceAccount.
func annotate(t testing.TB, list *krm.ResourceList) {
	t.Helper()
	for _, item := range list.Items {
		if item.MayBe("ServiceAccount") {
			if err := item.Apply(edit.Set(edit.Path{"metadata", "annotations", "k"}, "v")); err != nil {
				t.Fatal(err)
			}
		}
	}
}

const (
	account   = "kind: ServiceAccount\nmetadata:\n  name: x\n"
	annotated = "kind: ServiceAccount\nmetadata:\n  annotations:\n    k: v\n  name: x\n"
)

func TestManifests(t *testing.T) {
	cases := map[string]struct {
		reason string
		in     string
		want   string // "" for the input
		items  int
	}{
		"Empty":         {"nothing is no object", "", "", 0},
		"Comments":      {"nor are comments", "# a\n---\n# b\n...\n", "", 0},
		"NotMaps":       {"what is no object passes through", "text\n---\n- kind: ServiceAccount\n---\nnull\n---\n1\n", "", 0},
		"Alone":         {"no marker is needed", account, annotated, 1},
		"Header":        {"what stands above the first key stays", "---\n# c\n\n# d\n" + account, "---\n# c\n\n# d\n" + annotated, 1},
		"Neighbours":    {"documents beside it stay as they are", "a:   1\n---  \nb:\n    - 1\n---\n" + account + "---\n\n\nc: 'x'  \n", "a:   1\n---  \nb:\n    - 1\n---\n" + annotated + "---\n\n\nc: 'x'  \n", 1},
		"Ends":          {"... ends a document too", account + "...\n# c\n---\n" + account + "...\n", annotated + "...\n# c\n---\n" + annotated + "...\n", 2},
		"Bare":          {"after ... a document needs no marker", "a: 1\n...\n" + account, "a: 1\n...\n" + annotated, 1},
		"Below":         {"comments and blank lines below stay", account + "# c\n\n  # d\n---\n", annotated + "# c\n\n  # d\n---\n", 1},
		"Unended":       {"the last line may lack its end", strings.TrimSuffix(account, "\n"), strings.TrimSuffix(annotated, "\n"), 1},
		"UnendedAtEnd":  {"what is added at the end has none either", "kind: ServiceAccount\nmetadata:\n  annotations:\n    a: b", "kind: ServiceAccount\nmetadata:\n  annotations:\n    a: b\n    k: v", 1},
		"UnendedBlock":  {"the data ends without a line feed, which a line below would add", "kind: ServiceAccount\na: |\n  x", "kind: ServiceAccount\na: |-\n  x\nmetadata:\n  annotations:\n    k: v", 1},
		"CRLF":          {"as Windows has it", strings.ReplaceAll("---\n"+account+"---\na: b\n", "\n", "\r\n"), strings.ReplaceAll("---\n"+annotated+"---\na: b\n", "\n", "\r\n"), 1},
		"CRLFPrinted":   {"a document that is printed keeps its line ends; the printer sets its header apart", "# c\r\nkind: ServiceAccount\r\nmetadata: {name: x} # d\r\n", "# c\r\n\r\nkind: ServiceAccount\r\nmetadata: {annotations: {k: v}, name: x} # d\r\n", 1},
		"LoneCR":        {"a line break to the parser and to nobody else", "a: 1\rb: 2\n---\nkind: ServiceAccount\rb: 2\n", "a: 1\rb: 2\n---\nkind: ServiceAccount\nb: 2\nmetadata:\n  annotations:\n    k: v\n", 1},
		"Separators":    {"so are these", "kind: ServiceAccount\nb: \"x\u2028y\"\n", "kind: ServiceAccount\nb: \"x\\Ly\"\nmetadata:\n  annotations:\n    k: v\n", 1},
		"BOM":           {"as Windows has it, too", "\ufeff---\n" + account, "\ufeff---\n" + annotated, 1},
		"BOMAlone":      {"", "\ufeff" + account, "\ufeff" + annotated, 1},
		"Marker":        {"a comment on the line of the marker", "--- # c\n" + account, "--- # c\n" + annotated, 1},
		"MarkerFlow":    {"an object on the line of the marker", "--- {a: b}\n--- {kind: ServiceAccount}\n", "--- {a: b}\n---\nkind: ServiceAccount\nmetadata:\n  annotations:\n    k: v\n", 1},
		"MarkerTag":     {"a tag on it", "--- !!map\n" + account, "--- !!map\n" + annotated, 1},
		"MarkerScalar":  {"text on it", "--- text\n--- |\n  a\n---\n" + account, "--- text\n--- |\n  a\n---\n" + annotated, 1},
		"Directive":     {"says nothing that matters", "# c\n%YAML 1.2\n---\n" + account + "...\n%YAML 1.1\n---\n" + account, "# c\n%YAML 1.2\n---\n" + annotated + "...\n%YAML 1.1\n---\n" + annotated, 2},
		"NotMarkers":    {"a marker is a word at the beginning of a line", "a: |\n  ---\n  ...\n---x: 1\n---\nb: |2\n   ---\n  ...\n--- \nc: ....\n", "", 0},
		"JSON":          {"one object to a document; what is edited becomes YAML", "{\"a\": \"b\"}\n---\n{\n\t\"kind\": \"ServiceAccount\",\n\t\"a\": \"\\/\"\n}\n", "{\"a\": \"b\"}\n---\nkind: ServiceAccount\na: /\nmetadata:\n  annotations:\n    k: v\n", 1},
		"Anchors":       {"those of one document are not those of another", "a: &x 1\nb: *x\n---\nkind: ServiceAccount\na: &x 2\nb: *x\n---\na: &x 3\nb: *x\n", "a: &x 1\nb: *x\n---\nkind: ServiceAccount\na: &x 2\nb: *x\nmetadata:\n  annotations:\n    k: v\n---\na: &x 3\nb: *x\n", 1},
		"AnchorShared":  {"an anchored map stays that of its aliases", "kind: ServiceAccount\nmetadata:\n  annotations: &a\n    x: y\nother: *a\n", "kind: ServiceAccount\nmetadata:\n  annotations:\n    k: v\n    x: y\nother:\n  x: y\n", 1},
		"ColumnZero":    {"lines that go on at the first column", account + "a: \"x\ny\n\n z\"\nb: 'x\n\ny'\n", annotated + "a: \"x\ny\n\n z\"\nb: 'x\n\ny'\n", 1},
		"Tabs":          {"between words", "kind:\tServiceAccount\t# c\na:\t1\nmetadata:\n  name:\tx\n", "kind:\tServiceAccount\t# c\na:\t1\nmetadata:\n  annotations:\n    k: v\n  name:\tx\n", 1},
		"Blocks":        {"with and without indicators", "a: |2\n    x\n  y\nb: >1-\n x\n  y\n\n z\n" + account + "c: |+\n  x\n\n---\n", "a: |2\n    x\n  y\nb: >1-\n x\n  y\n\n z\n" + annotated + "c: |+\n  x\n\n---\n", 1},
		"BlocksAtEnd":   {"a line below |+ would take its blank lines", "kind: ServiceAccount\na: |+\n  x\n\n---\n", "kind: ServiceAccount\na: |+\n  x\n\nmetadata:\n  annotations:\n    k: v\n---\n", 1},
		"MarkerCR":      {"a carriage return ends a comment, and what follows is the document", "--- # c\rkind: A\n---\n" + account, "--- # c\rkind: A\n---\n" + annotated, 2},
		"Comments0":     {"at the first column within maps", "kind: ServiceAccount\nmetadata:\n# c\n  labels:\n# d\n    a: b\n# e\n  name: x # f\n# g\n", "kind: ServiceAccount\nmetadata:\n# c\n  annotations:\n    k: v\n  labels:\n# d\n    a: b\n# e\n  name: x # f\n# g\n", 1},
		"Trailing":      {"blanks at the ends of lines", "kind: ServiceAccount  \nmetadata:  \n  name: x  \n  \n", "kind: ServiceAccount  \nmetadata:  \n  annotations:\n    k: v\n  name: x  \n  \n", 1},
		"Indented":      {"a document that does not begin at the first column", "  kind: ServiceAccount\n  metadata:\n    name: x\n", "  kind: ServiceAccount\n  metadata:\n    annotations:\n      k: v\n    name: x\n", 1},
		"KindQuoted":    {"is one all the same", "\"kind\": 'ServiceAccount'\nmetadata:\n  name: x\n", "\"kind\": 'ServiceAccount'\nmetadata:\n  annotations:\n    k: v\n  name: x\n", 1},
		"List":          {"one that holds nothing for us", "apiVersion: v1\nkind: List\nitems:\n- kind: Secret\n", "", 1},
		"ForeignKind":   {"another's ResourceList", "apiVersion: example.com/v1\nkind: ResourceList\nitems: []\n", "", 0},
		"TemplateInMap": {"a map to YAML, whatever was meant", "a: {{ x }}\n", "", 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			want := tc.want
			if want == "" {
				want = tc.in
			}
			list, err := krm.ParseManifests(krm.Stream{}, krm.Stream{Text: []byte(tc.in)})
			if err != nil {
				t.Fatal(err)
			}
			if len(list.Items) != tc.items {
				t.Errorf("%s: %d items, want %d", tc.reason, len(list.Items), tc.items)
			}
			checkManifests(t, tc.reason+": unedited", list, tc.in)
			annotate(t, list)
			checkManifests(t, tc.reason, list, want)
			list.Reset()
			checkManifests(t, tc.reason+": after Reset", list, tc.in)
			annotate(t, list)
			checkManifests(t, tc.reason+": edited after Reset", list, want)
		})
	}
}

func checkManifests(t *testing.T, reason string, list *krm.ResourceList, want string) {
	t.Helper()
	out, err := list.Manifests()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(out[0].Text)); diff != "" {
		t.Errorf("%s: -want +got:\n%s", reason, diff)
	}
}

func TestManifestsErrors(t *testing.T) {
	const two = "# c\na: 1\n---\n---\n# d\n"
	cases := map[string]struct {
		reason, in, want string
	}{
		"ResourceList":       {"it has another way in", "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n", "stdin: document 1, line 1: a ResourceList: want plain manifests with --fn-config; leave --fn-config out for a ResourceList with a functionConfig of its own"},
		"JSONList":           {"so has its other form", `{"kind": "ResourceList", "apiVersion": "config.kubernetes.io/v1beta1"}`, "stdin: document 1, line 1: a ResourceList: want plain manifests with --fn-config; leave --fn-config out for a ResourceList with a functionConfig of its own"},
		"NotYAML":            {"the line is that of the stream", two + "a: b\n c: d\n", "stdin: document 2, line 7: not YAML: mapping values are not allowed in this context: want plain YAML"},
		"NotYAMLExpected":    {"which the parser counts in another way", two + "a: 1\nb: [\n", "stdin: document 2, line 8: not YAML: did not find expected node content: want plain YAML"},
		"Template":           {"of Helm", two + "a: 1\n{{- if x }}\nb: 2\n{{- end }}\n", "stdin: document 2, line 7: not YAML: could not find expected ':': want plain YAML; render templates first"},
		"Quote":              {"a marker ends a document, whatever is open", "a: \"b\n---\nc\"\n", "stdin: document 1, line 2: not YAML: found unexpected end of stream: want plain YAML"},
		"OtherAnchor":        {"an alias is one of its own document", "a: &x 1\n---\nb: *x\n", "stdin: document 2, line 3: not YAML: unknown anchor 'x' referenced: want plain YAML"},
		"UTF8":               {"", two + "a: 1\nb: gr\xfc\xdfe\n", "stdin: document 2, line 7: not UTF-8: want plain YAML in UTF-8"},
		"UTF16":              {"what PowerShell writes", "\xff\xfea\x00", "stdin: document 1, line 1: not UTF-8: want plain YAML in UTF-8"},
		"NUL":                {"", two + "a: 1\nb: \x00\n", "stdin: document 2, line 7: a NUL byte: want plain YAML"},
		"CommentUTF8":        {"in a comment too", "# gr\xfc\xdfe\n", "stdin: document 1, line 1: not UTF-8: want plain YAML in UTF-8"},
		"CommentCR":          {"which ends for the parser where it does not for us", "# a\r--- {a: b}\r---\rc: d\n", "stdin: document 1, line 1: a --- that not every program takes for the end of a document: want lines that end in LF or CRLF"},
		"DirectiveAlone":     {"without a name", "# c\n%\n---\na: 1\n", "stdin: line 1: \"%\": want no directives but %YAML"},
		"DirectiveTerraform": {"which is no directive", "%{ if x }\n---\na: 1\n", "stdin: line 1: \"%{\": want no directives but %YAML; render templates first"},
		"Tag":                {"the document depends on it", "%TAG ! tag:example.com,2000:\n---\na: 1\n", `stdin: line 1: "%TAG": want no directives but %YAML`},
		"AfterEnd":           {"a document begins below", "a: 1\n... b\n", `stdin: line 2: "b": want nothing after ... but a comment`},
		"MarkerMap":          {"YAML takes no key there", two + "--- a: b\n", "stdin: document 2, line 6: not YAML: mapping values are not allowed in this context: want plain YAML"},
		"CRMarkers":          {"markers to the parser, but not to us", "a: 1\r---\rb: 1\n", "stdin: document 1, line 1: a --- that not every program takes for the end of a document: want lines that end in LF or CRLF"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := krm.ParseManifests(krm.Stream{}, krm.Stream{Text: []byte(tc.in)})
			if err == nil || err.Error() != tc.want {
				t.Errorf("%s:\n got %v\nwant %s", tc.reason, err, tc.want)
			}
			_, err = krm.ParseManifests(krm.Stream{}, krm.Stream{Path: "a.yaml", Text: []byte("x: y\n")}, krm.Stream{Path: "b.yaml", Text: []byte(tc.in)})
			if want := "b.yaml" + strings.TrimPrefix(tc.want, "stdin"); err == nil || err.Error() != want {
				t.Errorf("%s: in a file:\n got %v\nwant %s", tc.reason, err, want)
			}
		})
	}
}

func TestManifestsConfig(t *testing.T) {
	cases := map[string]struct{ reason, config, kind, want string }{
		"Missing":  {"left to who decodes it", "# none\n", "", ""},
		"One":      {"with a marker, as people write it", "---\nkind: A\n---\n", "A", ""},
		"JSON":     {"", `{"kind": "A", "b": "\/"}`, "A", ""},
		"Two":      {"which one?", "kind: A\n---\nkind: B\n", "", "c.yaml: several YAML documents: want one functionConfig"},
		"NotYAML":  {"", "# c\n---\na: b\n c: d\n", "", "c.yaml: line 4: not YAML: mapping values are not allowed in this context: want plain YAML"},
		"AfterEnd": {"", "a: 1\n... b\n", "", `c.yaml: line 2: "b": want nothing after ... but a comment`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			list, err := krm.ParseManifests(krm.Stream{Path: "c.yaml", Text: []byte(tc.config)})
			if tc.want != "" {
				if err == nil || err.Error() != tc.want {
					t.Errorf("%s:\n got %v\nwant %s", tc.reason, err, tc.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if kind := edit.Text(list.FunctionConfig, "kind"); kind != tc.kind {
				t.Errorf("%s: kind %q", tc.reason, kind)
			}
		})
	}
}

// TestManifestsFile checks the files of items, which no annotation is needed for, and none
// can change.
func TestManifestsFile(t *testing.T) {
	const other = "kind: A\nmetadata:\n  name: x\n  annotations:\n    config.kubernetes.io/path: other.yaml\n"
	text := []byte("# c\n---\n" + other + "---\n---\ntext\n---\n" + other)
	list, err := krm.ParseManifests(krm.Stream{}, krm.Stream{Text: text}, krm.Stream{Path: "a/b.yaml", Text: text})
	if err != nil {
		t.Fatal(err)
	}
	var got []*fn.File
	for _, item := range list.Items {
		got = append(got, item.File())
	}
	want := []*fn.File{nil, nil, {Path: "a/b.yaml", Index: 0}, {Path: "a/b.yaml", Index: 2}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestManifestsTogether checks what the streams are as one.
func TestManifestsTogether(t *testing.T) {
	cases := map[string]struct {
		reason string
		in     []string
		want   string
	}{
		"Apart":     {"one that begins without a marker gets one", []string{"a: 1\n", "# c\nb: 2\n"}, "a: 1\n---\n# c\nb: 2\n"},
		"Marked":    {"one that has a marker keeps it", []string{"a: 1\n", "# c\n---\nb: 2\n"}, "a: 1\n# c\n---\nb: 2\n"},
		"Unended":   {"the last line gets an end", []string{"a: 1", "", "b: 2"}, "a: 1\n---\nb: 2"},
		"Directive": {"which stands after ... alone", []string{"a: 1\n", "%YAML 1.1\n---\nb: 2\n"}, "a: 1\n...\n%YAML 1.1\n---\nb: 2\n"},
		"BOM":       {"which stands at the beginning alone", []string{"\ufeffa: 1\n", "\ufeffb: 2\n"}, "\ufeffa: 1\n---\nb: 2\n"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var streams []krm.Stream
			for _, text := range tc.in {
				streams = append(streams, krm.Stream{Text: []byte(text)})
			}
			list, err := krm.ParseManifests(krm.Stream{}, streams...)
			if err != nil {
				t.Fatal(err)
			}
			got, err := list.Bytes(nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, string(got)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
