package krm_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// TestManifestsBeside checks what becomes of streams that are read beside one with an account:
// their objects are known, and nothing of them is printed or stops the run.
func TestManifestsBeside(t *testing.T) {
	const notYAML = "a: b\n c: d\n"
	cases := map[string]struct {
		reason string
		beside string
		kinds  []string
	}{
		"Empty":        {"nothing is no object", "", nil},
		"Objects":      {"those of a given stream would be items", account + "---\n" + account + "---\nx: y\n", []string{"ServiceAccount", "ServiceAccount"}},
		"List":         {"it stands for what it holds", "apiVersion: v1\nkind: List\nitems:\n- kind: A\n- kind: B\n", []string{"A", "B"}},
		"Operations":   {"a patch of RFC 6902 is no object", "- {op: remove, path: /a}\n", nil},
		"NotYAML":      {"a build that needs it says so", notYAML, nil},
		"OneNotYAML":   {"what can be read beside what cannot is known", account + "---\n" + notYAML + "---\nkind: B\n", []string{"ServiceAccount", "B"}},
		"Properties":   {"a file of a generator is what it is", "%{x\n", nil},
		"UTF16":        {"or of Windows", "\xff\xfea\x00", nil},
		"AfterEnd":     {"", "a: 1\n... b\n", nil},
		"ResourceList": {"which stops the run where it is given", "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: [{kind: A}]\n", nil},
		"Aliases":      {"more objects than bytes, of which a given List is refused", "apiVersion: v1\nkind: List\nitems: [&a {kind: List, items: [&b {kind: List, items: [{kind: A}, {kind: A}, {kind: A}, {kind: A}, {kind: A}]}, *b, *b, *b, *b, *b]}, *a, *a, *a, *a, *a, *a]\n", []string{"List"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			list, err := krm.ParseManifests(krm.Stream{},
				krm.Stream{Path: "a.yaml", Text: []byte("---\n" + account)}, krm.Stream{Path: "b.yaml", Text: []byte(tc.beside), Beside: true}, krm.Stream{Path: "c.yaml", Text: []byte("c: d\n---\n" + account)})
			if err != nil {
				t.Fatalf("%s: %v", tc.reason, err)
			}
			check := func(when, account string) {
				t.Helper()
				out, err := list.Bytes(nil)
				if want := "---\n" + account + "---\nc: d\n---\n" + account; err != nil || string(out) != want {
					t.Errorf("%s: %s: %v, -want +got:\n%s", tc.reason, when, err, cmp.Diff(want, string(out)))
				}
				if len(list.Items) != 2 || list.Items[1].Index != 1 || list.Items[1].File().Index != 1 {
					t.Errorf("%s: %s: %d items, the last at %v", tc.reason, when, len(list.Items), list.Items[1].File())
				}
				var kinds []string
				for n, item := range list.Beside {
					kinds = append(kinds, edit.Text(item.Node(), "kind"))
					if item.Path() != "b.yaml" || item.Index != 2+n {
						t.Errorf("%s: %s: item %d of %q", tc.reason, when, item.Index, item.Path())
					}
				}
				if diff := cmp.Diff(tc.kinds, kinds); diff != "" {
					t.Errorf("%s: %s: -want +got:\n%s", tc.reason, when, diff)
				}
				report := krm.NewReport(list)
				if list.Refuse(report); report.Failed() {
					t.Errorf("%s: %s: %v", tc.reason, when, report.Results())
				}
			}
			check("unedited", account)
			annotate(t, list)
			check("edited", annotated)
			list.Reset()
			check("after Reset", account)
			annotate(t, list)
			check("edited after Reset", annotated)
			if text := string(list.Text()); strings.Contains(text, "b.yaml") || text != "---\n"+account+"c: d\n---\n"+account {
				t.Errorf("%s: as it was read: %q", tc.reason, text)
			}
		})
	}
}

// TestManifestsBesideEdited checks that an edit of what nobody prints is refused.
func TestManifestsBesideEdited(t *testing.T) {
	list, err := krm.ParseManifests(krm.Stream{}, krm.Stream{Text: []byte(account), Beside: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := list.Beside[0].Apply(edit.Set(edit.Path{"metadata", "name"}, "x")); err != nil {
		t.Errorf("what it is already: %v", err)
	}
	if err := list.Beside[0].Apply(edit.Set(edit.Path{"metadata", "name"}, "y")); err == nil {
		t.Error("an edit that is lost is no error")
	}
	if name := edit.Text(list.Beside[0].Node(), "metadata", "name"); name != "x" {
		t.Errorf("edited all the same: %q", name)
	}
}

// TestManifestsBesideLog checks that a line on stderr tells an object of one file from that of
// the other.
func TestManifestsBesideLog(t *testing.T) {
	const named = "apiVersion: v1\n" + account
	list, err := krm.ParseManifests(krm.Stream{}, krm.Stream{Path: "a.yaml", Text: []byte(named)}, krm.Stream{Path: "b.yaml", Text: []byte("a: b\n---\n" + named), Beside: true})
	if err != nil {
		t.Fatal(err)
	}
	report := krm.NewReport(list)
	report.Item(fn.Warning, list.Beside[0], nil, "y")
	report.Item(fn.Warning, list.Items[0], nil, "x")
	var log bytes.Buffer
	if err := krm.WriteLog(&log, list, report.Results()); err != nil {
		t.Fatal(err)
	}
	want := "warning: a.yaml: ServiceAccount x: x\nwarning: b.yaml: document 2: ServiceAccount x: y\n"
	if diff := cmp.Diff(want, log.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
