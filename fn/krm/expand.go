package krm

import (
	"strings"

	"github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// A List, which is what kubectl get -o yaml prints, stands for the objects that it holds, as it
// does for kustomize (inlineAnyEmbeddedLists in api/resource/factory.go): these are items, and
// it is none. Where it can be cut into chunks, each is a part of its own.

const (
	listSuffix = "List" // of the kinds of Lists
	maxCuts    = 10     // how deep in each other Lists are cut, each of which reads its text again
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
	x := expander{list: l, left: len(i.part.now)}
	if why := x.take(i, 0); why != nil {
		l.Items, l.parts = l.Items[:items], l.parts[:parts]
		x.keep(i)
		l.refused = append(l.refused, refusal{i, why})
	}
}

// expander takes what an item of the stream stands for.
type expander struct {
	list *ResourceList
	left int // how many objects may still come, which only aliases make more of than there are bytes
}

// keep takes an item as it is.
func (x *expander) keep(i *Item) {
	x.keepPart(i.part)
	i.Index = len(x.list.Items)
	x.list.Items = append(x.list.Items, i)
}

func (x *expander) keepPart(p *part) {
	if n := len(x.list.parts); n == 0 || x.list.parts[n-1] != p {
		x.list.parts = append(x.list.parts, p)
	}
}

// take takes an item, or what it holds if it is a List.
func (x *expander) take(i *Item, depth int) *edit.FieldError {
	if x.left--; x.left < 0 || depth > maxNesting {
		return errTooManyAliases
	}
	inner, isList, why := i.open(depth)
	if why == nil && !isList {
		x.keep(i)
	}
	if isList && i.part.shared {
		x.keepPart(i.part)
	}
	for _, held := range inner {
		if why = x.take(held, depth+1); why != nil {
			break
		}
	}
	return why
}

// open returns the objects that a List holds.
func (i *Item) open(depth int) (inner []*Item, isList bool, why *edit.FieldError) {
	p := i.part
	if !strings.HasSuffix(i.kind, listSuffix) {
		return nil, false, nil
	}
	if !p.shared && depth < maxCuts && &p.now[0] == &p.stream.Text[p.start] { // no other form of the text
		if l, ok := listIn(p.now, p.dash); ok && repeats(l.root) == nil {
			return i.cut(&l), true, nil
		}
	}
	root := i.Node()
	if why := repeats(root); why != nil {
		return nil, false, why
	}
	items := edit.Get(root, "items")
	if !edit.IsList(items) {
		return nil, false, nil
	}
	i.name()
	p.shared = true
	implied := impliedBy(root)
	for n, object := range items.Content {
		held := &Item{part: p, within: i, number: n, implied: implied}
		if edit.IsMap(object) && (implied != nil || hasKind(object)) {
			held.kind = edit.Text(held.complete(edit.Resolve(object)), "kind")
			inner = append(inner, held)
		}
	}
	return inner, true, nil
}

// cut returns the objects of a List as parts of their own.
func (i *Item) cut(l *listing) (inner []*Item) {
	i.note(l.root)
	implied := impliedBy(l.root)
	for n := range l.items {
		c, below := &l.items[n], 0
		if n == len(l.items)-1 && l.to == len(i.part.now) {
			below = i.part.below
		}
		held := &Item{within: i, number: n, kind: c.kind, implied: implied, part: c.part(i.part.stream, i.part.start, below)}
		if !c.named && implied != nil {
			held.kind = implied.kind
		}
		if c.object && (implied != nil || c.named) {
			inner = append(inner, held)
		}
	}
	return inner
}

// repeats says which field of a List is written twice.
func repeats(list *yaml.Node) *edit.FieldError {
	for _, field := range []string{"kind", "items"} {
		if _, err := edit.Current(list, edit.Path{field}); err != nil {
			return err
		}
	}
	return nil
}

// impliedBy returns what the items of a typed list need not say.
func impliedBy(list *yaml.Node) *implied {
	kind := strings.TrimSuffix(edit.Text(list, "kind"), listSuffix)
	if kind == "" {
		return nil
	}
	return &implied{edit.Text(list, "apiVersion"), kind}
}
