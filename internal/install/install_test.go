package install_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"flux-workload-identity/internal/install"
	"flux-workload-identity/internal/testenv"
)

// TestTo checks that the copy is the running program, may be run by anybody, replaces what
// was there, and leaves nothing beside it.
func TestTo(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Base(program)
	cases := map[string]struct {
		reason string
		before map[string]string
	}{
		"new":      {reason: "an emptyDir is empty"},
		"existing": {reason: "a container that starts again finds the copy of the first time", before: map[string]string{name: "old"}},
	}
	for title, tc := range cases {
		t.Run(title, func(t *testing.T) {
			dir := testenv.Files(t, tc.before)
			if err := install.To(dir); err != nil {
				t.Fatalf("%s: %v", tc.reason, err)
			}
			files, err := os.ReadDir(dir)
			if err != nil || len(files) != 1 || files[0].Name() != name {
				t.Fatalf("%s: %v %v", tc.reason, files, err)
			}
			info, err := files[0].Info()
			if err != nil || runtime.GOOS != "windows" && info.Mode() != 0o755 {
				t.Errorf("%s: mode %v, want 0755 (%v)", tc.reason, info.Mode(), err)
			}
			if testenv.Read(t, dir, name) != testenv.Read(t, program) {
				t.Errorf("%s: the copy differs", tc.reason)
			}
		})
	}
}

// TestRefusals checks what is said where nothing can be written, and that nothing is. An
// arbitrary user and a read-only file system are in package e2e.
func TestRefusals(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Base(program)
	dir := testenv.Files(t, map[string]string{"file": "", "taken/" + name + "/keep": ""})
	readOnly := t.TempDir()
	if err := os.Chmod(readOnly, 0o555); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		reason, dir, want string
	}{
		"empty":     {reason: "an unset variable must not mean the temporary folder", dir: "", want: "no such file"},
		"missing":   {reason: "a misspelt mount must not be made up", dir: filepath.Join(dir, "missing"), want: "no such file"},
		"file":      {reason: "DIR is the folder, not the file", dir: filepath.Join(dir, "file"), want: "not a directory"},
		"taken":     {reason: "a folder of that name is not replaced", dir: filepath.Join(dir, "taken"), want: "file exists"},
		"read-only": {reason: "a volume may be mounted read-only", dir: readOnly, want: "permission denied"},
	}
	for title, tc := range cases {
		t.Run(title, func(t *testing.T) {
			if title == "read-only" && os.Geteuid() == 0 {
				t.Skip("root may write anywhere")
			}
			err := install.To(tc.dir)
			want := `install: "` + tc.dir + `": want a directory to write ` + name + " to: " + tc.want
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%s\ngot  %v\nwant %s", tc.reason, err, want)
			}
			if files, _ := filepath.Glob(filepath.Join(tc.dir, ".*")); len(files) > 0 {
				t.Errorf("%s: left behind: %v", tc.reason, files)
			}
		})
	}
}
