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

// Grant is an identity, what its controllers are to carry, and which those are, whether
// there are any of them or not.
type Grant struct {
	Identity    string // the field that names the identity
	Settings    provider.Settings
	Controllers []string
}

// Target is a controller and what its objects are to carry. Settings are empty for a
// controller that the configuration gives no identity.
type Target struct {
	Install    *flux.Install
	Controller *flux.Controller
	Settings   provider.Settings
	Identity   string // the field that names the identity, "" where there is none
}

// Make plans the configuration for the installs, and reports what reaches no one: a
// controller that no install has, an identity without a controller, two identities for
// one.
func Make(config *api.Config, installs []*flux.Install, report *krm.Report) Plan {
	p := planner{config: config, installs: installs, report: report}
	identities := p.merge()
	unread := report.Failed()
	p.checkConflicts(identities)
	if unread {
		return Plan{Cloud: config.Cloud} // what was found may lack what could not be read
	}
	if len(installs) == 0 {
		message := "no Flux controller among the items: want the ServiceAccounts and Deployments of a Flux install"
		if doubts := report.Doubts(); len(doubts) > 0 {
			message += "; " + doubts[0]
		}
		report.Config(sdk.Error, "", message)
		return Plan{Cloud: config.Cloud}
	}
	for _, id := range identities {
		p.checkReach(id)
		p.checkVersions(id)
	}
	targets := p.targets(identities)
	p.checkSides(targets)
	return Plan{Cloud: config.Cloud, Grants: p.grants(identities), Targets: targets}
}

type planner struct {
	config   *api.Config
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

// merge joins the identities that have the same values.
func (p *planner) merge() (merged []*identity) {
	for _, id := range p.config.Identities {
		i := slices.IndexFunc(merged, func(m *identity) bool { return p.config.Cloud.Same(m.Values, id.Values) })
		if i < 0 {
			merged = append(merged, &identity{Identity: id})
			continue
		}
		m := merged[i]
		m.Integrations = slices.Concat(m.Integrations, id.Integrations)
		m.Controllers = slices.Concat(m.Controllers, id.Controllers)
	}
	return merged
}

// controllers returns whom the identity is for: every mention of a controller by name,
// and those not named that an integration stands for, once.
func (p *planner) controllers(id *identity) (all []reach) {
	for _, ref := range id.Controllers {
		all = append(all, reach{controller: ref.Name, by: ref, named: true})
	}
	for _, ref := range id.Integrations {
		integration, _ := p.config.Cloud.Integration(ref.Name)
		for _, controller := range integration.Controllers {
			if !slices.ContainsFunc(all, func(r reach) bool { return r.controller == controller }) {
				all = append(all, reach{controller: controller, by: ref})
			}
		}
	}
	return all
}

func (id *identity) reaches(controller string) bool {
	return slices.ContainsFunc(id.reach, func(r reach) bool { return r.controller == controller })
}

// checkConflicts fills in whom the identities are for, and reports each pair that is for
// the same controllers: a ServiceAccount holds one identity.
func (p *planner) checkConflicts(identities []*identity) {
	for i, id := range identities {
		id.reach = p.controllers(id)
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

func (p *planner) conflict(id, other *identity, controllers string) string {
	name := p.config.Cloud.Identity.Name
	if id.Values[name] == other.Values[name] {
		return fmt.Sprintf("%q is given to %s by %s too, with other options: want the same options for a controller, since its ServiceAccount holds one identity",
			id.Values[name], controllers, other.Field)
	}
	return fmt.Sprintf("%q and %q of %s are both for %s: want one identity for a controller, since its ServiceAccount holds one; give one %s the permissions of both",
		id.Values[name], other.Values[name], other.Field, controllers, name)
}

// checkReach reports the controllers of an identity that the installs lack.
func (p *planner) checkReach(id *identity) {
	reached, failed := false, false
	for _, r := range id.reach {
		lacking := p.lacking(r.controller)
		reached = reached || len(lacking) < len(p.installs)
		if r.named && !p.config.Cloud.CanUse(r.controller) {
			p.report.Config(sdk.Warning, r.by.Field, fmt.Sprintf(
				"%q: want a controller that works with %s: this one has no use for an identity there", r.controller, p.config.Cloud.Title))
		}
		switch {
		case len(lacking) == 0:
		case r.named && len(lacking) == len(p.installs):
			failed = true
			p.report.Config(sdk.Error, r.by.Field, fmt.Sprintf(
				"%q: want a controller of the install: %s", r.controller, strings.Join(p.present(), ", ")))
		case r.named:
			p.report.Config(sdk.Warning, r.by.Field, fmt.Sprintf(
				"%q: want a controller of every install: %s", r.controller, lack(lacking)))
		default:
			p.report.Config(sdk.Info, r.by.Field, fmt.Sprintf(
				"%s works through %s too: %s", r.by.Name, r.controller, lack(lacking)))
		}
	}
	if !reached && !failed {
		p.report.Config(sdk.Error, id.Field, fmt.Sprintf(
			"%q reaches no controller: want an integration or a controller of the install: %s",
			id.Values[p.config.Cloud.Identity.Name], strings.Join(p.present(), ", ")))
	}
}

// checkVersions warns of integrations that are younger than an install.
func (p *planner) checkVersions(id *identity) {
	for _, ref := range id.Integrations {
		integration, _ := p.config.Cloud.Integration(ref.Name)
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

// lacking returns the installs without the controller.
func (p *planner) lacking(controller string) (lacking []*flux.Install) {
	for _, i := range p.installs {
		if !i.Has(controller) {
			lacking = append(lacking, i)
		}
	}
	return lacking
}

func lack(installs []*flux.Install) string {
	var names []string
	for _, i := range installs {
		names = append(names, i.String())
	}
	return "there is none in " + strings.Join(names, "; ")
}

// present returns the controllers that the installs have.
func (p *planner) present() (names []string) {
	for _, name := range controllers.All {
		if len(p.lacking(name)) < len(p.installs) {
			names = append(names, name)
		}
	}
	return names
}

// grants returns the identities as plain data, their controllers in the order of Flux.
func (p *planner) grants(identities []*identity) (grants []Grant) {
	for _, id := range identities {
		g := Grant{Identity: id.Field, Settings: p.config.Cloud.Settings(id.Values)}
		for _, name := range controllers.All {
			if id.reaches(name) {
				g.Controllers = append(g.Controllers, name)
			}
		}
		grants = append(grants, g)
	}
	return grants
}

// targets returns all controllers of the installs with what each is to carry.
func (p *planner) targets(identities []*identity) (targets []Target) {
	for _, install := range p.installs {
		for _, c := range install.Controllers {
			t := Target{Install: install, Controller: c}
			for _, id := range identities {
				if id.reaches(c.Name) {
					t.Settings, t.Identity = p.config.Cloud.Settings(id.Values), id.Field
				}
			}
			targets = append(targets, t)
		}
	}
	return targets
}
