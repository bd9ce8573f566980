package output

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/cloud"
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/plan"
)

// Places are the maps of an object in which keys of workload identity may be.
var Places = []edit.Path{provider.Annotations, provider.Labels, provider.PodAnnotations, provider.PodLabels}

// Key is a label or an annotation of workload identity that an object has.
type Key struct {
	Path  edit.Path
	Value *yaml.Node // never an alias
	Owner *provider.Provider
}

// Name is the last name of the path.
func (k Key) Name() string { return k.Path[len(k.Path)-1] }

// IsHarmless reports whether the key does nothing on an object of a kind, though some documentation sets it
// there.
func (k Key) IsHarmless(kind string) bool {
	return kind == "ServiceAccount" && slices.Contains(k.Owner.Harmless, k.Name())
}

// Keys returns those of an object, null ones too.
func Keys(n *yaml.Node) (keys []Key) {
	for _, place := range Places {
		for _, p := range edit.Pairs(edit.Get(n, place...)) {
			if owner := cloud.Owner(p.Key); owner != nil {
				keys = append(keys, Key{place.With(p.Key), p.Value, owner})
			}
		}
	}
	return keys
}

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
	for _, k := range Keys(o.Item.Node()) { // left by hand, or by a former configuration
		if fragment.Value(k.Path) == "" && !k.IsHarmless(o.Kind) {
			report.Item(sdk.Warning, o.Item, k.Path, fmt.Sprintf(
				"%s: want only what the configuration asks for: this is left as it is, remove it if %s is not to have it",
				strings.TrimSpace(edit.Describe(k.Value)), t.Controller.Name))
		}
	}
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
		Op: edit.Set(e.Path, e.Value),
	}
	if !edit.IsNull(current) {
		change.Current = edit.Value(current)
		change.Message = fmt.Sprintf("changed from %s to %q", edit.Describe(current), e.Value)
	}
	return []Change{change}
}
