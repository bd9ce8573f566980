package patches

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/cloud"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output"
)

// sort tells the patches apart: ours, those that become ours, and those of others, which it
// checks.
func (w *writer) sort() {
	for _, p := range w.list {
		index, inList := w.indexOf(p)
		conflict, effect := w.conflict(p)
		switch {
		case inList && p.Name() == w.settings.Name:
			if w.checkOurs(p) {
				w.held = append(w.held, held{index: index, Patch: p})
			}
		case conflict == "":
			w.checkOther(p)
		case effect == kustomize.Removes:
			w.wrong(p, "%s: want it kept: take that out of the patch, or remove the patch", conflict)
		case w.adopts(p, conflict, inList):
			w.held = append(w.held, held{index: index, Patch: p, adopted: true})
		}
	}
	w.checkCommon()
	w.checkLate()
	w.checkConfig()
	w.checkAround()
}

// indexOf returns the index of a patch in the list of the home; other lists of a
// Kustomization are not ours to write.
func (w *writer) indexOf(p *kustomize.Patch) (index int, ok bool) {
	for i := range w.length {
		if slices.Equal(p.Field, w.home.List.At(i)) {
			return i, true
		}
	}
	return 0, false
}

func (w *writer) wrong(p *kustomize.Patch, format string, args ...any) {
	w.report.Item(sdk.Error, w.home.Item, p.Field, fmt.Sprintf(format, args...))
}

// checkOurs checks that a patch with our name is as we write them, but for its values.
func (w *writer) checkOurs(p *kustomize.Patch) bool {
	const remedy = "; give the patch another name, or take that out of it"
	_, others := identities(p)
	switch {
	case p.Target == nil:
		w.wrong(p, "%q: has no target: want one on every patch of this name; add it, or give the patch another name", p.Name())
	case p.Documents() > 1:
		w.wrong(p, "%q: holds several documents: want one in a patch of this name"+remedy, p.Name())
	case len(others) > 0:
		w.wrong(p, "%q: holds %s: want nothing but workload identity in a patch of this name"+remedy, p.Name(), strings.Join(others, ", "))
	default:
		return true
	}
	return false
}

// identities returns the keys of workload identity that a patch sets, and what else is in it.
func identities(p *kustomize.Patch) (entries []kustomize.Entry, others []string) {
	all, others := p.Entries(places(""))
	for _, e := range all {
		if cloud.Owner(e.Key) == nil {
			others = append(others, e.Place.With(e.Key).String())
		} else {
			entries = append(entries, e)
		}
	}
	return entries, others
}

// conflict returns what a patch of somebody else does to a key that ours set, in words.
func (w *writer) conflict(p *kustomize.Patch) (what string, effect kustomize.Effect) {
	for _, o := range w.objects {
		for place, e := range output.Entries(o.places) {
			if effect = p.On(o.Object, place, e.Key); effect >= kustomize.Removes {
				return fmt.Sprintf("%s %s of %s", does(effect), place.With(e.Key), o), effect
			}
		}
	}
	return "", kustomize.None
}

func does(effect kustomize.Effect) string {
	if effect == kustomize.Sets {
		return "sets"
	}
	return "takes away"
}

// adopts reports whether a patch of somebody else becomes ours, and reports why it does not.
func (w *writer) adopts(p *kustomize.Patch, conflict string, inList bool) bool {
	entries, others := identities(p)
	config, isConfigs := strings.CutPrefix(p.Name(), api.PatchPrefix)
	switch {
	case isConfigs && p.Target != nil && len(others) == 0:
		w.wrong(p, "%s: want one configuration for a controller: this is a patch of the configuration %q; take the controller out of one of the two, or, if that was the name of this one, give the patch the name %q", conflict, config, w.settings.Name)
	case p.File != "":
		w.wrong(p, "%s: want it from one place: take that out of the file %s, or remove the patch", conflict, p.File)
	case len(others) > 0:
		w.wrong(p, "%s: want it from one place: take that out of the patch, which holds %s too", conflict, strings.Join(others, ", "))
	case !inList:
		w.wrong(p, "%s: want it from one place: remove the patch, or move it to %s, where it can be taken over", conflict, w.home.List)
	case !w.settings.Adopt:
		w.wrong(p, "%s: want it from one place: remove the patch, or take it over with %s: true", conflict, w.settings.AdoptField)
	default:
		return w.covers(p, entries) && w.isNarrow(p, entries)
	}
	return false
}

// isNarrow reports whether a patch does nothing to objects that are no controllers of the
// home, which would lose it.
func (w *writer) isNarrow(p *kustomize.Patch, entries []kustomize.Entry) bool {
	if w.home.kustomization == nil {
		return true // what Flux Operator installs is not in the stream
	}
	for _, item := range w.stream.in(w.home.reach) {
		o := kustomize.ObjectOf(item)
		ours := slices.ContainsFunc(w.objects, func(of object) bool {
			return of.Kind == o.Kind && of.Name == o.Name && of.Namespace == o.Namespace
		})
		for _, e := range entries {
			if effect := p.On(o, e.Place, e.Key); !ours && effect >= kustomize.Removes {
				w.wrong(p, "%s %s of %s %s too: want a target of controllers only, to take the patch over", does(effect), e.Place.With(e.Key), o.Kind, o.Name)
				return false
			}
		}
	}
	return true
}

// covers reports whether ours do all that a patch does to the objects of the home, so that
// nothing is lost with it.
func (w *writer) covers(p *kustomize.Patch, entries []kustomize.Entry) bool {
	for _, o := range w.objects {
		for _, e := range entries {
			effect := p.On(o.Object, e.Place, e.Key)
			if effect < kustomize.Removes || sets(o.places, e) || isHarmless(o.Kind, e.Key) {
				continue
			}
			w.wrong(p, "%s %s of %s too: want that in the configuration, to take the patch over", does(effect), e.Place.With(e.Key), o)
			return false
		}
	}
	return true
}

// isHarmless reports whether a key does nothing on objects of a kind, though some
// documentation sets it there.
func isHarmless(kind, key string) bool {
	return kind == kinds[0].name && slices.Contains(cloud.Owner(key).Harmless, key)
}

func sets(places []output.Place, e kustomize.Entry) bool {
	for place, wanted := range output.Entries(places) {
		if slices.Equal(place, e.Place) && wanted.Key == e.Key {
			return true
		}
	}
	return false
}
