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
	if t.builds[r] == nil {
		b := t.build(r, !t.whole)
		if b.Err != nil && !t.whole && !errors.Is(b.Err, errTooMany) {
			b = t.build(r, false)
		}
		t.builds[r] = b
	}
	return t.builds[r]
}

func (t *Tree) build(r Root, thin bool) *Build {
	b, top := &Build{}, t.top(r)
	if layers, objects := t.weigh(top, map[string]*[2]int{}); layers > maxLayers || objects > maxObjects {
		b.Err = fmt.Errorf("%w: %d layers, %d objects", errTooMany, layers, objects)
		return b
	}
	built := t.run(top, thin, b)
	if b.Err != nil {
		return b
	}
	for _, o := range built.Resources() {
		for key, value := range top.meta.Labels {
			b.Err = errors.Join(b.Err, o.PipeE(yaml.SetLabel(key, value)))
		}
		for key, value := range top.meta.Annotations {
			b.Err = errors.Join(b.Err, o.PipeE(yaml.SetAnnotation(key, value)))
		}
		b.Objects = append(b.Objects, t.object(o.YNode()))
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

// run has kustomize build a layer, and notes what it does not see and why it fails.
func (t *Tree) run(top *layer, thin bool, b *Build) (built resmap.ResMap) {
	fs := &files{filesys.MakeFsInMemory(), t, map[string]*layer{}, map[string]bool{}, thin}
	var absent []NotSeen
	carries := false // values from one object to another
	for _, l := range t.all(top, func(l *layer) []string { return l.dirs }) {
		b.NotSeen, absent, b.Err = append(b.NotSeen, l.notSeen...), append(absent, l.absent...), errors.Join(b.Err, l.err)
		for _, dir := range slices.Sorted(maps.Keys(l.tools)) {
			made := t.tool(dir, l)
			b.NotSeen, b.Err = append(b.NotSeen, made.NotSeen...), errors.Join(b.Err, made.Err)
		}
		for _, name := range l.files {
			fs.objects[t.at(name)] = true
		}
		fs.layers[t.at(l.dir)] = l
		carries = carries || l.fields["replacements"] != nil || l.fields["vars"] != nil || l.fields["transformers"] != nil
		if l.fields["openapi"] != nil { // as Flux does: to that of kustomize, and for no other build
			openapi.ResetOpenAPI()
			_ = openapi.Schema()
			defer openapi.ResetOpenAPI()
		}
	}
	if carries {
		b.NotSeen = append(b.NotSeen, absent...)
	}
	if b.Err != nil {
		return nil
	}
	defer func() {
		if r := recover(); r != nil {
			b.Err = fmt.Errorf("kustomize panics: %v", r)
		}
	}()
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsNone
	built, err := krusty.MakeKustomizer(options).Run(fs, t.at(top.dir))
	if err != nil {
		b.Err = errors.New(strings.NewReplacer(asIs+t.here+"/", "", t.here+"/", "").Replace(err.Error()))
	}
	return built
}

// tool is what a directory builds for plugins.
type tool struct {
	Build
	text []byte
}

// keep keeps kustomize from taking the configurations of plugins out of the build, for which most are marked.
const keep = `{apiVersion: builtin, kind: PatchTransformer, metadata: {name: flux-workload-identity}, target: {annotationSelector: config.kubernetes.io/local-config},
patch: "{apiVersion: v1, kind: any, metadata: {name: any, annotations: {config.kubernetes.io/local-config: 'false'}}}"}`

// tool builds a directory for the plugins of a layer, once and apart, so that what the configurations name
// is seen whatever made them.
func (t *Tree) tool(dir string, of *layer) *tool {
	place := t.at(dir)
	if t.tools[place] != nil {
		return t.tools[place]
	}
	made := &tool{Build: Build{Err: fmt.Errorf("cycle detected: %s lists itself", dir)}}
	t.tools[place] = made
	top := *t.layer(dir)
	top.fields = maps.Clone(top.fields)
	own, _ := top.fields["transformers"].([]any)
	top.fields["transformers"] = append([]any{keep}, own...)
	b := &Build{}
	if built := t.run(&top, false, b); b.Err == nil {
		made.text, b.Err = built.AsYaml()
		if url := (&reader{&top, t, nil}).url(built); url != "" {
			b.NotSeen, made.text = append(b.NotSeen, NotSeen{of.kustomization.Item, of.tools[dir], url, Remote}), nil
		}
	}
	made.Build = *b
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
