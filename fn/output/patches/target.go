package patches

import (
	"regexp"
	"slices"
	"strings"

	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/flux/controllers"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output/proof"
)

// target is whom a patch is for.
type target struct {
	names      []string
	namespaces []string // none where the names say enough
	components []string // the values of Flux's label, none where the rest says enough
}

// fields returns it as kustomize reads it.
func (t target) fields(kind string) [][2]string {
	fields := [][2]string{{"kind", kind}, {"name", pattern(t.names)}}
	if t.namespaces != nil {
		fields = append(fields, [2]string{"namespace", pattern(t.namespaces)})
	}
	if t.components != nil {
		fields = append(fields, [2]string{"labelSelector", flux.ComponentLabel + " in (" + strings.Join(t.components, ", ") + ")"})
	}
	return fields
}

// levels of targets, from the form of Flux's documentation to the narrowest: by the names in the files,
// those too of controllers that an install lacks, so that the patch is right when they are added; without
// these; and by the names that the layers below have made of them, which are the only ones left behind a
// patch that replaces all annotations, kustomize's own among them. Each with the namespaces and without.
// At last by Flux's label, which foreign objects lack.
var levels = []struct{ absent, present, namespace, label bool }{
	{absent: true}, {absent: true, namespace: true},
	{}, {namespace: true},
	byPresentName: {present: true}, {present: true, namespace: true},
	{label: true}, {present: true, label: true},
}

const byPresentName = 4

// aim gives a patch the target of a level.
func (w *writer) aim(p *patch, level int) {
	p.level, p.target = level, target{}
	by := levels[level]
	if w.Kustomization == nil {
		by.namespace = false // flux-operator allows none
	}
	of := map[string]string{} // the controllers, by the names
	for _, o := range p.objects {
		name, namespace := o.name, o.namespace
		if by.present {
			name, namespace = w.present(o)
		}
		of[name] = o.target.Controller.Name
		p.target.names = with(p.target.names, name)
		p.target.namespaces = with(p.target.namespaces, namespace)
		p.target.components = with(p.target.components, o.target.Controller.Name)
	}
	if !by.namespace || slices.Contains(p.target.namespaces, "") {
		p.target.namespaces = nil
	}
	if !by.label {
		p.target.components = nil
	}
	if by.absent {
		for name, controller := range p.absent {
			of[name] = controller
			p.target.names = with(p.target.names, name)
		}
	}
	// Which controllers an install has makes no other order.
	rank := func(name string) int { return slices.Index(controllers.All, of[name]) }
	slices.SortStableFunc(p.target.names, func(a, b string) int { return rank(a) - rank(b) })
}

// with returns the names with one more, if it is none of them.
func with(names []string, name string) []string {
	if slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}

// present returns the name and the namespace that an object has when the patches of the home are applied.
func (w *writer) present(o *object) (name, namespace string) {
	if w.names == nil {
		w.names = map[*object][2]string{}
		var later []kustomize.Step // comes after patches
		for _, e := range w.Tree.Entries(w.Root) {
			if e.Item == w.Root.Kustomization.Item && slices.Contains([]string{"namePrefix", "nameSuffix", "namespace"}, e.Kind) {
				later = append(later, e)
			}
		}
		for _, of := range slices.Backward(w.Tree.Without(later...).Build(w.Root).Objects) { // the first one counts
			w.names[w.objectOf(of)] = [2]string{of.Name, of.Namespace}
		}
	}
	if n, ok := w.names[o]; ok {
		return n[0], n[1]
	}
	return o.name, o.namespace
}

// maxTries bounds how often all is built again.
const maxTries = 12

// Retry makes of what the builds show another attempt: a patch that is undone where it stands goes to
// the end, and one that reaches others, or misses its own, gets another target. What nothing helps
// stays as it was at first. It returns false where there is nothing left to try.
func (o *Output) Retry(faults []proof.Fault) (again bool) {
	if o.tries++; o.tries > maxTries {
		return false
	}
	for _, w := range o.writers {
		for _, p := range w.wanted {
			wrong := w.wrongWith(p, faults)
			if wrong < 0 || p.settled {
				continue
			}
			again = true
			switch {
			case wrong != proof.Gained && p.element != nil && !p.last && !p.old:
				p.last = true
			case wrong == proof.Gained && p.level+1 < len(levels):
				w.aim(p, p.level+1)
			case wrong == proof.Lost && p.level+1 < len(levels):
				w.aim(p, max(p.level+1, byPresentName))
			default:
				p.settled, p.last = true, false
				w.aim(p, 0)
			}
		}
	}
	return again
}

// wrongWith returns the fault that a patch is to blame for, or suffers; -1 for none.
func (w *writer) wrongWith(p *patch, faults []proof.Fault) proof.Kind {
	for _, f := range faults {
		if f.Object.Kind != p.kind || !p.sets(f.Path) {
			continue
		}
		isOwn := f.Wanted != nil && f.Wanted.Home == w.Item && p.covers(w.objectOf(f.Object))
		isGiven := f.Got != nil && f.Got.Value == p.fragment.Value(f.Path)
		switch {
		case isOwn && (f.Kind == proof.Lost || f.Kind == proof.Differs):
			return f.Kind
		case !isOwn && isGiven && (f.Kind == proof.Gained || f.Kind == proof.Differs):
			return proof.Gained
		}
	}
	return -1
}

// again gives the patches the targets that those of a former run have, where these are as narrow as one
// of the levels: what was tried then need not be tried again.
func (w *writer) again() {
	claimed := map[*element]bool{}
next:
	for _, p := range w.wanted {
		for level := range levels {
			w.aim(p, level)
			for _, e := range w.elements {
				if e.ours && !e.adopted && !claimed[e] && p.targets(e) {
					claimed[e] = true
					continue next
				}
			}
		}
		w.aim(p, 0)
	}
}

// pattern returns the regular expression of just these names, in the form of Flux's documentation:
// source-controller, (source-controller|image-reflector-controller).
func pattern(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = regexp.QuoteMeta(name)
	}
	if len(quoted) == 1 {
		return quoted[0]
	}
	return "(" + strings.Join(quoted, "|") + ")"
}
