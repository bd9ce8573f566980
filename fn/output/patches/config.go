package patches

import (
	"fmt"
	"path"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/edit"
)

// checkConfig warns of a configuration of the function in what Flux builds. Under transformers
// the build stops with "external plugins disabled" (kustomize api/internal/plugins/loader);
// among the resources it is applied, unless it is marked as local, and no cluster has its kind.
func (w *writer) checkConfig() {
	if w.home.kustomization == nil || len(w.home.Installs) == 0 {
		return
	}
	for list, why := range map[string]string{
		"transformers": "it runs no functions",
		"resources":    "the cluster has no such kind",
	} {
		for i, e := range edit.Elements(edit.Get(w.home.Item.Node(), list)) {
			name := edit.Text(e)
			for _, item := range w.stream.in([]string{path.Join(w.home.kustomization.Dir(), name)}) {
				n := item.Node()
				isLocal := edit.Text(n, "metadata", "annotations", "config.kubernetes.io/local-config") == "true"
				if edit.Text(n, "kind") == api.Kind && (list == "transformers" || !isLocal) {
					w.report.Item(sdk.Warning, w.home.Item, edit.Path{list}.At(i), fmt.Sprintf(
						"%q: want no %s there, where Flux builds: %s, and the sync stops; keep the configuration in another folder", name, api.Kind, why))
				}
			}
		}
	}
}
