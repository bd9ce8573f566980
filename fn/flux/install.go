package flux

import (
	"fmt"
	"slices"
	"strings"

	"flux-workload-identity/fn/flux/controllers"
	"flux-workload-identity/fn/krm"
)

// Controllers are the names of all controllers.
var Controllers = controllers.All

// KustomizeController is the name of one.
const KustomizeController = controllers.Kustomize

// Controller is one controller of an install: a ServiceAccount and the Deployments that
// run under it. Either side may be hidden from the function; both are where the install is
// known by what declares it alone.
type Controller struct {
	Name        string    // as in fn/flux/controllers
	Account     *Object   // nil where the stream does not hold it
	Deployments []*Object // the shards of the controller among them
	// Strays are Deployments of the controller that run under another ServiceAccount.
	Strays []Stray
	// Guests are Deployments that run under the ServiceAccount and are none of the controller's.
	Guests []*Object
}

// Stray is a Deployment of a controller that runs under a ServiceAccount which is not the
// controller's.
type Stray struct {
	*Object
	Account *Object // nil where the stream does not hold it
	Of      string  // the controllers whose it is, "" where there are none
}

// Objects returns the ServiceAccount, if seen, and the Deployments.
func (c *Controller) Objects() []*Object {
	if c.Account == nil {
		return c.Deployments
	}
	return append([]*Object{c.Account}, c.Deployments...)
}

// first is the object by which the controller was found.
func (c *Controller) first() *Object {
	if objects := c.Objects(); len(objects) > 0 {
		return objects[0]
	}
	return c.Strays[0].Object
}

// Install is one installation of Flux: what shares a namespace, the directory of the
// files, and the prefix and suffix of the names.
type Install struct {
	Namespace   string
	Dir         string // "" where the files are not known
	Affix       string // as in "acme-*", "" for the controllers' own names
	Controllers []*Controller
	// Declared is the object that declares the install where its own objects are not in the
	// stream, nil where they are.
	Declared *krm.Item
	declared Version // as that object says, or the comment above the install
}

func (i *Install) objects() (objects []*Object) {
	for _, c := range i.Controllers {
		objects = append(objects, c.Objects()...)
	}
	return objects
}

// Operated returns the first object of the install that flux-operator manages, nil if none.
func (i *Install) Operated() *Object {
	for _, o := range i.objects() {
		if o.managedBy == Operator {
			return o
		}
	}
	return nil
}

// Files returns the files from which the objects of the install were read.
func (i *Install) Files() (files []string) {
	for _, o := range i.objects() {
		if o.File != "" && !slices.Contains(files, o.File) {
			files = append(files, o.File)
		}
	}
	return files
}

// IsAt reports whether two installs are in one place, told apart by their names.
func (i *Install) IsAt(other *Install) bool {
	return i.Namespace == other.Namespace && i.Dir == other.Dir
}

// Has reports whether the install has a controller of that name.
func (i *Install) Has(name string) bool {
	return slices.ContainsFunc(i.Controllers, func(c *Controller) bool { return c.Name == name })
}

// NameOf returns the name that the ServiceAccount of a controller has in the install.
func (i *Install) NameOf(controller string) string {
	return within(i.Affix, controller)
}

// within puts a controller's name into what stands around it.
func within(affix, controller string) string {
	if affix == "" {
		return controller
	}
	return strings.Replace(affix, "*", controller, 1)
}

// String names the install for a message.
func (i *Install) String() string {
	if i.Declared != nil {
		if ref := i.Declared.Ref(); ref != nil {
			return strings.TrimSpace(ref.Kind + " " + ref.Name)
		}
	}
	s := "namespace " + i.Namespace
	if i.Namespace == "" {
		s = "no namespace"
	}
	if i.Dir != "" && i.Dir != "." {
		s += fmt.Sprintf(" in directory %s", i.Dir)
	}
	if i.Affix != "" {
		s += fmt.Sprintf(" named %s", i.Affix)
	}
	return s
}

// group sorts controllers into installs, in the order of the stream.
func group(all []*Controller) (installs []*Install) {
	type key struct {
		place
		affix string
	}
	known := map[key]*Install{}
	for _, c := range all {
		k := key{c.first().place(), c.affix()}
		if known[k] == nil {
			known[k] = &Install{Namespace: k.namespace, Dir: k.dir, Affix: k.affix}
			installs = append(installs, known[k])
		}
		known[k].Controllers = append(known[k].Controllers, c)
	}
	return installs
}

// affix returns what was put around the controller's own name, as in acme-*, "" for nothing. A
// Deployment, whose name may carry that of a shard, is known by the ServiceAccount it runs
// under, and one of a name of its own by the Deployment.
func (c *Controller) affix() string {
	for _, o := range c.Objects() { // the ServiceAccount comes first
		for _, name := range []string{o.ServiceAccountName, o.Name} {
			before, after, ok := strings.Cut(name, c.Name)
			switch {
			case ok && before+after == "":
				return ""
			case ok:
				return before + "*" + after
			}
		}
	}
	return ""
}
