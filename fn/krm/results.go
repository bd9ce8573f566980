package krm

import (
	"encoding/json"
	"fmt"

	"github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// unknownResults returns the results that are not among those that came in, once each.
func unknownResults(incoming []*yaml.Node, results fn.Results) (fresh fn.Results, err error) {
	known := map[string]bool{}
	for _, n := range incoming {
		var v any
		if err := n.Decode(&v); err != nil {
			continue // what cannot be decoded is none of ours
		}
		if text, err := json.Marshal(v); err == nil {
			known[string(text)] = true
		}
	}
	for _, r := range results {
		text, err := canonical(r)
		if err != nil {
			return nil, fmt.Errorf("results: %w", err)
		}
		if !known[text] {
			known[text] = true
			fresh = append(fresh, r)
		}
	}
	return fresh, nil
}

// canonical returns a result as JSON with sorted keys, as the one who reads it back has it.
func canonical(r *fn.Result) (string, error) {
	var v any
	text, err := json.Marshal(r)
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err == nil {
		text, err = json.Marshal(v)
	}
	return string(text), err
}

// nodesOf returns the results as nodes, and as their text. The printer gets blocks wrong that begin with a
// tab; in JSON there are none.
func nodesOf(results fn.Results) (nodes []*yaml.Node, text []byte, err error) {
	var doc yaml.Node
	text, err = yaml.Marshal(results)
	if err == nil && yaml.Unmarshal(text, &doc) != nil {
		if text, err = json.Marshal(results); err == nil {
			err = yaml.Unmarshal(text, &doc)
		}
		if err == nil {
			doc.Content[0].Style = 0 // of the list alone
			text, err = encode(&doc, &yaml.EncoderOptions{SeqIndent: yaml.CompactSequenceStyle})
		}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("results: %w", err)
	}
	return doc.Content[0].Content, text, nil
}
