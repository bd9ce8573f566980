package aws_test

import (
	"fmt"

	"flux-workload-identity/fn/cloud/aws"
	"flux-workload-identity/fn/cloud/provider"
)

func ExampleProvider() {
	settings := aws.Provider.Settings(provider.Values{
		"roleARN":                "arn:aws:iam::111122223333:role/flux",
		"tokenExpirationSeconds": "3600",
	})
	for _, e := range settings.ServiceAccount {
		fmt.Printf("%s: %q\n", e.Key(), e.Value)
	}
	// Output:
	// eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/flux"
	// eks.amazonaws.com/token-expiration: "3600"
}
