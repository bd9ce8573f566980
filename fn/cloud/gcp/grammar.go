package gcp

import (
	"flux-workload-identity/fn/cloud/provider"
)

const wantEmail = "NAME@PROJECT.iam.gserviceaccount.com, NUMBER-compute@developer.gserviceaccount.com or PROJECT@appspot.gserviceaccount.com"

// The e-mail addresses of service accounts, after the checks of Google's Terraform
// provider (google/verify/validation.go). The project of a domain-scoped project
// example.com:proj reads proj.example.com here.
const (
	projectPattern = `[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*`
	namePattern    = `[a-z][a-z0-9-]{4,28}[a-z0-9]`
	emailPattern   = `^(?:` +
		namePattern + `@` + projectPattern + `\.iam|` +
		`[0-9]{1,20}-compute@developer|` +
		projectPattern + `@appspot` +
		`)\.gserviceaccount\.com$`
)

var email = provider.Pattern(emailPattern)

// shortName matches an address that is wrong in its name alone.
var shortName = provider.Pattern(`^(?:[a-z][a-z0-9-]{0,4}|[A-Za-z0-9_-]{31,})@` + projectPattern + `\.iam\.gserviceaccount\.com$`)

func checkEmail(value string) []provider.Complaint {
	switch {
	case shortName(value):
		return provider.Wrong("want %s; NAME is of 6 to 30 lower-case letters, digits and hyphens", wantEmail)
	case !email(value):
		return provider.Wrong("want %s%s", wantEmail, provider.Placeholder(value))
	}
	return nil
}
