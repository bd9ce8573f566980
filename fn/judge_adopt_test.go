package fn_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	fluxPatches = "-- flux/kustomization.yaml --\nresources:\n- gotk-components.yaml\npatches:\n"

	clientID  = "3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6"
	otherID   = "3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c7"
	azureBody = "    apiVersion: v1\n    kind: ServiceAccount\n    metadata:\n      name: controller\n      annotations:\n        azure.workload.identity/client-id: " + clientID + "\n        azure.workload.identity/tenant-id: 7c1e0d9a-5b4f-4c3e-9d2a-1f0e8b7c6d5a\n"
	// The patches for Azure, of the account and of the Deployment.
	azureAccount = "- patch: |\n" + azureBody + "  target:\n    kind: ServiceAccount\n    name: source-controller\n"
	azurePod     = "- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata:\n      name: controller\n    spec:\n      template:\n        metadata:\n          labels:\n            azure.workload.identity/use: \"true\"\n  target:\n    kind: Deployment\n    name: source-controller\n"
	azureBoth    = "- patch: |\n" + deploymentBody + "  target:\n    kind: Deployment\n    name: source-controller\n"

	// allOne gives one role to all that the install has.
	allOne = `
  aws:
    identities:
    - roleARN: arn:aws:iam::111122223333:role/ecr
      controllers: [source-controller, kustomize-controller, notification-controller]
`
	pools = `- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: all
    spec:
      template:
        spec:
          nodeSelector: {pool: system}
  target:
    kind: Deployment
`
)

// pastedForms are the forms in which people have a patch of roleFor.
var pastedForms = map[string]func(string) string{
	"as documented": func(p string) string { return p },
	"anchored": func(p string) string {
		before, name, _ := strings.Cut(strings.TrimSuffix(p, "\n"), "ServiceAccount\n    name: ")
		return before + "ServiceAccount\n    name: ^" + name + "$\n"
	},
	"no target": func(p string) string {
		before, _, _ := strings.Cut(p, "  target:\n")
		return strings.Replace(before, "      annotations:\n", "      namespace: flux-system\n      annotations:\n", 1)
	},
	"operations": func(p string) string {
		_, role, _ := strings.Cut(p, "role-arn: ")
		role, target, _ := strings.Cut(role, "\n")
		return "- patch: |\n    - op: add\n      path: /metadata/annotations\n      value:\n        eks.amazonaws.com/role-arn: " + role + "\n" + target
	},
}

// checkOrder checks that a file holds texts in this order, each once.
func checkOrder(t *testing.T, file string, o outcome, texts ...string) {
	t.Helper()
	at := -1
	for _, text := range texts {
		if strings.Count(o.folder[file], text) != 1 || strings.Index(o.folder[file], text) < at {
			t.Errorf("want %q once, in this order:\n%s", texts, o.folder[file])
			return
		}
		at = strings.Index(o.folder[file], text)
	}
}

// TestAdoptByEffect are pasted patches that are paired with ours by what they do, and keep
// what stands around and in them.
func TestAdoptByEffect(t *testing.T) {
	const file = "flux/kustomization.yaml"
	uncrossed := func(t *testing.T, _ folder, after outcome) {
		t.Helper()
		checkOrder(t, file, after, "# decrypts", "role/kms", "# pulls images", "role/ecr")
	}
	silent := []string{"changes the identity of", "instead of", "changed from"}
	commented := strings.Replace(roleFor("source-controller", "ecr", true), "        eks.", "        # made by Terraform: platform/iam\n        eks.", 1) + roleFor("kustomize-controller", "kms", true)
	keepsComment := func(t *testing.T, _ folder, after outcome) {
		t.Helper()
		if !strings.Contains(after.folder[file]+after.stderr, "made by Terraform: platform/iam") {
			t.Errorf("the comment is gone, and nothing said so:\n%s", after.folder[file])
		}
	}
	mistyped := fluxPatches + strings.Replace(azureAccount, clientID, otherID, 1) + azureBoth
	said := [][]string{{"warning", "source-controller", clientID, otherID}}
	// There and back with another client ID, the label stays on the pod only.
	thereAndBack := func(t *testing.T, _ folder, after outcome) {
		t.Helper()
		config := func(id string) string {
			return configNamed("flux-workload-identity", "\n  output: Patches"+strings.Replace(azureTrial, clientID, id, 1))
		}
		there := after.eval(t, config(otherID))
		back := there.eval(t, config(clientID))
		if there.code != 0 || back.code != 0 || !strings.Contains(there.folder[file], otherID) {
			t.Fatalf("exit %d and %d\n%s%s", there.code, back.code, there.stderr, back.stderr)
		}
		if n := strings.Count(there.folder[file], "azure.workload.identity/use"); n != 1 {
			t.Errorf("there: %d labels, want that of the pod:\n%s", n, there.folder[file])
		}
		if diff := cmp.Diff(after.folder, back.folder); diff != "" {
			t.Errorf("there and back: -before +after:\n%s", diff)
		}
	}
	onAccount := fluxPatches + strings.Replace(azureAccount, "      annotations:\n", "      labels:\n        azure.workload.identity/use: \"true\"\n      annotations:\n", 1) + azureBoth
	pattern := strings.Replace(roleFor("source-controller", "ecr", true), "ServiceAccount\n    name: source-controller\n", "ServiceAccount\n    name: .*-controller\n", 1)
	billing := "-- flux/kustomization.yaml --\nresources:\n- gotk-components.yaml\n- billing.yaml\npatches:\n" + pattern + "-- flux/billing.yaml --\n" + foreign("billing-controller")
	elsewhere := func(name, more string) string {
		return "-- prod/kustomization.yaml --\nresources:\n- ../flux\n- ../apps\npatches:\n" + pattern + "-- apps/kustomization.yaml --\nresources:\n- a.yaml\n" + more + "-- apps/a.yaml --\n" + foreign(name)
	}
	noUse := [][]string{{"warning", "notification-controller", "want a controller that works with"}}
	const adopt = "{adopt: true}"
	trials := map[string]trial{
		"between others": {reason: "each is replaced where it stands", output: "Patches", patches: adopt, files: fluxPatches + roleFor("kustomize-controller", "kms", true) + pools + roleFor("source-controller", "ecr", true), want: both(), isSame: true, never: silent, holds: func(t *testing.T, _ folder, after outcome) {
			checkOrder(t, file, after, "role/kms", "nodeSelector", "role/ecr")
		}},
		"label on the account":          {reason: "it does nothing there, and who pasted it may want it", cloud: "azure", output: "Patches", patches: adopt, files: onAccount, isSame: true, never: silent},
		"label on the pod":              {reason: "the pod is where the webhook looks", cloud: "azure", output: "Patches", patches: adopt, files: fluxPatches + azureAccount + azurePod, isSame: true, never: silent, holds: thereAndBack},
		"label on both":                 {reason: "as documented", cloud: "azure", output: "Patches", patches: adopt, files: fluxPatches + azureAccount + azureBoth, want: azureWant(), isSame: true, never: silent},
		"comments in a body":            {reason: "nothing is lost without a word", output: "Patches", patches: adopt, files: fluxPatches + commented, want: both(), isSame: true, holds: keepsComment, may: [][]string{{"warning", "made by Terraform"}}},
		"mistyped client ID":            {reason: "what the configuration says replaces another identity", cloud: "azure", output: "Patches", patches: adopt, files: mistyped, want: azureWant(), says: said},
		"mistyped, plain":               {reason: "plain manifests have no results", cloud: "azure", output: "Patches", plain: true, patches: adopt, files: mistyped, want: azureWant(), says: said},
		"pattern":                       {reason: "it reaches the controllers only", output: "Patches", patches: adopt, spec: allOne, files: fluxPatches + pattern, isSame: true, never: silent, may: noUse},
		"pattern reaches another":       {reason: "somebody else would lose the role", output: "Patches", patches: adopt, spec: allOne, files: billing, says: [][]string{{"error", "billing-controller"}}},
		"pattern reaches another layer": {reason: "the account stands in a folder beside", output: "Patches", patches: "{kustomization: prod/kustomization.yaml, adopt: true}", root: "prod", spec: allOne, files: elsewhere("billing-controller", ""), says: [][]string{{"error", "billing-controller"}}},
		"pattern reaches a new name":    {reason: "the account gets that name from kustomize", output: "Patches", patches: "{kustomization: prod/kustomization.yaml, adopt: true}", root: "prod", spec: allOne, files: elsewhere("billing", "nameSuffix: -controller\n"), says: [][]string{{"error", "billing"}}},
		"operations reach another":      {reason: "", output: "Patches", patches: adopt, spec: allOne, files: strings.Replace(billing, pattern, pastedForms["operations"](pattern), 1), says: [][]string{{"error", "billing-controller"}}},
		"pattern of another, both":      {reason: "without adopt it is an error as well", output: "Patches", spec: allOne, files: billing, says: [][]string{{"error", "patches[0]"}}},
	}
	for name, form := range pastedForms {
		crosswise := fluxPatches + "# decrypts\n" + form(roleFor("kustomize-controller", "kms", true)) + "# pulls images\n" + form(roleFor("source-controller", "ecr", true))
		tc := trial{reason: "the comments stay at the patches of the same effect", output: "Patches", patches: adopt, spec: stealSpec, files: crosswise, want: both(), isSame: true, never: silent, holds: uncrossed}
		trials["crosswise, "+name] = tc
		tc.plain = true
		trials["crosswise, "+name+", plain"] = tc
	}
	checkTrials(t, trials)
}

// TestAdoptFiles are pasted patches in files and in the older lists.
func TestAdoptFiles(t *testing.T) {
	const (
		adopt    = "{adopt: true}"
		file     = "flux/kustomization.yaml"
		body     = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: source-controller\n  namespace: flux-system\n  annotations:\n    eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/ecr\n"
		merge    = "-- flux/ecr.yaml --\n" + body
		ops      = "- op: add\n  path: /metadata/annotations\n  value:\n    eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/ecr\n"
		jsonOps  = "-- flux/ecr.json --\n[{\"op\": \"add\", \"path\": \"/metadata/annotations\", \"value\": {\"eks.amazonaws.com/role-arn\": \"arn:aws:iam::111122223333:role/ecr\"}}]\n"
		head     = "-- flux/kustomization.yaml --\nresources:\n- gotk-components.yaml\n"
		target   = "  target: {kind: ServiceAccount, name: source-controller}\n"
		oldStyle = "  target: {version: v1, kind: ServiceAccount, name: source-controller, namespace: flux-system}\n"
	)
	kms := roleFor("kustomize-controller", "kms", true)
	entry := func(name, target string) string { return fluxPatches + "- path: " + name + "\n" + target + pools + kms }
	unused := [][]string{{"warning", "ecr.yaml"}}
	inPlace := func(t *testing.T, before folder, after outcome) {
		t.Helper()
		if strings.Contains(after.folder[file], "path: ecr.") || after.folder["flux/ecr.yaml"] != before["flux/ecr.yaml"] {
			t.Errorf("the entry still names the file, or the file changed:\n%s", after.folder[file])
		}
		checkOrder(t, file, after, "role/ecr", "nodeSelector", "role/kms")
	}
	gone := func(t *testing.T, _ folder, after outcome) {
		t.Helper()
		if text := after.folder[file]; strings.Contains(text, "- ecr.yaml") || strings.Contains(text, "path: ecr.") || strings.Count(text, "role/ecr") != 1 {
			t.Errorf("the entry of the older list is not taken over:\n%s", text)
		}
	}
	silent := []string{"changes the identity of", "instead of", "changed from"}
	checkTrials(t, map[string]trial{
		"merge":                    {reason: "the entry becomes a patch in the list", output: "Patches", patches: adopt, files: entry("ecr.yaml", target) + merge, want: both(), isSame: true, says: unused, holds: inPlace, never: silent},
		"merge, plain":             {reason: "", output: "Patches", plain: true, patches: adopt, files: entry("ecr.yaml", target) + merge, want: both(), isSame: true, says: unused, holds: inPlace, never: silent},
		"merge without a target":   {reason: "the name in the body selects", output: "Patches", patches: adopt, files: entry("ecr.yaml", "") + merge, want: both(), isSame: true, says: unused, holds: inPlace, never: silent},
		"operations":               {reason: "a file that is no object is among plain ones", output: "Patches", plain: true, patches: adopt, files: entry("ecr.yaml", target) + "-- flux/ecr.yaml --\n" + ops, want: both(), isSame: true, says: unused, holds: inPlace, never: silent},
		"operations as JSON":       {reason: "", output: "Patches", plain: true, patches: adopt, files: entry("ecr.json", target) + jsonOps, want: both(), isSame: true, says: [][]string{{"warning", "ecr.json"}}, holds: inPlace, never: silent},
		"patchesStrategicMerge":    {reason: "the older list names the file", output: "Patches", patches: adopt, files: head + "patchesStrategicMerge:\n- ecr.yaml\npatches:\n" + kms + merge, want: both(), isSame: true, says: unused, holds: gone, never: silent},
		"its text":                 {reason: "the older list holds the text", output: "Patches", patches: adopt, files: head + "patchesStrategicMerge:\n- |-\n" + shift(body, "  ") + "patches:\n" + kms, want: both(), isSame: true, holds: gone, never: silent},
		"patchesJson6902":          {reason: "", output: "Patches", plain: true, patches: adopt, files: head + "patchesJson6902:\n- path: ecr.yaml\n" + oldStyle + "patches:\n" + kms + "-- flux/ecr.yaml --\n" + ops, want: both(), isSame: true, says: unused, holds: gone, never: silent},
		"patchesJson6902, inline":  {reason: "", output: "Patches", patches: adopt, files: head + "patchesJson6902:\n- patch: |\n" + shift(ops, "    ") + oldStyle + "patches:\n" + kms, want: both(), isSame: true, holds: gone, never: silent},
		"merge, without adopt":     {reason: "an error says how to take it over", output: "Patches", files: entry("ecr.yaml", target) + merge, says: [][]string{{"error", "patches[0]|ecr.yaml", "adopt"}}},
		"operations without adopt": {reason: "", output: "Patches", plain: true, files: entry("ecr.yaml", target) + "-- flux/ecr.yaml --\n" + ops, says: [][]string{{"error", "patches[0]|ecr.yaml", "adopt"}}},
		"unseen":                   {reason: "the file was not among those given", output: "Patches", patches: adopt, files: entry("ecr.yaml", target), unseen: merge, want: both(), says: unused, never: silent},
		"unseen operations":        {reason: "", output: "Patches", patches: adopt, files: entry("ecr.yaml", target), unseen: "-- flux/ecr.yaml --\n" + ops, want: both(), says: unused, never: silent},
		"unseen, plain":            {reason: "", output: "Patches", plain: true, patches: adopt, files: entry("ecr.yaml", target), unseen: merge, want: both(), says: unused, never: silent},
		"unseen, without adopt":    {reason: "", output: "Patches", files: fluxPatches + "- path: ecr.yaml\n" + target + pools, unseen: merge, want: both(), says: unused},
		"unseen, older list":       {reason: "", output: "Patches", patches: adopt, files: head + "patchesStrategicMerge:\n- ecr.yaml\n", unseen: merge, want: both(), says: unused},
		"does more":                {reason: "a file that holds more than an identity is not taken over", output: "Patches", patches: adopt, files: entry("ecr.yaml", target) + strings.Replace(merge, "  annotations:\n", "  annotations:\n    example.com/owner: me\n", 1), says: [][]string{{"error", "example.com/owner", "patches[0]|ecr.yaml"}}},
	})
}
