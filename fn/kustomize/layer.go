package kustomize

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/kustomize/api/provider"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// layer is a Kustomization as kustomize is to see it: with the names of files that there are,
// and of nothing that is remote.
type layer struct {
	fields        map[string]any
	kustomization *Kustomization // nil where Flux generates one
	dir           string
	dirs          []string             // that it builds
	tools         map[string]edit.Path // those of them that are for the configurations of plugins, and where they are listed
	files, others []string             // that it reads, as resources and otherwise
	steps         []Step
	notSeen       []NotSeen
	reach         map[string]bool // files of all layers below too
	meta          metadata        // that Flux sets after the build
	err           error
}

// NotSeen is an entry that was left out of a build.
type NotSeen struct {
	Item  *krm.Item // which holds it
	Field edit.Path
	What  string // as it is written there
	Why   string
}

// isSource reports whether it is what a generator reads: it is empty then.
func (n NotSeen) isSource() bool { return strings.HasSuffix(n.Field[0], "Generator") }

// Reasons why something is not seen.
const (
	Remote  = "is not local"
	Missing = "is not among the files"
	NoLayer = "has no Kustomization among the files"
)

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
	see       see // nil for a field that goes or stays as a whole
}

// see returns a name as kustomize is to read it, "" for one that is not seen.
type see func(r *reader, at edit.Path, name string) string

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
var sources = []place{{"files", "", false, (*reader).source}, {"envs", "", false, (*reader).file}, {"env", "", false, (*reader).file}}

// layer returns that of a root: of its directory, or what Flux makes of that.
func (t *Tree) layer(r Root) *layer {
	r.Kustomization = nil // so that it is the same whoever asks
	if t.layers[r] == nil {
		l := &layer{dir: r.Dir}
		if r.Flux == nil || t.own[r.Dir] != nil {
			l.read(t)
		} else {
			l.generate(t)
		}
		if r.Flux != nil && l.err == nil {
			l.err = (&reader{l, t, r.Flux}).flux()
		}
		t.layers[r] = l
	}
	return t.layers[r]
}

// read makes the layer of a Kustomization. Kustomize says which fields there are, so that none can be missed
// by the way in which it is written.
func (l *layer) read(t *Tree) {
	l.kustomization, l.tools = t.own[l.dir], map[string]edit.Path{}
	several := slices.DeleteFunc(slices.Clone(krm.KustomizationFiles), func(name string) bool { return t.file(path.Join(l.dir, name)) == nil })
	if len(several) != 1 || l.kustomization == nil {
		l.err = fmt.Errorf("%s: %d files of a Kustomization: want one", l.dir, len(several))
		return
	}
	var k types.Kustomization
	err := k.Unmarshal(t.text(t.file(l.kustomization.File), false, false))
	if err == nil {
		err = k.CheckEmpty()
	}
	if err != nil {
		l.err = fmt.Errorf("%s: %w", l.kustomization.File, err)
		return
	}
	text, _ := json.Marshal(k) // which is JSON by its type
	_ = json.Unmarshal(text, &l.fields)
	if l.fields["resources"] == nil {
		l.fields["resources"] = []any{} // kustomize refuses one without anything
	}
	r := &reader{l, t, l.kustomization.Item}
	r.read(l.fields, nil, fields)
	for _, generator := range []string{"configMapGenerator", "secretGenerator"} {
		list, _ := l.fields[generator].([]any)
		for n, e := range list {
			r.read(e, edit.Path{generator}.At(n), sources)
		}
	}
	if at := slices.Index(t.traced, l.kustomization); at >= 0 {
		patches, _ := l.fields["patches"].([]any)
		l.fields["patches"] = slices.Insert(patches, 0, tracer(at))
	}
}

// read looks at fields of a map. Of what is not as kustomize wants it, kustomize will say so.
func (r *reader) read(holder any, at edit.Path, fields []place) {
	m, _ := holder.(map[string]any)
	for _, f := range fields {
		at, value := at.With(f.name), m[f.name]
		if list, isList := value.([]any); isList && f.see != nil {
			kept := make([]any, 0, len(list))
			for n, e := range list {
				if e = r.stays(at.At(n), f, e); e != nil {
					kept = append(kept, e)
				}
			}
			m[f.name] = kept
		} else if value == nil {
			continue
		} else if m[f.name] = r.stays(at, f, value); m[f.name] == nil {
			delete(m, f.name)
		}
	}
}

// stays returns an element as kustomize is to see it, nil where it is taken out or names what is not seen.
func (r *reader) stays(at edit.Path, f place, e any) any {
	if r.t.gone[entry{r.item, at.String()}] {
		return nil
	}
	name, isName := e.(string)
	holder, _ := e.(map[string]any)
	named := at
	if !isName {
		name, _ = holder[f.key].(string)
		named = at.With(f.key)
	}
	if name != "" && f.see != nil {
		name = f.see(r, named, name)
		switch {
		case name == "":
			return nil
		case isName:
			e = name
		default:
			holder[f.key] = name
		}
	}
	if f.isStep {
		r.steps = append(r.steps, Step{r.item, at, f.name})
	}
	return e
}

func (r *reader) miss(at edit.Path, what, why string) string {
	r.notSeen = append(r.notSeen, NotSeen{r.item, at, what, why})
	return ""
}

// isURL reports whether kustomize fetches a name where it wants a file.
func isURL(name string) bool {
	scheme, _, found := strings.Cut(strings.ToLower(strings.TrimSpace(name)), ":")
	return found && (scheme == "http" || scheme == "https")
}

// isRepository reports whether kustomize clones a name where it wants a directory. Of git:: it
// would print that it is no longer supported.
func isRepository(name string) bool {
	return isURL(name) || strings.HasPrefix(strings.ToLower(name), "git::") || (&resource.Origin{}).Append(name).Repo != ""
}

// path returns which file of the tree is meant.
func (r *reader) path(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(r.dir, name)
}

func (*reader) any(_ edit.Path, name string) string { return name }

// file is read as it is, without our marks.
func (r *reader) file(at edit.Path, name string) string {
	file := r.path(name)
	switch {
	case isURL(name):
		return r.miss(at, name, Remote)
	case r.t.file(file) == nil:
		return r.miss(at, name, Missing)
	}
	r.others = append(r.others, file)
	return asIs + r.t.at(file)
}

// patch is a file, or the text of the patch itself.
func (r *reader) patch(at edit.Path, name string) string {
	if _, err := factory().RF().SliceFromBytes([]byte(name)); err == nil {
		return name
	}
	return r.file(at, name)
}

// resource is a file of objects or a directory.
func (r *reader) resource(at edit.Path, name string) string {
	file := r.path(name)
	if isURL(name) || r.t.file(file) == nil {
		return r.directory(at, name)
	}
	if r.files = append(r.files, file); path.IsAbs(name) {
		return name
	}
	return "./" + name // which is no repository, whatever follows
}

func (r *reader) directory(at edit.Path, name string) string {
	switch dir := r.path(name); {
	case isRepository(name):
		return r.miss(at, name, Remote)
	case r.t.own[dir] != nil:
		r.dirs = append(r.dirs, dir)
		return name
	case len(r.t.names(dir)) > 0:
		return r.miss(at, name, NoLayer)
	}
	return r.miss(at, name, Missing)
}

// source is what a generator reads, with or without a key. What is absent is empty.
func (r *reader) source(at edit.Path, source string) string {
	key, name, given := strings.Cut(source, "=")
	switch {
	case !given:
		key, name = path.Base(source), source
	case key == "", name == "", strings.Contains(name, "="):
		return source // which kustomize refuses
	}
	return key + "=" + cmp.Or(r.file(at, name), asIs)
}

var factory = sync.OnceValue(func() *resmap.Factory {
	return resmap.NewFactory(provider.NewDefaultDepProvider().GetResourceFactory())
})

// plugin is the configurations of plugins: inline, in a file or what a directory builds. They can
// name files too, and URLs, with which none of the entry is seen.
func (r *reader) plugin(at edit.Path, name string) string {
	configurations, err := factory().NewResMapFromBytes([]byte(name))
	if file := r.path(name); err != nil && !isURL(name) && r.t.file(file) != nil {
		configurations, _ = factory().NewResMapFromBytes(r.t.text(r.t.file(file), false, false)) // kustomize says what is wrong
		name = r.file(at, name)
	} else if err != nil {
		if name = r.directory(at, name); name != "" {
			r.tools[file], name = at, asIs+r.t.at(file) // the rest is left for the build
		}
		return name
	}
	if url := r.url(configurations); url != "" {
		return r.miss(at, url, Remote)
	}
	return name
}

// url returns a URL that a configuration names, "" for none, and notes the files that they name.
func (r *reader) url(configurations resmap.ResMap) (url string) {
	var look func(*yaml.Node)
	look = func(n *yaml.Node) {
		for _, value := range []string{n.Value, n.Value[strings.Index(n.Value, "=")+1:]} { // [KEY=]FILE
			if file := r.path(value); isURL(value) {
				url = cmp.Or(url, n.Value)
			} else if value != "" && r.t.file(file) != nil {
				r.others = append(r.others, file)
			}
		}
		for _, c := range n.Content {
			look(c)
		}
	}
	if configurations != nil {
		for _, c := range configurations.Resources() {
			look(c.YNode())
		}
	}
	return url
}
