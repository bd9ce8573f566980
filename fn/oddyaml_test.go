package fn_test

import (
	"bytes"
	"strings"
	"testing"
)

// oddConfig asks for a label on the Deployment and annotations on the ServiceAccount.
const oddConfig = `functionConfig:
  apiVersion: fn.kpt.dev/v1alpha1
  kind: FluxWorkloadIdentity
  metadata:
    name: test
  spec:
    azure:
      tenantID: 7c1e0d9a-5b4f-4c3e-9d2a-1f0e8b7c6d5a
      identities:
      - clientID: 3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6
        controllers: [source-controller]
`

// The parts of a list that a case does not replace.
const (
	oddHead    = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"
	oddAccount = `- apiVersion: v1
  kind: ServiceAccount
  metadata:
    labels:
      app.kubernetes.io/component: source-controller
    name: source-controller
    namespace: flux-system
`
	oddDeployment = `- apiVersion: apps/v1
  kind: Deployment
  metadata:
    labels:
      app.kubernetes.io/component: source-controller
    name: source-controller
    namespace: flux-system
  spec:
    selector:
      matchLabels:
        app: source-controller
    template:
      metadata:
        labels:
          app: source-controller
      spec:
        containers:
        - image: ghcr.io/fluxcd/source-controller:v1.9.4
          name: manager
        serviceAccountName: source-controller
`
)

// TestOddYAML runs the function on YAML that printers, scanners and people get wrong. What
// is asked for is set, all other data is kept, a second run changes no byte
// (checkPromises), and what the case names is in the output as it was in the input.
func TestOddYAML(t *testing.T) {
	account := func(metadata string) string {
		return "- apiVersion: v1\n  kind: ServiceAccount\n  metadata:\n" + metadata +
			"    labels:\n      app.kubernetes.io/component: source-controller\n    name: source-controller\n    namespace: flux-system\n"
	}
	other := func(data string) string {
		return oddAccount + oddDeployment + "- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: other\n" + data
	}
	cases := map[string]struct {
		reason string
		items  string   // below "items:", or the whole list where it begins with apiVersion or {
		keeps  []string // text that stays
	}{
		"comments everywhere": {
			reason: "A comment may stand anywhere, and people put their reasons there.",
			items: `# before the first
- # on the dash
  apiVersion: v1 # of the version
  # above the kind
  kind: ServiceAccount
  metadata: # of the metadata
    # above the labels
    labels: # of the labels
      # above a label
      app.kubernetes.io/component: source-controller # of a label
      # below the labels
    name: source-controller
    namespace: flux-system
  # below the item
# between the items
` + oddDeployment + "# after the last\n",
			keeps: []string{"# before the first", "# on the dash", "# of the version", "# above the kind", "# of the metadata", "# above the labels",
				"# of the labels", "# above a label", "# of a label", "# below the labels", "# below the item", "# between the items", "# after the last"},
		},
		"comments around an existing value": {
			reason: "A value that is replaced keeps its quotes and its comments.",
			items: account(`    annotations:
      # why
      azure.workload.identity/client-id: 'old' # who
      # below
`) + oddDeployment,
			keeps: []string{"# why\n      azure.workload.identity/client-id: '3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6' # who\n", "# below"},
		},
		"both quotes": {
			reason: "Quotes are kept in either form, with what they escape.",
			items:  other("  data:\n    a: 'it''s'\n    b: \"tab\\there, \\u00e9, \\x41\"\n    'c': \"\"\n    \"d\": ''\n"),
			keeps:  []string{"'it''s'", "'c': \"\"", "\"d\": ''"},
		},
		"flow style": {
			reason: "Maps in flow style are edited in flow style.",
			items:  "- {apiVersion: v1, kind: ServiceAccount, metadata: {name: source-controller, namespace: flux-system, labels: {app.kubernetes.io/component: source-controller}}}\n" + oddDeployment,
			keeps:  []string{"{apiVersion: v1, kind: ServiceAccount,"},
		},
		"flow metadata": {
			reason: "One map in flow style below others in block style.",
			items:  "- apiVersion: v1\n  kind: ServiceAccount\n  metadata: {name: source-controller, namespace: flux-system, labels: {app.kubernetes.io/component: source-controller}}\n" + oddDeployment,
		},
		"flow list of items": {
			reason: "The list of items itself may be in flow style.",
			items: oddHead + `items: [{apiVersion: v1, kind: ServiceAccount, metadata: {name: source-controller, labels: {app.kubernetes.io/component: source-controller}}},
  {apiVersion: apps/v1, kind: Deployment, metadata: {name: source-controller}, spec: {template: {spec: {serviceAccountName: source-controller, containers: [{name: manager}]}}}}]
` + oddConfig,
		},
		"annotations null":    {reason: "A map may be written as null.", items: account("    annotations: null\n") + oddDeployment},
		"annotations tilde":   {reason: "Or as a tilde.", items: account("    annotations: ~\n") + oddDeployment},
		"annotations nothing": {reason: "Or as nothing at all.", items: account("    annotations:\n") + oddDeployment},
		"annotations nothing with a comment": {
			reason: "With a comment beside it.",
			items:  account("    annotations: # none yet\n") + oddDeployment, keeps: []string{"# none yet"},
		},
		"annotations empty": {reason: "Or as an empty map.", items: account("    annotations: {}\n") + oddDeployment},
		"annotations flow": {
			reason: "Or in flow style with something in it.",
			items:  account("    annotations: {b: c, 'a': \"d\"}\n") + oddDeployment, keeps: []string{"{b: c, 'a': \"d\","},
		},
		"anchor within an item": {
			reason: "A map that is shared by an anchor gets a label in one place only: selectors must not change.",
			items: oddAccount + strings.NewReplacer(
				"  metadata:\n    labels:\n      app.kubernetes.io/component: source-controller\n", "  metadata:\n    labels: &labels\n      app: source-controller\n",
				"matchLabels:\n        app: source-controller\n", "matchLabels: *labels\n",
				"        labels:\n          app: source-controller\n", "        labels: *labels\n",
			).Replace(oddDeployment),
			keeps: []string{"matchLabels:\n        app: source-controller\n    template"},
		},
		"anchor across items": {
			reason: "An anchor may be used in an item far below.",
			items: strings.Replace(oddAccount, "labels:\n", "annotations: &notes {team: platform}\n    labels:\n", 1) + oddDeployment +
				"- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: other\n    annotations: *notes\n",
			keeps: []string{"annotations: {team: platform}\n"},
		},
		"anchored metadata": {
			reason: "The map above the one that is edited may be the shared one.",
			items: strings.Replace(oddAccount, "metadata:\n", "metadata: &meta\n", 1) + oddDeployment +
				"- apiVersion: v1\n  kind: ConfigMap\n  metadata: *meta\n",
		},
		"alias of an item": {
			reason: "A whole item may be an alias of another; then both get the identity, each its own.",
			items:  strings.Replace(oddAccount, "- api", "- &account\n  api", 1) + oddDeployment + "- apiVersion: example.com/v1\n  kind: Copy\n  of: *account\n",
		},
		"nested anchors": {
			reason: "Anchors below the one that is copied stay where they are.",
			items: strings.Replace(oddAccount, "labels:\n", "annotations: &notes\n      a: &a b\n    labels:\n", 1) + oddDeployment +
				"- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: other\n    annotations: *notes\n  data:\n    a: *a\n",
			keeps: []string{"a: &a b", "a: *a"},
		},
		"merge key": {
			reason: "A merge key lends annotations, which an annotations map of the item's own would hide.",
			items: "- apiVersion: v1\n  kind: ConfigMap\n  metadata: &meta\n    name: other\n    annotations: {team: platform}\n" +
				"- apiVersion: v1\n  kind: ServiceAccount\n  metadata:\n    <<: *meta\n    labels:\n      app.kubernetes.io/component: source-controller\n    name: source-controller\n    namespace: flux-system\n" + oddDeployment,
			keeps: []string{"    <<: *meta\n"},
		},
		"block scalars": {
			reason: "Block scalars hold text that looks like YAML.",
			items: other(`  data:
    literal: |
      ---
      - apiVersion: v1
      # no comment

      items:
    strip: |-
      text
    keep: |+
      text


    folded: >
      one
      two

      three
        indented
    indented: |2
        four spaces
`),
			keeps: []string{"      ---\n      - apiVersion: v1\n      # no comment\n\n      items:\n", "    strip: |-\n      text\n", "    keep: |+\n      text\n\n\n"},
		},
		"block scalar at the end": {
			reason: "A block scalar without a line feed at the very end has none to give.",
			items:  oddHead + oddConfig + "items:\n" + strings.TrimSuffix(other("  data:\n    last: |\n      text\n"), "\n"),
		},
		"long lines": {
			reason: "A long line is not folded.",
			items:  other("  data:\n    plain: " + strings.Repeat("word ", 100) + "end\n    quoted: \"" + strings.Repeat("word ", 100) + "end\"\n"),
			keeps:  []string{strings.Repeat("word ", 100) + "end\n", strings.Repeat("word ", 100) + "end\"\n"},
		},
		"multi-line scalars": {
			reason: "Plain and quoted scalars may go over lines.",
			items:  other("  data:\n    plain: one\n      two\n\n      three\n    double: \"one\n      two\\\n      three\"\n    single: 'one\n\n      two'\n"),
		},
		"tabs": {
			reason: "Tabs may stand between tokens and in scalars.",
			items:  other("  data:\n    a:\tb\t# comment\n    c: \"d\te\"\n    f: |\n      g\n      \th\n"),
		},
		"not ASCII": {
			reason: "Text in all scripts, and beyond 16 bits.",
			items:  other("  data:\n    grüße: 'née 日本語'\n    rocket: 🚀\n    \"\\u00fc\": \"\\U0001F680\"\n"),
			keeps:  []string{"grüße: 'née 日本語'"},
		},
		"words of YAML 1.1": {
			reason: "Words that YAML 1.1 takes for something else, as values and as keys.",
			items:  other("  data:\n    a: yes\n    b: on\n    c: 1e3\n    d: 0x10\n    e: 010\n    f: null\n    g: ~\n    h: 1_000\n    i: 12:30:45\n    j: 2001-01-01\n    k: .inf\n    l: 'no'\n    yes: a\n    on: b\n    1e3: c\n    0x10: d\n    null: e\n"),
			keeps:  []string{"a: yes\n", "b: on\n", "c: 1e3\n", "d: 0x10\n", "e: 010\n", "f: null\n", "g: ~\n", "h: 1_000\n", "i: 12:30:45\n", "j: 2001-01-01\n", "k: .inf\n", "l: 'no'\n", "    yes: a\n", "    on: b\n", "    1e3: c\n", "    0x10: d\n", "    null: e\n"},
		},
		"anchor within an item beside another": {
			reason: "An anchor in one item does not have the others printed anew.",
			items: strings.Replace(oddAccount, "labels:\n", "annotations: &notes {team: platform}\n    x: *notes\n    labels:\n", 1) + oddDeployment +
				"- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: other\n  data:\n    odd:    'spacing'   # kept\n",
			keeps: []string{"    odd:    'spacing'   # kept\n"},
		},
		"tags": {
			reason: "Tags say what a scalar is.",
			items:  other("  data:\n    a: !!str 5\n    b: !!binary aGVsbG8=\n    c: !custom text\n"),
			keeps:  []string{"!!str", "!!binary aGVsbG8=", "!custom text"},
		},
		"complex keys": {
			reason: "Keys may be written with a question mark, and be no scalars.",
			items:  other("  data:\n    ? a\n    : b\n    ? [c, d]\n    : e\n"),
		},
		"wide indent": {
			reason: "The items may be indented below their key.",
			items:  oddHead + "items:\n  " + strings.TrimSpace(strings.ReplaceAll(oddAccount+oddDeployment, "\n", "\n  ")) + "\n" + oddConfig,
			keeps:  []string{"items:\n  - apiVersion"},
		},
		"deep indent": {
			reason: "People indent by as much as they like.",
			items: oddHead + "items:\n    -   apiVersion: v1\n        kind: ServiceAccount\n        metadata:\n            labels:\n                app.kubernetes.io/component: source-controller\n            name: source-controller\n            namespace: flux-system\n" +
				oddConfig,
		},
		"CRLF": {
			reason: "Files from Windows end their lines in CRLF.",
			items:  strings.ReplaceAll(oddHead+"items:\n"+other("  data:\n    text: |\n      one\n      two\n")+oddConfig, "\n", "\r\n"),
		},
		"JSON": {
			reason: "JSON is YAML.",
			items: `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[` +
				`{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"source-controller","namespace":"flux-system","labels":{"app.kubernetes.io/component":"source-controller"}}},` +
				`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"other"},"data":{"yes":"on","n":"1e3","e":"","slash":"a\/b","rocket":"\ud83d\ude80","lines":"a\nb\n","null":"null"}}],` +
				`"functionConfig":{"apiVersion":"fn.kpt.dev/v1alpha1","kind":"FluxWorkloadIdentity","metadata":{"name":"test"},"spec":{"azure":{"tenantID":"7c1e0d9a-5b4f-4c3e-9d2a-1f0e8b7c6d5a",` +
				`"identities":[{"clientID":"3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6","controllers":["source-controller"]}]}}}}`,
		},
		"a document marker": {
			reason: "A document may begin and end with markers, and with comments around them.",
			items:  "# first\n---\n" + oddHead + "items:\n" + oddAccount + oddDeployment + oddConfig + "...\n",
		},
		"a byte order mark": {
			reason: "Some editors begin a file with one.",
			items:  "\ufeff" + oddHead + "items:\n" + oddAccount + oddDeployment + oddConfig,
		},
		"a directive": {
			reason: "A document may say its version of YAML.",
			items:  "%YAML 1.1\n---\n" + oddHead + "items:\n" + oddAccount + oddDeployment + oddConfig,
		},
		"no line feed at the end": {
			reason: "The last line may lack its line feed.",
			items:  oddHead + "items:\n" + oddAccount + oddDeployment + strings.TrimSuffix(oddConfig, "\n"),
		},
		"unsorted keys": {
			reason: "A new key goes to the end where the keys have no order.",
			items:  "- kind: ServiceAccount\n  apiVersion: v1\n  metadata:\n    namespace: flux-system\n    name: source-controller\n    labels:\n      app.kubernetes.io/component: source-controller\n" + oddDeployment,
		},
		"blank lines": {
			reason: "Blank lines part what people want apart.",
			items:  "\n" + strings.ReplaceAll(oddAccount, "  metadata", "\n  metadata") + "\n\n" + oddDeployment + "\n",
		},
		"config first": {
			reason: "The fields of the list may come in any order, with others among them.",
			items:  oddConfig + "x-other: {a: b}\n" + "kind: ResourceList\nitems:\n" + oddAccount + oddDeployment + "apiVersion: config.kubernetes.io/v1\n",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			in := tc.items
			if trimmed := strings.TrimLeft(in, "\ufeff"); !strings.Contains(trimmed, "ResourceList") {
				in = oddHead + "items:\n" + in + oddConfig
			}
			checkPromises(t, []byte(in))
			out, log, code := run([]byte(in))
			if code != 0 || bytes.Contains(log, []byte("error:")) {
				t.Fatalf("%s\nexit %d\n%s", tc.reason, code, log)
			}
			if !bytes.Contains(out, []byte("azure.workload.identity/client-id: 3b9f8f4e")) && !bytes.Contains(out, []byte("azure.workload.identity/client-id: '3b9f8f4e")) {
				t.Errorf("%s\nthe identity is not in the output:\n%s", tc.reason, out)
			}
			const otherItem = "- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: other\n  data:\n"
			if i := strings.Index(in, otherItem); i >= 0 && strings.HasSuffix(in, "\n") {
				text, _, _ := strings.Cut(in[i:], "functionConfig:")
				if !bytes.Contains(out, []byte(text)) {
					t.Errorf("%s\nan item that did not change came out in other bytes:\n%s", tc.reason, out)
				}
			}
			for _, text := range tc.keeps {
				if !bytes.Contains(out, []byte(text)) {
					t.Errorf("%s\n%q is not in the output:\n%s", tc.reason, text, out)
				}
			}
		})
	}
}
