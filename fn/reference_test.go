package fn_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/cloud"
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/internal/testenv"
)

// TestReferenceFile checks that the field reference is what the schema and the clouds say.
func TestReferenceFile(t *testing.T) {
	testenv.Golden(t, filepath.Join(testenv.Root, "docs", "reference.md"), reference(readSchema(t)))
}

// TestReferenceExamples checks that each example of the reference is a configuration that the
// decoder takes without a word, and the schema too.
func TestReferenceExamples(t *testing.T) {
	schema := compileSchema(t)
	blocks := strings.Split(reference(readSchema(t)), "```yaml\n")[1:]
	if len(blocks) < 20 {
		t.Errorf("only %d examples", len(blocks))
	}
	for _, block := range blocks {
		text, _, _ := strings.Cut(block, "```")
		if messages := decode(t, text); len(messages) > 0 {
			t.Errorf("%v\n%s", messages, text)
		}
		if strings.Contains(text, "kind: ConfigMap") {
			continue // of which there is no schema
		}
		if value, ok := toJSON(text); !ok || schema.Validate(value) != nil {
			t.Errorf("the schema does not take it: %v\n%s", schema.Validate(value), text)
		}
	}
}

// TestReferenceKeys checks that the reference names all keys of a ConfigMap that the decoder
// knows, in the decoder's order.
func TestReferenceKeys(t *testing.T) {
	for _, p := range cloud.All {
		var names []string
		for _, k := range keysOf(readSchema(t), p) {
			names = append(names, k.names...)
		}
		want := "data.no-such-key: unknown key: want one of " + strings.Join(names, ", ")
		messages := decode(t, "apiVersion: v1\nkind: ConfigMap\ndata: {cloud: "+p.Name+", no-such-key: x}\n")
		if len(messages) == 0 || messages[0] != want {
			t.Errorf("%s: got %q, want %q", p.Name, messages, want)
		}
	}
}

// decode returns what the decoder says of a configuration.
func decode(t *testing.T, config string) (messages []string) {
	t.Helper()
	list, err := krm.Parse([]byte("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nfunctionConfig:\n" + indented(config)))
	if err != nil {
		t.Fatal(err)
	}
	report := krm.NewReport(list)
	api.Decode(list.FunctionConfig, report)
	for _, r := range report.Results() {
		messages = append(messages, r.Message)
	}
	return messages
}

// schemaNode is a schema, as far as the reference needs it.
type schemaNode struct {
	Description, Type string
	Const, Default    any
	Enum, Examples    []any
	Properties        yaml.Node // whose order counts
	Required          []string
	Items             *schemaNode
	Closed            *bool        `yaml:"additionalProperties"`
	OneOf             []schemaNode `yaml:"oneOf"`
	AnyOf             []schemaNode `yaml:"anyOf"`
}

func readSchema(t *testing.T) *schemaNode {
	t.Helper()
	var s schemaNode
	if err := yaml.Unmarshal(api.Schema(), &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// names returns the names of the properties.
func (s *schemaNode) names() (names []string) {
	for i := 0; i < len(s.Properties.Content); i += 2 {
		names = append(names, s.Properties.Content[i].Value)
	}
	return names
}

// property returns the schema of a property that there is.
func (s *schemaNode) property(name string) *schemaNode {
	var p schemaNode
	must(s.Properties.Content[2*slices.Index(s.names(), name)+1].Decode(&p))
	return &p
}

// fieldDoc is a field of the configuration.
type fieldDoc struct {
	path   []string // "[]" is an element of a list
	schema *schemaNode
	absent string // what it means that it is not given
}

func (f fieldDoc) String() string { return strings.ReplaceAll(strings.Join(f.path, "."), ".[]", "[]") }

// cloud returns the cloud that the field is of, nil where it is of all.
func (f fieldDoc) cloud() *provider.Provider {
	if len(f.path) < 2 {
		return nil
	}
	return cloud.Named(f.path[1])
}

// fieldsOf returns the fields of a schema, each before those below it. The schema above is
// that of the section whose list holds this one.
func fieldsOf(s, above *schemaNode, path ...string) (fields []fieldDoc) {
	for _, name := range s.names() {
		f := fieldDoc{append(slices.Clone(path), name), s.property(name), "–"}
		switch {
		case slices.Contains(s.Required, name):
			f.absent = "required"
		case f.schema.Default != nil:
			f.absent = code(f.schema.Default)
		case above != nil && slices.Contains(above.names(), name):
			f.absent = "as in " + code(strings.Join(path[:2], "."))
		case name == "integrations", name == "controllers":
			f.absent = "one of the two is required"
		case len(s.AnyOf) > 0 && slices.Contains(s.AnyOf[0].Required, name):
			f.absent = "required, here or on each identity"
		}
		fields = append(append(fields, f), fieldsOf(f.schema, nil, f.path...)...)
		if f.schema.Items != nil {
			fields = append(fields, fieldsOf(f.schema.Items, s, append(f.path, "[]")...)...)
		}
	}
	return fields
}

// kind returns the type of a field, in words.
func (s *schemaNode) kind() string {
	switch {
	case s.Type == "object":
		return "map"
	case s.Type == "array":
		return "list"
	case len(s.AnyOf) > 0:
		return s.AnyOf[0].Type
	}
	return "string"
}

// accepted splits the description of a field into what it is and what is accepted.
func (s *schemaNode) accepted() (what, want string) {
	what, want, _ = strings.Cut(s.Description, " Want: ")
	switch {
	case want != "":
		want = strings.TrimSuffix(want, ".")
	case s.Const != nil:
		want = code(s.Const)
	case s.Enum != nil:
		want = codes(s.Enum)
	case s.kind() == "list" && s.Items.Enum != nil:
		want = codes(s.Items.Enum)
	case s.kind() == "list":
		want = "at least one identity"
	case s.kind() == "map" && s.Closed == nil:
		want = "any fields"
	case s.kind() == "map":
		want = "the fields below"
	case s.kind() == "boolean":
		want = "true or false"
	default:
		want = "a string that is not empty"
	}
	return what, want
}

// example returns a value that holds the field at the path, and beside it only what must be.
func (s *schemaNode) example(path []string) (value any) {
	switch {
	case s.Const != nil:
		return s.Const
	case len(s.Examples) > 0:
		return s.Examples[0]
	case s.Items != nil:
		return []any{s.Items.example(path[min(1, len(path)):])}
	}
	has := map[string]bool{}
	for _, name := range append(s.Required, "metadata", "name") { // as all objects have a name
		has[name] = true
	}
	if len(path) > 0 {
		has[path[0]] = true
		has["output"] = has["output"] || path[0] == "patches"
	}
	for _, choice := range [][]schemaNode{s.OneOf, s.AnyOf} {
		made := func(c schemaNode) bool { // here or below
			return len(c.Required) > 0 && slices.Contains(path, c.Required[0])
		}
		if len(choice) > 0 && !slices.ContainsFunc(choice, made) {
			has[choice[0].Required[0]] = true
		}
	}
	if len(path) == 0 && len(s.Required)+len(s.OneOf) == 0 {
		has[s.names()[0]] = true // lest it be empty
	}
	node := &yaml.Node{Kind: yaml.MappingNode}
	for _, name := range s.names() {
		if !has[name] {
			continue
		}
		var below []string
		if len(path) > 0 && path[0] == name {
			below = path[1:]
		}
		var v yaml.Node
		must(v.Encode(s.property(name).example(below)))
		if v.Kind == yaml.SequenceNode && v.Content[0].Kind == yaml.ScalarNode {
			v.Style = yaml.FlowStyle
		}
		node.Content = append(node.Content, yaml.NewStringRNode(name).YNode(), &v)
	}
	return node
}

// reference returns the page.
func reference(root *schemaNode) string {
	fields := map[*provider.Provider][]fieldDoc{}
	for _, f := range fieldsOf(root, nil) {
		fields[f.cloud()] = append(fields[f.cloud()], f)
	}
	var b strings.Builder
	b.WriteString("# Reference\n\n" +
		"All fields of the configuration, then those of each cloud: the services that it is for, and what is\n" +
		"written, be it to the objects themselves or by patches. A field or a name below `spec` that is not on\n" +
		"this page is an error. Numbers and booleans may be in quotes, and the values of an identity may hold\n" +
		"[variables](https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution)\n" +
		"that Flux fills in.\n\n" +
		"For editors and validators there is [schema.json](schema.json). `make golden` makes this page of the\n" +
		"same tables.\n\n- [Every cloud](#every-cloud)\n")
	for _, p := range cloud.All {
		fmt.Fprintf(&b, "- [%s](#%s)\n", p.Title, strings.ReplaceAll(strings.ToLower(p.Title), " ", "-"))
	}
	b.WriteString("\n## Every cloud\n\n")
	writeFields(&b, root, fields[nil])
	for _, p := range cloud.All {
		fmt.Fprintf(&b, "\n## %s\n\n", p.Title)
		writeFields(&b, root, fields[p])
		writeIntegrations(&b, p)
		writeSettings(&b, p)
		writeKeys(&b, root, p)
	}
	return b.String()
}

// writeFields writes a table of fields, and the examples: one for all that have the same.
func writeFields(b *strings.Builder, root *schemaNode, fields []fieldDoc) {
	b.WriteString("| field | type | what it is | accepted | if not given |\n| --- | --- | --- | --- | --- |\n")
	var examples []string
	shown := map[string][]any{}
	for _, f := range fields {
		what, want := f.schema.accepted()
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", code(f), f.schema.kind(), strings.ReplaceAll(what, "*", `\*`), want, f.absent)
		text, err := yaml.MarshalWithOptions(root.example(f.path), &yaml.EncoderOptions{SeqIndent: yaml.CompactSequenceStyle})
		must(err)
		if shown[string(text)] == nil {
			examples = append(examples, string(text))
		}
		shown[string(text)] = append(shown[string(text)], f)
	}
	for _, text := range examples {
		fmt.Fprintf(b, "\n%s:\n\n```yaml\n%s```\n", codes(shown[text]), text)
	}
}

func writeIntegrations(b *strings.Builder, p *provider.Provider) {
	fmt.Fprintf(b, "\n### Integrations of %s\n\n| integration | for | controllers | since Flux |\n| --- | --- | --- | --- |\n", p.Title)
	for _, i := range p.Integrations {
		since := i.Since
		if since == "" {
			since = "–"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", code(i.Name), i.Doc, codes(i.Controllers), since)
	}
	fmt.Fprintf(b, "\nWithout any use for %s, so that to name it under `controllers` is a warning: %s.\n",
		p.Title, codes(slices.DeleteFunc(slices.Clone(flux.Controllers), p.CanUse)))
}

// writeSettings writes what becomes of each field, as of a value in that field alone.
func writeSettings(b *strings.Builder, p *provider.Provider) {
	fmt.Fprintf(b, "\n### What is written for %s\n\n| object | where | key | value |\n| --- | --- | --- | --- |\n", p.Title)
	for _, f := range p.Fields() {
		for _, e := range p.Settings(provider.Values{f.Name: f.Example}).ServiceAccount {
			fmt.Fprintf(b, "| ServiceAccount | `metadata.annotations` | %s | that of %s |\n", code(e.Key()), code(f.Name))
		}
	}
	for _, e := range p.Settings(provider.Values{}).Deployment {
		fmt.Fprintf(b, "| Deployments | %s | %s | %q |\n", code(strings.Join(e.Path[:len(e.Path)-1], ".")), code(e.Key()), e.Value)
	}
}

// keyDoc are keys of a ConfigMap, and the field that each stands for.
type keyDoc struct {
	names []string
	field string
}

// keysOf returns the keys of a ConfigMap for a cloud.
func keysOf(root *schemaNode, p *provider.Provider) []keyDoc {
	section := "spec." + p.Name
	var integrations []string
	for _, i := range p.Integrations {
		integrations = append(integrations, i.Name)
	}
	keys := []keyDoc{
		{[]string{"cloud"}, section},
		{integrations, section + ".identities[].integrations"},
		{flux.Controllers, section + ".identities[].controllers"},
	}
	for _, f := range p.Options {
		keys = append(keys, keyDoc{[]string{f.Name}, section + "." + f.Name})
	}
	for _, f := range fieldsOf(root.property("spec"), nil, "spec") {
		if f.cloud() == nil && f.schema.kind() != "map" {
			keys = append(keys, keyDoc{f.path[len(f.path)-1:], f.String()})
		}
	}
	return keys
}

func writeKeys(b *strings.Builder, root *schemaNode, p *provider.Provider) {
	fmt.Fprintf(b, "\n### %s in a ConfigMap\n\nAs `kpt fn eval -- key=value` makes one. Keys are in any case, with or without hyphens, and the value\n"+
		"of an integration or a controller is its %s.\n\n| key | stands for |\n| --- | --- |\n", p.Title, code(p.Identity.Name))
	for _, k := range keysOf(root, p) {
		fmt.Fprintf(b, "| %s | %s |\n", codes(k.names), code(k.field))
	}
	fmt.Fprintf(b, "\n```yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: flux-workload-identity\ndata:\n  cloud: %s\n  %s: %s\n",
		p.Name, strings.ToLower(p.Integrations[0].Name), p.Identity.Example)
	for _, f := range p.Options {
		value := f.Example
		if f.Type != provider.String {
			value = fmt.Sprintf("%q", value)
		}
		fmt.Fprintf(b, "  %s: %s\n", f.Name, value)
	}
	b.WriteString("```\n")
}

func code(value any) string { return fmt.Sprintf("`%v`", value) }

func codes[T any](values []T) string {
	var all []string
	for _, v := range values {
		all = append(all, code(v))
	}
	return strings.Join(all, ", ")
}

// must is for what only a broken schema makes fail.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
