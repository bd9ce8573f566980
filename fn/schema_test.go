package fn_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/tools/txtar"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/internal/testenv"
)

// beyondSchema are the errors of the decoder that a schema has no words for.
var beyondSchema = []struct{ reason, pattern string }{
	{"it compares two values", `this is its tenant's`},
	{"one value, of all that have the form", `this is the nil GUID`},
	{"lengths within a value, and words within it", `path before the name|a service-linked role|doublestar`},
	{"the range of a number in quotes", `number of seconds`},
	{"what stands around variables", `\$\{`},
	{"the grammar of globs", `want a directory|want a namespace or a glob, in which`},
}

// TestSchema compares the published schema with the decoder, on every configuration of the
// tables: what the decoder takes the schema must take, and what it refuses the schema must
// refuse too, but for what it cannot say.
func TestSchema(t *testing.T) {
	schema := compileSchema(t)
	configs := configurations(t)
	if len(configs) < 150 {
		t.Fatalf("only %d configurations", len(configs))
	}
	var refused, beyond int
	used := map[string]bool{}
	for name, text := range configs {
		t.Run(name, func(t *testing.T) {
			value, decoded := toJSON(text)
			if !decoded {
				return // no schema sees what is no YAML, or what JSON cannot say
			}
			list, err := krm.Parse([]byte("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nfunctionConfig:\n" + indented(text)))
			if err != nil || api.Decode(list.FunctionConfig, krm.NewReport(list)) != nil {
				if err == nil && schema.Validate(value) != nil {
					t.Errorf("the decoder takes it, the schema does not: %v\n%s", schema.Validate(value), text)
				}
				return
			}
			refused++
			if schema.Validate(value) != nil {
				return
			}
			beyond++
			report := krm.NewReport(list)
			api.Decode(list.FunctionConfig, report)
			for _, r := range report.Results() {
				line := r.Message
				if r.Field != nil {
					line = r.Field.Path + ": " + line
				}
				if r.Severity == "error" && !isBeyond(line, used) {
					t.Errorf("the schema takes it, the decoder does not: %s\n%s", line, text)
				}
			}
		})
	}
	for _, b := range beyondSchema {
		if !used[b.pattern] {
			t.Errorf("no configuration is beyond the schema because of this: %s", b.reason)
		}
	}
	if beyond*4 > refused {
		t.Errorf("of %d that the decoder refuses the schema takes %d", refused, beyond)
	}
}

func isBeyond(message string, used map[string]bool) (beyond bool) {
	for _, b := range beyondSchema {
		if regexp.MustCompile(b.pattern).MatchString(message) {
			used[b.pattern], beyond = true, true
		}
	}
	return beyond
}

// TestSchemaFile checks that the published schema is what the program prints.
func TestSchemaFile(t *testing.T) {
	testenv.Golden(t, filepath.Join(testenv.Root, "docs", "schema.json"), string(api.Schema()))
}

// TestExamplesSchema checks that every example is valid by the schema that it names.
func TestExamplesSchema(t *testing.T) {
	schema := compileSchema(t)
	var found int
	for file, text := range tree(t, filepath.Join(testenv.Root, "examples")) {
		if filepath.Ext(file) != ".yaml" || !strings.Contains(text, "\nkind: FluxWorkloadIdentity\n") || strings.Contains(text, "\npatches:") {
			continue
		}
		found++
		first, _, _ := strings.Cut(text, "\n")
		relative, named := strings.CutPrefix(first, "# yaml-language-server: $schema=")
		if !named || filepath.Join(testenv.Root, "examples", filepath.Dir(file), relative) != filepath.Join(testenv.Root, "docs", "schema.json") {
			t.Errorf("%s: want the path of docs/schema.json in the first line, got %q", file, first)
		}
		// What overlays complete is not to pass by itself.
		base := strings.Contains(filepath.ToSlash(file), "/base/")
		if value, ok := toJSON(text); !ok {
			t.Errorf("%s: not decoded", file)
		} else if err := schema.Validate(value); (err != nil) != base {
			t.Errorf("%s: %v", file, err)
		}
	}
	if found < 6 {
		t.Errorf("only %d examples", found)
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(api.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// configurations returns those of all tables: of kind FluxWorkloadIdentity, or of none.
func configurations(t *testing.T) map[string]string {
	t.Helper()
	configs := map[string]string{}
	add := func(name, stdin string) {
		var list struct {
			FunctionConfig yaml.Node `yaml:"functionConfig"`
		}
		if yaml.Unmarshal([]byte(stdin), &list) != nil || list.FunctionConfig.Kind == 0 {
			return
		}
		var kind struct{ Kind any }
		_ = list.FunctionConfig.Decode(&kind) // which stays empty where it has none
		if text, err := yaml.Marshal(&list.FunctionConfig); err == nil && kind.Kind != "ConfigMap" {
			configs[name] = string(text)
		}
	}
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		add(file, string(section(archive, "stdin")))
	}
	for name, tc := range refusals {
		add(name+"/Bad", strings.Replace(tc.base.text, tc.old, tc.bad, 1))
		add(name+"/Good", strings.Replace(tc.base.text, tc.old, tc.good, 1))
	}
	return configs
}

// toJSON returns the value of YAML as a validator of JSON has it.
func toJSON(text string) (value any, ok bool) {
	var v any
	if yaml.Unmarshal([]byte(text), &v) != nil {
		return nil, false
	}
	encoded, err := json.Marshal(v)
	if err != nil {
		return nil, false
	}
	value, err = jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	return value, err == nil
}

func indented(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ") + "\n"
}
