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
			return provider.Settings{ServiceAccount: v.In(provider.Annotations, [2]string{"example.com/robot", "robot"})}
		},
		Keys: []string{"example.com/"},
	}
	fmt.Println(cloud.CanUse("source-controller"), cloud.CanUse("helm-controller"))
	fmt.Println(cloud.Settings(provider.Values{"robot": "flux"}).ServiceAccount)
	// Output:
	// true false
	// [{[metadata annotations example.com/robot] flux}]
}
