package kustomize

import (
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// writer writes into memory what a build reads.
type writer struct {
	*Tree
	fs              filesys.FileSystem
	as              form
	build           *Build
	seen            map[string]bool
	absent          []NotSeen
	carries, schema bool // values from one object to another; another schema
	err             error
}

func (w *writer) write(name string, text []byte) {
	w.err = errors.Join(w.err, w.fs.WriteFile(name, text))
}

// layer writes a layer and those below it.
func (w *writer) layer(l *layer) {
	if w.seen[l.dir] {
		return
	}
	w.seen[l.dir] = true
	for _, dir := range l.dirs {
		w.layer(w.Tree.layer(dir))
	}
	w.write(asIs+nothing, nil)
	w.err = errors.Join(w.err, l.err)
	w.build.NotSeen, w.absent = append(w.build.NotSeen, l.notSeen...), append(w.absent, l.absent...)
	w.carries = w.carries || l.fields["replacements"] != nil || l.fields["vars"] != nil || l.fields["transformers"] != nil
	w.schema = w.schema || l.fields["openapi"] != nil
	for _, name := range l.files {
		w.write(w.memory(name), w.text(name, w.as))
	}
	w.others(l.others)
	name := "kustomization.yaml"
	if l.kustomization != nil {
		name = path.Base(l.kustomization.File)
	}
	if w.err == nil {
		w.write(path.Join(w.memory(l.dir), name), w.kustomization(l))
	}
}

// others writes what is no resource: for the fields of a Kustomization, which name it so, and
// where the configuration of a plugin may look for it.
func (w *writer) others(names []string) {
	for _, name := range names {
		w.write(asIs+w.memory(name), w.text(name, plain))
		if !w.fs.Exists(w.memory(name)) {
			w.write(w.memory(name), w.text(name, plain))
		}
	}
}

// kustomization returns the text of a layer. What a directory of configurations builds is put
// inline, so that what it names is seen.
func (w *writer) kustomization(l *layer) []byte {
	k := maps.Clone(l.fields)
	if k["resources"] == nil {
		k["resources"] = []any{} // kustomize refuses one without anything
	}
	for _, name := range plugins {
		list, _ := k[name].([]any)
		k[name] = slices.Clone(list)
		for n, e := range list {
			entry, _ := e.(string)
			if !strings.HasPrefix(entry, "./") {
				continue
			}
			r := &reader{&layer{dir: l.dir}, w.Tree, l.kustomization.Item}
			built, err := w.run(w.Tree.layer(r.path(entry)), configuration, w.build)
			if err == nil {
				_ = r.inline(l.later[entry], &entry, built)
			}
			k[name].([]any)[n] = entry
			w.err = errors.Join(w.err, err)
			w.build.NotSeen = append(w.build.NotSeen, r.notSeen...)
			w.others(r.others)
		}
	}
	text, err := yaml.Marshal(k)
	w.err = errors.Join(w.err, err)
	return text
}
