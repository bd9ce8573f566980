package edit

import (
	"slices"
	"strings"
)

// Path leads from the root of an object to one of its fields through maps:
// {"metadata", "annotations", "eks.amazonaws.com/role-arn"}.
type Path []string

// With returns the path one name longer.
func (p Path) With(name string) Path {
	return append(slices.Clone(p), name)
}

// String writes the path as kpt prints it well: names joined by dots, a name that
// itself holds a dot or a slash in brackets, as in
// metadata.annotations[eks.amazonaws.com/role-arn].
func (p Path) String() string {
	var b strings.Builder
	for i, name := range p {
		switch {
		case strings.ContainsAny(name, "./[] "):
			b.WriteString("[" + name + "]")
		case i > 0:
			b.WriteString("." + name)
		default:
			b.WriteString(name)
		}
	}
	return b.String()
}
