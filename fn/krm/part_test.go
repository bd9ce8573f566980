package krm_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// TestInterleaved edits items with other calls in between, which are to change nothing: it
// does not matter what of an item was looked at, released or written before. Once the calls
// in between are a Reset, the items are as they were read, and the same ones.
func TestInterleaved(t *testing.T) {
	const object = "apiVersion: v1\nkind: A\nmetadata:\n  name: x\npatches:\n- path: a.yaml\n- path: b.yaml\n"
	long := "# " + strings.Repeat("long ", 300) + "\n"
	listOf := func(object string) string {
		return "kind: List\nitems:\n- kind: Other\n- " + strings.TrimPrefix(shifted(object, "  "), "  ")
	}
	flow := "{apiVersion: v1, kind: A, metadata: {name: x}, patches: [{path: a.yaml}, {path: b.yaml}]}\n"
	objects := map[string]string{
		"block": object, "long": long + object, "List": listOf(object), "long List": listOf(object + long), "flow": flow, "flow List": "{kind: List, items: [" + strings.TrimSpace(flow) + "]}\n",
		"anchors": "x: &x {a: b}\n" + object + "y: *x\n", "List with anchors": "kind: List\nitems:\n- &o\n  kind: Other\n- " + strings.TrimPrefix(shifted(object+"y: &y {a: b}\n", "  "), "  ") + "other: [*o, *y]\n",
		"folded": object + "z: >\n   a\n\n     b\n", "long flow": "# c\n{kind: A, text: " + strings.Repeat("long ", 300) + ", patches: [a, b]}\n",
	}
	ways := map[string]func(text string) (*krm.ResourceList, error){
		"document": func(text string) (*krm.ResourceList, error) {
			return krm.ParseManifests(krm.Stream{}, krm.Stream{Path: "a.yaml", Text: []byte("kind: B\n---\n" + text + "---\nkind: C\n")})
		},
		"unended": func(text string) (*krm.ResourceList, error) {
			return krm.ParseManifests(krm.Stream{}, krm.Stream{Text: []byte(strings.TrimSuffix(text, "\n"))})
		},
		"item": func(text string) (*krm.ResourceList, error) {
			return krm.Parse([]byte(top + "- " + strings.TrimPrefix(shifted(text, "  "), "  ") + "- kind: C\n"))
		},
		"whole": func(text string) (*krm.ResourceList, error) {
			return krm.ParseWhole([]byte(top + "- " + strings.TrimPrefix(shifted(text, "  "), "  ") + "- kind: C\n"))
		},
	}
	for way, parse := range ways {
		for name, text := range objects {
			t.Run(way+"/"+name, func(t *testing.T) {
				edits := []func(*krm.Item) error{
					func(i *krm.Item) error { return i.Apply(edit.Set(edit.Path{"metadata", "annotations", "k"}, "v")) },
					func(i *krm.Item) error { return i.Apply(edit.SetElement(edit.Path{"patches"}, 2, edit.NewString("c"))) },
					func(i *krm.Item) error { return i.Apply(edit.Set(edit.Path{"metadata", "annotations", "k"}, "w")) },
					func(i *krm.Item) error { return i.Apply(edit.Remove(edit.Path{"patches"}, 0)) },
				}
				var want []byte
				for seed := range uint64(40) {
					list, err := parse(text)
					if err != nil {
						t.Fatal(err)
					}
					untouched, err := list.Bytes(nil)
					if err != nil {
						t.Fatal(err)
					}
					random := rand.New(rand.NewPCG(2, seed))
					item := find(t, list)
					for _, change := range edits {
						if err := change(item); err != nil {
							t.Fatal(err)
						}
						for range 3 * min(seed, 1) { // none at first
							inBetween(t, list, item, random.IntN(9))
						}
					}
					got, err := list.Bytes(nil)
					if err != nil {
						t.Fatalf("%v: %s", err, got)
					}
					switch {
					case seed == 0:
						want = got
					case !sameDocuments(t, got, want):
						t.Fatalf("seed %d: without calls in between:\n%s\nwith them:\n%s", seed, want, got)
					}
					list.Reset()
					if again, err := list.Bytes(nil); err != nil || !bytes.Equal(again, untouched) {
						t.Fatalf("after Reset: %v\n%s\nwas\n%s", err, again, untouched)
					}
					for _, change := range edits {
						if err := change(item); err != nil {
							t.Fatal(err)
						}
					}
					if again, err := list.Bytes(nil); err != nil || !bytes.Equal(again, want) {
						t.Fatalf("after Reset and the same edits of the same item: %v\n%s\nwas\n%s", err, again, want)
					}
				}
			})
		}
	}
}

func find(t *testing.T, list *krm.ResourceList) *krm.Item {
	t.Helper()
	for _, item := range list.Items {
		if item.MayBe("A") {
			return item
		}
	}
	t.Fatal("no such item")
	return nil
}

// inBetween calls what changes nothing.
func inBetween(t *testing.T, list *krm.ResourceList, item *krm.Item, call int) {
	t.Helper()
	switch call {
	case 0, 1:
		item.Release()
	case 2:
		item.Node()
	case 3:
		item.Outline(krm.Fields{"apiVersion": nil, "kind": nil, "metadata": nil})
	case 4:
		_, _, _ = item.Ref(), item.File(), item.Path()
	case 5:
		item.Mentions("x")
		item.MayBe("A")
	case 6:
		list.Files()
	case 7:
		if _, err := list.Bytes(nil); err != nil {
			t.Fatal(err)
		}
	case 8:
		krm.Each(list.Items, (*krm.Item).Release)
		list.LimitMemory()()
	}
}

func sameDocuments(t *testing.T, a, b []byte) bool {
	t.Helper()
	return fmt.Sprint(decoded(t, a)) == fmt.Sprint(decoded(t, b))
}

func decoded(t *testing.T, text []byte) (all []any) {
	t.Helper()
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var v any
		if decoder.Decode(&v) != nil {
			return all
		}
		all = append(all, v)
	}
}

// TestKinds checks that the kind of an item is the same to the scan and to the parser, however
// it is written.
func TestKinds(t *testing.T) {
	for _, in := range []string{
		"kind: A", "kind: \"A\"", "kind: 'A'", "kind:", "kind: null", "kind: NULL", "kind: ~", "kind: \"null\"", "kind: ''", "kind: A # c", "kind: # c\n    A", "kind:\n    A",
		"kind: A\n    B", "kind: >-\n    A", "kind: 1", "kind: true", "kind: [A]", "kind: A\n  kind: B", "\"kind\": A", "x: y", "{kind: A}", "{x: y}", "{\"kind\": A}", "[kind, A]", "- kind: A", "kind", "\"kind: A\"",
	} {
		text := []byte(top + "- " + in + "\n")
		list, err := krm.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := krm.ParseWhole(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range []string{"A", "", "B", "null", "A B"} {
			if scanned, parsed := list.Items[0].MayBe(kind), whole.Items[0].MayBe(kind); scanned != parsed {
				t.Errorf("%q is of kind %q: %t to the scan, %t to the parser", in, kind, scanned, parsed)
			}
		}
	}
}
