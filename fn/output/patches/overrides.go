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
	for _, k := range kustomizations {
		h := &Home{Item: k.Item, List: kustomize.PatchesPath, kustomization: k, reach: k.Reach(kustomizations)}
		for _, t := range p.Targets {
			if !slices.Contains(h.Installs, t.Install) && isBuilt(t.Install, h.reach) {
				h.Installs = append(h.Installs, t.Install)
			}
		}
		if len(h.Installs) == 0 {
			continue
		}
		w := writer{home: h, plan: p, items: items, report: report}
		for _, t := range w.targets() {
			w.objects = append(w.objects, objectsOf(t)...)
		}
		for _, patch := range k.Patches(items) {
			if what := w.overrides(patch); what != "" {
				report.Item(sdk.Warning, k.Item, patch.Field, what+": want it from one place: kustomize applies this patch to what is written there; remove it, or write patches with output Patches")
			}
		}
	}
}

func isBuilt(i *flux.Install, reach []string) bool {
	return slices.ContainsFunc(i.Files(), func(file string) bool { return slices.Contains(reach, file) })
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
				case effect == kustomize.Wipes:
					return fmt.Sprintf("takes away %s of %s", place.Path.With(e.Key), o)
				case effect == kustomize.Sets && !same:
					return fmt.Sprintf("sets %s of %s to another value", place.Path.With(e.Key), o)
				}
			}
		}
	}
	return ""
}
