// Package gcp is Workload Identity Federation for GKE. The facts are those of
// https://fluxcd.io/flux/integrations/gcp/.
package gcp

import (
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/flux/controllers"
)

const serviceAccountEmail = "serviceAccountEmail"

// Provider is Google Cloud.
var Provider = &provider.Provider{
	Name:  "gcp",
	Title: "Google Cloud",
	Identity: provider.Field{
		Name:     serviceAccountEmail,
		Required: true,
		Check:    checkEmail,
		Pattern:  emailPattern,
		Want:     wantEmail,
		Example:  "flux-gar@my-project.iam.gserviceaccount.com",
		Forms:    []string{"123456789012-compute@developer.gserviceaccount.com", "my-project@appspot.gserviceaccount.com"},
		Doc:      "The Google service account that the controllers impersonate.",
	},
	Integrations: []provider.Integration{
		{Name: "GAR", Doc: "artifacts, charts and image tags in Artifact Registry", Controllers: []string{controllers.Source, controllers.ImageReflector}},
		{Name: "GCS", Doc: "buckets of Cloud Storage", Controllers: []string{controllers.Source}},
		{Name: "KMS", Doc: "keys of Cloud Key Management Service, for SOPS to decrypt with", Controllers: []string{controllers.Kustomize}},
		{Name: "PubSub", Doc: "notifications to Pub/Sub", Controllers: []string{controllers.Notification}},
		{Name: "GKE", Since: "v2.7", Doc: "other GKE clusters, to apply manifests and releases to", Controllers: []string{controllers.Kustomize, controllers.Helm}},
	},
	Settings: settings,
	Keys:     []string{annotation, "gcp.auth.fluxcd.io/"},
}
