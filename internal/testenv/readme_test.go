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

var shellBlock = regexp.MustCompile("(?s)```shell\n(.*?)```")

// ownRun are the commands that cannot run below "go test" since they run it, or do what
// .ci/run does beside it.
var ownRun = map[string]bool{"make build": true, "make test": true, "make test-e2e": true, "make demo": true, "make image": true}

// inContainer matches the commands that run the image.
var inContainer = regexp.MustCompile(`\bdocker\b|--image|\bcontainer$`)

var imageName = regexp.MustCompile(`(?:image:|--image|IMG=|build -t) *([^ \n\x60]+)`)

// TestImageNames checks that every image that READMEs and examples name has a slash and a
// tag or digest, lest kpt looks for it in its own registry, and docker for latest.
func TestImageNames(t *testing.T) {
	good := regexp.MustCompile(`^[^/]+/.+(:[\w.]+|@sha256:\w+)$`)
	for _, pattern := range []string{"README.md", "docs/*.md", "examples/*/README.md", "examples/*/container/*.yaml"} {
		files, err := filepath.Glob(filepath.Join(testenv.Root, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			for _, match := range imageName.FindAllStringSubmatch(testenv.Read(t, file), -1) {
				if name := match[1]; !good.MatchString(name) && !strings.HasPrefix(name, "docker:") { // GitLab's own
					t.Errorf("%s: %q has no slash or no tag", file, name)
				}
			}
		}
	}
}

// TestGoVersion checks that the image and the workflows build with one Go, as without that
// the bytes differ.
func TestGoVersion(t *testing.T) {
	pinned := regexp.MustCompile(`(?:golang|go-version):\s?(\S+)`)
	want := pinned.FindStringSubmatch(testenv.Read(t, testenv.Root, "Dockerfile"))[1]
	for _, file := range []string{"ci.yaml", "release.yaml"} {
		for _, match := range pinned.FindAllStringSubmatch(testenv.Read(t, testenv.Root, ".github", "workflows", file), -1) {
			if match[1] != want {
				t.Errorf("%s: Go %s, but %s in the Dockerfile", file, match[1], want)
			}
		}
	}
}

// TestReadmes runs every command of every README and of docs, with the function, kustomize
// and kpt on PATH. Each text has a copy of the project of its own, and is read in its folder,
// those of docs at the top.
func TestReadmes(t *testing.T) {
	t.Setenv("PATH", filepath.Dir(testenv.Kustomize(t))+string(os.PathListSeparator)+os.Getenv("PATH"))
	for _, text := range texts(t) {
		t.Run(text, func(t *testing.T) {
			dir := folder(t, text)
			for _, c := range commands(t, text) {
				runCommand(t, dir, c)
			}
		})
	}
}

// command is a line of a text for a shell, after the lines that change nothing but the shell.
type command struct{ before, line string }

// commands returns those of the blocks of shell in a text.
func commands(t *testing.T, text string) (list []command) {
	t.Helper()
	before := "" // what the shell remembers of the lines before
	for _, block := range shellBlock.FindAllStringSubmatch(testenv.Read(t, testenv.Root, text), -1) {
		for line := range strings.Lines(continued.ReplaceAllString(block[1], " ")) {
			if line = strings.TrimSpace(line); remembered.MatchString(line) {
				before += line + "\n"
			} else {
				list = append(list, command{before, line})
			}
		}
	}
	return list
}

// folder returns where the commands of a text run, in a copy of the project.
func folder(t *testing.T, text string) string {
	t.Helper()
	dir := filepath.Dir(text)
	if dir == "docs" {
		dir = "."
	}
	return filepath.Join(copyProject(t), dir)
}

var notRun = regexp.MustCompile("(?s)```sh\n(.*?)```")

// needs matches commands that no test can run, and what they need: a registry, a cluster, or the
// command line of Flux.
var needs = regexp.MustCompile(`^(docker (push|image inspect|manifest) |make image VERSION=|export IMG=registry|kubectl -n flux-system |set -o pipefail$|flux install --export \|)`)

// TestNotRun checks that commands which are not run are those that cannot be.
func TestNotRun(t *testing.T) {
	for _, text := range texts(t) {
		for _, block := range notRun.FindAllStringSubmatch(testenv.Read(t, testenv.Root, text), -1) {
			for line := range strings.Lines(block[1]) {
				if !needs.MatchString(strings.TrimSpace(line)) {
					t.Errorf("%s: %q can be run: want it in a block of shell", text, strings.TrimSpace(line))
				}
			}
		}
	}
}

// texts returns the READMEs and what is in docs, relative to the top.
func texts(t *testing.T) (names []string) {
	t.Helper()
	for _, pattern := range []string{"README.md", "docs/*.md", "examples/*/README.md"} {
		files, err := filepath.Glob(filepath.Join(testenv.Root, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no such text: %v", pattern, err)
		}
		for _, file := range files {
			name, err := filepath.Rel(testenv.Root, file)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
		}
	}
	return names
}

// remembered matches what changes nothing but the shell.
var remembered = regexp.MustCompile(`^(cd|export) `)

// continued matches the end of a line that goes on in the next.
var continued = regexp.MustCompile(`\s*\\\n\s*`)

// copyProject returns a copy of what READMEs name, in which everything is committed, for
// those that use git.
func copyProject(t *testing.T) string {
	t.Helper()
	project := t.TempDir()
	for _, dir := range []string{"examples"} {
		if err := os.CopyFS(filepath.Join(project, dir), os.DirFS(filepath.Join(testenv.Root, dir))); err != nil {
			t.Fatal(err)
		}
	}
	for _, command := range []string{"git init -q", "git add .", "git -c user.name=test -c user.email=test@example.com -c commit.gpgsign=false commit -q -m test"} {
		if _, stderr, code := testenv.Run(t, project, strings.Fields(command)...); code != 0 {
			t.Fatalf("%s: exit %d\n%s", command, code, stderr)
		}
	}
	return project
}

func runCommand(t *testing.T, dir string, c command) {
	t.Run(c.line, func(t *testing.T) {
		if ownRun[c.line] {
			return
		}
		if inContainer.MatchString(c.line) {
			testenv.Image(t)
		}
		tool, _, _ := strings.Cut(c.line, " ")
		if tool == "kpt" {
			testenv.Kpt(t)
		} else if _, err := exec.LookPath(tool); err != nil {
			t.Fatal(err)
		}
		want := 0
		if tool == "diff" {
			want = 1 // there is a difference, which the reader is to see
		}
		if stdout, stderr, code := testenv.Run(t, dir, "sh", "-c", c.before+c.line); code != want {
			t.Errorf("exit %d\n%s%s", code, stdout, stderr)
		}
	})
}
