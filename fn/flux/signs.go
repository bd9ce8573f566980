package flux

import (
	"slices"
	"strings"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux/controllers"
)

// Anybody can write a label, a name or the name of an image. So no sign alone makes an object a
// controller's: it takes two that name the same one, of different kinds.

// Labels that Flux sets on its objects: part-of since v0.12, component since v0.35
// (fluxcd/flux2 pkg/manifestgen/install/templates.go).
const (
	partOfLabel    = "app.kubernetes.io/part-of"
	ComponentLabel = "app.kubernetes.io/component"
	managedByLabel = "app.kubernetes.io/managed-by"
	versionLabel   = "app.kubernetes.io/version"
	partOfFlux     = "flux"
)

// Operator is what manages the objects of a FluxInstance, as ManagedByPath then says.
const Operator = "flux-operator"

// managerContainer is the container of every controller, and Registry where Flux publishes its
// image (fluxcd/flux2 pkg/manifestgen/install/options.go).
const (
	managerContainer = "manager"
	Registry         = "ghcr.io/fluxcd"
)

// Fields by which objects are recognised.
var (
	ManagedByPath          = edit.Path{"metadata", "labels", managedByLabel}
	ServiceAccountNamePath = edit.Path{"spec", "template", "spec", "serviceAccountName"}
	ImagesPath             = edit.Path{"spec", "template", "spec", "containers"}
	namePath               = edit.Path{"metadata", "name"}
	partOfPath             = edit.Path{"metadata", "labels", partOfLabel}
	componentPath          = edit.Path{"metadata", "labels", ComponentLabel}
	previousNamesPath      = edit.Path{"metadata", "annotations", previousNamesAnnotation}
)

// labelled returns the controller that the labels name, or "": by the component, and by part-of
// with the name of the object, which is all that Flux set before v0.35.
func (o *Object) labelled() string {
	switch {
	case o.saysOtherwise():
		return ""
	case o.component == "" && o.partOf == partOfFlux:
		return o.exactly()
	}
	return o.component
}

// otherwise returns the label that contradicts that the object is Flux's, and its value; "" where
// none does.
func (o *Object) otherwise() (path edit.Path, value string) {
	switch {
	case o.partOf != "" && o.partOf != partOfFlux:
		return partOfPath, o.partOf
	case o.component != "" && !controllers.Has(o.component):
		return componentPath, o.component
	}
	return nil, ""
}

func (o *Object) saysOtherwise() bool {
	_, value := o.otherwise()
	return value != ""
}

// named returns the controller whose name is the object's but for what stands around it, or "".
func (o *Object) named() string {
	for _, c := range controllers.All {
		if before, after, ok := strings.Cut(o.Name, c); ok && o.isAround(before, after) {
			return c
		}
	}
	return ""
}

// isAround reports whether a prefix and a suffix are set apart from the name between them, or
// are those that kustomize says it has put there.
func (o *Object) isAround(before, after string) bool {
	const apart = "-."
	prefixes := slices.Clone(o.prefixes)
	slices.Reverse(prefixes) // the innermost, which came first, stands last
	return (before == "" || strings.ContainsAny(before[len(before)-1:], apart) || before == strings.Join(prefixes, "")) &&
		(after == "" || strings.ContainsAny(after[:1], apart) || after == strings.Join(o.suffixes, ""))
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
	if i := slices.IndexFunc(o.previousNames, controllers.Has); i >= 0 {
		return o.previousNames[i]
	}
	return ""
}

// cutImage cuts up the reference of an image that is named after a controller: from any registry
// and with any tag or digest, as in ghcr.io/fluxcd/source-controller:v1.9.0@sha256:...
func cutImage(image string) (registry, controller, tag string) {
	reference, _, _ := strings.Cut(image, "@")
	slash := strings.LastIndexByte(reference, '/')
	controller, tag, _ = strings.Cut(reference[slash+1:], ":")
	if slash < 1 || !controllers.Has(controller) {
		return "", "", ""
	}
	return reference[:slash], controller, tag
}

// signs returns how many signs of the controller the object bears, of a Deployment up to three.
func (o *Object) signs(controller string) (n int) {
	for _, c := range []string{o.labelled(), o.named(), o.runs} {
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
