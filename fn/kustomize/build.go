package kustomize

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// Build is what kustomize makes of a root.
type Build struct {
	Objects []Built
	NotSeen []NotSeen
	Err     error
}

// Built is an object of a build.
type Built struct {
	Item                              *krm.Item        // of which it was made, nil for what a generator made and for objects of files that were added
	File                              string           // "" for what was generated
	Index                             int              // of the document in the file
	Via                               []*Kustomization // the traced layers that it came through
	APIVersion, Kind, Namespace, Name string
	Node                              *yaml.Node
}

// Beyond these kustomize takes too long: of bases that are listed twice on each of twelve levels, 25 s.
const (
	maxLayers  = 1_000
	maxObjects = 50_000
)

var errTooMany = errors.New("too many layers or objects to build")

// building guards what kustomize keeps in global variables.
var building sync.Mutex

// Build builds a root, once: without the documents that cannot matter, and with them where that
// fails.
func (t *Tree) Build(r Root) *Build {
	building.Lock()
	defer building.Unlock()
	b := t.builds[r]
	if b == nil {
		if !t.whole {
			b = t.build(r, thin)
		}
		if b == nil || b.Err != nil && !errors.Is(b.Err, errTooMany) {
			b = t.build(r, full)
		}
		t.builds[r] = b
	}
	return b
}

func (t *Tree) build(r Root, as form) *Build {
	b := &Build{}
	top := t.top(r)
	if layers, objects := t.weigh(top, map[string]*[2]int{}); layers > maxLayers || objects > maxObjects {
		b.Err = fmt.Errorf("%w: %d layers, %d objects", errTooMany, layers, objects)
		return b
	}
	built, err := t.run(top, as, b)
	if err == nil {
		err = setAfter(top.meta, built)
	}
	if b.Err = err; err != nil {
		return b
	}
	for _, r := range built.Resources() {
		b.Objects = append(b.Objects, t.object(r.YNode()))
	}
	return b
}

// weigh counts the layers and objects, as often as they are listed. What lists itself is left to
// kustomize.
func (t *Tree) weigh(l *layer, known map[string]*[2]int) (layers, objects int) {
	if w := known[l.dir]; w != nil {
		return w[0], w[1]
	}
	w := &[2]int{}
	known[l.dir] = w
	layers = 1
	for _, name := range l.files {
		for _, d := range t.file(name).Documents {
			objects += max(1, len(d.Items))
		}
	}
	for _, dir := range l.below() {
		ls, os := t.weigh(t.layer(dir), known)
		layers, objects = min(layers+ls, 10*maxLayers), min(objects+os, 10*maxObjects)
	}
	*w = [2]int{layers, objects}
	return layers, objects
}

// run has kustomize build a layer.
func (t *Tree) run(top *layer, as form, b *Build) (built resmap.ResMap, err error) {
	fs := &files{filesys.MakeFsInMemory(), t, top, map[string]bool{}, as}
	var absent []NotSeen
	carries, schema := false, false // values from one object to another; another schema
	t.walkFrom(top, func(l *layer) []string { return l.dirs }, func(l *layer) {
		err = errors.Join(err, l.err)
		b.NotSeen, absent = append(b.NotSeen, l.notSeen...), append(absent, l.absent...)
		for _, name := range l.files {
			fs.marked[name] = as != plain
		}
		for _, dir := range slices.Sorted(maps.Keys(l.tools)) {
			made := t.tool(dir)
			b.NotSeen, err = append(b.NotSeen, made.NotSeen...), errors.Join(err, made.Err)
			if made.url != "" {
				b.NotSeen = append(b.NotSeen, NotSeen{l.kustomization.Item, l.tools[dir], made.url, Remote})
			}
		}
		carries = carries || l.fields["replacements"] != nil || l.fields["vars"] != nil || l.fields["transformers"] != nil
		schema = schema || l.fields["openapi"] != nil
	})
	if err != nil {
		return nil, err
	}
	if carries {
		b.NotSeen = append(b.NotSeen, absent...)
	}
	if schema { // as Flux does: to those of kustomize, and for no other build
		openapi.ResetOpenAPI()
		_ = openapi.Schema()
		defer openapi.ResetOpenAPI()
	}
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsNone
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("kustomize panics: %v", r)
		}
	}()
	built, err = krusty.MakeKustomizer(options).Run(fs, t.at(top.dir))
	if err != nil {
		err = errors.New(strings.NewReplacer(asIs+t.here+"/", "", t.here+"/", "").Replace(err.Error()))
	}
	return built, err
}

// tool is what a directory builds for plugins.
type tool struct {
	Build
	text []byte // without those that name a URL
	url  string
}

// keep keeps kustomize from taking the configurations of plugins out of the build, for which most are marked.
const keep = `{apiVersion: builtin, kind: PatchTransformer, metadata: {name: flux-workload-identity}, target: {annotationSelector: config.kubernetes.io/local-config},
patch: "{apiVersion: v1, kind: any, metadata: {name: any, annotations: {config.kubernetes.io/local-config: 'false'}}}"}`

// tool builds a directory for plugins, once and apart, so that what its configurations name is seen whatever
// made them.
func (t *Tree) tool(dir string) *tool {
	if t.tools[dir] != nil {
		return t.tools[dir]
	}
	made := &tool{Build: Build{Err: fmt.Errorf("cycle detected: %s lists itself", dir)}}
	t.tools[dir] = made
	top := *t.layer(dir)
	top.fields = maps.Clone(top.fields)
	own, _ := top.fields["transformers"].([]any)
	top.fields["transformers"] = append([]any{keep}, own...)
	built, err := t.run(&top, plain, &made.Build)
	if err == nil {
		made.text, err = built.AsYaml()
	}
	made.Err = err
	if made.url = (&reader{&top, t, nil}).url(made.text); made.url != "" {
		made.text = nil
	}
	return made
}

// Names of top-level fields, which outlast what patches do to all others.
const (
	ours = "flux-workload-identity."
	mark = ours + "mark"
	via  = ours + "via."
)

// tracer is a patch that marks the objects that come through a layer. It is a strategic merge: a JSON6902
// patch has kustomize note the present name as a former one, which can make references ambiguous.
func tracer(n int) any {
	body := fmt.Sprintf("{apiVersion: v1, kind: any, metadata: {name: any}, %s%d: ''}", via, n)
	return map[string]any{"target": map[string]any{"kind": "ServiceAccount|Deployment"}, "patch": body}
}

// object takes the marks off a node.
func (t *Tree) object(n *yaml.Node) (o Built) {
	var rest []*yaml.Node
	var through []int
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		switch layer, traced := strings.CutPrefix(key, via); {
		case key == mark:
			o = t.marks[n.Content[i+1].Value]
		case traced:
			at, _ := strconv.Atoi(layer)
			through = append(through, at)
		default:
			rest = append(rest, n.Content[i], n.Content[i+1])
		}
	}
	n.Content = rest
	slices.Sort(through)
	for _, at := range through {
		o.Via = append(o.Via, t.traced[at])
	}
	o.Node, o.APIVersion, o.Kind = n, edit.Text(n, "apiVersion"), edit.Text(n, "kind")
	o.Namespace, o.Name = edit.Text(n, "metadata", "namespace"), edit.Text(n, "metadata", "name")
	return o
}
