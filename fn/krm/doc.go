// Package krm reads and writes the ResourceList of the KRM Functions Specification,
// https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md,
// and collects what a function has to say about it.
//
// It differs from the lists of kyaml and of the kpt SDK in what it keeps: the order of
// the items, the order of the top-level keys and those it does not know, incoming
// results as they came, and, as long as nothing is edited, every byte.
package krm
