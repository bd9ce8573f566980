package fn_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"flux-workload-identity/internal/testenv"
)

// The smallest list with something to do, as a frame for what is put between the two.
const (
	boundsHead = `apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: ServiceAccount
  metadata:
    labels: {app.kubernetes.io/component: source-controller}
    name: source-controller
`
	boundsConfig = `functionConfig:
  apiVersion: fn.kpt.dev/v1alpha1
  kind: FluxWorkloadIdentity
  metadata:
    name: test
  spec:
    gcp:
      identities:
      - serviceAccountEmail: flux-gcs@my-project.iam.gserviceaccount.com
        controllers: [source-controller]
`
)

// bomb is a map whose last value stands for a thousand million nodes.
func bomb(indent string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%sa0: &a0 [x, x, x, x, x, x, x, x]\n", indent)
	for i := 1; i <= 10; i++ {
		fmt.Fprintf(&b, "%sa%d: &a%d [%s]\n", indent, i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 8), ", "))
	}
	return b.String()
}

// TestBounds runs the program on input made to exhaust it. It must end soon, within a
// bound of memory, with the identity written or with an error and the input's items.
func TestBounds(t *testing.T) {
	cases := map[string]struct {
		reason string
		in     string
		code   int
		stderr string
	}{
		"deep flow": {
			reason: "ten thousand levels are what the parser takes",
			in:     boundsHead + "- {a: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + "}\n" + boundsConfig,
		},
		"too deep flow": {
			reason: "more are an error, not an exhausted stack",
			in:     boundsHead + "- {a: " + strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000) + "}\n" + boundsConfig,
			code:   1, stderr: "error: stdin: not YAML: yaml: line 9: exceeded max depth of 10000: want a ResourceList in YAML or JSON\n",
		},
		"alias bomb elsewhere": {
			reason: "what is not touched is not expanded",
			in:     boundsHead + "- kind: Bomb\n" + bomb("  ") + boundsConfig,
		},
		"alias bomb to copy": {
			reason: "a shared map that must be copied is not expanded without end",
			in:     boundsHead + "    annotations: &bomb\n" + bomb("      ") + "- kind: Other\n  metadata: {annotations: *bomb}\n" + boundsConfig,
			code:   1,
			stderr: "error: ServiceAccount source-controller: metadata.annotations[iam.gke.io/gcp-service-account]: cannot be set: aliases expand to more than 100000 nodes: want fewer of them\n",
		},
		"alias bomb in results": {
			reason: "incoming results are compared with ours, but not expanded for it",
			in:     boundsHead + boundsConfig + "results:\n- message: bomb\n  tags:\n" + bomb("    "),
		},
		"alias bomb in the configuration": {
			reason: "metadata is free, and is not looked at",
			in:     boundsHead + strings.Replace(boundsConfig, "    name: test\n", "    name: test\n"+bomb("    "), 1),
		},
		"large scalar": {
			reason: "a ConfigMap may hold a large file",
			in:     boundsHead + "- kind: Large\n  data: |\n" + strings.Repeat("    "+strings.Repeat("x", 99)+"\n", 100_000) + boundsConfig,
		},
		"many items": {
			reason: "a fleet is many items",
			in:     boundsHead + strings.Repeat("- {kind: Tiny}\n", 100_000) + boundsConfig,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			// A minute of work, however long that takes beside what else the machine does.
			cmd := exec.Command("sh", "-c", `ulimit -t 60; exec "$0"`, testenv.Function(t))
			var stdout, stderr bytes.Buffer
			cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(tc.in), &stdout, &stderr
			var exit *exec.ExitError
			if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			usage, _ := cmd.ProcessState.SysUsage().(*syscall.Rusage)
			t.Logf("%d bytes in %v of CPU, %d MiB", len(tc.in), (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Round(time.Millisecond), usage.Maxrss/1024)
			if code := cmd.ProcessState.ExitCode(); code != tc.code || stderr.String() != tc.stderr {
				t.Fatalf("%s\nexit %d, want %d, stderr:\n%s", tc.reason, code, tc.code, &stderr)
			}
			// What the parser needs for the smallest of items is some 300 times their text.
			if limit := int64(100 + len(tc.in)/1024*400/1024); usage.Maxrss/1024 > limit {
				t.Errorf("%s\n%d MiB of memory for %d bytes, want at most %d", tc.reason, usage.Maxrss/1024, len(tc.in), limit)
			}
			wrote := strings.Contains(stdout.String(), "iam.gke.io/gcp-service-account: flux-gcs")
			if wrote != (tc.code == 0) {
				t.Errorf("%s\nexit %d, and the identity written: %t", tc.reason, tc.code, wrote)
			}
		})
	}
}

// TestTruncated cuts a list at every byte: what is left is an error, or a list with all
// that it has, and never a success with less.
func TestTruncated(t *testing.T) {
	in := boundsConfig + boundsHead // the items last, where a cut is not noticed by what is missing
	for cut := range len(in) {
		checkPromises(t, []byte(in[:cut]))
	}
}

// TestOutputFails checks that a list that cannot be written is never a success.
func TestOutputFails(t *testing.T) {
	dir := testenv.Files(t, map[string]string{"in.yaml": boundsHead + boundsConfig + strings.Repeat("# comment\n", 20_000)})
	function := testenv.Function(t)
	cases := map[string]struct {
		reason, command, stderr string
		code                    int
	}{
		"full disk": {
			reason:  "what was written is not all",
			command: function + " < in.yaml > /dev/full", code: 1, stderr: "error: stdout: write /dev/stdout: no space left on device\n",
		},
		"closed stdout": {
			reason:  "Go puts /dev/null in the place of what is closed, and all would be lost",
			command: function + " < in.yaml >&-", code: 1, stderr: "error: stdout: closed: want a file, a pipe or a terminal to write to; > /dev/null discards it\n",
		},
		"closed pipe": {
			reason:  "a reader that goes away is an error as others are, and no signal",
			command: "{ " + function + " < in.yaml 2> log; echo $? > code; } | true; test $(cat code) = 1 && grep -q 'broken pipe' log",
		},
		"closed stdin": {
			reason:  "nothing can be read",
			command: function + " <&-", code: 1, stderr: "error: stdin: empty: want a ResourceList\n",
		},
		"directory": {
			reason:  "a directory cannot be read",
			command: function + " < .", code: 1, stderr: "error: stdin: read /dev/stdin: is a directory\n",
		},
		"closed stderr": {
			reason:  "an error that cannot be said is an error all the same",
			command: "echo | " + function + " 2>&-; test $? = 1",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := os.Stat("/dev/full"); err != nil && name == "full disk" {
				t.Skip(err)
			}
			_, stderr, code := testenv.Run(t, dir, "sh", "-c", tc.command)
			if code != tc.code || stderr != tc.stderr {
				t.Errorf("%s\nexit %d, want %d, stderr:\n%s", tc.reason, code, tc.code, stderr)
			}
		})
	}
	if files, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(files) > 3 {
		t.Errorf("files were left behind: %v", files)
	}
}
