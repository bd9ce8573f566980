package fn_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aymanbagabas/go-udiff"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"flux-workload-identity/fn"
	"flux-workload-identity/internal/testenv"
)

// TestGolden runs the cases of testdata/*/*.txtar. Such a file is, in this order: the
// reason for the case, the ResourceList on stdin, and the difference to stdout, the stderr and the exit
// code that are expected. Run with -update to write the last three anew, then read them.
//
// Of every case it also checks what must hold of all: see checkPromises.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases found: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(file, "testdata/"), ".txtar")
		t.Run(name, func(t *testing.T) { runGolden(t, file) })
	}
}

func runGolden(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	reason := strings.TrimSpace(string(archive.Comment))
	if reason == "" {
		t.Fatalf("%s: no reason above the first file", file)
	}
	in := section(archive, "stdin")
	stdout, stderr, code := run(in)

	got := []txtar.File{
		{Name: "stdin", Data: in},
		{Name: "diff", Data: []byte(udiff.Unified("stdin", "stdout", string(in), string(stdout)))},
		{Name: "stderr", Data: stderr},
		{Name: "exit", Data: []byte(strconv.Itoa(code) + "\n")},
	}
	if *testenv.Update {
		archive.Files = got
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range got {
		if diff := cmp.Diff(string(section(archive, f.Name)), string(f.Data)); diff != "" {
			t.Errorf("%s\n%s: -want +got:\n%s", reason, f.Name, diff)
		}
	}

	checkPromises(t, in)
}

// section returns a file of the archive, empty where there is none.
func section(archive *txtar.Archive, name string) []byte {
	for _, f := range archive.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

func run(in []byte) (stdout, stderr []byte, code int) {
	var out, log bytes.Buffer
	code = fn.Run(bytes.NewReader(in), &out, &log)
	return out.Bytes(), log.Bytes(), code
}
