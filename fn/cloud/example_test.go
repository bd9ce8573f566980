package cloud_test

import (
	"fmt"

	"flux-workload-identity/fn/cloud"
)

func ExampleNamed() {
	gcp := cloud.Named("gcp")
	fmt.Println(gcp.Title, gcp.Identity.Name)
	fmt.Println(cloud.Named("GCP") == nil, cloud.Names())
	// Output:
	// Google Cloud serviceAccountEmail
	// true [aws azure gcp]
}
