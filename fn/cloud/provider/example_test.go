package provider_test

import (
	"fmt"

	"flux-workload-identity/fn/cloud/provider"
)

// The least that a cloud is: the field that names an identity, an integration, and the
// annotation to write.
func Example() {
	cloud := &provider.Provider{
		Name:         "example",
		Identity:     provider.Field{Name: "robot", Required: true},
		Integrations: []provider.Integration{{Name: "Registry", Controllers: []string{"source-controller"}}},
		Settings: func(v provider.Values) provider.Settings {
			return provider.Settings{ServiceAccountAnnotations: v.Annotations(
				provider.Entry{Key: "example.com/robot", Value: "robot"},
			)}
		},
		Keys: []string{"example.com/"},
	}
	fmt.Println(cloud.CanUse("source-controller"), cloud.CanUse("helm-controller"))
	fmt.Println(cloud.Settings(provider.Values{"robot": "flux"}).ServiceAccountAnnotations)
	// Output:
	// true false
	// [{example.com/robot flux}]
}
