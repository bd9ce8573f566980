package azure

import "flux-workload-identity/fn/cloud/provider"

// prefix is that of the labels and annotations that the webhook reads
// (pkg/webhook/consts.go).
const prefix = "azure.workload.identity/"

// useLabel makes the webhook see a pod.
const useLabel = prefix + "use"

// settings labels the pods, without which the webhook does not see them, and the
// Deployments beside them, as Flux's documentation does.
func settings(v provider.Values) provider.Settings {
	use := []provider.Entry{{Key: useLabel, Value: "true"}}
	return provider.Settings{
		ServiceAccountAnnotations: v.Annotations(
			provider.Entry{Key: prefix + "client-id", Value: clientID},
			provider.Entry{Key: prefix + "tenant-id", Value: tenantID},
			provider.Entry{Key: prefix + "service-account-token-expiration", Value: tokenExpirationSeconds},
		),
		DeploymentLabels: use,
		PodLabels:        use,
	}
}
