package kustomize

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"

	"sigs.k8s.io/kustomize/api/types"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// layer is a Kustomization as kustomize is to see it: with the names of files that there are,
// and of nothing that is remote.
type layer struct {
	fields        map[string]any
	kustomization *Kustomization // nil where Flux generates one
	dir           string
	dirs          []string // that it builds
	components    []string // of these
	tools         []string // that it builds for the configurations of plugins
	files, others []string // that it reads, as resources and otherwise
	steps         []Step
	notSeen       []NotSeen
	absent        []NotSeen            // files of generators
	later         map[string]edit.Path // entries of plugins that were not inline
	reach         map[string]bool      // files of all layers below too
	meta          map[string]any       // labels and annotations that Flux sets after the build
	err           error
}

// reader reads fields of an item into a layer.
type reader struct {
	*layer
	t    *Tree
	item *krm.Item
}

// place is a field that names files, or that can be taken out.
type place struct {
	name, key string // of the field, and within its elements of the one that holds the name
	isStep    bool
	see       func(*reader, edit.Path, *string) bool // nil for a field that goes or stays as a whole
}

// fields are in the order in which kustomize uses them.
var fields = []place{
	{"resources", "", false, (*reader).resource},
	{"bases", "", false, (*reader).resource},
	{"configurations", "", true, (*reader).file},
	{"crds", "", false, (*reader).file},
	{"openapi", "path", false, (*reader).file},
	{"generators", "", true, (*reader).plugin},
	{"components", "", true, (*reader).directory},
	{"patchesStrategicMerge", "", true, (*reader).patch},
	{"patches", "path", true, (*reader).file},
	{"namespace", "", true, nil},
	{"namePrefix", "", true, nil},
	{"nameSuffix", "", true, nil},
	{"labels", "", true, (*reader).any},
	{"commonLabels", "", true, nil},
	{"commonAnnotations", "", true, nil},
	{"patchesJson6902", "path", true, (*reader).file},
	{"replicas", "", true, nil},
	{"images", "", true, nil},
	{"imageTags", "", true, nil},
	{"replacements", "path", true, (*reader).file},
	{"transformers", "", true, (*reader).plugin},
	{"validators", "", false, (*reader).plugin},
	{"vars", "", true, nil},
}

// sources are the fields of an element of configMapGenerator and secretGenerator.
var sources = []place{{"files", "", false, (*reader).keyed}, {"envs", "", false, (*reader).source}, {"env", "", false, (*reader).source}}

// layer returns that of a directory.
func (t *Tree) layer(dir string) *layer {
	if t.layers[dir] == nil {
		t.layers[dir] = t.read(dir)
	}
	return t.layers[dir]
}

func (t *Tree) read(dir string) *layer {
	l := &layer{kustomization: t.load().own[dir], dir: dir, later: map[string]edit.Path{}}
	several := slices.DeleteFunc(slices.Clone(krm.KustomizationFiles), func(name string) bool { return t.file(path.Join(dir, name)) == nil })
	if len(several) != 1 || l.kustomization == nil {
		l.err = fmt.Errorf("%s: %d files of a Kustomization: want one", dir, len(several))
		return l
	}
	if l.err = l.decode(t.files[l.kustomization.File].Documents[0]); l.err != nil {
		l.err = fmt.Errorf("%s: %w", l.kustomization.File, l.err)
		return l
	}
	r := &reader{l, t, l.kustomization.Item}
	for _, generator := range []string{"configMapGenerator", "secretGenerator"} {
		list, _ := l.fields[generator].([]any)
		for n, e := range list {
			r.read(e, edit.Path{generator}.At(n), sources)
		}
	}
	r.read(l.fields, nil, fields)
	if at := slices.Index(t.traced, l.kustomization); at >= 0 {
		patches, _ := l.fields["patches"].([]any)
		l.fields["patches"] = slices.Insert(patches, 0, tracer(at))
	}
	return l
}

// decode leaves it to kustomize which fields there are, so that none can be missed by the way in
// which it is written.
func (l *layer) decode(d krm.Document) error {
	var k types.Kustomization
	text := d.Text
	if text == nil {
		text = printed(d.Node())
	}
	err := k.Unmarshal(text)
	if err == nil {
		err = k.CheckEmpty()
	}
	if err == nil {
		text, err = json.Marshal(k)
	}
	if err == nil {
		err = json.Unmarshal(text, &l.fields)
	}
	return err
}

// read looks at fields of a map. Of what is not as kustomize wants it, kustomize will say so.
func (r *reader) read(holder any, at edit.Path, fields []place) {
	m, _ := holder.(map[string]any)
	for _, f := range fields {
		at, value := at.With(f.name), m[f.name]
		switch list, isList := value.([]any); {
		case value == nil:
		case isList && f.see != nil:
			kept := make([]any, 0, len(list))
			for n, e := range list {
				if r.stays(at.At(n), f, &e) {
					kept = append(kept, e)
				}
			}
			if m[f.name] = kept; slices.Contains(plugins, f.name) {
				slices.SortStableFunc(kept, func(a, b any) int { return r.isLater(a) - r.isLater(b) })
			}
		case r.stays(at, f, &value):
			m[f.name] = value
		default:
			delete(m, f.name)
		}
	}
}

// stays reports whether an element is neither taken out nor names what is not seen.
func (r *reader) stays(at edit.Path, f place, e *any) bool {
	if r.t.gone[entry{r.item, at.String()}] {
		return false
	}
	holder, _ := (*e).(map[string]any)
	name, isName := (*e).(string)
	switch named, _ := holder[f.key].(string); {
	case f.see == nil:
	case isName && !f.see(r, at, &name), named != "" && !f.see(r, at.With(f.key), &named):
		return false
	case isName:
		*e = name
	case named != "":
		holder[f.key] = named
	}
	if f.isStep {
		r.steps = append(r.steps, Step{r.item, at, f.name})
	}
	return true
}
