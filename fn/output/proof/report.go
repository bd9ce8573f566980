package proof

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
)

// report reports the faults: each with the part of a Kustomization that is at fault, and all objects
// with which it is. Another identity from somewhere else than the home of the patches may be meant.
func (p *Proof) report(report *krm.Report) {
	type blame struct {
		item *krm.Item
		path string
		kind Kind
		key  string
		want string
		got  string
	}
	of := map[blame][]Fault{}
	by := map[blame]kustomize.Step{}
	var all []blame
	var last []kustomize.Step
	for _, f := range p.faults {
		e := kustomize.Step{Item: p.item(f.Root)}
		if found, ok := p.culprit(f, last); ok {
			if e, last = found, []kustomize.Step{found}; p.Place != nil {
				e = p.Place(e)
			}
		}
		b := blame{e.Item, e.Field.String(), f.Kind, f.Path.String(), f.Want, text(f.Got)}
		if of[b] == nil {
			all = append(all, b)
			by[b] = e
		}
		of[b] = append(of[b], f)
	}
	for _, b := range all {
		if severity, message := p.say(by[b], of[b]); message != "" {
			report.Item(severity, b.item, by[b].Field, message)
		}
	}
}

// say returns what is said of faults that one part is to blame for; nothing where that is the
// business of another configuration.
func (p *Proof) say(e kustomize.Step, faults []Fault) (severity sdk.Severity, message string) {
	f := faults[0]
	key, objects, given, build := f.Path.String(), names(faults), strings.TrimSpace(edit.Describe(f.Got)), "the build of "+f.Root.String()
	config := configOf(e)
	isOurs := p.Name != "" && e.Name() == p.Name
	does := func(verb string) string { // the part itself, or the build where no part is known
		if e.Field == nil {
			return build + " " + verb
		}
		return verb
	}
	switch f.Kind {
	case Differs:
		severity = sdk.Warning
		if e.Field == nil {
			severity = sdk.Error
		}
		return severity, fmt.Sprintf("%s %s of %s to %s: want %q, which %s asks for; remove this, or name its identity there",
			does("sets"), key, objects, given, f.Want, f.Wanted.Target.Identity)
	case Lost:
		what := does("takes away") + " " + key + " of " + objects
		if f.Got != nil {
			what = does("sets") + " " + key + " of " + objects + " to " + given
		}
		return sdk.Error, fmt.Sprintf("%s: want it kept at %q, which %s asks for; take that out, or remove this", what, f.Want, f.Wanted.Target.Identity)
	case Gone:
		return sdk.Warning, fmt.Sprintf("%s %s: want it there to carry the identity, which it does not get here", does("deletes"), objects)
	case Unasked:
		switch {
		case isOurs, config != "" && len(f.Wanted.Fragment) == 0:
			return "", ""
		case config != "" && f.Wanted.Home != nil:
			return sdk.Warning, fmt.Sprintf("sets %s of %s: want the identity of one configuration: this is a patch of the configuration %q; remove it if that is no more", key, objects, config)
		}
		return sdk.Warning, fmt.Sprintf("%s %s of %s: want only what the configuration asks for: this is left as it is, remove it if %s is not to have it",
			does("sets"), key, objects, f.Wanted.Target.Controller.Name)
	case Gained:
		if isOurs {
			return sdk.Error, fmt.Sprintf("sets %s of %s too: want it for the controllers of the configuration alone, and no target tells them apart here; give them other names or namespaces, or write Resources", key, objects)
		}
		return sdk.Error, fmt.Sprintf("%s %s of %s to %s as well: want the identity for the controllers alone; take that out, or keep it from these", does("sets"), key, objects, given)
	case Parted:
		return sdk.Warning, fmt.Sprintf("%s no longer gives %s the %s %q: want the patches for that too, or in a Kustomization that builds both", build, objects, key, f.Want)
	case Broken:
		return sdk.Error, fmt.Sprintf("%s fails with the identities: %v: want a build; write the other output, or report it", build, f.Err)
	default:
		return sdk.Error, fmt.Sprintf("%s changes %s in more than identities: want nothing else changed; please report it with the input that caused it", build, objects)
	}
}

// configOf returns the name of the configuration whose patch a part is, "" for what is none.
func configOf(e kustomize.Step) string {
	name, isConfigs := strings.CutPrefix(e.Name(), api.PatchPrefix)
	if !isConfigs {
		return ""
	}
	return name
}

// names names the objects of faults, each once.
func names(faults []Fault) string {
	var all []string
	for _, f := range faults {
		if name := strings.TrimSpace(f.Object.Kind + " " + f.Object.Name); !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return strings.Join(all, ", ")
}

// maxBuilds bounds the builds that are made to find who is at fault.
const maxBuilds = 400

// culprit returns the part whose absence would make a fault go, what is applied last first: a single
// one, or the one that is to go last where several do the same.
func (p *Proof) culprit(f Fault, first []kustomize.Step) (e kustomize.Step, ok bool) {
	switch f.Kind {
	case Broken, Altered, Parted:
		return e, false
	}
	entries := p.after.Entries(f.Root)
	for _, e := range slices.Concat(first, reversed(entries)) {
		if p.builds++; p.builds > maxBuilds {
			return e, false
		}
		if f.gone(p.after.Without(e)) {
			return e, true
		}
	}
	var out []kustomize.Step
	for _, e := range reversed(entries) {
		if p.builds++; p.builds > maxBuilds {
			break
		}
		tree := p.after.Without(append(out, e)...)
		if f.gone(tree) {
			return e, true
		}
		if tree.Build(f.Root).Err == nil { // else the rest needs it
			out = append(out, e)
		}
	}
	return kustomize.Step{}, false
}

func reversed(entries []kustomize.Step) []kustomize.Step {
	r := slices.Clone(entries)
	slices.Reverse(r)
	return r
}

// gone reports whether the fault is not there in a build of another tree.
func (f Fault) gone(tree *kustomize.Tree) bool {
	build := tree.Build(f.Root)
	if build.Err != nil {
		return false
	}
	nth := 0
	for _, o := range build.Objects {
		if o.Item != f.Object.Item || f.Kind != Gone && sourceOf(o) != sourceOf(f.Object) {
			continue
		}
		if nth++; nth <= f.Nth {
			continue
		}
		got := edit.Get(o.Node, f.Path...)
		switch f.Kind {
		case Gone:
			return true
		case Unasked, Gained:
			return got == nil || text(got) == f.Want && f.Want != ""
		default:
			return edit.Text(got) == f.Want
		}
	}
	return false
}

// WayOut says how to check what cannot be built here, of a directory.
const WayOut = "check what comes of it: kustomize build %s | flux-workload-identity --fn-config FILE --check"

// notSeen reports what could not be looked at, each place once: in a check as an error, since what
// nobody has looked at is not checked.
func (p *Proof) notSeen(check bool, report *krm.Report) {
	severity := sdk.Warning
	if check {
		severity = sdk.Error
	}
	said := map[string]bool{}
	for _, o := range p.outcomes {
		out := fmt.Sprintf("want all that is built, to see that the identities arrive; "+WayOut, o.root.Dir)
		if o.err != nil && p.before[o.root].err != nil {
			report.Item(severity, p.item(o.root), nil, fmt.Sprintf("cannot be built here: %v: %s", o.err, out))
		}
		of := map[*krm.Item][]kustomize.NotSeen{}
		for _, n := range o.notSeen {
			if at := n.Item.Path() + n.Field.String(); !said[at] {
				said[at] = true
				of[n.Item] = append(of[n.Item], n)
			}
		}
		for _, n := range o.notSeen {
			if missed := of[n.Item]; len(missed) > 0 && slices.Equal(missed[0].Field, n.Field) {
				more := ""
				for _, other := range missed[1:] {
					more += fmt.Sprintf(", nor is %s, %q, which %s", other.Field, other.What, other.Why)
				}
				report.Item(severity, n.Item, n.Field, fmt.Sprintf("%q: not looked at, since it %s%s: %s", n.What, n.Why, more, out))
				of[n.Item] = nil
			}
		}
	}
}

// item returns the object that a root is of, for a fault of which nothing else is known.
func (p *Proof) item(r kustomize.Root) *krm.Item {
	item := r.Flux
	if r.Kustomization != nil {
		item = r.Kustomization.Item
	}
	if p.Place != nil {
		item = p.Place(kustomize.Step{Item: item}).Item
	}
	return item
}
