package provider

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// A value may hold variables that Flux fills in when it applies the manifests, in what it
// calls post-build substitution. The facts are those of
// https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution
// and of its parser, github.com/fluxcd/pkg/envsubst (parse/parse.go): ${NAME}, ${NAME:=default}
// and the other forms of bash, but $NAME is text, and $$ is a dollar.

// piece is a part of a value: text, or a variable as it is written.
type piece struct{ text, variable string }

// template is a value with variables, whose defaults are filled in.
type template struct {
	pieces []piece
	// variables are all that are written, those with a default too, as ${NAME}.
	variables []string
	// bare says that the value begins and ends with a variable: YAML reads as it likes
	// what is filled in there.
	bare bool
}

// CheckValue is Check for a value that may hold variables. What stands around them is
// checked as ever: it is wrong where nothing that might be filled in could make it right.
func (f Field) CheckValue(value string) []Complaint {
	if len(value) > maxText {
		return f.Check(value) // too long, variables or not
	}
	t, ok := parseTemplate(value)
	if !ok || len(t.variables) == 0 {
		complaints := f.Check(value)
		if !ok && !failed(complaints) {
			complaints = Wrong("want %s", f.Want) // what Flux fails at
		}
		if failed(complaints) && strings.Contains(value, "$") {
			complaints[0].Text += "; a variable is written ${NAME}"
		}
		return complaints
	}
	var found []Complaint
	if read := t.read(); len(t.pieces) == 0 || len(t.pieces) == 1 && t.pieces[0].variable == "" { // all have a default
		if found = f.Check(read.String()); failed(found) {
			return found
		}
	} else if !f.mayBe(read) {
		if plain := f.Check(t.String()); failed(plain) {
			return plain
		}
		return Wrong("want %s", f.Want)
	}
	return append(found, Complaint{Warning: true, Text: fmt.Sprintf(
		"want %s; this cannot be checked until Flux's post-build substitution fills in %s%s",
		f.Want, strings.Join(t.variables, " and "), f.quotes(t, value))})
}

// read returns what YAML reads of a value: ${NAME:="default"} loses its quotes.
func (t template) read() template {
	n := len(t.pieces) - 1
	if !t.bare || n < 0 {
		return t
	}
	bare := t
	bare.pieces = slices.Clone(t.pieces)
	for _, quote := range []string{`"`, `'`} {
		first, opens := strings.CutPrefix(bare.pieces[0].text, quote)
		if !opens {
			continue
		}
		bare.pieces[0].text = first
		if last, closes := strings.CutSuffix(bare.pieces[n].text, quote); closes {
			bare.pieces[n].text = last
			return bare
		}
	}
	return t
}

func isQuote(c byte) bool { return c == '"' || c == '\'' }

// quotes returns what to do lest Flux makes a number or a boolean of an annotation, which
// Kubernetes refuses: it fills in text, and nothing is left of quotes around a variable.
func (f Field) quotes(t template, value string) string {
	if f.Type == String || len(t.pieces) == 0 {
		return ""
	}
	first, last := t.pieces[0], t.pieces[len(t.pieces)-1]
	switch {
	case first.text != "" && isQuote(first.text[0]): // ${SECONDS:="3600"}
		return ""
	case len(t.pieces) > 2 && first.variable != "" && first == last: // as below
		return ""
	}
	return fmt.Sprintf(`; write ${quote}%s${quote}, with quote: '"' among the variables, as an annotation must be a string`, value)
}

// EqualFold reports whether two values are the same but for the case of letters; that of
// variables counts.
func EqualFold(a, b string) bool {
	return a == b || !strings.Contains(a+b, "${") && strings.EqualFold(a, b)
}

func failed(complaints []Complaint) bool {
	return slices.ContainsFunc(complaints, func(c Complaint) bool { return !c.Warning })
}

// parseTemplate reads a value as Flux does; it is not ok where Flux would fail.
func parseTemplate(value string) (t template, ok bool) {
	t.bare = strings.HasPrefix(value, "${") && strings.HasSuffix(value, "}")
	rest, ok := t.parse(value, false)
	return t, ok && rest == ""
}

// parse reads up to the end or, inside a variable, up to the brace that closes it, and
// returns what comes after.
func (t *template) parse(s string, inside bool) (rest string, ok bool) {
	for s != "" {
		switch {
		case inside && s[0] == '}':
			return s[1:], true
		case !inside && strings.HasPrefix(s, "$$"): // in a default both stay
			t.text("$")
			s = s[2:]
		case strings.HasPrefix(s, "${"):
			if s, ok = t.variable(s); !ok {
				return s, false
			}
		default:
			end := strings.IndexAny(s[1:], "$}") + 1
			if end == 0 {
				end = len(s)
			}
			t.text(s[:end])
			s = s[end:]
		}
	}
	return "", !inside
}

// String returns the value with its defaults filled in.
func (t *template) String() string {
	var b strings.Builder
	for _, p := range t.pieces {
		b.WriteString(p.text + p.variable)
	}
	return b.String()
}

func (t *template) text(s string) {
	if n := len(t.pieces); n > 0 && t.pieces[n-1].variable == "" {
		t.pieces[n-1].text += s
		return
	}
	t.pieces = append(t.pieces, piece{text: s})
}

// variable reads one, in whose stead its default stands where it has one. A line break or
// another control character in it cannot be right: Flux reads YAML, in which a value has none.
func (t *template) variable(s string) (rest string, ok bool) {
	rest, ok = t.expression(s)
	return rest, ok && !strings.ContainsFunc(s[:len(s)-len(rest)], breaks)
}

func breaks(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
}

func (t *template) expression(s string) (rest string, ok bool) {
	body := s[len("${"):]
	length := strings.HasPrefix(body, "#") // ${#NAME}
	if length {
		body = body[1:]
	}
	name, body := cutName(body)
	if name == "" || body == "" {
		return "", false
	}
	if v := "${" + name + "}"; !slices.Contains(t.variables, v) {
		t.variables = append(t.variables, v)
	}
	for _, operator := range []string{":=", ":-", "="} {
		if text, found := strings.CutPrefix(body, operator); found && !length {
			return t.parse(text, true)
		}
	}
	if length {
		rest, ok = strings.CutPrefix(body, "}")
	} else {
		rest, ok = closing(body)
	}
	if ok {
		t.pieces = append(t.pieces, piece{variable: s[:len(s)-len(rest)]})
	}
	return rest, ok
}

// closing returns what comes after the brace that closes a variable, given what follows its
// name: an operator and its arguments, whose sense is not looked into.
func closing(body string) (rest string, ok bool) {
	operator, rest := body[:1], body[1:]
	switch ok = true; operator {
	case "}":
		return rest, true
	case "^", ",": // twice for all letters
		rest = strings.TrimPrefix(rest, operator)
	case "#", "%": // twice for the longest
		rest, ok = argument(strings.TrimPrefix(rest, operator), "}", false)
	case ":":
		if strings.HasPrefix(rest, "?") || strings.HasPrefix(rest, "+") { // a default as well, in Flux
			return new(template).parse(rest[1:], true)
		}
		if rest, ok = argument(rest, ":}", false); ok && strings.HasPrefix(rest, ":") {
			rest, ok = argument(strings.TrimLeft(rest, ":"), "}", false)
		}
	case "/":
		if rest != "" && strings.IndexByte("/#%", rest[0]) >= 0 {
			rest = rest[1:]
		}
		if rest, ok = argument(rest, "/", true); !ok || !strings.HasPrefix(rest, "/") {
			return "", false
		}
		if rest = strings.TrimLeft(rest, "/"); !strings.HasPrefix(rest, "}") {
			rest, ok = argument(rest, "}", true)
		}
	default:
		return "", false
	}
	if !ok {
		return "", false
	}
	return strings.CutPrefix(rest, "}")
}

// argument reads one argument of an operator: a variable, or a text that is not empty and goes
// on to one of the ends or to a variable. In some a slash may be escaped, and a dollar.
func argument(s, ends string, escapes bool) (rest string, ok bool) {
	if strings.HasPrefix(s, "${") {
		return new(template).variable(s)
	}
	n := 0
	for n < len(s) && strings.IndexByte(ends, s[n]) < 0 && !strings.HasPrefix(s[n:], "${") {
		if escapes && (strings.HasPrefix(s[n:], `\/`) || strings.HasPrefix(s[n:], `\\`) || strings.HasPrefix(s[n:], "$$")) {
			n++
		}
		n++
	}
	return s[n:], n > 0
}

func cutName(s string) (name, rest string) {
	n := 0
	for n < len(s) && (s[n] == '_' || 'a' <= s[n]|0x20 && s[n]|0x20 <= 'z' || n > 0 && '0' <= s[n] && s[n] <= '9') {
		n++
	}
	return s[:n], s[n:]
}
