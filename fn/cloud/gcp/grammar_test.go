package gcp_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/fn/cloud/gcp"
)

func TestEmail(t *testing.T) {
	const project = "@my-project.iam.gserviceaccount.com"
	want := "want " + gcp.Provider.Identity.Want
	badName := want + "; NAME and PROJECT are of 6 to 30 lower-case letters, digits and hyphens"
	cases := map[string]struct{ reason, value, want string }{
		"Plain":          {"The usual form.", "flux-gar" + project, ""},
		"NameDigits":     {"Digits and hyphens within the name.", "f1-2-3" + project, ""},
		"Name6":          {"The shortest name.", "fluxgs" + project, ""},
		"Name5":          {"One letter less.", "fluxg" + project, badName},
		"Name30":         {"The longest name.", strings.Repeat("f", 30) + project, ""},
		"Name31":         {"One letter more.", strings.Repeat("f", 31) + project, badName},
		"NameDigitFirst": {"A name starts with a letter.", "1flux-gar" + project, want},
		"NameHyphenLast": {"A name ends in a letter or a digit.", "flux-gar-" + project, want},
		"NameUpper":      {"A name is in lower case.", "Flux-gar" + project, want},
		"NameUnderscore": {"No underscores.", "flux_gar" + project, want},
		"NameDot":        {"No dots in the name.", "flux.gar" + project, want},
		"NameEmpty":      {"No name.", project, want},

		"ProjectDigits":      {"Digits and hyphens within the project.", "flux-gar@a1-2-3.iam.gserviceaccount.com", ""},
		"ProjectScoped":      {"The project example.com:my-project.", "flux-gar@my-project.example.com.iam.gserviceaccount.com", ""},
		"ProjectScopedDigit": {"A part of a domain may start with a digit.", "flux-gar@my-project.1example.com.iam.gserviceaccount.com", ""},
		"ProjectDigitFirst":  {"A project starts with a letter.", "flux-gar@1project.iam.gserviceaccount.com", want},
		"ProjectHyphenLast":  {"A project ends in a letter or a digit.", "flux-gar@my-project-.iam.gserviceaccount.com", want},
		"ProjectUpper":       {"A project is in lower case.", "flux-gar@My-Project.iam.gserviceaccount.com", want},
		"ProjectColon":       {"A domain-scoped project reads otherwise in an e-mail.", "flux-gar@example.com:my-project.iam.gserviceaccount.com", want},
		"ProjectEmpty":       {"No project.", "flux-gar@.iam.gserviceaccount.com", want},
		"ProjectMissing":     {"Not even the dot after it.", "flux-gar@iam.gserviceaccount.com", want},
		"ProjectDots":        {"An empty part of the domain.", "flux-gar@my-project..com.iam.gserviceaccount.com", want},
		"Project6":           {"The shortest project.", "flux-gar@projec.iam.gserviceaccount.com", ""},
		"Project5":           {"One letter less.", "flux-gar@proje.iam.gserviceaccount.com", badName},
		"Project30":          {"The longest project.", "flux-gar@" + strings.Repeat("p", 30) + ".iam.gserviceaccount.com", ""},
		"Project31":          {"One letter more.", "flux-gar@" + strings.Repeat("p", 31) + ".iam.gserviceaccount.com", badName},
		"ProjectScoped30":    {"The same of a domain's.", "flux-gar@" + strings.Repeat("p", 30) + ".example.com.iam.gserviceaccount.com", ""},
		"ProjectScoped31":    {"A domain makes no longer project.", "flux-gar@" + strings.Repeat("p", 31) + ".example.com.iam.gserviceaccount.com", badName},
		"ProjectScoped5":     {"Nor a shorter one.", "flux-gar@proje.example.com.iam.gserviceaccount.com", badName},
		"DomainLong":         {"A part of a domain is of up to 63 characters.", "flux-gar@my-project." + strings.Repeat("d", 63) + ".com.iam.gserviceaccount.com", ""},
		"DomainTooLong":      {"One more.", "flux-gar@my-project." + strings.Repeat("d", 64) + ".com.iam.gserviceaccount.com", want},
		"DomainHyphen":       {"A part of a domain does not end in a hyphen.", "flux-gar@my-project.example-.com.iam.gserviceaccount.com", want},
		"AppEngine31":        {"App Engine's has a project too.", strings.Repeat("p", 31) + "@appspot.gserviceaccount.com", badName},
		"AppEngineScoped31":  {"And a domain's.", strings.Repeat("p", 31) + ".example.com@appspot.gserviceaccount.com", badName},

		"Compute":         {"The default account of Compute Engine.", "123456789012-compute@developer.gserviceaccount.com", ""},
		"Compute1":        {"The shortest number.", "1-compute@developer.gserviceaccount.com", ""},
		"Compute20":       {"The longest number.", strings.Repeat("1", 20) + "-compute@developer.gserviceaccount.com", ""},
		"Compute21":       {"One digit more.", strings.Repeat("1", 21) + "-compute@developer.gserviceaccount.com", want},
		"ComputeNoNumber": {"No number.", "-compute@developer.gserviceaccount.com", want},
		"ComputeProject":  {"It has the project's number, not its ID.", "my-project-compute@developer.gserviceaccount.com", want},
		"AppEngine":       {"The default account of App Engine.", "my-project@appspot.gserviceaccount.com", ""},
		"AppEngineScoped": {"The same of a domain-scoped project.", "my-project.example.com@appspot.gserviceaccount.com", ""},
		"AppEngineNumber": {"It has the project's ID, not its number.", "123456789012@appspot.gserviceaccount.com", want},

		"Person":       {"A person is no service account.", "jane@example.com", want},
		"Member":       {"As IAM policies write it.", "serviceAccount:flux-gar" + project, want},
		"Resource":     {"As the API names it.", "projects/my-project/serviceAccounts/flux-gar" + project, want},
		"Principal":    {"A principal needs no e-mail, and no annotation.", "my-project.svc.id.goog[flux-system/source-controller]", want},
		"NameOnly":     {"A name alone does not say whose.", "flux-gar", want},
		"OtherDomain":  {"The dots are dots.", "flux-gar@my-projectXiam.gserviceaccount.com", want},
		"LongerDomain": {"Nothing comes after it.", "flux-gar" + project + ".example.com", want},
		"LeadingBlank": {"As copied with the blank before it.", " flux-gar" + project, want},
		"TrailingLine": {"The end of the text, not of the line.", "flux-gar" + project + "\n", want},
		"Placeholder":  {"As in documentation.", "<SERVICE ACCOUNT>" + project, want + "; this is a placeholder"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := ""
			for _, c := range gcp.Provider.Identity.Check(tc.value) {
				got += c.Text
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\n%q: -want +got:\n%s", tc.reason, tc.value, diff)
			}
		})
	}
}
