package gcp

import (
	"strings"

	"flux-workload-identity/fn/cloud/provider"
)

const wantEmail = "NAME@PROJECT.iam.gserviceaccount.com, NUMBER-compute@developer.gserviceaccount.com or PROJECT@appspot.gserviceaccount.com"

// The e-mail addresses of service accounts. A project's ID is of 6 to 30 characters, as a
// service account's is (https://cloud.google.com/resource-manager/docs/creating-managing-projects,
// https://cloud.google.com/iam/docs/service-accounts-create). The project of a domain-scoped
// project example.com:proj reads proj.example.com here.
const (
	idPattern      = `[a-z][a-z0-9-]{4,28}[a-z0-9]`
	domainPattern  = `(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*`
	projectPattern = idPattern + domainPattern
	namePattern    = idPattern
	emailPattern   = `^(?:` +
		namePattern + `@` + projectPattern + `\.iam|` +
		`[0-9]{1,20}-compute@developer|` +
		projectPattern + `@appspot` +
		`)\.gserviceaccount\.com$`
)

var email = provider.Pattern(emailPattern)

// anyLength matches an address that is wrong in the lengths of its parts alone.
var anyLength = provider.Pattern(`^(?:[a-z](?:[a-z0-9-]*[a-z0-9])?|[A-Za-z0-9_-]{31,})@[a-z](?:[a-z0-9-]*[a-z0-9])?` + domainPattern + `\.iam\.gserviceaccount\.com$|` +
	`^[a-z](?:[a-z0-9-]*[a-z0-9])?` + domainPattern + `@appspot\.gserviceaccount\.com$`)

func checkEmail(value string) []provider.Complaint {
	switch {
	case strings.Count(value, "@") == 1 && email(value): // which is slow where much is wrong
		return nil
	case strings.Count(value, "@") == 1 && anyLength(value):
		return provider.Wrong("want %s; NAME and PROJECT are of 6 to 30 lower-case letters, digits and hyphens", wantEmail)
	default:
		return provider.Wrong("want %s%s", wantEmail, provider.Placeholder(value))
	}
}
