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
	return provider.Settings{
		ServiceAccount: v.In(provider.Annotations,
			[2]string{prefix + "client-id", clientID},
			[2]string{prefix + "tenant-id", tenantID},
			[2]string{prefix + "service-account-token-expiration", tokenExpirationSeconds},
		),
		Deployment: provider.Fragment{
			{Path: provider.With(provider.Labels, useLabel), Value: "true"},
			{Path: provider.With(provider.PodLabels, useLabel), Value: "true"},
		},
	}
}
