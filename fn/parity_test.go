package fn_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"flux-workload-identity/internal/testenv"
)

// parity is a configuration and the patches of the Flux documentation that do the same:
// https://fluxcd.io/flux/installation/configuration/workload-identity/.
type parity struct{ spec, patches string }

var parities = map[string]parity{
	"aws": {
		spec: `
  aws:
    identities:
    - roleARN: arn:aws:iam::111122223333:role/flux-ecr
      integrations: [ECR]
    - roleARN: arn:aws:iam::111122223333:role/flux-kms
      integrations: [KMS]
`,
		patches: `
- patch: |
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: controller
      annotations:
        eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux-ecr
  target:
    kind: ServiceAccount
    name: "(source-controller|image-reflector-controller)"
- patch: |
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: controller
      annotations:
        eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux-kms
  target:
    kind: ServiceAccount
    name: kustomize-controller
`,
	},
	"azure": {
		spec: `
  azure:
    tenantID: 7c1e0d9a-5b4f-4c3e-9d2a-1f0e8b7c6d5a
    identities:
    - clientID: 3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6
      integrations: [ACR]
`,
		patches: `
- patch: |
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: controller
      annotations:
        azure.workload.identity/client-id: 3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6
        azure.workload.identity/tenant-id: 7c1e0d9a-5b4f-4c3e-9d2a-1f0e8b7c6d5a
  target:
    kind: ServiceAccount
    name: "(source-controller|image-reflector-controller)"
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: controller
      labels:
        azure.workload.identity/use: "true"
    spec:
      template:
        metadata:
          labels:
            azure.workload.identity/use: "true"
  target:
    kind: Deployment
    name: "(source-controller|image-reflector-controller)"
`,
	},
	"gcp": {
		spec: `
  gcp:
    identities:
    - serviceAccountEmail: flux-gar@my-project.iam.gserviceaccount.com
      integrations: [GAR, KMS]
`,
		patches: `
- patch: |
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: controller
      annotations:
        iam.gke.io/gcp-service-account: flux-gar@my-project.iam.gserviceaccount.com
  target:
    kind: ServiceAccount
    name: "(source-controller|image-reflector-controller|kustomize-controller)"
`,
	},
}

// checkParity builds the same files twice, once with the patches of the documentation
// and once with the function in the kustomization named last, and compares the bytes.
// Files are kustomizations and what they need; that of dir gets the patches or the
// function added to it.
func checkParity(t *testing.T, cloud, dir string, files map[string]string) string {
	t.Helper()
	p := parities[cloud]
	file := filepath.Join(dir, "kustomization.yaml")

	patched := maps.Clone(files)
	patched[file] += "patches:" + p.patches
	want := build(t, filepath.Join(testenv.Files(t, patched), dir))

	transformed := maps.Clone(files)
	transformed[file] += "transformers:\n- workload-identity.yaml\n"
	transformed[filepath.Join(dir, "workload-identity.yaml")] = functionConfig(testenv.Function(t), p.spec)
	got := build(t, filepath.Join(testenv.Files(t, transformed), dir))

	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-patches of the documentation +function:\n%s", diff)
	}
	if plain := build(t, filepath.Join(testenv.Files(t, files), dir)); plain == got {
		t.Error("neither the patches nor the function changed anything")
	}
	return got
}

func functionConfig(binary, spec string) string {
	return `apiVersion: fn.kpt.dev/v1alpha1
kind: FluxWorkloadIdentity
metadata:
  name: flux-workload-identity
  annotations:
    config.kubernetes.io/function: |
      exec:
        path: ` + binary + `
spec:` + spec
}

// build runs kustomize as "kustomize build --enable-alpha-plugins --enable-exec" does.
func build(t *testing.T, dir string) string {
	t.Helper()
	options := krusty.MakeDefaultOptions()
	options.PluginConfig = types.EnabledPluginConfig(types.BploUseStaticallyLinked)
	options.PluginConfig.FnpLoadingOptions.EnableExec = true
	resources, err := krusty.MakeKustomizer(options).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := resources.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const exampleInstall = "examples/flux-system/gotk-components.yaml"

func clouds() []string {
	return slices.Sorted(maps.Keys(parities))
}

// TestParity is promise 1: what the patches of the Flux documentation give, the function
// gives, on the example's install and on real installs of many versions.
func TestParity(t *testing.T) {
	for _, file := range testenv.Installs(t) {
		for _, cloud := range clouds() {
			t.Run(cloud+"/"+filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				checkParity(t, cloud, ".", map[string]string{
					"kustomization.yaml":   "resources:\n- gotk-components.yaml\n",
					"gotk-components.yaml": testenv.Read(t, file),
				})
			})
		}
	}
}

// TestParityUnderTransformations is the same where kustomize renames what the function
// sees: in the layer of the function, where it has just happened, and in one below.
func TestParityUnderTransformations(t *testing.T) {
	transformations := map[string]string{
		"namePrefix": "namePrefix: acme-\n",
		"nameSuffix": "nameSuffix: -eu\n",
		"namespace":  "namespace: gitops\n",
		"all":        "namePrefix: acme-\nnameSuffix: -eu\nnamespace: gitops\n",
	}
	install := testenv.Read(t, testenv.Root, exampleInstall)
	for name, transformation := range transformations {
		for _, cloud := range clouds() {
			t.Run(cloud+"/"+name+"/same layer", func(t *testing.T) {
				t.Parallel()
				checkParity(t, cloud, ".", map[string]string{
					"kustomization.yaml":   "resources:\n- gotk-components.yaml\n" + transformation,
					"gotk-components.yaml": install,
				})
			})
			t.Run(cloud+"/"+name+"/inner layer", func(t *testing.T) {
				t.Parallel()
				checkParity(t, cloud, "outer", map[string]string{
					"inner/kustomization.yaml":   "resources:\n- gotk-components.yaml\n" + transformation,
					"inner/gotk-components.yaml": install,
					"outer/kustomization.yaml":   "resources:\n- ../inner\n",
				})
			})
			t.Run(cloud+"/"+name+"/both layers", func(t *testing.T) {
				t.Parallel()
				checkParity(t, cloud, "outer", map[string]string{
					"inner/kustomization.yaml":   "resources:\n- gotk-components.yaml\n" + transformation,
					"inner/gotk-components.yaml": install,
					"outer/kustomization.yaml":   "resources:\n- ../inner\n" + strings.ReplaceAll(transformation, "acme", "corp"),
				})
			})
		}
	}
}

// TestParityOfTwoInstalls is the same for two prefixed installs in one namespace.
func TestParityOfTwoInstalls(t *testing.T) {
	install := controllersOnly(t)
	for _, cloud := range clouds() {
		t.Run(cloud, func(t *testing.T) {
			got := checkParity(t, cloud, "outer", map[string]string{
				"base/kustomization.yaml":  "resources:\n- install.yaml\n",
				"base/install.yaml":        install,
				"blue/kustomization.yaml":  "resources:\n- ../base\nnamePrefix: blue-\n",
				"green/kustomization.yaml": "resources:\n- ../base\nnamePrefix: green-\n",
				"outer/kustomization.yaml": "resources:\n- ../blue\n- ../green\n",
			})
			checkEveryPod(t, cloud, got, 4)
		})
	}
}

// TestParityOfShards is the same for shards as the Flux documentation makes them: copies
// of a Deployment under a suffix, whose ServiceAccounts are deleted from the overlay.
func TestParityOfShards(t *testing.T) {
	install := controllersOnly(t)
	for _, cloud := range clouds() {
		for _, prefix := range []string{"", "namePrefix: acme-\n"} {
			t.Run(cloud+"/"+prefix, func(t *testing.T) {
				got := checkParity(t, cloud, "outer", map[string]string{
					"base/kustomization.yaml":   "resources:\n- install.yaml\n",
					"base/install.yaml":         install,
					"shard1/kustomization.yaml": "resources:\n- ../base\nnameSuffix: -shard1\n" + shardPatches,
					"outer/kustomization.yaml":  "resources:\n- ../base\n- ../shard1\n" + prefix,
				})
				checkEveryPod(t, cloud, got, 4)
			})
		}
	}
}

// TestChain runs the function twice in one build, for two namespaces: what it is given the
// second time carries paths that kyaml made up for the first, one directory a namespace.
func TestChain(t *testing.T) {
	install := controllersOnly(t)
	dir := testenv.Files(t, map[string]string{
		"base/kustomization.yaml":  "resources:\n- install.yaml\n",
		"base/install.yaml":        install,
		"blue/kustomization.yaml":  "resources:\n- ../base\nnamespace: blue\nnamePrefix: b-\n",
		"green/kustomization.yaml": "resources:\n- ../base\nnamespace: green\nnamePrefix: g-\n",
		"outer/kustomization.yaml": "resources:\n- ../blue\n- ../green\ntransformers:\n- ecr.yaml\n- kms.yaml\n",
		"outer/ecr.yaml": functionConfig(testenv.Function(t), `
  namespace: "*"
  aws:
    identities:
    - roleARN: arn:aws:iam::111122223333:role/flux-ecr
      integrations: [ECR]
`),
		"outer/kms.yaml": strings.Replace(functionConfig(testenv.Function(t), `
  namespace: green
  aws:
    identities:
    - roleARN: arn:aws:iam::111122223333:role/flux-kms
      integrations: [KMS]
`), "name: flux-workload-identity", "name: second", 1),
	})
	built := build(t, filepath.Join(dir, "outer"))
	for role, want := range map[string]int{"flux-ecr": 4, "flux-kms": 1} {
		if got := strings.Count(built, "role-arn: arn:aws:iam::111122223333:role/"+role); got != want {
			t.Errorf("%d ServiceAccounts carry %s, want %d", got, role, want)
		}
	}
}

// checkEveryPod counts the pod templates that carry Azure's label.
func checkEveryPod(t *testing.T, cloud, built string, want int) {
	t.Helper()
	label := "\n        azure.workload.identity/use: \"true\"\n"
	if got := strings.Count(built, label); cloud == "azure" && got != want {
		t.Errorf("%d pod templates carry the label, want %d", got, want)
	}
}

// controllersOnly returns the example's install without the objects of which a cluster
// can have only one.
func controllersOnly(t *testing.T) string {
	t.Helper()
	var kept []string
	for _, doc := range strings.Split(testenv.Read(t, testenv.Root, exampleInstall), "---\n") {
		for _, kind := range []string{"ServiceAccount", "Deployment", "Service", "ClusterRoleBinding"} {
			if strings.Contains(doc, fmt.Sprintf("\nkind: %s\n", kind)) && !strings.Contains(doc, "\nkind: CustomResourceDefinition\n") {
				kept = append(kept, doc)
				break
			}
		}
	}
	return strings.Join(kept, "---\n")
}
