package flux

import (
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Scope narrows the stream to some installs.
type Scope struct {
	Namespace string          // a namespace or a glob of such; "" for the one that there is
	Path      string          // a directory, with all below it, or a glob of such; "" for all
	Files     map[string]bool // nil for all
	Section   string          // the part of the configuration that holds the first two: spec or data
}

func (s Scope) holds(o *Object) bool {
	return s.hasNamespace(o.Namespace) && s.HasDir(o.Dir) && (s.Files == nil || s.Files[o.File])
}

func (s Scope) hasNamespace(namespace string) bool {
	return s.Namespace == "" || doublestar.MatchUnvalidated(s.Namespace, namespace)
}

// HasDir reports whether a directory is in the scope; "" is one that is not known.
func (s Scope) HasDir(dir string) bool {
	pattern := path.Clean(s.Path)                                                        // . for ""
	return pattern == "." || doublestar.MatchUnvalidated(pattern+"/**", path.Clean(dir)) // a/** matches a too
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
