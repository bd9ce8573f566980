package fn_test

import (
	"maps"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPatchNames gives configurations odd names: one is refused, or what is written with it is
// built by kustomize, and a second run changes no byte of it.
func TestPatchNames(t *testing.T) {
	names := map[string]bool{ // whether it is taken
		"flux": true, "Flux_1.x": true, "größe": true, "\u540d": true, "\U0001f600": true, "a b": true, "a: b": true, "a #b": true, "'a'": true, `"a"`: true,
		"- a": true, "null": true, "1": true, "{a}": true, "a\\u2028b": true, "${CLUSTER}": true, "|": true, "...": true, "---": true, strings.Repeat("long name ", 30) + "x": true,
		"a\u2028b": false, "a\u2029": false, "a\u0085b": false, "a\nb": false, "a\rb": false, "a\tb": false, "a\u202eb": false, "a\u200bb": false,
		"\ufeffa": false, "a\u00a0b": false, "a\x1bb": false, "a\x00b": false, " a": false, "a ": false, "\ue000": false,
	}
	listed := maps.Clone(names)
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("aB1-_.:#'\"\\ {}[]&*!|>%@`,?~=\u00e9\u0301\u540d\U0001f600\u2028\u0085\u200b\t\n")
	for range 100 {
		var name strings.Builder
		for range 1 + random.IntN(6) {
			name.WriteRune(alphabet[random.IntN(len(alphabet))])
		}
		if _, known := names[name.String()]; !known {
			names[name.String()] = !strings.ContainsAny(name.String(), "\u2028\u0085\u200b\t\n") && strings.TrimSpace(name.String()) == name.String()
		}
	}
	for _, home := range homes(t) {
		for name, taken := range names {
			config := roles(strings.ReplaceAll(strings.ReplaceAll(strconv.Quote(name), `\x1b`, `\e`), `\x00`, `\0`), ecr)
			first := home.eval(t, config)
			if (first.code == 0) != taken {
				t.Errorf("%q: exit %d\n%s", name, first.code, first.stderr)
			}
			if first.code != 0 {
				if !strings.Contains(first.stderr, "error: metadata.name: ") {
					t.Errorf("%q: %s", name, first.stderr)
				}
				continue
			}
			second := first.eval(t, config)
			if diff := cmp.Diff(first.folder, second.folder); diff != "" || second.code != 0 || second.stderr != "" || first.folder[home.file] == home.folder[home.file] {
				t.Errorf("%q: a second run: exit %d\n%s%s", name, second.code, second.stderr, diff)
			}
			if listed[name] && home.file == "kustomization.yaml" {
				first.build(t, "")
			}
		}
	}
}

// TestPatchTargets gives a controller odd names: what is written with them is read again.
func TestPatchTargets(t *testing.T) {
	for _, prefix := range []string{"acme-", "a\u2028", "a\u2029", "a\u0085", "a\u202e", "a\ufeff", "a\u200b", "\u2028", "a: ", "#"} {
		account := "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: " + strconv.QuoteToASCII(prefix+"source-controller") + "\n  namespace: flux-system\n" +
			"  labels: {app.kubernetes.io/component: source-controller, app.kubernetes.io/part-of: flux}\n"
		home := folder{"kustomization.yaml": "resources:\n- gotk-components.yaml\n", "gotk-components.yaml": account}
		config := configNamed("x", "\n  output: Patches\n  gcp:\n    identities:\n    - {serviceAccountEmail: flux-gcs@my-project.iam.gserviceaccount.com, integrations: [GCS]}\n")
		first := home.eval(t, config)
		if first.code != 0 {
			continue // refused, which is as good
		}
		for _, odd := range []string{"\u0085", "\u2028", "\u2029"} {
			if strings.Contains(first.folder["kustomization.yaml"], odd) {
				t.Errorf("%q: written as it is:\n%s", prefix, first.folder["kustomization.yaml"])
			}
		}
		if diff := cmp.Diff(first.folder, first.eval(t, config).folder); diff != "" {
			t.Errorf("%q: a second run: %s", prefix, diff)
		}
	}
}
