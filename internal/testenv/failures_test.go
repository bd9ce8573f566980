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

// guard matches a command that guards a repository: its configuration, and its files.
var guard = regexp.MustCompile(`--fn-config (\S+) --check ([^ 2]\S+)`)

// TestGuards runs each command with --check that a text shows, in the repository that the commands above
// it have made, and again in that repository broken in each way: it must pass in the first and fail in the others.
func TestGuards(t *testing.T) {
	ways := []struct {
		name, reason string
		config       bool // the configuration is edited, else the files
		edit         func(string) string
		warning      bool // fails only a guard that looks at stderr
	}{
		{"Difference", "The files hold another role than the configuration.", true, replace("111122223333", "444455556666"), false},
		{"MisspeltField", "The configuration is wrong.", true, replace("integrations:", "integration:"), false},
		{"NoConfiguration", "It was moved, or a checkout lacks it.", true, nil, false},
		{"NotYAML", "A merge went wrong.", false, func(text string) string { return text + "\n---\na: [\n" }, false},
		{"NoFiles", "The folder was moved.", false, nil, false},
		{"LeftOver", "An identity was taken out of the configuration, and stays in the files.", true, func(text string) string {
			left, _, _ := strings.Cut(text, "    # Decrypt")
			return left
		}, true},
	}
	found := 0
	for _, text := range texts(t) {
		dir, done := "", 0
		list := commands(t, text)
		for i, c := range list {
			named := guard.FindStringSubmatch(c.line)
			if named == nil {
				continue
			}
			found++
			if dir == "" {
				dir = folder(t, text)
			}
			for ; done < i; done++ {
				prepare(t, dir, list[done])
			}
			run := func(before string) int {
				_, _, code := testenv.Run(t, dir, "sh", "-c", c.before+before+c.line)
				return code
			}
			if code := run(""); code != 0 {
				t.Errorf("%s: %s: exit %d in a right repository", text, c.line, code)
			}
			broken := testenv.Files(t, map[string]string{"flux-workload-identity": "#!/bin/sh\nexit 127\n"})
			if err := os.Chmod(filepath.Join(broken, "flux-workload-identity"), 0o755); err != nil {
				t.Fatal(err)
			}
			if run("export PATH="+broken+":$PATH\n") == 0 {
				t.Errorf("%s: %s: passes where the function cannot be started", text, c.line)
			}
			at := strings.TrimSpace(mustRun(t, dir, c.before+"pwd"))
			for _, way := range ways {
				files := named[2]
				if way.config {
					files = named[1]
				}
				restore := breakFiles(t, filepath.Join(at, files), way.edit)
				// Of a patch that is left over it is an error, as the function knows its own.
				want := !way.warning || strings.Contains(c.line, "2>") || strings.Contains(testenv.Read(t, at, named[1]), "output: Patches")
				if code := run(""); (code != 0) != want {
					t.Errorf("%s: %s: exit %d. %s", text, c.line, code, way.reason)
				}
				restore()
			}
			if code := run(""); code != 0 {
				t.Errorf("%s: %s: exit %d in the repository made right again", text, c.line, code)
			}
		}
	}
	if found < 6 {
		t.Errorf("only %d guards", found)
	}
}

func replace(old, by string) func(string) string {
	return func(text string) string { return strings.ReplaceAll(text, old, by) }
}

// prepare runs a command above a guard. What needs a tool that is not there leaves the guard to those that do not.
func prepare(t *testing.T, dir string, c command) {
	t.Helper()
	tool, _, _ := strings.Cut(c.line, " ")
	if _, err := exec.LookPath(tool); ownRun[c.line] || inContainer.MatchString(c.line) || tool == "kpt" && err != nil {
		return
	}
	if _, stderr, code := testenv.Run(t, dir, "sh", "-c", c.before+c.line); code != 0 && tool != "diff" {
		t.Fatalf("%s: exit %d\n%s", c.line, code, stderr)
	}
}

// breakFiles edits the files that match, or removes them where there is no edit, and returns what undoes that.
func breakFiles(t *testing.T, pattern string, edit func(string) string) (restore func()) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no such file: %v", pattern, err)
	}
	was := map[string]string{}
	for _, file := range files {
		was[file] = testenv.Read(t, file)
		if edit == nil {
			err = os.Remove(file)
		} else if edited := edit(was[file]); edited == was[file] {
			t.Fatalf("%s: nothing to edit", file)
		} else {
			err = os.WriteFile(file, []byte(edited), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		for file, text := range was {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func mustRun(t *testing.T, dir, command string) string {
	t.Helper()
	stdout, stderr, code := testenv.Run(t, dir, "sh", "-c", command)
	if code != 0 {
		t.Fatalf("%s: exit %d\n%s", command, code, stderr)
	}
	return stdout
}

// swallowed matches what makes a command that fails look like one that passed.
var swallowed = regexp.MustCompile(`\|\| *(true|:|exit 0|test \$\??)|; *(true|exit 0)\b|set \+e|continue-on-error|allow_failure|ignore-errors`)

// refuses matches the commands that fail where the one before them in a pipe printed nothing, so that
// its failure shows without pipefail too.
var refuses = regexp.MustCompile(`^(flux-workload-identity|docker run .*flux-workload-identity|cmp|grep|kpt fn sink) ?`)

// TestNoFailureIsSwallowed reads every command that is shown or run, for what hides that it failed.
func TestNoFailureIsSwallowed(t *testing.T) {
	for _, file := range globbed(t, "README.md", "CONTRIBUTING.md", "docs/*.md", "examples/*/*.md", "examples/*/*.yaml", "Makefile", "Dockerfile",
		".ci/run", ".github/workflows/*.yaml", "fn/help.txt") {
		for line := range strings.Lines(testenv.Read(t, file)) {
			if match := swallowed.FindString(line); match != "" {
				t.Errorf("%s: %q swallows a failure: %s", file, match, line)
			}
		}
	}
	for _, text := range texts(t) {
		content := testenv.Read(t, testenv.Root, text)
		for _, block := range append(shellBlock.FindAllStringSubmatch(content, -1), notRun.FindAllStringSubmatch(content, -1)...) {
			for line := range strings.Lines(continued.ReplaceAllString(block[1], " ")) {
				if _, last, piped := cutLast(line, " | "); piped && !refuses.MatchString(last) && !strings.Contains(block[1], "pipefail") {
					t.Errorf("%s: a pipe hides that its first command failed: %s", text, line)
				}
			}
		}
	}
}

func cutLast(text, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(text, separator); i >= 0 {
		return text[:i], text[i+len(separator):], true
	}
	return text, "", false
}

// TestRestart checks that who restarts the controllers as a text says restarts them once: kustomize-controller
// takes away what another field manager than its own or this has set, and that restarts them again
// (https://fluxcd.io/flux/faq/#why-are-kubectl-edits-rolled-back-by-flux).
func TestRestart(t *testing.T) {
	found := 0
	for _, file := range globbed(t, "README.md", "SECURITY.md", "docs/*.md", "examples/*/*.md", "examples/*/*.yaml", "fn/help.txt") {
		for line := range strings.Lines(testenv.Read(t, file)) {
			if strings.Contains(line, "rollout restart") {
				found++
				if !strings.Contains(line, "--field-manager=flux-client-side-apply") {
					t.Errorf("%s: want --field-manager=flux-client-side-apply: %s", file, line)
				}
			}
		}
	}
	if found < 3 {
		t.Errorf("only %d commands", found)
	}
}

// TestOthersSay has kustomize and kpt fail as docs/messages.md says, and pass by the way out that it names.
func TestOthersSay(t *testing.T) {
	const (
		config, kustomization = "examples/aws/workload-identity.yaml", "examples/aws/kustomization.yaml"

		notKRM = "input resource list must contain only KRM resources"
		values = "replicas: 3\n"
	)
	read := func(file string) string { return testenv.Read(t, testenv.Root, file) }
	function, _, _ := strings.Cut(read(config), "  annotations:")
	_, spec, _ := strings.Cut(read(config), "\nspec:")
	plain := testenv.Kustomize(t) + " build examples/aws"
	build := plain + " --enable-alpha-plugins --enable-exec"
	eval := "kpt fn eval examples/flux-system --exec flux-workload-identity --fn-config " + config
	type files map[string]string
	for _, tc := range []struct {
		name, reason  string
		files         files
		command, says string
		wayOut        files
	}{
		{
			"Validators", "kustomize compares the resources with those that come back, which have the annotations of functions.",
			files{kustomization: strings.Replace(read(kustomization), "transformers:", "validators:", 1)}, build,
			"validator shouldn't modify the resource map", files{kustomization: read(kustomization)},
		},
		{
			"NoPlugins", "The flag is missing.",
			nil, plain,
			"external plugins disabled; unable to load external plugin 'FluxWorkloadIdentity'", nil,
		},
		{
			"NoAnnotation", "kustomize then looks for a plugin of the old kind.",
			files{config: function + "spec:" + spec}, build,
			"unable to find plugin root", files{config: read(config)},
		},
		{
			"NotOnPath", "The binary is not installed.",
			files{config: strings.Replace(read(config), "path: flux", "path: no-flux", 1)}, build,
			"executable file not found in $PATH", files{config: read(config)},
		},
		{
			"Values", "kpt takes nothing but objects of Kubernetes where it finds YAML or JSON.",
			files{"examples/flux-system/values.yaml": values}, eval,
			notKRM, files{"examples/flux-system/.krmignore": "values.yaml\n"},
		},
		{
			"ValuesBelow", "Only the .krmignore at the top of the folder counts.",
			files{"examples/flux-system/app/values.yaml": values, "examples/flux-system/app/.krmignore": "values.yaml\n"}, eval,
			notKRM, files{"examples/flux-system/.krmignore": "values.yaml\n"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if strings.HasPrefix(tc.command, "kpt") {
				testenv.Kpt(t)
			}
			if !strings.Contains(testenv.Read(t, testenv.Root, "docs", "messages.md"), "- `"+tc.says) {
				t.Errorf("docs/messages.md does not say %q", tc.says)
			}
			dir := copyProject(t)
			write := func(texts files) {
				for name, text := range texts {
					file := filepath.Join(dir, name)
					if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
			write(tc.files)
			if stdout, stderr, code := testenv.Run(t, dir, "sh", "-c", tc.command); code == 0 || !strings.Contains(stdout+stderr, tc.says) {
				t.Errorf("want %q: exit %d\n%s%s\n%s", tc.says, code, stdout, stderr, tc.reason)
			}
			if tc.wayOut != nil {
				write(tc.wayOut)
				mustRun(t, dir, tc.command)
			}
		})
	}
}
