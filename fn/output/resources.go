// Package output turns a plan into changes, and carries them out: in the objects of the
// stream themselves.
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

// Change is a field that is to get a value.
type Change struct {
	Item     *krm.Item
	Path     edit.Path
	Current  any // nil where there is none
	Proposed string

	given      string // Current in words
	controller string
	onAccount  bool // of the ServiceAccount, not of a Deployment
}

// The maps that hold labels and annotations.
var (
	annotations    = edit.Path{"metadata", "annotations"}
	labels         = edit.Path{"metadata", "labels"}
	podAnnotations = edit.Path{"spec", "template", "metadata", "annotations"}
	podLabels      = edit.Path{"spec", "template", "metadata", "labels"}
)

// Resources returns the changes that a plan makes to ServiceAccounts and Deployments. It
// changes nothing itself, and reports what stands in the way: a side of a controller
// that the stream does not hold, a field of the wrong type, keys of workload identity
// that nobody asked for.
func Resources(p plan.Plan, report *krm.Report) (changes []Change) {
	for _, t := range p.Targets {
		r := resources{cloud: p.Cloud, target: t, report: report}
		r.checkSides()
		for _, o := range t.Controller.Objects() {
			r.object(o)
		}
		changes = append(changes, r.changes...)
	}
	return changes
}

// Apply carries out the changes and reports each of them. Where one cannot be carried
// out the report says so, and false is returned with the items half changed.
func Apply(changes []Change, report *krm.Report) bool {
	of := map[*krm.Item][]Change{}
	var items []*krm.Item
	for _, c := range changes {
		if of[c.Item] == nil {
			items = append(items, c.Item)
		}
		of[c.Item] = append(of[c.Item], c)
	}
	failures := make([]func(), len(items))
	place := map[*krm.Item]int{}
	for i, item := range items {
		place[item] = i
	}
	krm.Each(items, func(item *krm.Item) {
		defer item.Release()
		for _, c := range of[item] {
			if err := item.Set(c.Path, c.Proposed); err != nil {
				failures[place[item]] = func() {
					report.Item(sdk.Error, item, c.Path, fmt.Sprintf("cannot be set: %v: want fewer of them", err))
				}
				return
			}
		}
	})
	for _, fail := range failures {
		if fail != nil {
			fail()
		}
	}
	if report.Failed() {
		return false
	}
	for _, c := range changes {
		message := fmt.Sprintf("set to %q", c.Proposed)
		if c.Current != nil {
			message = fmt.Sprintf("changed from %s to %q", c.given, c.Proposed)
			if c.onAccount { // a changed pod template restarts the pods by itself
				message += fmt.Sprintf("; the pods of %s must restart to take it", c.controller)
			}
		}
		report.Change(c.Item, c.Path, c.Current, c.Proposed, message)
	}
	return true
}

// resources works out the changes for one controller.
type resources struct {
	cloud   *provider.Provider
	target  plan.Target
	report  *krm.Report
	changes []Change
}

// checkSides reports a ServiceAccount or Deployments that the stream does not hold but
// that need a change.
func (r *resources) checkSides() {
	c := r.target.Controller
	if r.target.Identity == "" {
		return
	}
	switch {
	case c.Account == nil:
		severity := sdk.Error
		if r.cloud.NeedsDeployment {
			severity = sdk.Warning
		}
		r.report.Item(severity, c.Deployments[0].Item, flux.ServiceAccountNamePath, fmt.Sprintf(
			"%s: want a ServiceAccount of %s among the items, to carry the identity of %s; kpt selectors may hide it, and Flux before v0.7 has none",
			accountName(c.Deployments[0]), c.Name, r.target.Identity))
	case len(c.Deployments) == 0 && r.cloud.NeedsDeployment:
		r.report.Item(sdk.Warning, c.Account.Item, nil, fmt.Sprintf(
			"no Deployment of %s is among the items: want it there to carry the labels that %s needs; kpt selectors may hide it",
			c.Name, r.cloud.Title))
	}
	for _, d := range c.Strays {
		r.report.Item(sdk.Warning, d.Item, flux.ServiceAccountNamePath, fmt.Sprintf(
			"%s: want %s, the ServiceAccount of %s; this Deployment is left alone, its pods do not get the identity",
			accountName(d), c.Account.Name, c.Name))
	}
}

func accountName(d *flux.Object) string {
	if d.ServiceAccountName == "" {
		return "missing"
	}
	return fmt.Sprintf("%q", d.ServiceAccountName)
}

// keyWords are what an item must mention to carry a key of workload identity.
var keyWords = cloud.KeyWords()

// place is a map of an object and the entries that it is to have.
type place struct {
	path    edit.Path
	entries []provider.Entry
}

func (r *resources) object(o *flux.Object) {
	s := r.target.Settings
	places := []place{{annotations, s.ServiceAccountAnnotations}, {labels, nil}}
	if o != r.target.Controller.Account {
		places = []place{{annotations, nil}, {labels, s.DeploymentLabels}, {podAnnotations, nil}, {podLabels, s.PodLabels}}
	}
	writes := slices.ContainsFunc(places, func(p place) bool { return len(p.entries) > 0 })
	if !writes && !o.Item.Mentions(keyWords...) {
		return // nothing to write, and nothing to warn of
	}
	defer o.Item.Release()
	for _, p := range places {
		for _, e := range p.entries {
			r.entry(o, p.path.With(e.Key), e.Value)
		}
		r.warnOfOthers(o, p)
	}
}

// entry adds the change that one entry needs, if it needs any.
func (r *resources) entry(o *flux.Object, path edit.Path, value string) {
	current, err := edit.Current(o.Item.Node(), path)
	if err != nil {
		r.report.Item(sdk.Error, o.Item, err.Path, err.Given+": want "+err.Want)
		return
	}
	if s, ok := edit.String(current); ok && s == value {
		return
	}
	if edit.IsMap(current) || edit.IsList(current) {
		r.report.Item(sdk.Error, o.Item, path, edit.Describe(current)+": want a string")
		return
	}
	change := Change{Item: o.Item, Path: path, Proposed: value, controller: r.target.Controller.Name,
		onAccount: o == r.target.Controller.Account}
	if !edit.IsNull(current) {
		change.Current, change.given = edit.Value(current), edit.Describe(current)
	}
	r.changes = append(r.changes, change)
}

// warnOfOthers warns of keys of workload identity that the configuration does not ask
// for: left by hand, or by a former configuration.
func (r *resources) warnOfOthers(o *flux.Object, p place) {
	for _, pair := range edit.Pairs(edit.Get(o.Item.Node(), p.path...)) {
		asked := false
		for _, e := range p.entries {
			asked = asked || e.Key == pair.Key
		}
		owner := ownerOf(pair.Key)
		if asked || owner == nil || o == r.target.Controller.Account && slices.Contains(owner.Harmless, pair.Key) {
			continue
		}
		path := p.path.With(pair.Key)
		r.report.Item(sdk.Warning, o.Item, path, fmt.Sprintf(
			"%s: want only what the configuration asks for: this is left as it is, remove it if %s is not to have it",
			strings.TrimSpace(edit.Describe(pair.Value)), r.target.Controller.Name))
	}
}

func ownerOf(key string) *provider.Provider {
	for _, p := range cloud.All {
		if p.Owns(key) {
			return p
		}
	}
	return nil
}
