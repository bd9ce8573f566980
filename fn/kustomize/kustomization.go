// Package kustomize is a stream as a file system for kustomize: what kustomize itself builds of it, of
// which document each object was made, and what it would be without an entry. Nothing remote is ever
// given to kustomize, which fetches it whatever file system it has.
package kustomize

import (
	"cmp"
	"path"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// Kinds and versions of kustomize's configuration (api/types/kustomization.go). Flux's own
// Kustomization is of another group.
const (
	group         = "kustomize.config.k8s.io/"
	kustomization = "Kustomization"
	component     = "Component"
)

var versions = map[string]string{kustomization: group + "v1beta1", component: group + "v1alpha1"}

// Kustomization is an object that configures a build.
type Kustomization struct {
	Item *krm.Item
	File string // from which it was read, "" where that is not known
}

// Find returns the Kustomizations and Components of the stream. As they have no name, results refer to them
// by their file from then on. Written by hand they often have no kind, and kpt passes them on as they are.
func Find(items []*krm.Item) (found []*Kustomization) {
	for _, item := range items {
		inFile := inOwnFile(item.Path())
		if !item.MayBe(kustomization, component) && (!inFile || !item.MayBe("")) {
			continue
		}
		given, named := edit.Get(item.Node(), "apiVersion"), edit.Get(item.Node(), "kind")
		version, kind := edit.Text(given), edit.Text(named)
		if inFile && named == nil {
			kind = kustomization
		}
		if inFile && given == nil {
			version = versions[kind]
		}
		if !strings.HasPrefix(version, group) || versions[kind] == "" {
			continue
		}
		k := &Kustomization{Item: item, File: item.Path()}
		if item.Ref() == nil && k.File != "" {
			item.Refer(&sdk.ResourceRef{APIVersion: version, Kind: kind, Name: k.File})
		}
		found = append(found, k)
	}
	return found
}

// inOwnFile reports whether kustomize looks for its configuration in the file.
func inOwnFile(file string) bool { return slices.Contains(krm.KustomizationFiles, path.Base(file)) }

// IsComponent reports whether it is a Component, which is built as a part of what lists it alone.
func (k *Kustomization) IsComponent() bool { return edit.Text(k.Item.Node(), "kind") == component }

// String names it for a message.
func (k *Kustomization) String() string { return cmp.Or(k.File, "(no path is known)") }

// Dir is the directory of its file.
func (k *Kustomization) Dir() string { return path.Dir(k.File) }

// Files returns the files and directories that it lists as resources or components, as paths
// of the stream. What lies elsewhere (https://...) comes as a path that no item has.
func (k *Kustomization) Files() []string { return k.named("resources", "bases", "components") }

// named returns what the elements of lists name, as they are or in their path.
func (k *Kustomization) named(lists ...string) (files []string) {
	for _, list := range lists {
		for _, e := range edit.Elements(edit.Get(k.Item.Node(), list)) {
			if name := edit.Text(e) + edit.Text(e, "path"); name != "" {
				files = append(files, path.Join(k.Dir(), name))
			}
		}
	}
	return files
}

// Listing is what the Kustomizations of a stream list by themselves.
type Listing struct{ dirs, files, patches map[string]bool }

// ListingOf reads the Kustomizations among the items.
func ListingOf(items []*krm.Item) Listing {
	l := Listing{map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for _, k := range Find(items) {
		l.dirs[k.Dir()] = k.File != ""
		for _, file := range k.Files() {
			l.files[file] = true
		}
		for _, file := range k.named(patchLists...) {
			l.patches[file] = true
		}
	}
	return l
}

// IsPatch reports whether a file is applied as a patch: its documents look like objects and are fragments
// of some.
func (l Listing) IsPatch(file string) bool { return l.patches[file] }

// IsLeft reports whether a file lies beside a Kustomization and nothing lists it, so that it is not built.
func (l Listing) IsLeft(file string) bool { return l.dirs[path.Dir(file)] && !l.files[file] }

// Listed returns the names of local files and directories that the Kustomization in a stream
// lists, as they stand there, but for the files of generators: what is still to be read for a
// build where there is nothing but the stream. It is cheap for a stream of another file.
func Listed(s krm.Stream) (names []string) {
	if !inOwnFile(s.Path) {
		return nil
	}
	// A fault comes again where the stream is read for good, and is said there.
	defer func() { _ = recover() }()
	list, err := krm.ParseManifests(krm.Stream{}, krm.Stream{Path: s.Path, Text: s.Text})
	if err != nil {
		return nil
	}
	t := TreeOf(list)
	for dir := range t.own {
		for _, missed := range t.layer(Root{Dir: dir}).notSeen {
			if missed.Why != Remote && !missed.isSource() {
				names = append(names, missed.What)
			}
		}
	}
	return names
}
