package flux

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
)

// Find returns the installs of Flux in the stream, in its order.
//
// A controller is a ServiceAccount plus every Deployment of the same namespace that runs
// under it. ServiceAccounts are recognised by their labels; by their names only where
// the labels of the whole stream name no controller (Flux before v0.12, manifests
// written by hand). What looks like a controller and is none is reported, as is
// everything that leaves open which objects are meant.
func Find(items []*krm.Item, scope Scope, report *krm.Report) []*Install {
	f := &finder{report: report, controllers: map[*Object]*Controller{}, byName: map[name][]*Object{}}
	patches := kustomize.PatchFiles(kustomize.Find(items))
	objects := slices.DeleteFunc(readObjects(items), func(o *Object) bool { return isPatch(o, patches) })
	f.byLabel = slices.ContainsFunc(objects, func(o *Object) bool { return o.controllerByLabel() != "" })

	for _, o := range objects {
		if scope.holds(o) && f.checkShape(o) {
			f.add(o)
		}
	}
	f.recogniseAccounts()
	f.attachDeployments()
	f.warnOfNames()
	f.reportLookAlikes()

	f.checkScope(objects, scope)
	return group(f.found)
}

// finder holds what is known half-way through a search.
type finder struct {
	report      *krm.Report
	byLabel     bool
	accounts    []*Object
	byName      map[name][]*Object // the accounts, by all their names
	deployments []*Object

	found       []*Controller
	controllers map[*Object]*Controller // by ServiceAccount and by Deployment
}

// name is what an object goes by.
type name struct{ namespace, name string }

func (f *finder) add(o *Object) {
	if o.Kind != serviceAccount {
		f.deployments = append(f.deployments, o)
		return
	}
	f.accounts = append(f.accounts, o)
	names := append([]string{o.Name}, o.previousNames...)
	slices.Sort(names)
	for _, n := range slices.Compact(names) {
		key := name{o.Namespace, n}
		f.byName[key] = append(f.byName[key], o)
	}
}

// recognise returns the controller that the object belongs to by itself, or "".
func (f *finder) recognise(o *Object) string {
	if f.byLabel {
		return o.controllerByLabel()
	}
	if o.saysOtherwise() {
		return ""
	}
	return o.controllerByName()
}

func (f *finder) recogniseAccounts() {
	for _, o := range f.accounts {
		if name := f.recognise(o); name != "" {
			f.join(&Controller{Name: name, Account: o}, o)
		}
	}
}

// join adds a controller that an object stands for.
func (f *finder) join(c *Controller, o *Object) {
	f.found = append(f.found, c)
	f.controllers[o] = c
}

// attachDeployments puts every Deployment below the ServiceAccount it runs under. A
// Deployment that is a controller's by its own labels or name, and whose ServiceAccount
// is not in the stream, stands for the controller alone.
func (f *finder) attachDeployments() {
	for _, d := range f.deployments {
		accounts := f.accountsOf(d)
		if len(accounts) > 1 {
			f.reportSeveral(d, accounts)
		}
		for _, a := range accounts {
			if c := f.controllers[a]; c != nil {
				c.Deployments = append(c.Deployments, d)
				f.controllers[d] = c
			}
		}
		if f.controllers[d] != nil {
			continue
		}
		if name := f.recognise(d); name != "" {
			f.attachAlone(d, name)
		}
	}
}

func (f *finder) attachAlone(d *Object, name string) {
	for _, c := range f.found {
		o := c.Objects()[0]
		if c.Name != name || o.Namespace != d.Namespace || o.Dir != d.Dir {
			continue
		}
		if c.Account == nil && o.ServiceAccountName == d.ServiceAccountName {
			c.Deployments = append(c.Deployments, d)
			f.controllers[d] = c
			return
		}
		if c.Account != nil && affix(c.Account, name) == affix(d, name) {
			c.Strays = append(c.Strays, d)
			f.controllers[d] = c
			return
		}
	}
	f.join(&Controller{Name: name, Deployments: []*Object{d}}, d)
}

// accountsOf returns the ServiceAccount that a Deployment runs under: none where the stream
// does not hold it, several where the choice is open. Below a namePrefix or a nameSuffix
// kustomize rewrites the Deployment's reference only after all functions have run, so that
// a ServiceAccount counts by its former names too. Of several the choice is kustomize's
// own (api/filters/nameref), after that of the directory.
func (f *finder) accountsOf(d *Object) []*Object {
	if d.ServiceAccountName == "" {
		return nil
	}
	fits := f.byName[name{d.Namespace, d.ServiceAccountName}]
	for _, rule := range []func(*Object) bool{
		func(a *Object) bool { return a.Dir == d.Dir },
		func(a *Object) bool {
			return slices.Equal(a.prefixes, d.prefixes) && slices.Equal(a.suffixes, d.suffixes)
		},
		func(a *Object) bool {
			return endsAlike(a.prefixes, d.prefixes) && endsAlike(a.suffixes, d.suffixes)
		},
	} {
		if len(fits) > 1 {
			if better := where(fits, rule); len(better) > 0 {
				fits = better
			}
		}
	}
	return fits
}

// ServiceAccountNamePath is the field that says what a Deployment runs under.
var ServiceAccountNamePath = edit.Path{"spec", "template", "spec", "serviceAccountName"}

// reportSeveral reports that the ServiceAccount of a Deployment is open, where that matters.
func (f *finder) reportSeveral(d *Object, accounts []*Object) {
	if !slices.ContainsFunc(accounts, func(a *Object) bool { return f.controllers[a] != nil }) {
		return
	}
	var names []string
	for _, a := range accounts {
		name := a.Name
		if a.Dir != "" {
			name += " in directory " + a.Dir
		}
		names = append(names, name)
	}
	f.report.Item(sdk.Error, d.Item, ServiceAccountNamePath, fmt.Sprintf(
		"%q: fits several ServiceAccounts (%s): want one, in the directory of the Deployment or with its prefixes and suffixes",
		d.ServiceAccountName, strings.Join(names, "; ")))
}

// endsAlike reports whether one list is empty or the tail of the other.
func endsAlike(a, b []string) bool {
	n := min(len(a), len(b))
	return slices.Equal(a[len(a)-n:], b[len(b)-n:])
}

func where(objects []*Object, keep func(*Object) bool) (kept []*Object) {
	for _, o := range objects {
		if keep(o) {
			kept = append(kept, o)
		}
	}
	return kept
}
