// Package kustomize is what this function knows of kustomize: which objects configure it,
// which files they list, and what the patches in them do to an object.
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

// Reach returns what a build of the Kustomization reads: what it lists, and what is listed by
// those of the stream whose directories it lists.
func (k *Kustomization) Reach(all []*Kustomization) []string {
	reach := k.Files()
	visited := map[*Kustomization]bool{k: true}
	for i := 0; i < len(reach); i++ {
		for _, other := range all {
			if other.File != "" && other.Dir() == reach[i] && !visited[other] {
				visited[other] = true
				reach = append(reach, other.Files()...)
			}
		}
	}
	return reach
}

// PatchFiles returns the files that Kustomizations apply as patches: they look like
// objects and are fragments of some.
func PatchFiles(kustomizations []*Kustomization) map[string]bool {
	files := map[string]bool{}
	for _, k := range kustomizations {
		for _, p := range k.Patches(nil) {
			if p.File != "" {
				files[p.File] = true
			}
		}
	}
	return files
}

// Common is a label or an annotation that a Kustomization gives to all objects.
type Common struct {
	Field edit.Path
	Of    string // labels or annotations
	Key   string
	Value string
}

// Common returns the labels and annotations that the Kustomization gives to all objects.
func (k *Kustomization) Common() (common []Common) {
	root := k.Item.Node()
	add := func(field edit.Path, of string, entries *yaml.Node) {
		for _, p := range edit.Pairs(entries) {
			common = append(common, Common{field.With(p.Key), of, p.Key, edit.Text(p.Value)})
		}
	}
	add(edit.Path{"commonAnnotations"}, "annotations", edit.Get(root, "commonAnnotations"))
	add(edit.Path{"commonLabels"}, "labels", edit.Get(root, "commonLabels"))
	for i, e := range edit.Elements(edit.Get(root, "labels")) {
		add(edit.Path{"labels"}.At(i).With("pairs"), "labels", edit.Get(e, "pairs"))
	}
	return common
}
