package patches

import (
	"fmt"
	"path"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux"
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
	for _, h := range homes {
		w := writer{home: h, plan: p, items: items, settings: config.Patches, report: report}
		w.read()
		if w.list == nil {
			continue
		}
		w.wish()
		w.sort()
		if !report.Failed() {
			changes = append(changes, w.changes()...)
		}
	}
	return changes
}

// writer works out the patches of one home.
type writer struct {
	home     *Home
	plan     plan.Plan
	items    []*krm.Item
	settings api.Patches
	report   *krm.Report

	list    []*kustomize.Patch // all that there are, in the order in which they are applied
	length  int                // of the list of the home
	objects []object
	wanted  []*patch
	held    []held
}

// object is one that the patches are for, and what it is to have.
type object struct {
	kustomize.Object
	places []output.Place
}

func (o object) String() string {
	return o.Kind + " " + o.Name
}

// held is an element of the home's list that is ours, or that becomes ours.
type held struct {
	index int
	*kustomize.Patch
	adopted bool
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
		w.list = append(w.list, k.Patches(w.items)...)
	} else {
		w.list = append(w.list, kustomize.ListOf(w.home.Item.Node(), w.home.List)...)
	}
}

// wish works out the objects of the home, and the patches that it is to hold.
func (w *writer) wish() {
	for _, t := range w.targets() {
		w.objects = append(w.objects, objectsOf(t)...)
	}
	for _, g := range w.plan.Grants {
		if !slices.ContainsFunc(w.targets(), func(t plan.Target) bool { return t.Identity == g.Identity }) {
			continue
		}
		for _, kind := range kinds {
			places := kind.places(g.Settings)
			if !slices.ContainsFunc(places, func(p output.Place) bool { return len(p.Entries) > 0 }) {
				continue
			}
			w.wanted = append(w.wanted, w.narrow(patch{
				kind: kind.name, names: w.names(kind.name, g.Controllers), places: places, identity: g.Identity,
				body: bodyOf(kind.version, kind.name, w.settings.Name, places),
			})...)
		}
	}
}

func (w *writer) targets() []plan.Target {
	return slices.DeleteFunc(slices.Clone(w.plan.Targets), func(t plan.Target) bool { return !slices.Contains(w.home.Installs, t.Install) })
}

// objectsOf returns the objects of a controller, under its own name where they are hidden.
func objectsOf(t plan.Target) (objects []object) {
	name := t.Install.NameOf(t.Controller.Name)
	add := func(i int, o *flux.Object) {
		k := kustomize.Object{Version: path.Base(kinds[i].version), Kind: kinds[i].name, Name: name, Namespace: t.Install.Namespace}
		if group := path.Dir(kinds[i].version); group != "." {
			k.Group = group
		}
		if o != nil {
			k.Name, k.Node = o.Name, o.Item.Node()
		}
		objects = append(objects, object{k, kinds[i].places(t.Settings)})
	}
	add(0, t.Controller.Account)
	for _, d := range t.Controller.Deployments {
		add(1, d)
	}
	if len(t.Controller.Deployments) == 0 {
		add(1, nil)
	}
	return objects
}

// names returns the names of a kind's objects. A controller that is not there counts, so
// that the patch is right for an install to which it is added.
func (w *writer) names(kind string, controllers []string) (names []string) {
	add := func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, controller := range controllers {
		found := false
		for _, t := range w.targets() {
			if t.Controller.Name != controller {
				continue
			}
			for _, o := range objectsOf(t) {
				if o.Kind == kind {
					found = true
					add(o.Name)
				}
			}
		}
		if !found {
			add(w.home.Installs[0].NameOf(controller))
		}
	}
	return names
}

// narrow gives a patch the namespaces of its objects where another object in the files of
// the Kustomization has one of the names: the controller of another namespace, or a
// look-alike. A FluxInstance has one namespace, and takes none in a target
// (Flux Operator, docs/guides/instance/instance-customization.md).
func (w *writer) narrow(p patch) []*patch {
	if w.home.kustomization == nil || !w.hasNamesake(p) {
		return []*patch{&p}
	}
	var patches []*patch
	for _, o := range w.objects {
		if o.Kind != p.kind || !slices.Contains(p.names, o.Name) {
			continue
		}
		i := slices.IndexFunc(patches, func(q *patch) bool { return q.namespace == o.Namespace })
		if i < 0 {
			q := p
			q.namespace = o.Namespace
			patches = append(patches, &q)
		}
	}
	return patches
}

func (w *writer) hasNamesake(p patch) bool {
	files := w.home.kustomization.Files()
	return slices.ContainsFunc(w.items, func(item *krm.Item) bool {
		if !item.MayBe(p.kind) {
			return false
		}
		ref, file := item.Ref(), item.File()
		return ref != nil && file != nil && slices.Contains(p.names, ref.Name) && slices.Contains(files, path.Clean(file.Path)) &&
			!slices.ContainsFunc(w.objects, func(o object) bool { return o.Kind == p.kind && o.Namespace == ref.Namespace })
	})
}

// changes returns the edits that make the list what it is to be: an element is replaced
// where it stands, what is new goes last, and what is left over goes.
func (w *writer) changes() (changes []output.Change) {
	matches := w.match()
	removed := func(index int) bool {
		return slices.ContainsFunc(w.held, func(h held) bool { return h.index == index && !slices.Contains(matches, index) })
	}
	add := func(index int, c output.Change) {
		c.Item, c.Path = w.home.Item, w.home.List.At(index)
		changes = append(changes, c)
	}
	place := 0 // in the list as it will be
	for i := range w.length {
		k := slices.Index(matches, i)
		if k >= 0 {
			p, h := w.wanted[k], w.held[slices.IndexFunc(w.held, func(h held) bool { return h.index == i })]
			if !p.is(h.Entry) {
				add(place, output.Change{
					Current: print(h.Entry), Proposed: print(p.entry()), Message: w.replaced(p, h),
					Given: "another patch", Want: "one that sets " + p.String(),
					Edit: func(item *krm.Item) error { return item.SetElement(w.home.List, i, p.entry()) },
				})
			}
		}
		if !removed(i) {
			place++
		}
	}
	end := w.length
	for k, p := range w.wanted {
		if matches[k] < 0 {
			at := end
			add(place, output.Change{
				Proposed: print(p.entry()), Message: "added: " + p.String(),
				Given: "missing", Want: "a patch that sets " + p.String(),
				Edit: func(item *krm.Item) error { return item.SetElement(w.home.List, at, p.entry()) },
			})
			end, place = end+1, place+1
		}
	}
	for _, h := range slices.Backward(w.held) {
		if removed(h.index) {
			add(h.index, output.Change{
				Current: print(h.Entry), Message: "removed: " + w.whyRemoved(h),
				Given: fmt.Sprintf("the patch %q", h.Name()), Want: "none here: " + w.whyRemoved(h),
				Edit: func(item *krm.Item) error { return item.RemoveElement(w.home.List, h.index) },
			})
		}
	}
	return changes
}

// match returns the indices of the elements that the wanted patches replace, -1 for none:
// those that are alike in all, in the target, in the body, or at least in kind.
func (w *writer) match() []int {
	matches := slices.Repeat([]int{-1}, len(w.wanted))
	for _, alike := range []func(*patch, held) bool{
		func(p *patch, h held) bool { return p.is(h.Entry) },
		func(p *patch, h held) bool { return p.targets(h.Entry) },
		func(p *patch, h held) bool { return edit.Text(h.Entry, "patch") == p.body },
		func(p *patch, h held) bool { return h.Kind() == p.kind },
	} {
		for k, p := range w.wanted {
			for _, h := range w.held {
				if matches[k] < 0 && !slices.Contains(matches, h.index) && alike(p, h) && !w.wiped(p, h) {
					matches[k] = h.index
				}
			}
		}
	}
	return matches
}

// wiped reports whether a later patch of somebody else takes away what the patch sets at
// the place of an element.
func (w *writer) wiped(p *patch, h held) bool {
	at := slices.Index(w.list, h.Patch)
	return slices.ContainsFunc(w.list[at+1:], func(other *kustomize.Patch) bool {
		return !w.isHeld(other) && w.effect(other, p) != kustomize.None
	})
}

func (w *writer) isHeld(p *kustomize.Patch) bool {
	return slices.ContainsFunc(w.held, func(h held) bool { return h.Patch == p })
}

// effect returns what a patch of somebody else does to what one of ours sets.
func (w *writer) effect(other *kustomize.Patch, p *patch) (effect kustomize.Effect) {
	for _, o := range w.objects {
		if o.Kind != p.kind || !slices.Contains(p.names, o.Name) {
			continue
		}
		for _, place := range p.places {
			for _, e := range place.Entries {
				effect = max(effect, other.On(o.Object, place.Path, e.Key))
			}
		}
	}
	return effect
}

// String says what a patch does.
func (p *patch) String() string {
	var sets []string
	for _, place := range p.places {
		for _, e := range place.Entries {
			if set := fmt.Sprintf("%s %q", e.Key, e.Value); !slices.Contains(sets, set) {
				sets = append(sets, set)
			}
		}
	}
	return fmt.Sprintf("%s for %s %s", strings.Join(sets, ", "), p.kind, kustomize.Names(p.names))
}

func (w *writer) replaced(p *patch, h held) string {
	message := "changed: " + p.String()
	if h.adopted {
		message = "taken over: " + p.String()
	}
	if edit.Text(h.Entry, "patch") != p.body && p.kind == kinds[0].name && w.changesValue(p, h) {
		message += "; the pods of the controllers must restart to take it"
	}
	return message
}

// changesValue reports whether a value differs from that which an element sets.
func (w *writer) changesValue(p *patch, h held) bool {
	entries, _ := h.Entries(places(p.kind))
	for _, place := range p.places {
		for _, e := range place.Entries {
			if !slices.ContainsFunc(entries, func(was kustomize.Entry) bool {
				value, _ := edit.String(was.Value)
				return slices.Equal(was.Place, place.Path) && was.Key == e.Key && value == e.Value
			}) {
				return true
			}
		}
	}
	return false
}

func (w *writer) whyRemoved(h held) string {
	if slices.ContainsFunc(w.wanted, func(p *patch) bool { return p.is(h.Entry) }) {
		return "it moves to the end, behind a patch that takes away what it sets"
	}
	if h.adopted {
		return "another patch does what it did"
	}
	return "the configuration does not ask for it here"
}

// places returns the maps of a kind in which identities are.
func places(kind string) (paths []edit.Path) {
	for _, k := range kinds {
		if k.name == kind || kind == "" {
			for _, p := range k.places(plan.Grant{}.Settings) {
				paths = append(paths, p.Path)
			}
		}
	}
	return paths
}
