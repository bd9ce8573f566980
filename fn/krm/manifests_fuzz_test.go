package krm

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// FuzzManifests checks what any stream that is taken must be: split where the parser splits
// it, as it came without edits, and with an edit the same in all other documents.
func FuzzManifests(f *testing.F) {
	for _, seed := range []string{
		"---\n# c\nkind: ServiceAccount\nmetadata:\n  name: x\n---\nkind: A\n",
		"a: &x 1\n...\n%YAML 1.1\n--- # c\nkind: ServiceAccount\nb: |2\n    x\n\n",
		"\ufeff--- {kind: ServiceAccount}\r\n---\r\n- 1\r\n--- |\r\n  x\r\n",
		"{\"kind\": \"ServiceAccount\",\n\t\"a\": \"\\/\"}\n---\nkind: 'x\n\n  y'\n",
		"kind: ServiceAccount\nmetadata: &m\n  annotations: {x: y} # z\nother: *m\n# d",
		"kind: ServiceAccount\rmetadata:\r---x: y\n---\tz\n",
		" \n|1\n0\n---\n|\n  x\n---\n|\nx\n---\n>2-\n   x\n", "#000\n%\n---", "text\n  more\n# c\n---\n\"a\n\nb\" # c\n---\n- a\n- - b\n-\n  c: d\n---\n{a: b}\n---\n[a]\n---\nnull # c\n---\n~\n",
		"kind: List\nitems:\n- kind: Secret\n---\n!!map\nkind: ServiceAccount\na:\tb  \n<<: {metadata: {labels: {}}}\n",
	} {
		f.Add([]byte(seed))
	}
	path := edit.Path{"metadata", "annotations", "k"}
	f.Fuzz(func(t *testing.T, in []byte) {
		list, err := ParseManifests(Stream{}, Stream{Text: in})
		if err != nil {
			return
		}
		if out, err := list.Manifests(); err != nil || !bytes.Equal(out[0].Text, in) {
			t.Fatalf("without edits: %v\n%q\n%+v", err, in, out)
		}
		checkSplit(t, in)
		before, _ := split(in)
		accounts := map[int]*yaml.Node{}
		for _, item := range list.Items {
			if item.within != nil || !item.MayBe("ServiceAccount") {
				continue
			}
			p := item.part
			alone, err := parseItem(p.now)
			if err != nil {
				t.Fatalf("%v: %q", err, p.now)
			}
			want := alone.Content[0].Content[0]
			if _, err := edit.Current(want, path); err != nil {
				continue // Set must not be called
			}
			if _, err := edit.Apply(nil, alone, want, edit.Set(path, "v")); err != nil {
				return
			}
			if err := item.Apply(edit.Set(path, "v")); err != nil {
				t.Fatalf("edit.Apply takes what Item.Apply does not: %v", err)
			}
			if p.edited {
				accounts[p.start] = want
			}
		}
		out, err := list.Manifests()
		if err != nil {
			if !errors.Is(err, errUnprintable) {
				t.Fatal(err)
			}
			return // a document that the printer cannot print
		}
		after, err := split(out[0].Text)
		if err != nil || len(after) != len(before) {
			t.Fatalf("%d documents, were %d: %v\n%q\n%q", len(after), len(before), err, in, out[0].Text)
		}
		for i, d := range before {
			want, edited := accounts[d.start]
			if !edited {
				if !bytes.Equal(d.text, after[i].text) {
					t.Fatalf("another document changed: %q became %q", d.text, after[i].text)
				}
				continue
			}
			if got := after[i].parse(); after[i].err != nil || !edit.Same(got, want) {
				t.Fatalf("the edit makes %q of %q: %v", after[i].text, d.text, after[i].err)
			}
		}
	})
}

// checkSplit checks that the parser finds the documents in the stream that were found in it.
func checkSplit(t *testing.T, in []byte) {
	t.Helper()
	documents, err := split(in)
	if err != nil {
		t.Fatal(err)
	}
	var roots []*yaml.Node
	for n := range documents {
		d := &documents[n]
		d.read()
		kind, plain, object := d.kind, d.plain, d.object
		d.object, d.plain = false, false
		root := d.parse()
		if d.err != nil || plain && (object != d.object || kind != edit.Text(root, "kind") || d.empty) {
			t.Fatalf("the scan finds the kind %q in %q: %v", kind, d.text, d.err)
		}
		if !edit.IsNull(root) {
			roots = append(roots, root)
		}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(in))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return // directives, and JSON, that only a document by itself may have
		}
		if len(doc.Content) == 0 || edit.IsNull(doc.Content[0]) {
			continue
		}
		if len(roots) == 0 || !edit.Same(roots[0], doc.Content[0]) {
			t.Fatalf("the parser finds another document in %q", in)
		}
		roots = roots[1:]
	}
	if len(roots) > 0 {
		t.Fatalf("the parser finds %d documents less in %q", len(roots), in)
	}
}
