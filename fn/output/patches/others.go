package patches

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output"
	"flux-workload-identity/fn/suggest"
)

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
	if w.isUnread(p) {
		w.note(p, unread)
		return
	}
	entries, _ := identities(p)
	if len(entries) > 0 && p.Target != nil && w.misses(p) {
		w.note(p, "selects nothing, and sets %s: want a target that selects a controller%s", entries[0].Place.With(entries[0].Key), didYouMean(p))
		return
	}
	for _, o := range w.objects {
		if p.Deletes(o.Object) && output.Writes(o.places) {
			w.note(p, "deletes %s: want it there to carry the identity, which it does not get here", o)
			return
		}
		for _, e := range entries {
			if p.On(o.Object, e.Place, e.Key) == kustomize.Sets && !isHarmless(o.Kind, e.Key) {
				w.note(p, unasked, e.Place.With(e.Key), o, o.Name)
				return
			}
		}
	}
}

// unread is what is said of a patch that nothing is known of.
const unread = "cannot be read here: want it among the items, as YAML, to see that it leaves the identities alone"

// isUnread reports whether a patch may do something to the objects, and it is not known what.
func (w *writer) isUnread(p *kustomize.Patch) bool {
	return p.Unread && (p.Target == nil || slices.ContainsFunc(w.objects, func(o object) bool { return p.Target.Matches(o.Object) }))
}

// checkConfigs warns of a patch of another configuration on a controller that gets an identity
// of this one too: of another cloud, or left behind by a configuration that was renamed.
func (w *writer) checkConfigs(p *kustomize.Patch) {
	entries, _ := identities(p)
	for _, o := range w.objects {
		if !output.Writes(o.places) {
			continue
		}
		for _, e := range entries {
			if p.On(o.Object, e.Place, e.Key) == kustomize.Sets {
				w.note(p, "sets %s of %s: want the identity of one configuration: this is a patch of the configuration %q; remove it if that is no more",
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
		if !flux.IsController(name) {
			if words := suggest.DidYouMean(name, flux.Controllers); words != "" {
				return words
			}
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
			if _, _, ok := entryOf(p.places, c); ok {
				w.report.Item(sdk.Error, w.home.Item, c.Field, fmt.Sprintf("gives it to all objects: want it from one place: remove it, or the identity %s", p.identity))
				break
			}
		}
	}
}

// entryOf returns the entry that a label or an annotation of all objects would set, and its map.
func entryOf(places []output.Place, c kustomize.Common) (place edit.Path, e provider.Entry, ok bool) {
	for place, e := range output.Entries(places) {
		if e.Key == c.Key && place[len(place)-1] == c.Of {
			return place, e, true
		}
	}
	return nil, e, false
}
