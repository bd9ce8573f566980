// Package patches writes a plan as patches into what builds or declares the install: the
// kustomization that lists the controllers, and the FluxInstance. Flux keeps both, where it
// writes the controllers themselves anew.
package patches

import (
	"fmt"
	"slices"
	"strings"

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

	kustomization *kustomize.Kustomization // nil for a FluxInstance
	standIn       string                   // the file of what stands in for its controllers, "" for none
}

// instanceList is where a FluxInstance holds patches (api/v1/fluxinstance_types.go).
var instanceList = edit.Path{"spec", "kustomize", "patches"}

// Homes are the objects of a stream that hold patches.
type Homes struct {
	List []*Home

	tree    *kustomize.Tree
	configs []*krm.Item // of the function, which come from files
}

// Find returns the objects that are to hold the patches, and the installs that these are
// for: those that are in the stream, and those that are only declared in it.
func Find(list *krm.ResourceList, config *api.Config, report *krm.Report) (homes Homes, installs []*flux.Install) {
	homes.tree = kustomize.TreeOf(list)
	for _, item := range list.Items {
		if item.MayBe(api.Kind) && item.Path() != "" {
			homes.configs = append(homes.configs, item)
		}
	}
	f := finder{items: slices.Concat(list.Items, list.Beside), config: config, report: report, tree: homes.tree, kustomizations: homes.tree.Kustomizations()}
	scope, ok := f.narrow()
	if !ok {
		return homes, nil
	}
	installs = flux.Find(f.items, scope, report)
	instances := flux.Instances(f.items, config.Scope, installs, report)
	if report.Failed() {
		return homes, nil
	}
	f.choose(installs)
	for _, instance := range instances {
		f.homes = append(f.homes, &Home{Item: instance.Declared, List: instanceList, Installs: []*flux.Install{instance}})
	}
	if len(f.homes) == 0 && !report.Failed() {
		f.wrong(fmt.Sprintf("neither a Kustomization that lists %s nor a FluxInstance is among the items: want one to hold the patches; kpt brings it, kustomize gives a function none%s",
			strings.Join(f.lookedFor(installs), " or "), f.unseen()))
	}
	f.checkHoused(installs, len(instances) > 0)
	f.checkDirs(instances)
	for _, h := range f.homes {
		if slices.Contains(list.Beside, h.Item) {
			f.wrong(fmt.Sprintf("the patches go to %s, which is read only because another file lists it: want it among the arguments", h.Item.Path()))
		}
		if len(h.Installs) > 0 && h.Installs[0].Declared != nil && h.kustomization == nil {
			report.Item(sdk.Info, h.Item, nil, "the controllers are not among the items: they are taken from spec.components, or its default")
		}
		for _, i := range h.Installs {
			if i.Declared != nil {
				installs = append(installs, i)
			}
		}
	}
	homes.List = f.homes
	return homes, installs
}

// IsBuilt reports whether a stream is what comes of a build: of no file, with nothing that holds patches.
func IsBuilt(list *krm.ResourceList) bool {
	return len(kustomize.Find(list.Items)) == 0 && !slices.ContainsFunc(list.Items, func(item *krm.Item) bool {
		return item.Path() != "" || item.MayBe("FluxInstance")
	})
}

type finder struct {
	items          []*krm.Item
	tree           *kustomize.Tree
	config         *api.Config
	report         *krm.Report
	kustomizations []*kustomize.Kustomization
	named          *kustomize.Kustomization // by the configuration
	homes          []*Home

	files map[string][]*flux.Install // by the files of their objects
	known map[string][]*flux.Install // those too for which the configuration is not
}

func (f *finder) wrong(message string) {
	f.report.Config(sdk.Error, f.config.Scope.Section+".output", fmt.Sprintf("%q: %s", api.ToPatches, message))
}

// checkHoused reports installs in the stream whose patches have no home.
func (f *finder) checkHoused(installs []*flux.Install, operated bool) {
	if len(f.homes) == 0 || f.report.Failed() {
		return
	}
	for _, i := range installs {
		housed := slices.ContainsFunc(f.homes, func(h *Home) bool { return slices.Contains(h.Installs, i) })
		if !housed && (i.Operated() == nil || !operated) {
			f.wrong(fmt.Sprintf("no Kustomization among the items lists the controllers of %s: want one that lists %s, or a narrower %s.path",
				i, strings.Join(f.lookedFor([]*flux.Install{i}), " or "), f.config.Scope.Section))
		}
	}
}

// lookedFor returns the names of the controllers' files.
func (f *finder) lookedFor(installs []*flux.Install) (files []string) {
	for _, i := range installs {
		files = append(files, i.Files()...)
	}
	if len(files) == 0 {
		return []string{flux.ComponentsFile}
	}
	return files
}

// unseen names what the Kustomizations list and is not among the items: one of it may be the install.
func (f *finder) unseen() string {
	var lists []string
	for _, k := range f.kustomizations {
		for _, n := range f.tree.Build(f.tree.RootOf(k)).NotSeen {
			if n.Item == k.Item && slices.Contains(listing, n.Field[0]) {
				lists = append(lists, fmt.Sprintf("%s lists %q", k, n.What))
			}
		}
	}
	if len(lists) == 0 {
		return ""
	}
	return fmt.Sprintf("; %s, which was not seen: where that installs Flux, name the Kustomization with %s", strings.Join(lists, ", "), f.config.Patches.Field)
}
