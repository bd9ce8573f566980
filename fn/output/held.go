package output

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/cloud"
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/plan"
)

// Places are the maps of an object in which keys of workload identity may be.
var Places = [][]string{provider.Annotations, provider.Labels, provider.PodAnnotations, provider.PodLabels}

var keyWords = cloud.KeyWords()

// Compare holds the objects of the stream against a plan, and returns the changes that it needs. It
// reports what stands in the way of them: fields of the wrong type, and keys of workload identity that
// nobody asked for.
func Compare(p plan.Plan, report *krm.Report) (changes []Change) {
	for _, t := range p.Targets {
		for _, o := range t.Controller.Objects() {
			changes = append(changes, compare(t, o, report)...)
		}
	}
	return changes
}

func compare(t plan.Target, o *flux.Object, report *krm.Report) (changes []Change) {
	fragment := t.Settings.Of(o.Kind)
	if len(fragment) == 0 && !o.Item.Mentions(keyWords...) {
		return nil // nothing to write, and nothing to warn of
	}
	defer o.Item.Release()
	had := false
	for _, e := range fragment {
		had = had || edit.Get(o.Item.Node(), e.Path...) != nil
		changes = append(changes, needs(o, e, report)...)
	}
	warnOfOthers(t, o, fragment, report)
	if had && len(changes) > 0 && o == t.Controller.Account { // a changed pod template restarts the pods by itself
		changes[0].Restarts = []Restart{RestartOf(t)}
	}
	return changes
}

// needs returns the change that an entry needs, if it needs any.
func needs(o *flux.Object, e provider.Entry, report *krm.Report) []Change {
	current, err := edit.Current(o.Item.Node(), e.Path)
	switch {
	case err != nil:
		report.Item(sdk.Error, o.Item, err.Path, err.Given+": want "+err.Want)
		return nil
	case edit.IsMap(current), edit.IsList(current):
		report.Item(sdk.Error, o.Item, e.Path, edit.Describe(current)+": want a string")
		return nil
	}
	if s, ok := edit.String(current); ok && s == e.Value {
		return nil
	}
	change := Change{
		Item: o.Item, Path: e.Path, Proposed: e.Value, Message: fmt.Sprintf("set to %q", e.Value),
		Given: edit.Describe(current), Want: fmt.Sprintf("%q", e.Value),
		Edit: func(i *krm.Item) error { return i.Set(e.Path, e.Value) },
	}
	if !edit.IsNull(current) {
		change.Current = edit.Value(current)
		change.Message = fmt.Sprintf("changed from %s to %q", edit.Describe(current), e.Value)
	}
	return []Change{change}
}

// warnOfOthers warns of keys of workload identity that the configuration does not ask for: left by
// hand, or by a former configuration.
func warnOfOthers(t plan.Target, o *flux.Object, fragment provider.Fragment, report *krm.Report) {
	for _, place := range Places {
		for _, pair := range edit.Pairs(edit.Get(o.Item.Node(), place...)) {
			path, owner := provider.With(place, pair.Key), cloud.Owner(pair.Key)
			if owner == nil || fragment.Value(path) != "" || o == t.Controller.Account && slices.Contains(owner.Harmless, pair.Key) {
				continue
			}
			report.Item(sdk.Warning, o.Item, path, fmt.Sprintf(
				"%s: want only what the configuration asks for: this is left as it is, remove it if %s is not to have it",
				strings.TrimSpace(edit.Describe(pair.Value)), t.Controller.Name))
		}
	}
}
