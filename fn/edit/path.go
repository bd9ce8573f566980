package edit

import (
	"slices"
	"strconv"
	"strings"
)

// Path leads from the root of an object to one of its fields through maps:
// {"metadata", "annotations", "eks.amazonaws.com/role-arn"}.
type Path []string

// With returns the path one name longer.
func (p Path) With(name string) Path {
	return append(slices.Clone(p), name)
}

// At returns the path of an element of the list at its end, whose name is the index in
// brackets: {"spec", "patches", "[2]"}. Only String knows such names.
func (p Path) At(index int) Path {
	return p.With("[" + strconv.Itoa(index) + "]")
}

// String writes the path as kpt prints it well: names joined by dots, a name that
// itself holds a dot or a slash in brackets, as in
// metadata.annotations[eks.amazonaws.com/role-arn], and an index as it is, as in
// spec.patches[2].
func (p Path) String() string {
	var b strings.Builder
	for i, name := range p {
		switch {
		case isIndex(name):
			b.WriteString(name)
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

// isIndex reports whether a name is that of an element of a list.
func isIndex(name string) bool {
	return len(name) > 2 && name[0] == '[' && name[len(name)-1] == ']' &&
		strings.Trim(name[1:len(name)-1], "0123456789") == ""
}
