// Package kustomize is a stream as a file system for kustomize: what kustomize itself builds of it, of
// which document each object was made, and what it would be without an entry. Nothing remote is ever
// given to kustomize, which fetches it whatever file system it has.
package kustomize

import (
	"path"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// Kinds and versions of kustomize's configuration (api/types/kustomization.go). Flux's own
// Kustomization is of another group.
const (
	group            = "kustomize.config.k8s.io/"
	kustomization    = "Kustomization"
	component        = "Component"
	version          = group + "v1beta1"
	componentVersion = group + "v1alpha1"
)

// Kustomization is an object that configures a build.
type Kustomization struct {
	Item *krm.Item
	File string // from which it was read, "" where that is not known
}

// Find returns the Kustomizations and Components of the stream. As they have no name,
// results refer to them by their file from then on.
func Find(items []*krm.Item) (found []*Kustomization) {
	for _, item := range items {
		if !item.MayBe(kustomization, component) && (!item.MayBe("") || !inOwnFile(item.Path())) {
			continue
		}
		k := &Kustomization{Item: item, File: item.Path()}
		if !isKustomization(item.Node(), k.File) {
			continue
		}
		if item.Ref() == nil && k.File != "" {
			item.Refer(k.ref())
		}
		found = append(found, k)
	}
	return found
}

// isKustomization reports whether an object configures kustomize. Written by hand it often
// has no kind, and kpt passes it on as it is.
func isKustomization(n *yaml.Node, file string) bool {
	v, kind := edit.Get(n, "apiVersion"), edit.Get(n, "kind")
	inFile := inOwnFile(file)
	return (strings.HasPrefix(edit.Text(v), group) || v == nil && inFile) &&
		(edit.Text(kind) == kustomization || edit.Text(kind) == component || kind == nil && inFile)
}

// inOwnFile reports whether kustomize looks for its configuration in the file.
func inOwnFile(file string) bool {
	return slices.Contains(krm.KustomizationFiles, path.Base(file))
}

// IsComponent reports whether it is a Component, which is built as a part of what lists it alone.
func (k *Kustomization) IsComponent() bool { return edit.Text(k.Item.Node(), "kind") == component }

// ref fills in what kustomize takes for granted, and the file for the name.
func (k *Kustomization) ref() *sdk.ResourceRef {
	ref := &sdk.ResourceRef{
		APIVersion: edit.Text(k.Item.Node(), "apiVersion"),
		Kind:       edit.Text(k.Item.Node(), "kind"),
		Name:       k.File,
	}
	if ref.Kind == "" {
		ref.Kind = kustomization
	}
	if ref.APIVersion == "" {
		ref.APIVersion = version
		if ref.Kind == component {
			ref.APIVersion = componentVersion
		}
	}
	return ref
}

// String names it for a message.
func (k *Kustomization) String() string {
	if k.File == "" {
		return "(no path is known)"
	}
	return k.File
}

// Dir is the directory of its file.
func (k *Kustomization) Dir() string {
	return path.Dir(k.File)
}

// Files returns the files and directories that it lists as resources or components, as paths
// of the stream. What lies elsewhere (https://...) comes as a path that no item has.
func (k *Kustomization) Files() (files []string) {
	for _, field := range []string{"resources", "bases", "components"} {
		for _, e := range edit.Elements(edit.Get(k.Item.Node(), field)) {
			if name := edit.Text(e); name != "" {
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
		for _, field := range patchLists {
			for _, e := range edit.Elements(edit.Get(k.Item.Node(), field)) {
				if name := edit.Text(e) + edit.Text(e, "path"); name != "" {
					l.patches[path.Join(k.Dir(), name)] = true
				}
			}
		}
	}
	return l
}

// IsPatch reports whether a file is applied as a patch: its documents look like objects and are fragments
// of some.
func (l Listing) IsPatch(file string) bool { return l.patches[file] }

// IsLeft reports whether a file lies beside a Kustomization and nothing lists it, so that it is not built.
func (l Listing) IsLeft(file string) bool { return l.dirs[path.Dir(file)] && !l.files[file] }
