// Package output is what a plan is turned into, changes of the stream's items, and carries
// them out. Its two rooms make them: resources of the objects themselves, patches of what
// builds or declares them.
package output

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/plan"
)

// Change is one edit of an item, and what is said of it.
type Change struct {
	Item     *krm.Item
	Path     edit.Path
	Current  any // nil where there is nothing yet
	Proposed any // nil where nothing stays
	// Message says what was done; Given and Want what stands there and what is to.
	Message, Given, Want string
	// Restarts are the controllers whose pods go on with a value that it replaces.
	Restarts []Restart
	// Op carries it out; those of one item are made in their order.
	Op edit.Op
}

// Restart is a controller whose pods take their identity anew, and the field of the
// configuration that names the identity.
type Restart struct{ Controller, Identity string }

// RestartOf returns the Restart of a target.
func RestartOf(t plan.Target) Restart {
	name := t.Install.NameOf(t.Controller.Name)
	if t.Install.Namespace != "" {
		name = t.Install.Namespace + "/" + name
	}
	return Restart{name, t.Identity}
}

// Apply carries out the changes. Where one cannot be carried out the report says so, and false is
// returned with the items half changed.
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
		var ops []edit.Op
		for _, c := range of[item] {
			ops = append(ops, c.Op)
		}
		if err := item.Apply(ops...); err != nil {
			c := of[item][0]
			if failed := (*edit.OpError)(nil); errors.As(err, &failed) {
				c = of[item][failed.Index]
			}
			failures[place[item]] = func() {
				report.Item(sdk.Error, item, c.Path, fmt.Sprintf("cannot be set: %v: want fewer of them", err))
			}
		}
	})
	for _, fail := range failures {
		if fail != nil {
			fail()
		}
	}
	return !report.Failed()
}

// Tell reports the changes, each as it is, and warns, once for an identity, of the pods that go on with
// another: those of the changes, and of others.
func Tell(changes []Change, restarts []Restart, report *krm.Report) {
	for _, c := range changes {
		report.Change(c.Item, c.Path, c.Current, c.Proposed, c.Message)
		restarts = append(restarts, c.Restarts...)
	}
	of := map[string][]string{}
	var identities []string
	for _, r := range restarts {
		if of[r.Identity] == nil {
			identities = append(identities, r.Identity)
		}
		if !slices.Contains(of[r.Identity], r.Controller) {
			of[r.Identity] = append(of[r.Identity], r.Controller)
		}
	}
	for _, identity := range identities {
		report.Config(sdk.Warning, identity, fmt.Sprintf(
			"changes the identity of %s: want the pods restarted once this is applied; they take an identity when they start", strings.Join(of[identity], ", ")))
	}
}

// Refuse reports each change as an error, for a configuration that is only checked.
func Refuse(changes []Change, report *krm.Report) {
	for _, c := range changes {
		report.Item(sdk.Error, c.Item, c.Path, fmt.Sprintf("%s: want %s; a run without check changes it", c.Given, c.Want))
	}
}
