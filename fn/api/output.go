package api

import (
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/edit"
)

// PatchPrefix begins the metadata.name in the body of every patch of the function.
const PatchPrefix = "flux-workload-identity-"

var outputs = []string{string(ToResources), string(ToPatches)}

// boolean is what spec.patches.adopt and spec.check are.
var boolean = provider.Field{Type: provider.Bool, Check: provider.Boolean, Want: "true or false"}

// output reads spec.output, spec.patches and spec.check.
func (d *decoder) output(config *Config, root *yaml.Node, spec map[string]*yaml.Node) {
	if n, ok := spec["check"]; ok {
		config.Check = d.value(boolean, n, "spec.check") == "true"
	}
	config.Output = ToResources
	if n, ok := spec["output"]; ok {
		config.Output = d.outputNamed(edit.Text(n), edit.Describe(n), "spec.output")
	}
	name := edit.Get(root, "metadata", "name")
	config.Patches = Patches{Name: PatchPrefix + edit.Text(name), Field: "spec.patches.kustomization", AdoptField: "spec.patches.adopt"}
	if n, ok := spec["patches"]; ok && d.isMap(n, "spec.patches", "with kustomization, adopt or both") {
		if config.Output == ToResources {
			d.wrong("spec.patches", edit.Describe(n), "want it with spec.output "+string(ToPatches)+" only")
		}
		section := d.section(n, "spec.patches", "kustomization", "adopt")
		config.Patches.Kustomization = d.text(section, "spec.patches", "kustomization", "the path of a Kustomization")
		if n, ok := section["adopt"]; ok {
			config.Patches.Adopt = d.value(boolean, n, config.Patches.AdoptField) == "true"
		}
	}
	if config.Output == ToPatches && !isName(edit.Text(name)) {
		d.wrong("metadata.name", edit.Describe(name), "want a name of characters that can be seen, which the patches carry, so that a later run knows them")
	}
}

// isName reports whether a name is the same once it was written and read again. YAML takes
// some of what cannot be seen for the end of a line.
func isName(name string) bool {
	return name != "" && strings.TrimSpace(name) == name && !strings.ContainsFunc(name, func(r rune) bool { return !strconv.IsPrint(r) })
}

// outputOf reads the same from a ConfigMap. Its name is the same for all that kpt makes, so
// the patches carry that of the cloud.
func (d *decoder) outputOf(config *Config, keys keyList) {
	config.Output = ToResources
	config.Patches = Patches{Name: PatchPrefix + config.Cloud.Name, Field: "data.kustomization", AdoptField: "data.adopt"}
	for _, k := range keys {
		switch {
		case k.is("output"):
			config.Output = d.outputNamed(k.value, quoted(k.value), k.field)
		case k.is("check"):
			config.Check = d.check(boolean, k.value, k.field) == "true"
		}
	}
	for _, k := range keys {
		switch {
		case k.is("kustomization"):
			config.Patches.Kustomization, config.Patches.Field = k.value, k.field
		case k.is("adopt"):
			config.Patches.Adopt, config.Patches.AdoptField = d.check(boolean, k.value, k.field) == "true", k.field
		default:
			continue
		}
		if config.Output == ToResources {
			d.wrong(k.field, quoted(k.value), "want it with output="+string(ToPatches)+" only")
		}
	}
}

// outputNamed returns the output of that name. One that is wrong counts as given, so that
// what belongs to it is not wrong as well.
func (d *decoder) outputNamed(name, given, field string) Output {
	if !slices.Contains(outputs, name) {
		d.wrong(field, given, oneOf(name, outputs))
		return ""
	}
	return Output(name)
}
