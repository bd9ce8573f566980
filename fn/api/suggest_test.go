package api

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOneOf(t *testing.T) {
	fields := []string{"roleARN", "audience", "integrations", "controllers"}
	services := []string{"ECR", "S3", "CodeCommit", "KMS", "EKS"}
	cases := map[string]struct {
		reason, given string
		names         []string
		want          string
	}{
		"Near": {"The nearest follows the list.", "rolARN", fields,
			`want one of roleARN, audience, integrations, controllers; did you mean "roleARN"?`},
		"Far":     {"Nothing is near.", "region", fields, "want one of roleARN, audience, integrations, controllers"},
		"Missing": {"Nothing was given.", "", services, "want one of ECR, S3, CodeCommit, KMS, EKS"},
		"Single":  {"One name is no list.", "spek", []string{"spec"}, `want spec; did you mean "spec"?`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, oneOf(tc.given, tc.names)); diff != "" {
				t.Errorf("%s\n%q: -want +got:\n%s", tc.reason, tc.given, diff)
			}
		})
	}
}
