package fn_test

import (
	"strings"
	"testing"
)

const (
	prodWithComponent = "-- prod/kustomization.yaml --\nresources:\n- ../flux\ncomponents:\n- ../comp\n"
	fluxWithComponent = "-- flux/kustomization.yaml --\nresources:\n- gotk-components.yaml\ncomponents:\n- ../comp\n"
	compHead          = "-- comp/kustomization.yaml --\napiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"

	inComp = "comp/kustomization.yaml|components[0]|../comp" // how a line may name it

	otherRole = "arn:aws:iam::111122223333:role/other"
)

// roleFor is a patch that gives an account a role, as an entry; namespace may be "".
func roleFor(name, role string, target bool) string {
	patch := "- patch: |\n    apiVersion: v1\n    kind: ServiceAccount\n    metadata:\n      name: " + name + "\n      namespace: flux-system\n      annotations:\n        eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/" + role + "\n"
	if target {
		patch = strings.Replace(patch, "      namespace: flux-system\n", "", 1) + "  target:\n    kind: ServiceAccount\n    name: " + name + "\n"
	}
	return patch
}

// wipeOf is one that replaces the annotations.
func wipeOf(name string) string {
	return "- patch: |\n    apiVersion: v1\n    kind: ServiceAccount\n    metadata:\n      name: " + name + "\n      annotations:\n        $patch: replace\n        team: x\n  target:\n    kind: ServiceAccount\n    name: " + name + "\n"
}

const unlabelled = `- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: any
    spec:
      template:
        metadata:
          labels:
            azure.workload.identity/use: null
  target:
    kind: Deployment
`

// overridden is a warning of another identity by an upper layer.
func overridden(name, culprit string) [][]string {
	return [][]string{{"warning", name, "role/other", "role/ecr", culprit}}
}

// TestComponents are components that give another role, take an identity away, or hold
// pasted patches.
func TestComponents(t *testing.T) {
	inPlace := func(t *testing.T, before folder, after outcome) {
		t.Helper()
		if !strings.Contains(after.folder["comp/kustomization.yaml"], "name: flux-workload-identity-flux-workload-identity\n") {
			t.Errorf("the patches of the component are not taken over there:\n%s", after.folder["comp/kustomization.yaml"])
		}
		if after.folder["flux/kustomization.yaml"] != before["flux/kustomization.yaml"] {
			t.Errorf("ours are beside it:\n%s", after.folder["flux/kustomization.yaml"])
		}
	}
	atHome := func(t *testing.T, before folder, after outcome) {
		t.Helper()
		if after.folder["comp/kustomization.yaml"] != before["comp/kustomization.yaml"] {
			t.Errorf("the component is not as it was:\n%s", after.folder["comp/kustomization.yaml"])
		}
		if strings.Count(after.folder["flux/kustomization.yaml"], "name: flux-workload-identity-flux-workload-identity\n") != 2 {
			t.Errorf("ours are not at home:\n%s", after.folder["flux/kustomization.yaml"])
		}
	}
	pastedBoth := "patches:\n" + roleFor("source-controller", "ecr", true) + roleFor("kustomize-controller", "kms", true)
	checkTrials(t, map[string]trial{
		"another role":               {reason: "a layer above may mean it", root: "prod", files: prodWithComponent + compHead + "patches:\n" + roleFor("source-controller", "other", true), want: one("source-controller", "other"), says: overridden("source-controller", inComp)},
		"another role, no target":    {reason: "the name in the body selects", root: "prod", files: prodWithComponent + compHead + "patches:\n" + roleFor("source-controller", "other", false), want: one("source-controller", "other"), says: overridden("source-controller", inComp)},
		"annotations wiped":          {reason: "the role is lost", root: "prod", files: prodWithComponent + compHead + "patches:\n" + wipeOf("source-controller"), says: [][]string{{"error", "source-controller", inComp}}},
		"label wiped":                {reason: "the pod loses what the webhook looks at", cloud: "azure", root: "prod", files: prodWithComponent + compHead + "patches:\n" + unlabelled, says: [][]string{{"error", "source-controller", inComp}}},
		"harmless":                   {reason: "a component that has to do with other fields", root: "prod", files: prodWithComponent + compHead + "labels:\n- pairs: {team: x}\n", want: both()},
		"beside, annotations wiped":  {reason: "a component comes after the resources", output: "Resources", files: fluxWithComponent + compHead + "patches:\n" + wipeOf("source-controller"), says: [][]string{{"error", "source-controller", inComp}}},
		"beside, label wiped":        {reason: "", cloud: "azure", output: "Resources", files: fluxWithComponent + compHead + "patches:\n" + unlabelled, says: [][]string{{"error", "source-controller", inComp}}},
		"beside, another role":       {reason: "the build has it", output: "Resources", files: fluxWithComponent + compHead + "patches:\n" + roleFor("source-controller", "other", true), want: one("source-controller", "other"), says: overridden("source-controller", inComp)},
		"beside, ours after a wipe":  {reason: "patches of a Kustomization come after its components", output: "Patches", files: fluxWithComponent + compHead + "patches:\n" + wipeOf("source-controller"), want: both()},
		"beside, ours after a label": {reason: "", cloud: "azure", output: "Patches", files: fluxWithComponent + compHead + "patches:\n" + unlabelled, want: azureWant()},
		"adopt beside":               {reason: "pasted patches of a component are taken over where they stand", output: "Patches", patches: "{adopt: true}", files: fluxWithComponent + compHead + pastedBoth, want: both(), isSame: true, holds: inPlace, never: []string{"changes the identity of"}},
		"adopt beside, named":        {reason: "a component is no other place of the patches, whose former ones go", output: "Patches", patches: "{adopt: true, kustomization: flux/kustomization.yaml}", files: fluxWithComponent + compHead + pastedBoth, want: both(), isSame: true, holds: inPlace},
		"adopt an older list":        {reason: "kustomize builds no component that is left empty", output: "Patches", patches: "{adopt: true}", files: fluxWithComponent + compHead + "patchesStrategicMerge:\n" + strings.ReplaceAll(roleFor("source-controller", "ecr", false)+roleFor("kustomize-controller", "kms", false), "- patch: |\n", "- |-\n"), want: both(), isSame: true, holds: inPlace},
		"adopt below an overlay":     {reason: "a component of a layer above the home is somebody else's: it sets the same and stays", output: "Patches", patches: "{adopt: true}", root: "prod", files: prodWithComponent + compHead + pastedBoth, want: both(), isSame: true, holds: atHome, never: []string{"changes the identity of"}},
	})
}

const (
	prefixed   = "-- flux/kustomization.yaml --\nresources:\n- gotk-components.yaml\nnamePrefix: acme-\n"
	moved      = "-- flux/kustomization.yaml --\nresources:\n- gotk-components.yaml\nnamespace: gitops\n"
	labelled   = "-- flux/kustomization.yaml --\nresources:\n- gotk-components.yaml\nlabels:\n- pairs: {team: x}\n"
	labelledBy = "-- flux/kustomization.yaml --\nresources:\n- gotk-components.yaml\ntransformers:\n- team.yaml\n-- flux/team.yaml --\napiVersion: builtin\nkind: LabelTransformer\nmetadata:\n  name: team\nlabels: {team: x}\nfieldSpecs:\n- {path: metadata/labels, create: true}\n"

	prodPatches = "-- prod/kustomization.yaml --\nresources:\n- ../flux\npatches:\n"
)

// TestChangedNames are layers above that know the controllers by what lower ones made of
// their names, namespaces and labels.
func TestChangedNames(t *testing.T) {
	acme := func(source string) map[string]string {
		return map[string]string{"flux-system/acme-source-controller": source, "flux-system/acme-kustomize-controller": "kms"}
	}
	gitops := func(source string) map[string]string {
		return map[string]string{"gitops/source-controller": source, "gitops/kustomize-controller": "kms"}
	}
	inGitops := strings.Replace(roleFor("source-controller", "other", false), "namespace: flux-system", "namespace: gitops", 1)
	byLabel := func(patch string) string {
		return strings.Replace(patch, "    kind: ServiceAccount\n    name:", "    kind: ServiceAccount\n    labelSelector: team=x\n    name:", 1)
	}
	lost := [][]string{{"error", "source-controller", "prod"}}
	named := "{kustomization: prod/kustomization.yaml}"
	never := []string{"selects nothing"}
	checkTrials(t, map[string]trial{
		"prefix":                   {reason: "the name in the build has it", root: "prod", files: prefixed + prodPatches + roleFor("acme-source-controller", "other", true), want: acme("other"), says: overridden("source-controller", "prod")},
		"prefix, no target":        {reason: "", root: "prod", files: prefixed + prodPatches + roleFor("acme-source-controller", "other", false), want: acme("other"), says: overridden("source-controller", "prod")},
		"namespace":                {reason: "the namespace in the build is another", root: "prod", files: moved + prodPatches + inGitops, want: gitops("other"), says: overridden("source-controller", "prod")},
		"labels":                   {reason: "the label is of the layer below", root: "prod", files: labelled + prodPatches + byLabel(roleFor("source-controller", "other", true)), want: one("source-controller", "other"), says: overridden("source-controller", "prod")},
		"labels by a transformer":  {reason: "", root: "prod", files: labelledBy + prodPatches + byLabel(roleFor("source-controller", "other", true)), want: one("source-controller", "other"), says: overridden("source-controller", "prod")},
		"prefix, wiped":            {reason: "the role is lost", root: "prod", files: prefixed + prodPatches + wipeOf("acme-source-controller"), says: lost},
		"namespace, wiped":         {reason: "", root: "prod", files: moved + prodPatches + strings.Replace(wipeOf("source-controller"), "    kind: ServiceAccount\n    name:", "    kind: ServiceAccount\n    namespace: gitops\n    name:", 1), says: lost},
		"labels, wiped":            {reason: "", root: "prod", files: labelled + prodPatches + byLabel(wipeOf("source-controller")), says: lost},
		"transformer, wiped":       {reason: "", root: "prod", files: labelledBy + prodPatches + byLabel(wipeOf("source-controller")), says: lost},
		"prefix, harmless":         {reason: "somebody else of the new name is patched", root: "prod", files: prefixed + prodPatches + roleFor("acme-notification-controller", "other", true), want: acme("ecr"), may: [][]string{{"warning", "notification-controller", "role/other|eks.amazonaws.com/role-arn"}}},
		"named, by the new name":   {reason: "the patch does select", output: "Patches", patches: named, root: "prod", files: prefixed + prodPatches + roleFor("acme-source-controller", "ecr", true), says: [][]string{{"error", "source-controller", "patches[0]", "adopt"}}, never: never},
		"named, adopted":           {reason: "", output: "Patches", patches: "{kustomization: prod/kustomization.yaml, adopt: true}", root: "prod", files: prefixed + prodPatches + roleFor("acme-source-controller", "ecr", true) + roleFor("acme-kustomize-controller", "kms", true), want: acme("ecr"), isSame: true, never: append(never, "changes the identity of")},
		"named, another's":         {reason: "a role for a controller that the configuration does not name", output: "Patches", patches: named, root: "prod", files: prefixed + prodPatches + roleFor("acme-notification-controller", "other", true), want: acme("ecr"), may: [][]string{{"warning", "notification-controller", "role/other|eks.amazonaws.com/role-arn"}}, never: never},
		"named, by the new label":  {reason: "", output: "Patches", patches: named, root: "prod", files: labelled + prodPatches + byLabel(roleFor("source-controller", "ecr", true)), says: [][]string{{"error", "source-controller", "patches[0]", "adopt"}}, never: never},
		"named, ours after a wipe": {reason: "ours are behind a wipe and know the new names", output: "Patches", patches: named, root: "prod", files: prefixed + prodPatches + wipeOf(".*"), want: acme("ecr")},
		"wiped above":              {reason: "a merge of the layer above takes it", output: "Resources", root: "prod", files: prefixed + prodPatches + wipeOf(".*"), says: lost},
		"named, ours moved behind": {reason: "ours were in front", output: "Patches", patches: named, root: "prod", files: prefixed + prodPatches + "$OURS\n" + wipeOf(".*"), want: acme("ecr")},
		"named, wiped without one": {reason: "the merge names one account", output: "Patches", patches: named, root: "prod", files: prefixed + prodPatches + wipeOf("acme-source-controller"), want: acme("ecr")},
		"named, namespace, a wipe": {reason: "", output: "Patches", patches: named, root: "prod", files: moved + prodPatches + wipeOf(".*"), want: gitops("ecr")},
	})
}
