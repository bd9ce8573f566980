// Package controllers names the controllers of Flux, and knows nothing else of it.
package controllers

import "slices"

// The name is that of the ServiceAccount, the Deployment and the image, and never changes
// (fluxcd-community/helm-charts#191).
const (
	Source          = "source-controller"
	Kustomize       = "kustomize-controller"
	Helm            = "helm-controller"
	Notification    = "notification-controller"
	ImageReflector  = "image-reflector-controller"
	ImageAutomation = "image-automation-controller"
	SourceWatcher   = "source-watcher"
)

// Default are those of an install that names none, and All the names of all, the default ones
// first (fluxcd/flux2 pkg/manifestgen/install/options.go).
var (
	Default = []string{Source, Kustomize, Helm, Notification}
	All     = slices.Concat(Default, []string{ImageReflector, ImageAutomation, SourceWatcher})
)

// Has reports whether the name is that of one.
func Has(name string) bool { return slices.Contains(All, name) }
