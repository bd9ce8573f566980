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

	kustomization *kustomize.Kustomization   // nil for a FluxInstance
	reach         []string                   // the files and directories that it builds
	above         []*kustomize.Kustomization // those that build it
	beside        []*kustomize.Kustomization // those that build it and are no home, of one that is to lose its patches
}

// instanceList is where a FluxInstance holds patches (api/v1/fluxinstance_types.go).
var instanceList = edit.Path{"spec", "kustomize", "patches"}

// Find returns the objects that are to hold the patches, and the installs that these are
// for: those that are in the stream, and those that are only declared in it.
func Find(items []*krm.Item, config *api.Config, report *krm.Report) (homes []*Home, installs []*flux.Install) {
	f := finder{items: items, config: config, report: report, kustomizations: kustomize.Find(items), reached: map[*kustomize.Kustomization][]string{}}
	scope, ok := f.narrow()
	if !ok {
		return nil, nil
	}
	installs = flux.Find(items, scope, report)
	instances := flux.Instances(items, config.Scope, installs, report)
	if report.Failed() {
		return nil, nil
	}
	f.choose(installs)
	for _, instance := range instances {
		f.homes = append(f.homes, &Home{Item: instance.Declared, List: instanceList, Installs: []*flux.Install{instance}})
	}
	if len(f.homes) == 0 && !report.Failed() {
		f.wrong(fmt.Sprintf("neither a Kustomization that lists %s nor a FluxInstance is among the items: want one to hold the patches; kpt brings it, kustomize gives a function none",
			strings.Join(f.lookedFor(installs), " or ")))
	}
	f.checkHoused(installs, len(instances) > 0)
	f.checkDirs(instances)
	f.lookAround()
	for _, h := range f.homes {
		f.sayUnseen(h)
		for _, i := range h.Installs {
			if i.Declared != nil {
				installs = append(installs, i)
			}
		}
	}
	return f.homes, installs
}

type finder struct {
	items          []*krm.Item
	config         *api.Config
	report         *krm.Report
	kustomizations []*kustomize.Kustomization
	named          *kustomize.Kustomization // by the configuration
	homes          []*Home

	files   map[string][]*flux.Install // by the files of their objects
	reached map[*kustomize.Kustomization][]string
}

// reach returns what a Kustomization reads, which is looked for once.
func (f *finder) reach(k *kustomize.Kustomization) []string {
	reach, ok := f.reached[k]
	if !ok {
		reach = k.Reach(f.kustomizations)
		f.reached[k] = reach
	}
	return reach
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

// sayUnseen says that the controllers of a home are not checked, since they cannot be seen.
func (f *finder) sayUnseen(h *Home) {
	switch {
	case len(h.Installs) == 0 || h.Installs[0].Declared == nil:
	case h.kustomization == nil:
		f.report.Item(sdk.Info, h.Item, nil, "the controllers are not among the items: they are taken from spec.components, or its default")
	default:
		f.report.Item(sdk.Warning, h.Item, nil, fmt.Sprintf("the controllers are not among the items: want %s there, to see that the patches find them", flux.ComponentsFile))
	}
}
