package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"flux-workload-identity/internal/testenv"
)

// asProgram makes the test binary the program itself: what the standard streams are is settled
// before main.
const asProgram = "FLUX_WORKLOAD_IDENTITY_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// shell runs a command line in a shell, in which $P is the program.
func shell(t *testing.T, dir, line string) (stdout, stderr string, code int) {
	t.Helper()
	var out, log strings.Builder
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &log
	cmd.Env = append(os.Environ(), asProgram+"=1", "P="+os.Args[0])
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), log.String(), cmd.ProcessState.ExitCode()
}

// TestStandardStreams starts the program without a stream, or with one that takes nothing, in
// each way of running: what could not be written is an error that is said, and no file that is
// named gets the place of the stream that is not there.
func TestStandardStreams(t *testing.T) {
	const install, config = "examples/flux-system/gotk-components.yaml", "examples/gcp/workload-identity.yaml"
	files := map[string]string{
		"install.yaml": testenv.Read(t, testenv.Root, install),
		"config.yaml":  testenv.Read(t, testenv.Root, config),
	}
	// More than a pipe holds, so that the reader is gone before all is written.
	files["list.yaml"] = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- apiVersion: v1\n  kind: ServiceAccount\n  metadata:\n    name: source-controller\n" +
		"    labels: {app.kubernetes.io/component: source-controller, app.kubernetes.io/part-of: flux}\nfunctionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  data: {cloud: gcp, gcs: flux-gcs@my-project.iam.gserviceaccount.com}\n" +
		strings.Repeat("# comment\n", 20_000)
	ways := map[string]struct {
		line         string
		writes, data bool
	}{
		"List":    {"$P < list.yaml", true, true},
		"Plain":   {"$P --fn-config config.yaml install.yaml", true, true},
		"Piped":   {"$P --fn-config config.yaml < install.yaml", true, true},
		"Help":    {"$P --help", true, false},
		"Version": {"$P --version", true, false},
		"Schema":  {"$P --schema", true, true},
		"Check":   {"$P --fn-config config.yaml --check done.yaml", false, false},
		"Install": {"$P install .", false, false},
	}
	streams := map[string]struct{ reason, line, stderr string }{
		"Closed":   {"Go puts /dev/null in the place of what is closed, where all is lost.", "%s >&-", "error: stdout: closed: want a file, a pipe or a terminal to write to; > /dev/null discards it\n"},
		"All":      {"An error that cannot be said is an error all the same.", "%s >&- 2>&-", ""},
		"Full":     {"What was written is not all.", "%s > /dev/full", "error: stdout: write /dev/stdout: no space left on device\n"},
		"ReadOnly": {"What is open, but not for writing.", "%s 1< list.yaml", "error: stdout: write /dev/stdout: bad file descriptor\n"},
	}
	for way, w := range ways {
		for name, s := range streams {
			t.Run(way+name, func(t *testing.T) {
				if _, err := os.Stat("/dev/full"); err != nil && name == "Full" {
					t.Skip(err)
				}
				dir := testenv.Files(t, files)
				done, _, _ := shell(t, dir, "$P --fn-config config.yaml install.yaml")
				if err := os.WriteFile(filepath.Join(dir, "done.yaml"), []byte(done), 0o644); err != nil {
					t.Fatal(err)
				}
				code, stderr := 0, ""
				if w.writes && (w.data || name == "Full" || name == "ReadOnly") {
					code, stderr = 1, s.stderr
				}
				_, log, got := shell(t, dir, strings.Replace(s.line, "%s", w.line, 1))
				if got != code || log != stderr {
					t.Errorf("%s\nexit %d, want %d, stderr:\n%s", s.reason, got, code, log)
				}
				for name, text := range files {
					if testenv.Read(t, dir, name) != text {
						t.Errorf("%s is written to", name)
					}
				}
			})
		}
	}
}

// TestStandardStreamsOthers has what is none of the table: streams that stand for nothing are
// no error where that is meant.
func TestStandardStreamsOthers(t *testing.T) {
	list := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n"
	dir := testenv.Files(t, map[string]string{
		"list.yaml":   list + strings.Repeat("# comment\n", 200_000),
		"config.yaml": testenv.Read(t, testenv.Root, "examples/gcp/workload-identity.yaml"),
	})
	for name, tc := range map[string]struct{ reason, line, stdout, stderr string }{
		"Discarded":    {"Who says /dev/null means it.", "$P --version > /dev/null; echo $?", "0\n", ""},
		"Pipe":         {"A reader that goes away is an error that is said, not a signal.", "{ $P < list.yaml; echo $? >&2; } | true", "", "error: functionConfig: missing: want one"},
		"StdinClosed":  {"There is nothing to read.", "$P <&-", "", "error: stdin: empty: want a ResourceList\n"},
		"PlainClosed":  {"The same of plain manifests.", "$P --fn-config config.yaml <&-", "", "error: no Flux controller among the items"},
		"ConfigClosed": {"And of a configuration.", "$P --fn-config - config.yaml <&-", "", "error: functionConfig: missing: want one"},
		"StderrClosed": {"The exit code is left.", "$P < list.yaml 2>&- | tail -c1; $P <list.yaml >/dev/null 2>&-; echo $?", "\n1\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, _ := shell(t, dir, tc.line)
			if tc.stdout != "" && stdout != tc.stdout || !begins(stderr, tc.stderr) {
				t.Errorf("%s\nstdout:\n%.200s\nstderr:\n%s", tc.reason, stdout, stderr)
			}
			if name == "Pipe" && !strings.Contains(stderr, "\nerror: stdout: write /dev/stdout: broken pipe\n1\n") {
				t.Errorf("%s\n%s", tc.reason, stderr)
			}
		})
	}
}
