package krm

import (
	"errors"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// FuzzLists checks that a List that is cut holds the same objects as one that is parsed as a
// whole, and that both come to the same when they are edited.
func FuzzLists(f *testing.F) {
	for _, seed := range []string{
		"apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: ServiceAccount\n  metadata:\n    name: x\n- kind: A\nkind: List\nmetadata:\n  resourceVersion: \"\"\n",
		"kind: List\nitems:\n  - kind: List\n    items:\n    - kind: ServiceAccount\n      metadata: {name: x}\n    # c\n\n  # d\n  - kind: ServiceAccount\n    a: |\n      x\n\n# e",
		"kind: ServiceAccountList\napiVersion: v1\nitems:\n- metadata:\n    name: x # c\n-\n  metadata: {}\n- - a\n- text\n",
		"{\"kind\": \"List\", \"items\": [{\"kind\": \"ServiceAccount\"}, {\"kind\": \"List\", \"items\": [{\"kind\": \"ServiceAccount\"}]}]}\n",
		"kind: List\nitems: &i\n- &a\n  kind: ServiceAccount\n  metadata: &m\n    labels: {}\n- *a\n- kind: ServiceAccount\n  metadata: *m\nother: *i\n",
		"--- !!map\nkind:\tList\r\nitems:\r\n- {kind: ServiceAccount}\r\n- kind: \"ServiceAccount\"\r\n  x: |+\r\n    y\r\n\r\n",
		"items:\n- kind: ServiceAccount\n  a: &a b\nx: *a\nkind: List",
		"x: &x\n  items:\n  - kind: ServiceAccount\n<<: *x\nkind: List\nitems:\n- kind: ServiceAccount\n  <<: *x\n",
	} {
		f.Add([]byte(seed))
	}
	path := edit.Path{"metadata", "annotations", "k"}
	f.Fuzz(func(t *testing.T, in []byte) {
		cut, err := ParseManifests(Stream{}, Stream{Text: in})
		if err != nil {
			return
		}
		whole, err := uncut(in)
		if err != nil {
			t.Fatalf("the scan takes what the parser does not: %v", err)
		}
		if len(cut.Items) != len(whole.Items) || len(cut.refused) != len(whole.refused) {
			t.Fatalf("%d items, as a whole %d: %q", len(cut.Items), len(whole.Items), in)
		}
		for n, item := range cut.Items {
			other := whole.Items[n]
			a, b := item.Node(), other.Node()
			if data(a) != data(b) || item.at(nil) != other.at(nil) || item.MayBe("ServiceAccount") != other.MayBe("ServiceAccount") {
				t.Fatalf("%s: %q, as a whole %s: %q", item.at(nil), data(a), other.at(nil), data(b))
			}
			if _, err := edit.Current(a, path); err != nil || !item.MayBe("ServiceAccount") {
				continue
			}
			errCut, errWhole := item.Apply(edit.Set(path, "v")), other.Apply(edit.Set(path, "v"))
			if errCut != nil || errWhole != nil {
				return // too many aliases
			}
		}
		if _, err := cut.Manifests(); errors.Is(err, errUnprintable) {
			return // a document that the printer cannot print
		}
		if _, err := whole.Manifests(); errors.Is(err, errUnprintable) {
			return
		}
		got, want := streamData(t, cut), streamData(t, whole)
		if got != want {
			t.Fatalf("cut:\n%s\nas a whole:\n%s\nof:\n%s", got, want, in)
		}
	})
}

// uncut is ParseManifests of one stream without the scan, and with each List in one part.
func uncut(in []byte) (*ResourceList, error) {
	list := &ResourceList{streams: []Stream{{Text: in}}}
	s := &list.streams[0]
	documents, err := split(in)
	if err != nil {
		return nil, err
	}
	objects := 0
	for n := range documents {
		d := &documents[n]
		if d.parse(); d.err != nil {
			return nil, d.err
		}
		if d.named {
			p := d.part(s, 0, 0)
			p.number, p.shared = s.documents, true
			list.add(&Item{number: objects, kind: d.kind, part: p})
		}
		if d.object {
			objects++
		}
		if !d.empty {
			s.documents++
		}
	}
	return list, nil
}

// data returns what a node holds, without anchors and in one form.
func data(n *yaml.Node) string {
	var v any
	if n.Decode(&v) != nil {
		return "not to be decoded"
	}
	text, err := yaml.Marshal(v)
	if err != nil {
		return "not to be printed"
	}
	return string(text)
}

func streamData(t *testing.T, list *ResourceList) (all string) {
	t.Helper()
	out, err := list.Manifests()
	if err != nil {
		t.Fatal(err)
	}
	documents, err := split(out[0].Text)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range documents {
		if root := d.parse(); d.err != nil {
			t.Fatalf("%v: %q", d.err, d.text)
		} else if root != nil {
			all += "---\n" + data(root)
		}
	}
	return all
}
