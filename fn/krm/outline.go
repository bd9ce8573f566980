package krm

import (
	"bytes"

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

// outline drops the lines of the entries that are not wanted from an item that the scan has
// recognised: there an entry goes on over the lines that are indented further, and over the
// dashes below a key. The first entry of a map stays in any case, since a map without any
// would be none.
func outline(text []byte, fields Fields) []byte {
	o := outliner{out: make([]byte, 0, len(text)/2), next: &fields, entry: -1}
	for len(text) > 0 {
		end := lineEnd(text, 0)
		if o.takes(text[:end]) {
			o.out = append(o.out, text[:end]...)
		}
		text = text[end:]
	}
	return o.out
}

type outliner struct {
	out    []byte
	levels []level
	// next are the fields of a collection that the next line may begin.
	next *Fields
	// entry is the column of the entry that goes on, -1 where none does; keep says that it
	// stays, dashes that dashes at its column are part of it.
	entry        int
	keep, dashes bool
}

// level is a collection of which only some fields are wanted.
type level struct {
	column int
	list   bool
	wanted Fields
	begun  bool // its first entry was seen
}

// takes reports whether a line stays.
func (o *outliner) takes(line []byte) bool {
	body := bytes.TrimLeft(line, " ")
	column := len(line) - len(body)
	body = bytes.TrimRight(body, " \r\n")
	if len(body) == 0 {
		return o.entry >= 0 && o.keep // within a block scalar it counts
	}
	if o.entry >= 0 && (column > o.entry || column == o.entry && o.dashes && isDash(body)) {
		return o.keep
	}
	o.entry = -1
	if body[0] == '#' {
		return false
	}
	o.open(column, isDash(body))
	column, body = o.enter(column, body)
	if len(o.levels) == 0 {
		return true // nothing that the scan has recognised: the parser will say so
	}
	top := &o.levels[len(o.levels)-1]
	if isDash(body) { // the element follows
		o.next = &top.wanted
		return true
	}
	key, rest, isKey := cutKey(body)
	fields, wanted := top.wanted[string(key)]
	if wanted && fields != nil && (len(rest) == 0 || rest[0] == '#') {
		o.next, top.begun = &fields, true
		return true
	}
	o.entry, o.keep, o.dashes = column, wanted || !top.begun || !isKey, isKey
	top.begun = true
	return o.keep
}

// open begins the collection that was expected, if the line is one of its entries, and ends
// those that the line is none of.
func (o *outliner) open(column int, dash bool) {
	next := o.next
	o.next = nil
	if n := len(o.levels); next != nil && (n == 0 || column > o.levels[n-1].column || column == o.levels[n-1].column && dash && !o.levels[n-1].list) {
		o.levels = append(o.levels, level{column: column, list: dash, wanted: *next})
		return
	}
	for n := len(o.levels); n > 0 && (o.levels[n-1].column != column || o.levels[n-1].list != dash); n-- {
		o.levels = o.levels[:n-1]
	}
}

// enter goes into the elements that begin on the line.
func (o *outliner) enter(column int, body []byte) (int, []byte) {
	for isDash(body) && len(o.levels) > 0 {
		inner := bytes.TrimLeft(body[1:], " ")
		if len(inner) == 0 || inner[0] == '#' {
			break
		}
		column += len(body) - len(inner)
		o.levels = append(o.levels, level{column: column, list: isDash(inner), wanted: o.levels[len(o.levels)-1].wanted})
		body = inner
	}
	return column, body
}
