package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flux-workload-identity/internal/testenv"
)

// stdinOf returns a file that holds the text.
func stdinOf(t *testing.T, text string) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stdin")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestRun(t *testing.T) {
	const list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n"
	gcp := testenv.Read(t, testenv.Root, "examples/gcp/workload-identity.yaml")
	cases := map[string]struct {
		reason         string
		args           []string
		stdin          string
		code           int
		stdout, stderr string // what they begin with; empty for empty
	}{
		"help": {
			reason: "--help must not wait for stdin, and is what kpt fn doc prints",
			args:   []string{"--help"}, stdout: "flux-workload-identity lets the controllers",
		},
		"short help": {
			reason: "-h is what people type",
			args:   []string{"-h"}, stdout: "flux-workload-identity lets the controllers",
		},
		"version": {
			reason: "--version must not wait for stdin",
			args:   []string{"--version"}, stdout: "flux-workload-identity (devel)",
		},
		"unknown flag": {
			reason: "a flag that is not known must not be ignored",
			args:   []string{"--verbose"}, stdin: list, code: 2, stderr: `error: arguments: ["--verbose"]: want none`,
		},
		"argument": {
			reason: "a file name is not read, so it must not be taken",
			args:   []string{"list.yaml"}, stdin: list, code: 2, stderr: `error: arguments: ["list.yaml"]: want none`,
		},
		"flag after a flag": {
			reason: "what follows a flag must not be ignored either",
			args:   []string{"--help", "me"}, code: 2, stderr: `error: arguments: ["--help" "me"]: want none`,
		},
		"install without a directory": {
			reason: "there is no default for where to write",
			args:   []string{"install"}, code: 2, stderr: `error: arguments: ["install"]: want none`,
		},
		"install to two directories": {
			reason: "the second must not be ignored",
			args:   []string{"install", "/a", "/b"}, code: 2, stderr: `error: arguments: ["install" "/a" "/b"]: want none`,
		},
		"install to nowhere": {
			reason: "an init container that did nothing must fail",
			args:   []string{"install", "/nowhere"}, code: 1, stderr: `error: install: "/nowhere": want a directory to write `,
		},
		"list": {
			reason: "without arguments it is the function",
			stdin:  list, code: 1, stdout: list + "results:\n", stderr: "error: functionConfig: missing: want one",
		},
		"schema": {
			reason: "for editors and validators",
			args:   []string{"--schema"}, stdout: "{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\"",
		},
		"plain manifests": {
			reason: "the line of Flux's upgrade job",
			args:   []string{"--fn-config", "examples/gcp/workload-identity.yaml", "examples/flux-system/gotk-components.yaml"},
			stdout: "---\n# A Flux install in the shape of",
		},
		"check": {
			reason: "what would change is an error, and nothing is written",
			args:   []string{"--fn-config=examples/gcp/workload-identity.yaml", "--check", "examples/flux-system/gotk-components.yaml"},
			code:   1, stderr: "error: ServiceAccount flux-system/source-controller: metadata.annotations[iam.gke.io/gcp-service-account]: missing: want ",
		},
		"manifests with an error": {
			reason: "half a stream must not replace a file",
			args:   []string{"--fn-config", "examples/gcp/workload-identity.yaml"}, stdin: "kind: Deployment\n",
			code: 1, stderr: "error: no Flux controller among the items",
		},
		"a list with a configuration beside it": {
			reason: "it has a configuration of its own: which of the two is meant?",
			args:   []string{"--fn-config", "examples/gcp/workload-identity.yaml"}, stdin: list,
			code: 1, stderr: "error: stdin: ",
		},
		"no configuration": {
			reason: "the file that is missing must be named",
			args:   []string{"--fn-config", "nowhere.yaml"}, code: 1,
			stderr: "error: --fn-config: \"nowhere.yaml\": want a file that can be read: no such file or directory\n",
		},
		"no manifests": {
			reason: "the file that is missing must be named",
			args:   []string{"--fn-config", "examples/gcp/workload-identity.yaml", "nowhere.yaml"}, code: 1,
			stderr: "error: arguments: \"nowhere.yaml\": want a file that can be read: no such file or directory\n",
		},
		"a folder of manifests": {
			reason: "a folder is no file, and what is in it is not guessed",
			args:   []string{"--fn-config", "examples/gcp/workload-identity.yaml", "examples"}, code: 1,
			stderr: "error: arguments: \"examples\": want a file that can be read: is a directory\n",
		},
		"a flag twice": {
			reason: "the last must not win quietly",
			args:   []string{"--fn-config", "examples/gcp/workload-identity.yaml", "--fn-config", "nowhere.yaml"}, code: 2,
			stderr: "error: arguments: --fn-config: given twice: want it once\n",
		},
		"another flag twice": {
			reason: "a switch that is given with two values says two things",
			args:   []string{"--check", "--fn-config=examples/gcp/workload-identity.yaml", "--check=false"}, code: 2,
			stderr: "error: arguments: --check: given twice: want it once\n",
		},
		"the same flag twice": {
			reason: "it may be meant for another",
			args:   []string{"--version", "-version"}, code: 2, stderr: "error: arguments: --version: given twice: want it once\n",
		},
		"configuration on stdin": {
			reason: "- is stdin, as it is for others",
			args:   []string{"--fn-config", "-", "examples/flux-system/gotk-components.yaml"}, stdin: gcp,
			stdout: "---\n# A Flux install in the shape of",
		},
		"manifests on stdin": {
			reason: "the same, among files",
			args:   []string{"--fn-config", "examples/gcp/workload-identity.yaml", "-", "examples/flux-system/gotk-components.yaml"}, stdin: "first: 1\n",
			stdout: "first: 1\n---\n# A Flux install in the shape of",
		},
		"stdin for two": {
			reason: "it can be read once",
			args:   []string{"--fn-config", "-"}, stdin: gcp, code: 1,
			stderr: "error: arguments: stdin: read already: want it for the configuration or for manifests, once; name a file for the other\n",
		},
		"stdin twice": {
			reason: "the second would be empty",
			args:   []string{"--fn-config", "examples/gcp/workload-identity.yaml", "-", "-"}, code: 1,
			stderr: "error: arguments: stdin: read already: want it ",
		},
		"a wrong configuration on stdin": {
			reason: "it has no name but that of what it is",
			args:   []string{"--fn-config", "-", "examples/flux-system/gotk-components.yaml"}, stdin: "a: [\n", code: 1,
			stderr: "error: functionConfig: line 2: not YAML: ",
		},
		"names that cannot be seen": {
			reason: "a terminal must not obey a name, nor show another one",
			args:   []string{"--fn-config", "a\u202eb\x1b[2J\xff"}, code: 1,
			stderr: "error: --fn-config: \"a\\u202eb\\x1b[2J\\xff\": want a file that can be read: no such file or directory\n",
		},
		"check alone": {
			reason: "a list says in its own configuration that it is only checked",
			args:   []string{"--check"}, stdin: list, code: 2, stderr: `error: arguments: ["--check"]: want none`,
		},
		"manifests without a configuration": {
			reason: "which identities?",
			args:   []string{"gotk-components.yaml"}, code: 2, stderr: `error: arguments: ["gotk-components.yaml"]: want none`,
		},
		"empty": {
			reason: "an empty stdin that is no terminal is an error, not a reason for the help",
			code:   1, stdout: "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nresults:\n", stderr: "error: stdin: empty",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run(tc.args, stdinOf(t, tc.stdin), &stdout, &stderr)
			if code != tc.code || !begins(stdout.String(), tc.stdout) || !begins(stderr.String(), tc.stderr) {
				t.Errorf("%s\nexit %d, want %d\nstdout:\n%s\nstderr:\n%s", tc.reason, code, tc.code, &stdout, &stderr)
			}
		})
	}
}

func begins(text, with string) bool {
	return strings.HasPrefix(text, with) && (with != "" || text == "")
}

// TestTerminal checks that somebody who just types the name gets the help.
func TestTerminal(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	defer func() { _ = terminal.Close() }()
	var stdout, stderr bytes.Buffer
	if code := run(nil, terminal, &stdout, &stderr); code != 0 || !strings.HasPrefix(stdout.String(), "flux-workload-identity lets") || stderr.Len() > 0 {
		t.Errorf("exit %d\n%s%s", code, &stdout, &stderr)
	}
}

// TestDevNull checks that /dev/null, a device as a terminal is, is an empty stdin.
func TestDevNull(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = null.Close() }()
	var stdout, stderr bytes.Buffer
	if code := run(nil, null, &stdout, &stderr); code != 1 || !strings.HasPrefix(stderr.String(), "error: stdin: empty") {
		t.Errorf("exit %d\n%s%s", code, &stdout, &stderr)
	}
}
