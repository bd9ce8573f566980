package krm

import (
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// Fields are the fields of an object to read: each whole where its value is nil, and those
// named in its value otherwise. In a list they are those of each element.
type Fields map[string]Fields

// Outline returns the root of the object for reading the given fields, and only those: of
// what is a slice no more is parsed, which takes a fraction of the time. Errors and
// duplicates within the fields are those of the whole object.
func (i *Item) Outline(fields Fields) *yaml.Node {
	if i.part.doc != nil || !i.part.plain {
		return i.Node()
	}
	doc, err := parseItem(outline(i.part.now, fields))
	if err != nil {
		return i.Node()
	}
	root := i.complete(edit.Resolve(doc.Content[0].Content[0]))
	if i.names == nil {
		i.note(root)
	}
	return root
}

// outline drops the entries that are not wanted from an object that the scan has recognised. The first
// entry of a map stays in any case, since a map without any would be none.
func outline(text []byte, fields Fields) []byte {
	return appendOutline(make([]byte, 0, len(text)/2), text, -1, fields)
}

// appendOutline appends the outline of a collection, or of an element behind a dash: there an entry goes
// on over the lines that are indented further, and over the dashes below a key.
func appendOutline(out, text []byte, dash int, fields Fields) []byte {
	column, list := -1, false
	var starts []int // of the entries
	for pos := 0; pos < len(text); {
		body, indent, next := peek(text, pos, dash)
		switch {
		case len(body) == 0 || body[0] == '#':
		case column < 0:
			column, list = indent, isDash(body)
			starts = append(starts, pos)
		case indent == column && isDash(body) == list:
			starts = append(starts, pos)
		}
		pos = next
	}
	if column < 0 {
		return append(out, text...)
	}
	out = append(out, text[:starts[0]]...)
	for n, start := range starts {
		entry := text[start:]
		if n+1 < len(starts) {
			entry = text[start:starts[n+1]]
		}
		if start > 0 {
			dash = -1
		}
		body, _, next := peek(entry, 0, dash)
		key, rest, isKey := cutKey(body)
		below, wanted := fields[string(key)]
		switch {
		case list:
			out = appendOutline(out, entry, column, fields)
		case isKey && below != nil && (len(rest) == 0 || rest[0] == '#'):
			out = append(out, entry[:next]...)
			out = appendOutline(out, entry[next:], -1, below)
		case wanted || n == 0:
			out = append(out, entry...)
		}
	}
	return out
}
