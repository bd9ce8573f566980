package fn_test

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/resid"
	"sigs.k8s.io/kustomize/kyaml/yaml"
	k8syaml "sigs.k8s.io/yaml"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/internal/testenv"
)

var definitionFile = filepath.Join(testenv.Root, "docs", "krm-function-definition.yaml")

// definitionHead is the definition above the schema.
const definitionHead = `# What registries of KRM functions want to know of this one. "make golden" writes this file.
#
# Nothing is published yet. Who publishes the function adds, of their own: spec.publisher,
# spec.home and spec.maintainers; to the version its usage, the URL of docs/reference.md, its
# examples, the URLs of the READMEs in examples, and, as runtime.container.image, the image that
# the release workflow pushes.
apiVersion: config.kubernetes.io/v1alpha1
kind: KRMFunctionDefinition
metadata:
  name: flux-workload-identity
spec:
  group: fn.kpt.dev
  names:
    kind: FluxWorkloadIdentity
  description: Writes the identities of a cloud into a Flux install, so that its controllers use EKS, AKS or GKE workload identity instead of static credentials.
  tags: [mutator, flux, workload-identity, aws, azure, gcp]
  versions:
  - name: v1alpha1
    idempotent: true
    license: Apache 2.0
    runtime:
      exec:
        path: flux-workload-identity
    schema:
      openAPIV3Schema:
`

// TestDefinitionFile checks that the definition of the function holds its schema.
func TestDefinitionFile(t *testing.T) {
	var document yaml.Node
	if err := yaml.Unmarshal(api.Schema(), &document); err != nil {
		t.Fatal(err)
	}
	toOpenAPI(document.Content[0])
	text, err := yaml.MarshalWithOptions(&document, &yaml.EncoderOptions{SeqIndent: yaml.CompactSequenceStyle})
	if err != nil {
		t.Fatal(err)
	}
	indent := strings.Repeat(" ", 8)
	testenv.Golden(t, definitionFile, definitionHead+indent+strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", "\n"+indent)+"\n")
}

// toOpenAPI says in OpenAPI 3.0 what a schema says in JSON schema: OpenAPI has no const, no if,
// no dependencies, and one example.
func toOpenAPI(n *yaml.Node) {
	n.Style = 0
	for _, child := range n.Content {
		toOpenAPI(child)
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	of := map[string]*yaml.Node{}
	for i := 0; i < len(n.Content); i += 2 {
		of[n.Content[i].Value] = n.Content[i+1]
	}
	var content []*yaml.Node
	put := func(key string, value *yaml.Node) {
		content = append(content, yaml.NewStringRNode(key).YNode(), value)
	}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i].Value, n.Content[i+1]
		switch {
		case key == "$schema", key == "then":
		case key == "const" && value.Kind == yaml.ScalarNode:
			put("enum", list(value))
		case key == "examples" && value.Kind == yaml.SequenceNode:
			put("example", value.Content[0])
		case key == "if" && of["then"] != nil:
			put("anyOf", list(object("not", value), of["then"]))
		case key == "dependencies" && value.Kind == yaml.MappingNode:
			name, then := value.Content[0], value.Content[1]
			put("allOf", list(object("anyOf", list(object("not", object("required", list(name))), then))))
		default:
			put(key, value)
		}
	}
	n.Content = content
}

func list(content ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Content: content}
}

func object(key string, value *yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{yaml.NewStringRNode(key).YNode(), value}}
}

// TestDefinition checks that the definition is one, with no field that is none,
// and that its schema, as functions read it, takes and refuses what the published one does.
func TestDefinition(t *testing.T) {
	text := testenv.Read(t, definitionFile)
	var definition framework.KRMFunctionDefinition
	if err := k8syaml.UnmarshalStrict([]byte(text), &definition); err != nil {
		t.Fatal(err)
	}
	group, version, _ := strings.Cut(api.APIVersion, "/")
	schema, err := framework.SchemaFromFunctionDefinition(resid.NewGvk(group, version, api.Kind), text)
	if err != nil {
		t.Fatal(err)
	}
	if unknown := regexp.MustCompile(`(?m)^ *(const|if|then|dependencies|examples|\$schema):`).FindString(text); unknown != "" {
		t.Errorf("OpenAPI has no %q", unknown)
	}
	published := compileSchema(t)
	var compared int
	for name, config := range configurations(t) {
		value, _ := toJSON(config)
		if _, ok := value.(map[string]any); !ok {
			continue // kyaml panics
		}
		node, err := yaml.Parse(config)
		if err != nil {
			t.Fatal(err)
		}
		compared++
		want, got := published.Validate(value), framework.LoadFunctionConfig(node, &defined{schema: schema})
		if want != nil && strings.Contains(want.Error(), "got null") {
			continue // null is of every type for kyaml
		}
		if (want == nil) != (got == nil) {
			t.Errorf("%s: published: %v; defined: %v\n%s", name, want, got, config)
		}
	}
	if compared < 150 {
		t.Errorf("only %d configurations", compared)
	}
}

// defined is a configuration that is checked by a schema and not decoded.
type defined struct{ schema *spec.Schema }

func (d *defined) Schema() (*spec.Schema, error) { return d.schema, nil }

func (d *defined) UnmarshalJSON([]byte) error { return nil }

var _ json.Unmarshaler = &defined{}

// TestCatalogueMetadata checks what the catalogue of kpt's functions is to list: no fields
// but its own, in the words of the definition.
func TestCatalogueMetadata(t *testing.T) {
	var metadata struct {
		Image, Description, License, SourceURL string
		Tags, ExamplePackageURLs, Emails       []string
		Hidden                                 bool
	}
	if err := k8syaml.UnmarshalStrict([]byte(testenv.Read(t, testenv.Root, "metadata.yaml")), &metadata); err != nil {
		t.Fatal(err)
	}
	var definition framework.KRMFunctionDefinition
	if err := k8syaml.Unmarshal([]byte(testenv.Read(t, definitionFile)), &definition); err != nil {
		t.Fatal(err)
	}
	if metadata.Description != definition.Spec.Description {
		t.Errorf("%q, and in the definition %q", metadata.Description, definition.Spec.Description)
	}
	if metadata.License != "Apache-2.0" || len(metadata.Tags) != 1 || metadata.Tags[0] != definition.Spec.Tags[0] {
		t.Errorf("licence %q, tags %q", metadata.License, metadata.Tags)
	}
}
