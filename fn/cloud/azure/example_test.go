package azure_test

import (
	"fmt"

	"flux-workload-identity/fn/cloud/azure"
	"flux-workload-identity/fn/cloud/provider"
)

func ExampleProvider() {
	settings := azure.Provider.Settings(provider.Values{
		"clientID": "3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6",
		"tenantID": "7c1e0d9a-5b4f-4c3e-9d2a-1f0e8b7c6d5a",
	})
	for _, e := range settings.ServiceAccount {
		fmt.Println("ServiceAccount:", e.Path, e.Value)
	}
	for _, e := range settings.Deployment {
		fmt.Println("Deployment:", e.Path, e.Value)
	}
	// Output:
	// ServiceAccount: [metadata annotations azure.workload.identity/client-id] 3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6
	// ServiceAccount: [metadata annotations azure.workload.identity/tenant-id] 7c1e0d9a-5b4f-4c3e-9d2a-1f0e8b7c6d5a
	// Deployment: [metadata labels azure.workload.identity/use] true
	// Deployment: [spec template metadata labels azure.workload.identity/use] true
}
