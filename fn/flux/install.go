package flux

import (
	"fmt"
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Controller is one controller of an install: a ServiceAccount and the Deployments that
// run under it. Either side may be hidden from the function, never both.
type Controller struct {
	Name        string    // one of Controllers
	Account     *Object   // nil where the stream does not hold it
	Deployments []*Object // the shards of the controller among them
	// Strays are Deployments that the labels call the controller's, but that run under
	// another ServiceAccount.
	Strays []*Object
}

// Objects returns the ServiceAccount, if seen, and the Deployments.
func (c *Controller) Objects() []*Object {
	if c.Account == nil {
		return c.Deployments
	}
	return append([]*Object{c.Account}, c.Deployments...)
}

// Install is one installation of Flux: what shares a namespace, the directory of the
// files, and the prefix and suffix of the names.
type Install struct {
	Namespace   string
	Dir         string // "" where the files are not known
	Affix       string // as in "acme-*", "" for the controllers' own names
	Controllers []*Controller
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
	s := "namespace " + i.Namespace
	if i.Namespace == "" {
		s = "no namespace"
	}
	if i.Dir != "" {
		s += fmt.Sprintf(" in directory %s", i.Dir)
	}
	if i.Affix != "" {
		s += fmt.Sprintf(" named %s", i.Affix)
	}
	return s
}

// Scope narrows the stream to some installs.
type Scope struct {
	Namespace string // "" for all
	Path      string // a directory, with all below it, or a glob of such; "" for all
	Section   string // the part of the configuration that holds the two: spec or data
}

func (s Scope) hasNamespace(o *Object) bool {
	return s.Namespace == "" || s.Namespace == o.Namespace
}

func (s Scope) hasDir(o *Object) bool {
	if s.Path == "" {
		return true
	}
	pattern, dir := path.Clean(s.Path), o.Dir
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

// group sorts controllers into installs, in the order of the stream.
func group(controllers []*Controller) (installs []*Install) {
	type key struct{ namespace, dir, affix string }
	known := map[key]*Install{}
	for _, c := range controllers {
		o := c.Objects()[0]
		k := key{o.Namespace, o.Dir, affix(o, c.Name)}
		if known[k] == nil {
			known[k] = &Install{Namespace: k.namespace, Dir: k.dir, Affix: k.affix}
			installs = append(installs, known[k])
		}
		known[k].Controllers = append(known[k].Controllers, c)
	}
	return installs
}

// affix returns what was put around the controller's own name. A Deployment, whose
// name may carry that of a shard, is known by the ServiceAccount it runs under.
func affix(o *Object, controller string) string {
	name := o.Name
	if o.Kind == deployment {
		name = o.ServiceAccountName
	}
	if before, after, ok := strings.Cut(name, controller); ok && before+after != "" {
		return before + "*" + after
	}
	return ""
}
