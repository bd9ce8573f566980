package testenv

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestUpToDate checks that a test whose tool is missing or old says in a sentence what to run.
func TestUpToDate(t *testing.T) {
	dir := t.TempDir()
	program, source := filepath.Join(dir, "program"), filepath.Join(dir, "src", "main.go")
	now := time.Now()
	write := func(file string, written time.Time) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, written, written); err != nil {
			t.Fatal(err)
		}
	}
	check := func(reason, want string) {
		t.Helper()
		switch err := upToDate(program, source, filepath.Dir(source)); {
		case err == nil && want != "", err != nil && err.Error() != want:
			t.Errorf("%s: got %v, want %q", reason, err, want)
		}
	}
	write(source, now)
	check("never built", "bin/program is missing: run `make tools`")
	write(program, now)
	check("as new as its source, as make has it", "")
	write(filepath.Join(dir, "src", "main_test.go"), now.Add(time.Minute))
	write(filepath.Join(dir, "src", "testdata", "in.yaml"), now.Add(time.Minute))
	check("tests and what they read are not built", "")
	write(source, now.Add(time.Second))
	check("its source was edited", "bin/program is older than "+source+": run `make tools`")
	if err := upToDate(program, filepath.Join(dir, "gone")); err == nil || !strings.Contains(err.Error(), "gone") {
		t.Errorf("a source that is not there: %v", err)
	}
}

// TestToolsAsInMake checks that the list here is that of the Makefile.
func TestToolsAsInMake(t *testing.T) {
	makefile := Read(t, Root, "Makefile")
	for name, sources := range tools {
		target := strings.ReplaceAll("$(BIN)/"+name, "flux-workload-identity", "$(BINARY)")
		_, rule, found := strings.Cut(makefile, "\n"+target+":")
		rule, _, _ = strings.Cut(rule, "\n")
		_, list, _ := strings.Cut(makefile, "\nTOOLS ")
		list, _, _ = strings.Cut(list, "\n")
		if !found || !strings.Contains(list, target) {
			t.Errorf("make tools does not build %s", target)
		}
		for _, source := range sources {
			if !strings.Contains(rule, source) {
				t.Errorf("%s: %q is not among what it depends on:%s", target, source, rule)
			}
		}
	}
}
