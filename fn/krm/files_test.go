package krm_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// TestFiles says which documents are in which file, as they stand after an edit of every item.
func TestFiles(t *testing.T) {
	account := "kind: ServiceAccount\nmetadata:\n  name: %s\n"
	of := func(file string, index int, name string) string {
		return fmt.Sprintf("- kind: ServiceAccount\n  metadata:\n    name: %s\n    annotations: {internal.config.kubernetes.io/path: %s, internal.config.kubernetes.io/index: '%d'}\n", name, file, index)
	}
	list := "apiVersion: v1\nkind: List\n%sitems:\n- kind: ServiceAccount\n  metadata: {name: one}\n- foo: bar\n- apiVersion: v1\n  kind: List\n  items:\n  - kind: ServiceAccount\n    metadata: {name: two}\n"
	cases := map[string]struct {
		reason  string
		streams []krm.Stream // or
		list    string
		want    []string // FILE: each document: the name of an item, names and places in a List, or text
	}{
		"Plain": {"what is no object counts, what is empty does not", []krm.Stream{
			{Path: "./b.yaml", Text: []byte("# nothing\n---\n" + fmt.Sprintf(account, "one") + "---\n- {op: add}\n---\nfoo: bar\n---\n" + fmt.Sprintf(account, "two"))},
			{Path: "a.json", Text: []byte(`{"kind": "ServiceAccount", "metadata": {"name": "json"}}`)}, {Text: []byte(fmt.Sprintf(account, "stdin"))},
		}, "", []string{"b.yaml: one, - {op: add}, foo: bar, two", "a.json: json"}},
		"PlainList":  {"a List is one document", []krm.Stream{{Path: "a.yaml", Text: []byte(fmt.Sprintf(account, "zero") + "---\n" + fmt.Sprintf(list, ""))}}, "", []string{"a.yaml: zero, one[0] two[2 0]"}},
		"SharedList": {"one that cannot be cut into texts", []krm.Stream{{Path: "a.yaml", Text: []byte(strings.Replace(fmt.Sprintf(list, ""), "{name: one}", "&m {name: one}", 1) + "- {kind: ServiceAccount, metadata: *m}\n")}}, "", []string{"a.yaml: one[0] two[2 0] one[3]"}},
		"Kpt":        {"in the order of their index", nil, of("b.yaml", 1, "late") + of("a.yaml", 0, "other") + of("b.yaml", 0, "early") + "- kind: ServiceAccount\n  metadata: {name: nowhere}\n", []string{"b.yaml: early, late", "a.yaml: other"}},
		"KptList":    {"", nil, of("b.yaml", 1, "late") + "- " + strings.ReplaceAll(strings.TrimSpace(fmt.Sprintf(list, "metadata: {annotations: {config.kubernetes.io/path: b.yaml}}\n")), "\n", "\n  ") + "\n", []string{"b.yaml: one[0] two[2 0], late"}},
		"Whole":      {"a list that cannot be cut", nil, strings.Replace(of("b.yaml", 1, "late"), "kind:", "kind: &k", 1) + strings.Replace(of("a.yaml", 0, "other"), "kind: ServiceAccount", "kind: *k", 1), []string{"b.yaml: late", "a.yaml: other"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			l, err := krm.ParseManifests(krm.Stream{}, tc.streams...)
			if tc.list != "" {
				l, err = krm.Parse([]byte("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n" + tc.list))
			}
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // before and after edits
				var got []string
				for _, f := range l.Files() {
					var documents []string
					for _, d := range f.Documents {
						documents = append(documents, describe(t, &d))
					}
					got = append(got, f.Path+": "+strings.Join(documents, ", "))
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
				}
				for _, i := range l.Items {
					if err := i.Apply(edit.Set(edit.Path{"metadata", "labels", "edited"}, "by "+edit.Text(i.Node(), "metadata", "name"))); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}

// describe names a document, in which edits must be seen.
func describe(t *testing.T, d *krm.Document) string {
	t.Helper()
	if d.Item == nil && d.Items == nil {
		return strings.TrimSpace(string(d.Text))
	}
	root := d.Node()
	if d.Text != nil && !edit.Same(root, parsed(t, d.Text)) {
		t.Errorf("the text is not that of the node: %s", d.Text)
	}
	if d.Item != nil {
		return edit.Text(root, "metadata", "name")
	}
	var held []string
	for _, i := range d.Items {
		object := root
		for _, n := range i.Place() {
			object = edit.Elements(edit.Get(object, "items"))[n]
		}
		if edit.Text(object, "metadata", "labels", "edited") != edit.Text(i.Node(), "metadata", "labels", "edited") {
			t.Errorf("an edit is not seen: %v", i.Place())
		}
		held = append(held, fmt.Sprint(edit.Text(object, "metadata", "name"), i.Place()))
	}
	return strings.Join(held, " ")
}

func parsed(t *testing.T, text []byte) *yaml.Node {
	t.Helper()
	root, err := yaml.Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return root.YNode()
}
