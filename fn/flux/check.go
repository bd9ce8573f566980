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
	"flux-workload-identity/fn/suggest"
)

// checkShape reports what keeps an object that looks like a controller's from being read, and
// whether it can be read.
func (f *finder) checkShape(o *Object) bool {
	for _, fault := range o.faults {
		f.report.Item(sdk.Error, o.Item, fault.Path, fault.Given+": want "+fault.Want)
	}
	return len(o.faults) == 0
}

// faultsIn returns what keeps an object that looks like a controller's from being read.
func (o *Object) faultsIn(root *yaml.Node) (faults []*edit.FieldError) {
	if o.labelled() == "" && o.exactly() == "" {
		return nil
	}
	wrong := func(p edit.Path, given, want string) {
		faults = append(faults, &edit.FieldError{Path: p, Given: given, Want: want})
	}
	check := func(p edit.Path, is func(*yaml.Node) bool, want string) {
		switch n, err := edit.Current(root, p); {
		case err != nil:
			wrong(err.Path, err.Given, err.Want)
		case !edit.IsNull(n) && !is(n):
			wrong(p, edit.Describe(n), want)
		}
	}
	isString := func(n *yaml.Node) bool { _, ok := edit.String(n); return ok }
	if check(edit.Path{"metadata"}, edit.IsMap, "a map of strings"); faults == nil {
		check(edit.Path{"metadata", "labels"}, edit.IsMap, "a map of strings")
		check(edit.Path{"metadata", "annotations"}, edit.IsMap, "a map of strings")
	}
	if faults != nil {
		return faults
	}
	for _, p := range []edit.Path{namePath, {"metadata", "namespace"}, partOfPath, componentPath} {
		check(p, isString, "a string")
	}
	if o.Name == "" && faults == nil {
		wrong(namePath, edit.Describe(edit.Get(root, namePath...)), "a string")
	}
	template := edit.Path{"spec", "template"}
	switch {
	case o.hasTemplate:
		check(ServiceAccountNamePath, isString, "a string")
	case o.Kind == deployment && o.labelled() != "":
		wrong(template, edit.Describe(edit.Get(root, template...)), "a pod template; a patch belongs under patches of its kustomization")
	}
	return faults
}

// checkSeveral reports that the ServiceAccount of a Deployment is open, where that matters.
func (f *finder) checkSeveral(d *Object) {
	isOf := func(a *Object) bool { return a.of != nil }
	isAnother := func(a *Object) bool { return !isSame(a, d.runsAs[0]) }
	if slices.ContainsFunc(d.runsAs, isOf) && slices.ContainsFunc(d.runsAs, isAnother) {
		f.report.Item(sdk.Error, d.Item, ServiceAccountNamePath, fmt.Sprintf(
			"%q: fits several ServiceAccounts (%s): want one, in the directory of the Deployment or with its prefixes and suffixes",
			d.ServiceAccountName, strings.Join(distinct(d.runsAs, inFile), "; ")))
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

// checkTwice reports ServiceAccounts of controllers that the stream holds twice.
func (f *finder) checkTwice() {
	reported := map[name]bool{}
	for _, c := range f.found {
		if c.Account == nil || reported[name{c.Account.Namespace, c.Account.Name}] {
			continue
		}
		key := name{c.Account.Namespace, c.Account.Name}
		same := where(f.byName[key], func(o *Object) bool { return isSame(o, c.Account) })
		if len(same) < 2 {
			continue
		}
		reported[key] = true
		message := fmt.Sprintf("%q: there %d times", c.Account.Name, len(same))
		if files := distinct(same, func(o *Object) string { return o.File }); files[0] != "" {
			message += ", in " + strings.Join(files, ", ")
		}
		f.report.Item(sdk.Error, same[1].Item, namePath, message+
			": want one ServiceAccount of a name; a patch belongs under patches of its kustomization, not under resources")
	}
}

// checkClaims reports ServiceAccounts that are both one controller's of an install.
func (f *finder) checkClaims(installs []*Install) {
	for _, i := range installs {
		for n, c := range i.Controllers {
			for _, other := range i.Controllers[:n] {
				if c.Name == other.Name && c.Account != nil && other.Account != nil && !isSame(c.Account, other.Account) {
					f.report.Item(sdk.Error, c.Account.Item, namePath, fmt.Sprintf(
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
			if other != i && other.IsAt(i) && slices.ContainsFunc(other.Controllers, func(c *Controller) bool { return c.Account != nil }) {
				beside = append(beside, affixed(other))
			}
		}
		for _, c := range i.Controllers {
			isOwn := func(d *Object) bool { return d.named() == c.Name && d.signs(c.Name) > 1 }
			if len(beside) > 0 && c.Account != nil && !slices.ContainsFunc(c.Deployments, isOwn) {
				f.report.Item(sdk.Error, c.Account.Item, namePath, fmt.Sprintf(
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

// reportLookAlikes says which objects look like a controller's and are left alone.
func (f *finder) reportLookAlikes() {
	for _, o := range slices.Concat(f.accounts, f.deployments) {
		isTwice := func(c *Controller) bool { return c.Account != nil && o.Kind == serviceAccount && isSame(c.Account, o) }
		if o.of == nil && !slices.ContainsFunc(f.found, isTwice) { // see checkTwice
			f.reportLookAlike(o)
		}
	}
}

// reportLookAlike is a warning where that limits what the configuration reaches, or where an object
// claims more than a name that others may have too.
func (f *finder) reportLookAlike(o *Object) {
	const twoSigns = "want two signs of one controller, of the labels, the name, and the image of a Deployment; it is left alone"
	say := func(severity sdk.Severity, path edit.Path, format string, args ...any) {
		f.report.Item(severity, o.Item, path, fmt.Sprintf(format, args...))
	}
	name, label := o.named(), o.labelled()
	labelPath := partOfPath
	if o.component != "" {
		labelPath = componentPath
	}
	switch path, value := o.otherwise(); {
	case label != "" && name != "" && label != name:
		say(sdk.Warning, labelPath, "%q: another controller than in the name: %s", label, twoSigns)
	case label != "":
		say(sdk.Warning, labelPath, "%q: no other sign of it: %s", label, twoSigns)
	case value != "" && name != "" && (o.component == name || len(f.found) == 0):
		say(sdk.Warning, path, "%q: no part of Flux, though the name is that of %s: want the label as flux install sets it, or a Deployment under it whose container %s runs an image .../%s; it is left alone",
			value, name, managerContainer, name)
	case value != "" && o.exactly() != "":
		say(sdk.Info, nil, "left alone: it goes by the name of Flux's %s, but its labels say that it is not part of Flux", name)
	case value != "":
	case o.wasNamed() != "" && name == "":
		say(sdk.Warning, previousNamesPath, "%q: not within the name: %s", o.wasNamed(), twoSigns)
	case o.runs != "":
		say(sdk.Warning, ImagesPath, "%q: no other sign of %s: %s", o.Image, o.runs, twoSigns)
	case o.exactly() != "":
		severity := sdk.Info
		if slices.ContainsFunc(f.found, func(c *Controller) bool { return c.first().place() == o.place() }) {
			severity = sdk.Warning
		}
		say(severity, namePath, "%q: no other sign of it: %s", o.Name, twoSigns)
	}
}

// checkScope reports a scope that holds no controller, and, where it does not say which are
// meant, controllers that lie in several directories or namespaces: what is meant for
// production must not land in staging, nor in a namespace of somebody else.
func (f *finder) checkScope(all []*Object) {
	var found []*Object
	for _, c := range f.found {
		found = append(append(found, c.first()), c.Objects()...)
	}
	f.scope.checkSpread(f.report, ".path", f.scope.Path, "directories", "the directory that is meant, a glob, or ** for all", distinct(found, dirName))
	f.scope.checkNamespaces(distinct(found, namespaceName), f.report)
	if len(found) > 0 {
		return
	}
	flux := where(all, func(o *Object) bool { return o.exactly() != "" || o.labelled() != "" })
	inPath := where(flux, func(o *Object) bool { return f.scope.HasDir(o.Dir) })
	inNamespace := where(flux, func(o *Object) bool { return f.scope.hasNamespace(o.Namespace) })
	f.checkNarrowing(".namespace", f.scope.Namespace, "a namespace", distinct(inPath, namespaceName))
	f.checkNarrowing(".path", f.scope.Path, "a directory", distinct(inNamespace, dirName))
}

// checkNamespaces reports controllers that are in several namespaces where none is given.
func (s Scope) checkNamespaces(namespaces []string, report *krm.Report) {
	s.checkSpread(report, ".namespace", s.Namespace, "namespaces", "the namespace that is meant, a glob, or * for all", namespaces)
}

// checkSpread reports controllers that are in several places where the field does not say
// which of them are meant.
func (s Scope) checkSpread(report *krm.Report, field, given, what, want string, places []string) {
	if given == "" && len(places) > 1 {
		report.Config(sdk.Error, s.Section+field, fmt.Sprintf(
			"missing: Flux controllers lie in several %s (%s): want %s", what, strings.Join(places, ", "), want))
	}
}

// checkNarrowing reports a namespace or a path that leaves none of the controllers, and which would
// leave some: where there are none, the other one is to blame, or nobody.
func (f *finder) checkNarrowing(field, given, want string, there []string) {
	if given != "" && len(there) > 0 {
		f.report.Config(sdk.Error, f.scope.Section+field, fmt.Sprintf("%q: want %s that holds Flux controllers: %s%s",
			given, want, strings.Join(there, ", "), suggest.DidYouMean(given, there)))
	}
}

func dirName(o *Object) string {
	return cmp.Or(o.Dir, "(no path is known)")
}

func namespaceName(o *Object) string {
	return cmp.Or(o.Namespace, "(none)")
}

// distinct returns what is asked of all, sorted.
func distinct[T any](all []T, get func(T) string) (values []string) {
	for _, o := range all {
		values = append(values, get(o))
	}
	slices.Sort(values)
	return slices.Compact(values)
}
