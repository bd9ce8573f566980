package flux_test

import (
	"fmt"

	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/krm"
)

// A shard has no ServiceAccount of its own: it belongs to the one it runs under.
func ExampleFind() {
	list, err := krm.Parse([]byte(`
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: ServiceAccount
  metadata:
    labels: {app.kubernetes.io/part-of: flux, app.kubernetes.io/component: source-controller}
    name: source-controller
    namespace: flux-system
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: source-controller-shard1
    namespace: flux-system
  spec:
    template:
      spec:
        containers: [{name: manager, image: ghcr.io/fluxcd/source-controller:v1.9.4}]
        serviceAccountName: source-controller
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, install := range flux.Find(list.Items, flux.Scope{}, krm.NewReport(list)) {
		fmt.Println(install)
		for _, c := range install.Controllers {
			for _, o := range c.Objects() {
				fmt.Println(" ", o.Kind, o.Name)
			}
		}
	}
	// Output:
	// namespace flux-system
	//   ServiceAccount source-controller
	//   Deployment source-controller-shard1
}
