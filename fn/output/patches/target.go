package patches

import (
	"regexp"
	"slices"
	"strings"

	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output/proof"
)

// The ways to say whom a patch is for, from the form of Flux's documentation to the narrowest: by the
// names in the files, those too of controllers that an install lacks, so that the patch is right when
// they are added; without these; and by the names that the layers below have made of them, which are
// the only ones left behind a patch that replaces all annotations, kustomize's own among them. Each
// with the namespaces and without. At last by Flux's label, which foreign objects lack.
const (
	byAll = iota
	byAllAndNamespace
	byName
	byNameAndNamespace
	byPresentName
	byPresentNameAndNamespace
	byNameAndLabel
	byPresentNameAndLabel
	levels
)

// parts returns a patch with targets of a level: one, or one for each namespace.
func (w *writer) parts(whole *patch, level int) (parts []*patch) {
	for _, o := range whole.objects {
		name, namespace := o.name, o.namespace
		if level >= byPresentName && level != byNameAndLabel {
			name, namespace = w.present(o)
		}
		if level%2 == 0 || level >= byNameAndLabel || w.home.kustomization == nil { // flux-operator allows none in a target
			namespace = ""
		}
		i := slices.IndexFunc(parts, func(p *patch) bool { return p.target.namespace == namespace })
		if i < 0 {
			part := *whole
			part.objects, part.whole, part.level, part.target = nil, whole, level, target{namespace: namespace}
			i, parts = len(parts), append(parts, &part)
		}
		p := parts[i]
		p.objects = append(p.objects, o)
		if level >= byNameAndLabel {
			p.target.components = with(p.target.components, o.target.Controller.Name)
		}
		p.target.names = with(p.target.names, name)
	}
	if level <= byAllAndNamespace {
		for name := range whole.absent {
			parts[0].target.names = with(parts[0].target.names, name)
		}
	}
	for _, p := range parts { // which controllers an install has makes no other order
		slices.SortStableFunc(p.target.names, func(a, b string) int { return whole.rank(a) - whole.rank(b) })
	}
	return parts
}

// rank is the place of a name's controller in Flux's order.
func (p *patch) rank(name string) int {
	controller := p.absent[name]
	for _, o := range p.objects {
		if o.name == name {
			controller = o.target.Controller.Name
		}
	}
	return slices.Index(flux.Controllers, controller)
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
		for _, e := range w.site.Entries(w.root) {
			if e.Item == w.root.Kustomization.Item && slices.Contains([]string{"namePrefix", "nameSuffix", "namespace"}, e.Kind) {
				later = append(later, e)
			}
		}
		for _, of := range slices.Backward(w.site.Without(later...).Build(w.root).Objects) { // the first one counts
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
		for _, p := range slices.Clone(w.wanted) {
			wrong := w.wrongWith(p, faults)
			if wrong < 0 || p.whole.settled || !slices.Contains(w.wanted, p) {
				continue
			}
			again = true
			switch {
			case wrong != proof.Gained && p.element != nil && !p.whole.last:
				p.whole.last = true
			case wrong == proof.Gained && p.level+1 < levels:
				w.replace(p, p.level+1)
			case wrong == proof.Lost && p.level+1 < levels:
				w.replace(p, max(p.level+1, byPresentName))
			default:
				p.whole.settled, p.whole.last = true, false
				w.replace(p, byAll)
			}
		}
	}
	return again
}

// wrongWith returns the fault that a patch is to blame for, or suffers; -1 for none.
func (w *writer) wrongWith(p *patch, faults []proof.Fault) proof.Kind {
	for _, f := range faults {
		if f.Object.Kind != p.kind.name || !p.sets(f.Path) {
			continue
		}
		isOwn := f.Wanted != nil && f.Wanted.Home == w.home.Item && p.covers(w.objectOf(f.Object))
		switch {
		case isOwn && (f.Kind == proof.Lost || f.Kind == proof.Differs):
			return f.Kind
		case !isOwn && (f.Kind == proof.Gained || f.Kind == proof.Differs) && p.gives(f.Path, f.Got):
			return proof.Gained
		}
	}
	return -1
}

// replace gives a patch, with the other parts of the whole, targets of another level.
func (w *writer) replace(p *patch, level int) {
	whole := p.whole
	isPart := func(q *patch) bool { return q.whole == whole }
	at := slices.IndexFunc(w.wanted, isPart)
	w.wanted = slices.Insert(slices.DeleteFunc(w.wanted, isPart), at, w.parts(whole, level)...)
}

// again gives the patches the targets that those of a former run have, where these are as narrow as one
// of the levels: what was tried then need not be tried again.
func (w *writer) again() {
	claimed := map[*element]bool{}
	for _, p := range slices.Clone(w.wanted) {
		for level := range levels {
			var held []*element
			for _, part := range w.parts(p.whole, level) {
				for _, e := range w.elements {
					if e.ours && !e.adopted && !claimed[e] && !slices.Contains(held, e) && part.targets(e) {
						held = append(held, e)
						break
					}
				}
			}
			if len(held) == len(w.parts(p.whole, level)) {
				w.replace(p, level)
				for _, e := range held {
					claimed[e] = true
				}
				break
			}
		}
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
