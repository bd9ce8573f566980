package cloud_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/fn/cloud"
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/flux/controllers"
)

// TestClouds checks what must hold of every cloud, so that a new one cannot forget it.
func TestClouds(t *testing.T) {
	names := map[string]bool{}
	for _, p := range cloud.All {
		t.Run(p.Name, func(t *testing.T) {
			if p.Name == "" || p.Title == "" || names[p.Name] {
				t.Errorf("want a title, and a name that no other cloud has, got %q and %q", p.Title, p.Name)
			}
			names[p.Name] = true
			if cloud.Named(p.Name) != p {
				t.Errorf("%s is not found by its name", p.Name)
			}
			t.Run("Fields", func(t *testing.T) { testFields(t, p) })
			t.Run("Integrations", func(t *testing.T) { testIntegrations(t, p) })
			t.Run("Keys", func(t *testing.T) { testKeys(t, p) })
		})
	}
}

func testFields(t *testing.T, p *provider.Provider) {
	if !p.Identity.Required {
		t.Error("an identity must be named")
	}
	for _, f := range p.Fields() {
		if f.Name == "" || f.Want == "" || f.Check == nil {
			t.Errorf("%q lacks a name, a check or the words for it", f.Name)
			continue
		}
		if !strings.HasSuffix(f.Doc, ".") || strings.Contains(f.Doc, "\n") {
			t.Errorf("%s: want one sentence of documentation, got %q", f.Name, f.Doc)
		}
		if c := f.Check(f.Example); f.Example == "" || c != nil {
			t.Errorf("%s: want a valid example, got %q: %v", f.Name, f.Example, c)
		}
		for _, form := range f.Forms {
			if c := f.Check(form); c != nil {
				t.Errorf("%s: want a valid form, got %q: %v", f.Name, form, c)
			}
		}
		for _, wrong := range []string{"", " ", "<PLACEHOLDER>", f.Example + " "} {
			if c := f.Check(wrong); len(c) == 0 || c[0].Warning || !strings.HasPrefix(c[0].Text, "want "+f.Want) {
				t.Errorf("%s: want an error for %q that says what is wanted, got %v", f.Name, wrong, c)
			}
		}
	}
	if p.Check != nil {
		if c := p.Check(examples(p.Fields()...)); c != nil {
			t.Errorf("the examples do not go together: %v", c)
		}
	}
}

func testIntegrations(t *testing.T, p *provider.Provider) {
	if len(p.Integrations) == 0 {
		t.Error("a cloud without integrations is of no use")
	}
	for _, i := range p.Integrations {
		if i.Name == "" || i.Doc == "" || len(i.Controllers) == 0 {
			t.Errorf("%q lacks a name, documentation or controllers", i.Name)
		}
		for _, c := range i.Controllers {
			if !controllers.Has(c) {
				t.Errorf("%s: %q is no controller of Flux", i.Name, c)
			}
		}
		if sorted := slices.Compact(slices.Sorted(slices.Values(i.Controllers))); len(sorted) < len(i.Controllers) {
			t.Errorf("%s names a controller twice: %v", i.Name, i.Controllers)
		}
	}
}

// testKeys checks that the cloud owns what it writes, and no other cloud does: otherwise
// a left-over of it would go unseen.
func testKeys(t *testing.T, p *provider.Provider) {
	s := p.Settings(examples(p.Fields()...))
	if n := len(s.ServiceAccount); n != len(p.Fields()) {
		t.Errorf("want an annotation for each of the %d fields, got %d", len(p.Fields()), n)
	}
	if got := len(s.Deployment) > 0; got != p.NeedsDeployment {
		t.Errorf("want settings of Deployments %t, got %t", p.NeedsDeployment, got)
	}
	for _, e := range slices.Concat(s.ServiceAccount, s.Deployment) {
		if e.Value == "" {
			t.Errorf("%s is written empty", e.Key())
		}
		for _, other := range cloud.All {
			if owns := other.Owns(e.Key()); owns != (other == p) {
				t.Errorf("%s of %s: owned by %s: %t", e.Key(), p.Name, other.Name, owns)
			}
		}
	}
	if got := p.Settings(examples(p.Identity)).ServiceAccount; len(got) != 1 {
		t.Errorf("without options: want one annotation, got %v", got)
	}
}

// examples are the values of the fields that their documentation gives.
func examples(fields ...provider.Field) provider.Values {
	values := provider.Values{}
	for _, f := range fields {
		values[f.Name] = f.Example
	}
	return values
}

// TestNames checks that the keys of a ConfigMap, compared without case and hyphens, stand
// for one thing each.
func TestNames(t *testing.T) {
	for _, p := range cloud.All {
		seen := map[string]string{}
		add := func(name string) {
			key := strings.ReplaceAll(strings.ToLower(name), "-", "")
			if other, ok := seen[key]; ok {
				t.Errorf("%s: %s and %s are the same key", p.Name, other, name)
			}
			seen[key] = name
		}
		for _, f := range p.Fields() {
			add(f.Name)
		}
		for _, i := range p.Integrations {
			add(i.Name)
		}
		for _, name := range append([]string{"cloud", "namespace", "path", "cluster", "identities", "integrations", "controllers", "serviceAccounts"}, controllers.All...) {
			add(name)
		}
	}
}

// TestIntegrations is the table of the documentation: who talks to which service. The
// source is the opening of each page below https://fluxcd.io/flux/integrations/.
func TestIntegrations(t *testing.T) {
	want := map[string]map[string][]string{
		"aws": {
			"ECR":        {"source-controller", "image-reflector-controller"},
			"S3":         {"source-controller"},
			"CodeCommit": {"source-controller", "image-automation-controller"},
			"KMS":        {"kustomize-controller"},
			"EKS":        {"kustomize-controller", "helm-controller"},
		},
		"azure": {
			"ACR":         {"source-controller", "image-reflector-controller"},
			"BlobStorage": {"source-controller"},
			"DevOps":      {"source-controller", "image-automation-controller", "notification-controller"},
			"KeyVault":    {"kustomize-controller"},
			"EventHubs":   {"notification-controller"},
			"AKS":         {"kustomize-controller", "helm-controller"},
		},
		"gcp": {
			"GAR":    {"source-controller", "image-reflector-controller"},
			"GCS":    {"source-controller"},
			"KMS":    {"kustomize-controller"},
			"PubSub": {"notification-controller"},
			"GKE":    {"kustomize-controller", "helm-controller"},
		},
	}
	got := map[string]map[string][]string{}
	for _, p := range cloud.All {
		got[p.Name] = map[string][]string{}
		for _, i := range p.Integrations {
			got[p.Name][i.Name] = i.Controllers
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestCanUse names, for every cloud, the controllers that have no use for it.
func TestCanUse(t *testing.T) {
	want := map[string][]string{
		"aws":   {"notification-controller", "source-watcher"},
		"azure": {"source-watcher"},
		"gcp":   {"image-automation-controller", "source-watcher"},
	}
	got := map[string][]string{}
	for _, p := range cloud.All {
		for _, c := range controllers.All {
			if !p.CanUse(c) {
				got[p.Name] = append(got[p.Name], c)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestOwns lists the keys of each cloud's webhook that a user may have set by hand and
// that the function does not write.
func TestOwns(t *testing.T) {
	cases := map[string]struct{ reason, key, owner string }{
		"AWSSkip":      {"An annotation of pods.", "eks.amazonaws.com/skip-containers", "aws"},
		"AWSOther":     {"EKS uses the prefix for more than identities.", "eks.amazonaws.com/compute-type", ""},
		"AzureProxy":   {"An annotation of pods.", "azure.workload.identity/inject-proxy-sidecar", "azure"},
		"AzureUnknown": {"Azure's prefix is for identities alone.", "azure.workload.identity/clientid", "azure"},
		"GCPObject":    {"What Flux itself reads on ServiceAccounts.", "gcp.auth.fluxcd.io/workload-identity-provider", "gcp"},
		"GCPOther":     {"GKE's prefix is not for service accounts alone.", "iam.gke.io/gke-metadata-server-enabled", ""},
		"Flux":         {"A label of Flux.", "app.kubernetes.io/part-of", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			owner := ""
			for _, p := range cloud.All {
				if p.Owns(tc.key) {
					owner += p.Name
				}
			}
			if diff := cmp.Diff(tc.owner, owner); diff != "" {
				t.Errorf("%s\n%s: -want +got:\n%s", tc.reason, tc.key, diff)
			}
		})
	}
}

func TestNamed(t *testing.T) {
	for _, name := range []string{"", "AWS", "aws ", "amazon"} {
		if p := cloud.Named(name); p != nil {
			t.Errorf("%q: want none, got %s", name, p.Name)
		}
	}
	if diff := cmp.Diff([]string{"aws", "azure", "gcp"}, cloud.Names()); diff != "" {
		t.Errorf("the order of messages: -want +got:\n%s", diff)
	}
}
