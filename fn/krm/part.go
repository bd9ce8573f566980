package krm

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// part is a text that is parsed, edited and printed by itself: a chunk. Mostly it is one item. Those of
// a list that cannot be cut, as in JSON or where they share anchors, are in one part.
//
// The text and the tree are read through their methods alone: these see to it that what they return is
// there, and is what the edits have made of it.
type part struct {
	now    []byte     // the text, but for the edits that only doc has
	doc    *yaml.Node // the text, parsed, nil until somebody asks for it
	ahead  bool       // doc has edits that now has not
	edited bool
	err    error // why it could not be parsed or printed by itself after all

	read       []byte  // the text as it was read; of JSON it may be another form
	stream     *Stream // in which it lies
	start, end int     // where
	below      int     // where the blank lines and comments end that follow it in its list
	dash       int     // its column, -1 where there is none
	number     int     // of documents: how many come before it in the stream
	shared     bool    // by several items
	whole      bool    // a ResourceList
	plain      bool    // the scan has recognised all of it
}

// part returns that of a chunk, which lies at a place of a stream.
func (c *chunk) part(s *Stream, at, below int) *part {
	return &part{
		now: c.text, read: c.text, stream: s, start: at + c.start, end: at + c.end, below: max(at+c.below, below), dash: c.dash, plain: c.plain,
	}
}

// tree returns the document that the text holds: a list of one object.
func (p *part) tree() *yaml.Node {
	if p.doc == nil {
		doc, err := p.parse(p.now)
		if err != nil {
			p.err = err
			doc = &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{{Kind: yaml.MappingNode}}}
			wrap(doc)
		}
		p.doc = doc
	}
	return p.doc
}

func (p *part) parse(text []byte) (*yaml.Node, error) {
	if !p.whole {
		return parseItem(text)
	}
	doc, err := parseDocument(text)
	if err == nil {
		wrap(doc)
	}
	return doc, err
}

// root returns the object that the text holds.
func (p *part) root() *yaml.Node {
	return p.tree().Content[0].Content[0]
}

// reset makes the part what it was when it was read.
func (p *part) reset() {
	p.now, p.doc, p.ahead, p.edited, p.err = p.read, nil, false, false, nil
}

// text returns the text with the edits. A last line that lacks its line feed is without one again,
// where that does not change what the text holds.
func (p *part) text() []byte {
	p.settle()
	if len(p.read) == 0 || p.read[len(p.read)-1] == '\n' || !p.edited || p.whole {
		return p.now
	}
	trimmed := bytes.TrimSuffix(bytes.TrimSuffix(p.now, []byte("\n")), []byte("\r"))
	if doc, err := parseItem(trimmed); err == nil && edit.Same(doc, p.tree()) {
		return trimmed
	}
	return p.now
}

// settle prints the part where the tree has edits that the text has not.
func (p *part) settle() {
	if !p.ahead || p.err != nil {
		return
	}
	for _, restyle := range edit.Restyles {
		restyle(p.doc)
		if text, err := p.printed(p.root()); err == nil && p.take(text) {
			p.plain = false
			return
		}
	}
	p.err = errUnprintable
}

// errUnprintable means that a printed text, read again, did not hold what it should: YAML has corners that
// its printer does not get right, and what is wrong must not pass.
var errUnprintable = errors.New("cannot be printed without changing its data: want simpler comments, anchors or quotes")

// take makes text that of the part, if it holds what the tree does.
func (p *part) take(text []byte) bool {
	doc, err := p.parse(text)
	if err != nil || !edit.Same(doc.Content[0], p.doc.Content[0]) || !p.fits(text, doc) {
		return false
	}
	p.doc, p.now, p.ahead = doc, text, false
	return true
}

// fits reports whether the text holds the same when it stands in the list: a block scalar at its end
// might take the comments and blank lines that follow for its own.
func (p *part) fits(text []byte, doc *yaml.Node) bool {
	if p.below == p.end || !endsInBlock(doc) {
		return true
	}
	all, err := parseItem(slices.Concat(text, p.stream.Text[p.end:p.below]))
	return err == nil && edit.Same(all.Content[0], doc.Content[0])
}

// endsInBlock reports whether the last value is a block scalar.
func endsInBlock(n *yaml.Node) bool {
	for len(n.Content) > 0 {
		n = n.Content[len(n.Content)-1]
	}
	return n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
}

// printed returns the part printed anew, with a root of its own. JSON becomes block style.
func (p *part) printed(root *yaml.Node) ([]byte, error) {
	doc := *p.doc
	options := &yaml.EncoderOptions{SeqIndent: yaml.CompactSequenceStyle}
	if p.isWide(root) {
		options.SeqIndent = yaml.WideSequenceStyle
	}
	if p.dash < 0 {
		if root.Style&yaml.FlowStyle != 0 {
			edit.Unflow(root)
		}
		doc.Content = []*yaml.Node{root}
	}
	isCRLF := !p.whole && bytes.HasSuffix(p.now[:lineEnd(p.now, 0)], []byte("\r\n"))
	if isCRLF {
		unreturn(&doc)
	}
	text, err := encode(&doc, options)
	switch {
	case err != nil:
		return nil, err
	case p.dash > 0:
		text = indent(p.dash, text)
	case p.dash < 0 && !p.whole:
		text = append([]byte(head(p.now)), text...)
	}
	if isCRLF {
		text = bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	}
	return text, nil
}

// isWide reports whether the elements of lists are indented below their key.
func (p *part) isWide(root *yaml.Node) bool {
	if !p.whole {
		return edit.IsIndented(root)
	}
	items := edit.Get(root, "items")
	return items != nil && (root.Style|items.Style)&yaml.FlowStyle == 0 && items.Column > root.Column
}

// head returns the marker of a document whose text begins with its line.
func head(text []byte) string {
	if bytes.HasPrefix(text, []byte("---")) && isMarker(text) {
		return "---\n"
	}
	return ""
}

// unreturn takes the carriage returns from comments, which the printer would take for more line breaks.
func unreturn(n *yaml.Node) {
	for _, comment := range []*string{&n.HeadComment, &n.LineComment, &n.FootComment} {
		*comment = strings.ReplaceAll(*comment, "\r", "")
	}
	for _, c := range n.Content {
		unreturn(c)
	}
}

func encode(doc *yaml.Node, options *yaml.EncoderOptions) ([]byte, error) {
	defer edit.Untag(doc)()
	var buffer bytes.Buffer
	encoder := yaml.NewEncoderWithOptions(&buffer, options)
	if err := encoder.Encode(doc); err != nil {
		return nil, err
	}
	if err := encoder.Close(); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}

// small is the size of the text up to which it is cheaper to keep what was parsed of it.
const small = 1 << 10

// release forgets the tree of a text that is cheaper to parse again than to keep, unless it is that of
// several items.
func (p *part) release() {
	if p.shared {
		return
	}
	if p.settle(); len(p.now) > small && p.err == nil {
		p.doc = nil
	}
}
