package suggest_test

import (
	"fmt"

	"flux-workload-identity/fn/suggest"
)

func ExampleNearest() {
	fmt.Println(suggest.Nearest("code-comit", []string{"ECR", "S3", "CodeCommit"}))
	// Output: CodeCommit
}
