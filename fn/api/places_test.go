package api_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/krm"
)

// TestPlaces writes every field of the schema into every section that has none of that name:
// what is said names a place where the schema has it, of the same cloud where there is one.
func TestPlaces(t *testing.T) {
	type schema struct {
		Properties map[string]*schema
		Items      *schema
	}
	var root schema
	if err := json.Unmarshal(api.Schema(), &root); err != nil {
		t.Fatal(err)
	}
	places, sections := map[string][]string{}, map[string]*schema{}
	var walk func(at string, s *schema)
	walk = func(at string, s *schema) {
		if s == nil || at == "metadata" {
			return
		}
		if s.Properties != nil {
			sections[at] = s
		}
		for name, below := range s.Properties {
			place := strings.TrimPrefix(at+"."+name, ".")
			places[name] = append(places[name], place)
			walk(place, below)
		}
		walk(at+"[]", s.Items)
	}
	walk("", &root)
	if len(places) < 20 || len(sections) != 9 {
		t.Fatalf("%d fields in %d sections", len(places), len(sections))
	}
	tried := 0
	for section, s := range sections {
		for name, there := range places {
			if s.Properties[name] != nil {
				continue
			}
			tried++
			got := said(t, nested(section, name))
			want := fmt.Sprintf("%s.%s: in the wrong place: want ", strings.ReplaceAll(section, "[]", "[0]"), name)
			i := slices.IndexFunc(got, func(line string) bool { return strings.HasPrefix(line, strings.TrimPrefix(want, ".")) })
			cloud := regexp.MustCompile(`^spec\.(aws|azure|gcp)`).FindString(section)
			ofOthers := cloud != "" && !slices.ContainsFunc(there, func(p string) bool {
				return strings.HasPrefix(p, cloud+".") || !regexp.MustCompile(`^spec\.(aws|azure|gcp)\.`).MatchString(p)
			})
			if ofOthers {
				if !slices.ContainsFunc(got, func(line string) bool { return strings.Contains(line, "; "+name+" is a field of ") }) {
					t.Errorf("%s in %q: %q", name, section, got)
				}
				continue
			}
			if i < 0 {
				t.Errorf("%s in %q: %q", name, section, got)
				continue
			}
			_, named, _ := strings.Cut(got[i], ": want ")
			for place := range strings.SplitSeq(named, " or ") {
				if !slices.Contains(there, place) {
					t.Errorf("%s in %q: %s is no place of it", name, section, place)
				}
			}
			if sameCloud := slices.ContainsFunc(there, func(p string) bool { return strings.HasPrefix(p, cloud+".") }); cloud != "" && sameCloud && strings.Count(named, cloud) != strings.Count(named, "spec") {
				t.Errorf("%s in %q: another cloud's: %s", name, section, named)
			}
		}
		for _, name := range []string{"cluster", "serviceAccounts"} {
			if got := strings.Join(said(t, nested(section, name)), "\n"); !strings.Contains(got, name+": a map: want none; it is reserved for ") {
				t.Errorf("%s in %q: %s", name, section, got)
			}
		}
	}
	if tried < 150 {
		t.Errorf("%d tried", tried)
	}
}

// nested returns a configuration with a field in a section.
func nested(section, name string) string {
	text := name + ": {}"
	for _, step := range slices.Backward(strings.Split(section, ".")) {
		if field, list := strings.CutSuffix(step, "[]"); list {
			text = field + ": [{" + text + "}]"
		} else if step != "" {
			text = step + ": {" + text + "}"
		}
	}
	return "{apiVersion: fn.kpt.dev/v1alpha1, kind: FluxWorkloadIdentity, " + text + "}"
}

// said returns what is said of a configuration.
func said(t *testing.T, config string) (lines []string) {
	t.Helper()
	list, err := krm.Parse([]byte("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nfunctionConfig: " + config + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	report := krm.NewReport(list)
	api.Decode(list.FunctionConfig, report)
	for _, r := range report.Results() {
		lines = append(lines, r.Message)
	}
	return lines
}

// TestConfigMapFields checks the fields of a ConfigMap beside its data, and where what belongs
// to the data is looked for.
func TestConfigMapFields(t *testing.T) {
	for name, tc := range map[string]struct{ reason, fields, want string }{
		"Immutable":      {"A field that a ConfigMap may have.", "immutable: true", ""},
		"Mutable":        {"Its other value.", "immutable: false", ""},
		"Null":           {"Nothing is nothing.", "immutable: null, binaryData: null", ""},
		"NoBinaryData":   {"An empty map is as good as none.", "binaryData: {}", ""},
		"ImmutableWord":  {"It is a boolean.", "immutable: perhaps", `immutable: "perhaps": want true or false`},
		"BinaryData":     {"What is in it would not be read.", "binaryData: {ecr: YQ==}", "binaryData: a map: want none; write the keys as text under data"},
		"BinaryDataList": {"What it is not.", "binaryData: []", "binaryData: a list: want none; write the keys as text under data"},
		"BinaryDataKey":  {"A null is a key too.", "binaryData: {ecr: null}", "binaryData: a map: want none; write the keys as text under data"},
		"KeyAbove":       {"A key of the data one level too high.", "namespace: flux-system", "namespace: in the wrong place: want data.namespace"},
		"KeyAboveInCaps": {"However it is spelt.", "ECR: x", "ECR: in the wrong place: want data.ECR"},
		"Unknown":        {"And what is nowhere.", "spec: {}", "spec: unknown field: want one of apiVersion, kind, metadata, data, immutable, binaryData"},
		"Capitals":       {"A key alone is fine in any case.", "metadata: {}, DATA: {}", "DATA: unknown field: want one of apiVersion, kind, metadata, data, immutable, binaryData"},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(said(t, "{apiVersion: v1, kind: ConfigMap, "+tc.fields+", data: {CLOUD: aws, Ecr: 'arn:aws:iam::111122223333:role/flux', CHECK: 'false', Source-Controller: 'arn:aws:iam::111122223333:role/flux'}}"), "\n")
			if !strings.HasPrefix(got, tc.want) || tc.want == "" && got != "" {
				t.Errorf("%s\nwant %s\ngot %s", tc.reason, tc.want, got)
			}
		})
	}
}
