package azure_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/fn/cloud/azure"
	"flux-workload-identity/fn/cloud/provider"
)

const (
	client = "3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6"
	tenant = "7c1e0d9a-5b4f-4c3e-9d2a-1f0e8b7c6d5a"
)

func TestGUIDs(t *testing.T) {
	want := "want " + azure.Provider.Identity.Want
	cases := map[string]struct{ reason, value, want string }{
		"Lower":         {"The usual form.", client, ""},
		"Upper":         {"Case does not count.", strings.ToUpper(client), ""},
		"Digits":        {"Digits alone are hexadecimal too.", "11111111-2222-3333-4444-555555555555", ""},
		"AlmostNil":     {"One digit makes the difference.", "00000000-0000-0000-0000-000000000001", ""},
		"Nil":           {"What a template holds before it is filled in.", "00000000-0000-0000-0000-000000000000", want + "; this is the nil GUID, a placeholder"},
		"First7":        {"A digit short in the first group.", client[1:], want},
		"First9":        {"A digit too many in the first group.", "0" + client, want},
		"Last11":        {"A digit short in the last group.", client[:35], want},
		"Last13":        {"A digit too many in the last group.", client + "0", want},
		"Middle3":       {"A digit short in a middle group.", "3b9f8f4e-2a1-4d5e-8f60-718293a4b5c6", want},
		"Middle5":       {"A digit too many in a middle group.", "3b9f8f4e-2a1c0-4d5e-8f60-718293a4b5c6", want},
		"FourGroups":    {"A group short.", "3b9f8f4e-2a1c-4d5e-718293a4b5c6", want},
		"LetterG":       {"No hexadecimal digit.", "3b9f8f4g-2a1c-4d5e-8f60-718293a4b5c6", want},
		"NoHyphens":     {"Azure prints it with hyphens.", strings.ReplaceAll(client, "-", ""), want},
		"Braces":        {"As Windows prints it.", "{" + client + "}", want},
		"Path":          {"Flux joins the two with a slash.", tenant + "/" + client, want},
		"ResourceID":    {"The other ID of a managed identity.", "/subscriptions/" + tenant + "/resourcegroups/flux", want},
		"LeadingBlank":  {"As copied with the blank before it.", " " + client, want},
		"TrailingLine":  {"The end of the text, not of the line.", client + "\n", want},
		"Documentation": {"As in Flux's documentation.", "<AZURE CLIENT ID>", want + "; this is a placeholder"},
		"Your":          {"As in Azure's.", "YOUR_CLIENT_ID", want + "; this is a placeholder"},
		"Crosses":       {"As in a template.", "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", want + "; this is a placeholder"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for _, f := range []string{"clientID", "tenantID"} {
				if diff := cmp.Diff(tc.want, words(field(t, f).Check(tc.value))); diff != "" {
					t.Errorf("%s\n%s %q: -want +got:\n%s", tc.reason, f, tc.value, diff)
				}
			}
		})
	}
}

func TestSeconds(t *testing.T) {
	f := field(t, "tokenExpirationSeconds")
	cases := map[string]struct {
		reason, value string
		ok            bool
	}{
		"3599":  {"Below the webhook's floor.", "3599", false},
		"3600":  {"The webhook's floor.", "3600", true},
		"86400": {"The webhook's cap.", "86400", true},
		"86401": {"Above the webhook's cap.", "86401", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			want := ""
			if !tc.ok {
				want = "want " + f.Want
			}
			if diff := cmp.Diff(want, words(f.Check(tc.value))); diff != "" {
				t.Errorf("%s\n%q: -want +got:\n%s", tc.reason, tc.value, diff)
			}
		})
	}
}

func TestClientIsNotTenant(t *testing.T) {
	mixedUp := []provider.Complaint{{Field: "clientID", Text: "want the ID of the identity; this is its tenant's"}}
	cases := map[string]struct {
		reason, client, tenant string
		want                   []provider.Complaint
	}{
		"Different": {"As it should be.", client, tenant, nil},
		"Equal":     {"One was copied twice.", tenant, tenant, mixedUp},
		"OtherCase": {"They are equal in any case.", strings.ToUpper(tenant), tenant, mixedUp},
		"NeitherIs": {"What is missing is reported elsewhere.", "", "", nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := azure.Provider.Check(provider.Values{"clientID": tc.client, "tenantID": tc.tenant})
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\n-want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func field(t *testing.T, name string) provider.Field {
	for _, f := range azure.Provider.Fields() {
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
