package flux_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/krm"
)

func TestInstances(t *testing.T) {
	cases := map[string]struct {
		reason string
		item   string
		scope  flux.Scope
		want   []string // the controllers, nil where there is no install
		said   []string
	}{
		"Default":      {"spec.components is optional", "spec: {}", flux.Scope{}, []string{"source-controller", "kustomize-controller", "helm-controller", "notification-controller"}, nil},
		"NoSpec":       {"", "", flux.Scope{}, []string{"source-controller", "kustomize-controller", "helm-controller", "notification-controller"}, nil},
		"Empty":        {"an empty list is none", "spec: {components: []}", flux.Scope{}, []string{"source-controller", "kustomize-controller", "helm-controller", "notification-controller"}, nil},
		"Components":   {"in the order of Flux", "spec: {components: [image-reflector-controller, source-controller]}", flux.Scope{}, []string{"source-controller", "image-reflector-controller"}, nil},
		"Unknown":      {"it may be one of a later Flux", "spec: {components: [source-controller, sauce-controller]}", flux.Scope{}, []string{"source-controller"}, []string{`warning spec.components[1] "sauce-controller"`}},
		"NoName":       {"", "spec: {components: [5]}", flux.Scope{}, nil, []string{"error spec.components[0] 5"}},
		"NoList":       {"", "spec: {components: source-controller}", flux.Scope{}, []string{"source-controller", "kustomize-controller", "helm-controller", "notification-controller"}, []string{`error spec.components "source-controller"`}},
		"NoMap":        {"", "spec: []", flux.Scope{}, []string{"source-controller", "kustomize-controller", "helm-controller", "notification-controller"}, []string{"error spec a list"}},
		"Namespace":    {"", "spec: {components: [source-controller]}", flux.Scope{Namespace: "flux-system"}, []string{"source-controller"}, nil},
		"NotNamespace": {"", "spec: {}", flux.Scope{Namespace: "other"}, nil, nil},
		"Path":         {"", "spec: {components: [source-controller]}", flux.Scope{Path: "clusters/*"}, []string{"source-controller"}, nil},
		"NotPath":      {"", "spec: {}", flux.Scope{Path: "apps"}, nil, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, said := instances(t, "fluxcd.controlplane.io/v1", "", tc.item, tc.scope)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.said, said); diff != "" {
				t.Errorf("%s: said: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestNoInstances says what is none, though it is of that kind.
func TestNoInstances(t *testing.T) {
	if got, _ := instances(t, "acme.io/v1", "", "spec: {}", flux.Scope{}); got != nil {
		t.Errorf("another group: got %v", got)
	}
	if got, _ := instances(t, "fluxcd.controlplane.io/v1", "\n      config.kubernetes.io/local-config: \"true\"", "spec: {}", flux.Scope{}); got != nil {
		t.Errorf("an item that is not for the cluster: got %v", got)
	}
}

// instances returns the controllers of the only instance of a stream, and what is reported.
func instances(t *testing.T, version, annotation, item string, scope flux.Scope) (controllers, said []string) {
	t.Helper()
	list, err := krm.Parse([]byte(`
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: ` + version + `
  kind: FluxInstance
  metadata:
    name: flux
    namespace: flux-system
    annotations:
      internal.config.kubernetes.io/path: clusters/prod/flux.yaml` + annotation + `
  ` + item + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	report := krm.NewReport(list)
	for _, install := range flux.Instances(list.Items, scope, nil, report) {
		for _, c := range install.Controllers {
			controllers = append(controllers, c.Name)
		}
		if want := "FluxInstance flux"; install.String() != want || install.Namespace != "flux-system" || install.Dir != "clusters/prod" {
			t.Errorf("%+v", install)
		}
	}
	for _, r := range report.Results() {
		given, _, _ := strings.Cut(r.Message, ": ")
		said = append(said, string(r.Severity)+" "+r.Field.Path+" "+given)
	}
	return controllers, said
}
