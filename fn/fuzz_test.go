package fn_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/tools/txtar"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/cloud"
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/internal/testenv"
)

// FuzzRun checks the promises on any input: nothing panics, nothing is lost or moved,
// the exit code agrees with what is said, only fields of identity differ, and a second
// run changes no byte.
func FuzzRun(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		checkPromises(t, in)
	})
}

// seeds are the inputs of all tables.
func seeds(t testing.TB) (all [][]byte) {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, section(archive, "stdin"))
	}
	return all
}

// TestPromisesOnExamples checks the promises on what is too large to be mutated.
func TestPromisesOnExamples(t *testing.T) {
	for _, cloud := range clouds() {
		for _, indent := range []string{"", "  "} {
			checkPromises(t, resourceList(testenv.Read(t, testenv.Root, exampleInstall), parities[cloud].spec, indent))
		}
	}
}

// resourceList wraps a stream of documents, with the list of items indented as given.
func resourceList(stream, spec, indent string) []byte {
	var b strings.Builder
	b.WriteString("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n")
	for _, doc := range strings.Split("\n"+stream, "\n---\n") {
		if doc = strings.Trim(doc, "\n"); !strings.Contains(doc, "kind: ") && !strings.Contains(doc, "\"kind\": ") {
			continue
		}
		b.WriteString(indent + "- ")
		for i, line := range strings.Split(doc, "\n") {
			if i > 0 && line != "" {
				b.WriteString(indent + "  ")
			}
			b.WriteString(line + "\n")
		}
	}
	b.WriteString("functionConfig:\n  " + strings.ReplaceAll(strings.TrimSpace(functionConfig("x", spec)), "\n", "\n  ") + "\n")
	return []byte(b.String())
}

// checkPromises runs the function twice and checks what it promises of any input.
func checkPromises(t *testing.T, in []byte) {
	t.Helper()
	out, log, code := run(in)
	fail := func(format string, args ...any) {
		t.Helper()
		t.Fatalf("%s\nexit %d\n--- in\n%s\n--- out\n%s\n--- stderr\n%s", fmt.Sprintf(format, args...), code, in, out, log)
	}

	errors := strings.Count("\n"+string(log), "\nerror: ")
	warnings := strings.Count("\n"+string(log), "\nwarning: ")
	switch {
	case strings.Contains(string(log), "internal error"):
		fail("it panicked")
	case code != 0 && code != 1, (code == 1) != (errors > 0):
		fail("the exit code does not agree with %d errors", errors)
	case bytes.Count(log, []byte("\n")) != errors+warnings:
		fail("stderr holds more than one line for each error and warning")
	}

	after := parse(out)
	if after == nil || field(after, "items") == nil {
		fail("the output is no ResourceList")
	}
	before := parse(in)
	if before == nil || !isList(before) || !utf8.Valid(in) {
		if code == 0 {
			fail("input that is no ResourceList must be an error")
		}
		return
	}
	checkItems(fail, before, after, code)

	again, _, codeAgain := run(out)
	if !bytes.Equal(out, again) || code != codeAgain {
		fail("a second run exits %d and prints\n%s", codeAgain, again)
	}
}

// checkItems checks that the items are the same, but for fields of identity on success,
// and that everything else of the list is the same but for new results.
func checkItems(fail func(string, ...any), before, after *yaml.Node, code int) {
	a, b := data(before), data(after)
	if a == nil || b == nil {
		// What cannot be decoded, such as a key that is written twice, must come out as
		// the same nodes.
		return
	}
	listA, listB := a.(map[string]any), b.(map[string]any)
	itemsA, _ := listA["items"].([]any)
	itemsB, _ := listB["items"].([]any)
	if len(itemsA) != len(itemsB) {
		fail("%d items became %d", len(itemsA), len(itemsB))
	}
	files := identityFiles(itemsA)
	for i := range itemsA {
		if code == 0 {
			itemsA[i], itemsB[i] = withoutIdentity(itemsA[i], files), withoutIdentity(itemsB[i], files)
		}
		if !reflect.DeepEqual(itemsA[i], itemsB[i]) {
			fail("item %d differs:\n%v\n%v", i, itemsA[i], itemsB[i])
		}
	}
	resultsA, _ := listA["results"].([]any)
	resultsB, _ := listB["results"].([]any)
	if len(resultsB) < len(resultsA) || !slices.EqualFunc(resultsA, resultsB[:len(resultsA)], reflect.DeepEqual) {
		fail("incoming results differ")
	}
	for _, list := range []map[string]any{listA, listB} {
		delete(list, "items")
		delete(list, "results")
	}
	if !reflect.DeepEqual(listA, listB) {
		fail("the rest of the list differs")
	}
}

// withoutIdentity returns an object without the fields that the function may set, and
// without the maps that it may have made for them.
func withoutIdentity(object any, files map[string]bool) any {
	root, ok := object.(map[string]any)
	if !ok {
		return object
	}
	kind, _ := root["kind"].(string)
	if items, ok := root["items"].([]any); ok && strings.HasSuffix(kind, "List") {
		for i, item := range items {
			if object, ok := item.(map[string]any); ok && object["kind"] == nil && kind != "List" {
				// what a typed list need not say
				object["kind"] = strings.TrimSuffix(kind, "List")
				withoutIdentity(object, files)
				delete(object, "kind")
			}
			items[i] = withoutIdentity(item, files)
		}
	}
	var places [][]string
	switch root["kind"] {
	case "Kustomization", "Component", nil:
		dropPatches(root, files)
	case "FluxInstance":
		spec, _ := root["spec"].(map[string]any)
		kustomize, _ := spec["kustomize"].(map[string]any)
		dropPatches(kustomize, files)
		if len(kustomize) == 0 {
			delete(spec, "kustomize")
		}
		if len(spec) == 0 {
			delete(root, "spec")
		}
	case "ServiceAccount":
		places = [][]string{{"metadata", "annotations"}}
	case "Deployment":
		places = [][]string{{"metadata", "labels"}, {"spec", "template", "metadata", "labels"}, {"spec", "template", "metadata"}}
	}
	for _, place := range places {
		parent := root
		for _, name := range place[:len(place)-1] {
			parent, _ = parent[name].(map[string]any)
		}
		last := place[len(place)-1]
		values, _ := parent[last].(map[string]any)
		for key := range values {
			for _, p := range cloud.All {
				if p.Owns(key) {
					delete(values, key)
				}
			}
		}
		if len(values) == 0 && parent != nil {
			delete(parent, last)
		}
	}
	return root
}

// dropPatches removes the patches that hold nothing but identities from the lists of patches,
// and lists that they leave empty. files are those of which the same is true.
func dropPatches(parent map[string]any, files map[string]bool) {
	for _, field := range []string{"patches", "patchesStrategicMerge", "patchesJson6902"} {
		list, isList := parent[field].([]any)
		list = slices.DeleteFunc(list, func(e any) bool {
			entry, _ := e.(map[string]any)
			text, _ := entry["patch"].(string)
			file, _ := entry["path"].(string)
			if field == "patchesStrategicMerge" {
				text, _ = e.(string)
				file = text
			}
			return files[file] || isIdentity(text)
		})
		switch {
		case len(list) > 0:
			parent[field] = list
		case isList, parent[field] == nil:
			delete(parent, field)
		}
	}
}

// identityFiles returns the names of files that hold an object with nothing but identities.
func identityFiles(items []any) map[string]bool {
	files := map[string]bool{}
	for _, item := range items {
		object, _ := item.(map[string]any)
		metadata, _ := object["metadata"].(map[string]any)
		annotations, _ := metadata["annotations"].(map[string]any)
		name, _ := annotations["internal.config.kubernetes.io/path"].(string)
		rest := map[string]any{"annotations": maps.Clone(annotations), "labels": metadata["labels"], "spec": object["spec"]}
		maps.DeleteFunc(rest["annotations"].(map[string]any), func(key string, _ any) bool { return strings.HasPrefix(key, "internal.config.kubernetes.io/") })
		if text, err := yaml.Marshal(rest); err == nil && name != "" && isIdentity(strings.NewReplacer("labels: null\n", "", "spec: null\n", "").Replace(string(text))) {
			files[path.Base(name)] = true
		}
	}
	return files
}

// isIdentity reports whether the text of a patch, a merge of one document or operations of
// RFC 6902, mentions the keys of a cloud and no other labels and annotations; one of ours may
// be without any.
func isIdentity(text string) bool {
	var body yaml.Node
	if yaml.Unmarshal([]byte(text), &body) != nil {
		return false
	}
	var keys []string
	switch body := plain(&body).(type) {
	case []any:
		for _, e := range body {
			op, _ := e.(map[string]any)
			pointer, _ := op["path"].(string)
			if value, ok := op["value"].(map[string]any); ok && strings.HasSuffix(pointer, "/metadata/annotations") {
				keys = append(keys, identityKeys(value)...)
				continue
			}
			keys = append(keys, strings.ReplaceAll(pointer[strings.LastIndex(pointer, "/")+1:], "~1", "/"))
		}
	case map[string]any:
		keys = identityKeys(body)
	}
	return (len(keys) > 0 || strings.Contains(text, api.PatchPrefix)) && !slices.ContainsFunc(keys, func(key string) bool {
		return !slices.ContainsFunc(cloud.All, func(p *provider.Provider) bool { return p.Owns(key) })
	})
}

// plain returns the value of a node; of a key that is written twice the last counts.
func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.DocumentNode:
		return plain(n.Content[0])
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		var list []any
		for _, e := range n.Content {
			list = append(list, plain(e))
		}
		return list
	}
	return n.Value
}

// identityKeys returns the keys of all strings in an object, but for those that name it.
func identityKeys(object map[string]any) (keys []string) {
	for key, value := range object {
		switch value := value.(type) {
		case map[string]any:
			keys = append(keys, identityKeys(value)...)
		default:
			if !slices.Contains([]string{"apiVersion", "kind", "name", "namespace"}, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// parse returns the root of the only document, nil where there is none. It uses the
// parsers of YAML and JSON, and nothing of the function.
func parse(text []byte) *yaml.Node {
	if root := parseYAML(text); root != nil || !json.Valid(text) {
		return root
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return nil
	}
	text, err := yaml.Marshal(value)
	if err != nil {
		return nil
	}
	return parseYAML(text)
}

func parseYAML(text []byte) (root *yaml.Node) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var doc yaml.Node
		if err := decoder.Decode(&doc); err != nil {
			if err.Error() != "EOF" {
				return nil
			}
			return root
		}
		if len(doc.Content) == 1 && doc.Content[0].ShortTag() != "!!null" {
			if root != nil {
				return nil
			}
			root = doc.Content[0]
		}
	}
}

func field(root *yaml.Node, name string) *yaml.Node {
	if root.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == name {
			return root.Content[i+1]
		}
	}
	return nil
}

// keys returns the keys of a map, a line feed before and after each.
func keys(root *yaml.Node) string {
	all := "\n"
	for i := 0; i+1 < len(root.Content); i += 2 {
		all += root.Content[i].Value + "\n\n"
	}
	return all
}

// isList reports whether the root is a ResourceList that must be taken.
func isList(root *yaml.Node) bool {
	for _, name := range []string{"kind", "apiVersion", "items", "results", "functionConfig"} {
		if count := strings.Count(keys(root), "\n"+name+"\n"); count > 1 {
			return false
		}
	}
	kind, version := field(root, "kind"), field(root, "apiVersion")
	items, results := field(root, "items"), field(root, "results")
	return kind != nil && kind.Value == "ResourceList" && kind.ShortTag() == "!!str" &&
		version != nil && (version.Value == "config.kubernetes.io/v1" || version.Value == "config.kubernetes.io/v1beta1") &&
		items != nil && items.Kind == yaml.SequenceNode && (results == nil || results.Kind == yaml.SequenceNode || results.ShortTag() == "!!null")
}

// data returns what a reader of the document sees, aliases and merge keys resolved; nil
// where it would refuse it.
func data(root *yaml.Node) (v any) {
	defer func() {
		if recover() != nil {
			v = nil
		}
	}()
	if err := root.Decode(&v); err != nil {
		return nil
	}
	v = named(v)
	if _, ok := v.(map[string]any); !ok {
		return nil
	}
	return v
}

// named turns the keys of all maps into strings, as a map with a key such as null or 5
// has others.
func named(v any) any {
	switch v := v.(type) {
	case map[any]any:
		m := map[string]any{}
		for key, value := range v {
			m[fmt.Sprint(key)] = named(value)
		}
		return m
	case map[string]any:
		for key, value := range v {
			v[key] = named(value)
		}
	case []any:
		for i, value := range v {
			v[i] = named(value)
		}
	}
	return v
}

// FuzzLines checks the promises on inputs that stay close to YAML: program is a list of
// edits, three bytes each, of the lines of a seed. Bytes that change at random hardly ever
// leave a document that can be read.
func FuzzLines(f *testing.F) {
	all := seeds(f)
	for i := range all {
		f.Add(uint16(i), []byte{byte(i), byte(i * 7), byte(i * 13), byte(i * 5), byte(i * 3), byte(i * 11)})
	}
	f.Fuzz(func(t *testing.T, seed uint16, program []byte) {
		lines := strings.SplitAfter(string(all[int(seed)%len(all)]), "\n")
		for ; len(program) >= 3 && len(lines) > 0; program = program[3:] {
			lines = editLine(lines, program[0], program[1], program[2])
		}
		checkPromises(t, []byte(strings.Join(lines, "")))
	})
}

// oddities are pieces of YAML that printers and scanners get wrong.
var oddities = []string{
	"# comment\n", "  # comment\n", "      # comment\n", "\n", "   \n", "---\n", "...\n", "- # comment\n", "- \n", "\t\n",
	"%YAML 1.1\n", "\ufeff", "results: []\n", "results:\n- message: x\n  severity: error\n", "items: null\n", "items: []\n",
	"    annotations:\n", "    annotations: {}\n", "    annotations: null\n", "    annotations: {a: b}\n", "    labels: &l {a: b}\n", "    labels: *l\n",
	"    <<: *l\n", "    description: |\n      ---\n      - a\n\n      # no comment\n", "    text: |+\n      kept\n\n\n", "    text: >-\n      folded\n      text\n",
	"    text: |2\n        indented\n", "    yes: on\n", "    1e3: 0x10\n", "    null: ~\n", "    ? complex\n    : value\n", "    tab: \"a\\tb\"\n",
	"    ümlaut: 'née'\n", "    quoted: 'it''s'\n", "    long: " + strings.Repeat("word ", 40) + "\n", "    multi: 'a\n\n      b'\n", "  metadata: {name: source-controller}\n",
	"    ! tagged: !!str 5\n", "    binary: !!binary aGk=\n", "- &item\n", "- *item\n", "    a: &a [*a]\n", "- {apiVersion: v1, kind: ServiceAccount, metadata: {name: source-controller, labels: {app.kubernetes.io/part-of: flux}}}\n",
}

// wraps turn the value of a line into another form of it.
var wraps = []func(string) string{
	func(v string) string { return `"` + v + `"` },
	func(v string) string { return `'` + v + `'` },
	func(v string) string { return v + " # comment" },
	func(v string) string { return "&x " + v },
	func(string) string { return "*x" },
	func(string) string { return "" },
	func(string) string { return "null" },
	func(string) string { return "[]" },
	func(string) string { return "5" },
	func(string) string { return "true" },
	func(v string) string { return "!!str " + v },
	func(v string) string { return "|\n          " + v },
	func(v string) string { return ">-\n          " + v },
	func(v string) string { return "{a: " + v + "}" },
	func(v string) string { return "[" + v + "]" },
	func(v string) string { return v + "\r" },
}

func editLine(lines []string, op, where, what byte) []string {
	i := int(where) % len(lines)
	line := lines[i]
	key, value, isField := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
	switch op % 8 {
	case 0:
		return slices.Insert(lines, i, oddities[int(what)%len(oddities)])
	case 1:
		return slices.Delete(lines, i, i+1)
	case 2:
		return slices.Insert(lines, int(what)%len(lines), line)
	case 3:
		lines[i] = "  " + line
	case 4:
		lines[i] = strings.TrimPrefix(line, "  ")
	case 5, 6:
		if isField {
			lines[i] = key + ": " + wraps[int(what)%len(wraps)](value) + "\n"
		}
	case 7:
		j := int(what) % len(lines)
		lines[i], lines[j] = lines[j], lines[i]
	}
	return lines
}
