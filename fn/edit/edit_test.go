package edit_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// parse returns the document of a text.
func parse(t *testing.T, text string) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	return &doc
}

// print writes a document. The printer adds a tag to merge keys, which is not the
// concern of this package.
func printed(t *testing.T, doc *yaml.Node) string {
	t.Helper()
	var b bytes.Buffer
	e := yaml.NewEncoderWithOptions(&b, &yaml.EncoderOptions{SeqIndent: yaml.CompactSequenceStyle})
	if err := e.Encode(doc); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(b.String(), "!!merge <<", "<<")
}

// apply edits the nodes of a document.
func apply(doc *yaml.Node, ops ...edit.Op) error {
	_, err := edit.Apply(nil, doc, doc.Content[0], ops...)
	return err
}

func TestPathString(t *testing.T) {
	cases := map[string]struct {
		reason string
		path   edit.Path
		want   string
	}{
		"Empty":    {"the root has no name", edit.Path{}, ""},
		"Plain":    {"names are joined by dots", edit.Path{"spec", "template", "metadata"}, "spec.template.metadata"},
		"Slash":    {"kpt prints a key with a slash well in brackets", edit.Path{"metadata", "annotations", "eks.amazonaws.com/role-arn"}, "metadata.annotations[eks.amazonaws.com/role-arn]"},
		"Dot":      {"a dot would read as two names", edit.Path{"metadata", "labels", "a.b"}, "metadata.labels[a.b]"},
		"Brackets": {"brackets would read as an index", edit.Path{"a", "b[0]", "c"}, "a[b[0]].c"},
		"First":    {"the first name may need brackets too", edit.Path{"a.b", "c"}, "[a.b].c"},
		"Space":    {"a space would end the path", edit.Path{"a", "b c"}, "a[b c]"},
		"Index":    {"an index stands behind its list as it is", edit.Path{"spec", "patches"}.At(2), "spec.patches[2]"},
		"InIndex":  {"and a name behind an index as behind any other", edit.Path{"patches"}.At(10).With("target"), "patches[10].target"},
		"NoIndex":  {"brackets alone make no index", edit.Path{"a", "[]", "[x]"}, "a[[]][[x]]"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.path.String()); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

const shared = `
base: &base
  a: of base
  b: of base
more: &more {b: of more, c: of more}
text: &text shared
plain: {a: x}
alias: *base
value:
  key: *text
merged:
  <<: *base
  a: own
both:
  <<: [*base, *more]
quoted:
  "<<": *base
null: of the word null
nothing: null
number: 5
yes: of the word yes
`

func TestGet(t *testing.T) {
	cases := map[string]struct {
		reason string
		path   []string
		want   string // as Describe says it
	}{
		"Root":           {"no path leads nowhere", nil, "a map"},
		"Plain":          {"", []string{"plain", "a"}, `"x"`},
		"Missing":        {"", []string{"plain", "b"}, "missing"},
		"BelowMissing":   {"a path that ends early leads to nothing", []string{"none", "b"}, "missing"},
		"BelowScalar":    {"a scalar has no fields", []string{"number", "b"}, "missing"},
		"Null":           {"a null is as good as nothing", []string{"nothing"}, "missing"},
		"Alias":          {"an alias is seen through on the way", []string{"alias", "b"}, `"of base"`},
		"AliasAtEnd":     {"and at the end", []string{"value", "key"}, `"shared"`},
		"Own":            {"an own key hides a lent one", []string{"merged", "a"}, `"own"`},
		"Lent":           {"a merge key lends the rest", []string{"merged", "b"}, `"of base"`},
		"FirstOfSeveral": {"of several sources the first is the strongest", []string{"both", "b"}, `"of base"`},
		"LastOfSeveral":  {"and the others fill in", []string{"both", "c"}, `"of more"`},
		"QuotedMerge":    {"in quotes << is a key like any other", []string{"quoted", "a"}, "missing"},
		"WordAsKey":      {"a key counts as it is written, whatever YAML takes it for", []string{"yes"}, `"of the word yes"`},
		"Number":         {"", []string{"number"}, "5"},
	}
	doc := parse(t, shared)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, edit.Describe(edit.Get(doc.Content[0], tc.path...))); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestPairs(t *testing.T) {
	cases := map[string]struct {
		reason string
		text   string
		want   string
	}{
		"Order":      {"fields come as they are written, those that are lent last", "base: &b {z: 1, a: 2}\nmap: {<<: *b, c: 3, b: 4}", "c=3 b=4 z=1 a=2"},
		"Hidden":     {"what an own key hides does not come twice", "base: &b {a: 1, b: 2}\nmap: {a: 3, <<: *b}", "a=3 b=2"},
		"Twice":      {"a key that is written twice comes twice, so that one can say so", "map: {a: 1, a: 2}", "a=1 a=2"},
		"Several":    {"the first of several sources wins", "x: &x {a: 1}\ny: &y {a: 2, b: 3}\nmap: {<<: [*x, *y]}", "a=1 b=3"},
		"Nested":     {"sources have sources", "x: &x {a: 1}\ny: &y {<<: *x, b: 2}\nmap: {<<: *y, c: 3}", "c=3 b=2 a=1"},
		"Aliases":    {"keys and values may be aliases", "k: &k name\nv: &v value\nmap: {*k : *v}", `name="value"`},
		"ComplexKey": {"a key that is no scalar has no name", "map: {[a]: 1, b: 2}", "b=2"},
		"NoMap":      {"", "map: [a]", ""},
		"Null":       {"", "map:", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range edit.Pairs(edit.Get(parse(t, tc.text).Content[0], "map")) {
				got = append(got, p.Key+"="+edit.Describe(p.Value))
			}
			if diff := cmp.Diff(tc.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestText(t *testing.T) {
	cases := map[string]struct {
		reason string
		text   string
		want   string
	}{
		"String": {"", "a: b", "b"},
		"Quoted": {"in quotes a number is a string", `a: "5"`, "5"},
		"Block":  {"", "a: |-\n  b", "b"},
		"Tagged": {"a tag may say so too", "a: !!str 5", "5"},
		"Number": {"a number is none", "a: 5", ""},
		"Bool":   {"nor is a boolean", "a: true", ""},
		"Map":    {"nor is a map", "a: {b: c}", ""},
		"Null":   {"", "a: ~", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := edit.Text(parse(t, tc.text).Content[0], "a"); got != tc.want {
				t.Errorf("%s: want %q, got %q", tc.reason, tc.want, got)
			}
		})
	}
}

func TestElements(t *testing.T) {
	cases := map[string]struct {
		reason string
		text   string
		want   string
	}{
		"List":  {"aliases are seen through", "x: &x 1\na: [*x, b, {c: d}]", `1 "b" a map`},
		"Alias": {"of the list itself too", "x: &x [1]\na: *x", "1"},
		"Map":   {"a map has no elements", "a: {b: c}", ""},
		"Null":  {"", "a:", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, e := range edit.Elements(edit.Get(parse(t, tc.text).Content[0], "a")) {
				got = append(got, edit.Describe(e))
			}
			if diff := cmp.Diff(tc.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestDescribe(t *testing.T) {
	for text, want := range map[string]string{
		"a": `"a"`, `"5"`: `"5"`, "5": "5", "true": "true", "{}": "a map", "[]": "a list", "~": "null", "'a\"b'": `"a\"b"`,
	} {
		if got := edit.Describe(parse(t, text).Content[0]); got != want {
			t.Errorf("%s: want %s, got %s", text, want, got)
		}
	}
	if got := edit.Describe(nil); got != "missing" {
		t.Errorf("nothing: want missing, got %s", got)
	}
}

func TestCurrent(t *testing.T) {
	path := edit.Path{"metadata", "annotations", "key"}
	cases := map[string]struct {
		reason string
		text   string
		want   string // the value, or the error
	}{
		"Value":       {"", "metadata: {annotations: {key: value}}", `"value"`},
		"Missing":     {"what is missing can be made", "kind: x", "missing"},
		"NullMap":     {"so can what is null", "metadata: {annotations: }", "missing"},
		"NullValue":   {"", "metadata: {annotations: {key: }}", "null"},
		"Alias":       {"", "x: &x {key: value}\nmetadata: {annotations: *x}", `"value"`},
		"Map":         {"the value may be anything; it is the caller's to judge", "metadata: {annotations: {key: {}}}", "a map"},
		"ListAbove":   {"a list has no keys", "metadata: {annotations: [key]}", "metadata.annotations: a list: want a map"},
		"TextAbove":   {"nor has a string", "metadata: name", `metadata: "name": want a map`},
		"Twice":       {"readers differ in which of two keys they take", "metadata: {annotations: {key: a, key: b}}", "metadata.annotations.key: written twice: want one"},
		"ParentTwice": {"so they do for a parent", "metadata: {}\nmetadata: {annotations: {key: a}}", "metadata: written twice: want one"},
		"OtherTwice":  {"another key is not looked at", "metadata: {annotations: {key: a, x: 1, x: 2}}", `"a"`},
		"LentAndOwn":  {"hiding a lent key is not writing it twice", "x: &x {key: lent}\nmetadata: {annotations: {<<: *x, key: own}}", `"own"`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			n, err := edit.Current(parse(t, tc.text).Content[0], path)
			got := edit.Describe(n)
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestSet(t *testing.T) {
	role := edit.Path{"metadata", "annotations", "role"}
	cases := map[string]struct {
		reason string
		in     string
		path   edit.Path // role if nil
		value  string    // "new" if empty
		want   string
	}{
		"CreatesMaps": {
			reason: "maps on the way are created",
			in:     "kind: ServiceAccount\n",
			want:   "kind: ServiceAccount\nmetadata:\n  annotations:\n    role: new\n",
		},
		"NullMap": {
			reason: "a null becomes a map and keeps its comment",
			in:     "metadata:\n  annotations: # none yet\n  name: x\n",
			want:   "metadata:\n  annotations: # none yet\n    role: new\n  name: x\n",
		},
		"NullWord": {
			reason: "so does a null that is written out",
			in:     "metadata:\n  annotations: null\n  name: x\n",
			want:   "metadata:\n  annotations:\n    role: new\n  name: x\n",
		},
		"EmptyMap": {
			reason: "an empty map becomes a block, like the rest of the object",
			in:     "metadata:\n  annotations: {}\n  name: x\n",
			want:   "metadata:\n  annotations:\n    role: new\n  name: x\n",
		},
		"FlowMap": {
			reason: "a map in flow style stays one",
			in:     "metadata: {annotations: {a: b}, name: x}\n",
			want:   "metadata: {annotations: {a: b, role: new}, name: x}\n",
		},
		"Sorted": {
			reason: "in a sorted map a new key goes to its place, its neighbours keep their comments",
			in:     "metadata:\n  annotations:\n    # of a\n    a: b # after a\n    # of z\n    z: y\n",
			want:   "metadata:\n  annotations:\n    # of a\n    a: b # after a\n    role: new\n    # of z\n    z: y\n",
		},
		"SortedLast": {
			reason: "the last place is a place too",
			in:     "metadata:\n  annotations:\n    a: b\n",
			want:   "metadata:\n  annotations:\n    a: b\n    role: new\n",
		},
		"Unsorted": {
			reason: "in any other map it goes to the end",
			in:     "metadata:\n  annotations:\n    z: y\n    a: b\n",
			want:   "metadata:\n  annotations:\n    z: y\n    a: b\n    role: new\n",
		},
		"ParentSorted": {
			reason: "a new map finds its place as well",
			in:     "metadata:\n  labels: {a: b}\n  name: x\n",
			want:   "metadata:\n  annotations:\n    role: new\n  labels: {a: b}\n  name: x\n",
		},
		"ReplacesPlain": {
			reason: "a value is replaced where it stands, and keeps its comments",
			in:     "metadata:\n  annotations:\n    # above\n    role: old # beside\n    # below\n",
			want:   "metadata:\n  annotations:\n    # above\n    role: new # beside\n    # below\n",
		},
		"ReplacesSingleQuoted": {
			reason: "and its quotes",
			in:     "metadata:\n  annotations:\n    role: 'old'\n",
			want:   "metadata:\n  annotations:\n    role: 'new'\n",
		},
		"ReplacesDoubleQuoted": {
			reason: "of both kinds",
			in:     "metadata:\n  annotations:\n    role: \"old\"\n",
			want:   "metadata:\n  annotations:\n    role: \"new\"\n",
		},
		"ReplacesBlock": {
			reason: "a block scalar becomes a plain one: the value is one line",
			in:     "metadata:\n  annotations:\n    role: >-\n      old\n",
			want:   "metadata:\n  annotations:\n    role: new\n",
		},
		"ReplacesNull": {
			reason: "a null value keeps its comment",
			in:     "metadata:\n  annotations:\n    role: # to be filled in\n",
			want:   "metadata:\n  annotations:\n    role: new # to be filled in\n",
		},
		"ReplacesNumber": {
			reason: "what was a number gets the quotes that make it a string",
			in:     "metadata:\n  annotations:\n    role: 3600\n",
			value:  "7200",
			want:   "metadata:\n  annotations:\n    role: \"7200\"\n",
		},
		"ReplacesTagged": {
			reason: "a tag of another type goes",
			in:     "metadata:\n  annotations:\n    role: !!int \"5\"\n",
			want:   "metadata:\n  annotations:\n    role: new\n",
		},
		"SameNumber": {
			reason: "a number is not the string of its digits",
			in:     "metadata:\n  annotations:\n    role: 3600\n",
			value:  "3600",
			want:   "metadata:\n  annotations:\n    role: \"3600\"\n",
		},
		"SameValue": {
			reason: "a value that is right is left alone, in whatever style",
			in:     "metadata: &m\n  annotations:\n    role: >-\n      new\nother: *m\n",
			want:   "metadata: &m\n  annotations:\n    role: >-\n      new\nother: *m\n",
		},
		"Bool": {
			reason: "a word of YAML is quoted",
			in:     "metadata: {}\n", value: "true",
			want: "metadata:\n  annotations:\n    role: \"true\"\n",
		},
		"Key": {
			reason: "so is a key that is such a word",
			in:     "metadata:\n  annotations: {}\n", path: edit.Path{"metadata", "annotations", "on"},
			want: "metadata:\n  annotations:\n    \"on\": new\n",
		},
		"Alias": {
			reason: "an alias becomes the object's own copy, the anchored map stays",
			in:     "shared: &s\n  a: b # kept\nmetadata:\n  annotations: *s\n",
			want:   "shared: &s\n  a: b # kept\nmetadata:\n  annotations:\n    a: b # kept\n    role: new\n",
		},
		"AliasedParent": {
			reason: "so does an alias further up",
			in:     "shared: &s\n  annotations:\n    a: b\nmetadata: *s\nthird: *s\n",
			want:   "shared: &s\n  annotations:\n    a: b\nmetadata:\n  annotations:\n    a: b\n    role: new\nthird: *s\n",
		},
		"AliasedValue": {
			reason: "and a value that is one",
			in:     "shared: &s old\nmetadata:\n  annotations:\n    role: *s\n",
			want:   "shared: &s old\nmetadata:\n  annotations:\n    role: new\n",
		},
		"Anchor": {
			reason: "an anchored map that is used elsewhere keeps its data there",
			in:     "metadata:\n  annotations: &s\n    a: b\nother: *s\nthird: [*s]\n",
			want:   "metadata:\n  annotations:\n    a: b\n    role: new\nother:\n  a: b\nthird: [{a: b}]\n",
		},
		"AnchoredValue": {
			reason: "an anchored value does too",
			in:     "metadata:\n  annotations:\n    role: &r old\n    copy: *r\n",
			want:   "metadata:\n  annotations:\n    role: new\n    copy: old\n",
		},
		"AnchorOutsideTheWay": {
			reason: "anchors and aliases beside the way stay",
			in:     "x: &x {a: b}\nmetadata:\n  annotations: {}\n  labels: *x\n",
			want:   "x: &x {a: b}\nmetadata:\n  annotations:\n    role: new\n  labels: *x\n",
		},
		"MergeSource": {
			reason: "an anchored map that a merge key takes from keeps lending what it lent",
			in:     "metadata:\n  annotations: &s\n    a: b\nother:\n  <<: *s\n  c: d\n",
			want:   "metadata:\n  annotations:\n    a: b\n    role: new\nother:\n  <<:\n    a: b\n  c: d\n",
		},
		"MergeLent": {
			reason: "a map that a merge key lends is copied first, since an own key hides all of it",
			in:     "shared: &s\n  annotations:\n    a: b\n  labels: {c: d}\nmetadata:\n  <<: *s\n  name: x\n",
			want:   "shared: &s\n  annotations:\n    a: b\n  labels: {c: d}\nmetadata:\n  <<: *s\n  name: x\n  annotations:\n    a: b\n    role: new\n",
		},
		"MergeLentValue": {
			reason: "a value that a merge key lends is hidden by an own one",
			in:     "shared: &s\n  role: old\nmetadata:\n  annotations:\n    <<: *s\n",
			want:   "shared: &s\n  role: old\nmetadata:\n  annotations:\n    <<: *s\n    role: new\n",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			path, value := tc.path, tc.value
			if path == nil {
				path = role
			}
			if value == "" {
				value = "new"
			}
			doc := parse(t, tc.in)
			if err := apply(doc, edit.Set(path, value)); err != nil {
				t.Fatalf("%s: %v", tc.reason, err)
			}
			got := printed(t, doc)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
			if s := edit.Text(parse(t, got).Content[0], path...); s != value {
				t.Errorf("%s: the field reads %q, want %q", tc.reason, s, value)
			}
			if err := apply(doc, edit.Set(path, value)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, printed(t, doc)); diff != "" {
				t.Errorf("%s: setting it again must change nothing: -first +second:\n%s", tc.reason, diff)
			}
		})
	}
}

// Aliases of aliases double with every line: 2^20 nodes from 20 lines.
func TestSetAliasBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0: &a0 {x: y}\n")
	for i := range 20 {
		fmt.Fprintf(&b, "a%d: &a%d {l: *a%d, r: *a%d}\n", i+1, i+1, i, i)
	}
	b.WriteString("metadata: *a20\n")
	doc := parse(t, b.String())
	err := apply(doc, edit.Set(edit.Path{"metadata", "annotations", "role"}, "new"))
	if !errors.Is(err, edit.ErrTooManyAliases) {
		t.Errorf("want ErrTooManyAliases, got %v", err)
	}
}

// A reader of YAML 1.1, such as kubectl, takes these words for something else; the others
// need no quotes, and get none, since the documentation's patches have none.
func TestNewString(t *testing.T) {
	for value, want := range map[string]string{
		"true": `"true"`, "yes": `"yes"`, "off": `"off"`, "y": `"y"`, "null": `"null"`, "~": `"~"`, "": `""`,
		"3600": `"3600"`, "0777": `"0777"`, "1e3": `"1e3"`, "0x1f": `"0x1f"`,
		"arn:aws:iam::111122223333:role/flux":         "arn:aws:iam::111122223333:role/flux",
		"3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6":        "3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6",
		"flux-gar@my-project.iam.gserviceaccount.com": "flux-gar@my-project.iam.gserviceaccount.com",
		"a: b": `"a: b"`,
	} {
		doc := &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{edit.NewString(value)}}
		if diff := cmp.Diff(want+"\n", printed(t, doc)); diff != "" {
			t.Errorf("%q: -want +got:\n%s", value, diff)
		}
	}
}

func TestSame(t *testing.T) {
	cases := map[string]struct {
		reason string
		a, b   string
		want   bool
	}{
		"Style":   {"comments, quotes and spacing do not count", "a: 'b' # c\nl: [1, 2]", "\"a\":   b\nl:\n- 1\n- 2", true},
		"Order":   {"the order of keys does", "a: 1\nb: 2", "b: 2\na: 1", false},
		"Value":   {"", "a: b", "a: c", false},
		"Type":    {"a string is not the number of its digits", "a: 5", "a: '5'", false},
		"Null":    {"nulls are alike however they are written", "a:", "a: ~", true},
		"Length":  {"", "a: [1]", "a: [1, 2]", false},
		"Kind":    {"", "a: []", "a: {}", false},
		"Anchor":  {"anchors count, used or not", "a: &x b", "a: b", false},
		"Resolve": {"an alias is not a copy of what it stands for", "a: &x b\nc: *x", "a: &x b\nc: b", false},
		"Tag":     {"", "a: !!binary aGk=", "a: aGk=", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := edit.Same(parse(t, tc.a), parse(t, tc.b)); got != tc.want {
				t.Errorf("%s: want %v, got %v", tc.reason, tc.want, got)
			}
		})
	}
}

func TestSetList(t *testing.T) {
	elements := []*yaml.Node{edit.NewString("x")}
	cases := map[string]struct {
		reason string
		in     string
		list   []*yaml.Node
		want   string
	}{
		"New":        {"a new list goes to the end", "a: b\n", elements, "a: b\nlist:\n- x\n"},
		"Replaced":   {"one that is there keeps its place", "list: [y]\na: b\n", elements, "list:\n- x\na: b\n"},
		"NewEmpty":   {"", "a: b\n", nil, "a: b\nlist: []\n"},
		"NullToList": {"a null becomes a list", "list:\na: b\n", nil, "list: []\na: b\n"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			doc := parse(t, tc.in)
			edit.SetList(doc.Content[0], "list", tc.list)
			if diff := cmp.Diff(tc.want, printed(t, doc)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestUnflow(t *testing.T) {
	doc := parse(t, `{"a": {"b": ["c", "true", 5, "x: y"], "d": {}}, "on": null}`)
	edit.Unflow(doc)
	want := "a:\n  b:\n  - c\n  - \"true\"\n  - 5\n  - \"x: y\"\n  d: {}\n\"on\": null\n"
	if diff := cmp.Diff(want, printed(t, doc)); diff != "" {
		t.Errorf("JSON becomes what people write by hand: -want +got:\n%s", diff)
	}
}

func TestIsWord(t *testing.T) {
	for s, want := range map[string]bool{
		"annotations": true, "eks.amazonaws.com/role-arn": true, "arn:aws:iam::111122223333:role/flux": true,
		"flux-gar@my-project.iam.gserviceaccount.com": true,
		"": false, "true": false, "False": false, "null": false, "yes": false, "a: b/c": false, "a/b:": false, "a/b #c": false,
		"1/2": false, "/a": false, "@a": false, "-a/b": false, "a/b c": false, "a/é": false, "2001-01-01": false, "1e3": false, "e3": false,
	} {
		if got := edit.IsWord(s); got != want {
			t.Errorf("%q: %t, want %t", s, got, want)
		}
	}
}
