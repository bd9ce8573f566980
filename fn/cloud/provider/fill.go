package provider

import (
	"math"
	"slices"
	"strings"
)

const (
	// maxTries bounds the time that one value takes, to some milliseconds.
	maxTries = 4000
	// maxVariables is how many are worth a try. Of more there would be two fillings each,
	// too few to call a value wrong, so such a value is only warned of.
	maxVariables = 6
	// maxText is longer than any value that is right, with its variables or filled in; a try
	// copies it.
	maxText = 4096
)

// delimiters part the values of identities.
const delimiters = ":/@.-"

// generic are fillings that suit many fields: a letter, nothing, digits and hexadecimal
// digits of the usual lengths.
var generic = func() []string {
	all := []string{"a", "", "true", "false"}
	for _, n := range []int{12, 4, 8, 1, 2, 3, 5, 6, 7, 9, 10, 11} {
		all = append(all, strings.Repeat("1", n))
	}
	return append(all, "00", "aaaaaa")
}()

// checkFilled fills in the variables, the same one always alike, with what valid values
// are made of, and returns what Check says to the first filling that is right, or else to
// one that may be.
func (f Field) checkFilled(t template) []Complaint {
	var names []string
	for _, p := range t.pieces {
		if p.variable != "" && !slices.Contains(names, p.variable) {
			names = append(names, p.variable)
		}
	}
	if len(names) > maxVariables {
		return nil
	}
	s := search{field: f, pieces: t.pieces, bare: t.bare, names: names, limit: f.most(t.pieces), filling: map[string]string{}}
	for i, name := range names {
		s.choices = append(s.choices, f.fillings(t.pieces, name))
		if most := int(math.Pow(maxTries, 1/float64(len(names)))); len(s.choices[i]) > most {
			s.choices[i] = s.choices[i][:most]
		}
	}
	if s.run(0); !s.done && len(names) == 1 {
		s.choices[0] = f.slices()
		s.run(0)
	}
	return s.best
}

// search tries all fillings, until one is right.
type search struct {
	field   Field
	pieces  []piece
	names   []string
	choices [][]string
	bare    bool
	limit   map[rune]int
	filling map[string]string

	tried, done bool
	best        []Complaint
}

func (s *search) run(i int) {
	if i == len(s.names) {
		s.try()
		return
	}
	for _, choice := range s.choices[i] {
		s.filling[s.names[i]] = choice
		if s.run(i + 1); s.done {
			return
		}
	}
}

func (s *search) try() {
	var b strings.Builder
	for _, p := range s.pieces {
		b.WriteString(p.text)
		b.WriteString(s.filling[p.variable])
		if b.Len() > maxText {
			return
		}
	}
	value := b.String()
	complaints := s.field.Check(s.read(value))
	if !failed(complaints) {
		for d, most := range s.limit {
			if strings.Count(value, string(d)) > most {
				return
			}
		}
	}
	s.done = len(complaints) == 0
	if s.done || !s.tried || failed(s.best) && !failed(complaints) {
		s.tried, s.best = true, complaints
	}
}

// read returns what YAML reads in a filled-in value: ${NAME:="default"} loses its quotes.
func (s *search) read(value string) string {
	if n := len(value); s.bare && n >= 2 && value[0] == value[n-1] && isQuote(value[0]) {
		return value[1 : n-1]
	}
	return value
}

func isQuote(c byte) bool { return c == '"' || c == '\'' }

// most returns how many of each delimiter a filling may lead to: as many as a valid value
// has, or the text already. Otherwise what is wrong could hide: in
// arn:aws:iam::${ACCOUNT}:user/flux, a whole 111122223333:role/flux for the account makes
// ":user" a part of the role's path.
func (f Field) most(pieces []piece) map[rune]int {
	limit := map[rune]int{}
	for _, d := range delimiters {
		for _, form := range f.forms() {
			limit[d] = max(limit[d], strings.Count(form, string(d)))
		}
		written := 0
		for _, p := range pieces {
			written += strings.Count(p.text, string(d))
		}
		limit[d] = max(limit[d], written)
	}
	return limit
}

func (f Field) forms() []string {
	return append([]string{f.Example}, f.Forms...)
}

// fillings returns what to try for a variable, the likeliest first.
func (f Field) fillings(pieces []piece, name string) []string {
	c := choices{seen: map[string]bool{}}
	i := slices.IndexFunc(pieces, func(p piece) bool { return p.variable == name })
	before := ""
	for _, p := range pieces[:i] {
		before += p.text
	}
	for _, form := range f.forms() {
		c.samePlace(form, before)
	}
	for _, form := range f.forms() {
		c.sameNeighbours(form, pieces, i)
	}
	c.add(generic...)
	for _, form := range f.forms() {
		c.runs(form)
	}
	return c.all
}

// slices returns all that valid values can be cut into, since a variable may begin and end
// within a part.
func (f Field) slices() []string {
	c := choices{seen: map[string]bool{}}
	for _, form := range f.forms() {
		for low := range len(form) {
			for high := low + 1; high <= len(form); high++ {
				c.add(form[low:high])
			}
		}
	}
	return c.all
}

// choices are fillings, each once.
type choices struct {
	all  []string
	seen map[string]bool
}

func (c *choices) add(fillings ...string) {
	for _, s := range fillings {
		if !c.seen[s] {
			c.seen[s] = true
			c.all = append(c.all, s)
		}
	}
}

// samePlace adds the part of a valid value that comes after as many delimiters.
func (c *choices) samePlace(form, before string) {
	if parts, n := split(form), len(split(before))-1; n < len(parts) {
		c.add(parts[n])
	}
}

// sameNeighbours adds what stands between the same two characters in a valid value, the
// shortest first.
func (c *choices) sameNeighbours(form string, pieces []piece, i int) {
	before, after := "", "" // the start and the end
	if i > 0 {
		before = pieces[i-1].text
	}
	if i+1 < len(pieces) {
		after = pieces[i+1].text
	}
	if before == "" && i > 0 || after == "" && i+1 < len(pieces) {
		return // another variable
	}
	var found []string
	for low := 0; low <= len(form); low++ {
		if before == "" && low > 0 || before != "" && (low == 0 || form[low-1] != before[len(before)-1]) {
			continue
		}
		for high := low + 1; high <= len(form); high++ {
			if after == "" && high == len(form) || after != "" && high < len(form) && form[high] == after[0] {
				found = append(found, form[low:high])
			}
		}
	}
	slices.SortStableFunc(found, func(a, b string) int { return len(a) - len(b) })
	c.add(found...)
}

// runs adds the parts of a valid value and those that follow each other.
func (c *choices) runs(form string) {
	for low := 0; low < len(form); low++ {
		if low > 0 && !isDelimiter(form[low-1]) {
			continue
		}
		for high := low + 1; high <= len(form); high++ {
			if high == len(form) || isDelimiter(form[high]) {
				c.add(form[low:high])
			}
		}
	}
}

func isDelimiter(c byte) bool { return strings.IndexByte(delimiters, c) >= 0 }

// split cuts at every delimiter.
func split(s string) (parts []string) {
	start := 0
	for i := range len(s) {
		if isDelimiter(s[i]) {
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}
