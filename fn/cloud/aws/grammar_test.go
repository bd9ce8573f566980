package aws_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/fn/cloud/aws"
	"flux-workload-identity/fn/cloud/provider"
)

const (
	rolePrefix = "arn:aws:iam::111122223333:role/"
	badPath    = "; the path before the name is of at most 512 printable characters"
	badName    = "; the name is of 1 to 64 letters, digits and _+=,.@-"
)

func TestRoleARN(t *testing.T) {
	want := "want " + aws.Provider.Identity.Want
	cases := map[string]struct{ reason, value, want string }{
		"Plain":           {"The usual form.", rolePrefix + "flux", ""},
		"WithPath":        {"A path of several parts before the name.", rolePrefix + "teams/platform/flux", ""},
		"NameCharacters":  {"All characters that IAM takes in a name.", rolePrefix + "aZ09_+=,.@-", ""},
		"PathCharacters":  {"A path holds any printable ASCII, a colon too.", rolePrefix + "!:~*/flux", ""},
		"China":           {"A known partition.", "arn:aws-cn:iam::111122223333:role/flux", ""},
		"GovCloud":        {"A known partition.", "arn:aws-us-gov:iam::111122223333:role/flux", ""},
		"Iso":             {"A known partition.", "arn:aws-iso:iam::111122223333:role/flux", ""},
		"IsoF":            {"A known partition.", "arn:aws-iso-f:iam::111122223333:role/flux", ""},
		"Sovereign":       {"A known partition.", "arn:aws-eusc:iam::111122223333:role/flux", ""},
		"OtherPartition":  {"A partition may be newer than this list.", "arn:aws-moon:iam::111122223333:role/flux", "warning: want a known partition (aws, aws-cn, aws-us-gov, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f, aws-eusc); check aws-moon"},
		"NoPartition":     {"An empty partition is none.", "arn::iam::111122223333:role/flux", want},
		"ForeignWord":     {"A partition starts with aws.", "arn:gcp:iam::111122223333:role/flux", want},
		"AlmostPartition": {"A partition is words joined by hyphens.", "arn:aws-:iam::111122223333:role/flux", want},
		"UpperPartition":  {"A partition is in lower case.", "arn:AWS:iam::111122223333:role/flux", want},

		"Account11":      {"Twelve digits, not eleven.", "arn:aws:iam::11112222333:role/flux", want},
		"Account13":      {"Twelve digits, not thirteen.", "arn:aws:iam::1111222233334:role/flux", want},
		"AccountHyphens": {"The console writes it with hyphens.", "arn:aws:iam::1111-2222-3333:role/flux", want},
		"AccountMissing": {"The account of an AWS managed policy.", "arn:aws:iam::aws:role/flux", want},
		"Region":         {"IAM has no regions.", "arn:aws:iam:eu-west-1:111122223333:role/flux", want},
		"OtherService":   {"A bucket is no role.", "arn:aws:s3:::bucket", want},
		"OtherRole":      {"A role of another service.", "arn:aws:rds::111122223333:role/flux", want},
		"AssumedRole":    {"What aws sts get-caller-identity prints.", "arn:aws:sts::111122223333:assumed-role/flux/session", want + "; this is a session of a role, name the role itself"},
		"User":           {"A user cannot be assumed.", "arn:aws:iam::111122223333:user/flux", want + "; this is no role"},
		"Policy":         {"A policy is often beside the role.", "arn:aws:iam::111122223333:policy/flux", want + "; this is no role"},
		"UpperRole":      {"ARNs count in exact case.", "arn:aws:iam::111122223333:Role/flux", want + "; this is no role"},

		"Name1":         {"The shortest name.", rolePrefix + "f", ""},
		"Name64":        {"The longest name.", rolePrefix + strings.Repeat("f", 64), ""},
		"Name65":        {"One character more.", rolePrefix + strings.Repeat("f", 65), want + badName},
		"NameEmpty":     {"No name.", rolePrefix, want + badName},
		"NameMissing":   {"Not even the slash before it.", "arn:aws:iam::111122223333:role", want + badName},
		"NameBlank":     {"Names have no blanks.", rolePrefix + "flux role", want + badName},
		"NameColon":     {"A name is narrower than a path.", rolePrefix + "flux:role", want + badName},
		"NameUmlaut":    {"Names are ASCII.", rolePrefix + "flüx", want + badName},
		"TrailingSlash": {"A path without a name.", rolePrefix + "teams/", want + badName},
		"TrailingBlank": {"As copied with its line.", rolePrefix + "flux ", want + badName},
		"TrailingLine":  {"The end of the text, not of the line.", rolePrefix + "flux\n", want + badName},
		"LeadingBlank":  {"As copied with the blank before it.", " " + rolePrefix + "flux", want},

		"Path512":      {"The longest path, both slashes counted.", rolePrefix + strings.Repeat("p", 510) + "/flux", ""},
		"Path513":      {"One character more.", rolePrefix + strings.Repeat("p", 511) + "/flux", want + badPath},
		"PathEmpty":    {"A part of the path must not be empty.", rolePrefix + "teams//flux", want + badPath},
		"PathLeading":  {"Nor its first part.", rolePrefix + "/flux", want + badPath},
		"PathBlank":    {"A blank is not in a path.", rolePrefix + "a team/flux", want + badPath},
		"PathUmlaut":   {"A path is ASCII.", rolePrefix + "täm/flux", want + badPath},
		"ServiceLink":  {"Only its service can assume it.", rolePrefix + "aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS", want + "; a service-linked role cannot be assumed by a web identity"},
		"ServiceRole":  {"An ordinary path of the console.", rolePrefix + "service-role/flux", ""},
		"ServiceNamed": {"A name is no path.", rolePrefix + "aws-service-role", ""},

		"Placeholder": {"As in documentation.", rolePrefix + "<ROLE NAME>", want + "; this is a placeholder"},
		"YourRole":    {"The same in other words.", "YOUR_ROLE_ARN", want + "; this is a placeholder"},
		"NameOnly":    {"A name alone does not say whose.", "flux", want},
		"FiveParts":   {"A colon is missing.", "arn:aws:iam:111122223333:role/flux", want},
		"NoARN":       {"It must say that it is one.", "aws:aws:iam::111122223333:role/flux", want},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, words(aws.Provider.Identity.Check(tc.value))); diff != "" {
				t.Errorf("%s\n%q: -want +got:\n%s", tc.reason, tc.value, diff)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	cases := map[string]struct {
		reason, option, value string
		ok                    bool
	}{
		"AudienceHost":   {"The webhook's own default.", "audience", "sts.amazonaws.com", true},
		"AudienceURL":    {"An audience may be any word.", "audience", "https://example.com/x?y=1", true},
		"Audience255":    {"A long one.", "audience", strings.Repeat("a", 255), true},
		"Audience256":    {"Too long a one.", "audience", strings.Repeat("a", 256), false},
		"AudienceEmpty":  {"An empty one is none.", "audience", "", false},
		"AudienceBlank":  {"Two words.", "audience", "two words", false},
		"AudienceSample": {"A placeholder.", "audience", "<AUDIENCE>", false},

		"True":    {"One of the two.", "stsRegionalEndpoints", "true", true},
		"False":   {"The other one.", "stsRegionalEndpoints", "false", true},
		"Yes":     {"The webhook parses Go's booleans.", "stsRegionalEndpoints", "yes", false},
		"Upright": {"In lower case, as YAML and JSON have it.", "stsRegionalEndpoints", "TRUE", false},

		"Seconds599":   {"Below the webhook's floor.", "tokenExpirationSeconds", "599", false},
		"Seconds600":   {"The webhook's floor.", "tokenExpirationSeconds", "600", true},
		"Seconds86400": {"The webhook's cap.", "tokenExpirationSeconds", "86400", true},
		"Seconds86401": {"Above the webhook's cap.", "tokenExpirationSeconds", "86401", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			want := ""
			option := field(t, tc.option)
			if !tc.ok {
				want = "want " + option.Want
			}
			if diff := cmp.Diff(want, words(option.Check(tc.value))); diff != "" {
				t.Errorf("%s\n%s %q: -want +got:\n%s", tc.reason, tc.option, tc.value, diff)
			}
		})
	}
}

func field(t *testing.T, name string) provider.Field {
	for _, f := range aws.Provider.Fields() {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no field %s", name)
	return provider.Field{}
}

// words puts complaints into one string, warnings marked as such.
func words(complaints []provider.Complaint) string {
	var texts []string
	for _, c := range complaints {
		if c.Warning {
			c.Text = "warning: " + c.Text
		}
		texts = append(texts, c.Text)
	}
	return strings.Join(texts, "\n")
}
