// Package testenv gives tests what they run against: the function and kustomize as make builds
// them, kpt and real Flux installs.
package testenv

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Update is the flag -update of the tests that have golden files.
var Update = flag.Bool("update", false, "write what is printed to the golden files")

// Root is the top folder of the project.
var Root = func() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}()

// bin is where make puts what it builds.
var bin = filepath.Join(Root, "bin")

// tools are the programs that tests run, and the files that each is built of, as the Makefile
// says them. Tests build none: that takes minutes on a new machine, and looks like a test that hangs.
var tools = map[string][]string{
	"flux-workload-identity": {"go.mod", "go.sum", "main.go", "fn", "internal"},
	"kustomize":              {"tools/kustomize"},
	"fluxbuild":              {"tools/fluxbuild"},
}

func tool(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(bin, name)
	var sources []string
	for _, source := range tools[name] {
		sources = append(sources, filepath.Join(Root, source))
	}
	if err := upToDate(path, sources...); err != nil {
		t.Fatal(err)
	}
	return path
}

// upToDate returns an error if a program is missing, or older than what it is built of. Looking at
// the files also tells go test when a result of before holds no longer.
func upToDate(program string, sources ...string) error {
	built, err := os.Stat(program)
	if err != nil {
		return fmt.Errorf("bin/%s is missing: run `make tools`", filepath.Base(program))
	}
	for _, source := range sources {
		err := filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil, strings.HasSuffix(path, "_test.go"):
				return err
			case entry.IsDir() && entry.Name() == "testdata":
				return fs.SkipDir
			case entry.IsDir():
				return nil
			}
			info, err := os.Stat(path)
			if err == nil && info.ModTime().After(built.ModTime()) {
				err = fmt.Errorf("bin/%s is older than %s: run `make tools`", filepath.Base(program), path)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Function returns the path of the function's binary.
func Function(t testing.TB) string {
	t.Helper()
	return tool(t, "flux-workload-identity")
}

// Kustomize returns the path of the pinned kustomize.
func Kustomize(t testing.TB) string {
	t.Helper()
	return tool(t, "kustomize")
}

// FluxBuild returns the path of the program "fluxbuild ROOT DIR", which builds a kustomization
// as Flux's kustomize-controller does.
func FluxBuild(t testing.TB) string {
	t.Helper()
	return tool(t, "fluxbuild")
}

// Kpt returns the path of kpt. Where there is none the test is skipped, but in CI (the
// variable CI is set) that is a failure.
func Kpt(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("kpt")
	if err != nil {
		absent(t, "kpt is not on PATH")
	}
	return path
}

// absent ends a test that needs what Go does not bring.
func absent(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// ImageName is the image of the function that examples and READMEs name.
const ImageName = "localhost/flux-workload-identity:dev"

// Image returns the name of the function's image. The test is skipped unless the variable E2E
// asks for it, as make test-e2e does, which builds the image. Then it is skipped where there is
// no Docker engine, but in CI that is a failure.
func Image(t testing.TB) string {
	t.Helper()
	if os.Getenv("E2E") == "" {
		t.Skip("needs a Docker engine: run make test-e2e")
	}
	if text, err := exec.Command("docker", "version").CombinedOutput(); err != nil {
		absent(t, fmt.Sprintf("no Docker engine: %v\n%s", err, text))
	}
	if err := exec.Command("docker", "image", "inspect", ImageName).Run(); err != nil {
		t.Fatalf("the image %s is missing: run `make test-e2e`", ImageName)
	}
	return ImageName
}

// All reports whether the variable TEST_ALL asks for all cases, as make test-all does. Without
// it tests that go through installs, clouds and orchestrators take some of each.
func All() bool { return os.Getenv("TEST_ALL") != "" }

// Example is the install of the examples, which every clone has.
var Example = filepath.Join(Root, "examples", "flux-system", "gotk-components.yaml")

// Installs returns the files of the example's install and of the real ones that there are.
func Installs(t testing.TB) []string {
	t.Helper()
	return append(corpus(t), Example)
}

// Corpus is Installs without the example; where there are none the test is skipped.
func Corpus(t testing.TB) []string {
	t.Helper()
	files := corpus(t)
	if len(files) == 0 {
		t.Skip("no real Flux installs: CONTRIBUTING.md says where they are looked for")
	}
	return files
}

// corpus returns the files of real Flux installs, one YAML file each, from the folder that
// FLUX_CORPUS names, or from ../shared/corpus beside the project, which not everybody has. It
// is the oldest, one in the middle and the newest unless all cases are asked for.
func corpus(t testing.TB) []string {
	t.Helper()
	dir, named := os.LookupEnv("FLUX_CORPUS")
	if !named {
		dir = filepath.Join(Root, "..", "shared", "corpus")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || named && len(files) == 0 {
		t.Fatalf("FLUX_CORPUS: no Flux installs in %q", dir)
	}
	if len(files) > 3 && !All() {
		files = []string{files[0], files[len(files)/2], files[len(files)-1]}
	}
	return files
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
