package krm

import (
	"strings"
	"testing"

	"flux-workload-identity/fn/edit"
)

// TestBroken checks that what was made of a chunk that could not be parsed or printed by itself is never
// used, and that the list can be used again after Reset.
func TestBroken(t *testing.T) {
	const text = "kind: A\n---\n# c\nkind: ServiceAccount\n"
	list, err := ParseManifests(Stream{}, Stream{Text: []byte(text)}, Stream{Path: "b.yaml", Text: []byte("kind: B\n"), Beside: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range append(list.Items[1:2:2], list.Beside...) {
		item.part.now = []byte("a: b: c\n")
		item.Node()
		_, err = list.Manifests()
		if err == nil || !strings.Contains(err.Error(), ": document ") {
			t.Errorf("got %v", err)
		}
		list.Reset()
	}
	if err := list.Items[1].Apply(edit.Set(edit.Path{"a"}, "b")); err != nil {
		t.Fatal(err)
	}
	got, err := list.Bytes(nil)
	if want := "kind: A\n---\n# c\na: b\nkind: ServiceAccount\n"; err != nil || string(got) != want {
		t.Errorf("got %q, want %q: %v", got, want, err)
	}
}

// TestEachPanics checks that a panic in a visit is the caller's, who can catch it.
func TestEachPanics(t *testing.T) {
	list, err := ParseManifests(Stream{}, Stream{Text: []byte(strings.Repeat("kind: A\n---\n", 100))})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if got := recover(); got != "a fault" {
			t.Errorf("got %v", got)
		}
	}()
	Each(list.Items, func(i *Item) {
		if i.Index == 77 {
			panic("a fault")
		}
	})
}
