package flux

import (
	"slices"
	"strings"
)

// Anybody can write a label, a name or the name of an image. So no sign alone makes an object a
// controller's: it takes two that name the same one, of different kinds.

// managerContainer is the container of every controller, and Registry where Flux publishes its
// image (fluxcd/flux2 pkg/manifestgen/install/options.go).
const (
	managerContainer = "manager"
	Registry         = "ghcr.io/fluxcd"
)

// labelled returns the controller that the labels name, or "": by the component, and by part-of
// with the name of the object, which is all that Flux set before v0.35.
func (o *Object) labelled() string {
	switch {
	case o.partOf != "" && o.partOf != partOfFlux:
		return ""
	case o.component != "":
		if IsController(o.component) {
			return o.component
		}
		return ""
	case o.partOf == partOfFlux:
		return o.exactly()
	}
	return ""
}

// saysOtherwise reports whether a label contradicts that the object is Flux's.
func (o *Object) saysOtherwise() bool {
	return o.partOf != "" && o.partOf != partOfFlux || o.component != "" && !IsController(o.component)
}

// named returns the controller whose name is the object's but for what stands around it, or "".
func (o *Object) named() string {
	for _, c := range Controllers {
		if before, after, ok := strings.Cut(o.Name, c); ok && o.isAround(before, after) {
			return c
		}
	}
	return ""
}

// isAround reports whether a prefix and a suffix are set apart from the name between them, or
// are those that kustomize says it has put there.
func (o *Object) isAround(before, after string) bool {
	apart := func(c byte) bool { return c == '-' || c == '.' }
	return (before == "" || apart(before[len(before)-1]) || before == joined(o.prefixes, true)) &&
		(after == "" || apart(after[0]) || after == joined(o.suffixes, false))
}

// joined returns what kustomize has put before or after a name, of which the list has the
// innermost first.
func joined(affixes []string, before bool) string {
	if before {
		affixes = slices.Clone(affixes)
		slices.Reverse(affixes)
	}
	return strings.Join(affixes, "")
}

// exactly returns the controller whose name the object has, or had before kustomize put something
// around it, or "". A former name counts only if it is still within the name: anybody can write one.
func (o *Object) exactly() string {
	if name := o.named(); name != "" && o.goesBy(name) {
		return name
	}
	return ""
}

// goesBy reports whether the object has the name, or is said to have had it.
func (o *Object) goesBy(name string) bool {
	return o.Name == name || slices.Contains(o.previousNames, name)
}

// wasNamed returns the controller whose name the object is said to have had, or "".
func (o *Object) wasNamed() string {
	for _, name := range o.previousNames {
		if IsController(name) {
			return name
		}
	}
	return ""
}

// runs returns the controller whose image the Deployment's manager is, or "": from any registry
// and with any tag or digest, as in ghcr.io/fluxcd/source-controller:v1.9.0@sha256:...
func (o *Object) runs() string {
	if image := o.image(); image.registry != "" && IsController(image.name) {
		return image.name
	}
	return ""
}

// image is the reference of an image, cut up.
type image struct{ registry, name, tag string }

// image returns the image of the Deployment's manager.
func (o *Object) image() (i image) {
	reference, _, _ := strings.Cut(o.Image(), "@")
	slash := strings.LastIndexByte(reference, '/')
	i.registry = reference[:max(slash, 0)]
	i.name, i.tag, _ = strings.Cut(reference[slash+1:], ":")
	return i
}

// Image returns the reference of the manager's image, as the Deployment gives it.
func (o *Object) Image() string {
	return o.images[managerContainer]
}

// Registry returns where the manager's image of a controller comes from, as in
// ghcr.io/fluxcd, "" where it is not named as Flux names it.
func (o *Object) Registry() string {
	if o.runs() == "" {
		return ""
	}
	return o.image().registry
}

// signs returns how many signs of the controller the object bears, of a Deployment up to three.
func (o *Object) signs(controller string) (n int) {
	for _, c := range []string{o.labelled(), o.named(), o.runs()} {
		if c == controller {
			n++
		}
	}
	return n
}

// signed returns the controller that at least two signs of the object name, or "".
func (o *Object) signed() string {
	for _, c := range []string{o.labelled(), o.named()} {
		if c != "" && o.signs(c) > 1 {
			return c
		}
	}
	return ""
}
