package flux

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux/controllers"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/suggest"
)

// ComponentsFile is where flux bootstrap writes the controllers
// (fluxcd/flux2 pkg/manifestgen/install/options.go).
const ComponentsFile = "gotk-components.yaml"

// Flux Operator's description of an install (api/v1/fluxinstance_types.go).
const (
	fluxInstance      = "FluxInstance"
	fluxInstanceGroup = "fluxcd.controlplane.io/"
)

var componentsPath = edit.Path{"spec", "components"}

// Instances returns the installs that a FluxInstance in the scope declares. Beside those that were
// found they may lie in other namespaces, which is as open a question as several installs.
func Instances(items []*krm.Item, scope Scope, found []*Install, report *krm.Report) (installs []*Install) {
	for _, item := range items {
		if !item.MayBe(fluxInstance) || !strings.HasPrefix(edit.Text(item.Node(), "apiVersion"), fluxInstanceGroup) ||
			krm.IsLocal(item.Node()) {
			continue
		}
		namespace, dir := edit.Text(item.Node(), "metadata", "namespace"), dirOf(item)
		if scope.hasNamespace(namespace) && scope.HasDir(dir) {
			install := Declare(item, components(item, report))
			install.Namespace, install.Dir = namespace, dir
			installs = append(installs, install)
		}
	}
	if len(installs) > 0 && !report.Failed() {
		namespaces := distinct(slices.Concat(found, installs), func(i *Install) string { return i.Namespace })
		namespaces = slices.DeleteFunc(namespaces, func(n string) bool { return n == "" }) // a kustomization may give it
		scope.checkNamespaces(namespaces, report)
	}
	return installs
}

// Declare returns an install of controllers whose objects are not in the stream.
func Declare(item *krm.Item, names []string) *Install {
	install := &Install{Declared: item, declared: ParseVersion(edit.Text(item.Node(), "spec", "distribution", "version"))}
	for _, name := range controllers.All {
		if slices.Contains(names, name) {
			install.Controllers = append(install.Controllers, &Controller{Name: name})
		}
	}
	return install
}

// components returns the controllers that an instance is to have.
func components(item *krm.Item, report *krm.Report) (names []string) {
	list, err := edit.Current(item.Node(), componentsPath)
	switch {
	case err != nil:
		report.Item(sdk.Error, item, err.Path, err.Given+": want "+err.Want)
	case !edit.IsNull(list) && !edit.IsList(list):
		report.Item(sdk.Error, item, componentsPath, edit.Describe(list)+": want a list of controllers")
	}
	for i, e := range edit.Elements(list) {
		name, ok := edit.String(e)
		switch {
		case !ok:
			report.Item(sdk.Error, item, componentsPath.At(i), fmt.Sprintf("%s: want the name of a controller", edit.Describe(e)))
		case !controllers.Has(name): // a Flux of the future may have it
			report.Item(sdk.Warning, item, componentsPath.At(i), fmt.Sprintf("%q: want one of %s%s",
				name, strings.Join(controllers.All, ", "), suggest.DidYouMean(name, controllers.All)))
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return controllers.Default
	}
	return names
}
