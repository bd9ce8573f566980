package patches

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output"
	"flux-workload-identity/fn/output/resources"
	"flux-workload-identity/fn/plan"
)

// Changes returns what a plan makes of the patches in the homes. It changes nothing itself.
// It reports what resources.Check does of the controllers that are in the stream, and
// patches of others that stand in the way.
func Changes(p plan.Plan, homes []*Home, items []*krm.Item, config *api.Config, report *krm.Report) (changes []output.Change) {
	resources.Check(p, report)
	all := &stream{items: items}
	for _, h := range homes {
		w := writer{home: h, plan: p, stream: all, settings: config.Patches, report: report, elsewhere: filled(homes)}
		w.read()
		if w.list == nil {
			continue
		}
		w.wish()
		w.sort()
		if !report.Failed() {
			changes = append(changes, w.changes()...)
			w.warnBeside()
		}
		w.say(report.Failed() || config.Check)
	}
	return changes
}

// warnBeside warns of Kustomizations that lose the patches of a home which are written elsewhere.
func (w *writer) warnBeside() {
	if len(w.removed) > 0 && len(w.home.beside) > 0 {
		w.report.Item(sdk.Warning, w.home.Item, w.home.List, fmt.Sprintf(
			"the patches of this configuration go to %s: want them for %s too, which builds this and loses them", w.elsewhere, names(w.home.beside)))
	}
}

// filled names the homes that are to hold patches, for a message.
func filled(homes []*Home) string {
	var names []string
	for _, h := range homes {
		if ref := h.Item.Ref(); len(h.Installs) > 0 && ref != nil {
			names = append(names, ref.Kind+" "+ref.Name)
		}
	}
	return strings.Join(names, ", ")
}

// writer works out the patches of one home.
type writer struct {
	home     *Home
	plan     plan.Plan
	stream   *stream
	settings api.Patches
	report   *krm.Report

	list    []*kustomize.Patch // all that there are, in the order in which they are applied
	length  int                // of the list of the home
	own     []plan.Target      // of the home, once they are asked for
	objects []object
	present []object // those of controllers that the home has
	wanted  []*patch
	held    []held
	removed []int // indices of the elements that go
	notes   []note
	// elsewhere names the homes that hold patches, for one that is to lose them.
	elsewhere string
}

// note is a finding about a patch of somebody else, for when it is known where that will be.
type note struct {
	*kustomize.Patch
	message string
}

func (w *writer) note(p *kustomize.Patch, format string, args ...any) {
	w.notes = append(w.notes, note{p, fmt.Sprintf(format, args...)})
}

// say reports the notes. Where the list is not left as it is, they name the patches by their
// place in what it becomes: the next run finds them there, and has nothing new to say.
func (w *writer) say(left bool) {
	for _, n := range w.notes {
		field := n.Field
		if index, ok := w.indexOf(n.Patch); ok && !left {
			before := 0
			for _, r := range w.removed {
				if r < index {
					before++
				}
			}
			field = w.home.List.At(index - before)
		}
		w.report.Item(sdk.Warning, w.home.Item, field, n.message)
	}
}

// read reads the patches that the home holds; nil where they are no list.
func (w *writer) read() {
	list, err := edit.Current(w.home.Item.Node(), w.home.List)
	switch {
	case err != nil:
		w.report.Item(sdk.Error, w.home.Item, err.Path, err.Given+": want "+err.Want)
		return
	case !edit.IsNull(list) && !edit.IsList(list):
		w.report.Item(sdk.Error, w.home.Item, w.home.List, edit.Describe(list)+": want a list of patches")
		return
	}
	w.length = len(edit.Elements(list))
	w.list = []*kustomize.Patch{}
	if k := w.home.kustomization; k != nil {
		w.list = append(w.list, k.Patches(w.stream.items)...)
	} else {
		w.list = append(w.list, kustomize.ListOf(w.home.Item.Node(), w.home.List)...)
	}
}

// wish works out the objects of the home, and the patches that it is to hold.
func (w *writer) wish() {
	for _, t := range w.targets() {
		w.present = append(w.present, objectsOf(t)...)
	}
	w.objects = slices.Clone(w.present)
	for _, t := range w.absent() {
		w.objects = append(w.objects, objectsOf(t)...)
	}
	w.foresee()
	for _, g := range w.plan.Grants {
		if !slices.ContainsFunc(w.targets(), func(t plan.Target) bool { return t.Identity == g.Identity }) {
			continue
		}
		for _, kind := range kinds {
			places := kind.places(g.Settings)
			if !output.Writes(places) {
				continue
			}
			w.wanted = append(w.wanted, w.narrow(patch{
				kind: kind.name, names: w.names(kind.name, g.Controllers), places: places, identity: g.Identity,
				body: bodyOf(kind.version, kind.name, w.settings.Name, places),
			})...)
		}
	}
}
