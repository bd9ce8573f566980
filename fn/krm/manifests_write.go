package krm

import (
	"bytes"
	"errors"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// Manifests returns the streams with the edits. Every byte outside the edited documents
// stays, and in those all that is not edited; a document that cannot be edited by lines is
// printed anew, JSON as YAML. A stream without edits is the one that was read. Streams that are
// read beside are not among them.
func (l *ResourceList) Manifests() ([]Stream, error) {
	if !l.isManifests() {
		return nil, errors.New("stdin: a ResourceList: want plain manifests")
	}
	if l.Unsure() {
		for _, p := range l.parts {
			if p.broken {
				return nil, p.unprintable()
			}
		}
	}
	out := make([]Stream, 0, len(l.streams))
	next := 0
	for i := range l.streams {
		s, first, edited := &l.streams[i], next, false
		for ; next < len(l.parts) && l.parts[next].stream == s; next++ {
			edited = edited || l.parts[next].edited
		}
		written := *s
		if edited {
			written.Text = bytes.Join(s.pieces(l.parts[first:next], nil, -1, 0), nil)
		}
		if !s.Beside {
			out = append(out, written)
		}
	}
	return out, nil
}

// StreamsBeside returns the streams that are read beside, as they were read.
func (l *ResourceList) StreamsBeside() (beside []Stream) {
	for _, s := range l.streams {
		if s.Beside {
			beside = append(beside, s)
		}
	}
	return beside
}

// unprintable says why a part is broken.
func (p *part) unprintable() error {
	err := errors.New("cannot be printed without changing its data: want simpler comments, anchors or quotes")
	if _, wrong := parseItem(p.read); wrong != nil {
		err = notYAML(p.read, wrong)
	}
	return p.stream.errorAt(p.start, p.number, err)
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

// together is what Pieces returns of manifests: the streams as one.
func (l *ResourceList) together() ([][]byte, error) {
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
