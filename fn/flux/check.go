package flux

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
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
		{"metadata", "labels", partOfLabel}, {"metadata", "labels", ComponentLabel},
	} {
		check(p, isString, "a string")
	}
	if name := edit.Get(root, "metadata", "name"); o.Name == "" && len(faults) == 0 {
		faults = append(faults, fault{edit.Path{"metadata", "name"}, edit.Describe(name) + ": want a string"})
	}
	if o.Kind == deployment {
		if o.labelled() != "" && !o.hasTemplate {
			faults = append(faults, fault{edit.Path{"spec", "template"}, edit.Describe(edit.Get(root, "spec", "template")) +
				": want a pod template; a patch belongs under patches of its kustomization"})
		} else if o.hasTemplate {
			check(ServiceAccountNamePath, isString, "a string")
		}
	}
	return faults
}

// reportSeveral reports that the ServiceAccount of a Deployment is open, where that matters.
func (f *finder) reportSeveral(d *Object, accounts []*Object) {
	if slices.ContainsFunc(accounts, func(a *Object) bool { return f.controllers[a] != nil }) && !allSame(accounts) {
		f.report.Item(sdk.Error, d.Item, ServiceAccountNamePath, fmt.Sprintf(
			"%q: fits several ServiceAccounts (%s): want one, in the directory of the Deployment or with its prefixes and suffixes",
			d.ServiceAccountName, strings.Join(distinct(accounts, inFile), "; ")))
	}
}

// inFile names an object and where it is from.
func inFile(o *Object) string {
	if o.File == "" {
		return o.Name
	}
	return o.Name + " in " + o.File
}

// isSame reports whether two objects of a directory are the same one to Kubernetes.
func isSame(a, b *Object) bool {
	return a.Name == b.Name && a.place() == b.place()
}

func allSame(objects []*Object) bool {
	return !slices.ContainsFunc(objects, func(o *Object) bool { return !isSame(o, objects[0]) })
}

// checkTwice reports ServiceAccounts of controllers that the stream holds twice.
func (f *finder) checkTwice() {
	reported := map[name]bool{}
	for _, c := range f.found {
		if c.Account == nil || reported[name{c.Account.Namespace, c.Account.Name}] {
			continue
		}
		same := where(f.byName[name{c.Account.Namespace, c.Account.Name}], func(o *Object) bool { return isSame(o, c.Account) })
		if len(same) < 2 {
			continue
		}
		reported[name{c.Account.Namespace, c.Account.Name}] = true
		message := fmt.Sprintf("%q: there %d times", c.Account.Name, len(same))
		if files := distinct(same, func(o *Object) string { return o.File }); files[0] != "" {
			message += ", in " + strings.Join(files, ", ")
		}
		f.report.Item(sdk.Error, same[1].Item, edit.Path{"metadata", "name"}, message+
			": want one ServiceAccount of a name; a patch belongs under patches of its kustomization, not under resources")
	}
}

// checkClaims reports ServiceAccounts that are both one controller's of an install.
func (f *finder) checkClaims(installs []*Install) {
	for _, i := range installs {
		for n, c := range i.Controllers {
			for _, other := range i.Controllers[:n] {
				if c.Name == other.Name && c.Account != nil && other.Account != nil && !isSame(c.Account, other.Account) {
					f.report.Item(sdk.Error, c.Account.Item, edit.Path{"metadata", "name"}, fmt.Sprintf(
						"%q: stands for %s, as %s does: want one ServiceAccount for a controller; remove what is not of the install",
						c.Account.Name, c.Name, inFile(other.Account)))
				}
			}
		}
	}
}

// checkWhole reports what keeps the installs of one namespace and directory, told apart by their
// prefixes, from being whole: what merely has the name of a controller, with a prefix of its own,
// is no install.
func (f *finder) checkWhole(installs []*Install) {
	for _, i := range installs {
		var beside []string
		for _, other := range installs {
			if other.Namespace == i.Namespace && other.Dir == i.Dir && other != i &&
				slices.ContainsFunc(other.Controllers, func(c *Controller) bool { return c.Account != nil }) {
				beside = append(beside, affixed(other))
			}
		}
		if len(beside) == 0 {
			continue
		}
		for _, c := range i.Controllers {
			if c.Account != nil && !slices.ContainsFunc(c.Deployments, func(d *Object) bool { return d.named() == c.Name && d.signs(c.Name) > 1 }) {
				f.report.Item(sdk.Error, c.Account.Item, edit.Path{"metadata", "name"}, fmt.Sprintf(
					"%q: stands for %s of an install %s, beside one %s: want a Deployment of such a name that runs under each ServiceAccount of either; remove what is no install of Flux",
					c.Account.Name, c.Name, affixed(i), strings.Join(beside, ", ")))
			}
		}
	}
}

// affixed says how the controllers of an install are named.
func affixed(i *Install) string {
	if i.Affix == "" {
		return "under Flux's own names"
	}
	return "named " + i.Affix
}

// reportLookAlikes says which objects look like a controller's and are left alone. It is a
// warning where that limits what the configuration reaches, or where an object claims more than
// a name that others may have too.
func (f *finder) reportLookAlikes() {
	for _, o := range append(slices.Clone(f.accounts), f.deployments...) {
		if f.controllers[o] != nil {
			continue
		}
		if path, message, severity := f.lookAlike(o); message != "" {
			f.report.Item(severity, o.Item, path, message)
		}
	}
}

func (f *finder) lookAlike(o *Object) (path edit.Path, message string, severity sdk.Severity) {
	const twoSigns = "want two signs of one controller, of the labels, the name, and the image of a Deployment; it is left alone"
	name, label := o.named(), o.labelled()
	switch {
	case slices.ContainsFunc(f.found, func(c *Controller) bool { return c.Account != nil && o.Kind == serviceAccount && isSame(c.Account, o) }):
		return nil, "", "" // there twice, which is reported
	case label != "" && name != "" && label != name:
		return labelPath(o), fmt.Sprintf("%q: another controller than in the name: %s", label, twoSigns), sdk.Warning
	case label != "":
		return labelPath(o), fmt.Sprintf("%q: no other sign of it: %s", label, twoSigns), sdk.Warning
	case o.saysOtherwise() && name != "" && (o.component == name || len(f.found) == 0):
		path, value := otherwise(o)
		return path, fmt.Sprintf("%q: no part of Flux, though the name is that of %s: want the label as flux install sets it, or a Deployment under it whose container %s runs an image .../%s; it is left alone",
			value, name, managerContainer, name), sdk.Warning
	case o.saysOtherwise() && o.exactly() != "":
		return nil, fmt.Sprintf("left alone: it goes by the name of Flux's %s, but its labels say that it is not part of Flux", name), sdk.Info
	case o.saysOtherwise():
		return nil, "", ""
	case o.wasNamed() != "" && name == "":
		return previousNamesPath, fmt.Sprintf("%q: not within the name: %s", o.wasNamed(), twoSigns), sdk.Warning
	case o.runs() != "":
		return imagesPath, fmt.Sprintf("%q: no other sign of %s: %s", o.Image(), o.runs(), twoSigns), sdk.Warning
	case o.exactly() == "":
		return nil, "", ""
	}
	severity = sdk.Info
	if slices.ContainsFunc(f.found, func(c *Controller) bool { return c.first().place() == o.place() }) {
		severity = sdk.Warning
	}
	return edit.Path{"metadata", "name"}, fmt.Sprintf("%q: no other sign of it: %s", o.Name, twoSigns), severity
}

// otherwise returns the label that contradicts that the object is Flux's, and its value.
func otherwise(o *Object) (path edit.Path, value string) {
	if o.partOf != "" && o.partOf != partOfFlux {
		return partOfPath, o.partOf
	}
	return componentPath, o.component
}

// labelPath is the label that names a controller.
func labelPath(o *Object) edit.Path {
	if o.component != "" {
		return componentPath
	}
	return partOfPath
}

// checkScope reports a scope that holds no controller, and, where it does not say which are
// meant, controllers that lie in several directories or namespaces: what is meant for
// production must not land in staging, nor in a namespace of somebody else.
func (f *finder) checkScope(all []*Object) {
	var found []*Object
	for _, c := range f.found {
		found = append(found, c.first())
		found = append(found, c.Objects()...)
	}
	checkSpread(f.report, f.scope.Section+".path", f.scope.Path, "directories", "the directory that is meant, a glob, or ** for all", distinct(found, dirName))
	f.scope.checkNamespaces(distinct(found, namespaceName), f.report)
	if len(found) > 0 {
		return
	}
	flux := where(all, func(o *Object) bool { return o.exactly() != "" || o.labelled() != "" })
	if f.scope.Namespace != "" {
		inPath := where(flux, f.scope.hasDir)
		f.checkNarrowing(f.scope.Section+".namespace", f.scope.Namespace, "a namespace", inPath, distinct(inPath, namespaceName))
	}
	if f.scope.Path != "" {
		inNamespace := where(flux, f.scope.hasNamespace)
		f.checkNarrowing(f.scope.Section+".path", f.scope.Path, "a directory", inNamespace, distinct(inNamespace, dirName))
	}
}

// checkNamespaces reports controllers that are in several namespaces where none is given.
func (s Scope) checkNamespaces(namespaces []string, report *krm.Report) {
	checkSpread(report, s.Section+".namespace", s.Namespace, "namespaces", "the namespace that is meant, a glob, or * for all", namespaces)
}

// checkSpread reports controllers that are in several places where the field does not say
// which of them are meant.
func checkSpread(report *krm.Report, field, given, what, want string, places []string) {
	if given == "" && len(places) > 1 {
		report.Config(sdk.Error, field, fmt.Sprintf("missing: Flux controllers lie in several %s (%s): want %s", what, strings.Join(places, ", "), want))
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

func namespaceName(o *Object) string {
	return cmp.Or(o.Namespace, "(none)")
}

func distinct(objects []*Object, get func(*Object) string) (values []string) {
	for _, o := range objects {
		values = append(values, get(o))
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// isPatch reports whether an object is only a fragment of one.
func isPatch(o *Object, listing kustomize.Listing) bool {
	if listing.IsPatch(o.File) {
		return true
	}
	return o.Kind == deployment && len(o.images) == 0 && (o.hasTemplate || o.labelled() == "")
}

// isLeft reports whether an object is a patch that was taken over, in a file which nothing lists any more.
func isLeft(o *Object, objects []*Object, listing kustomize.Listing) bool {
	return listing.IsLeft(o.File) && slices.ContainsFunc(objects, func(of *Object) bool {
		return of.Kind == o.Kind && of.Name == o.Name && (of.Namespace == o.Namespace || o.Namespace == "") && !listing.IsLeft(of.File)
	})
}
