package kustomize

import (
	"errors"
	"fmt"
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

// NotSeen is an entry that was left out of a build.
type NotSeen struct {
	Item  *krm.Item // which holds it
	Field edit.Path
	What  string // as it is written there
	Why   string
}

// Beyond these kustomize takes too long: of bases that are listed twice on each of twelve levels, 25 s.
const (
	maxLayers  = 1_000
	maxObjects = 50_000
)

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
			b = t.build(t.top(r), thin)
		}
		if b == nil || b.Err != nil && !errors.Is(b.Err, errTooMany) {
			b = t.build(t.top(r), full)
		}
		t.builds[r] = b
	}
	return b
}

var errTooMany = errors.New("too many layers or objects to build")

func (t *Tree) build(top *layer, as form) *Build {
	b := &Build{}
	if layers, objects := t.weigh(top, map[string]*[2]int{}); layers > maxLayers || objects > maxObjects {
		b.Err = fmt.Errorf("%w: %d layers, %d objects", errTooMany, layers, objects)
		return b
	}
	built, err := t.run(top, as, b)
	if b.Err = err; err != nil {
		return b
	}
	if b.Err = setAfter(top.meta, built); b.Err != nil {
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
		objects += t.size(name)
	}
	for _, dir := range slices.Concat(l.dirs, l.tools) {
		ls, os := t.weigh(t.layer(dir), known)
		layers, objects = min(layers+ls, 10*maxLayers), min(objects+os, 10*maxObjects)
	}
	*w = [2]int{layers, objects}
	return layers, objects
}

// run runs kustomize over the files that a layer reads.
func (t *Tree) run(top *layer, as form, b *Build) (built resmap.ResMap, err error) {
	if t.running[top.dir] {
		return nil, fmt.Errorf("cycle detected: %s lists itself", top.dir)
	}
	t.running[top.dir] = true
	defer delete(t.running, top.dir)
	w := writer{Tree: t, fs: filesys.MakeFsInMemory(), as: as, build: b, seen: map[string]bool{}}
	if w.layer(top); w.carries {
		b.NotSeen = append(b.NotSeen, w.absent...)
	}
	if w.err != nil {
		return nil, w.err
	}
	if w.schema { // as Flux does: to those of kustomize, and for no other build
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
	built, err = krusty.MakeKustomizer(options).Run(w.fs, t.memory(top.dir))
	if err != nil {
		err = errors.New(strings.NewReplacer(asIs+t.memory("./"), "", "'"+strings.TrimSuffix(t.memory("."), "/")+"/", "'").Replace(unescaped(err.Error())))
	}
	return built, err
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
			o = t.origin[n.Content[i+1].Value]
		case traced:
			at, _ := strconv.Atoi(layer)
			through = append(through, at)
		default:
			rest = append(rest, n.Content[i], n.Content[i+1])
		}
	}
	n.Content = rest
	slices.Sort(through)
	o.Node, o.Via = n, nil
	for _, at := range through {
		o.Via = append(o.Via, t.traced[at])
	}
	o.APIVersion, o.Kind = edit.Text(n, "apiVersion"), edit.Text(n, "kind")
	o.Namespace, o.Name = edit.Text(n, "metadata", "namespace"), edit.Text(n, "metadata", "name")
	return o
}
