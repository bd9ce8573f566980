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
	"flux-workload-identity/fn/plan"
)

// WarnOfOverrides warns of what Kustomizations do, where they build the controllers, to what a
// plan writes into the objects themselves: by patches, pasted ones or ours of a time when the
// output was Patches, and by other fields.
func WarnOfOverrides(p plan.Plan, items []*krm.Item, config *api.Config, report *krm.Report) {
	kustomizations := kustomize.Find(items)
	if len(kustomizations) == 0 {
		return
	}
	installs := byFile(installsOf(p))
	all := &stream{items: items}
	for _, k := range kustomizations {
		h := &Home{Item: k.Item, List: kustomize.PatchesPath, kustomization: k, reach: k.Reach(kustomizations)}
		h.Installs = readFrom(installs, h.reach)
		w := writer{home: h, plan: p, stream: all, settings: config.Patches, report: report}
		w.warnOfOverrides("kustomize applies this to what is written there; remove it, or write patches with output Patches", false)
	}
}

// warnAbove warns of what Kustomizations do that build a home: theirs comes after its patches.
func (w *writer) warnAbove() {
	for _, k := range w.home.above {
		h := &Home{Item: k.Item, List: kustomize.PatchesPath, kustomization: k, Installs: w.home.Installs}
		up := writer{home: h, plan: w.plan, stream: w.stream, settings: w.settings, report: w.report}
		up.warnOfOverrides(fmt.Sprintf("this comes after the patches in %s, which it builds; remove it, or have the patches here with %s", w.home.kustomization, w.settings.Field), true)
	}
}

// warnOfOverrides warns of what the Kustomization does to what the objects are to have. Patches
// of ours go, where the output is Patches.
func (w *writer) warnOfOverrides(remedy string, oursGo bool) {
	k := w.home.kustomization
	all, common := k.Patches(w.stream.items), k.Common()
	if len(w.home.Installs) == 0 || len(all)+len(common) == 0 && !w.hasLater() {
		return
	}
	for _, t := range w.targets() {
		w.objects = append(w.objects, objectsOf(t)...)
	}
	w.list = all
	w.foresee()
	warn := func(field edit.Path, what string) {
		w.report.Item(sdk.Warning, k.Item, field, what+": want it from one place: "+remedy)
	}
	for _, p := range all {
		if p.Name() == w.settings.Name && oursGo {
			continue
		}
		isOthers := p.Name() != w.settings.Name && strings.HasPrefix(p.Name(), api.PatchPrefix)
		switch what := w.overrides(p); {
		case what != "":
			warn(p.Field, what)
		case w.isUnread(p):
			w.report.Item(sdk.Warning, k.Item, p.Field, unread)
		case !isOthers: // what another configuration asks for is its business
			w.warnOfUnasked(p)
		}
	}
	for _, c := range common {
		if what := w.commonly(c); what != "" {
			warn(c.Field, what)
		}
	}
	w.warnOfLater()
}

// warnOfUnasked warns of a patch that gives the controllers what the configuration does not ask
// for.
func (w *writer) warnOfUnasked(p *kustomize.Patch) {
	entries, _ := identities(p)
	for _, o := range w.objects {
		for _, e := range entries {
			if p.On(o.Object, e.Place, e.Key) == kustomize.Sets && !isHarmless(o.Kind, e.Key) && !sets(o.places, e) {
				w.report.Item(sdk.Warning, w.home.Item, p.Field, fmt.Sprintf(unasked, e.Place.With(e.Key), o, o.Name))
				return
			}
		}
	}
}

// commonly returns what a label or an annotation of all objects does to an entry, in words.
func (w *writer) commonly(c kustomize.Common) string {
	for _, o := range w.objects {
		if place, e, ok := entryOf(o.places, c); ok && e.Value != c.Value {
			return fmt.Sprintf("sets %s of %s to another value", place.With(e.Key), o)
		}
	}
	return ""
}

func installsOf(p plan.Plan) (installs []*flux.Install) {
	known := map[*flux.Install]bool{}
	for _, t := range p.Targets {
		if !known[t.Install] {
			known[t.Install] = true
			installs = append(installs, t.Install)
		}
	}
	return installs
}

// byFile returns the installs whose objects were read from a file.
func byFile(installs []*flux.Install) map[string][]*flux.Install {
	by := map[string][]*flux.Install{}
	for _, i := range installs {
		for _, file := range i.Files() {
			by[file] = append(by[file], i)
		}
	}
	return by
}

// readFrom returns the installs of which an object was read from one of the files.
func readFrom(by map[string][]*flux.Install, files []string) (installs []*flux.Install) {
	for _, file := range files {
		for _, i := range by[file] {
			if !slices.Contains(installs, i) {
				installs = append(installs, i)
			}
		}
	}
	return installs
}

// overrides returns what a patch does to an entry that the objects are to have, in words. One
// that sets the same value does nothing, and one that deletes a copy, as overlays of shards do,
// is meant.
func (w *writer) overrides(p *kustomize.Patch) string {
	entries, _ := p.Entries(places(""))
	for _, o := range w.objects {
		if p.Deletes(o.Object) {
			continue
		}
		for place, e := range output.Entries(o.places) {
			switch effect := p.On(o.Object, place, e.Key); {
			case effect == kustomize.Wipes, effect == kustomize.Removes:
				return fmt.Sprintf("takes away %s of %s", place.With(e.Key), o)
			case effect == kustomize.Sets && !holds(entries, place, e):
				return fmt.Sprintf("sets %s of %s to another value", place.With(e.Key), o)
			}
		}
	}
	return ""
}

// holds reports whether an entry with its value is among those that a patch sets.
func holds(entries []kustomize.Entry, place edit.Path, e provider.Entry) bool {
	return slices.ContainsFunc(entries, func(of kustomize.Entry) bool {
		value, _ := edit.String(of.Value)
		return slices.Equal(of.Place, place) && of.Key == e.Key && value == e.Value
	})
}
