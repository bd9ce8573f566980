package aws

import (
	"cmp"
	"strings"

	"flux-workload-identity/fn/cloud/provider"
)

// The patterns of the published schema, which leave the lengths to the checks.
const (
	roleARNPattern  = `^arn:aws(-[a-z0-9]+)*:iam::[0-9]{12}:role/([!-.0-~]+/)*[A-Za-z0-9_+=,.@-]{1,64}$`
	audiencePattern = `^[!-;=?-~]{1,255}$`
)

const (
	wantRoleARN  = "arn:PARTITION:iam::ACCOUNT:role/NAME with a 12-digit account"
	wantAudience = "a word without blanks, such as sts.amazonaws.com"
)

var (
	// The partitions of aws-sdk-go-v2 internal/endpoints/awsrulesfn/partitions.json, and
	// the European Sovereign Cloud.
	knownPartition = provider.Pattern(`^aws(-cn|-us-gov|-iso(-[a-z])?|-eusc)?$`)
	anyPartition   = provider.Pattern(`^aws(-[a-z0-9]+)*$`)
	account        = provider.Pattern(`^[0-9]{12}$`)
	// Path and name as the IAM API has them (CreateRole): a path of printable ASCII, and
	// a name of at most 64 of these characters.
	rolePath = provider.Pattern(`^/(?:[!-~]+/)?$`)
	roleName = provider.Pattern(`^[A-Za-z0-9_+=,.@-]{1,64}$`)

	audienceWord = provider.Pattern(audiencePattern)
)

const maxRolePath = 512

// checkRoleARN checks the ARN of a role that a web identity can assume.
func checkRoleARN(arn string) []provider.Complaint {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || !anyPartition(parts[1]) {
		return provider.Wrong("want %s%s", wantRoleARN, provider.Placeholder(arn))
	}
	partition, service, region, resource := parts[1], parts[2], parts[3], parts[5]
	kind, name, _ := strings.Cut(resource, "/")
	switch {
	case service == "sts" && kind == "assumed-role":
		return provider.Wrong("want %s; this is a session of a role, name the role itself", wantRoleARN)
	case service == "iam" && kind != "role":
		return provider.Wrong("want %s; this is no role", wantRoleARN)
	case service != "iam" || region != "" || !account(parts[4]):
		return provider.Wrong("want %s%s", wantRoleARN, provider.Placeholder(arn))
	}
	slash := strings.LastIndexByte("/"+name, '/')
	path, name := ("/" + name)[:slash+1], ("/" + name)[slash+1:]
	switch {
	case !rolePath(path) || strings.Contains(path, "//") || len(path) > maxRolePath:
		return provider.Wrong("want %s; the path before the name is of at most %d printable characters", wantRoleARN, maxRolePath)
	case !roleName(name):
		return provider.Wrong("want %s%s", wantRoleARN, cmp.Or(provider.Placeholder(arn), "; the name is of 1 to 64 letters, digits and _+=,.@-"))
	case strings.HasPrefix(path, "/aws-service-role/"):
		return provider.Wrong("want %s; a service-linked role cannot be assumed by a web identity", wantRoleARN)
	case !knownPartition(partition):
		return []provider.Complaint{{Warning: true, Text: "want a known partition (aws, aws-cn, aws-us-gov, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f, aws-eusc); check " + partition}}
	}
	return nil
}

func checkAudience(value string) []provider.Complaint {
	if !audienceWord(value) {
		return provider.Wrong("want %s", wantAudience)
	}
	return nil
}
