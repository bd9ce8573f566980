package patches

import (
	"fmt"
	"path"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/output"
)

// laterFields are what kustomize applies after all patches (api/internal/target). They can do
// anything to anything, so it is only looked for the keys that ours set.
var laterFields = []string{"replacements", "transformers"}

func (w *writer) hasLater() bool {
	return slices.ContainsFunc(laterFields, func(field string) bool { return edit.Get(w.home.Item.Node(), field) != nil })
}

// warnOfLater warns of replacements and transformers that name a key that the objects are to
// have, in the Kustomization itself or in a file of the stream.
func (w *writer) warnOfLater() {
	var keys []string
	for _, o := range w.objects {
		for _, e := range output.Entries(o.places) {
			if !slices.Contains(keys, e.Key) {
				keys = append(keys, e.Key)
			}
		}
	}
	for _, field := range laterFields {
		for i, e := range edit.Elements(edit.Get(w.home.Item.Node(), field)) {
			if key := w.mentioned(e, keys); key != "" {
				w.report.Item(sdk.Warning, w.home.Item, edit.Path{field}.At(i), fmt.Sprintf(
					"names %s: want it from one place: kustomize applies this after all patches; see that it does not set another value", key))
			}
		}
	}
}

// mentioned returns the first of the keys that an element holds, or the file that it names.
func (w *writer) mentioned(e *yaml.Node, keys []string) string {
	texts := []string{printed(e)}
	name := edit.Text(e)
	if name == "" {
		name = edit.Text(e, "path")
	}
	if name != "" && !strings.Contains(name, "\n") {
		for _, item := range w.stream.in([]string{path.Join(w.home.kustomization.Dir(), name)}) {
			if !item.MayBe(api.Kind) {
				texts = append(texts, printed(item.Node()))
			}
		}
	}
	for _, key := range keys {
		if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, key) }) {
			return key
		}
	}
	return ""
}
