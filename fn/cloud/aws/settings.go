package aws

import "flux-workload-identity/fn/cloud/provider"

// prefix is that of the annotations that the EKS webhook reads (pkg/annotations.go).
const prefix = "eks.amazonaws.com/"

func settings(v provider.Values) provider.Settings {
	return provider.Settings{ServiceAccount: v.In(provider.Annotations,
		[2]string{prefix + "role-arn", roleARN},
		[2]string{prefix + "audience", audience},
		[2]string{prefix + "sts-regional-endpoints", stsRegionalEndpoints},
		[2]string{prefix + "token-expiration", tokenExpirationSeconds},
	)}
}
