// Package cloud lists the clouds that the function knows. To add one, put a package
// beside aws, azure and gcp, with the same files, and name it here.
package cloud

import (
	"slices"

	"flux-workload-identity/fn/cloud/aws"
	"flux-workload-identity/fn/cloud/azure"
	"flux-workload-identity/fn/cloud/gcp"
	"flux-workload-identity/fn/cloud/provider"
)

// All are the clouds, in the order in which messages name them.
var All = []*provider.Provider{aws.Provider, azure.Provider, gcp.Provider}

// Named returns the cloud of that name, nil where there is none.
func Named(name string) *provider.Provider {
	i := slices.IndexFunc(All, func(p *provider.Provider) bool { return p.Name == name })
	if i < 0 {
		return nil
	}
	return All[i]
}

// Owner returns the cloud that a label or an annotation is of, nil where it is of none.
func Owner(key string) *provider.Provider {
	for _, p := range All {
		if p.Owns(key) {
			return p
		}
	}
	return nil
}

// KeyWords returns the beginnings of all labels and annotations of workload identity.
func KeyWords() (words []string) {
	for _, p := range All {
		words = append(words, p.Keys...)
	}
	return words
}

// Names returns the names of the clouds.
func Names() (names []string) {
	for _, p := range All {
		names = append(names, p.Name)
	}
	return names
}
