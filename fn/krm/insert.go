package krm

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// insertions returns the input with the results inserted, and an empty list of items where
// there is none, at the places where that may work, the best first. Which of them does, if
// any, is found by reading them again.
func (l *ResourceList) insertions(fresh fn.Results) [][]byte {
	root, text := l.root, l.parts[0].read
	items, _ := edit.Current(root, edit.Path{"items"})
	results, _ := edit.Current(root, edit.Path{"results"})
	if items != nil && edit.IsNull(items) || results != nil && edit.IsNull(results) {
		return nil
	}
	if root.Style&yaml.FlowStyle != 0 {
		return l.flowInsertions(fresh)
	}
	list, err := yaml.Marshal(fresh)
	if err != nil {
		return nil
	}
	lines := splitLines(text)
	margin := strings.Repeat(" ", root.Column-1)
	end := len(lines)
	stop := end
	if i := lastContentLine(lines); i > 0 && isMarker(lines[i]) {
		stop = i
	}
	if results == nil {
		var block []byte
		if items == nil {
			block = append(block, "items: []\n"...)
		}
		if len(fresh) > 0 {
			block = append(append(block, "results:\n"...), list...)
		}
		block = indent(margin, block)
		places := []int{stop, end}
		for i := 0; i < len(root.Content); i += 2 {
			if root.Content[i].Value == "items" {
				places = append(places, root.Content[i].Line-1)
			}
		}
		return insertAt(lines, block, places...)
	}
	if results.Style&yaml.FlowStyle != 0 || len(results.Content) == 0 || items == nil {
		return nil
	}
	block := indent(strings.Repeat(" ", results.Column-1), list)
	for i := 0; i+2 < len(root.Content); i += 2 {
		if edit.Resolve(root.Content[i+1]) == results {
			next := root.Content[i+2].Line - 1
			return insertAt(lines, block, lastContentLine(lines[:next])+1, next)
		}
	}
	return insertAt(lines, block, stop, end)
}

// flowInsertions does the same for a list in JSON, or in YAML's form of it.
func (l *ResourceList) flowInsertions(fresh fn.Results) [][]byte {
	var list bytes.Buffer
	encoder := json.NewEncoder(&list)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(fresh); err != nil {
		return nil
	}
	root, text := l.root, l.parts[0].read
	brace := bytes.LastIndexByte(text, '}')
	if brace < 0 || edit.Get(root, "items") == nil || edit.Get(root, "results") != nil {
		return nil
	}
	last := len(bytes.TrimRight(text[:brace], " \t\r\n"))
	return [][]byte{bytes.Join([][]byte{
		text[:last], []byte(`,"results":`), bytes.TrimSpace(list.Bytes()), text[last:],
	}, nil)}
}

// splitLines splits text after each line feed and gives the last line one too.
func splitLines(text []byte) [][]byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	last := len(lines) - 1
	if len(lines[last]) == 0 {
		return lines[:last]
	}
	lines[last] = append(bytes.Clone(lines[last]), '\n')
	return lines
}

// isMarker reports whether a document begins or ends at the line.
func isMarker(line []byte) bool {
	return bytes.HasPrefix(line, []byte("...")) || bytes.HasPrefix(line, []byte("---"))
}

// lastContentLine returns the index of the last line that is neither empty nor a comment.
func lastContentLine(lines [][]byte) int {
	for i := len(lines) - 1; i >= 0; i-- {
		if line := bytes.TrimSpace(lines[i]); len(line) > 0 && line[0] != '#' {
			return i
		}
	}
	return -1
}

func indent(margin string, text []byte) []byte {
	if margin == "" {
		return text
	}
	var out []byte
	for _, line := range splitLines(text) {
		out = append(append(out, margin...), line...)
	}
	return out
}

func insertAt(lines [][]byte, block []byte, places ...int) [][]byte {
	var texts [][]byte
	for _, i := range places {
		if i < 0 || i > len(lines) {
			continue // a line count that differs from the parser's, as a lone CR makes it
		}
		texts = append(texts, bytes.Join([][]byte{
			bytes.Join(lines[:i], nil), block, bytes.Join(lines[i:], nil),
		}, nil))
	}
	return texts
}
