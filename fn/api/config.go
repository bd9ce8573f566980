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
	// Output says what is written.
	Output Output
	// Patches say where they go, for the output of that name.
	Patches Patches
	// Check says to write nothing, and to call an error what would change.
	Check bool
}

// Output is what the function writes.
type Output string

// The outputs.
const (
	ToResources Output = "Resources" // the ServiceAccounts and Deployments themselves
	ToPatches   Output = "Patches"   // patches of them, in what builds or declares the install
)

// Patches are the settings of the output Patches.
type Patches struct {
	// Name is the metadata.name in the body of each patch: by it a later run knows them.
	Name string
	// Kustomization is the path of the file that is to hold them, "" for the one that lists
	// the controllers, and Field is where the configuration names it.
	Kustomization, Field string
	// Adopt says to take over users' patches that hold nothing but identities, and
	// AdoptField is where the configuration says so.
	Adopt      bool
	AdoptField string
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
