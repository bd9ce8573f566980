package krm

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/edit"
)

// Report collects what the function finds, about its configuration and about items.
//
// Every error and warning has one shape: what is given, then what is wanted, then what
// to do, as in
//
//	"arn:aws:iam::1111:role/x": want arn:PARTITION:iam::ACCOUNT:role/NAME with a 12-digit account
type Report struct {
	config   *fn.ResourceRef
	findings []finding
}

type finding struct {
	item   int // index of the item, -1 for the configuration and the whole stream
	result *fn.Result
}

// NewReport returns a report on the list.
func NewReport(list *ResourceList) *Report {
	return &Report{config: refTo(list.FunctionConfig)}
}

// Scratch returns an empty report on the same list, for findings that nobody is told.
func (r *Report) Scratch() *Report {
	return &Report{config: r.config}
}

// Config adds a finding about a field of the functionConfig.
func (r *Report) Config(severity fn.Severity, field, message string) {
	result := &fn.Result{Severity: severity, Message: message}
	switch {
	case field == "":
	case r.config == nil:
		// The specification wants an object beside a field; without a name there is none.
		result.Message = field + ": " + message
	default:
		result.ResourceRef, result.Field = r.config, &fn.Field{Path: field}
	}
	r.findings = append(r.findings, finding{item: -1, result: result})
}

// Item adds a finding about a field of an item, or about the item where path is nil.
func (r *Report) Item(severity fn.Severity, item *Item, path edit.Path, message string) {
	r.add(item, path, fn.Result{Severity: severity, Message: message}, nil)
}

// Change adds a finding of severity info about a field that is given a value. Current
// is nil where the field had none, proposed where it is to have none.
func (r *Report) Change(item *Item, path edit.Path, current, proposed any, message string) {
	r.add(item, path, fn.Result{Severity: fn.Info, Message: message}, &fn.Field{CurrentValue: current, ProposedValue: proposed})
}

func (r *Report) add(item *Item, path edit.Path, result fn.Result, field *fn.Field) {
	result.ResourceRef, result.File = item.Ref(), item.File()
	switch {
	case result.ResourceRef == nil && path == nil:
		result.Message = item.place() + ": " + result.Message
	case result.ResourceRef == nil:
		result.Message = fmt.Sprintf("%s.%s: %s", item.place(), path, result.Message)
	case path != nil:
		if field == nil {
			field = &fn.Field{}
		}
		field.Path = path.String()
		result.Field = field
	}
	r.findings = append(r.findings, finding{item: item.Index, result: &result})
}

// Failed reports whether an error was found.
func (r *Report) Failed() bool {
	return slices.ContainsFunc(r.findings, func(f finding) bool { return f.result.Severity == fn.Error })
}

// Results returns the findings: first those about the configuration in the order in
// which they were made, then those about items by the order of the stream and the path
// of the field.
func (r *Report) Results() fn.Results {
	sorted := slices.Clone(r.findings)
	slices.SortStableFunc(sorted, func(a, b finding) int {
		if a.item != b.item || a.item < 0 {
			return cmp.Compare(a.item, b.item)
		}
		return comparePaths(fieldPath(a.result), fieldPath(b.result))
	})
	results := make(fn.Results, len(sorted))
	for i, f := range sorted {
		results[i] = f.result
	}
	return results
}

func fieldPath(r *fn.Result) string {
	if r.Field == nil {
		return ""
	}
	return r.Field.Path
}

// comparePaths orders paths of fields, numbers in them by their value: patches[2] comes
// before patches[10].
func comparePaths(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	m, n := digits(a[i:]), digits(b[i:])
	inNumber := i > 0 && digits(a[i-1:i]) > 0
	if m != n && (inNumber || m > 0 && n > 0) {
		return cmp.Compare(m, n) // the longer of two numbers is the larger
	}
	return strings.Compare(a, b)
}

// digits returns the number of digits at the beginning.
func digits(s string) int {
	return len(s) - len(strings.TrimLeft(s, "0123456789"))
}

// WriteLog writes one line for each error and warning, since kustomize shows its user
// what a function writes to stderr and nothing else. The functionConfig, which the user
// just wrote, is not named in it; list may be nil.
func WriteLog(w io.Writer, list *ResourceList, results fn.Results) error {
	var config fn.ResourceRef
	if list != nil {
		if ref := refTo(list.FunctionConfig); ref != nil {
			config = *ref
		}
	}
	for _, r := range results {
		if r.Severity == fn.Info {
			continue
		}
		if _, err := fmt.Fprintln(w, logLine(r, config)); err != nil {
			return err
		}
	}
	return nil
}

func logLine(r *fn.Result, config fn.ResourceRef) string {
	parts := []string{string(r.Severity)}
	if ref := r.ResourceRef; ref != nil && *ref != config {
		name := ref.Name
		if ref.Namespace != "" {
			name = ref.Namespace + "/" + name
		}
		parts = append(parts, ref.Kind+" "+name)
	}
	if r.Field != nil {
		parts = append(parts, r.Field.Path)
	}
	// A name in the stream can hold anything, a line feed or an escape sequence too.
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.Join(append(parts, r.Message), ": "))
}
