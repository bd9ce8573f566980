package fn_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"flux-workload-identity/fn"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/internal/testenv"
)

// benchSpec is a configuration for installs in all namespaces.
var benchSpec = parities["aws"].spec + "  namespace: \"*\"\n"

// BenchmarkRun runs the function on the example's install, once and many times in one list.
// For benchstat: go test ./fn -run '^$' -bench Run -count 10.
func BenchmarkRun(b *testing.B) {
	install := strings.TrimPrefix(testenv.Read(b, testenv.Root, exampleInstall), "---\n")
	for _, n := range []int{1, 10, 100} {
		var stream strings.Builder
		for i := range n {
			stream.WriteString(strings.ReplaceAll(install, "namespace: flux-system", fmt.Sprintf("namespace: flux-%d", i)) + "---\n")
		}
		in := resourceList(stream.String(), benchSpec, "")
		b.Run(fmt.Sprintf("installs=%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				if code := fn.Run(bytes.NewReader(in), io.Discard, io.Discard); code != 0 {
					b.Fatalf("exit %d", code)
				}
			}
		})
	}
}

// BenchmarkParse compares slicing a list with parsing it as a whole.
func BenchmarkParse(b *testing.B) {
	in := resourceList(testenv.Read(b, testenv.Root, exampleInstall), parities["aws"].spec, "")
	for name, parse := range map[string]func([]byte) (*krm.ResourceList, error){"sliced": krm.Parse, "whole": krm.ParseWhole} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				if _, err := parse(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
