package gcp_test

import (
	"fmt"

	"flux-workload-identity/fn/cloud/gcp"
	"flux-workload-identity/fn/cloud/provider"
)

func ExampleProvider() {
	settings := gcp.Provider.Settings(provider.Values{
		"serviceAccountEmail": "flux-gar@my-project.iam.gserviceaccount.com",
	})
	for _, e := range settings.ServiceAccount {
		fmt.Printf("%s: %s\n", e.Key(), e.Value)
	}
	// Output:
	// iam.gke.io/gcp-service-account: flux-gar@my-project.iam.gserviceaccount.com
}
