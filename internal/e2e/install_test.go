package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"flux-workload-identity/internal/testenv"
)

// arbitrary is a user that neither the image nor the machine knows.
const arbitrary = "12345"

// TestInstall copies the binary out of the image into a mounted folder.
func TestInstall(t *testing.T) {
	image := testenv.Image(t)
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil { // as the emptyDir of a pod
		t.Fatal(err)
	}
	for range 2 { // the second time over the first
		stdout, stderr, code := testenv.Run(t, ".", append(restricted(image, arbitrary, "-v", dir+":/tools"), "install", "/tools")...)
		if code != 0 || stdout+stderr != "" {
			t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
	binary := filepath.Join(dir, "flux-workload-identity")
	info, err := os.Stat(binary)
	if err != nil || info.Mode() != 0o755 || fmt.Sprint(info.Sys().(*syscall.Stat_t).Uid) != arbitrary {
		t.Errorf("%v %v", info, err)
	}
	list := exampleList(t, "aws")
	want, _, _ := testenv.Feed(t, list, ".", testenv.Function(t))
	if got, stderr, code := testenv.Feed(t, list, ".", binary); code != 0 || got != want {
		t.Errorf("the copy: exit %d\n%s", code, stderr)
	}

	owned := t.TempDir() // by who runs the test, and not for others to write to
	if err := os.Chmod(owned, 0o755); err != nil {
		t.Fatal(err)
	}
	refusals := map[string]struct{ volume, dir, want string }{
		"read-only": {dir + ":/tools:ro", "/tools", "read-only file system"},
		"another's": {owned + ":/tools", "/tools", "permission denied"},
		"missing":   {dir + ":/tools", "/tolls", "no such file or directory"},
	}
	for name, tc := range refusals {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, code := testenv.Run(t, ".", append(restricted(image, arbitrary, "-v", tc.volume), "install", tc.dir)...)
			want := fmt.Sprintf("error: install: %q: want a directory to write flux-workload-identity to: %s\n", tc.dir, tc.want)
			if code != 1 || stdout != "" || stderr != want {
				t.Errorf("exit %d\n%s%swant %s", code, stdout, stderr, want)
			}
		})
	}
}
