package kustomize

import (
	"errors"
	"fmt"
	"strings"

	"sigs.k8s.io/kustomize/api/provider"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
)

// plugins are the fields that list their configurations.
var plugins = []string{"generators", "transformers", "validators"}

var factory = resmap.NewFactory(provider.NewDefaultDepProvider().GetResourceFactory())

// plugin is the configurations of plugins: inline, in a file or what a directory builds. They can
// name files too, and URLs, so that all are put inline.
func (r *reader) plugin(at edit.Path, entry *string) bool {
	configurations, err := factory.NewResMapFromBytes([]byte(*entry))
	if err == nil {
		return r.inline(at, entry, configurations)
	}
	file := r.path(*entry)
	if isURL(*entry) || r.t.file(file) == nil {
		if !r.directory(at, entry) {
			return false
		}
		r.dirs, r.tools = r.dirs[:len(r.dirs)-1], append(r.tools, r.path(*entry))
		r.later[*entry] = at
		return true // the rest is left for the build
	}
	r.others = append(r.others, file)
	if configurations, err = factory.NewResMapFromBytes(r.t.text(file, plain)); err != nil {
		r.err = errors.Join(r.err, fmt.Errorf("%s: %w", at, err))
		return false
	}
	defer func() { r.later[*entry] = at }()
	return r.inline(at, entry, configurations)
}

// isLater is 1 for an entry of plugins that was not inline: kustomize takes those first that are.
func (r *reader) isLater(entry any) int {
	name, _ := entry.(string)
	if _, later := r.later[name]; later {
		return 1
	}
	return 0
}

// inline makes an entry the text of configurations, but for those that name a URL.
func (r *reader) inline(at edit.Path, entry *string, configurations resmap.ResMap) bool {
	for _, c := range configurations.Resources() {
		if url := r.named(c.YNode()); url != "" {
			r.miss(at, url, Remote)
			_ = configurations.Remove(c.CurId())
		}
	}
	text, err := configurations.AsYaml()
	*entry = string(text)
	return err == nil && configurations.Size() > 0
}

// named notes the files that values name, [KEY=]FILE, and returns one that is a URL.
func (r *reader) named(n *yaml.Node) (url string) {
	for _, c := range n.Content {
		if url = r.named(c); url != "" {
			return url
		}
	}
	if n.Kind != yaml.ScalarNode {
		return ""
	}
	for _, value := range []string{n.Value, n.Value[strings.Index(n.Value, "=")+1:]} {
		if isURL(value) {
			return n.Value
		}
		if file := r.path(value); r.t.file(file) != nil {
			r.others = append(r.others, file)
		}
	}
	return ""
}
