// Package home finds what builds or declares an install, and so can hold patches of it: the
// Kustomization that lists the controllers, and the FluxInstance. Flux keeps both, where it writes the
// controllers themselves anew.
package home

import (
	"slices"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
)

// Home is an object that holds patches.
type Home struct {
	Item *krm.Item
	// List is where it holds them.
	List edit.Path
	// Installs are those that the patches are for; none where it is to lose them.
	Installs []*flux.Install
	// Kustomization is nil for a FluxInstance.
	Kustomization *kustomize.Kustomization
	// Tree is what it is built in, as Root; nil for a FluxInstance that cannot be built.
	Tree *kustomize.Tree
	Root kustomize.Root

	standIn  string            // the file of what stands in for its controllers, "" for none
	instance *krm.ResourceList // what a FluxInstance is built of
}

// instanceList is where a FluxInstance holds patches (api/v1/fluxinstance_types.go).
var instanceList = edit.Path{"spec", "kustomize", "patches"}

// Homes are those of a stream.
type Homes struct {
	List []*Home
	Tree *kustomize.Tree // with what stands in for controllers that are not in the stream

	unseen []finding
}

// finding is something that is not known of a home.
type finding struct {
	item    *krm.Item
	field   edit.Path
	message string
}

// Find returns the homes, and the installs that their patches are for: those that are in the stream, and
// those that are only declared in it.
func Find(list *krm.ResourceList, config *api.Config, report *krm.Report) (homes Homes, installs []*flux.Install) {
	homes.Tree = kustomize.TreeOf(list)
	f := finder{items: slices.Concat(list.Items, list.Beside), config: config, report: report, tree: homes.Tree}
	homes.List, installs = f.find(list.Beside)
	for _, h := range homes.List {
		homes.standIn(h)
	}
	for _, h := range homes.List {
		h.site(homes.Tree, report)
		if len(h.Installs) > 0 && h.Kustomization != nil {
			h.warnOfConfig(list.Items, report)
		}
	}
	return homes, installs
}

// warnOfConfig warns of a configuration of the function in what Flux builds and applies.
func (h *Home) warnOfConfig(items []*krm.Item, report *krm.Report) {
	for _, item := range items {
		if !item.MayBe(api.Kind) || !h.Tree.Reaches(h.Root, item.Path()) {
			continue
		}
		if slices.ContainsFunc(h.Tree.Build(h.Root).Objects, func(o kustomize.Built) bool { return o.Item == item }) {
			report.Item(sdk.Warning, item, nil, "Flux builds it with "+h.Item.Path()+": want no "+api.Kind+
				" there: the cluster has no such kind, and the sync stops; keep the configuration in another folder")
		}
	}
}

// Say reports what is not known of the homes.
func (h *Homes) Say(severity sdk.Severity, report *krm.Report) {
	for _, f := range h.unseen {
		report.Item(severity, f.item, f.field, f.message)
	}
}

// IsBuilt reports whether a stream is what comes of a build: of no file, with nothing that holds patches.
func IsBuilt(list *krm.ResourceList) bool {
	return len(kustomize.Find(list.Items)) == 0 && !slices.ContainsFunc(list.Items, func(item *krm.Item) bool {
		return item.Path() != "" || item.MayBe("FluxInstance")
	})
}
