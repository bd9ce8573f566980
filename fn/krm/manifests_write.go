package krm

import (
	"bytes"
	"errors"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// Manifests returns the streams with the edits. Every byte outside the edited documents
// stays, and in those all that is not edited; a document that cannot be edited by lines is
// printed anew, JSON as YAML. A stream without edits is the one that was read.
func (l *ResourceList) Manifests() ([]Stream, error) {
	m := l.manifests
	if m == nil {
		return nil, errors.New("stdin: a ResourceList: want plain manifests")
	}
	for _, item := range l.Items {
		if item.broken {
			d := m.documents[item.Index]
			if d.parse(); d.err != nil {
				return nil, m.errorOf(d, d.err)
			}
			return nil, m.errorOf(d, errors.New("cannot be printed without changing its data: want simpler comments, anchors or quotes"))
		}
	}
	out := make([]Stream, len(m.streams))
	next := 0
	for i, s := range m.streams {
		var pieces [][]byte
		from := 0
		for ; next < len(l.Items) && m.documents[next].stream == i; next++ {
			if d := m.documents[next]; l.Items[next].edited {
				pieces = append(pieces, s.Text[from:d.start], l.Items[next].ended(d))
				from = d.end
			}
		}
		out[i] = s
		if from > 0 {
			out[i].Text = bytes.Join(append(pieces, s.Text[from:]), nil)
		}
	}
	return out, nil
}

// ended returns the text of an edited item with the end that its document had: the last line
// of a stream may lack its line feed.
func (i *Item) ended(d *document) []byte {
	if bytes.HasSuffix(d.text, []byte("\n")) {
		return i.text
	}
	trimmed := bytes.TrimSuffix(bytes.TrimSuffix(i.text, []byte("\n")), []byte("\r"))
	if doc, err := parseItem(trimmed); err == nil && len(trimmed) < len(i.text) && edit.Same(doc, i.doc) {
		return trimmed
	}
	return i.text
}

// printed returns the item printed anew, at its place in the list or as a document.
func (i *Item) printed(options *yaml.EncoderOptions) ([]byte, error) {
	if i.list.manifests == nil {
		text, err := encode(i.doc, options)
		return indent(string(bytes.Repeat([]byte(" "), i.list.layout.column)), text), err
	}
	if i.node.Style&yaml.FlowStyle != 0 {
		edit.Unflow(i.node)
	}
	doc := *i.doc
	doc.Content = []*yaml.Node{i.node}
	isCRLF := bytes.HasSuffix(i.text[:lineEnd(i.text, 0)], []byte("\r\n"))
	if isCRLF {
		unreturn(&doc)
	}
	text, err := encode(&doc, options)
	if err != nil {
		return nil, err
	}
	text = append([]byte(head(i.text)), text...)
	if isCRLF {
		text = bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	}
	return text, nil
}

// unreturn takes the carriage returns from comments, which the printer would take for more
// line breaks.
func unreturn(n *yaml.Node) {
	for _, comment := range []*string{&n.HeadComment, &n.LineComment, &n.FootComment} {
		*comment = strings.ReplaceAll(*comment, "\r", "")
	}
	for _, c := range n.Content {
		unreturn(c)
	}
}

// head returns the marker of a document whose text begins with its line.
func head(text []byte) string {
	if bytes.HasPrefix(text, []byte("---")) && isMarkerAt(text, 0) {
		return "---\n"
	}
	return ""
}

// pieces is what Pieces returns of manifests: the streams as one.
func (m *manifests) pieces(l *ResourceList) ([][]byte, error) {
	streams, err := l.Manifests()
	if err != nil {
		return nil, err
	}
	var pieces [][]byte
	for _, s := range streams {
		text := bytes.TrimPrefix(s.Text, byteOrderMark)
		if len(pieces) == 0 {
			text = s.Text
		}
		if len(text) == 0 {
			continue
		}
		if len(pieces) > 0 {
			pieces = append(pieces, between(pieces[len(pieces)-1], text))
		}
		pieces = append(pieces, text)
	}
	return pieces, nil
}

// between returns what is needed between two streams for them to be one.
func between(before, after []byte) (separator []byte) {
	if before[len(before)-1] != '\n' {
		separator = append(separator, '\n')
	}
	for text := after; len(text) > 0; text = text[lineEnd(text, 0):] {
		line := bytes.TrimSpace(text[:lineEnd(text, 0)])
		switch {
		case len(line) == 0 || line[0] == '#':
			continue
		case text[0] == '%':
			return append(separator, "...\n"...)
		case isMarker(text) && isMarkerAt(text, 0):
			return separator
		}
		break
	}
	return append(separator, "---\n"...)
}
