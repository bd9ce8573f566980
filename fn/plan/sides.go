package plan

import (
	"fmt"
	"maps"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux"
)

// checkSides reports what keeps the identity of a controller from its pods, or brings it to
// others: a ServiceAccount or a Deployment that the stream does not hold, or that does not
// belong to the other side.
func (p *planner) checkSides(targets []Target) {
	given := map[*flux.Object]string{} // the identities, by ServiceAccount
	for _, t := range targets {
		if t.Identity != "" && t.Controller.Account != nil {
			given[t.Controller.Account] = t.Identity
		}
	}
	registries := registries(targets)
	for _, t := range targets {
		p.checkStrays(t, given)
		if t.Identity == "" {
			continue
		}
		p.checkAccount(t)
		p.checkDeployments(t)
		p.checkGuests(t)
		p.checkImages(t, registries)
	}
}

// checkAccount reports a ServiceAccount that the stream does not hold.
func (p *planner) checkAccount(t Target) {
	c := t.Controller
	if c.Account != nil || len(c.Deployments) == 0 {
		return
	}
	severity := sdk.Error
	if p.config.Cloud.NeedsDeployment {
		severity = sdk.Warning
	}
	p.report.Item(severity, c.Deployments[0].Item, flux.ServiceAccountNamePath, fmt.Sprintf(
		"%s: want a ServiceAccount of %s among the items, to carry the identity of %s; kpt selectors may hide it, and Flux before v0.7 has none",
		accountName(c.Deployments[0]), c.Name, t.Identity))
}

// checkDeployments reports Deployments that the stream does not hold, where the cloud needs them or
// the stream holds those of most other controllers.
func (p *planner) checkDeployments(t Target) {
	c := t.Controller
	if c.Account == nil || len(c.Deployments)+len(c.Strays) > 0 {
		return
	}
	what := "to carry the labels that " + p.config.Cloud.Title + " needs"
	if !p.config.Cloud.NeedsDeployment {
		with := 0
		for _, other := range t.Install.Controllers {
			if len(other.Deployments) > 0 {
				with++
			}
		}
		if with < 2 || with <= len(t.Install.Controllers)/2 {
			return
		}
		what = "as those of the other controllers are, to use the identity"
	}
	p.report.Item(sdk.Warning, c.Account.Item, nil, fmt.Sprintf(
		"no Deployment of %s is among the items: want it there %s; kpt selectors may hide it", c.Name, what))
}

// checkStrays reports Deployments of a controller that run under another ServiceAccount. It is an
// error where no other one runs under its own: then the identity reaches nobody.
func (p *planner) checkStrays(t Target, given map[*flux.Object]string) {
	c := t.Controller
	for _, d := range c.Strays {
		gets, severity := "do not get the identity", sdk.Warning
		if d.Account != nil && given[d.Account] != "" {
			gets = "get the identity of " + given[d.Account]
		}
		switch {
		case t.Identity == "" && (d.Account == nil || given[d.Account] == ""):
			continue
		case t.Identity != "" && len(c.Deployments) == 0:
			severity = sdk.Error
		}
		want := fmt.Sprintf("want %s, the ServiceAccount of %s", t.Install.NameOf(c.Name), c.Name)
		if c.Account == nil {
			want = fmt.Sprintf("want a ServiceAccount of %s among the items, and of no other", c.Name)
		}
		if d.Of != "" {
			want += "; the one given is that of " + d.Of
		}
		p.report.Item(severity, d.Item, flux.ServiceAccountNamePath, fmt.Sprintf(
			"%s: %s; this Deployment is left alone, its pods %s", accountName(d.Object), want, gets))
	}
}

// checkGuests reports Deployments that are no controller's and run under its ServiceAccount.
func (p *planner) checkGuests(t Target) {
	for _, d := range t.Controller.Guests {
		p.report.Item(sdk.Warning, d.Item, flux.ServiceAccountNamePath, fmt.Sprintf(
			"%s: want a ServiceAccount of its own for what is not %s: this Deployment is left alone, but its pods can take the identity of %s",
			accountName(d), t.Controller.Name, t.Identity))
	}
}

func accountName(d *flux.Object) string {
	if d.ServiceAccountName == "" {
		return "missing"
	}
	return fmt.Sprintf("%q", d.ServiceAccountName)
}

// registries returns the registry from which the controllers of each install are to come: that of
// most of them. Of several installs in one place it is Flux's own, if one has that: what calls
// itself an install beside another may be none.
func registries(targets []Target) map[*flux.Install]string {
	count, most := map[*flux.Install]map[string]int{}, map[*flux.Install]string{}
	for _, t := range targets {
		if count[t.Install] == nil {
			count[t.Install] = map[string]int{}
		}
		n, m := count[t.Install], most[t.Install]
		for _, d := range t.Controller.Deployments {
			if registry := d.Registry(); registry != "" {
				n[registry]++
				if n[registry] > n[m] || n[registry] == n[m] && registry == flux.Registry {
					m = registry
				}
			}
		}
		most[t.Install] = m
	}
	want := maps.Clone(most)
	for i := range most {
		for other, m := range most {
			if other.Namespace == i.Namespace && other.Dir == i.Dir && m == flux.Registry {
				want[i] = m
			}
		}
	}
	return want
}

// checkImages warns of a controller whose image comes from elsewhere than those of the others:
// anybody can give an image the name of a controller.
func (p *planner) checkImages(t Target, registries map[*flux.Install]string) {
	for _, d := range t.Controller.Deployments {
		want := registries[t.Install]
		if registry := d.Registry(); registry != "" && registry != want && registry != flux.Registry {
			p.report.Item(sdk.Warning, d.Item, edit.Path{"spec", "template", "spec", "containers"}, fmt.Sprintf(
				"%q: want an image of %s, as the other controllers have: see that it may have the identity of %s", d.Image, want, t.Identity))
		}
	}
}
