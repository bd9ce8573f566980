package testenv_test

import (
	"regexp"
	"testing"

	"flux-workload-identity/fn/cloud"
	"flux-workload-identity/fn/cloud/provider"
	"flux-workload-identity/internal/testenv"
)

var value = regexp.MustCompile("\\b(roleARN|clientID|tenantID|serviceAccountEmail): \"?([^\\s\"`,}]+)")

// message is a line of the function about a value that is wrong.
var message = regexp.MustCompile("(?m)^(error|warning): .*$|`[a-zA-Z.\\[\\]0-9]*: \"x\": want .*`")

// TestValues checks that whoever copies an identity out of a text copies one that is taken.
func TestValues(t *testing.T) {
	fields := map[string]provider.Field{}
	for _, p := range cloud.All {
		for _, f := range p.Fields() {
			fields[f.Name] = f
		}
	}
	var found int
	for _, file := range globbed(t, "README.md", "docs/*.md", "examples/*/*.md", "fn/help.txt") {
		for _, match := range value.FindAllStringSubmatch(message.ReplaceAllString(testenv.Read(t, file), ""), -1) {
			found++
			for _, c := range fields[match[1]].CheckValue(match[2]) {
				if !c.Warning {
					t.Errorf("%s: %s: %s: %s", file, match[1], match[2], c.Text)
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d values", found)
	}
}
