package fn_test

import (
	"bytes"
	"strings"
	"testing"

	"flux-workload-identity/fn"
	"flux-workload-identity/fn/krm"
)

// TestTemplateValues has templates that are YAML: where they are in the way the error says
// what they are, and nothing is written into them.
func TestTemplateValues(t *testing.T) {
	const account = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  labels: {app.kubernetes.io/component: source-controller}\n"
	cases := map[string]struct{ reason, in, want string }{
		"Name":         {"YAML takes it for a map with a map for its key", account + "  name: {{ x }}\n", "error: stdin: metadata.name: a template's {{ }}: want a string\n"},
		"Annotations":  {"an annotation in there would break it", account + "  name: source-controller\n  annotations: {{ x }}\n", "error: ServiceAccount source-controller: metadata.annotations: a template's {{ }}: want a map\n"},
		"Annotation":   {"nor is its value replaced", account + "  name: source-controller\n  annotations:\n    iam.gke.io/gcp-service-account: {{ x }}\n", "error: ServiceAccount source-controller: metadata.annotations[iam.gke.io/gcp-service-account]: a template's {{ }}: want a string\n"},
		"Elsewhere":    {"a good neighbour: a template that is not in the way", account + "  name: source-controller\nsecrets: {{ x }}\n", ""},
		"Substitution": {"a good neighbour: what Flux substitutes after the build", account + "  name: source-controller\n  annotations:\n    a: ${x}\n", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var out, log bytes.Buffer
			code := fn.RunManifests(krm.Stream{Text: []byte(functionConfig("x", listGCP))}, false, []krm.Stream{{Text: []byte(tc.in)}}, &out, &log)
			if !strings.Contains("\n"+log.String(), "\n"+tc.want) || (code == 0) != (tc.want == "" && log.Len() == 0) || (out.Len() == 0) != (code == 1) {
				t.Errorf("%s: exit %d\n%s\n%s", tc.reason, code, &log, &out)
			}
		})
	}
}
