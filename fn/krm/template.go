package krm

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"sort"
	"strconv"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// renderFirst is added to the error of a text that is a template.
const renderFirst = "; render templates first"

var (
	// quoted is a string in which templates do no harm. In one that ends within braces they do:
	// "{{ .x | default "y" }}".
	quoted  = regexp.MustCompile(`"(?:[^"\\{]|\\.|\{[^"{]|\{\{[^"}]*\}\})*"|'(?:[^'{]|\{[^'{]|\{\{[^'}]*\}\})*'`)
	comment = regexp.MustCompile(`(?:^|\s)#.*`)
	// template is what templates are made of: of Helm and of others in Go's language, with braces
	// or brackets; of Terraform; of Jinja; of flux-operator's ResourceSets; of ERB; and variables
	// that stand on a line alone.
	template = regexp.MustCompile(`\{\{|%\{|\{%|^\s*(?:- )?\{#|` +
		`(?:^|:\s|-\s)\s*(?:<<-?\s*[^\s:<>][^<>]*>>|<%.*%>|\[\[-?\s[^\[\],]*\s-?\]\])|` +
		`^\s*(?:- )?(?:\$\w+|\$\{[^}]*\}|\$\([^)]*\)|@[\w.-]+@|__\w+__)\s*$`)
)

// isTemplate reports whether a text that the parser refuses shows a template where it does so.
func isTemplate(text []byte, err error) bool {
	lines := bytes.SplitAfter(text, []byte("\n"))
	ends, end := make([]int, len(lines)), 0
	for i, line := range lines {
		end += len(line)
		ends[i] = end
	}
	// The line that the parser names may be that of what it is in. It reads no further than to
	// the one at fault, so that the text up to there fails alike.
	fails := func(i int) bool {
		again := errorIn(text[:ends[i]])
		return again != nil && again.Error() == err.Error()
	}
	from := 0
	if at := lineInError.FindStringSubmatch(err.Error()); at != nil {
		named, _ := strconv.Atoi(at[1])
		from = min(max(0, named-2), len(lines)-1)
	}
	to := from
	for step := 1; to < len(lines)-1 && !fails(to); step *= 2 {
		from, to = to, min(to+step, len(lines)-1)
	}
	at := from + sort.Search(to-from, func(i int) bool { return fails(from + i) })
	const before = 2 // lines: it may be at fault that the one above was no key
	for _, line := range lines[max(0, at-before) : at+1] {
		if template.Match(comment.ReplaceAll(quoted.ReplaceAll(bytes.TrimRight(line, "\r\n"), nil), nil)) {
			return true
		}
	}
	return false
}

// errorIn returns what the parser says of a text, nil if it takes it.
func errorIn(text []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var n yaml.Node
		if err := decoder.Decode(&n); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}
