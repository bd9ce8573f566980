package fn_test

import (
	"strings"
	"testing"
)

// foreign is an account of a product that is not Flux, and says so.
func foreign(name string) string {
	return account(name, "  labels:\n    app.kubernetes.io/part-of: shop\n")
}

// bare is a text without namespaces: a layer gives them.
func bare(text string) string {
	return strings.ReplaceAll(text, "  namespace: flux-system\n", "")
}

// ownAccount is a whole controller that runs under an account of another name.
func ownAccount(namespace, runsAs, controller string) string {
	return account(namespace+"/"+runsAs) + workload(namespace+"/"+controller, official+"/"+controller+":v1.9.4", runsAs, fluxLabels(controller))
}

// eks gives helm-controller a role too.
const eks = awsTrial + "    - roleARN: arn:aws:iam::111122223333:role/eks\n      controllers: [helm-controller]\n"

// TestForeignAccounts are accounts of somebody else that bear, at one point of the build, the
// name of a controller in the same Kustomization. They get nothing, and ours get all.
func TestForeignAccounts(t *testing.T) {
	const (
		named = "{kustomization: prod/kustomization.yaml}"
		prod  = "-- prod/kustomization.yaml --\nresources:\n- ../flux\n- ../apps\n"
		fluxB = "-- flux/kustomization.yaml --\nresources:\n- gotk-components.yaml\n- b.yaml\n"
	)
	components := "-- flux/gotk-components.yaml --\n"
	apps := func(account, more string) string {
		return "-- apps/kustomization.yaml --\nresources:\n- a.yaml\n" + more + "-- apps/a.yaml --\n" + account
	}
	withHelm := labelledInstall + controller("helm-controller", official, true)
	helmRole := func(more map[string]string) map[string]string {
		want := one("helm-controller", "eks")
		for name, role := range more {
			want[name] = role
		}
		return want
	}
	acme := map[string]string{"flux-system/acme-source-controller": "ecr", "flux-system/acme-kustomize-controller": "kms"}
	gitops := map[string]string{"gitops/source-controller": "ecr", "gitops/kustomize-controller": "kms"}
	twoOwn := map[string]string{"a/flux": "ecr", "b/flux": "kms"}
	checkTrials(t, map[string]trial{
		"namespaces of the layers": {reason: "no file says which namespace", patches: named, root: "prod",
			files: prod + "-- flux/kustomization.yaml --\nresources:\n- gotk-components.yaml\nnamespace: flux-system\n" + components + bare(labelledInstall) + apps(bare(foreign("source-controller")), "namespace: shop\n"),
			want:  both()},
		"namespaces of the layers, two names": {reason: "", patches: named, root: "prod",
			files: prod + "-- flux/kustomization.yaml --\nresources:\n- gotk-components.yaml\nnamespace: flux-system\n" + components + bare(labelledInstall) + apps(bare(foreign("source-controller")+foreign("kustomize-controller")), "namespace: shop\n"),
			want:  both()},
		"install in a namespace that is not meant": {reason: "its file is seen, and no stand-in is to be patched for it", output: "Patches", spec: "\n  namespace: flux-system\n  path: '**'" + awsTrial,
			files: "-- second/kustomization.yaml --\nresources:\n- gotk-components.yaml\n-- second/gotk-components.yaml --\n" + controllers("flux-b/", official, true),
			want:  both(), holds: func(t *testing.T, before folder, after outcome) {
				t.Helper()
				if after.folder["second/kustomization.yaml"] != before["second/kustomization.yaml"] {
					t.Errorf("the other install is patched:\n%s", after.folder["second/kustomization.yaml"])
				}
			}},
		"second install lacks one": {reason: "the foreign account is in the other install's namespace", spec: "\n  namespace: '*'" + eks,
			files: fluxB + components + withHelm + "-- flux/b.yaml --\n" + controllers("flux-b/", official, true) + foreign("flux-b/helm-controller"),
			want:  helmRole(map[string]string{"flux-b/source-controller": "ecr", "flux-b/kustomize-controller": "kms"}),
			says:  [][]string{{"warning", "helm-controller", "flux-b"}}},
		"prefix makes the name": {reason: "the name in the file is another", patches: named, spec: eks, root: "prod",
			files: prod + components + withHelm + apps(foreign("shop/controller"), "namePrefix: helm-\n"),
			want:  helmRole(nil)},
		"prefix beside": {reason: "the same in the layer below, of which the patches are part", patches: named, root: "prod",
			files: prod + apps(foreign("shop/controller"), "namePrefix: source-\n"),
			want:  both()},
		"suffix makes the name": {reason: "", patches: named, root: "prod",
			files: prod + apps(foreign("shop/source"), "nameSuffix: -controller\n"),
			want:  both()},
		"moved into the namespace": {reason: "the namespace of the file is not that of the build", patches: named, root: "prod",
			files: prod + prefixed + apps(foreign("shop/source-controller"), "namespace: flux-system\n"),
			want:  acme},
		"moved out of the namespace": {reason: "kustomize selects by the namespace of the file too", patches: named, root: "prod",
			files: prod + apps(foreign("source-controller"), "namespace: shop\n"),
			want:  both()},
		"moved elsewhere": {reason: "", patches: named, root: "prod",
			files: prod + apps(foreign("shop/source-controller"), "namespace: market\n"),
			want:  both()},
		"both moved": {reason: "the install is moved as well", patches: named, root: "prod",
			files: prod + moved + apps(foreign("gitops/source-controller"), "namespace: shop\n"),
			want:  gitops},
		"two of one name": {reason: "each controller has an account of that name in a namespace of its own", spec: "\n  namespace: '*'" + awsTrial,
			files: components + ownAccount("a", "flux", "source-controller") + ownAccount("b", "flux", "kustomize-controller"),
			want:  twoOwn, may: [][]string{{"warning", "a controller of every install"}}},
		"beside": {reason: "what is right today stays so: the files say the namespace", patches: named, root: "prod",
			files: prod + apps(foreign("shop/source-controller"), ""),
			want:  both()},
	})
}
