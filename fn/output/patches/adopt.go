package patches

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux/controllers"
	"flux-workload-identity/fn/home"
	"flux-workload-identity/fn/output"
	"flux-workload-identity/fn/suggest"
)

// element is an entry that the home holds already.
type element struct {
	*home.Entry
	effect  *home.Effect // of those that may be of workload identity
	ours    bool         // it is, or becomes so
	adopted bool
	goes    bool // no patch takes its place
}

// config is the name of the configuration whose patch it is, "" for none.
func (e *element) config() string {
	name, isConfigs := strings.CutPrefix(e.Name(), api.PatchPrefix)
	if !isConfigs {
		return ""
	}
	return name
}

// value returns what an element sets at a path, "" for nothing.
func (e *element) value(path edit.Path) string {
	switch {
	case e == nil:
	case e.effect != nil:
		if i := slices.IndexFunc(e.effect.Sets, func(s home.Set) bool { return slices.Equal(s.Path, path) }); i >= 0 {
			return e.effect.Sets[i].To
		}
	case len(e.Docs) == 1:
		return edit.Text(e.Docs[0], path...)
	}
	return ""
}

// sort tells the elements apart: ours, those that become ours, and those of others, which it
// checks.
func (w *writer) sort() {
	var entries []*home.Entry
	for _, e := range w.elements {
		entries = append(entries, e.Entry)
	}
	for _, e := range w.elements {
		if namespace := edit.Get(e.Node, "target", "namespace"); namespace != nil && w.Kustomization == nil && e.Name() != w.config.Patches.Name {
			w.note(e, "target.namespace: %s: want none there: flux-operator applies the patches in the namespace of the instance; remove it", strings.TrimSpace(edit.Describe(namespace)))
		}
		switch {
		case e.Name() == w.config.Patches.Name && e.Body != "":
			e.ours = w.checkOurs(e)
		case len(w.Installs) > 0 && e.MayCarry():
			e.effect = w.EffectOf(e.Entry, entries)
			e.adopted = w.adopts(e)
			e.ours = e.adopted
		}
	}
}

func (w *writer) wrong(e *element, format string, args ...any) {
	w.report.Item(sdk.Error, e.Item, e.List.At(e.Index), fmt.Sprintf(format, args...))
}

// checkOurs checks that a patch with our name is as we write them, but for its values.
func (w *writer) checkOurs(e *element) bool {
	const remedy = "; give the patch another name, or take that out of it"
	switch {
	case edit.Get(e.Node, "target") == nil:
		w.wrong(e, "%q: has no target: want one on every patch of this name; add it, or give the patch another name", e.Name())
	case len(e.Docs) > 1:
		w.wrong(e, "%q: holds several documents: want one in a patch of this name"+remedy, e.Name())
	case !isPure(e.Docs[0]) || len(edit.Pairs(e.Node)) > 2:
		w.wrong(e, "%q: holds more than that: want nothing but workload identity in a patch of this name"+remedy, e.Name())
	default:
		return true
	}
	return false
}

// adopts reports whether an element of somebody else becomes ours, and says what is wrong with it
// where it stands in the way and cannot.
func (w *writer) adopts(e *element) bool {
	sets := e.effect.Sets
	first := func(is func(home.Set) bool) *home.Set {
		if i := slices.IndexFunc(sets, is); i >= 0 {
			return &sets[i]
		}
		return nil
	}
	extra := first(func(s home.Set) bool {
		return w.objectOf(s.On) != nil && !w.isWanted(s) && !s.IsHarmless()
	})
	foreign := first(func(s home.Set) bool { return w.objectOf(s.On) == nil })
	conflict := first(w.isWanted)
	switch {
	case conflict == nil && e.config() != "":
		return false // its own business; where two are for one controller, the build tells
	case conflict == nil && w.config.Patches.Adopt && w.isForAbsent(e):
		return true
	case conflict == nil:
		w.checkOther(e)
	case e.config() != "":
		w.wrong(e, "%s: want one configuration for a controller: this is a patch of the configuration %q; take the controller out of one of the two, or, if that was the name of this one, give the patch the name %q", conflict, e.config(), w.config.Patches.Name)
	case e.effect.Others != "":
		w.wrong(e, "%s: want it from one place: take that out of the patch, which changes %s too", conflict, e.effect.Others)
	case !w.config.Patches.Adopt:
		w.wrong(e, "%s: want it from one place: remove the patch, or take it over with %s: true", conflict, w.config.Patches.AdoptField)
	case extra != nil:
		w.wrong(e, "%s too: want that in the configuration, to take the patch over", extra)
	case foreign != nil:
		w.wrong(e, "%s too: want a target of controllers only, to take the patch over", foreign)
	default:
		return true
	}
	return false
}

// isForAbsent reports whether an element is an identity for controllers alone that an install lacks, and
// that ours are for too.
func (w *writer) isForAbsent(e *element) bool {
	names := e.Names()
	return len(e.effect.Sets) == 0 && len(names) > 0 && len(e.Docs) == 1 && isPure(e.Docs[0]) && slices.ContainsFunc(w.wanted, func(p *patch) bool {
		return p.kind == e.Kind() && !slices.ContainsFunc(names, func(name string) bool { return p.absent[name] == "" })
	})
}

// isWanted reports whether it is a key that the configuration asks for.
func (w *writer) isWanted(s home.Set) bool {
	return slices.ContainsFunc(w.wanted, func(p *patch) bool { return p.covers(w.objectOf(s.On)) && p.sets(s.Path) })
}

// checkOther warns of a patch that is to give an identity, as it seems, and gives it to nobody.
func (w *writer) checkOther(e *element) {
	isHidden := w.Installs[0].Declared != nil // and may have shards, and more
	if len(e.effect.Sets) > 0 || e.effect.Unknown || len(e.Docs) == 0 || isHidden && w.Kustomization != nil && didYouMean(e) == "" {
		return
	}
	for _, k := range output.Keys(e.Docs[0]) {
		if !edit.IsNull(k.Value) {
			w.note(e, "selects nothing, and sets %s: want a target that selects a controller%s", k.Path, didYouMean(e))
			return
		}
	}
}

// didYouMean names the controller that a target nearly names.
func didYouMean(e *element) string {
	for _, name := range e.Names() {
		if !controllers.Has(name) {
			if words := suggest.DidYouMean(name, controllers.All); words != "" {
				return words
			}
		}
	}
	return ""
}
