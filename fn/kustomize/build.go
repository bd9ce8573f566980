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
	Item                  *krm.Item        // of which it was made, nil for what a generator made and for objects of files that were added
	File                  string           // "" for what was generated
	Index                 int              // of the document in the file
	Via                   []*Kustomization // the traced layers that it came through
	Kind, Namespace, Name string
	Node                  *yaml.Node
}

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
	b, top := &Build{}, t.layer(r)
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

// run has kustomize build a layer, and notes what it does not see and why it fails.
func (t *Tree) run(top *layer, thin bool, b *Build) (built resmap.ResMap) {
	fs := &files{FileSystem: filesys.MakeFsInMemory(), Tree: t, kustomizations: map[string]*layer{}, objects: map[string]bool{}, thin: thin}
	carries := false // values from one object to another
	for _, l := range t.all(top) {
		b.NotSeen, b.Err = append(b.NotSeen, l.notSeen...), errors.Join(b.Err, l.err)
		for _, dir := range l.dirs {
			if at := l.tools[dir]; at != nil && b.Err == nil {
				made := t.tool(dir)
				if b.Err = made.err; made.url != "" {
					b.NotSeen = append(b.NotSeen, NotSeen{l.kustomization.Item, at, made.url, Remote})
				}
			}
		}
		fs.kustomizations[t.at(l.dir)] = l
		for _, name := range l.files {
			fs.objects[t.at(name)] = true
		}
		carries = carries || l.fields["replacements"] != nil || l.fields["vars"] != nil || l.fields["transformers"] != nil
		if l.fields["openapi"] != nil { // as Flux does: to that of kustomize, and for no other build
			openapi.ResetOpenAPI()
			_ = openapi.Schema()
			defer openapi.ResetOpenAPI()
		}
	}
	if !carries { // what could take it to where it matters
		b.NotSeen = slices.DeleteFunc(b.NotSeen, NotSeen.isSource)
	}
	if b.Err != nil {
		return nil
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case error:
			if b.Err = errTooMany; !errors.Is(r, errTooMany) {
				b.Err = fmt.Errorf("kustomize panics: %w", r)
			}
		default:
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

// tool is the configurations that a directory builds for plugins, and a URL that one of them names.
type tool struct {
	text []byte
	url  string
	err  error
}

// keep keeps kustomize from taking the configurations of plugins out of the build, for which most are marked.
const keep = `{apiVersion: builtin, kind: PatchTransformer, metadata: {name: flux-workload-identity}, target: {annotationSelector: config.kubernetes.io/local-config},
patch: "{apiVersion: v1, kind: any, metadata: {name: any, annotations: {config.kubernetes.io/local-config: 'false'}}}"}`

// tool builds a directory for plugins, once and apart, so that what the configurations name is seen whatever
// made them. Those of a directory where one names a URL are not used.
func (t *Tree) tool(dir string) *tool {
	if made := t.tools[t.at(dir)]; made != nil {
		return made
	}
	made := &tool{err: fmt.Errorf("cycle detected: %s lists itself", dir)}
	t.tools[t.at(dir)] = made
	top, b := *t.layer(Root{Dir: dir}), Build{}
	top.fields = maps.Clone(top.fields)
	own, _ := top.fields["transformers"].([]any)
	top.fields["transformers"] = append([]any{keep}, own...)
	if built := t.run(&top, false, &b); b.Err == nil {
		if made.url = (&reader{layer: &top, t: t}).url(built); made.url == "" {
			made.text, b.Err = built.AsYaml()
		}
	}
	made.err = b.Err
	return made
}

// Names of top-level fields, which outlast what patches do to all others.
const (
	mark = "flux-workload-identity.mark"
	via  = "flux-workload-identity.via."
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
	for _, at := range slices.Sorted(slices.Values(through)) {
		o.Via = append(o.Via, t.traced[at])
	}
	o.Node, o.Kind, o.Namespace, o.Name = n, edit.Text(n, "kind"), edit.Text(n, "metadata", "namespace"), edit.Text(n, "metadata", "name")
	return o
}
