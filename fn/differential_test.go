package fn_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// checkDifferential checks that a list that was sliced and the same list parsed as a whole
// come out the same, wherever the latter can be processed: the same data, the same
// results, and each item that did not change byte for byte as it came.
func checkDifferential(t *testing.T, in []byte) {
	t.Helper()
	whole, err := krm.ParseWhole(in)
	if err != nil {
		return // the sliced one may be content with what it need not look at
	}
	wantResults := fn.Process(whole)
	want, err := whole.Bytes(wantResults)
	if err != nil {
		return
	}
	sliced, err := krm.Parse(in)
	if err != nil {
		t.Fatalf("sliced: %v\n%s", err, in)
	}
	results := fn.Process(sliced)
	got, err := sliced.Bytes(results)
	if err != nil {
		t.Fatalf("sliced: %v\n%s", err, in)
	}
	if !reflect.DeepEqual(results, wantResults) {
		t.Fatalf("results differ:\n%s\nwhole:\n%s\n--- in\n%s", results.String(), wantResults.String(), in)
	}
	if a, b := parse(want), parse(got); b == nil || a == nil || !sameData(a, b) {
		t.Fatalf("data differ\n--- in\n%s\n--- sliced\n%s\n--- whole\n%s", in, got, want)
	}
	if sliced.Sliced() {
		checkUntouched(t, in, got)
	}
}

// sameData compares the data of two documents, as nodes where they cannot be decoded.
func sameData(a, b *yaml.Node) bool {
	if x, y := data(a), data(b); x != nil && y != nil {
		return reflect.DeepEqual(x, y)
	}
	return sameNodes(a, b)
}

func sameNodes(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Value != b.Value && a.ShortTag() != "!!null" || a.ShortTag() != b.ShortTag() || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !sameNodes(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

// checkUntouched checks that the lines of an item stay if its data do, where the lines of
// items can be told: in block style, in lists that were sliced.
func checkUntouched(t *testing.T, in, out []byte) {
	t.Helper()
	a, b := itemLines(in), itemLines(out)
	if a == nil || b == nil || len(a) != len(b) {
		return
	}
	itemsA, itemsB := field(parse(in), "items"), field(parse(out), "items")
	for i := range a {
		if sameNodes(itemsA.Content[i], itemsB.Content[i]) && a[i] != b[i] {
			t.Fatalf("item %d did not change, but its text did:\n%s\n%s", i, a[i], b[i])
		}
	}
}

// itemLines returns the lines of each item but the last, nil where they cannot be told.
func itemLines(text []byte) (lines []string) {
	root := parse(text)
	if root == nil || root.Style&yaml.FlowStyle != 0 || bytes.ContainsAny(text, "\u0085\u2028\u2029&*!%\t") || bytes.Contains(text, []byte("\n---")) || !bytes.Contains(text, []byte("\n")) {
		return nil
	}
	items := field(root, "items")
	if items == nil || items.Kind != yaml.SequenceNode || items.Style&yaml.FlowStyle != 0 {
		return nil
	}
	all := strings.SplitAfter(string(text), "\n")
	for i := 0; i+1 < len(items.Content); i++ {
		from, to := items.Content[i].Line-1, items.Content[i+1].Line-1
		if from >= to || to > len(all) {
			return nil
		}
		lines = append(lines, strings.Join(all[from:to], ""))
	}
	return lines
}

// TestDifferential runs both ways on all seeds.
func TestDifferential(t *testing.T) {
	for _, in := range seeds(t) {
		checkDifferential(t, in)
	}
}

// checkSplit checks that where a list was cut into its items they are those that the parser finds in it,
// and reports whether it was.
func checkSplit(t *testing.T, in []byte) (sliced bool) {
	t.Helper()
	list, err := krm.Parse(in)
	if err != nil || !list.Sliced() {
		return false
	}
	whole, err := krm.ParseWhole(in)
	if err != nil {
		t.Fatalf("the items of what is no list were found: %v\n%s", err, in)
	}
	if len(list.Items) != len(whole.Items) {
		t.Fatalf("%d items, the parser finds %d\n%s", len(list.Items), len(whole.Items), in)
	}
	for i, item := range list.Items {
		other := whole.Items[i]
		if a, b := item.Node(), other.Node(); !sameNodes(a, b) || !item.MayBe(edit.Text(b, "kind")) {
			t.Fatalf("item %d is another to the parser\n%s", i, in)
		}
	}
	if a, b := list.FunctionConfig, whole.FunctionConfig; (a == nil) != (b == nil) || a != nil && !sameNodes(a, b) {
		t.Fatalf("the functionConfig is another to the parser\n%s", in)
	}
	return true
}

// TestSplit checks the items of lists with some lines changed, and FuzzSplit those of others.
func TestSplit(t *testing.T) {
	random, sliced, n := rand.New(rand.NewPCG(1, 2)), 0, 0
	for _, in := range seeds(t) {
		for edits := range 4 {
			program := make([]byte, 3*edits)
			for i := range program {
				program[i] = byte(random.UintN(256))
			}
			n++
			if checkSplit(t, edited(in, program)) {
				sliced++
			}
		}
	}
	if sliced < n/3 {
		t.Errorf("only %d lists of %d were cut", sliced, n)
	}
}

func FuzzSplit(f *testing.F) {
	all := seeds(f)
	for i := range all {
		f.Add(uint16(i), []byte{byte(i), byte(i * 7), byte(i * 13), byte(i * 5), byte(i * 3), byte(i * 11)})
	}
	f.Fuzz(func(t *testing.T, seed uint16, program []byte) {
		checkSplit(t, edited(all[int(seed)%len(all)], program))
	})
}

// edited returns a text with the edits of a program, three bytes each.
func edited(text, program []byte) []byte {
	lines := strings.SplitAfter(string(text), "\n")
	for ; len(program) >= 3 && len(lines) > 0; program = program[3:] {
		lines = editLine(lines, program[0], program[1], program[2])
	}
	return []byte(strings.Join(lines, ""))
}

// FuzzDifferential looks for input on which the two ways differ.
func FuzzDifferential(f *testing.F) {
	all := seeds(f)
	for i := range all {
		f.Add(uint16(i), []byte{byte(i), byte(i * 7), byte(i * 13), byte(i * 5), byte(i * 3), byte(i * 11)})
	}
	f.Fuzz(func(t *testing.T, seed uint16, program []byte) {
		checkDifferential(t, edited(all[int(seed)%len(all)], program))
	})
}
