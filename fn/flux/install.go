package flux

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"flux-workload-identity/fn/krm"
)

// Controller is one controller of an install: a ServiceAccount and the Deployments that
// run under it. Either side may be hidden from the function; both are where the install is
// known by what declares it alone.
type Controller struct {
	Name        string    // one of Controllers
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

// Operated returns the first object of the install that flux-operator manages, nil if none.
func (i *Install) Operated() *Object {
	for _, c := range i.Controllers {
		for _, o := range c.Objects() {
			if o.managedBy == Operator {
				return o
			}
		}
	}
	return nil
}

// Files returns the files from which the objects of the install were read.
func (i *Install) Files() (files []string) {
	for _, c := range i.Controllers {
		for _, o := range c.Objects() {
			if o.File != "" && !slices.Contains(files, o.File) {
				files = append(files, o.File)
			}
		}
	}
	return files
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

// Named returns the controllers of that name; more than one only where the stream
// holds several ServiceAccounts for it.
func (i *Install) Named(name string) (found []*Controller) {
	for _, c := range i.Controllers {
		if c.Name == name {
			found = append(found, c)
		}
	}
	return found
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

// Scope narrows the stream to some installs.
type Scope struct {
	Namespace string   // a namespace or a glob of such; "" for the one that there is
	Path      string   // a directory, with all below it, or a glob of such; "" for all
	Files     []string // nil for all
	Section   string   // the part of the configuration that holds the two: spec or data
}

func (s Scope) holds(o *Object) bool {
	return s.hasNamespace(o) && s.hasDir(o) && (s.Files == nil || slices.Contains(s.Files, o.File))
}

func (s Scope) hasNamespace(o *Object) bool {
	return s.Namespace == "" || doublestar.MatchUnvalidated(s.Namespace, o.Namespace)
}

func (s Scope) hasDir(o *Object) bool {
	return s.HasDir(o.Dir)
}

// HasDir reports whether a directory is in the scope; "" is one that is not known.
func (s Scope) HasDir(dir string) bool {
	if s.Path == "" {
		return true
	}
	pattern := path.Clean(s.Path)
	if dir == "" {
		dir = "."
	}
	return pattern == "." || doublestar.MatchUnvalidated(pattern+"/**", dir) // a/** matches a too
}

// CheckPath returns what is wrong with the pattern of a path, "" if nothing.
func CheckPath(pattern string) string {
	switch {
	case path.IsAbs(pattern), pattern == "..", strings.HasPrefix(pattern, "../"):
		return "a directory below the one that is read, without a leading / or .."
	case !doublestar.ValidatePattern(pattern):
		return "a directory or a glob, in which ** stands for any directories"
	}
	return ""
}

// CheckNamespace returns what is wrong with the pattern of a namespace, "" if nothing.
func CheckNamespace(pattern string) string {
	if strings.Contains(pattern, "/") || !doublestar.ValidatePattern(pattern) {
		return "a namespace or a glob, in which * stands for any characters"
	}
	return ""
}

// group sorts controllers into installs, in the order of the stream.
func group(controllers []*Controller) (installs []*Install) {
	type key struct{ namespace, dir, affix string }
	known := map[key]*Install{}
	for _, c := range controllers {
		o := c.first()
		k := key{o.Namespace, o.Dir, c.affix()}
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
	names := []string{}
	if c.Account != nil {
		names = append(names, c.Account.Name)
	}
	for _, d := range c.Objects() {
		names = append(names, d.ServiceAccountName, d.Name)
	}
	for _, name := range names {
		if before, after, ok := strings.Cut(name, c.Name); ok {
			if before+after == "" {
				return ""
			}
			return before + "*" + after
		}
	}
	return ""
}
