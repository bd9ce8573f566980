package krm

import (
	"bytes"
	"slices"
	"strings"

	"github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// A List, which is what kubectl get -o yaml prints, stands for the objects that it holds, as it
// does for kustomize (inlineAnyEmbeddedLists in api/resource/factory.go): these are items, and
// it is none. Where it can be cut into them by lines, each is a part of its own.

const (
	listSuffix = "List" // of the kinds of Lists
	maxCuts    = 10     // how deep in each other Lists are cut, each of which scans its text again
	maxNesting = 10_000 // how deep they may lie: the parser takes no more
)

// errTooManyAliases is said of a List whose aliases stand for more objects than it has bytes.
var errTooManyAliases = &edit.FieldError{Path: edit.Path{"items"}, Given: "aliases expand to more objects than the List has bytes", Want: "fewer of them"}

// refusal is a List that is not looked into, which must not go unsaid.
type refusal struct {
	item *Item
	why  *edit.FieldError
}

// Refuse reports the Lists of which the items cannot be told.
func (l *ResourceList) Refuse(report *Report) {
	for _, r := range l.refused {
		report.Item(fn.Error, r.item, r.why.Path, r.why.Given+": want "+r.why.Want)
	}
}

// add takes an item of the stream into the list, or what it holds if it is a List.
func (l *ResourceList) add(i *Item) {
	items, parts := len(l.Items), len(l.parts)
	own := i.part.form != wholeForm
	if own {
		l.parts = append(l.parts, i.part)
	}
	x := expander{list: l, left: len(i.part.now)}
	if why := x.take(i, 0); why != nil {
		l.Items, l.parts = l.Items[:items], l.parts[:parts]
		if own {
			l.parts = append(l.parts, i.part)
		}
		x.keep(i)
		l.refused = append(l.refused, refusal{i, why})
	}
}

// expander takes what an item of the stream stands for.
type expander struct {
	list *ResourceList
	left int // how many objects may still come, which only aliases make more of than there are bytes
}

func (x *expander) take(i *Item, depth int) *edit.FieldError {
	if x.left--; x.left < 0 || depth > maxNesting {
		return errTooManyAliases
	}
	if !i.mayBeList() {
		x.keep(i)
		return nil
	}
	return x.open(i, depth)
}

// keep takes an item as it is.
func (x *expander) keep(i *Item) {
	i.Index = len(x.list.Items)
	x.list.Items = append(x.list.Items, i)
}

// mayBeList reports whether the item is a List, or may be one if it must be read to know.
func (i *Item) mayBeList() bool {
	if i.kind == oddKind {
		return i.part.mentions(listSuffix)
	}
	return strings.HasSuffix(i.kind, listSuffix)
}

// open takes what a List holds.
func (x *expander) open(i *Item, depth int) *edit.FieldError {
	if !i.part.shared && depth < maxCuts {
		if l, rest, ok := i.cut(); ok {
			return x.cut(i, l, rest, depth)
		}
	}
	root := i.Node()
	if !isList(root) {
		x.keep(i)
		return nil
	}
	for _, field := range []string{"kind", "items"} {
		if _, err := edit.Current(root, edit.Path{field}); err != nil {
			return err
		}
	}
	items := edit.Get(root, "items")
	if !edit.IsList(items) {
		x.keep(i)
		return nil
	}
	i.name()
	i.part.shared = true
	implied := impliedBy(root)
	for n, object := range items.Content {
		inner := &Item{part: i.part, within: i, number: n, kind: oddKind, implied: implied}
		if !edit.IsMap(object) || implied == nil && edit.Get(edit.Resolve(object), "kind") == nil {
			continue // no object
		}
		if why := x.take(inner, depth+1); why != nil {
			return why
		}
	}
	return nil
}

// isList reports whether an object is of a kind whose items stand for themselves.
func isList(object *yaml.Node) bool {
	return strings.HasSuffix(edit.Text(object, "kind"), listSuffix)
}

// impliedBy returns what the items of a typed list need not say.
func impliedBy(list *yaml.Node) *implied {
	kind := strings.TrimSuffix(edit.Text(list, "kind"), listSuffix)
	if kind == "" {
		return nil
	}
	return &implied{edit.Text(list, "apiVersion"), kind}
}

// cut returns where the items of a List lie in the text of its part, and the rest of it, if
// they can be told by lines and each of them stands by itself.
func (i *Item) cut() (l layout, rest *yaml.Node, ok bool) {
	p := i.part
	if p.end-p.start != len(p.now) || &p.now[0] != &p.stream.Text[p.start] {
		return layout{}, nil, false // a form of the text that is not in the stream
	}
	text := undashed(p)
	s := scanner{text: text, column: anyColumn}
	if l, ok = s.scan(); !ok || !printable(text) {
		doc, err := parseItem(text)
		if err != nil {
			return layout{}, nil, false
		}
		if l, ok = locate(text, doc.Content[0].Content[0]); !ok || !l.distinct() {
			return layout{}, nil, false
		}
	}
	doc, err := parseItem(l.without(text, "items"))
	if err != nil {
		return layout{}, nil, false // it needs an anchor of the items
	}
	rest = doc.Content[0].Content[0]
	return l, rest, isList(rest)
}

// undashed returns the text of a part, ended, with a blank for its dash: the lines and columns
// stay what they are.
func undashed(p *part) []byte {
	text := slices.Clone(p.now)
	if p.form == elementForm {
		text[bytes.IndexByte(text, '-')] = ' '
	}
	if text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	return text
}

// without returns the text without one of its fields.
func (l *layout) without(text []byte, key string) (rest []byte) {
	from := 0
	for _, f := range l.fields {
		if f.key == key {
			rest = append(rest, text[from:f.start]...)
			from = f.end
		}
	}
	return append(rest, text[from:]...)
}

// cut takes the items of a List as parts of their own.
func (x *expander) cut(list *Item, l layout, root *yaml.Node, depth int) *edit.FieldError {
	p := list.part
	list.names = &names{refTo(root), fileOf(root)}
	implied := impliedBy(root)
	x.list.parts = x.list.parts[:len(x.list.parts)-1] // those of the items take its place
	for n, r := range l.items {
		end := min(r.content, len(p.now))
		inner := &Item{within: list, number: n, kind: r.key, implied: implied, part: &part{
			now: p.now[r.start:end:end], read: p.now[r.start:end:end],
			stream: p.stream, start: p.start + r.start, end: p.start + end, below: p.start + min(r.end, len(p.now)), column: l.column,
			plain: l.plain && end == r.content, unscanned: p.unscanned,
		}}
		if r.end >= len(p.now) {
			inner.part.below = max(p.below, p.end)
		}
		if inner.kind == "" {
			if implied == nil {
				continue // no object
			}
			inner.kind = implied.kind
		}
		x.list.parts = append(x.list.parts, inner.part)
		if why := x.take(inner, depth+1); why != nil {
			return why
		}
	}
	return nil
}
