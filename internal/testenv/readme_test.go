package testenv_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"flux-workload-identity/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

var shellBlock = regexp.MustCompile("(?s)```shell\n(.*?)```")

// ownRun are the commands that cannot run below "go test" since they run it, or do what
// .ci/run does beside it.
var ownRun = map[string]bool{"make test": true, "make demo": true}

// TestReadmes runs every command of every README, in its folder, in a copy of the
// project, with the function, kustomize and kpt on PATH.
func TestReadmes(t *testing.T) {
	project := t.TempDir()
	for _, dir := range []string{"examples"} {
		if err := os.CopyFS(filepath.Join(project, dir), os.DirFS(filepath.Join(testenv.Root, dir))); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", filepath.Dir(testenv.Kustomize(t))+string(os.PathListSeparator)+os.Getenv("PATH"))
	readmes, err := filepath.Glob(filepath.Join(testenv.Root, "examples", "*", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, readme := range append(readmes, filepath.Join(testenv.Root, "README.md")) {
		dir, err := filepath.Rel(testenv.Root, filepath.Dir(readme))
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range shellBlock.FindAllStringSubmatch(testenv.Read(t, readme), -1) {
			for command := range strings.Lines(block[1]) {
				runCommand(t, filepath.Join(project, dir), strings.TrimSpace(command))
			}
		}
	}
}

func runCommand(t *testing.T, dir, command string) {
	t.Run(command, func(t *testing.T) {
		if ownRun[command] {
			return
		}
		if tool, _, _ := strings.Cut(command, " "); tool == "kpt" {
			testenv.Kpt(t)
		} else if _, err := exec.LookPath(tool); err != nil {
			t.Fatal(err)
		}
		if stdout, stderr, code := testenv.Run(t, dir, "sh", "-c", command); code != 0 {
			t.Errorf("exit %d\n%s%s", code, stdout, stderr)
		}
	})
}
