package fn_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// account and workload are the two sides of a controller, or of what pretends to be one.
func account(name string, more ...string) string {
	return manifest("v1", "ServiceAccount", name, more...)
}

func workload(name, image, runsAs string, more ...string) string {
	return manifest("apps/v1", "Deployment", name, more...) +
		"spec:\n  template:\n    spec:\n      serviceAccountName: " + runsAs + "\n      containers:\n      - name: manager\n        image: " + image + "\n"
}

// manifest is the head of a manifest: name may begin with a namespace, more are lines of metadata.
func manifest(version, kind, name string, more ...string) string {
	namespace, name, ok := strings.Cut(name, "/")
	if !ok {
		namespace, name = "flux-system", namespace
	}
	return fmt.Sprintf("---\napiVersion: %s\nkind: %s\nmetadata:\n  name: %s\n  namespace: %s\n", version, kind, name, namespace) + strings.Join(more, "")
}

// labels are those of Flux, but for what is to be another.
func component(name string) string {
	return "  labels:\n    app.kubernetes.io/component: " + name + "\n"
}

func fluxLabels(name string) string {
	return component(name) + "    app.kubernetes.io/part-of: flux\n"
}

// controller is a whole one, whose name may begin with a namespace and a prefix.
func controller(name, registry string, labelled bool) string {
	own := name[strings.LastIndexAny(name, "/.")+1:]
	for _, prefix := range []string{"acme-", "evil-"} {
		own = strings.TrimPrefix(own, prefix)
	}
	var labels []string
	if labelled {
		labels = []string{fluxLabels(own)}
	}
	return account(name, labels...) + workload(name, registry+"/"+own+":v1.9.4", name[strings.LastIndex(name, "/")+1:], labels...)
}

func controllers(namespaceAndPrefix, registry string, labelled bool) (text string) {
	for _, name := range []string{"source-controller", "kustomize-controller", "notification-controller"} {
		text += controller(namespaceAndPrefix+name, registry, labelled)
	}
	return text
}

const (
	official = "ghcr.io/fluxcd"
	evil     = "evil"

	// stealSpec gives a role to controllers that the install has, and to one that it lacks.
	stealSpec = `
  aws:
    identities:
    - roleARN: arn:aws:iam::111122223333:role/ecr
      integrations: [ECR]
    - roleARN: arn:aws:iam::111122223333:role/kms
      integrations: [KMS]
`
)

var (
	labelledInstall = controllers("", official, true)
	plainInstall    = controllers("", official, false)
)

// attempt is an install, and what stands beside it in the stream.
type attempt struct {
	reason  string
	install string // "" for a labelled one
	more    string // another file of the directory, which comes first in the stream
	other   string // a file of another directory
	spec    string // "" for stealSpec
	// granted are the ServiceAccounts beside the usual ones that get a role, with a warning.
	granted []string
	output  string // "" for both
	// usual are the ServiceAccounts that are to have one, nil for those of the install.
	usual []string
}

var attempts = map[string]attempt{
	"label in a tenant's namespace":       {reason: "one label", more: account("tenant-a/builder", component("source-controller"))},
	"all labels in a tenant's namespace":  {reason: "labels are one sign", more: account("tenant-a/builder", fluxLabels("source-controller"))},
	"two labels beside a plain install":   {reason: "an install without labels must not lose its roles to them", install: plainInstall, more: account("tenant-a/builder", component("source-controller")) + account("tenant-a/deployer", component("kustomize-controller"))},
	"label in the install's namespace":    {reason: "a namespace is no sign", more: account("builder", component("source-controller"))},
	"all labels in it":                    {reason: "", more: account("builder", fluxLabels("kustomize-controller"))},
	"label of a controller that it lacks": {reason: "nobody else claims the role", more: account("builder", fluxLabels("image-reflector-controller"))},
	"label of another controller":         {reason: "name and label disagree", more: account("image-reflector-controller", component("source-controller"))},
	"label and an image":                  {reason: "both are written by the tenant", more: account("tenant-a/builder", component("source-controller")) + workload("tenant-a/builder", "evil/source-controller:v1", "builder", component("source-controller"))},
	"label and an image in it":            {reason: "", more: account("builder", component("source-controller")) + workload("builder", "evil/source-controller:v1", "builder", component("source-controller"))},
	"label and image of one that it lacks": {reason: "neither has the name", more: account("builder", component("image-reflector-controller")) +
		workload("builder", "evil/image-reflector-controller:v1", "builder", component("image-reflector-controller"))},
	"Flux's image and a label": {reason: "anybody can run Flux's image", more: account("builder", component("image-reflector-controller")) +
		workload("builder", official+"/image-reflector-controller:v1", "builder")},
	"label on a Deployment":            {reason: "its ServiceAccount has a name of its own", more: account("builder") + workload("builder", "evil/builder:v1", "builder", component("source-controller"))},
	"label on a tenant's Deployment":   {reason: "", more: account("tenant-a/builder") + workload("tenant-a/builder", "evil/builder:v1", "builder", component("source-controller"))},
	"label by a merge key":             {reason: "it is one all the same", more: account("builder", "  x: &l {app.kubernetes.io/component: source-controller}\n  labels:\n    <<: *l\n")},
	"label and name in a namespace":    {reason: "two signs make an install of the namespace, and which is meant is open", more: account("tenant-a/source-controller", fluxLabels("source-controller"))},
	"label and name without one":       {reason: "no namespace is another one", more: strings.Replace(account("source-controller", fluxLabels("source-controller")), "  namespace: flux-system\n", "", 1)},
	"whole install of a tenant":        {reason: "nothing tells it from the real one", more: controllers("tenant-a/", official, true)},
	"whole install without labels":     {reason: "", more: controllers("tenant-a/", official, false)},
	"tenant's install beside a plain":  {reason: "labels do not outweigh", install: plainInstall, more: controllers("tenant-a/", official, true)},
	"names of a namespace":             {reason: "several names are more than a coincidence", more: account("tenant-a/source-controller") + account("tenant-a/kustomize-controller")},
	"names beside names":               {reason: "as good as the real ones, where these have no more", install: account("source-controller") + account("kustomize-controller"), more: account("tenant-a/source-controller") + account("tenant-a/kustomize-controller")},
	"name of one that it lacks":        {reason: "the others have labels", more: account("image-reflector-controller")},
	"name and label of one that lacks": {reason: "the others have Deployments", more: account("image-reflector-controller", fluxLabels("image-reflector-controller")), granted: []string{"flux-system/image-reflector-controller"}},
	"prefix":                           {reason: "a second install that is not whole", more: account("evil-source-controller", fluxLabels("source-controller"))},
	"prefix of one that it lacks":      {reason: "", more: account("evil-image-reflector-controller", fluxLabels("image-reflector-controller"))},
	"suffix":                           {reason: "", more: account("source-controller-evil", fluxLabels("source-controller"))},
	"prefix with a foreign Deployment": {reason: "it bears no sign", more: account("evil-source-controller", fluxLabels("source-controller")) + workload("evil", "evil/x:v1", "evil-source-controller")},
	"prefix with a Deployment":         {reason: "whole, with an image of its own registry", more: controller("evil-source-controller", evil, true), granted: []string{"flux-system/evil-source-controller"}},
	"prefixed install":                 {reason: "the same, with all controllers", more: controllers("evil-", evil, true), granted: []string{"flux-system/evil-source-controller", "flux-system/evil-kustomize-controller"}},
	"no prefix beside a prefixed":      {reason: "which is the real one is not told by the name", install: controllers("acme-", official, true), more: account("source-controller", fluxLabels("source-controller"))},
	"controller of a foreign registry": {reason: "one that the install lacks", more: controller("image-reflector-controller", evil, true), granted: []string{"flux-system/image-reflector-controller"}},
	"account of its own name":          {reason: "a whole Deployment, but from elsewhere", more: account("builder") + workload("image-reflector-controller", "evil/image-reflector-controller:v1", "builder", fluxLabels("image-reflector-controller")), granted: []string{"flux-system/builder"}},
	"shard under its own account":      {reason: "the controller has an account", more: account("builder") + workload("source-controller-shard1", official+"/source-controller:v1", "builder", fluxLabels("source-controller"))},
	"image":                            {reason: "an image is one sign", more: account("evil") + workload("evil", "evil/source-controller:v1", "evil")},
	"image of a tenant":                {reason: "", more: account("tenant-a/evil") + workload("tenant-a/evil", "evil/source-controller:v1", "evil")},
	"Flux's image":                     {reason: "", more: account("evil") + workload("evil", official+"/source-controller:v1", "evil")},
	"Deployment under an account":      {reason: "whatever runs under it can take its role", more: workload("evil", "evil/x:v1", "source-controller")},
	"Deployment under it by the alias": {reason: "the deprecated field counts", more: strings.Replace(workload("evil", "evil/x:v1", "source-controller"), "serviceAccountName", "serviceAccount", 1)},
	"image under an account":           {reason: "from another registry", more: workload("evil", "evil/source-controller:v1", "source-controller")},
	"former name":                      {reason: "anybody can write one", more: account("builder", formerName("source-controller"))},
	"former name of a tenant":          {reason: "", more: account("tenant-a/builder", formerName("source-controller"))},
	"former name and a label":          {reason: "the former name is not in the name", more: account("builder", formerName("image-reflector-controller"), fluxLabels("image-reflector-controller"))},
	"former name of one that it lacks": {reason: "", more: account("builder", formerName("image-reflector-controller"))},
	"former name and part-of":          {reason: "part-of counts with the name only", more: account("builder", formerName("image-reflector-controller"), "  labels:\n    app.kubernetes.io/part-of: flux\n")},
	"former name with a prefix":        {reason: "it may be in the name, and the label right: not whole", more: account("evil-source-controller", formerName("source-controller"), fluxLabels("source-controller"))},
	"account of another directory":     {reason: "which directory is meant is open", other: account("source-controller", fluxLabels("source-controller"))},
	"controller of another directory":  {reason: "", other: controller("image-reflector-controller", official, true)},
	"account of a second file":         {reason: "one of the two is applied", more: account("source-controller", fluxLabels("source-controller"))},
	"fragment among the resources":     {reason: "a patch that is listed under resources has the name, and no labels", more: account("source-controller")},
	"another controller's account":     {reason: "its pods get ECR's role, and nobody KMS's", install: controller("source-controller", official, true) + account("kustomize-controller", fluxLabels("kustomize-controller")) + workload("kustomize-controller", official+"/kustomize-controller:v1", "source-controller", fluxLabels("kustomize-controller"))},
	"another's, without a role":        {reason: "notification-controller gets one that nobody gave it", install: controller("source-controller", official, true) + controller("kustomize-controller", official, true) + account("notification-controller", fluxLabels("notification-controller")) + workload("notification-controller", official+"/notification-controller:v1", "source-controller", fluxLabels("notification-controller"))},
	"one account for two":              {reason: "each would get the other's role", install: account("flux") + workload("source-controller", official+"/source-controller:v1", "flux", fluxLabels("source-controller")) + workload("kustomize-controller", official+"/kustomize-controller:v1", "flux", fluxLabels("kustomize-controller"))},
	"account that is not there":        {reason: "nobody would have the role", install: account("source-controller", fluxLabels("source-controller")) + workload("source-controller", official+"/source-controller:v1", "custom", fluxLabels("source-controller"))},
	"account that says otherwise":      {reason: "its pods run under one that is the shop's", install: account("shop", "  labels:\n    app.kubernetes.io/part-of: shop\n") + workload("source-controller", official+"/source-controller:v1", "shop", fluxLabels("source-controller"))},
	"two accounts of their own names": {reason: "a second Deployment of the name, from another file", install: account("registry") + workload("source-controller", official+"/source-controller:v1", "registry", fluxLabels("source-controller")),
		more: account("builder") + workload("source-controller", "evil/source-controller:v1", "builder", fluxLabels("source-controller"))},
	"labels rewritten":                   {reason: "recognised by names and images, with a remark", install: strings.ReplaceAll(labelledInstall, "part-of: flux", "part-of: platform"), granted: []string{}},
	"labels rewritten beside a tenant's": {reason: "the tenant's labels are right, and must not take the roles", install: strings.ReplaceAll(labelledInstall, "part-of: flux", "part-of: platform"), more: account("tenant-a/source-controller", fluxLabels("source-controller"))},
	"labels rewritten beside an install": {reason: "of a tenant, and whole", install: strings.ReplaceAll(labelledInstall, "part-of: flux", "part-of: platform"), more: controllers("tenant-a/", official, true)},
	"FluxInstance of a tenant": {reason: "it would get the patches", output: "Patches",
		more: manifest("fluxcd.controlplane.io/v1", "FluxInstance", "flux") + "spec: {distribution: {version: 2.x}}\n" + manifest("fluxcd.controlplane.io/v1", "FluxInstance", "tenant-a/flux") + "spec: {distribution: {version: 2.x}}\n"},
}

// neighbours pass without a word, and get nothing.
var neighbours = map[string]attempt{
	"none":                       {reason: "the install alone"},
	"without labels":             {reason: "Flux before v0.12", install: plainInstall},
	"prefixed":                   {reason: "", install: controllers("acme-", official, true), usual: []string{"flux-system/acme-kustomize-controller", "flux-system/acme-source-controller"}},
	"two prefixed installs":      {reason: "both are whole", more: controllers("acme-", official, true), usual: []string{"flux-system/acme-kustomize-controller", "flux-system/acme-source-controller", "flux-system/kustomize-controller", "flux-system/source-controller"}},
	"mirrored images":            {reason: "all from one registry", install: controllers("", "registry.example.com:5000/mirror", true)},
	"shard":                      {reason: "under the controller's account", more: workload("source-controller-shard1", official+"/source-controller:v1", "source-controller", fluxLabels("source-controller"))},
	"k3s":                        {reason: "a helm-controller of its own", more: account("kube-system/helm-controller") + workload("kube-system/helm-controller", "rancher/klipper-helm:v1", "helm-controller")},
	"another product":            {reason: "its labels say so", more: account("shop/source-controller", "  labels:\n    app.kubernetes.io/part-of: shop\n")},
	"another component":          {reason: "", more: account("shop/source-controller", component("proxy"))},
	"operator of a tenant":       {reason: "kubebuilder calls every container manager", more: account("shop/queue") + workload("shop/queue", "example.com/queue-controller:v1", "queue")},
	"near name":                  {reason: "", more: account("resource-controller") + account("source-controllers") + account("notifications-controller")},
	"account default":            {reason: "Flux labels it too, up to v0.34", more: account("default", "  labels:\n    app.kubernetes.io/part-of: flux\n")},
	"other kinds":                {reason: "labels on a Service say nothing", more: manifest("v1", "Service", "source-controller", fluxLabels("source-controller")) + "spec: {}\n"},
	"an account of its own name": {reason: "a whole controller runs under it", install: account("registry") + workload("source-controller", official+"/source-controller:v1", "registry", fluxLabels("source-controller")) + controller("kustomize-controller", official, true), usual: []string{"flux-system/kustomize-controller", "flux-system/registry"}},
	"part-of of old versions":    {reason: "v0.12 to v0.34", install: strings.ReplaceAll(labelledInstall, "    app.kubernetes.io/component: ", "    x: ")},
	"one of several namespaces":  {reason: "the configuration names it", more: controllers("tenant-a/", official, true), spec: "\n  namespace: flux-system" + stealSpec},
	"a glob of namespaces":       {reason: "", more: controllers("tenant-a/", official, true), spec: "\n  namespace: flux-*" + stealSpec},
	"all namespaces":             {reason: "", more: controllers("flux-b/", official, true), spec: "\n  namespace: '*'" + stealSpec, usual: []string{"flux-b/kustomize-controller", "flux-b/source-controller", "flux-system/kustomize-controller", "flux-system/source-controller"}},
}

func formerName(name string) string {
	return "  annotations:\n    internal.config.kubernetes.io/previousNames: " + name + "\n"
}

// folder returns the files, with a Kustomization that lists them.
func (a attempt) folder() folder {
	install := a.install
	if install == "" {
		install = labelledInstall
	}
	f := folder{"flux/gotk-components.yaml": install, "flux/kustomization.yaml": "resources:\n- gotk-components.yaml\n"}
	if a.more != "" {
		f["flux/a.yaml"] = a.more
		f["flux/kustomization.yaml"] += "- a.yaml\n"
	}
	if a.other != "" {
		f["apps/a.yaml"] = a.other
		f["flux/kustomization.yaml"] += "- ../apps\n"
		f["apps/kustomization.yaml"] = "resources:\n- a.yaml\n"
	}
	return f
}

func (a attempt) config(output string) string {
	spec := a.spec
	if spec == "" {
		spec = stealSpec
	}
	return configNamed("flux-workload-identity", "\n  output: "+output+spec)
}

// usualOnes are the ServiceAccounts that are to have a role.
func (a attempt) usualOnes() []string {
	if a.usual != nil {
		return a.usual
	}
	return []string{"flux-system/kustomize-controller", "flux-system/source-controller"}
}

// TestStolenRole checks that whatever merely claims to be a controller gets no role in silence.
func TestStolenRole(t *testing.T) {
	if len(attempts) < 40 {
		t.Errorf("%d attempts", len(attempts))
	}
	for name, tc := range attempts {
		for _, output := range []string{"Resources", "Patches"} {
			if tc.output != "" && tc.output != output {
				continue
			}
			t.Run(name+"/"+output, func(t *testing.T) {
				f := tc.folder()
				o := f.eval(t, tc.config(output))
				switch {
				case o.code == 1:
					if !strings.Contains(o.stderr, "error: ") {
						t.Errorf("%s: no error on stderr:\n%s", tc.reason, o.stderr)
					}
					if diff := cmp.Diff(f, o.folder); diff != "" {
						t.Errorf("%s: something changed:\n%s", tc.reason, diff)
					}
					return
				case !strings.Contains(o.stderr, "warning: "):
					t.Errorf("%s: passed in silence", tc.reason)
				}
				may := append(tc.usualOnes(), tc.granted...)
				for _, who := range holders(t, o.build(t, "flux")) {
					if !slices.Contains(may, who) {
						t.Errorf("%s: %s has a role\n%s", tc.reason, who, o.stderr)
					}
				}
			})
		}
	}
}

// TestGoodNeighbours checks that what is no attempt draws no remark, and gets no role either.
func TestGoodNeighbours(t *testing.T) {
	for name, tc := range neighbours {
		for _, output := range []string{"Resources", "Patches"} {
			t.Run(name+"/"+output, func(t *testing.T) {
				o := tc.folder().apply(t, tc.config(output))
				if diff := cmp.Diff(tc.usualOnes(), holders(t, o.build(t, "flux"))); diff != "" {
					t.Errorf("%s: who has a role: -want +got:\n%s", tc.reason, diff)
				}
			})
		}
	}
}

// holders returns the ServiceAccounts of a build that carry a role, sorted.
func holders(t *testing.T, built string) []string {
	t.Helper()
	who := map[string]bool{}
	for _, doc := range strings.Split(built, "\n---\n") {
		n, err := yaml.Parse(doc)
		if err != nil {
			t.Fatal(err)
		}
		if n.GetAnnotations()["eks.amazonaws.com/role-arn"] != "" {
			who[n.GetNamespace()+"/"+n.GetName()] = true
		}
	}
	return slices.Sorted(maps.Keys(who))
}
