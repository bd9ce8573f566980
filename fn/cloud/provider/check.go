package provider

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Seconds returns the check of a token's lifetime, and the words for it.
func Seconds(low, high int) (check func(string) []Complaint, want string) {
	want = fmt.Sprintf("a number of seconds from %d to %d", low, high)
	return func(value string) []Complaint {
		n, err := strconv.Atoi(value)
		if err != nil || n < low || n > high || strconv.Itoa(n) != value {
			return Wrong("want %s", want)
		}
		return nil
	}, want
}

// Pattern returns whether a value matches a regular expression, which is compiled when it is
// first asked: to compile those of all clouds takes a fifth of a small run.
func Pattern(expression string) (matches func(string) bool) {
	compile := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
	return func(value string) bool { return compile().MatchString(value) }
}

// Boolean checks a boolean.
func Boolean(value string) []Complaint {
	if value != "true" && value != "false" {
		return Wrong("want true or false")
	}
	return nil
}

// Placeholder returns words to add where a value that is wrong looks as if it was copied
// from documentation and not filled in: <AZURE CLIENT ID>, YOUR_CLIENT_ID, xxxxxxxx-xxxx.
func Placeholder(value string) string {
	lower := strings.ToLower(value)
	if strings.ContainsAny(value, "<>") || strings.HasPrefix(lower, "your") || strings.HasPrefix(lower, "xxxx") {
		return "; this is a placeholder"
	}
	return ""
}
