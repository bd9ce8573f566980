package fn_test

import (
	"strings"
	"testing"
)

// transformer is a builtin one that patches.
func transformer(patch string) string {
	return "apiVersion: builtin\nkind: PatchTransformer\nmetadata:\n  name: later\ntarget:\n  kind: ServiceAccount\n  name: source-controller\npatch: |\n" + shift(patch, "  ")
}

func shift(text, margin string) string {
	return margin + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+margin) + "\n"
}

const (
	otherMerge = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: any\n  annotations:\n    eks.amazonaws.com/role-arn: " + otherRole + "\n"
	teamMerge  = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: any\n  annotations:\n    team: x\n"
	nullMerge  = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: any\n  annotations: null\n"
)

// inTransformer are the ways to have a transformer in a Kustomization.
var inTransformer = map[string]func(text string) string{
	"file": func(text string) string {
		return "-- flux/kustomization.yaml --\nresources:\n- gotk-components.yaml\ntransformers:\n- later.yaml\n-- flux/later.yaml --\n" + text
	},
	"inline": func(text string) string {
		return "-- flux/kustomization.yaml --\nresources:\n- gotk-components.yaml\ntransformers:\n- |\n" + shift(text, "  ")
	},
	"directory": func(text string) string {
		return "-- flux/kustomization.yaml --\nresources:\n- gotk-components.yaml\ntransformers:\n- ../later\n-- later/kustomization.yaml --\nresources:\n- later.yaml\n-- later/later.yaml --\n" + text
	},
	"layer above": func(text string) string {
		return "-- flux/kustomization.yaml --\nresources:\n- gotk-components.yaml\n-- prod/kustomization.yaml --\nresources:\n- ../flux\ntransformers:\n- later.yaml\n-- prod/later.yaml --\n" + text
	},
}

// TestTransformers are transformers, which come after all patches of their layer.
func TestTransformers(t *testing.T) {
	trials := map[string]trial{}
	for way, in := range inTransformer {
		root := "flux"
		if way == "layer above" {
			root = "prod"
		}
		trials[way+", wiped"] = trial{reason: "the role is lost", root: root, files: in(transformer(wipe)), says: [][]string{{"error", "source-controller", "transformers[0]|later.yaml|../later"}}}
		trials[way+", another role"] = trial{reason: "it may be meant", root: root, files: in(transformer(otherMerge)), want: one("source-controller", "other"), says: overridden("source-controller", "transformers[0]|later.yaml|../later")}
		trials[way+", harmless"] = trial{reason: "the build says that it leaves the roles alone", root: root, files: in(transformer(teamMerge)), want: both()}
	}
	checkTrials(t, trials)
}

// TestReplacements are replacements, which come last of all in their layer.
func TestReplacements(t *testing.T) {
	replaced := func(data, field string) string {
		return `-- flux/kustomization.yaml --
resources:
- gotk-components.yaml
- meta.yaml
replacements:
- source: {kind: ConfigMap, name: meta, fieldPath: ` + data + `}
  targets:
  - select: {kind: ServiceAccount, name: source-controller}
    fieldPaths: ['` + field + `']
    options: {create: true}
-- flux/meta.yaml --
apiVersion: v1
kind: ConfigMap
metadata:
  name: meta
  namespace: flux-system
data:
  owner: platform
  role: ` + otherRole + "\n"
	}
	checkTrials(t, map[string]trial{
		"whole map": {reason: "the role is not in the map", files: replaced("data", "metadata.annotations"), says: [][]string{{"error", "source-controller", "replacements[0]"}}},
		"one key":   {reason: "another role", files: replaced("data.role", "metadata.annotations.[eks.amazonaws.com/role-arn]"), want: one("source-controller", "other"), says: overridden("source-controller", "replacements[0]")},
		"harmless":  {reason: "another key", files: replaced("data.owner", "metadata.annotations.owner"), want: both()},
		"in a file": {reason: "", files: strings.NewReplacer("replacements:\n- source", "replacements:\n- path: meta-replacement.yaml\n-- flux/meta-replacement.yaml --\nsource", "\n  targets", "\ntargets", "\n  - select", "\n- select", "\n    fieldPaths", "\n  fieldPaths", "\n    options", "\n  options").Replace(replaced("data", "metadata.annotations")), plain: true,
			says: [][]string{{"error", "source-controller", "replacements[0]|meta-replacement.yaml"}}},
	})
}

// TestNullAnnotations is a merge that does not take away what it says: kustomize v5.8.2 keeps
// all annotations where the patch has a target.
func TestNullAnnotations(t *testing.T) {
	entry := "- target: {kind: ServiceAccount}\n  patch: |\n" + shift(nullMerge, "    ")
	const flux = "-- flux/kustomization.yaml --\nresources:\n- gotk-components.yaml\n"
	checkTrials(t, map[string]trial{
		"beside":      {reason: "the build keeps all", output: "Resources", files: flux + "patches:\n" + entry, want: both()},
		"behind ours": {reason: "", output: "Patches", files: flux + "patches:\n$OURS\n" + entry, want: both()},
		"above":       {reason: "", root: "prod", files: prodPatches + entry, want: both()},
	})
}

// TestFluxKustomization is what Flux's own Kustomization applies to a build, where it is in the
// stream.
func TestFluxKustomization(t *testing.T) {
	sync := func(spec string) string {
		return "-- flux/kustomization.yaml --\nresources:\n- gotk-components.yaml\n- gotk-sync.yaml\n-- flux/gotk-sync.yaml --\n" +
			"apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: platform\n  namespace: flux-system\nspec:\n  interval: 10m0s\n  path: ./flux\n  prune: true\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n" + shift(spec, "  ")
	}
	component := func(patches string) string {
		return compHead + "patches:\n" + patches
	}
	const platform = "flux-system/platform|gotk-sync.yaml" // how a line may name it
	wiped := "patches:\n- target: {kind: ServiceAccount}\n  patch: |\n" + shift(wipe, "    ")
	others := "patches:\n" + roleFor("source-controller", "other", true)
	harmless := "patches:\n- target: {kind: ServiceAccount}\n  patch: |\n" + shift(teamMerge, "    ")
	told := func(words ...string) [][]string {
		return [][]string{append([]string{"error", "source-controller"}, words...)}
	}
	const (
		comp   = "components:\n- ../comp\n"
		role   = "commonMetadata:\n  annotations:\n    eks.amazonaws.com/role-arn: " + otherRole + "\n"
		team   = "commonMetadata:\n  annotations:\n    team: x\n"
		rename = "targetNamespace: gitops\nnamePrefix: acme-\n"
	)
	wipedBy, otherBy := component(wipeOf("source-controller")), component(roleFor("source-controller", "other", true))
	checkTrials(t, map[string]trial{
		"patches, wiped":         {reason: "Flux appends them to those of the file", flux: wiped, files: sync(wiped), says: told("spec.patches[0]", platform)},
		"patches, another role":  {reason: "", flux: others, files: sync(others), want: one("source-controller", "other"), says: overridden("source-controller", platform)},
		"patches, harmless":      {reason: "", flux: harmless, files: sync(harmless), want: both()},
		"patches of plain files": {reason: "", plain: true, flux: wiped, files: sync(wiped), says: told("spec.patches[0]", platform)},
		"of another path":        {reason: "Flux applies it to another folder", files: strings.Replace(sync(wiped), "path: ./flux", "path: ./apps", 1), want: both()},

		"components, wiped":              {reason: "Flux appends them to those of the file", output: "Resources", flux: comp, files: sync(comp) + wipedBy, says: told(inComp)},
		"components, wiped, then ours":   {reason: "kustomize applies components before the patches of their layer", output: "Patches", flux: comp, files: sync(comp) + wipedBy, want: both()},
		"components, another role":       {reason: "", output: "Resources", flux: comp, files: sync(comp) + otherBy, want: one("source-controller", "other"), says: overridden("source-controller", inComp)},
		"components, another, then ours": {reason: "", output: "Patches", flux: comp, files: sync(comp) + otherBy, want: both(), says: [][]string{{"warning", "changes the identity of flux-system/source-controller"}}},

		"commonMetadata": {reason: "Flux gives it to every object, whatever was built", flux: role, files: sync(role), isSame: true, says: [][]string{
			{"warning", "spec.commonMetadata", "source-controller", "role/other", "role/ecr"},
			{"warning", "spec.commonMetadata", "kustomize-controller", "role/other", "role/kms"},
			{"warning", "spec.commonMetadata", "notification-controller", "want only what the configuration asks for"},
		}},
		"commonMetadata, harmless": {reason: "", flux: team, files: sync(team), want: both()},
		"namespace and prefix": {reason: "Flux renames after all else, and the roles stay", flux: rename, files: sync(rename),
			want: map[string]string{"gitops/acme-source-controller": "ecr", "gitops/acme-kustomize-controller": "kms"}},
	})
}
