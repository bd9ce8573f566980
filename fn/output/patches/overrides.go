package patches

import (
	"fmt"
	"slices"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/plan"
)

// WarnOfOverrides warns of patches, in the Kustomizations that build the controllers, that take
// away or replace what a plan writes into the objects themselves: pasted ones, or ours of a time
// when the output was Patches.
func WarnOfOverrides(p plan.Plan, items []*krm.Item, report *krm.Report) {
	kustomizations := kustomize.Find(items)
	if len(kustomizations) == 0 {
		return
	}
	installs := byFile(installsOf(p))
	for _, k := range kustomizations {
		all := k.Patches(items)
		if len(all) == 0 {
			continue
		}
		h := &Home{Item: k.Item, List: kustomize.PatchesPath, kustomization: k, reach: k.Reach(kustomizations)}
		for _, file := range h.reach {
			for _, i := range installs[file] {
				if !slices.Contains(h.Installs, i) {
					h.Installs = append(h.Installs, i)
				}
			}
		}
		if len(h.Installs) == 0 {
			continue
		}
		w := writer{home: h, plan: p, stream: &stream{items: items}, report: report}
		for _, t := range w.targets() {
			w.objects = append(w.objects, objectsOf(t)...)
		}
		for _, patch := range all {
			if what := w.overrides(patch); what != "" {
				report.Item(sdk.Warning, k.Item, patch.Field, what+": want it from one place: kustomize applies this patch to what is written there; remove it, or write patches with output Patches")
			}
		}
	}
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

// overrides returns what a patch does to an entry that the objects are to have, in words. One
// that sets the same value does nothing, and one that deletes a copy, as overlays of shards do,
// is meant.
func (w *writer) overrides(p *kustomize.Patch) string {
	entries, _ := p.Entries(places(""))
	for _, o := range w.objects {
		if p.Deletes(o.Object) {
			continue
		}
		for _, place := range o.places {
			for _, e := range place.Entries {
				same := slices.ContainsFunc(entries, func(of kustomize.Entry) bool {
					value, _ := edit.String(of.Value)
					return slices.Equal(of.Place, place.Path) && of.Key == e.Key && value == e.Value
				})
				switch effect := p.On(o.Object, place.Path, e.Key); {
				case effect == kustomize.Wipes, effect == kustomize.Removes:
					return fmt.Sprintf("takes away %s of %s", place.Path.With(e.Key), o)
				case effect == kustomize.Sets && !same:
					return fmt.Sprintf("sets %s of %s to another value", place.Path.With(e.Key), o)
				}
			}
		}
	}
	return ""
}
