package flux

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/suggest"
)

// checkShape reports what keeps an object that looks like a controller's from being
// read, and whether it can be read.
func (f *finder) checkShape(o *Object) bool {
	for _, fault := range o.faults {
		f.report.Item(sdk.Error, o.Item, fault.path, fault.message)
	}
	return len(o.faults) == 0
}

// faultsOf returns what is wrong with the fields by which an object is recognised.
func faultsOf(o *Object, root *yaml.Node) (faults []fault) {
	check := func(p edit.Path, is func(*yaml.Node) bool, want string) {
		n, err := edit.Current(root, p)
		switch {
		case err != nil && !slices.ContainsFunc(faults, func(f fault) bool { return slices.Equal(f.path, err.Path) }):
			faults = append(faults, fault{err.Path, err.Given + ": want " + err.Want})
		case err == nil && !edit.IsNull(n) && !is(n):
			faults = append(faults, fault{p, edit.Describe(n) + ": want " + want})
		}
	}
	isString := func(n *yaml.Node) bool { _, ok := edit.String(n); return ok }
	for _, p := range []edit.Path{{"metadata"}, {"metadata", "labels"}, {"metadata", "annotations"}} {
		check(p, edit.IsMap, "a map of strings")
	}
	if len(faults) > 0 {
		return faults
	}
	for _, p := range []edit.Path{
		{"metadata", "name"}, {"metadata", "namespace"},
		{"metadata", "labels", partOfLabel}, {"metadata", "labels", componentLabel},
	} {
		check(p, isString, "a string")
	}
	if name := edit.Get(root, "metadata", "name"); o.Name == "" && len(faults) == 0 {
		faults = append(faults, fault{edit.Path{"metadata", "name"}, edit.Describe(name) + ": want a string"})
	}
	if o.Kind == deployment {
		if o.controllerByLabel() != "" && !o.hasTemplate {
			faults = append(faults, fault{edit.Path{"spec", "template"}, edit.Describe(edit.Get(root, "spec", "template")) +
				": want a pod template; a patch belongs under patches of its kustomization"})
		} else if o.hasTemplate {
			check(ServiceAccountNamePath, isString, "a string")
		}
	}
	return faults
}

// warnOfNames warns of controllers that are known by nothing but a name.
func (f *finder) warnOfNames() {
	if f.byLabel {
		return
	}
	for _, c := range f.found {
		if slices.ContainsFunc(c.Deployments, func(d *Object) bool { return d.runsImageOf(c.Name) }) {
			continue
		}
		f.report.Item(sdk.Warning, c.Objects()[0].Item, edit.Path{"metadata", "name"}, fmt.Sprintf(
			"%q: recognised by its name alone: want the labels that flux install sets, or a Deployment under it whose container %s runs an image .../%s",
			c.Objects()[0].Name, managerContainer, c.Name))
	}
}

// reportLookAlikes says which objects bear the name of a controller and are left alone.
func (f *finder) reportLookAlikes() {
	for _, o := range append(slices.Clone(f.accounts), f.deployments...) {
		name := o.controllerByName()
		if name == "" || f.controllers[o] != nil {
			continue
		}
		why := "it lacks the labels that the Flux controllers of this stream carry"
		if o.saysOtherwise() {
			why = "its labels say that it is not part of Flux"
		}
		f.report.Item(sdk.Info, o.Item, nil, fmt.Sprintf("left alone: it goes by the name of Flux's %s, but %s", name, why))
	}
}

// checkScope reports a scope that holds no controller, and, where no path says which
// are meant, controllers that lie in several directories: what is meant for production
// must not land in staging, which has the same names and namespace.
func (f *finder) checkScope(all []*Object, scope Scope) {
	var found []*Object
	for _, c := range f.found {
		found = append(found, c.Objects()...)
	}
	if dirs := distinct(found, dirName); scope.Path == "" && len(dirs) > 1 {
		f.report.Config(sdk.Error, scope.Section+".path", fmt.Sprintf(
			"missing: Flux controllers lie in several directories (%s): want the directory that is meant, a glob, or ** for all",
			strings.Join(dirs, ", ")))
	}
	if len(found) > 0 {
		return
	}
	flux := where(all, func(o *Object) bool { return f.recognise(o) != "" })
	if scope.Namespace != "" {
		inPath := where(flux, scope.hasDir)
		f.checkNarrowing(scope.Section+".namespace", scope.Namespace, "a namespace", inPath,
			distinct(inPath, func(o *Object) string { return o.Namespace }))
	}
	if scope.Path != "" {
		inNamespace := where(flux, scope.hasNamespace)
		f.checkNarrowing(scope.Section+".path", scope.Path, "a directory", inNamespace, distinct(inNamespace, dirName))
	}
}

// checkNarrowing reports a namespace or a path that leaves none of the controllers, and
// which would leave some.
func (f *finder) checkNarrowing(field, given, want string, flux []*Object, there []string) {
	if len(flux) == 0 {
		return // the other one is to blame, or nobody
	}
	message := fmt.Sprintf("%q: want %s that holds Flux controllers: %s", given, want, strings.Join(there, ", "))
	f.report.Config(sdk.Error, field, message+suggest.DidYouMean(given, there))
}

func dirName(o *Object) string {
	if o.Dir == "" {
		return "(no path is known)"
	}
	return o.Dir
}

func distinct(objects []*Object, get func(*Object) string) (values []string) {
	for _, o := range objects {
		values = append(values, get(o))
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// isPatch reports whether an object is only a fragment of one.
func isPatch(o *Object, patches map[string]bool) bool {
	if o.File != "" && patches[o.File] {
		return true
	}
	return o.Kind == deployment && len(o.images) == 0 && (o.hasTemplate || o.controllerByLabel() == "")
}
