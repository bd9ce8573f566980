package gcp

import "flux-workload-identity/fn/cloud/provider"

// annotation is what GKE's metadata server reads; without it the Kubernetes
// ServiceAccount is a principal of its own.
const annotation = "iam.gke.io/gcp-service-account"

func settings(v provider.Values) provider.Settings {
	return provider.Settings{ServiceAccount: v.In(provider.Annotations, [2]string{annotation, serviceAccountEmail})}
}
