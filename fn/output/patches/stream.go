package patches

import (
	"slices"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/krm"
)

// stream is the items by their files, sorted when somebody asks: there may be many, and to know
// the file of one takes a look into it.
type stream struct {
	items    []*krm.Item
	all      map[string][]*krm.Item
	carriers map[string][]*krm.Item // of the kinds that carry identities
	ownKind  []*krm.Item
}

// in returns the items of some files.
func (s *stream) in(files []string) (items []*krm.Item) {
	if s.all == nil {
		s.all = sortByFile(s.items)
	}
	return pick(s.all, files)
}

// carriersIn returns the items of some files that may be of the kinds that carry identities.
func (s *stream) carriersIn(files []string) []*krm.Item {
	if s.carriers == nil {
		var names []string
		for _, k := range kinds {
			names = append(names, k.name)
		}
		s.carriers = sortByFile(slices.DeleteFunc(slices.Clone(s.items), func(i *krm.Item) bool { return !i.MayBe(names...) }))
	}
	return pick(s.carriers, files)
}

// configs returns the configurations of the function that come from files.
func (s *stream) configs() []*krm.Item {
	if s.ownKind == nil {
		s.ownKind = slices.DeleteFunc(slices.Clone(s.items), func(i *krm.Item) bool { return !i.MayBe(api.Kind) || i.Path() == "" })
	}
	return s.ownKind
}

func sortByFile(items []*krm.Item) map[string][]*krm.Item {
	by := map[string][]*krm.Item{}
	for _, i := range items {
		if name := i.Path(); name != "" {
			by[name] = append(by[name], i)
		}
	}
	return by
}

func pick(by map[string][]*krm.Item, files []string) (items []*krm.Item) {
	for _, file := range files {
		items = append(items, by[file]...)
	}
	return items
}
