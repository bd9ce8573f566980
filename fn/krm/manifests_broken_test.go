package krm

import (
	"strings"
	"testing"

	"flux-workload-identity/fn/edit"
)

// TestManifestsBroken checks that what was made of a document that could not be parsed or
// printed is never used, and that the list can be used again after Reparse.
func TestManifestsBroken(t *testing.T) {
	const text = "kind: A\n---\n# c\nkind: ServiceAccount\n"
	list, err := ParseManifests(Stream{}, Stream{Text: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	Each(list.Items[1:], func(i *Item) { i.protected(func(*Item) { panic("a fault") }) })
	if !list.Unsure() {
		t.Error("the list is sure of itself")
	}
	_, err = list.Manifests()
	if err == nil || !strings.HasPrefix(err.Error(), "stdin: document 2, line 3: cannot be printed") {
		t.Errorf("got %v", err)
	}
	if err := list.Reparse(); err != nil || list.Unsure() {
		t.Fatalf("not what it was: %v", err)
	}
	if err := list.Items[1].Apply(edit.Set(edit.Path{"a"}, "b")); err != nil {
		t.Fatal(err)
	}
	got, err := list.Bytes(nil)
	if want := "kind: A\n---\n# c\na: b\nkind: ServiceAccount\n"; err != nil || string(got) != want {
		t.Errorf("got %q, want %q: %v", got, want, err)
	}
	defer func() {
		if recover() == nil {
			t.Error("a fault that comes again is hidden")
		}
	}()
	Each(list.Items, func(*Item) { panic("a fault") })
}

// TestManifestsBesideBroken checks the same of what is read beside: what was concluded from it
// must not be used.
func TestManifestsBesideBroken(t *testing.T) {
	list, err := ParseManifests(Stream{}, Stream{Text: []byte("kind: A\n")}, Stream{Path: "b.yaml", Text: []byte("kind: B\n"), Beside: true})
	if err != nil {
		t.Fatal(err)
	}
	list.Beside[0].protected(func(*Item) { panic("a fault") })
	if _, err := list.Manifests(); err == nil || !list.Unsure() {
		t.Errorf("the list is sure of itself: %v", err)
	}
	if err := list.Reparse(); err != nil || list.Unsure() || len(list.Beside) != 1 {
		t.Fatalf("not what it was: %v", err)
	}
}
