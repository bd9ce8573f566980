package krm

import (
	"bytes"
	"fmt"
	"slices"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// form is what the text of a part is.
type form uint8

const (
	elementForm  form = iota // of a list in block style, from its dash to the end of its content
	documentForm             // of a stream
	wholeForm                // a ResourceList that could not be cut into elements
)

// part is a text that is parsed, edited and printed by itself. Mostly it is one item. Those of
// a list that cannot be cut, as in JSON or where they share anchors, are in one part.
//
// The text and the tree are read through their methods alone: these see to it that what they
// return is there, and is what the edits have made of it.
type part struct {
	now    []byte     // the text, but for the edits that only doc has
	doc    *yaml.Node // the text, parsed, nil until somebody asks for it
	ahead  bool       // doc has edits that now has not
	edited bool
	broken bool // it could not be parsed or printed by itself after all

	read       []byte  // the text as it was read; of JSON it may be another form
	stream     *Stream // in which it lies
	start, end int     // where
	below      int     // where the blank lines and comments end that follow it in its list
	column     int     // of the dash
	number     int     // of documents: how many come before it in the stream
	form       form
	shared     bool // by several items
	plain      bool // the scan has recognised all of it
	unscanned  bool // nothing of it rests on the scan
}

// tree returns the document that the text holds.
func (p *part) tree() *yaml.Node {
	if p.doc == nil {
		doc, err := p.parse(p.now)
		if err != nil {
			p.broken = true
			doc = &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{{Kind: yaml.SequenceNode, Content: []*yaml.Node{{Kind: yaml.MappingNode}}}}}
		}
		p.doc = doc
	}
	return p.doc
}

func (p *part) parse(text []byte) (*yaml.Node, error) {
	if p.form == wholeForm {
		return parseDocument(text)
	}
	return parseItem(text)
}

// root returns the object that the text holds.
func (p *part) root() *yaml.Node {
	if p.form == wholeForm {
		return p.tree().Content[0]
	}
	return p.tree().Content[0].Content[0]
}

// parseItem parses a list of one item. A document that is the item is put into such a list.
func parseItem(text []byte) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 1 && doc.Content[0].Kind == yaml.MappingNode {
		doc.Content[0] = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{doc.Content[0]}}
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.SequenceNode || len(doc.Content[0].Content) != 1 {
		return nil, fmt.Errorf("not one item: %q", text)
	}
	return &doc, nil
}

// reset makes the part what it was when it was read.
func (p *part) reset() {
	p.now, p.doc, p.ahead, p.edited, p.broken = p.read, nil, false, false, false
}

// text returns the text with the edits. A last line that lacks its line feed is without one
// again, where that does not change what the text holds.
func (p *part) text() []byte {
	p.settle()
	if len(p.read) == 0 || p.read[len(p.read)-1] == '\n' || !p.edited {
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
	if !p.ahead || p.broken || p.form == wholeForm {
		return
	}
	options := &yaml.EncoderOptions{SeqIndent: yaml.CompactSequenceStyle}
	if edit.IsIndented(p.root()) {
		options.SeqIndent = yaml.WideSequenceStyle
	}
	for _, restyle := range restyles {
		restyle(p.doc)
		text, err := p.printed(options)
		if err == nil && p.take(text) {
			return
		}
	}
	p.broken = true
}

// take makes text that of the part, if it holds what the tree does.
func (p *part) take(text []byte) bool {
	doc, err := parseItem(text)
	if err != nil || !edit.Same(doc.Content[0], p.doc.Content[0]) || !p.fits(text, doc) {
		return false
	}
	p.doc, p.now, p.ahead = doc, text, false
	return true
}

// fits reports whether the text holds the same when it stands in the list: a block scalar at
// its end might take the comments and blank lines that follow for its own.
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

// printed returns the part printed anew.
func (p *part) printed(options *yaml.EncoderOptions) ([]byte, error) {
	doc := *p.doc
	if p.form == documentForm {
		if p.root().Style&yaml.FlowStyle != 0 {
			edit.Unflow(p.root())
		}
		doc.Content = []*yaml.Node{p.root()}
	}
	isCRLF := bytes.HasSuffix(p.now[:lineEnd(p.now, 0)], []byte("\r\n"))
	if isCRLF {
		unreturn(&doc)
	}
	text, err := encode(&doc, options)
	if err != nil {
		return nil, err
	}
	if p.form == documentForm {
		text = append([]byte(head(p.now)), text...)
	} else {
		text = indent(string(bytes.Repeat([]byte(" "), p.column)), text)
	}
	if isCRLF {
		text = bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	}
	return text, nil
}

// small is the size of the text up to which it is cheaper to keep what was parsed of it.
const small = 1 << 10

// release forgets the tree of a text that is cheaper to parse again than to keep.
func (p *part) release() {
	if len(p.now) > small {
		p.forget()
	}
}

// forget forgets the tree, unless it is that of several items.
func (p *part) forget() {
	if p.settle(); !p.shared && !p.broken {
		p.doc = nil
	}
}
