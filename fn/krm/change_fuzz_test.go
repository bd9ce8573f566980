package krm_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// Pieces of which checkElements makes an object: what people write into such lists, and around
// them.
var (
	fields = []string{
		"resources: [x]\n", "resources:\n- x\n", "components:\n  - y\n", "text: |+\n  kept\n\n", "text: |\n  # text\n\n", "x: *p\n", "y: *a\n", "shared: &p\n- path: p.yaml\n",
		"metadata:\n  annotations:\n    a: b\n", "ä: 'ü' # ß\n", "? odd\n: key\n", "tab:\tx\n", "# comment\n", "  # deeper\n", "\n", "merged: {<<: *m}\n", "flow: &m {a: b}\n",
		"folded: >\n    text\n\n      more\n", "nothing:\n", "long: a\n  plain\n  one\n",
	}
	heads = []string{
		"patches:\n", "patches: # beside\n", "patches:   \n", "'patches':\n", "patches: &p\n", "patches: !!seq\n", "patches:\n# above\n", "patches:\n\n", "patches: []\n",
		"patches: null # none\n", "patches: *p\n", "patches: [{path: a.yaml}] # flow\n", "patches: [a,\n  b]\n", "",
	}
	entries = []string{
		"- path: a.yaml\n", "-   path:   'odd.yaml'   # beside\n    options:\n        allowNameChange: true\n", "-\n  path: b.yaml\n", "- # beside\n  path: c.yaml\n",
		"- {path: d.yaml}\n", "- patch: |-\n    - op: add\n\n      # text\n", "- patch: |+\n    kept\n\n\n", "- patch: >\n    folded\n\n      more\n  target: {kind: a}\n",
		"- patch: |2\n      indented\n    # text\n", "- \"quoted\n    text\"\n", "- path: &a e.yaml\n", "- *a\n", "- - nested\n  - list\n", "- !!str tagged\n", "- ~\n", "-\n", "- |\n\n",
		"- patch: \"- op: add\\n\\\n    more\"\n", "- {path: f.yaml,\n  x: y}\n",
	}
	trivia = []string{"", "", "", "# comment\n", "  # deeper\n", "      # deepest\n", "\n", "    \n", "\n# behind\n\n"}
	above  = []string{"spec:\n  kustomize:\n", "spec:\n  sync: {}\n  kustomize: # beside\n", "spec: # beside\n    kustomize:\n", "spec:\n  kustomize: &k\n", "spec:\n  # above\n  kustomize:\n    x: y\n"}
)

// elements are what is put into the lists.
var elements = []string{jsonPatch, "|+\n  kept\n\n", "plain\n", "|2-\n    indented\n  more\n", ">\n  folded\n\n  text\n", "\"a: b\\n \\n\"\n"}

// TestElementsRandom is FuzzElements for programs that are always the same.
func TestElementsRandom(t *testing.T) {
	for n := range uint64(3000) {
		checkElements(t, program(n))
	}
}

// TestTogetherRandom edits items by several operations at once and by one after the other: they come to
// the same.
func TestTogetherRandom(t *testing.T) {
	for n := range uint64(1500) {
		p := choices(program(n))
		text, path := p.list()
		together, err := krm.Parse([]byte(text))
		if err != nil || !together.Sliced() {
			continue
		}
		alone, err := krm.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		ops := p.operations(t, path, len(edit.Elements(edit.Get(alone.Items[0].Node(), path...))))
		var errAlone error
		for _, op := range ops {
			if errAlone == nil {
				errAlone = alone.Items[0].Apply(op)
			}
		}
		errTogether := together.Items[0].Apply(ops...)
		if (errAlone == nil) != (errTogether == nil) {
			t.Fatalf("together %v, alone %v:\n%s", errTogether, errAlone, text)
		}
		got, err := together.Bytes(nil)
		want, errWant := alone.Bytes(nil)
		if errTogether != nil || err != nil || errWant != nil {
			continue
		}
		var gotDoc, wantDoc yaml.Node
		if err := yaml.Unmarshal(got, &gotDoc); err != nil {
			t.Fatalf("%v:\n%s\nmade of:\n%s", err, got, text)
		}
		if err := yaml.Unmarshal(want, &wantDoc); err != nil {
			t.Fatal(err)
		}
		if !edit.Same(&gotDoc, &wantDoc) {
			t.Fatalf("%v: together:\n%s\nalone:\n%s\nmade of:\n%s", ops, got, want, text)
		}
		if !strings.Contains(string(got), "- kind: other # stays") {
			t.Errorf("another item changed:\n%s", got)
		}
	}
}

// operations are some on a list of a length and on fields around it.
func (p *choices) operations(t *testing.T, path edit.Path, length int) (ops []edit.Op) {
	for range 2 + p.next(4) {
		switch at := p.next(length + 1); p.next(4) {
		case 0:
			ops = append(ops, edit.Set(edit.Path{"metadata", "annotations", string('a' + rune(p.next(3)))}, "v"))
		case 1:
			ops = append(ops, edit.Set(path.Where("path", "a.yaml").With("options").With("x"), "y"))
		case 2:
			ops = append(ops, edit.SetElement(path, at, patch(t, elements[p.next(len(elements))])))
			length = max(length, at+1)
		case 3:
			if at < length {
				ops = append(ops, edit.Remove(path, at))
				length--
			}
		}
	}
	return ops
}

func FuzzElements(f *testing.F) {
	for n := range uint64(50) {
		f.Add(program(n))
	}
	f.Fuzz(checkElements)
}

func program(seed uint64) []byte {
	random := rand.New(rand.NewPCG(1, seed))
	program := make([]byte, 24)
	for i := range program {
		program[i] = byte(random.UintN(256))
	}
	return program
}

// checkElements edits a list made of pieces, twice, once with the items as slices and once
// parsed as a whole: the results hold the same.
func checkElements(t *testing.T, program []byte) {
	p := choices(program)
	text, path := p.list()
	list, err := krm.Parse([]byte(text))
	if err != nil || !list.Sliced() {
		return
	}
	whole, err := krm.ParseWhole([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{elements[p.next(len(elements))], "|\n  another\n"} {
		length := len(edit.Elements(edit.Get(whole.Items[0].Node(), path...)))
		c := change{path: path, at: p.next(length + 1)}
		c.remove = c.at < length && p.next(2) == 1
		if !same(t, list, whole, c, source) {
			return
		}
	}
}

// choices are made by the bytes of a program, and then by none.
type choices []byte

func (p *choices) next(n int) int {
	if len(*p) == 0 {
		return 0
	}
	c := (*p)[0]
	*p = (*p)[1:]
	return int(c) % n
}

func (p *choices) pick(from []string) string {
	return from[p.next(len(from))]
}

// list makes a list whose first item has patches at the path.
func (p *choices) list() (text string, path edit.Path) {
	object := "kind: Kustomization\n"
	for range p.next(3) {
		object += p.pick(fields)
	}
	path, margin := patches, ""
	if p.next(2) == 1 {
		path, margin = specPatches, "    "
		above := p.pick(above)
		object += above
		if strings.Contains(above, "\n    kustomize") {
			margin += "    "
		}
	}
	head := p.pick(heads)
	object += shifted(head, margin)
	if strings.HasSuffix(head, "\n") && !strings.ContainsAny(head, "[*") && !strings.Contains(head, "null") {
		margin += strings.Repeat(" ", p.next(4))
		for range 1 + p.next(3) {
			object += shifted(p.pick(entries), margin) + shifted(p.pick(trivia), margin)
		}
	}
	for range p.next(3) {
		object += p.pick(fields)
	}
	text = "- " + strings.TrimPrefix(shifted(object, "  "), "  ") + p.pick(trivia) + "- kind: other # stays\n"
	text = top + shifted(text, strings.Repeat(" ", 2*p.next(2)))
	if p.next(4) == 1 {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text, path
}

const top = head + "items:\n"

// shifted returns lines with a margin.
func shifted(text, margin string) string {
	if text == "" {
		return ""
	}
	return margin + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+margin) + "\n"
}

// same edits the first item of two lists, which hold the same before and after. It returns
// whether they can be edited again.
func same(t *testing.T, list, whole *krm.ResourceList, c change, source string) bool {
	t.Helper()
	apply := func(item *krm.Item) error {
		if c.remove {
			return item.Apply(edit.Remove(c.path, c.at))
		}
		return item.Apply(edit.SetElement(c.path, c.at, patch(t, source)))
	}
	errSliced, errWhole := apply(list.Items[0]), apply(whole.Items[0])
	if (errSliced == nil) != (errWhole == nil) {
		t.Fatalf("%v when sliced, %v as a whole:\n%s", errSliced, errWhole, list.Text())
	}
	got, err := list.Bytes(nil)
	if errors.Is(err, krm.ErrReprint) {
		return false // it says so
	}
	if err != nil {
		t.Fatalf("%v:\n%s", err, list.Text())
	}
	var gotDoc, wantDoc yaml.Node
	if err := yaml.Unmarshal(got, &gotDoc); err != nil {
		t.Fatalf("%v:\n%s\nmade of:\n%s", err, got, list.Text())
	}
	want, err := whole.Bytes(nil)
	if err != nil {
		return false // it says so
	}
	if err := yaml.Unmarshal(want, &wantDoc); err != nil {
		t.Fatal(err)
	}
	if !edit.Same(&gotDoc, &wantDoc) {
		t.Fatalf("%+v: sliced:\n%s\nas a whole:\n%s\nmade of:\n%s", c, got, want, list.Text())
	}
	if !strings.Contains(string(got), "- kind: other # stays") {
		t.Errorf("another item changed:\n%s", got)
	}
	return errSliced == nil
}
