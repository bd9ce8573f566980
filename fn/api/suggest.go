package api

import (
	"strings"

	"flux-workload-identity/fn/suggest"
)

// oneOf words what is accepted, with the nearest of the names where one is near.
func oneOf(given string, names []string) string {
	want := "want one of " + strings.Join(names, ", ")
	if len(names) == 1 {
		want = "want " + names[0]
	}
	if otherCloud(given, names) != "" {
		return want
	}
	return want + suggest.DidYouMean(given, names)
}
