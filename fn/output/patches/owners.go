package patches

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/cloud"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/output"
	"flux-workload-identity/fn/suggest"
)

// sort tells the elements apart: ours, those that become ours, and those of others, which it
// checks.
func (w *writer) sort() {
	for _, e := range w.elements {
		if namespace := edit.Get(e.node, "target", "namespace"); namespace != nil && w.Kustomization == nil && e.name() != w.config.Patches.Name {
			w.note(e, "target.namespace: %s: want none there: flux-operator applies the patches in the namespace of the instance; remove it", strings.TrimSpace(edit.Describe(namespace)))
		}
		switch {
		case e.name() == w.config.Patches.Name && e.body != "":
			e.ours = w.checkOurs(e)
		case len(w.Installs) > 0 && e.mayCarry():
			e.effect = w.effectOf(e)
			e.adopted = w.adopts(e)
			e.ours = e.adopted
		}
	}
}

func (w *writer) wrong(e *element, format string, args ...any) {
	w.report.Item(sdk.Error, e.item, e.list.At(e.index), fmt.Sprintf(format, args...))
}

// checkOurs checks that a patch with our name is as we write them, but for its values.
func (w *writer) checkOurs(e *element) bool {
	const remedy = "; give the patch another name, or take that out of it"
	switch {
	case edit.Get(e.node, "target") == nil:
		w.wrong(e, "%q: has no target: want one on every patch of this name; add it, or give the patch another name", e.name())
	case len(e.docs) > 1:
		w.wrong(e, "%q: holds several documents: want one in a patch of this name"+remedy, e.name())
	case !isPure(e.docs[0]) || len(edit.Pairs(e.node)) > 2:
		w.wrong(e, "%q: holds more than that: want nothing but workload identity in a patch of this name"+remedy, e.name())
	default:
		return true
	}
	return false
}

// adopts reports whether an element of somebody else becomes ours, and says what is wrong with it
// where it stands in the way and cannot.
func (w *writer) adopts(e *element) bool {
	sets := e.effect.sets
	first := func(is func(set) bool) *set {
		if i := slices.IndexFunc(sets, is); i >= 0 {
			return &sets[i]
		}
		return nil
	}
	extra := first(func(s set) bool {
		return s.object != nil && !w.isWanted(s) && !s.isHarmless()
	})
	foreign := first(func(s set) bool { return s.object == nil })
	conflict := first(w.isWanted)
	what := func(s *set) string { return fmt.Sprintf("%s %s of %s %s", s.verb(), s.path, s.on.Kind, s.on.Name) }
	switch {
	case conflict == nil && e.config() != "":
		return false // its own business; where two are for one controller, the build tells
	case conflict == nil && w.config.Patches.Adopt && w.isForAbsent(e):
		return true
	case conflict == nil:
		w.checkOther(e)
	case e.config() != "":
		w.wrong(e, "%s: want one configuration for a controller: this is a patch of the configuration %q; take the controller out of one of the two, or, if that was the name of this one, give the patch the name %q", what(conflict), e.config(), w.config.Patches.Name)
	case len(e.effect.others) > 0:
		w.wrong(e, "%s: want it from one place: take that out of the patch, which changes %s too", what(conflict), strings.Join(e.effect.others, ", "))
	case !w.config.Patches.Adopt:
		w.wrong(e, "%s: want it from one place: remove the patch, or take it over with %s: true", what(conflict), w.config.Patches.AdoptField)
	case extra != nil:
		w.wrong(e, "%s too: want that in the configuration, to take the patch over", what(extra))
	case foreign != nil:
		w.wrong(e, "%s too: want a target of controllers only, to take the patch over", what(foreign))
	default:
		return true
	}
	return false
}

// isForAbsent reports whether an element is an identity for controllers alone that an install lacks, and
// that ours are for too.
func (w *writer) isForAbsent(e *element) bool {
	names := e.names()
	return len(e.effect.sets) == 0 && len(names) > 0 && len(e.docs) == 1 && isPure(e.docs[0]) && slices.ContainsFunc(w.wanted, func(p *patch) bool {
		return p.kind == e.kind() && !slices.ContainsFunc(names, func(name string) bool { return p.absent[name] == "" })
	})
}

// names returns those in the target, of a pattern that lists some.
func (e *element) names() []string {
	return strings.FieldsFunc(edit.Text(e.node, "target", "name"), func(r rune) bool { return strings.ContainsRune("()|^$", r) })
}

// isWanted reports whether it is a key that the configuration asks for.
func (w *writer) isWanted(s set) bool {
	return s.object != nil && slices.ContainsFunc(w.wanted, func(p *patch) bool { return p.covers(s.object) && p.sets(s.path) })
}

// isHarmless reports whether a key does nothing where it is set.
func (s set) isHarmless() bool {
	return output.Key{Path: s.path, Owner: cloud.Owner(s.path[len(s.path)-1])}.IsHarmless(s.on.Kind)
}

// checkOther warns of a patch that is to give an identity, as it seems, and gives it to nobody.
func (w *writer) checkOther(e *element) {
	isHidden := w.Installs[0].Declared != nil // and may have shards, and more
	if len(e.effect.sets) > 0 || e.effect.unknown || len(e.docs) == 0 || isHidden && w.Kustomization != nil && didYouMean(e) == "" {
		return
	}
	for _, k := range output.Keys(e.docs[0]) {
		if !edit.IsNull(k.Value) {
			w.note(e, "selects nothing, and sets %s: want a target that selects a controller%s", k.Path, didYouMean(e))
			return
		}
	}
}

// didYouMean names the controller that a target nearly names.
func didYouMean(e *element) string {
	for _, name := range e.names() {
		if !flux.IsController(name) {
			if words := suggest.DidYouMean(name, flux.Controllers); words != "" {
				return words
			}
		}
	}
	return ""
}
