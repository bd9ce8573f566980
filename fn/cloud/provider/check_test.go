package provider_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/fn/cloud/provider"
)

func TestSeconds(t *testing.T) {
	check, want := provider.Seconds(600, 86400)
	if diff := cmp.Diff("a number of seconds from 600 to 86400", want); diff != "" {
		t.Errorf("the words for the check: -want +got:\n%s", diff)
	}
	cases := map[string]struct {
		reason, value string
		ok            bool
	}{
		"Below":       {"One less than the lowest.", "599", false},
		"Lowest":      {"The bounds count.", "600", true},
		"Highest":     {"The bounds count.", "86400", true},
		"Above":       {"One more than the highest.", "86401", false},
		"Negative":    {"Below the lowest, with a sign.", "-600", false},
		"Plus":        {"The value is written as it stands, and its reader may not take a sign.", "+600", false},
		"LeadingZero": {"Nor a zero, which is octal in YAML 1.1.", "0600", false},
		"Underscore":  {"Nor what Go and YAML 1.1 allow.", "3_600", false},
		"Hexadecimal": {"Nor another base.", "0x1000", false},
		"Fraction":    {"Seconds are whole.", "3600.0", false},
		"Unit":        {"Seconds have no unit.", "3600s", false},
		"Blank":       {"Nor a blank.", "3600 ", false},
		"Huge":        {"A number that no integer holds.", "99999999999999999999", false},
		"Empty":       {"Nothing is no number.", "", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(complaints(tc.ok, want), check(tc.value)); diff != "" {
				t.Errorf("%s\n%q: -want +got:\n%s", tc.reason, tc.value, diff)
			}
		})
	}
}

func TestBoolean(t *testing.T) {
	cases := map[string]struct {
		reason, value string
		ok            bool
	}{
		"True":    {"One of the two.", "true", true},
		"False":   {"The other one.", "false", true},
		"Capital": {"The value is written as it stands.", "True", false},
		"Yes":     {"A boolean in YAML 1.1 only.", "yes", false},
		"One":     {"A number.", "1", false},
		"Blank":   {"Blanks count.", "true ", false},
		"Empty":   {"Nothing is neither.", "", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(complaints(tc.ok, "true or false"), provider.Boolean(tc.value)); diff != "" {
				t.Errorf("%s\n%q: -want +got:\n%s", tc.reason, tc.value, diff)
			}
		})
	}
}

func TestPlaceholder(t *testing.T) {
	cases := map[string]struct {
		reason, value string
		want          bool
	}{
		"Angle":     {"Flux's documentation.", "<AZURE CLIENT ID>", true},
		"Within":    {"Only a part is left to fill in.", "arn:aws:iam::<ACCOUNT>:role/flux", true},
		"HalfAngle": {"One of the two was forgotten.", "AZURE CLIENT ID>", true},
		"Your":      {"Azure's documentation.", "YOUR_CLIENT_ID", true},
		"YourLower": {"The same in lower case.", "your-tenant-id", true},
		"Crosses":   {"A template.", "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", true},
		"CrossesUp": {"The same in upper case.", "XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX", true},
		"Value":     {"A value.", "3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6", false},
		"YourLater": {"A name may hold the word.", "arn:aws:iam::111122223333:role/your", false},
		"Empty":     {"Nothing was copied.", "", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := provider.Placeholder(tc.value) != ""; got != tc.want {
				t.Errorf("%s\n%q: want %t, got %t", tc.reason, tc.value, tc.want, got)
			}
		})
	}
}

func complaints(ok bool, want string) []provider.Complaint {
	if ok {
		return nil
	}
	return []provider.Complaint{{Text: "want " + want}}
}
