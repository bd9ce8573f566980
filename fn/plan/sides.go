package plan

import (
	"fmt"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/flux"
)

// checkSides reports what keeps the identity of a controller from its pods, or brings it to
// others: a ServiceAccount or a Deployment that the stream does not hold, or that does not
// belong to the other side.
func (p *planner) checkSides(targets []Target) {
	given := map[*flux.Object]string{} // the identities, by ServiceAccount
	for _, t := range targets {
		if t.Controller.Account != nil {
			given[t.Controller.Account] = t.Identity
		}
	}
	registries := p.registries()
	for _, t := range targets {
		for _, d := range t.Controller.Strays {
			p.checkStray(t, d, given[d.Account])
		}
		if t.Identity == "" {
			continue
		}
		p.checkAccount(t)
		p.checkDeployments(t)
		for _, d := range t.Controller.Guests {
			p.report.Item(sdk.Warning, d.Item, flux.ServiceAccountNamePath, fmt.Sprintf(
				"%s: want a ServiceAccount of its own for what is not %s: this Deployment is left alone, but its pods can take the identity of %s",
				accountName(d), t.Controller.Name, t.Identity))
		}
		for _, d := range t.Controller.Deployments {
			p.checkImage(t, d, registries[t.Install])
		}
	}
}

// checkAccount reports a ServiceAccount that the stream does not hold.
func (p *planner) checkAccount(t Target) {
	c := t.Controller
	if c.Account != nil || len(c.Deployments) == 0 {
		return
	}
	severity := sdk.Error
	if p.cloud.NeedsDeployment {
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
	what := "to carry the labels that " + p.cloud.Title + " needs"
	if !p.cloud.NeedsDeployment {
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

// checkStray reports a Deployment of a controller that runs under another ServiceAccount, which may
// have another identity. It is an error where no other one runs under its own: then the identity
// reaches nobody.
func (p *planner) checkStray(t Target, d flux.Stray, other string) {
	c := t.Controller
	gets, severity := "do not get the identity", sdk.Warning
	if other != "" {
		gets = "get the identity of " + other
	}
	switch {
	case t.Identity == "" && other == "":
		return
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

func accountName(d *flux.Object) string {
	if d.ServiceAccountName == "" {
		return "missing"
	}
	return fmt.Sprintf("%q", d.ServiceAccountName)
}

// registries returns the registry from which the controllers of each install are to come: that of
// most of them. Of several installs in one place it is Flux's own, if one has that: what calls
// itself an install beside another may be none.
func (p *planner) registries() map[*flux.Install]string {
	most := map[*flux.Install]string{}
	for _, i := range p.installs {
		count := map[string]int{}
		for _, c := range i.Controllers {
			for _, d := range c.Deployments {
				registry := d.Registry
				if registry == "" {
					continue
				}
				count[registry]++
				if n, m := count[registry], count[most[i]]; n > m || n == m && registry == flux.Registry {
					most[i] = registry
				}
			}
		}
	}
	for _, i := range p.installs {
		for _, other := range p.installs {
			if other.IsAt(i) && most[other] == flux.Registry {
				most[i] = flux.Registry
			}
		}
	}
	return most
}

// checkImage warns of a controller whose image comes from elsewhere than those of the others:
// anybody can give an image the name of a controller.
func (p *planner) checkImage(t Target, d *flux.Object, want string) {
	if registry := d.Registry; registry != "" && registry != want && registry != flux.Registry {
		p.report.Item(sdk.Warning, d.Item, flux.ImagesPath, fmt.Sprintf(
			"%q: want an image of %s, as the other controllers have: see that it may have the identity of %s", d.Image, want, t.Identity))
	}
}
