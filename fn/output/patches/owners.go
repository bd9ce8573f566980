package patches

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/cloud"
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output"
	"flux-workload-identity/fn/suggest"
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
		for _, place := range o.places {
			for _, e := range place.Entries {
				if effect = p.On(o.Object, place.Path, e.Key); effect >= kustomize.Removes {
					return fmt.Sprintf("%s %s of %s", does(effect), place.Path.With(e.Key), o), effect
				}
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
	for _, p := range places {
		for _, wanted := range p.Entries {
			if slices.Equal(p.Path, e.Place) && wanted.Key == e.Key {
				return true
			}
		}
	}
	return false
}

// unasked is what is said of an identity that nobody asked for.
const unasked = "sets %s of %s: want only what the configuration asks for: this is left as it is, remove it if %s is not to have it"

// checkOther warns of a user's patch that gives the controllers an identity nobody asked
// for, and says where a patch cannot be looked at.
func (w *writer) checkOther(p *kustomize.Patch) {
	if len(w.home.Installs) == 0 {
		return
	}
	if strings.HasPrefix(p.Name(), api.PatchPrefix) {
		w.checkConfigs(p)
		return
	}
	if p.Unread {
		if p.Target == nil || slices.ContainsFunc(w.objects, func(o object) bool { return p.Target.Matches(o.Object) }) {
			w.note(p, sdk.Info, "not checked: what it holds cannot be read here")
		}
		return
	}
	entries, _ := identities(p)
	if len(entries) > 0 && p.Target != nil && w.misses(p) {
		w.note(p, sdk.Warning, "selects nothing, and sets %s: want a target that selects a controller%s", entries[0].Place.With(entries[0].Key), didYouMean(p))
		return
	}
	for _, o := range w.objects {
		if p.Deletes(o.Object) && slices.ContainsFunc(o.places, func(place output.Place) bool { return len(place.Entries) > 0 }) {
			w.note(p, sdk.Warning, "deletes %s: want it there to carry the identity, which it does not get here", o)
			return
		}
		for _, e := range entries {
			if p.On(o.Object, e.Place, e.Key) == kustomize.Sets && !isHarmless(o.Kind, e.Key) {
				w.note(p, sdk.Warning, unasked, e.Place.With(e.Key), o, o.Name)
				return
			}
		}
	}
}

// checkConfigs warns of a patch of another configuration on a controller that gets an identity
// of this one too: of another cloud, or left behind by a configuration that was renamed.
func (w *writer) checkConfigs(p *kustomize.Patch) {
	entries, _ := identities(p)
	for _, o := range w.objects {
		if !slices.ContainsFunc(o.places, func(place output.Place) bool { return len(place.Entries) > 0 }) {
			continue
		}
		for _, e := range entries {
			if p.On(o.Object, e.Place, e.Key) == kustomize.Sets {
				w.note(p, sdk.Warning, "sets %s of %s: want the identity of one configuration: this is a patch of the configuration %q; remove it if that is no more",
					e.Place.With(e.Key), o, strings.TrimPrefix(p.Name(), api.PatchPrefix))
				return
			}
		}
	}
}

// checkAround warns of what comes after the patches of a home: in itself, and in those that
// build it.
func (w *writer) checkAround() {
	if w.home.kustomization != nil && len(w.home.Installs) > 0 {
		w.warnOfLater()
		w.warnAbove()
	}
}

// misses reports whether a patch selects nothing that is built here. Where that cannot be seen
// it does if its name is nearly that of a controller.
func (w *writer) misses(p *kustomize.Patch) bool {
	if slices.ContainsFunc(w.objects, func(o object) bool { return p.Selects(o.Object) }) {
		return false
	}
	if slices.ContainsFunc(w.home.Installs, func(i *flux.Install) bool { return i.Declared != nil }) {
		return didYouMean(p) != ""
	}
	return !slices.ContainsFunc(w.stream.in(w.home.reach), func(item *krm.Item) bool { return p.Selects(kustomize.ObjectOf(item)) })
}

// didYouMean names the controller that a target nearly names.
func didYouMean(p *kustomize.Patch) string {
	for _, name := range strings.FieldsFunc(p.Target.Name, func(r rune) bool { return strings.ContainsRune("()|^$", r) }) {
		if near := suggest.Nearest(name, flux.Controllers); near != "" && near != name {
			return fmt.Sprintf("; did you mean %q?", near)
		}
	}
	return ""
}

// checkLate reports patches that are applied after all of ours and take away what they set.
func (w *writer) checkLate() {
	for _, p := range w.list {
		if !p.Late {
			continue
		}
		for _, wanted := range w.wanted {
			if w.effect(p, wanted) == kustomize.Wipes {
				w.wrong(p, "takes away what %s %s is given: want it under patches, which are applied earlier", wanted.kind, kustomize.Names(wanted.names))
				break
			}
		}
	}
}

// checkCommon reports labels and annotations that the Kustomization gives to all objects
// and that ours set: they come after the patches.
func (w *writer) checkCommon() {
	if w.home.kustomization == nil {
		return
	}
	for _, c := range w.home.kustomization.Common() {
		for _, p := range w.wanted {
			if slices.ContainsFunc(p.places, func(place output.Place) bool {
				return slices.ContainsFunc(place.Entries, func(e provider.Entry) bool { return e.Key == c.Key && isLast(place.Path, c.Of) })
			}) {
				w.report.Item(sdk.Error, w.home.Item, c.Field, fmt.Sprintf("gives it to all objects: want it from one place: remove it, or the identity %s", p.identity))
				break
			}
		}
	}
}

func isLast(place edit.Path, name string) bool {
	return place[len(place)-1] == name
}
