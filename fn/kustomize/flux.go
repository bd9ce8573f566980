package kustomize

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// fluxGroup is that of Flux's own Kustomizations.
const fluxGroup = "kustomize.toolkit.fluxcd.io/"

// fluxFields are what kustomize-controller makes a build of
// (https://github.com/fluxcd/pkg/blob/main/kustomize/kustomize_generator.go).
var fluxFields = []place{
	{"targetNamespace", "", true, nil},
	{"namePrefix", "", true, nil},
	{"nameSuffix", "", true, nil},
	{"patches", "", true, (*reader).any},
	{"components", "", true, (*reader).directory},
	{"patchesStrategicMerge", "", true, (*reader).any},
	{"patchesJson6902", "", true, (*reader).any},
	{"commonMetadata", "", true, nil},
}

// metadata is what commonMetadata holds.
type metadata struct{ Labels, Annotations map[string]string }

// fluxes returns Flux's Kustomizations of the stream.
func (t *Tree) fluxes() (items []*krm.Item) {
	for _, item := range slices.Concat(t.list.Items, t.list.Beside) {
		if item.MayBe(kustomization) && strings.HasPrefix(edit.Text(item.Node(), "apiVersion"), fluxGroup) {
			items = append(items, item)
		}
	}
	return items
}

// dirOf returns the directory that one of them builds: the path as it is in the stream. Where that
// begins within the repository, the one that flux bootstrap writes says where: it lies in flux-system
// of what it builds.
func (t *Tree) dirOf(item *krm.Item) (dir string, found bool) {
	of := func(item *krm.Item) string {
		return path.Clean(strings.TrimLeft(edit.Text(item.Node(), "spec", "path"), "/"))
	}
	if dir = of(item); len(t.names(dir)) > 0 {
		return dir, true
	}
	for _, other := range t.fluxes() {
		system := path.Dir(other.Path())
		if ref := other.Ref(); ref == nil || ref.Name != "flux-system" || path.Base(system) != "flux-system" {
			continue
		}
		top, here := of(other), path.Dir(system)
		if above, ok := strings.CutSuffix(top, "/"+here); ok {
			top, here = above, "."
		}
		if rest, ok := strings.CutPrefix(dir+"/", top+"/"); ok && len(t.names(path.Join(here, rest))) > 0 {
			return path.Join(here, rest), true
		}
	}
	return "", false
}

// generate makes the layer of all files of a directory that has no Kustomization, and of those
// below it that have one.
func (l *layer) generate(t *Tree) {
	resources := []any{}
names:
	for _, name := range t.names(l.dir) {
		rest := strings.TrimPrefix(name, l.dir+"/")
		for n, c := range rest {
			if dir := path.Join(l.dir, rest[:n]); c == '/' && t.own[dir] != nil {
				if !slices.Contains(l.dirs, dir) {
					l.dirs, resources = append(l.dirs, dir), append(resources, "./"+rest[:n])
				}
				continue names
			}
		}
		if ext := path.Ext(name); ext == ".yaml" || ext == ".yml" {
			l.files, resources = append(l.files, name), append(resources, "./"+rest)
		}
	}
	l.fields = map[string]any{"resources": resources}
}

// flux adds what the spec of Flux's Kustomization says.
func (r *reader) flux() error {
	spec, _ := value(edit.Get(r.item.Node(), "spec")).(map[string]any)
	r.read(spec, edit.Path{"spec"}, fluxFields)
	for from, field := range map[string]string{"targetNamespace": "namespace", "namePrefix": "namePrefix", "nameSuffix": "nameSuffix", "buildMetadata": "buildMetadata"} {
		if value := spec[from]; value != nil {
			r.fields[field] = value
		}
	}
	text := func(e any) any {
		text, _ := json.Marshal(e)
		return string(text)
	}
	patch := func(e any) any {
		p, _ := e.(map[string]any)
		body := p["patch"]
		if _, isText := body.(string); !isText {
			body = text(body)
		}
		return map[string]any{"patch": body, "target": p["target"]}
	}
	same := func(e any) any { return e }
	for field, as := range map[string]func(any) any{"components": same, "patchesStrategicMerge": text, "patches": patch, "patchesJson6902": patch} {
		list, _ := r.fields[field].([]any)
		more, _ := spec[field].([]any)
		for _, e := range more {
			list = append(list, as(e))
		}
		r.fields[field] = list
	}
	return json.Unmarshal([]byte(text(spec["commonMetadata"]).(string)), &r.meta)
}
