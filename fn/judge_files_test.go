package fn_test

import "testing"

const (
	// wipe is a JSON6902 file that leaves no annotation of others.
	wipe = "- {op: add, path: /metadata/annotations, value: {owner: platform}}\n"

	wipeInFlux = `-- flux/kustomization.yaml --
resources:
- gotk-components.yaml
patches:
- path: owner.yaml
  target: {kind: ServiceAccount}
`
	wipeInline = `-- flux/kustomization.yaml --
resources:
- gotk-components.yaml
patches:
- target: {kind: ServiceAccount}
  patch: |
    - {op: add, path: /metadata/annotations, value: {owner: platform}}
`
	wipeInOldList = `-- flux/kustomization.yaml --
resources:
- gotk-components.yaml
patchesJson6902:
- path: owner.yaml
  target: {version: v1, kind: ServiceAccount, name: source-controller, namespace: flux-system}
`
	wipeInJSON = `-- flux/kustomization.yaml --
resources:
- gotk-components.yaml
patches:
- path: owner.json
  target: {kind: ServiceAccount}
-- flux/owner.json --
[{"op": "add", "path": "/metadata/annotations", "value": {"owner": "platform"}}]
`
	wipeInOverlay = `-- prod/kustomization.yaml --
resources:
- ../flux
patches:
- path: owner.yaml
  target: {kind: ServiceAccount}
`
	// wipeBehindOurs is one that a user adds at the end of the list.
	wipeBehindOurs = `-- flux/kustomization.yaml --
resources:
- gotk-components.yaml
patches:
$OURS
- path: owner.yaml
  target: {kind: ServiceAccount}
`
	ownerInFlux, ownerInProd = "-- flux/owner.yaml --\n" + wipe, "-- prod/owner.yaml --\n" + wipe
)

// TestPatchFiles are JSON6902 files that take the annotations away, and files that are not
// among those given.
func TestPatchFiles(t *testing.T) {
	wiped := func(culprit string) [][]string { return [][]string{{"error", "source-controller", culprit}} }
	unseen := [][]string{{"warning", "owner.yaml"}}
	checkTrials(t, map[string]trial{
		"path":             {reason: "kustomize applies the file to what is written", output: "Resources", plain: true, files: wipeInFlux + ownerInFlux, says: wiped("owner.yaml|patches[0]")},
		"path, ours after": {reason: "ours are the last of the list", output: "Patches", plain: true, files: wipeInFlux + ownerInFlux, want: both()},
		"path, ours before": {reason: "ours move behind it", output: "Patches", plain: true, files: wipeBehindOurs + ownerInFlux, want: both(), holds: func(t *testing.T, before folder, after outcome) {
			if before["flux/kustomization.yaml"] == after.folder["flux/kustomization.yaml"] {
				t.Error("nothing moved")
			}
		}},
		"path, checked":                   {reason: "a check sees what a run sees", output: "Resources", plain: true, check: true, granted: true, files: wipeInFlux + ownerInFlux, says: wiped("owner.yaml|patches[0]")},
		"path, ours before, checked":      {reason: "a run would move them", output: "Patches", plain: true, check: true, files: wipeBehindOurs + ownerInFlux, says: [][]string{{"error", "kustomization.yaml"}}},
		"patchesJson6902":                 {reason: "the older list comes after all else, in both outputs", plain: true, files: wipeInOldList + ownerInFlux, says: wiped("owner.yaml|patchesJson6902[0]")},
		"patchesJson6902, checked":        {reason: "", output: "Resources", plain: true, check: true, granted: true, files: wipeInOldList + ownerInFlux, says: wiped("owner.yaml|patchesJson6902[0]")},
		"JSON":                            {reason: "a file of another name", output: "Resources", plain: true, files: wipeInJSON, says: wiped("owner.json|patches[0]")},
		"JSON, ours after":                {reason: "", output: "Patches", plain: true, files: wipeInJSON, want: both()},
		"overlay":                         {reason: "the file lies in a layer above", plain: true, root: "prod", files: wipeInOverlay + ownerInProd, says: wiped("owner.yaml|patches[0]")},
		"overlay, checked":                {reason: "", output: "Resources", plain: true, check: true, granted: true, root: "prod", files: wipeInOverlay + ownerInProd, says: wiped("owner.yaml|patches[0]")},
		"overlay, ours there":             {reason: "ours are the last of the overlay's list", output: "Patches", plain: true, patches: "{kustomization: prod/kustomization.yaml}", root: "prod", files: wipeInOverlay + ownerInProd, want: both()},
		"path, unseen":                    {reason: "kpt gives no file that holds no object", output: "Resources", files: wipeInFlux, unseen: ownerInFlux, want: none(), says: unseen},
		"path, ours after, unseen":        {reason: "", output: "Patches", files: wipeInFlux, unseen: ownerInFlux, want: both(), says: unseen},
		"path, unseen, checked":           {reason: "what was not seen does not pass a check", output: "Resources", check: true, granted: true, files: wipeInFlux, unseen: ownerInFlux, says: [][]string{{"error", "owner.yaml"}}},
		"path, ours last, unseen checked": {reason: "", output: "Patches", check: true, files: wipeInFlux + "$OURS\n", unseen: ownerInFlux, says: [][]string{{"error", "owner.yaml"}}},
		"patchesJson6902, unseen":         {reason: "", files: wipeInOldList, unseen: ownerInFlux, want: map[string]string{"flux-system/kustomize-controller": "kms"}, says: unseen},
		"patchesJson6902, unseen checked": {reason: "", output: "Resources", check: true, granted: true, files: wipeInOldList, unseen: ownerInFlux, says: [][]string{{"error", "owner.yaml"}}},
		"overlay, unseen":                 {reason: "", files: wipeInOverlay, unseen: ownerInProd, root: "prod", want: none(), says: unseen},
		"overlay, unseen, checked":        {reason: "", output: "Resources", check: true, granted: true, files: wipeInOverlay, unseen: ownerInProd, root: "prod", says: [][]string{{"error", "owner.yaml"}}},
		"unseen of plain manifests":       {reason: "the file was not named", output: "Resources", plain: true, files: wipeInFlux, unseen: ownerInFlux, want: none(), says: unseen},
		"inline":                          {reason: "the same inline", output: "Resources", files: wipeInline, says: wiped("patches[0]")},
		"harmless":                        {reason: "a file that leaves the identities alone", plain: true, files: wipeInFlux + "-- flux/owner.yaml --\n- {op: add, path: /metadata/labels/owner, value: platform}\n", want: both()},
		"label of the pod": {reason: "Azure's webhook looks at it", cloud: "azure", output: "Resources", plain: true, files: `-- flux/kustomization.yaml --
resources:
- gotk-components.yaml
patches:
- path: owner.yaml
  target: {kind: Deployment}
-- flux/owner.yaml --
- {op: add, path: /spec/template/metadata, value: {labels: {owner: platform}}}
`, says: [][]string{{"error", "source-controller", "owner.yaml|patches[0]"}}},
		"files of a generator": {reason: "what only generators need says nothing of identities", plain: true, files: `-- flux/kustomization.yaml --
resources:
- gotk-components.yaml
configMapGenerator:
- name: settings
  files: [settings.txt]
`, unseen: "-- flux/settings.txt --\na=b\n", want: both(), may: [][]string{{"", "settings.txt"}}},
	})
}
