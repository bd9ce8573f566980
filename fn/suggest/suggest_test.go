package suggest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// controllers are long names that have much in common.
var controllers = []string{"source-controller", "kustomize-controller", "helm-controller", "image-automation-controller"}

func TestNearest(t *testing.T) {
	services := []string{"ECR", "S3", "CodeCommit", "KMS", "EKS"}
	cases := map[string]struct {
		reason, given string
		names         []string
		want          string
	}{
		"Case":         {"Another case.", "ecr", services, "ECR"},
		"Hyphen":       {"A hyphen.", "code-commit", services, "CodeCommit"},
		"Underscore":   {"An underscore.", "code_commit", services, "CodeCommit"},
		"Blank":        {"A blank.", "Code Commit", services, "CodeCommit"},
		"NoHyphen":     {"None where there is one.", "sourcecontroller", controllers, "source-controller"},
		"Swapped":      {"Two letters swapped count once.", "KSM", services, "KMS"},
		"Short1":       {"A short name may differ in one letter.", "ECT", services, "ECR"},
		"Short2":       {"But not in two.", "ETT", services, ""},
		"Long2":        {"A longer one may differ in more.", "CodComit", services, "CodeCommit"},
		"Long3":        {"But not in too many.", "CoComit", services, ""},
		"Plural":       {"A forgotten letter.", "helm-controllers", controllers, "helm-controller"},
		"FoldedFirst":  {"A difference of case is none, whatever stands before it.", "eks", []string{"ECS", "EKS"}, "EKS"},
		"NearestFirst": {"The nearest wins, not the first that is near.", "image-automtion-controller", []string{"image-automation-controllers", "image-automation-controller"}, "image-automation-controller"},
		"NearestLast":  {"Nor the last.", "image-automtion-controller", []string{"image-automation-controller", "image-automation-controllers"}, "image-automation-controller"},
		"Empty":        {"Nothing is near to nothing.", "", services, ""},
		"NoNames":      {"Nothing is accepted.", "ECR", nil, ""},
		"Foreign":      {"Another word.", "Terraform", services, ""},
		"Controller":   {"What people call a controller is not its name.", "helm", controllers, "helm-controller"},
		"NotASCII":     {"Letters of several bytes.", "contröllers", []string{"controllers"}, "controllers"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Nearest(tc.given, tc.names)); diff != "" {
				t.Errorf("%s\n%q: -want +got:\n%s", tc.reason, tc.given, diff)
			}
		})
	}
}

func TestDistance(t *testing.T) {
	cases := map[string]struct {
		reason, a, b string
		want         int
	}{
		"Equal":    {"Nothing to do.", "path", "path", 0},
		"Insert":   {"A letter more.", "path", "paths", 1},
		"Delete":   {"A letter less.", "path", "pah", 1},
		"Replace":  {"Another letter.", "path", "pash", 1},
		"Swap":     {"Two neighbours swapped.", "path", "paht", 1},
		"SwapFar":  {"Two letters that are no neighbours.", "path", "htap", 3},
		"Several":  {"One of each.", "namespace", "anmspacce", 3},
		"Nothing":  {"All letters to insert.", "", "path", 4},
		"Anything": {"All letters to delete.", "path", "", 4},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := distance(tc.a, tc.b); got != tc.want {
				t.Errorf("%s\n%q, %q: want %d, got %d", tc.reason, tc.a, tc.b, tc.want, got)
			}
			if there, back := distance(tc.a, tc.b), distance(tc.b, tc.a); there != back {
				t.Errorf("%q, %q: %d there and %d back", tc.a, tc.b, there, back)
			}
		})
	}
}
