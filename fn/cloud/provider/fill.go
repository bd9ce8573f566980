package provider

import (
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
)

// maxText is longer than any value that is right, with its variables or filled in.
const maxText = 4096

// delimiters part the values of identities.
const delimiters = ":/@.-"

// mayBe reports whether some text in place of each variable, which may be another each time, makes the
// value one that the field's pattern takes. It follows the states of the pattern's program: a variable
// leads from each to all that can be reached from there. A delimiter is in a variable only where a value
// that is right has more of it than the text: else what is wrong could hide, as ":user" in
// arn:aws:iam::${ACCOUNT}:user/flux within the path of a role.
func (f Field) mayBe(t template) bool {
	prog := program(f.pattern())
	states := walk(prog, []uint32{uint32(prog.Start)}, syntax.EmptyBeginText|syntax.EmptyBeginLine)
	written := ""
	for _, p := range t.pieces {
		written += p.text
	}
	most := func(d string) (n int) {
		for _, form := range append([]string{f.Example}, f.Forms...) {
			n = max(n, strings.Count(form, d))
		}
		return n
	}
	spent := ""
	for d := range strings.SplitSeq(delimiters, "") {
		if most(d) <= strings.Count(written, d) {
			spent += d
		}
	}
	for _, p := range t.pieces {
		if p.variable != "" {
			for n := -1; n != len(states); {
				n = len(states)
				states = walk(prog, append(states, step(prog, states, func(i *syntax.Inst) bool { return takesOther(i, spent) })...), 0)
			}
		}
		for _, r := range p.text {
			states = walk(prog, step(prog, states, func(i *syntax.Inst) bool { return i.MatchRune(r) }), 0)
		}
	}
	end := walk(prog, states, syntax.EmptyEndText|syntax.EmptyEndLine)
	return slices.ContainsFunc(end, func(pc uint32) bool { return prog.Inst[pc].Op == syntax.InstMatch })
}

// takesOther reports whether an instruction takes a character that is none of these.
func takesOther(i *syntax.Inst, these string) bool {
	if i.Op == syntax.InstRune1 || len(i.Rune) == 1 {
		return !strings.ContainsRune(these, i.Rune[0])
	}
	others := 0
	for n := 0; n+1 < len(i.Rune); n += 2 {
		others += int(i.Rune[n+1]-i.Rune[n]) + 1
	}
	for _, r := range these {
		if i.MatchRune(r) {
			others--
		}
	}
	return others > 0
}

// pattern is what the strings of a field match.
func (f Field) pattern() string {
	switch f.Type {
	case Bool:
		return `^(?:true|false)$`
	case Int:
		return `^[1-9][0-9]{0,` + strconv.Itoa(len(strconv.Itoa(f.Maximum))-1) + `}$`
	}
	return f.Pattern
}

func program(pattern string) *syntax.Prog {
	re, err := syntax.Parse(pattern, syntax.Perl)
	var prog *syntax.Prog
	if err == nil {
		prog, err = syntax.Compile(re.Simplify())
	}
	if err != nil {
		panic(err) // the clouds' own patterns
	}
	return prog
}

// step returns the states behind those that take a character.
func step(prog *syntax.Prog, states []uint32, takes func(*syntax.Inst) bool) (next []uint32) {
	for _, pc := range states {
		switch i := &prog.Inst[pc]; i.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if takes(i) {
				next = append(next, i.Out)
			}
		}
	}
	return next
}

// walk returns the states and all that follow without a character, each once.
func walk(prog *syntax.Prog, from []uint32, at syntax.EmptyOp) (states []uint32) {
	seen := make([]bool, len(prog.Inst))
	for len(from) > 0 {
		pc := from[len(from)-1]
		from = from[:len(from)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		states = append(states, pc)
		switch i := &prog.Inst[pc]; i.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			from = append(from, i.Out, i.Arg)
		case syntax.InstCapture, syntax.InstNop:
			from = append(from, i.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(i.Arg)&^at == 0 {
				from = append(from, i.Out)
			}
		}
	}
	return states
}
