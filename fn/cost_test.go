package fn_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"flux-workload-identity/fn"
	"flux-workload-identity/fn/krm"
)

// TestCost counts what documents and items cost that can be no object: to parse one takes
// more than twenty allocations, so none is parsed, and twice as many cost twice as much.
func TestCost(t *testing.T) {
	const n = 2000
	cases := map[string]struct{ reason, document, item string }{
		"No kind":  {"a map without a kind is no object of Kubernetes", "---\na: 1\n", "- a: 1\n"},
		"Flow":     {"nor is one in flow style", "---\n{}\n", "- {a: 1}\n"},
		"Lists":    {"nor is a list", "---\n- a\n- b\n", "- - a\n"},
		"Objects":  {"nor a list of operations", "---\n- op: add\n  path: /a\n", "- - op: add\n    path: /a\n"},
		"Scalars":  {"nor text", "---\ntext\n", "- text\n"},
		"Quoted":   {"in quotes", "---\n\"a\n\n  b\"\n", "- \"a\"\n"},
		"Block":    {"in a block", "--- \n|\n  a\n", "- |\n  a\n"},
		"Comments": {"nor a comment", "---\n# a\n", "# a\n"},
		"Empty":    {"nor nothing", "---\n", "\n"},
		"Others":   {"what is of another kind need not be read", "---\nkind: A\n", "- kind: A\n"},
		"InQuotes": {"with the kind in quotes", "---\nkind: \"A\"\n", "- kind: 'A'\n"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			config := krm.Stream{Text: []byte(functionConfig("x", listGCP))}
			plain := func(n int) float64 {
				text := []byte(listAccount + strings.Repeat(tc.document, n))
				return testing.AllocsPerRun(1, func() {
					if code := fn.RunManifests(config, false, []krm.Stream{{Text: text}}, io.Discard, io.Discard); code != 0 {
						t.Fatal("exit", code)
					}
				})
			}
			list := func(n int) float64 {
				in := bytes.Replace(resourceList(listAccount, listGCP, ""), []byte("functionConfig:"), []byte(strings.Repeat(tc.item, n)+"functionConfig:"), 1)
				return testing.AllocsPerRun(1, func() {
					if code := fn.Run(bytes.NewReader(in), io.Discard, io.Discard); code != 0 {
						t.Fatal("exit", code)
					}
				})
			}
			for way, run := range map[string]func(int) float64{"plain": plain, "list": list} {
				none, once, twice := run(0), run(n), run(2*n)
				if each := (once - none) / n; each > 10 {
					t.Errorf("%s: %s: %.1f allocations each", tc.reason, way, each)
				}
				if more := twice - once; more > 1.2*(once-none)+1000 {
					t.Errorf("%s: %s: %d cost %.0f allocations, as many again %.0f", tc.reason, way, n, once-none, more)
				}
			}
		})
	}
}
