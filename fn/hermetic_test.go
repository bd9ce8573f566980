package fn_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"flux-workload-identity/internal/testenv"
)

// TestHermetic checks that the packages of the function itself have no way to the network,
// to files or to the environment. (Some of what they depend on has; none of it is called.)
func TestHermetic(t *testing.T) {
	list := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./fn/...")
	list.Dir = testenv.Root
	text, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		imports := strings.Fields(line)
		for _, forbidden := range []string{"net", "net/http", "os", "os/exec", "syscall", "time", "math/rand"} {
			if slices.Contains(imports[1:], forbidden) {
				t.Errorf("%s imports %s", imports[0], forbidden)
			}
		}
	}
}
