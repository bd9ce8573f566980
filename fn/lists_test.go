package fn_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/internal/testenv"
)

// asList returns a stream of documents as kubectl get -o yaml prints it, with the fields of
// the objects that a cluster adds; in depth Lists, and the elements indented.
func asList(stream, margin string, depth int) string {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nitems:\n")
	for _, document := range strings.Split("\n"+strings.Trim(stream, "\n"), "\n---\n") {
		if document = strings.Trim(document, "\n"); document == "" || strings.HasPrefix(document, "#") && !strings.Contains(document, "\nkind:") {
			continue
		}
		nest(&b, margin+"- ", margin+"  ", document+"\nlive: {}\n")
	}
	b.WriteString("kind: List\nmetadata:\n  resourceVersion: \"\"\n")
	if depth > 1 {
		var outer strings.Builder
		outer.WriteString("apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Secret\n")
		nest(&outer, margin+"- ", margin+"  ", b.String())
		return strings.Replace(outer.String(), "- apiVersion: v1\n  kind: Secret\n", margin+"- apiVersion: v1\n"+margin+"  kind: Secret\n", 1) + "kind: List\n"
	}
	return b.String()
}

// TestLists runs the function on real installs as kubectl get -o yaml prints them. The output
// must be the input with lines of identity added, in plain manifests and as an item of a
// ResourceList, and the data what the function makes of the objects by themselves.
func TestLists(t *testing.T) {
	corpus := testenv.Corpus(t)
	for _, file := range append(corpus[max(0, len(corpus)-1):], filepath.Join(testenv.Root, exampleInstall)) {
		install := testenv.Read(t, file)
		for _, cloud := range clouds() {
			t.Run(cloud+"/"+filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				spec := parities[cloud].spec
				forms := map[string]string{
					"compact": asList(install, "", 1), "wide": asList(install, "  ", 1),
					"nested": asList(install, "", 2), "nested wide": asList(install, "  ", 2),
					"documents": "a: 1\n---\n" + asList(install, "", 1) + "---\nkind: Other\n",
				}
				forms["CRLF"] = strings.ReplaceAll(forms["compact"], "\n", "\r\n")
				forms["unended"] = strings.TrimSuffix(forms["compact"], "\n")
				forms["items last"] = strings.Replace(strings.Replace(forms["compact"], "kind: List\nmetadata:\n  resourceVersion: \"\"\n", "", 1), "items:\n", "kind: List\nitems:\n", 1)
				forms["items last, unended"] = strings.TrimSuffix(forms["items last"], "\n")
				forms["tabs"] = strings.Replace(forms["compact"], "kind: List", "kind:\tList\t# from a cluster", 1)
				if cloud != "azure" { // which edits most; the others add nothing to the forms
					forms = map[string]string{"compact": forms["compact"]}
				}
				want := objectsIn(t, manifestsOf(t, processed(t, spec, asList(install, "", 1)))[0])
				if diff := cmp.Diff(withoutLive(want), itemsOf(t, install, spec)); diff != "" {
					t.Errorf("-from a List +from the objects:\n%s", diff)
				}
				for name, in := range forms {
					list := processed(t, spec, in)
					out := manifestsOf(t, list)[0]
					checkIdentityAdded(t, name, in, out)
					again := parseManifests(t, spec, krm.Stream{Text: []byte(out)})
					if process(t, again); manifestsOf(t, again)[0] != out {
						t.Errorf("%s: a second run changed something", name)
					}
					list.Reset()
					if manifestsOf(t, list)[0] != in {
						t.Errorf("%s: Reset does not bring the input back", name)
					}
					if process(t, list); manifestsOf(t, list)[0] != out {
						t.Errorf("%s: after Reset the function does something else", name)
					}
				}
				for _, name := range []string{"compact", "wide", "nested"} {
					if forms[name] == "" {
						continue
					}
					in := resourceList("---\nkind: First\napiVersion: v1\nmetadata: {name: a}\n---\n"+forms[name], spec, "")
					checkLinesAdded(t, name, in)
					checkPromises(t, in)
				}
			})
		}
	}
}

func processed(t *testing.T, spec, in string) *krm.ResourceList {
	t.Helper()
	list := parseManifests(t, spec, krm.Stream{Text: []byte(in)})
	process(t, list)
	return list
}

// objectsIn returns the data of the objects of a List.
func objectsIn(t *testing.T, text string) (objects []any) {
	t.Helper()
	var list struct {
		Items []any `yaml:"items"`
	}
	if err := yaml.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	return list.Items
}

func withoutLive(objects []any) (all []any) {
	for _, o := range objects {
		m := map[string]any{}
		for k, v := range o.(map[string]any) {
			if k != "live" {
				m[k] = v
			}
		}
		all = append(all, m)
	}
	return all
}

const (
	listAccount = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  labels: {app.kubernetes.io/component: source-controller}\n  name: source-controller\n"
	listGCP     = "\n  gcp:\n    identities:\n    - serviceAccountEmail: flux-gcs@my-project.iam.gserviceaccount.com\n      controllers: [source-controller]\n"
	annotation  = "iam.gke.io/gcp-service-account: flux-gcs@my-project.iam.gserviceaccount.com"
)

// TestListForms has Lists in forms that no cut by lines fits, and those of other kinds: what
// they hold is never left out in silence.
func TestListForms(t *testing.T) {
	flow := "{apiVersion: v1, kind: ServiceAccount, metadata: {name: source-controller, labels: {app.kubernetes.io/component: source-controller}}}"
	untyped := "metadata:\n    labels: {app.kubernetes.io/component: source-controller}\n    name: source-controller\n"
	cases := map[string]struct {
		reason string
		in     string
		keeps  []string // texts that stay
		lacks  string
		want   string // an error instead
	}{
		"JSON":         {reason: "of kubectl get -o json", in: `{"apiVersion": "v1", "kind": "List", "items": [` + jsonOf(t, listAccount) + `, {"kind": "Secret"}]}` + "\n"},
		"JSONNested":   {reason: "in each other", in: `{"kind": "List", "items": [{"kind": "List", "items": [{"kind": "Secret"}, ` + jsonOf(t, listAccount) + `]}]}` + "\n"},
		"FlowItems":    {reason: "on one line", in: "apiVersion: v1\nkind: List\nitems: [" + flow + "]\n", keeps: []string{"apiVersion: v1\nkind: List\nitems:"}},
		"FlowItem":     {reason: "an item on one line is one that can be cut", in: "apiVersion: v1\nkind: List\nitems:\n- kind:   Secret\n- " + flow + "\n", keeps: []string{"- kind:   Secret\n"}},
		"FlowList":     {reason: "a List on one line in a List that is not", in: "kind: List\nitems:\n- kind:   Secret\n- {kind: List, items: [" + flow + "]}\n", keeps: []string{"- kind:   Secret\n"}},
		"Quoted":       {reason: "a kind in quotes", in: "\"kind\": \"List\"\nitems:\n- kind:   Secret\n- " + flow + "\n", keeps: []string{"- kind:   Secret\n"}},
		"Typed":        {reason: "what the kind of the list says need not be said again", in: "apiVersion: v1\nkind: ServiceAccountList\nitems:\n- " + untyped, lacks: "kind: ServiceAccount\n"},
		"TypedFlow":    {reason: "in JSON", in: `{"apiVersion": "v1", "kind": "ServiceAccountList", "items": [{"metadata": {"name": "source-controller", "labels": {"app.kubernetes.io/component": "source-controller"}}}]}`, lacks: "kind: ServiceAccount\n"},
		"TypedSaid":    {reason: "but it may be", in: "apiVersion: v1\nkind: ServiceAccountList\nitems:\n- kind: ServiceAccount\n  " + untyped},
		"Anchors":      {reason: "what is shared with the other is not changed in it", in: "kind: List\nitems:\n- kind: Secret\n  metadata: &m\n    labels: {app.kubernetes.io/component: source-controller}\n    name: source-controller\n- apiVersion: v1\n  kind: ServiceAccount\n  metadata: *m\n"},
		"AnchorOfList": {reason: "a List that is an alias", in: "a: &l\n- " + strings.TrimPrefix(strings.ReplaceAll("\n"+strings.TrimSuffix(listAccount, "\n"), "\n", "\n  "), "\n  ") + "\nkind: List\nitems: *l\n"},
		"AnchorWithin": {reason: "an anchor of one item alone", in: "kind: List\nitems:\n- kind:   Secret\n- apiVersion: v1\n  kind: ServiceAccount\n  metadata:\n    labels: &l {app.kubernetes.io/component: source-controller}\n    name: source-controller\n  other: *l\n", keeps: []string{"- kind:   Secret\n", "labels: &l {app", "other: *l"}},
		"Lone":         {reason: "an item below its dash", in: "kind: List\nitems:\n-\n  " + strings.ReplaceAll(strings.TrimSuffix(listAccount, "\n"), "\n", "\n  ") + "\n", keeps: []string{"items:\n-\n  apiVersion"}},
		"NotObjects":   {reason: "what is no object is left as it is", in: "kind: List\nitems:\n- text\n- - a\n- null\n- {a: b}\n- a: b\n- " + flow + "\n", keeps: []string{"- text\n- - a\n- null\n- {a: b}\n- a: b\n"}},
		"ItemsTwice":   {reason: "which of the two?", in: listAccount + "---\nkind: List\nmetadata: {name: x}\napiVersion: v1\nitems:\n- " + flow + "\nitems: []\n", want: "items: written twice: want one"},
		"Bomb":         {reason: "aliases that stand for more than a thousand million objects", in: listAccount + "---\nkind: List\napiVersion: v1\nmetadata: {name: x}\n" + listBomb() + "items: [*a10]\n", want: "items: aliases expand to more objects than the List has bytes: want fewer of them"},
		"Endless":      {reason: "a List within itself", in: listAccount + "---\nkind: List\napiVersion: v1\nmetadata: {name: x}\nitems: &i\n- {kind: List, items: *i}\n", want: "items: aliases expand to more objects than the List has bytes: want fewer of them"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			config := krm.Stream{Text: []byte(functionConfig("x", listGCP))}
			var out, log bytes.Buffer
			code := fn.RunManifests(config, false, []krm.Stream{{Text: []byte(tc.in)}}, &out, &log)
			if tc.want != "" {
				if code != 1 || !strings.Contains(log.String(), tc.want) || out.Len() > 0 {
					t.Errorf("%s: exit %d\n%s\n%s", tc.reason, code, &log, &out)
				}
			} else {
				checkListForm(t, tc.reason, out.String(), log.String(), code, tc.keeps, tc.lacks)
				var again bytes.Buffer
				if code := fn.RunManifests(config, false, []krm.Stream{{Text: bytes.Clone(out.Bytes())}}, &again, &log); code != 0 || again.String() != out.String() {
					t.Errorf("%s: a second run, exit %d: %s", tc.reason, code, cmp.Diff(out.String(), again.String()))
				}
				out.Reset()
				log.Reset()
				if code := fn.RunManifests(config, true, []krm.Stream{{Text: []byte(tc.in)}}, &out, &log); code != 1 || !strings.Contains(log.String(), "error: ServiceAccount source-controller: metadata.annotations[iam.gke.io/gcp-service-account]") {
					t.Errorf("%s: with check: exit %d\n%s", tc.reason, code, &log)
				}
			}
			in := resourceList(tc.in, listGCP, "")
			checkPromises(t, in)
			stdout, stderr, code := run(in)
			if tc.want != "" {
				if code != 1 || !strings.Contains(string(stderr), tc.want) {
					t.Errorf("%s: in a ResourceList: exit %d\n%s", tc.reason, code, stderr)
				}
				return
			}
			items, _, _ := strings.Cut(string(stdout), "\nresults:\n")
			checkListForm(t, tc.reason+": in a ResourceList", items, string(stderr), code, nil, tc.lacks)
		})
	}
}

func checkListForm(t *testing.T, reason, out, log string, code int, keeps []string, lacks string) {
	t.Helper()
	if code != 0 || log != "" || strings.Count(out, annotation) != 1 {
		t.Errorf("%s: exit %d, %s\n%s", reason, code, log, out)
	}
	for _, text := range keeps {
		if !strings.Contains(out, text) {
			t.Errorf("%s: %q is gone:\n%s", reason, text, out)
		}
	}
	if lacks != "" && strings.Contains(out, lacks) {
		t.Errorf("%s: %q was written:\n%s", reason, lacks, out)
	}
}

func jsonOf(t *testing.T, text string) string {
	t.Helper()
	var data any
	if err := yaml.Unmarshal([]byte(text), &data); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(out), ":", ": ")
}

// listBomb is bomb of Lists.
func listBomb() string {
	text := "a0: &a0 {kind: A}\n"
	for i := 1; i <= 10; i++ {
		text += fmt.Sprintf("a%d: &a%d {kind: List, items: [%s]}\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 8), ", "))
	}
	return text
}

// TestListResults checks what results call an object of a List: by its own name, and by the
// file of the List.
func TestListResults(t *testing.T) {
	list := "apiVersion: v1\nkind: List\nmetadata:\n  annotations:\n    internal.config.kubernetes.io/path: a/list.yaml\n    internal.config.kubernetes.io/index: '2'\nitems:\n"
	nested := "- " + strings.TrimPrefix(strings.ReplaceAll("\n"+strings.TrimSuffix(listAccount, "\n"), "\n", "\n  "), "\n  ") + "\n"
	parsed, err := krm.Parse(resourceList(list+nested, listGCP, ""))
	if err != nil {
		t.Fatal(err)
	}
	check := func(way string, list *krm.ResourceList, path string, index int) {
		t.Helper()
		results := fn.Process(list)
		if len(results) != 1 || results[0].ResourceRef == nil || results[0].ResourceRef.Name != "source-controller" || results[0].ResourceRef.Kind != "ServiceAccount" ||
			results[0].File == nil || results[0].File.Path != path || results[0].File.Index != index {
			t.Errorf("%s: %v", way, results)
		}
	}
	check("an item", parsed, "a/list.yaml", 2)
	check("a document", parseManifests(t, listGCP, krm.Stream{Path: "b.yaml", Text: []byte("kind: A\n---\n" + list + nested)}), "b.yaml", 1)
}
