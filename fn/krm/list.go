package krm

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/suggest"
)

// Kind and APIVersion are those of the lists this package writes.
const (
	Kind       = "ResourceList"
	APIVersion = "config.kubernetes.io/v1"
)

// apiVersions are the accepted versions; their content is the same.
var apiVersions = []string{APIVersion, "config.kubernetes.io/v1beta1"}

// ResourceList is what an orchestrator sends: the items, and how to treat them.
type ResourceList struct {
	// Items are the objects in the order of the stream.
	Items []*Item
	// FunctionConfig is the configuration of the function, nil where there is none.
	FunctionConfig *yaml.Node

	text   []byte     // as it was read
	doc    *yaml.Node // the parsed document, edited in place
	edited bool
	// layout says where the items lie in the text, if the scan was sure. Then doc holds the
	// other fields alone, and an item is parsed when somebody looks at it.
	layout *layout
	// manifests is set where the items are documents of plain streams, not of one text.
	manifests *manifests
}

// Read reads one ResourceList, YAML or JSON, to the end of r. The error of anything
// else says what came instead.
func Read(r io.Reader) (*ResourceList, error) {
	text, err := readAll(r)
	if err != nil {
		return nil, fmt.Errorf("stdin: %w", err)
	}
	return Parse(text)
}

// Parse is Read for text in memory. The list keeps the text, which must not change.
func Parse(text []byte) (*ResourceList, error) {
	if list := slice(text); list != nil {
		return list, nil
	}
	whole, err := ParseWhole(text)
	if err != nil {
		return nil, err
	}
	if l, ok := locate(whole.text, whole.doc); ok {
		if list := sliced(whole.text, l); list != nil {
			return list, nil
		}
	}
	return whole, nil
}

// ParseWhole parses the whole document, as Parse does where it cannot do with less. What the
// two make of a list is the same but for the spacing of an edited one.
func ParseWhole(text []byte) (*ResourceList, error) {
	doc, err := parseDocument(text)
	if err != nil {
		if rewritten, ok := yamlFromJSON(text); ok {
			text = rewritten
			doc, err = parseDocument(text)
		}
	}
	if err != nil {
		return nil, err
	}
	root := doc.Content[0]
	if err := checkTopLevel(root); err != nil {
		return nil, err
	}
	list := &ResourceList{text: text, doc: doc, FunctionConfig: edit.Get(root, "functionConfig")}
	if items := edit.Get(root, "items"); items != nil {
		for i, node := range items.Content {
			list.Items = append(list.Items, &Item{Index: i, node: node, list: list})
		}
	}
	return list, nil
}

// parseDocument parses text that must hold one YAML document; empty ones beside it,
// as a trailing "---" makes them, do not count.
func parseDocument(text []byte) (*yaml.Node, error) {
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return nil, errors.New("stdin: empty: want a " + Kind)
	case !utf8.Valid(text):
		return nil, errors.New("stdin: not UTF-8: want a " + Kind + " in UTF-8")
	case bytes.IndexByte(text, 0) >= 0:
		return nil, errors.New("stdin: holds a NUL byte: want a " + Kind + " in YAML or JSON")
	}
	var found *yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("stdin: not YAML: %w: want a %s in YAML or JSON", err, Kind)
		}
		if len(doc.Content) == 0 || edit.IsNull(doc.Content[0]) {
			continue
		}
		if found != nil {
			return nil, errors.New("stdin: several YAML documents: want one " + Kind + plainly)
		}
		found = &doc
	}
	if found == nil {
		return nil, errors.New("stdin: empty: want a " + Kind)
	}
	return found, nil
}

// plainly says what to do with what is plain YAML.
const plainly = "; for plain manifests run flux install --export | flux-workload-identity --fn-config FILE, " +
	"for a folder kpt fn source DIR --fn-config FILE | flux-workload-identity | kpt fn sink NEWDIR"

// checkTopLevel checks what makes a map a ResourceList: the version, the kind, and
// items that are a list, null or absent.
func checkTopLevel(root *yaml.Node) error {
	if !edit.IsMap(root) {
		return fmt.Errorf("stdin: %s: want a %s", edit.Describe(root), Kind)
	}
	for _, field := range []string{"apiVersion", "kind", "items", "functionConfig", "results"} {
		if _, err := edit.Current(root, edit.Path{field}); err != nil {
			return fmt.Errorf("stdin: %w", err)
		}
	}
	if kind := edit.Get(root, "kind"); edit.Text(kind) != Kind {
		hint := ""
		if given := edit.Text(kind); given != "" && suggest.Nearest(given, []string{Kind}) == "" {
			hint = plainly
		}
		return fmt.Errorf("stdin: kind: %s: want %s%s", edit.Describe(kind), Kind, hint)
	}
	if v := edit.Get(root, "apiVersion"); !slices.Contains(apiVersions, edit.Text(v)) {
		return fmt.Errorf("stdin: apiVersion: %s: want %s or %s", edit.Describe(v), apiVersions[0], apiVersions[1])
	}
	for _, field := range []string{"items", "results"} {
		if n := edit.Get(root, field); n != nil && !edit.IsList(n) {
			return fmt.Errorf("stdin: %s: %s: want a list", field, edit.Describe(n))
		}
	}
	return nil
}
