package examples

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/internal/testenv"
)

// TestUpgradeJob runs the steps of the workflow in a repository with a remote, with stand-ins
// for what needs a network: flux, which prints the example's install, docker and gh.
func TestUpgradeJob(t *testing.T) {
	var workflow struct {
		Jobs struct {
			Upgrade struct {
				Steps []struct {
					Name, Run string
					Env       map[string]string
				}
			}
		}
	}
	if err := yaml.Unmarshal([]byte(testenv.Read(t, "upgrade-job", "upgrade-flux.yaml")), &workflow); err != nil {
		t.Fatal(err)
	}
	install, err := filepath.Abs(filepath.Join("flux-system", "gotk-components.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := testenv.Files(t, map[string]string{
		"bin/flux":   "#!/bin/sh\ntest \"$*\" = 'install --export' && test -z \"$FAILS\" && cat " + install + "\n",
		"bin/docker": "#!/bin/sh\n",
		"bin/gh":     "#!/bin/sh\necho \"$*\" >> " + "../gh.log\n",
		"repository/clusters/prod/flux-system/gotk-components.yaml": "old: install\n",
		"repository/workload-identity.yaml":                         testenv.Read(t, "upgrade-job", "workload-identity.yaml"),
		"temp/.keep":                                                "",
	})
	for _, name := range []string{"flux", "docker", "gh"} {
		if err := os.Chmod(filepath.Join(dir, "bin", name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	repository := filepath.Join(dir, "repository")
	t.Setenv("PATH", filepath.Join(dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("RUNNER_TEMP", filepath.Join(dir, "temp"))
	t.Setenv("GITHUB_RUN_ID", "1")
	t.Setenv("GITHUB_PATH", filepath.Join(dir, "path"))
	mustRun(t, dir, "git init -q --bare remote.git")
	mustRun(t, repository, "git init -q . && git remote add origin ../remote.git && git add . && git -c user.name=a -c user.email=a@example.com commit -q -m a")

	run := func() (code int) {
		for _, step := range workflow.Jobs.Upgrade.Steps {
			for key, value := range step.Env {
				t.Setenv(key, value)
			}
			if _, stderr, code := testenv.Run(t, repository, "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.Run); code != 0 {
				t.Logf("%s: %s", step.Name, stderr)
				return code
			}
		}
		return 0
	}
	components := filepath.Join(repository, "clusters/prod/flux-system/gotk-components.yaml")
	t.Setenv("FAILS", "yes")
	if run() == 0 || testenv.Read(t, components) != "old: install\n" {
		t.Error("a failing flux must fail the job and leave the install")
	}
	t.Setenv("FAILS", "")
	if code := run(); code != 0 {
		t.Fatalf("exit %d", code)
	}
	testenv.Golden(t, filepath.Join("upgrade-job", "expected.diff"), testenv.Diff(t, testenv.Read(t, install), testenv.Read(t, components)))
	if log := testenv.Read(t, dir, "gh.log"); log != "pr create --fill\n" {
		t.Errorf("gh was called with %q", log)
	}
	if branches := mustRun(t, repository, "git ls-remote --heads origin"); !strings.Contains(branches, "refs/heads/upgrade-flux-") {
		t.Errorf("no branch was pushed: %s", branches)
	}
	if code := run(); code != 0 || testenv.Read(t, dir, "gh.log") != "pr create --fill\n" {
		t.Error("where nothing changed there is nothing to do")
	}
}

func mustRun(t *testing.T, dir, command string) string {
	t.Helper()
	stdout, stderr, code := testenv.Run(t, dir, "sh", "-c", command)
	if code != 0 {
		t.Fatalf("%s: %s", command, stderr)
	}
	return stdout
}
