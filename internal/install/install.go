// Package install copies the running program to a directory, for init containers: the
// image has no shell, so no cp.
package install

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// To copies the running program to a directory under its own name. Whoever looks there
// sees the file that was, or all of the new one.
func To(dir string) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("install: %w", err)
	}
	if err := replace(program, dir); err != nil {
		var cause syscall.Errno // without the name of the temporary file
		if errors.As(err, &cause) {
			err = cause
		}
		return fmt.Errorf("install: %q: want a directory to write %s to: %w", dir, filepath.Base(program), err)
	}
	return nil
}

func replace(program, dir string) (err error) {
	if _, err := os.Stat(dir); err != nil { // os.CreateTemp takes "" for the machine's
		return err
	}
	in, err := os.Open(program)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read
	out, err := os.CreateTemp(dir, "."+filepath.Base(program)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(out.Name()) // the first error counts
		}
	}()
	_, err = io.Copy(out, in)
	// Whatever the umask: who runs the copy is seldom who made it.
	err = errors.Join(err, out.Chmod(0o755), out.Sync(), out.Close())
	if err != nil {
		return err
	}
	return os.Rename(out.Name(), filepath.Join(dir, filepath.Base(program)))
}
