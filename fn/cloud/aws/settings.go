package aws

import "flux-workload-identity/fn/cloud/provider"

// prefix is that of the annotations that the EKS webhook reads (pkg/annotations.go).
const prefix = "eks.amazonaws.com/"

func settings(v provider.Values) provider.Settings {
	return provider.Settings{
		ServiceAccountAnnotations: v.Annotations(
			provider.Entry{Key: prefix + "role-arn", Value: roleARN},
			provider.Entry{Key: prefix + "audience", Value: audience},
			provider.Entry{Key: prefix + "sts-regional-endpoints", Value: stsRegionalEndpoints},
			provider.Entry{Key: prefix + "token-expiration", Value: tokenExpirationSeconds},
		),
	}
}
