package api

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
)

// Decode reads the functionConfig, of kind FluxWorkloadIdentity or a ConfigMap, and
// reports everything that is wrong with it. It returns nil where anything is.
func Decode(functionConfig *yaml.Node, report *krm.Report) *Config {
	version, kind := edit.Get(functionConfig, "apiVersion"), edit.Get(functionConfig, "kind")
	d := &decoder{report: report, kind: edit.Text(kind), missing: map[string]bool{}}
	var config *Config
	switch {
	case functionConfig == nil, edit.IsMap(functionConfig) && len(functionConfig.Content) == 0:
		d.wrong("functionConfig", "missing", "want one, such as "+Example)
	case !edit.IsMap(functionConfig):
		d.wrong("functionConfig", edit.Describe(functionConfig), "want a map, such as "+Example)
	case edit.Text(kind) == Kind && edit.Text(version) == APIVersion:
		config = d.resource(functionConfig)
	case edit.Text(kind) == "ConfigMap" && edit.Text(version) == "v1":
		config = d.configMap(functionConfig)
	case edit.Text(kind) == Kind:
		d.wrong("apiVersion", edit.Describe(version), "want "+APIVersion)
	case edit.Text(kind) == "ConfigMap":
		d.wrong("apiVersion", edit.Describe(version), "want v1")
	default:
		d.wrong("kind", edit.Describe(kind), oneOf(edit.Text(kind), []string{Kind, "ConfigMap"}))
	}
	if d.failed {
		return nil
	}
	return config
}

// decoder reads one configuration and goes on after an error, to report them all.
type decoder struct {
	report *krm.Report
	kind   string
	failed bool
	// missing are the fields that were reported as missing: in a ConfigMap several
	// identities lack the same one.
	missing map[string]bool
}

// wrong reports an error: what is given, and what is wanted instead.
func (d *decoder) wrong(field, given, want string) {
	d.failed = true
	d.report.Config(sdk.Error, field, given+": "+want)
}

// resource reads the kind FluxWorkloadIdentity.
func (d *decoder) resource(root *yaml.Node) *Config {
	top := d.section(root, "", "apiVersion", "kind", "metadata", "spec")
	if !d.isMap(top["spec"], "spec", "with one of "+strings.Join(cloud.Names(), ", ")) {
		return nil
	}
	spec := d.section(top["spec"], "spec", append(cloud.Names(), "namespace", "path", "output", "patches", "check")...)
	config := &Config{Scope: d.scope("spec", d.text(spec, "spec", "namespace", "a namespace or a glob"), d.text(spec, "spec", "path", "a directory or a glob"))}

	d.output(config, root, spec)

	var given []*provider.Provider
	for _, p := range cloud.All {
		if _, ok := spec[p.Name]; ok {
			given = append(given, p)
		}
	}
	if len(given) == 0 {
		d.wrong("spec", "names no cloud", "want one of "+strings.Join(cloud.Names(), ", "))
	}
	for i, p := range given {
		if i == 0 {
			config.Cloud = p
		} else {
			d.wrong("spec."+p.Name, "given beside spec."+given[0].Name,
				"want one cloud; another cloud's annotation does nothing on a managed cluster")
		}
		config.Identities = append(config.Identities, d.cloud(p, spec[p.Name])...)
	}
	return config
}

// cloud reads the section of a cloud.
func (d *decoder) cloud(p *provider.Provider, n *yaml.Node) []Identity {
	field := "spec." + p.Name
	if !d.isMap(n, field, "with identities") {
		return nil
	}
	section := d.section(n, field, append(fieldNames(p.Options), "identities")...)
	defaults := d.values(p.Options, section, field)
	elements := d.list(section, field, "identities", "identity")
	var identities []Identity
	for i, e := range elements {
		identities = append(identities, d.identity(p, e, fmt.Sprintf("%s.identities[%d]", field, i), defaults))
	}
	if n, ok := section["identities"]; !ok || edit.IsNull(n) {
		d.wrong(field+".identities", edit.Describe(n), "want a list of at least one identity")
	}
	return identities
}

// identity reads one identity.
func (d *decoder) identity(p *provider.Provider, n *yaml.Node, field string, defaults provider.Values) Identity {
	id := Identity{Field: field}
	if !d.isMap(n, field, "with "+p.Identity.Name) {
		return id
	}
	fields := d.section(n, field, append(fieldNames(p.Fields()), "integrations", "controllers")...)
	id.Values = d.values(p.Fields(), fields, field)
	id.Integrations = d.references(fields, field, "integrations", integrationNames(p))
	id.Controllers = d.references(fields, field, "controllers", flux.Controllers)
	_, hasIntegrations := fields["integrations"]
	_, hasControllers := fields["controllers"]
	if !hasIntegrations && !hasControllers {
		d.wrong(field, "names neither integrations nor controllers", "want one of the two, or both, to say who gets the identity")
	}
	d.complete(p, &id, defaults, func(name string) string { return field + "." + name })
	return id
}

// complete fills in the defaults, and checks what needs all fields of an identity. Those
// that are wrong have an empty value.
func (d *decoder) complete(p *provider.Provider, id *Identity, defaults provider.Values, field func(name string) string) {
	for _, f := range p.Fields() {
		_, given := id.Values[f.Name]
		if value, ok := defaults[f.Name]; ok && !given {
			id.Values[f.Name], given = value, true
		}
		if at := field(f.Name); !given && f.Required && !d.missing[at] {
			d.wrong(at, "missing", "want "+f.Want)
			d.missing[at] = true
		}
	}
	if p.Check == nil {
		return
	}
	for _, c := range p.Check(id.Values) {
		d.complain(field(c.Field), id.Values[c.Field], c)
	}
}

// values reads and checks the fields that a section gives. One that is wrong is there
// with an empty value, so that it does not count as missing as well.
func (d *decoder) values(fields []provider.Field, section map[string]*yaml.Node, prefix string) provider.Values {
	values := provider.Values{}
	for _, f := range fields {
		if n, ok := section[f.Name]; ok {
			values[f.Name] = d.value(f, n, prefix+"."+f.Name)
		}
	}
	return values
}

// value reads a field of an identity, as a string; a boolean or a number may be written
// as such or in quotes. It returns "" where the value is wrong.
func (d *decoder) value(f provider.Field, n *yaml.Node, field string) string {
	value, ok := edit.String(n)
	if !ok && !edit.IsNull(n) && !edit.IsMap(n) && !edit.IsList(n) {
		tag := edit.Resolve(n).ShortTag()
		ok = f.Type == provider.Bool && tag == yaml.NodeTagBool || f.Type == provider.Int && tag == yaml.NodeTagInt
		value = edit.Resolve(n).Value
		if f.Type == provider.Bool {
			value = strings.ToLower(value) // True and TRUE are booleans of YAML too
		}
	}
	if !ok {
		d.wrong(field, edit.Describe(n), "want "+f.Want)
		return ""
	}
	return d.check(f, value, field)
}

// check checks a value, and returns "" where it is wrong.
func (d *decoder) check(f provider.Field, value, field string) string {
	if value == "" {
		d.wrong(field, `""`, "want "+f.Want)
		return ""
	}
	for _, c := range f.CheckValue(value) {
		if d.complain(field, value, c); !c.Warning {
			return ""
		}
	}
	return value
}

func (d *decoder) complain(field, value string, c provider.Complaint) {
	severity := sdk.Error
	if c.Warning {
		severity = sdk.Warning
	} else {
		d.failed = true
	}
	d.report.Config(severity, field, fmt.Sprintf("%q: %s", value, c.Text))
}

// scope checks what narrows the installs.
func (d *decoder) scope(section, namespace, path string) flux.Scope {
	if path != "" {
		if want := flux.CheckPath(path); want != "" {
			d.wrong(section+".path", fmt.Sprintf("%q", path), "want "+want)
		}
	}
	if namespace != "" {
		if want := flux.CheckNamespace(namespace); want != "" {
			d.wrong(section+".namespace", fmt.Sprintf("%q", namespace), "want "+want)
		}
	}
	return flux.Scope{Namespace: namespace, Path: path, Section: section}
}

// otherCloud says so where a name is none of the accepted but another cloud's.
func otherCloud(given string, accepted []string) string {
	for _, p := range cloud.All {
		if _, ok := p.Integration(given); ok && !slices.Contains(accepted, given) {
			return fmt.Sprintf("; %s is an integration of %s", given, p.Name)
		}
	}
	return ""
}

func fieldNames(fields []provider.Field) (names []string) {
	for _, f := range fields {
		names = append(names, f.Name)
	}
	return names
}

func integrationNames(p *provider.Provider) (names []string) {
	for _, i := range p.Integrations {
		names = append(names, i.Name)
	}
	return names
}
