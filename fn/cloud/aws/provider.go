// Package aws is IAM Roles for Service Accounts on EKS. The facts are those of
// https://fluxcd.io/flux/integrations/aws/ and of the webhook that reads the annotations,
// https://github.com/aws/amazon-eks-pod-identity-webhook.
package aws

import (
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/flux/controllers"
)

const (
	roleARN                = "roleARN"
	audience               = "audience"
	stsRegionalEndpoints   = "stsRegionalEndpoints"
	tokenExpirationSeconds = "tokenExpirationSeconds"
)

// The webhook's floor and cap of a token's lifetime (README.md, pkg/webhook).
const minimum, maximum = 600, 86400

var checkSeconds, wantSeconds = provider.Seconds(minimum, maximum)

// Provider is AWS.
var Provider = &provider.Provider{
	Name:  "aws",
	Title: "AWS",
	Identity: provider.Field{
		Name:     roleARN,
		Required: true,
		Check:    checkRoleARN,
		Pattern:  roleARNPattern,
		Want:     wantRoleARN,
		Example:  "arn:aws:iam::111122223333:role/flux",
		Forms:    []string{"arn:aws-cn:iam::111122223333:role/flux", "arn:aws-us-gov:iam::111122223333:role/flux"},
		Doc:      "The IAM role that the controllers assume.",
	},
	Options: []provider.Field{
		{
			Name: audience, Check: checkAudience, Pattern: audiencePattern, Want: wantAudience,
			Example: "sts.amazonaws.com",
			Doc:     "The audience of the token; the webhook's default is sts.amazonaws.com.",
		},
		{
			Name: stsRegionalEndpoints, Type: provider.Bool, Check: provider.Boolean, Want: "true or false",
			Example: "true",
			Doc:     "Whether to call the STS of the cluster's region instead of the global one.",
		},
		{
			Name: tokenExpirationSeconds, Type: provider.Int, Check: checkSeconds, Minimum: minimum, Maximum: maximum, Want: wantSeconds,
			Example: "3600",
			Doc:     "The lifetime of the token; the webhook's default is 86400.",
		},
	},
	Integrations: []provider.Integration{
		{Name: "ECR", Doc: "artifacts, charts and image tags in Elastic Container Registry", Controllers: []string{controllers.Source, controllers.ImageReflector}},
		{Name: "S3", Doc: "buckets of Simple Storage Service", Controllers: []string{controllers.Source}},
		{Name: "CodeCommit", Since: "v2.9", Doc: "git repositories of CodeCommit, to read and to push", Controllers: []string{controllers.Source, controllers.ImageAutomation}},
		{Name: "KMS", Doc: "keys of Key Management Service, for SOPS to decrypt with", Controllers: []string{controllers.Kustomize}},
		{Name: "EKS", Since: "v2.7", Doc: "other EKS clusters, to apply manifests and releases to", Controllers: []string{controllers.Kustomize, controllers.Helm}},
	},
	Settings: settings,
	Keys: []string{
		prefix + "role-arn", prefix + "audience", prefix + "sts-regional-endpoints",
		prefix + "token-expiration", prefix + "skip-containers",
	},
}
