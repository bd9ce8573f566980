// Package api is the function's configuration: reading it from the functionConfig, in
// both of its forms, and checking all of it before anything is done.
package api

import (
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/fn/flux"
)

// The kind of the configuration.
const (
	APIVersion = "fn.kpt.dev/v1alpha1"
	Kind       = "FluxWorkloadIdentity"
)

// Config is a configuration that was read and found right.
type Config struct {
	// Cloud is the cloud of all identities.
	Cloud *provider.Provider
	// Identities in the order in which they are written.
	Identities []Identity
	// Scope narrows the installs.
	Scope flux.Scope
}

// Identity is one identity and who is to have it.
type Identity struct {
	// Field is where the configuration names it, as in spec.aws.identities[0].
	Field string
	// Values are its fields, the defaults of the cloud section filled in.
	Values provider.Values
	// Integrations and Controllers say who gets it: the union of both.
	Integrations []Reference
	Controllers  []Reference
}

// Reference is a name and the place where the configuration gives it, as in
// spec.aws.identities[0].integrations[1].
type Reference struct{ Name, Field string }

// Example is a short valid configuration, in one line, for messages.
const Example = `{apiVersion: ` + APIVersion + `, kind: ` + Kind + `, metadata: {name: flux-workload-identity}, ` +
	`spec: {aws: {identities: [{roleARN: "arn:aws:iam::111122223333:role/flux", integrations: [ECR]}]}}}` +
	`; or, with kpt fn eval: -- cloud=aws ecr=arn:aws:iam::111122223333:role/flux`
