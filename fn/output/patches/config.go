package patches

import (
	"fmt"
	"path"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// checkConfig warns of a configuration of the function in what Flux builds. Under transformers
// the build stops with "external plugins disabled" (kustomize api/internal/plugins/loader);
// among the resources it is applied, unless it is marked as local, and no cluster has its kind.
func (w *writer) checkConfig() {
	if w.home.kustomization == nil || len(w.home.Installs) == 0 {
		return
	}
	for _, item := range w.configs {
		file := item.Path()
		w.checkListed("transformers", file, "it runs no functions")
		if !krm.IsLocal(item.Node()) {
			w.checkListed("resources", file, "the cluster has no such kind")
		}
	}
}

func (w *writer) checkListed(list, file, why string) {
	for i, e := range edit.Elements(edit.Get(w.home.Item.Node(), list)) {
		if name := edit.Text(e); path.Join(w.home.kustomization.Dir(), name) == file {
			w.report.Item(sdk.Warning, w.home.Item, edit.Path{list}.At(i), fmt.Sprintf(
				"%q: want no %s there, where Flux builds: %s, and the sync stops; keep the configuration in another folder", name, api.Kind, why))
		}
	}
}
