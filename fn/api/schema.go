package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"flux-workload-identity/fn/cloud"
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/flux"
)

// Schema returns the JSON schema (draft 7) of the kind FluxWorkloadIdentity, for editors and
// validators. It is made of the same tables as the decoder reads by, and says as much of what
// the decoder accepts as a schema can: not how identities and the install fit together, nor
// the finer points of a value.
func Schema() []byte {
	compact, err := json.Marshal(root())
	if err != nil {
		panic(err) // plain data always has a form in JSON
	}
	var text bytes.Buffer
	if err := json.Indent(&text, compact, "", "  "); err != nil {
		panic(err)
	}
	return append(text.Bytes(), '\n')
}

// object is a JSON object that keeps the order of its members.
type object []member

type member struct {
	key   string
	value any
}

func (o object) get(key string) any {
	for _, m := range o {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Quote(m.key) + ":")
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(m.value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func root() object {
	patchesNeedName := object{
		{"if", object{{"properties", object{{"spec", object{{"properties", object{{"output", object{{"const", ToPatches}}}}}, {"required", []string{"output"}}}}}}}},
		{"then", object{{"required", []string{"metadata"}}, {"properties", object{{"metadata", object{{"required", []string{"name"}}}}}}}},
	}
	return object{
		{"$schema", "http://json-schema.org/draft-07/schema#"},
		{"title", Kind},
		{"description", "The configuration of flux-workload-identity: which cloud, and which identities for the controllers of Flux."},
		{"type", "object"},
		{"properties", object{
			{"apiVersion", object{{"description", "The version of this API."}, {"const", APIVersion}}},
			{"kind", object{{"description", "The kind of this configuration."}, {"const", Kind}}},
			{"metadata", object{
				{"description", "Free, as orchestrators add to it."},
				{"type", "object"},
				{"properties", object{{"name", object{
					{"description", "The name of the configuration. Required with spec.output Patches: the patches carry it, to be known again."}, {"type", "string"}, {"minLength", 1}, {"examples", []string{"flux-workload-identity"}},
				}}}},
			}},
			{"spec", spec()},
		}},
		{"required", []string{"apiVersion", "kind", "spec"}},
		{"additionalProperties", false},
		{"allOf", []object{patchesNeedName}},
	}
}

func spec() object {
	var properties object
	var one []object
	for _, p := range cloud.All {
		properties = append(properties, member{p.Name, section(p)})
		one = append(one, object{{"required", []string{p.Name}}})
	}
	properties = append(properties, object{
		{"namespace", str("Narrows the installs to those of a namespace, or of those that a glob matches (* for all). Required where several namespaces hold Flux.", "flux-system")},
		{"path", str("Narrows the installs to a directory with all below it, or to those that a glob matches (** for all). Required where the files of several directories hold Flux.", "clusters/prod")},
		{"output", object{
			{"description", "What is written: the ServiceAccounts and Deployments themselves, or patches into the Kustomization that lists them and into each FluxInstance, which Flux keeps where it writes the controllers anew."},
			{"enum", outputs}, {"default", ToResources}, {"examples", []Output{ToPatches}},
		}},
		{"patches", object{
			{"description", "Where patches go, with output Patches only."},
			{"type", "object"},
			{"properties", object{
				{"kustomization", str("The path of the Kustomization that is to hold the patches, where several list the controllers or none does.", "clusters/prod/flux-system/kustomization.yaml")},
				{"adopt", option("Whether to take over the patches of users that hold nothing but workload identity: the migration from patches pasted from the documentation.")},
			}},
			{"additionalProperties", false},
		}},
		{"check", option("Whether to write nothing, and to call each field that would change an error: for a job that guards a repository.")},
	}...)
	return object{
		{"description", "The cloud, its identities, and how to write them."},
		{"type", "object"},
		{"properties", properties},
		{"additionalProperties", false},
		{"oneOf", one},
		{"dependencies", object{{"patches", object{
			{"required", []string{"output"}}, {"properties", object{{"output", object{{"const", ToPatches}}}}},
		}}}},
	}
}

// section is the part of a cloud.
func section(p *provider.Provider) object {
	identity := object{
		{"type", "object"},
		{"properties", append(fields(p.Fields()),
			member{"integrations", names("What the identity is for: each stands for the controllers that talk to that service.", integrationNames(p), p.Integrations[0].Name)},
			member{"controllers", names("Who gets the identity, by full names, beside the controllers of the integrations.", flux.Controllers, flux.KustomizeController)},
		)},
		{"required", []string{p.Identity.Name}},
		{"additionalProperties", false},
		{"anyOf", []object{{{"required", []string{"integrations"}}}, {{"required", []string{"controllers"}}}}},
	}
	s := object{
		{"description", fmt.Sprintf("The identities of %s, and defaults for their fields. One cloud is required, and no second one.", p.Title)},
		{"type", "object"},
		{"properties", append(fields(p.Options), member{"identities", object{
			{"description", "Each identity, and whom it is for. Different ones must not be for the same controller."},
			{"type", "array"}, {"minItems", 1}, {"items", identity},
		}})},
		{"required", []string{"identities"}},
		{"additionalProperties", false},
	}
	for _, f := range p.Options {
		if !f.Required {
			continue
		}
		need := object{{"required", []string{f.Name}}}
		s = append(s, member{"anyOf", []object{need, {{"properties", object{{"identities", object{{"items", need}}}}}}}})
	}
	return s
}

func fields(all []provider.Field) (properties object) {
	for _, f := range all {
		properties = append(properties, member{f.Name, value(f)})
	}
	return properties
}

// variable matches a value with a variable, of which the schema says nothing more.
const variable = `\$\{[#A-Za-z_]`

// value is a field of an identity. Numbers and booleans may be written in quotes.
func value(f provider.Field) object {
	forms := []object{{{"type", "string"}, {"pattern", f.Pattern}}}
	switch f.Type {
	case provider.Bool:
		forms = booleans
	case provider.Int:
		forms = []object{
			{{"type", "integer"}, {"minimum", f.Minimum}, {"maximum", f.Maximum}},
			{{"type", "string"}, {"pattern", `^[1-9][0-9]*$`}},
		}
	}
	return object{
		{"description", f.Doc + " Want: " + f.Want + "."},
		{"anyOf", append(slices.Clone(forms), object{{"type", "string"}, {"pattern", variable}})},
		{"examples", []any{example(f)}},
	}
}

// example is the example of a field, in its type.
func example(f provider.Field) any {
	switch f.Type {
	case provider.Bool:
		return f.Example == "true"
	case provider.Int:
		return json.Number(f.Example)
	}
	return f.Example
}

var booleans = []object{{{"type", "boolean"}}, {{"enum", []string{"true", "false"}}}}

func str(description, example string) object {
	return object{{"description", description}, {"type", "string"}, {"minLength", 1}, {"examples", []string{example}}}
}

// option is a boolean that is false unless it is given.
func option(description string) object {
	return object{{"description", description}, {"anyOf", booleans}, {"default", false}, {"examples", []bool{true}}}
}

func names(description string, accepted []string, example string) object {
	return object{
		{"description", description}, {"type", "array"}, {"minItems", 1},
		{"items", object{{"enum", accepted}}}, {"examples", [][]string{{example}}},
	}
}
