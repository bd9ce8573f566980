package files

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"flux-workload-identity/fn/krm"
)

// What is read beside is bounded, whatever a Kustomization lists.
const (
	maxBeside     = 10_000   // files
	maxBesideSize = 64 << 20 // bytes of one
)

// beside reads the local files that Kustomizations among the arguments list, and what is listed
// by those in the folders that they list, as far as they lie in the repository, or in the working
// folder where that is in none. What cannot be read is not there: who needs it says so.
type beside struct {
	listed func(krm.Stream) []string // by the Kustomizations in a stream

	root      *os.Root        // out of which nothing leads, no symbolic link either
	top, here string          // the paths of the root and of the working folder
	given     map[string]bool // those of the arguments
	tried     map[string]bool // names of files
	read      []krm.Stream
}

// readBeside returns what is listed, for whatever file of the arguments that holds a
// Kustomization. Names begin as that of the argument does.
func readBeside(given []krm.Stream, listed func(krm.Stream) []string) []krm.Stream {
	b := &beside{listed: listed, given: map[string]bool{}, tried: map[string]bool{}}
	entries := make([][]string, len(given))
	some := false
	for n, s := range given {
		if s.Path != "" { // stdin has no folder
			entries[n] = listed(s)
			some = some || len(entries[n]) > 0
		}
	}
	if !some || !b.open() {
		return nil
	}
	defer func() { _ = b.root.Close() }() // nothing was written to it
	for _, s := range given {
		b.given[b.resolve(s.Path)] = true
	}
	for n, s := range given {
		// Clean takes a name such as link/../x for another file than the system does.
		if name := path.Clean(filepath.ToSlash(s.Path)); len(entries[n]) > 0 && b.resolve(name) == b.resolve(s.Path) {
			b.follow(path.Dir(name), entries[n])
		}
	}
	return b.read
}

// open opens the repository, the nearest folder upwards that holds .git, or the working folder.
func (b *beside) open() bool {
	var err error
	if b.here, err = syscall.Getwd(); err != nil { // not that of os, which asks the environment first
		return false
	}
	b.top = b.here
	for dir := b.here; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			b.top = dir
			break
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	b.root, err = os.OpenRoot(b.top)
	return err == nil
}

// resolve returns the path of what has a name, without symbolic links, "" where nothing has.
func (b *beside) resolve(name string) string {
	file, err := filepath.EvalSymlinks(filepath.FromSlash(name))
	switch {
	case name == "" || err != nil:
		return ""
	case filepath.IsAbs(file):
		return file
	}
	return filepath.Join(b.here, file)
}

// stat returns what lies at a path, and the path in the root; nil for what lies outside.
func (b *beside) stat(file string) (info os.FileInfo, within string) {
	within, err := filepath.Rel(b.top, file)
	if err == nil {
		info, err = b.root.Stat(within)
	}
	if err != nil {
		return nil, ""
	}
	return info, within
}

// follow reads what a Kustomization in a folder lists.
func (b *beside) follow(dir string, entries []string) {
	from := b.resolve(dir) // whence kustomize goes, wherever a symbolic link to it lies
	if info, _ := b.stat(from); info == nil {
		return
	}
	for _, entry := range entries {
		if strings.Contains(entry, "://") || path.IsAbs(entry) || filepath.IsAbs(entry) {
			continue
		}
		name, file := path.Join(dir, entry), filepath.Join(from, filepath.FromSlash(entry))
		info, _ := b.stat(file)
		if info == nil {
			continue
		}
		// Beyond a symbolic link .. may lead elsewhere than the name says.
		if named, err := os.Stat(filepath.FromSlash(name)); err != nil || !os.SameFile(named, info) {
			continue
		}
		if !info.IsDir() {
			b.file(name, file)
			continue
		}
		for _, own := range krm.KustomizationFiles {
			if s, ok := b.file(path.Join(name, own), filepath.Join(file, own)); ok {
				b.follow(name, b.listed(s))
			}
		}
	}
}

// file reads a file, if it is not there yet and is one that ends.
func (b *beside) file(name, file string) (s krm.Stream, ok bool) {
	if b.tried[name] || len(b.read) == maxBeside {
		return s, false
	}
	b.tried[name] = true
	info, within := b.stat(file)
	if info == nil || !info.Mode().IsRegular() || info.Size() > maxBesideSize || b.given[b.resolve(file)] {
		return s, false
	}
	text, err := b.root.ReadFile(within)
	if err != nil {
		return s, false
	}
	s = krm.Stream{Path: name, Text: text, Beside: true}
	b.read = append(b.read, s)
	return s, true
}
