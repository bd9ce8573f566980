package krm_test

import (
	"strings"
	"testing"

	"flux-workload-identity/fn/krm"
)

// TestTemplates puts what templates are made of in all places of an object: where it makes the
// text something else than YAML, the error says what to do, in both ways of running.
func TestTemplates(t *testing.T) {
	const remedy = "; render templates first"
	cases := map[string]struct{ reason, line string }{
		"Helm":              {"the language of Go", "{{ x }}"},
		"HelmBlock":         {"", "{{- if .Values.x }}"},
		"HelmComment":       {"", "{{- /* c */ -}}"},
		"HelmValue":         {"", "a: {{ .a }}:{{ .b }}"},
		"HelmQuotes":        {"the string ends at the second quote", `a: "{{ .a | default "b" }}"`},
		"Handlebars":        {"", "{{#if x}}"},
		"Terraform":         {"", "%{ if x }"},
		"TerraformTrim":     {"", "%{~ if x ~}"},
		"TerraformValue":    {"", "a: %{ if x }b%{ endif }"},
		"Jinja":             {"", "{% if x %}"},
		"JinjaTrim":         {"", "{%- if x -%}"},
		"JinjaComment":      {"", "{# c #}"},
		"ResourceSet":       {"of flux-operator", "<<- if x >>"},
		"ResourceSetInputs": {"", "<< inputs.x >>"},
		"ERB":               {"", "<%= x %>"},
		"ERBBlock":          {"", "<% if x %>"},
		"Brackets":          {"the language of Go, with other delimiters", "[[ .x ]]"},
		"BracketsBlock":     {"", "[[- if x ]]"},
		"BracketsValue":     {"", "a: [[ .x ]]-b"},
		"Variable":          {"of envsubst", "${x}"},
		"VariableComment":   {"", "${x} # c"},
		"VariableDefault":   {"", "${x:=y}"},
		"VariableBare":      {"", "$x"},
		"VariableMake":      {"", "$(x)"},
		"VariableMaven":     {"", "@x@"},
		"VariableSed":       {"", "__X__"},
	}
	places := []string{
		"apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: x\n  LINE\n",
		"apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: x\nLINE\n",
		"LINE\napiVersion: v1\nkind: ServiceAccount\n",
		"apiVersion: v1\nLINE\nkind: ServiceAccount\n",
		"metadata:\n  labels:\n    a: b\n    c: d\n    e: f\n    g: h\n    LINE\n    i: j\n  name: x\nspec:\n  a: b\n",
		"a: b\n---\nkind: A\n---\nkind: B\nLINE\n---\nkind: C\n",
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			failures := 0
			for _, place := range places {
				in := strings.Replace(place, "LINE", tc.line, 1)
				_, err := krm.ParseManifests(krm.Stream{}, krm.Stream{Text: []byte(in)})
				if err != nil {
					failures++
					if !strings.HasSuffix(err.Error(), remedy) {
						t.Errorf("%s: plain manifests: %v\n%s", tc.reason, err, in)
					}
				}
				if strings.Contains(in, "---") {
					continue
				}
				in = head + "items:\n- " + strings.TrimPrefix(shifted(in, "  "), "  ")
				if _, err := krm.Parse([]byte(in)); err != nil && !strings.HasSuffix(err.Error(), remedy) {
					t.Errorf("%s: a ResourceList: %v\n%s", tc.reason, err, in)
				}
			}
			if failures < len(places)-2 {
				t.Errorf("%s: %d of %d places are refused", tc.reason, failures, len(places))
			}
		})
	}
}

// TestTemplatesOfOthers checks that nobody is told to render what is wrong in another way.
func TestTemplatesOfOthers(t *testing.T) {
	cases := map[string]struct{ reason, in string }{
		"Far":          {"a template elsewhere is text", "a: |\n  {{ x }}\nb: 1\nc: 2\nd: 3\ne: f: g\n"},
		"Quoted":       {"so it is in quotes", "a: \"{{ $labels.x }}\"\nb: '{{ printf \"x\" }}'\nc: d: e\n"},
		"Comment":      {"and in comments", "# {{ x }}\na: b: c # ${x}\n"},
		"Shell":        {"a condition of a shell", "a: |\n  if [[ -f x ]]; then\n  cat <<EOF >>x\nb: c: d\n"},
		"Substitution": {"what Flux substitutes is YAML", "a: ${x}\nb: ${y:=z}\nc: d: e\n"},
		"Lists":        {"of lists", "a: [[1, 2], [3]]\nb: c: d\n"},
		"Merge":        {"a merge key", "<<: x\nb: c: d\n"},
		"Unclosed":     {"a map that is not closed", "a: {b: c\nd: [e\n"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := krm.ParseManifests(krm.Stream{}, krm.Stream{Text: []byte(tc.in)})
			if err == nil || strings.Contains(err.Error(), "template") {
				t.Errorf("%s: %v", tc.reason, err)
			}
		})
	}
}
