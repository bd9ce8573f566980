// Package testenv gives tests what they run against: the built function, kustomize, kpt
// and real Flux installs.
package testenv

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// Update is the flag -update of the tests that have golden files.
var Update = flag.Bool("update", false, "write what is printed to the golden files")

// Root is the top folder of the project.
var Root = func() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}()

// binaries is where one test process builds what it runs.
var binaries = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "flux-workload-identity-test-") })

// Main runs the tests of a package and removes what was built for them.
func Main(m *testing.M) {
	code := m.Run()
	if dir, err := binaries(); err == nil {
		_ = os.RemoveAll(dir) // in the temporary folder of the machine
	}
	os.Exit(code)
}

var function = sync.OnceValues(func() (string, error) {
	return build(Root, "flux-workload-identity", ".")
})

var kustomize = sync.OnceValues(func() (string, error) {
	return build(filepath.Join(Root, "tools", "kustomize"), "kustomize", "sigs.k8s.io/kustomize/kustomize/v5")
})

var fluxBuild = sync.OnceValues(func() (string, error) {
	return build(filepath.Join(Root, "tools", "fluxbuild"), "fluxbuild", ".")
})

func build(dir, name, pkg string) (string, error) {
	out, err := binaries()
	if err != nil {
		return "", err
	}
	path := filepath.Join(out, name)
	text, err := exec.Command("go", "build", "-C", dir, "-o", path, pkg).CombinedOutput()
	if err != nil {
		return "", errors.New(string(text))
	}
	return path, nil
}

// Function builds the function and returns the path of the binary.
func Function(t testing.TB) string {
	t.Helper()
	return must(t, function)
}

// Kustomize builds the pinned kustomize and returns the path of the binary.
func Kustomize(t testing.TB) string {
	t.Helper()
	return must(t, kustomize)
}

// FluxBuild builds the program "fluxbuild ROOT DIR", which builds a kustomization as Flux's
// kustomize-controller does, and returns the path of the binary.
func FluxBuild(t testing.TB) string {
	t.Helper()
	return must(t, fluxBuild)
}

func must(t testing.TB, get func() (string, error)) string {
	t.Helper()
	path, err := get()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Kpt returns the path of kpt; where there is none the test is skipped.
func Kpt(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("kpt")
	if err != nil {
		t.Skip("kpt is not on PATH")
	}
	return path
}

// ImageName is the image of the function that examples and READMEs name.
const ImageName = "localhost/flux-workload-identity:dev"

var image = sync.OnceValues(func() (string, error) {
	text, err := exec.Command("make", "-C", Root, "image", "IMG="+ImageName).CombinedOutput()
	if err != nil {
		return "", errors.New(string(text))
	}
	return ImageName, nil
})

// Image builds the image of the function and returns its name. The test is skipped unless
// the variable E2E asks for it, as make test-e2e does. Then it is skipped where there is no
// Docker engine, but in CI (the variable CI is set) that is a failure.
func Image(t testing.TB) string {
	t.Helper()
	if os.Getenv("E2E") == "" {
		t.Skip("needs a Docker engine: run make test-e2e")
	}
	if text, err := exec.Command("docker", "version").CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no Docker engine: %v\n%s", err, text)
		}
		t.Skipf("no Docker engine: %v", err)
	}
	return must(t, image)
}

// Corpus returns the files of real Flux installs, one YAML file each, from the folder that
// FLUX_CORPUS names. Without the variable the test is skipped where the default folder,
// ../shared/corpus beside the project, does not exist.
func Corpus(t testing.TB) []string {
	t.Helper()
	dir, named := os.LookupEnv("FLUX_CORPUS")
	if !named {
		dir = filepath.Join(Root, "..", "shared", "corpus")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err == nil && len(files) > 0 {
		return files
	}
	if named {
		t.Fatalf("FLUX_CORPUS: no Flux installs in %q", dir)
	}
	t.Skip("no Flux installs in " + dir)
	return nil
}

// Run runs a command in a folder, with the built function on PATH, and returns what it
// prints and how it ended.
func Run(t testing.TB, dir string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return Feed(t, "", dir, args...)
}

// Feed is Run with a text on stdin.
func Feed(t testing.TB, stdin, dir string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, log bytes.Buffer
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, strings.NewReader(stdin), &out, &log
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(Function(t))+string(os.PathListSeparator)+os.Getenv("PATH"))
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
	return out.String(), log.String(), cmd.ProcessState.ExitCode()
}

// Diff returns what differs between two texts, as expected.diff of an example says it.
func Diff(t testing.TB, before, after string) string {
	t.Helper()
	dir := Files(t, map[string]string{"before.yaml": before, "after.yaml": after})
	diff, _, _ := Run(t, dir, "git", "diff", "--no-index", "--no-color", "--no-prefix", "-U7", "before.yaml", "after.yaml")
	_, diff, _ = strings.Cut(diff, "\n+++ after.yaml\n")
	return diff
}

// Golden compares text with a golden file, or writes it there with -update.
func Golden(t testing.TB, file, text string) {
	t.Helper()
	if *Update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != text {
		t.Errorf("%s differs; run with -update and look at the difference. Got:\n%s", file, text)
	}
}

// Files writes files into a new folder and returns its path.
func Files(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Read returns the text of a file.
func Read(t testing.TB, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
