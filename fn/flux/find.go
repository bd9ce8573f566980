// Package flux holds what the function knows of Flux: the shape of its objects over the versions,
// and how to find its controllers in a stream.
package flux

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/krm"
)

// Find returns the installs of Flux in the stream, in its order.
//
// A controller is a ServiceAccount plus every Deployment of the same namespace that runs
// under it. A ServiceAccount is a controller's by two signs of different kinds (see trustIn).
// What looks like a controller and is none is reported, as is everything that leaves open which
// objects are meant: a role must not be stolen.
func Find(items []*krm.Item, scope Scope, report *krm.Report) []*Install {
	f := &finder{report: report, scope: scope, byName: map[name][]*Object{}}
	objects := readObjects(items)
	for _, o := range objects {
		if scope.holds(o) && f.checkShape(o) {
			f.add(o)
		}
	}
	for _, d := range f.deployments {
		d.runsAs = f.accountsOf(d)
		for _, a := range d.runsAs {
			a.runners = append(a.runners, d)
		}
	}
	f.recogniseAccounts()
	f.recogniseOwnNames()
	f.attachDeployments()
	installs := group(f.found)
	readHeaders(items, installs)

	f.checkTwice()
	f.checkClaims(installs)
	f.checkWhole(installs)
	f.reportLookAlikes()
	f.checkScope(objects)
	return installs
}

// finder holds what is known half-way through a search.
type finder struct {
	report      *krm.Report
	scope       Scope
	accounts    []*Object
	byName      map[name][]*Object // the accounts, by all their names
	deployments []*Object
	found       []*Controller
	sure        bool // a ServiceAccount is known by two signs
}

// name is what an object goes by.
type name struct{ namespace, name string }

// join adds a controller that an account stands for.
func (f *finder) join(name string, a *Object) {
	a.of = &Controller{Name: name, Account: a}
	f.found = append(f.found, a.of)
}

func (f *finder) add(o *Object) {
	if o.Kind != serviceAccount {
		f.deployments = append(f.deployments, o)
		return
	}
	f.accounts = append(f.accounts, o)
	for _, n := range slices.Compact(slices.Sorted(slices.Values(append(o.previousNames, o.Name)))) {
		key := name{o.Namespace, n}
		f.byName[key] = append(f.byName[key], o)
	}
}

// trust is how well a ServiceAccount is known to be a controller's.
type trust int

const (
	none          trust = iota
	nameAlone           // its name is the controller's
	againstLabels       // its name, and a Deployment under it, though its labels say something else
	sure                // two signs, and nothing against them
)

// trustIn returns the controller that a ServiceAccount is of, and how well that is known. The
// signs are its labels, its name, and the Deployments that run under it, by their labels and
// images.
func trustIn(a *Object) (controller string, t trust) {
	label, named := a.labelled(), a.named()
	runs := slices.ContainsFunc(a.runners, func(d *Object) bool { return d.runs == named || d.labelled() == named })
	switch {
	case named == "", label != "" && label != named: // one of the two is a lie
	case label != "", runs && !a.saysOtherwise():
		return named, sure
	case runs:
		return named, againstLabels
	case a.exactly() != "" && !a.saysOtherwise():
		return named, nameAlone
	}
	return "", none
}

// recogniseAccounts finds the ServiceAccounts of controllers. Those of which less is known than two
// signs count where none of the stream is better known. Beside a better known install they do
// in another namespace or directory, by their names if there are several (k3s has a
// helm-controller of its own, but no source-controller), and against their labels if only part-of
// speaks against them: which install is meant is then open, and the better labels may be a tenant's.
func (f *finder) recogniseAccounts() {
	best := none                         // of the stream
	bestAt := map[place]trust{}          // of each place
	known := map[place]map[string]bool{} // the controllers there
	for _, a := range f.accounts {
		if c, t := trustIn(a); t != none {
			p := a.place()
			best, bestAt[p] = max(best, t), max(bestAt[p], t)
			if known[p] == nil {
				known[p] = map[string]bool{}
			}
			known[p][c] = true
		}
	}
	f.sure = best == sure
	for _, a := range f.accounts {
		c, t := trustIn(a)
		p := a.place()
		weak := t == nameAlone && len(known[p]) < 2 || t == againstLabels && a.component != c
		if t == none || t < bestAt[p] || t < best && weak {
			continue
		}
		f.warnOfTrust(a, c, t)
		f.join(c, a)
	}
}

// warnOfTrust says so where something speaks against an account; of labels that something has
// rewritten in a whole install, once.
func (f *finder) warnOfTrust(a *Object, controller string, t trust) {
	switch path, value := a.otherwise(); {
	case t == nameAlone:
		f.report.Item(sdk.Warning, a.Item, namePath, fmt.Sprintf(
			"%q: recognised by its name alone: want the labels that flux install sets, or a Deployment under it whose container %s runs an image .../%s",
			a.Name, managerContainer, controller))
	case t == againstLabels && !slices.ContainsFunc(f.found, func(c *Controller) bool {
		_, other := c.Account.otherwise()
		return other == value && c.Account.place() == a.place()
	}):
		f.report.Item(sdk.Warning, a.Item, path, fmt.Sprintf(
			"%q: no part of Flux, but recognised as %s by its name and the image of a Deployment: want the label as flux install sets it", value, controller))
	}
}

// recogniseOwnNames finds ServiceAccounts of names of their own: one is a controller's if a
// Deployment of the controller runs under it that lacks no sign, of which the label may be the
// account's, if none of another controller runs there, and if the controller has no account of
// its own name in that place.
func (f *finder) recogniseOwnNames() {
	for _, a := range f.accounts {
		c := soleRunner(a)
		if c == "" || a.named() != "" || a.labelled() != "" && a.labelled() != c || a.saysOtherwise() ||
			slices.ContainsFunc(f.found, func(other *Controller) bool {
				return other.Name == c && other.Account.place() == a.place() && other.Account.named() != ""
			}) {
			continue
		}
		f.sure = true
		f.join(c, a)
	}
}

// soleRunner returns the controller that has all its signs in a Deployment under the account, ""
// where none has, and where those of another controller run there too.
func soleRunner(a *Object) (controller string) {
	for _, d := range a.runners {
		switch c := d.signed(); {
		case c == "":
		case controller != "" && c != controller:
			return ""
		case d.signs(c) == 3, d.named() == c && a.labelled() == c:
			controller = c
		}
	}
	return controller
}

// attachDeployments puts every Deployment below the ServiceAccount it runs under, unless it is
// another controller's, or none's. A Deployment that is a controller's by two signs, and whose
// ServiceAccount is not in the stream, stands for the controller alone.
func (f *finder) attachDeployments() {
	for _, d := range f.deployments {
		f.checkSeveral(d)
		own := d.signed()
		for _, a := range d.runsAs {
			c := a.of
			switch {
			case c == nil, own != "" && own != c.Name:
				continue
			case d.signs(c.Name) > 0 || d.goesBy(a.Name):
				c.Deployments = append(c.Deployments, d)
			default:
				c.Guests = append(c.Guests, d)
			}
			d.of = c
		}
		if d.of == nil && own != "" && (!d.saysOtherwise() || !f.sure) {
			f.attachAlone(d, own)
		}
	}
}

// attachAlone notes a Deployment that is a controller's, and that runs under no ServiceAccount of
// the stream which is.
func (f *finder) attachAlone(d *Object, controller string) {
	c := f.controllerOf(d, controller)
	if c == nil {
		c = &Controller{Name: controller}
		f.found = append(f.found, c)
	}
	switch d.of = c; {
	case len(d.runsAs) > 0:
		c.Strays = append(c.Strays, Stray{Object: d, Account: d.runsAs[0], Of: usersOf(d.runsAs[0], controller)})
	case c.Account != nil:
		c.Strays = append(c.Strays, Stray{Object: d})
	default:
		c.Deployments = append(c.Deployments, d)
	}
}

// controllerOf returns the one that was found for a Deployment which does not run under its
// ServiceAccount: by the name, to which that of a shard may have been added, or the only one
// that there is, unless the ServiceAccount that is named is that of another install.
func (f *finder) controllerOf(d *Object, controller string) *Controller {
	var found []*Controller
	for _, c := range f.found {
		o := c.first()
		switch {
		case c.Name != controller || o.place() != d.place():
		case c.Account != nil && strings.Contains(d.Name, within(c.affix(), controller)),
			c.Account == nil && o.ServiceAccountName == d.ServiceAccountName:
			return c
		case c.Account != nil && !strings.Contains(d.ServiceAccountName, controller):
			found = append(found, c)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return nil
}

// usersOf names the controllers other than one that a ServiceAccount is of, or that run under
// it.
func usersOf(a *Object, controller string) string {
	var users []string
	if a.of != nil {
		users = append(users, a.of.Name)
	}
	for _, d := range a.runners {
		if c := d.signed(); c != "" && c != controller && !slices.Contains(users, c) {
			users = append(users, c)
		}
	}
	return strings.Join(users, ", ")
}

// accountsOf returns the ServiceAccount that a Deployment runs under: none where the stream
// does not hold it, several where the choice is open. Below a namePrefix or a nameSuffix
// kustomize rewrites the Deployment's reference only after all functions have run, so that
// a ServiceAccount counts by its former names too. Of several the choice is kustomize's
// own (api/filters/nameref), after that of the directory.
func (f *finder) accountsOf(d *Object) (fits []*Object) {
	if d.ServiceAccountName != "" {
		fits = f.byName[name{d.Namespace, d.ServiceAccountName}]
	}
	isNear := func(a *Object) bool { return a.Dir == d.Dir }
	isRenamed := func(alike func(a, b []string) bool) func(*Object) bool {
		return func(a *Object) bool { return alike(a.prefixes, d.prefixes) && alike(a.suffixes, d.suffixes) }
	}
	for _, rule := range []func(*Object) bool{isNear, isRenamed(slices.Equal[[]string]), isRenamed(endsAlike)} {
		if better := where(fits, rule); len(better) > 0 {
			fits = better
		}
	}
	return fits
}

// endsAlike reports whether one list is empty or the tail of the other.
func endsAlike(a, b []string) bool {
	n := min(len(a), len(b))
	return slices.Equal(a[len(a)-n:], b[len(b)-n:])
}

// where returns the objects that are to be kept.
func where(objects []*Object, keep func(*Object) bool) []*Object {
	return slices.DeleteFunc(slices.Clone(objects), func(o *Object) bool { return !keep(o) })
}
