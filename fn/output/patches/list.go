package patches

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output"
)

// wish works out the patches that the home is to hold.
func (w *writer) wish() {
	w.readObjects()
	for _, g := range w.plan.Grants {
		for _, k := range kinds {
			p := &patch{kind: k, places: k.places(g.Settings), identity: g.Identity, name: w.config.Patches.Name, absent: map[string]string{}}
			for _, o := range w.objects {
				if o.target.Identity == g.Identity && o.kind == k.name {
					p.objects = append(p.objects, o)
				}
			}
			if len(p.objects) == 0 || !output.Writes(p.places) {
				continue
			}
			for _, name := range g.Controllers {
				if !slices.ContainsFunc(p.objects, func(o *object) bool { return o.target.Controller.Name == name }) {
					p.absent[w.home.Installs[0].NameOf(name)] = name
				}
			}
			p.whole = p
			w.wanted = append(w.wanted, w.parts(p, 0)...)
		}
	}
}

// match finds for the patches that are wanted the elements in whose place they go: those that are
// alike in all, in the target, in the body, in what they do, or at least in kind.
func (w *writer) match() {
	for _, p := range w.wanted {
		p.element, p.places = nil, p.whole.places
	}
	for _, alike := range []func(*patch, *element) bool{
		func(p *patch, e *element) bool { return p.is(e) },
		func(p *patch, e *element) bool { return p.targets(e) },
		func(p *patch, e *element) bool { return !e.adopted && e.body == p.body() },
		func(p *patch, e *element) bool { return e.adopted && p.overlaps(e) },
		func(p *patch, e *element) bool { return !e.adopted && e.kind() == p.kind.name },
	} {
		for _, p := range w.wanted {
			for _, e := range w.elements {
				if p.element == nil && e.ours && w.taken(e) == nil && alike(p, e) {
					p.element = e
					p.last = p.whole.last || !slices.Equal(e.list[len(e.list)-1:], kustomize.PatchesPath)
				}
			}
		}
	}
	for _, p := range w.wanted {
		if p.element != nil {
			p.keep(p.element)
		}
	}
}

// taken returns the patch that goes to the place of an element.
func (w *writer) taken(e *element) *patch {
	i := slices.IndexFunc(w.wanted, func(p *patch) bool { return p.element == e })
	if i < 0 {
		return nil
	}
	return w.wanted[i]
}

// overlaps reports whether an element does to one of the objects what the patch is to do.
func (p *patch) overlaps(e *element) bool {
	return slices.ContainsFunc(e.effect.sets, func(s set) bool { return p.covers(s.object) && p.sets(s.path) })
}

// keep makes the patch do no more and no less than the element does beside the identity: a label that
// Flux's pages set on the pods alone is not added to the Deployment, and a harmless one stays.
func (p *patch) keep(e *element) {
	p.places = slices.Clone(p.places)
	for i, place := range p.places {
		isPlace := func(path edit.Path) bool { return slices.Equal(path, place.Path) }
		if isPlace(output.Labels) && p.kind.name == kinds[1].name && !slices.ContainsFunc(place.Entries, func(entry provider.Entry) bool {
			return e.value(place.Path.With(entry.Key)) != "" || e.value(output.PodLabels.With(entry.Key)) == ""
		}) {
			p.places[i].Entries = nil
		}
		if e.effect == nil {
			continue
		}
		for _, s := range e.effect.sets {
			if at := len(s.path) - 1; isPlace(s.path[:at]) && s.to != "" && !p.sets(s.path) && isHarmless(s) {
				p.places[i].Entries = append(slices.Clone(p.places[i].Entries), provider.Entry{Key: s.path[at], Value: s.to})
			}
		}
	}
}

// sayAdopted says what comes to be otherwise by what is taken over.
func (w *writer) sayAdopted() {
	for _, e := range w.elements {
		if !e.adopted {
			continue
		}
		for _, s := range e.effect.sets {
			for _, p := range w.wanted {
				for place, entry := range output.Entries(p.places) {
					if p.covers(s.object) && slices.Equal(place.With(entry.Key), s.path) && entry.Value != s.to {
						w.note(e, "set %s of %s to %q: want %q, which %s asks for: the patch is taken over with that; see that it is meant", s.path, s.object, s.to, entry.Value, p.identity)
					}
				}
			}
		}
		if file := edit.Text(e.node, "path"); file != "" || e.body == "" {
			w.note(e, "the file %q is read here no more: want the patch in this list; remove the file if nothing else needs it", strings.TrimSpace(file+edit.Text(e.node)))
		}
		kept := ""
		if p := w.taken(e); p != nil {
			kept = strings.Join(comments(p.entry()), "\n") + p.body()
		}
		for _, c := range append(comments(e.node), bodyComments(e.body)...) {
			if !strings.Contains(kept, c) {
				w.note(e, "the comment %q is not kept: want it where it is needed; write it above the patch", c)
			}
		}
	}
}

// comments returns the comments within a node.
func comments(n *yaml.Node) (all []string) {
	for _, c := range []string{n.LineComment, n.FootComment} {
		if c != "" {
			all = append(all, c)
		}
	}
	for _, child := range n.Content {
		if child.HeadComment != "" {
			all = append(all, child.HeadComment)
		}
		all = append(all, comments(child)...)
	}
	return all
}

func bodyComments(body string) (all []string) {
	var doc yaml.Node
	if yaml.Unmarshal([]byte(body), &doc) == nil && len(doc.Content) > 0 {
		all = comments(&doc)
	}
	return all
}

// changes returns the edits that make the lists what they are to be: an element is replaced
// where it stands, what is new goes last, and what is left over goes.
func (w *writer) changes() (changes []output.Change) {
	w.match()
	for _, e := range w.elements {
		p := w.taken(e)
		e.goes = e.ours && (p == nil || p.last)
	}
	gone := func(item *krm.Item, list edit.Path, before int) (n int) {
		for _, e := range w.elements {
			if e.goes && e.item == item && slices.Equal(e.list, list) && e.index < before {
				n++
			}
		}
		return n
	}
	for _, e := range w.elements {
		p := w.taken(e)
		if p == nil || p.last || p.is(e) {
			continue
		}
		verb := "changed: "
		if e.adopted {
			verb = "taken over: "
		}
		changes = append(changes, output.Change{
			Item: e.item, Path: e.list.At(e.index - gone(e.item, e.list, e.index)),
			Current: printed(e.node), Proposed: printed(p.entry()), Message: verb + p.instead(e),
			Given: "another patch", Want: "one that sets " + p.String(),
			Op: edit.SetElement(e.list, e.index, p.entry()),
		})
	}
	ends := map[*krm.Item]int{}
	for _, p := range w.wanted {
		if p.element != nil && !p.last {
			continue
		}
		item, list := w.home.Item, w.home.List
		if p.element != nil && !p.whole.last { // of an older list: a component that is left empty would not build
			item, list = p.element.item, kustomize.PatchesPath
		}
		length := len(edit.Elements(edit.Get(item.Node(), list...)))
		at := length + ends[item]
		changes = append(changes, output.Change{
			Item: item, Path: list.At(at - gone(item, list, length)),
			Proposed: printed(p.entry()), Message: "added: " + p.String(),
			Given: "missing", Want: "a patch that sets " + p.String(),
			Op: edit.SetElement(list, at, p.entry()),
		})
		ends[item]++
	}
	for _, e := range slices.Backward(w.elements) {
		if e.goes {
			changes = append(changes, output.Change{
				Item: e.item, Path: e.list.At(e.index), Current: printed(e.node), Message: "removed: " + w.whyRemoved(e),
				Given: fmt.Sprintf("the patch %q", e.name()), Want: "none: " + w.whyRemoved(e),
				Op: edit.Remove(e.list, e.index),
			})
		}
	}
	return changes
}

func (w *writer) whyRemoved(e *element) string {
	switch {
	case w.taken(e) != nil:
		return "it moves to the end, behind what takes away what it sets"
	case e.adopted:
		return "another patch does what it did"
	case len(w.home.Installs) == 0:
		return "the patches of this configuration go to " + w.elsewhere()
	}
	return "the configuration does not ask for it here"
}
