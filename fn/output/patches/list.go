package patches

import (
	"fmt"
	"slices"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output"
)

// held is an element of the home's list that is ours, or that becomes ours.
type held struct {
	index int
	*kustomize.Patch
	adopted bool
}

// changes returns the edits that make the list what it is to be: an element is replaced
// where it stands, what is new goes last, and what is left over goes.
func (w *writer) changes() (changes []output.Change) {
	matches := w.match()
	for _, h := range w.held {
		if !slices.Contains(matches, h.index) {
			w.removed = append(w.removed, h.index)
		}
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
					Current: printed(h.Entry), Proposed: printed(p.entry()), Message: replaced(p, h),
					Given: "another patch", Want: "one that sets " + p.String(),
					Edit: func(item *krm.Item) error { return item.SetElement(w.home.List, i, p.entry()) },
				})
			}
		}
		if !slices.Contains(w.removed, i) {
			place++
		}
	}
	end := w.length
	for k, p := range w.wanted {
		if matches[k] < 0 {
			at := end
			add(place, output.Change{
				Proposed: printed(p.entry()), Message: "added: " + p.String(),
				Given: "missing", Want: "a patch that sets " + p.String(),
				Edit: func(item *krm.Item) error { return item.SetElement(w.home.List, at, p.entry()) },
			})
			end, place = end+1, place+1
		}
	}
	for _, h := range slices.Backward(w.held) {
		if slices.Contains(w.removed, h.index) {
			add(h.index, output.Change{
				Current: printed(h.Entry), Message: "removed: " + w.whyRemoved(h),
				Given: fmt.Sprintf("the patch %q", h.Name()), Want: "none: " + w.whyRemoved(h),
				Edit: func(item *krm.Item) error { return item.RemoveElement(w.home.List, h.index) },
			})
		}
	}
	if len(changes) > 0 { // which of them does it cannot be told apart
		changes[0].Restarts = w.restarts()
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
		for place, e := range output.Entries(p.places) {
			effect = max(effect, other.On(o.Object, place, e.Key))
		}
	}
	return effect
}

func replaced(p *patch, h held) string {
	before, _ := identities(h.Patch)
	message := "changed: " + p.instead(before)
	if h.adopted {
		message = "taken over: " + p.instead(before)
	}
	return message
}

// restarts returns the controllers whose ServiceAccounts lose a value for another.
func (w *writer) restarts() (restarts []output.Restart) {
	for _, o := range w.objects {
		if o.Kind == kinds[0].name && o.target.Identity != "" && len(o.target.Install.Named(o.target.Controller.Name)) > 0 && w.replaces(o) {
			restarts = append(restarts, output.RestartOf(o.target))
		}
	}
	return restarts
}

// replaces reports whether an object had other values: by the patches that are ours or become
// ours, or, where they set none, by itself. A key that comes to them or goes counts, one that
// does nothing there does not.
func (w *writer) replaces(o object) bool {
	before := map[string]string{}
	for place, e := range output.Entries(o.places) {
		if value := edit.Get(o.Node, place.With(e.Key)...); !edit.IsNull(value) {
			before[e.Key] = edit.Text(value)
		}
	}
	for _, h := range w.held {
		entries, _ := identities(h.Patch)
		for _, e := range entries {
			if h.On(o.Object, e.Place, e.Key) == kustomize.Sets && !isHarmless(o.Kind, e.Key) {
				before[e.Key] = edit.Text(e.Value)
			}
		}
	}
	wanted, same := 0, 0
	for _, e := range output.Entries(o.places) {
		wanted++
		if value, ok := before[e.Key]; ok && value == e.Value {
			same++
		}
	}
	return len(before) > 0 && (same < len(before) || same < wanted)
}

func (w *writer) whyRemoved(h held) string {
	if slices.ContainsFunc(w.wanted, func(p *patch) bool { return p.is(h.Entry) }) {
		return "it moves to the end, behind a patch that takes away what it sets"
	}
	if h.adopted {
		return "another patch does what it did"
	}
	if len(w.home.Installs) == 0 {
		return "the patches of this configuration go to " + w.elsewhere
	}
	return "the configuration does not ask for it here"
}
