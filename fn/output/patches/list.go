package patches

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/home"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output"
)

// match finds for the patches that are wanted the elements in whose place they go: those that are
// alike in all, in the target, in the body, in what they do, or at least in kind.
func (w *writer) match() {
	for _, p := range w.wanted {
		p.element, p.old, p.fragment = nil, false, p.settings
	}
	for _, alike := range []func(*patch, *element) bool{
		func(p *patch, e *element) bool { return p.is(e) },
		func(p *patch, e *element) bool { return p.targets(e) },
		func(p *patch, e *element) bool { return !e.adopted && e.Body == p.body() },
		func(p *patch, e *element) bool { return e.adopted && w.overlaps(p, e) },
		func(p *patch, e *element) bool { return !e.adopted && e.Kind() == p.kind },
	} {
		for _, p := range w.wanted {
			for _, e := range w.elements {
				if p.element == nil && e.ours && w.taken(e) == nil && alike(p, e) {
					p.element, p.old = e, e.List[len(e.List)-1] != kustomize.PatchesPath[0]
				}
			}
		}
	}
	for _, p := range w.wanted {
		if p.element != nil {
			p.keep(p.element)
		}
	}
	for _, e := range w.elements {
		p := w.taken(e)
		e.goes = e.ours && (p == nil || p.last || p.old)
	}
}

// taken returns the patch that goes to the place of an element.
func (w *writer) taken(e *element) *patch {
	if i := slices.IndexFunc(w.wanted, func(p *patch) bool { return p.element == e }); i >= 0 {
		return w.wanted[i]
	}
	return nil
}

// overlaps reports whether an element does to one of the objects what the patch is to do.
func (w *writer) overlaps(p *patch, e *element) bool {
	return slices.ContainsFunc(e.effect.Sets, func(s home.Set) bool { return p.covers(w.objectOf(s.On)) && p.sets(s.Path) })
}

// changes returns the edits that make the lists what they are to be: an element is replaced
// where it stands, what is new goes last, and what is left over goes.
func (w *writer) changes() (changes []output.Change) {
	w.match()
	for _, e := range w.elements {
		p := w.taken(e)
		if p == nil || e.goes || p.is(e) {
			continue
		}
		verb := "changed: "
		if e.adopted {
			verb = "taken over: "
		}
		changes = append(changes, output.Change{
			Item: e.Item, Path: e.List.At(w.place(e.Item, e.List, e.Index)),
			Current: printed(e.Node), Proposed: printed(p.entry()), Message: verb + p.instead(e),
			Given: "another patch", Want: "one that sets " + p.String(),
			Op: edit.SetElement(e.List, e.Index, p.entry()),
		})
	}
	added := map[*krm.Item]int{}
	for _, p := range w.wanted {
		if p.element != nil && !p.element.goes {
			continue
		}
		item, list := w.Item, w.List
		if p.old && !p.last { // a component that is left empty would not build
			item, list = p.element.Item, kustomize.PatchesPath
		}
		length := len(edit.Elements(edit.Get(item.Node(), list...)))
		at := length + added[item]
		added[item]++
		changes = append(changes, output.Change{
			Item: item, Path: list.At(w.place(item, list, length) + at - length),
			Proposed: printed(p.entry()), Message: "added: " + p.String(),
			Given: "missing", Want: "a patch that sets " + p.String(),
			Op: edit.SetElement(list, at, p.entry()),
		})
	}
	for _, e := range slices.Backward(w.elements) {
		if e.goes {
			why := w.whyRemoved(e)
			changes = append(changes, output.Change{
				Item: e.Item, Path: e.List.At(e.Index), Current: printed(e.Node), Message: "removed: " + why,
				Given: fmt.Sprintf("the patch %q", e.Name()), Want: "none: " + why,
				Op: edit.Remove(e.List, e.Index),
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
	case len(w.Installs) == 0:
		return "the patches of this configuration go to " + w.elsewhere()
	}
	return "the configuration does not ask for it here"
}

// sayAdopted says what comes to be otherwise by what is taken over.
func (w *writer) sayAdopted() {
	for _, e := range w.elements {
		if !e.adopted {
			continue
		}
		for _, s := range e.effect.Sets {
			for _, p := range w.wanted {
				if value := p.fragment.Value(s.Path); p.covers(w.objectOf(s.On)) && value != "" && value != s.To {
					w.note(e, "set %s of %s to %q: want %q, which %s asks for: the patch is taken over with that; see that it is meant", s.Path, w.objectOf(s.On), s.To, value, p.identity)
				}
			}
		}
		if file := edit.Text(e.Node, "path"); file != "" || e.Body == "" {
			w.note(e, "the file %q is read here no more: want the patch in this list; remove the file if nothing else needs it", strings.TrimSpace(file+edit.Text(e.Node)))
		}
		kept := ""
		if p := w.taken(e); p != nil {
			kept = strings.Join(comments(p.entry()), "\n") + p.body()
		}
		var body yaml.Node
		_ = yaml.Unmarshal([]byte(e.Body), &body) // what is no YAML has no comments
		for _, c := range append(comments(e.Node), comments(&body)...) {
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
