package api

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/cloud"
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux"
)

// configMap reads the form of "kpt fn eval -- cloud=aws ecr=arn:...". A key is cloud, an
// integration, a controller, an option, namespace or path, in any case and with or
// without hyphens; the value of an integration or a controller is the identity.
func (d *decoder) configMap(root *yaml.Node) *Config {
	top := d.section(root, "", "apiVersion", "kind", "metadata", "data", "immutable", "binaryData")
	if n := top["immutable"]; !edit.IsNull(n) {
		d.value(boolean, n, "immutable")
	}
	if n := top["binaryData"]; !edit.IsNull(n) && (!edit.IsMap(n) || len(n.Content) > 0) {
		d.wrong("binaryData", edit.Describe(n), "want none; write the keys as text under data")
	}
	data := top["data"]
	if edit.IsNull(data) || edit.IsMap(data) && len(edit.Pairs(data)) == 0 {
		d.wrong("data", "empty", "want a configuration, such as "+Example)
		return nil
	}
	if !d.isMap(data, "data", "of strings") {
		return nil
	}
	keys := d.keys(data)
	p := d.cloudOf(keys)
	if p == nil {
		return nil
	}
	config := &Config{Cloud: p, Scope: d.scope("data", keys.value("namespace"), keys.value("path"))}
	d.outputOf(config, keys)
	defaults := provider.Values{}
	for _, k := range keys {
		switch integration, controller, option := k.find(p); {
		case slices.ContainsFunc(settingKeys, k.is):
		case option != nil:
			defaults[option.Name] = d.check(*option, k.value, k.field)
		case integration != "":
			config.Identities = append(config.Identities, d.entry(p, k, &Identity{Integrations: []Reference{{integration, k.field}}}))
		case controller != "":
			config.Identities = append(config.Identities, d.entry(p, k, &Identity{Controllers: []Reference{{controller, k.field}}}))
		default:
			d.wrong(k.field, "unknown key", oneOf(k.name, keyNames(p)))
		}
	}
	if len(config.Identities) == 0 && !d.failed {
		d.wrong("data", "names no identity", "want one of the keys "+strings.Join(append(integrationNames(p), flux.Controllers...), ", ")+" with an identity as its value")
	}
	for i := range config.Identities {
		id := &config.Identities[i]
		d.complete(p, id, defaults, func(name string) string {
			if name == p.Identity.Name {
				return id.Field
			}
			for _, k := range keys {
				if k.is(name) {
					return k.field
				}
			}
			return "data." + name
		})
	}
	return config
}

// entry makes an identity of a key whose value names one.
func (d *decoder) entry(p *provider.Provider, k key, id *Identity) Identity {
	id.Field = k.field
	id.Values = provider.Values{p.Identity.Name: d.check(p.Identity, k.value, k.field)}
	return *id
}

// key is a key of the ConfigMap's data.
type key struct{ name, field, value string }

type keyList []key

func (k key) is(name string) bool {
	return foldKey(k.name) == foldKey(name)
}

// find returns what the key stands for in a cloud.
func (k key) find(p *provider.Provider) (integration, controller string, option *provider.Field) {
	for _, name := range integrationNames(p) {
		if k.is(name) {
			integration = name
		}
	}
	for _, name := range flux.Controllers {
		if k.is(name) {
			controller = name
		}
	}
	for i := range p.Options {
		if k.is(p.Options[i].Name) {
			option = &p.Options[i]
		}
	}
	return integration, controller, option
}

func (l keyList) value(name string) string {
	for _, k := range l {
		if k.is(name) {
			return k.value
		}
	}
	return ""
}

// keys reads the data: strings that are not empty, under keys that differ.
func (d *decoder) keys(data *yaml.Node) (keys keyList) {
	for _, p := range edit.Pairs(data) {
		k := key{name: p.Key, field: "data." + p.Key, value: edit.Text(p.Value)}
		i := slices.IndexFunc(keys, func(other key) bool { return other.is(k.name) })
		switch {
		case i >= 0:
			d.wrong(k.field, "the same key as "+keys[i].field, "want one; case and hyphens do not count")
			continue
		case k.value == "" && !k.is("cloud"):
			want := "want a string that is not empty"
			if _, ok := edit.String(p.Value); !ok && !edit.IsNull(p.Value) {
				want += "; put a number or a boolean in quotes, as ConfigMaps hold strings only"
			}
			d.wrong(k.field, edit.Describe(p.Value), want)
			continue
		}
		keys = append(keys, k)
	}
	return keys
}

// cloudOf returns the cloud that the data names, nil where it names none.
func (d *decoder) cloudOf(keys keyList) *provider.Provider {
	name := keys.value("cloud")
	if p := cloud.Named(name); p != nil {
		return p
	}
	given := "missing"
	if slices.ContainsFunc(keys, func(k key) bool { return k.is("cloud") }) {
		given = fmt.Sprintf("%q", name)
	}
	d.wrong("data.cloud", given, oneOf(name, cloud.Names()))
	return nil
}

// settingKeys are those that are neither an identity nor an option.
var settingKeys = []string{"cloud", "namespace", "path", "output", "kustomization", "adopt", "check"}

func keyNames(p *provider.Provider) []string {
	names := append([]string{"cloud"}, integrationNames(p)...)
	names = append(names, flux.Controllers...)
	return append(append(names, fieldNames(p.Options)...), settingKeys[1:]...)
}

// foldKey removes what keys may differ in.
func foldKey(s string) string {
	return strings.ReplaceAll(strings.ToLower(s), "-", "")
}
