// Package plan decides who gets what: it matches the identities of a configuration with
// the controllers of the installs that were found. Its result is plain data, which an
// output then writes.
package plan

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/flux/controllers"
	"flux-workload-identity/fn/krm"
)

// Plan is what to write.
type Plan struct {
	Cloud *provider.Provider
	// Grants are the identities, in the order of the configuration.
	Grants []Grant
	// Targets are the controllers, in the order of the stream.
	Targets []Target
}

// Grant is an identity, what its controllers are to carry, and which those are, in the order of
// Flux, whether there are any of them or not.
type Grant struct {
	Identity    string // the field that names the identity
	Settings    provider.Settings
	Controllers []string
}

// Target is a controller and what its objects are to carry: an empty Grant for one that the
// configuration gives no identity.
type Target struct {
	Install    *flux.Install
	Controller *flux.Controller
	Grant
}

// Make plans the configuration for the installs, and reports what reaches no one: a
// controller that no install has, an identity without a controller, two identities for
// one.
func Make(config *api.Config, installs []*flux.Install, report *krm.Report) Plan {
	p := planner{cloud: config.Cloud, installs: installs, report: report}
	plan := Plan{Cloud: config.Cloud}
	identities := p.merge(config.Identities)
	unread := report.Failed()
	p.checkConflicts(identities)
	if unread {
		return plan // what was found may lack what could not be read
	}
	if len(installs) == 0 {
		message := "no Flux controller among the items: want the ServiceAccounts and Deployments of a Flux install"
		if doubts := report.Doubts(); len(doubts) > 0 {
			message += "; " + doubts[0]
		}
		report.Config(sdk.Error, "", message)
		return plan
	}
	for _, id := range identities {
		p.checkReach(id)
		p.checkVersions(id)
		g := Grant{Identity: id.Field, Settings: p.cloud.Settings(id.Values)}
		g.Controllers = slices.DeleteFunc(slices.Clone(controllers.All), func(name string) bool { return !id.reaches(name) })
		plan.Grants = append(plan.Grants, g)
	}
	for _, install := range installs {
		for _, c := range install.Controllers {
			t := Target{Install: install, Controller: c}
			for _, g := range plan.Grants {
				if slices.Contains(g.Controllers, c.Name) {
					t.Grant = g
				}
			}
			plan.Targets = append(plan.Targets, t)
		}
	}
	p.checkSides(plan.Targets)
	return plan
}

type planner struct {
	cloud    *provider.Provider
	installs []*flux.Install
	report   *krm.Report
}

// identity is an identity of the configuration, or several that are the same but for
// who is to have them.
type identity struct {
	api.Identity
	reach []reach
}

// reach is a controller that an identity is for.
type reach struct {
	controller string
	by         api.Reference // what names it
	named      bool          // by is the controller itself, not an integration
}

func (id *identity) reaches(controller string) bool {
	return slices.ContainsFunc(id.reach, func(r reach) bool { return r.controller == controller })
}

// merge joins the identities that have the same values, and finds out whom each is for: every
// mention of a controller by name, and those not named that an integration stands for, once.
func (p *planner) merge(identities []api.Identity) (merged []*identity) {
	for _, id := range identities {
		i := slices.IndexFunc(merged, func(m *identity) bool { return p.cloud.Same(m.Values, id.Values) })
		if i < 0 {
			merged = append(merged, &identity{Identity: id})
			continue
		}
		m := merged[i]
		m.Integrations = slices.Concat(m.Integrations, id.Integrations)
		m.Controllers = slices.Concat(m.Controllers, id.Controllers)
	}
	for _, id := range merged {
		for _, ref := range id.Controllers {
			id.reach = append(id.reach, reach{controller: ref.Name, by: ref, named: true})
		}
		for _, ref := range id.Integrations {
			integration, _ := p.cloud.Integration(ref.Name)
			for _, controller := range integration.Controllers {
				if !id.reaches(controller) {
					id.reach = append(id.reach, reach{controller: controller, by: ref})
				}
			}
		}
	}
	return merged
}

// checkConflicts reports each pair of identities that is for the same controllers: a
// ServiceAccount holds one identity.
func (p *planner) checkConflicts(identities []*identity) {
	for i, id := range identities {
		for _, other := range identities[:i] {
			var both []string
			for _, r := range id.reach {
				if other.reaches(r.controller) && !slices.Contains(both, r.controller) {
					both = append(both, r.controller)
				}
			}
			if len(both) > 0 {
				p.report.Config(sdk.Error, id.Field, p.conflict(id, other, strings.Join(both, ", ")))
			}
		}
	}
}

func (p *planner) conflict(id, other *identity, both string) string {
	name := p.cloud.Identity.Name
	if id.Values[name] == other.Values[name] {
		return fmt.Sprintf("%q is given to %s by %s too, with other options: want the same options for a controller, since its ServiceAccount holds one identity",
			id.Values[name], both, other.Field)
	}
	return fmt.Sprintf("%q and %q of %s are both for %s: want one identity for a controller, since its ServiceAccount holds one; give one %s the permissions of both",
		id.Values[name], other.Values[name], other.Field, both, name)
}

// checkReach reports the controllers of an identity that the installs lack.
func (p *planner) checkReach(id *identity) {
	reached, failed := false, false
	for _, r := range id.reach {
		lacking := p.lacking(r.controller)
		isNowhere := len(lacking) == len(p.installs)
		reached = reached || !isNowhere
		if r.named && !p.cloud.CanUse(r.controller) {
			p.report.Config(sdk.Warning, r.by.Field, fmt.Sprintf(
				"%q: want a controller that works with %s: this one has no use for an identity there", r.controller, p.cloud.Title))
		}
		there := "there is none in " + strings.Join(lacking, "; ")
		switch {
		case len(lacking) == 0:
		case r.named && isNowhere:
			failed = true
			p.report.Config(sdk.Error, r.by.Field, fmt.Sprintf("%q: want a controller of the install: %s", r.controller, p.present()))
		case r.named:
			p.report.Config(sdk.Warning, r.by.Field, fmt.Sprintf("%q: want a controller of every install: %s", r.controller, there))
		default:
			p.report.Config(sdk.Info, r.by.Field, fmt.Sprintf("%s works through %s too: %s", r.by.Name, r.controller, there))
		}
	}
	if !reached && !failed {
		p.report.Config(sdk.Error, id.Field, fmt.Sprintf(
			"%q reaches no controller: want an integration or a controller of the install: %s", id.Values[p.cloud.Identity.Name], p.present()))
	}
}

// lacking names the installs without the controller.
func (p *planner) lacking(controller string) (names []string) {
	for _, i := range p.installs {
		if !i.Has(controller) {
			names = append(names, i.String())
		}
	}
	return names
}

// present names the controllers that the installs have.
func (p *planner) present() string {
	return strings.Join(slices.DeleteFunc(slices.Clone(controllers.All), func(name string) bool {
		return len(p.lacking(name)) == len(p.installs)
	}), ", ")
}

// checkVersions warns of integrations that are younger than an install.
func (p *planner) checkVersions(id *identity) {
	for _, ref := range id.Integrations {
		integration, _ := p.cloud.Integration(ref.Name)
		var older []string
		for _, i := range p.installs {
			for _, c := range i.Controllers {
				v := i.Version(c)
				of := fmt.Sprintf("%s is of %s", i, v)
				if slices.Contains(integration.Controllers, c.Name) && v.Before(flux.ParseVersion(integration.Since)) && !slices.Contains(older, of) {
					older = append(older, of)
				}
			}
		}
		if len(older) > 0 {
			p.report.Config(sdk.Warning, ref.Field, fmt.Sprintf("%q: want Flux %s or newer: %s", ref.Name, integration.Since, strings.Join(older, "; ")))
		}
	}
}
