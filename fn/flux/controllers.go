package flux

import (
	"slices"

	"flux-workload-identity/fn/edit"
)

// The controllers of Flux. The name is that of the ServiceAccount, the Deployment and
// the image, and never changes (fluxcd-community/helm-charts#191).
const (
	SourceController          = "source-controller"
	KustomizeController       = "kustomize-controller"
	HelmController            = "helm-controller"
	NotificationController    = "notification-controller"
	ImageReflectorController  = "image-reflector-controller"
	ImageAutomationController = "image-automation-controller"
	SourceWatcher             = "source-watcher"
)

// Controllers are the names of all controllers, the default ones first
// (fluxcd/flux2 pkg/manifestgen/install/options.go).
var Controllers = []string{
	SourceController, KustomizeController, HelmController, NotificationController,
	ImageReflectorController, ImageAutomationController, SourceWatcher,
}

// IsController reports whether the name is that of a Flux controller.
func IsController(name string) bool {
	return slices.Contains(Controllers, name)
}

// Labels that Flux sets on its objects: part-of since v0.12, component since v0.35
// (fluxcd/flux2 pkg/manifestgen/install/templates.go).
const (
	partOfLabel    = "app.kubernetes.io/part-of"
	ComponentLabel = "app.kubernetes.io/component"
	managedByLabel = "app.kubernetes.io/managed-by"
	versionLabel   = "app.kubernetes.io/version"
	partOfFlux     = "flux"
)

// Operator is what manages the objects of a FluxInstance, as ManagedByPath then says.
const Operator = "flux-operator"

// Fields by which objects are recognised.
var (
	ManagedByPath     = edit.Path{"metadata", "labels", managedByLabel}
	partOfPath        = edit.Path{"metadata", "labels", partOfLabel}
	componentPath     = edit.Path{"metadata", "labels", ComponentLabel}
	previousNamesPath = edit.Path{"metadata", "annotations", previousNamesAnnotation}
	imagesPath        = edit.Path{"spec", "template", "spec", "containers"}
)
