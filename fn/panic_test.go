package fn_test

import (
	"bytes"
	"strings"
	"testing"

	"flux-workload-identity/fn"
)

// panicking is a stdin that brings about what must never be seen.
type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("something is wrong") }

func TestPanic(t *testing.T) {
	var out, log bytes.Buffer
	code := fn.Run(panicking{}, &out, &log)
	if code != 1 || !strings.HasPrefix(log.String(), "error: internal error: something is wrong: please report it") || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("exit %d, stderr:\n%s", code, &log)
	}
	if !strings.HasPrefix(out.String(), "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nresults:\n") {
		t.Errorf("stdout:\n%s", &out)
	}
}
