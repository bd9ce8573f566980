// Package azure is Microsoft Entra Workload ID on AKS. The facts are those of
// https://fluxcd.io/flux/integrations/azure/ and of the webhook that reads the labels and
// annotations, https://github.com/Azure/azure-workload-identity.
package azure

import (
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/flux/controllers"
)

const (
	clientID               = "clientID"
	tenantID               = "tenantID"
	tokenExpirationSeconds = "tokenExpirationSeconds"
)

// The webhook's floor and cap of a token's lifetime
// (docs/book/src/topics/service-account-labels-and-annotations.md).
const minimum, maximum = 3600, 86400

var checkSeconds, wantSeconds = provider.Seconds(minimum, maximum)

// Provider is Azure.
var Provider = &provider.Provider{
	Name:  "azure",
	Title: "Azure",
	Identity: provider.Field{
		Name:     clientID,
		Required: true,
		Check:    checkGUID,
		Pattern:  guidPattern,
		FoldCase: true,
		Want:     wantGUID,
		Example:  "3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6",
		Doc:      "The client ID of the managed identity or the app registration.",
	},
	Options: []provider.Field{
		{
			Name: tenantID, Required: true, Check: checkGUID, Pattern: guidPattern, FoldCase: true, Want: wantGUID,
			Example: "7c1e0d9a-5b4f-4c3e-9d2a-1f0e8b7c6d5a",
			Doc:     "The tenant of the identity.",
		},
		{
			Name: tokenExpirationSeconds, Type: provider.Int, Check: checkSeconds, Minimum: minimum, Maximum: maximum, Want: wantSeconds,
			Example: "7200",
			Doc:     "The lifetime of the token; the webhook's default is 3600.",
		},
	},
	Integrations: []provider.Integration{
		{Name: "ACR", Since: "v2.0", Doc: "artifacts, charts and image tags in Azure Container Registry", Controllers: []string{controllers.Source, controllers.ImageReflector}},
		{Name: "BlobStorage", Since: "v2.0", Doc: "containers of Blob Storage", Controllers: []string{controllers.Source}},
		{Name: "DevOps", Since: "v2.4", Doc: "git repositories of Azure DevOps, to read and to push, and the status of commits", Controllers: []string{controllers.Source, controllers.ImageAutomation, controllers.Notification}},
		{Name: "KeyVault", Since: "v2.0", Doc: "keys of Key Vault, for SOPS to decrypt with", Controllers: []string{controllers.Kustomize}},
		{Name: "EventHubs", Since: "v2.6", Doc: "notifications to Event Hubs", Controllers: []string{controllers.Notification}},
		{Name: "AKS", Since: "v2.7", Doc: "other AKS clusters, to apply manifests and releases to", Controllers: []string{controllers.Kustomize, controllers.Helm}},
	},
	Check:           check,
	Settings:        settings,
	NeedsDeployment: true,
	Keys:            []string{prefix},
	Harmless:        []string{useLabel},
}
