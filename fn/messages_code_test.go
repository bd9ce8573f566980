package fn_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"flux-workload-identity/internal/testenv"
)

// literal is a string in the code that may be a part of a message.
type literal struct{ text, place string }

// noMessage are the strings with a blank that no user of the program sees.
var noMessage = map[string]string{
	`^\{apiVersion: |^, (kind|metadata): |^spec: \{aws|^; or, with kpt fn eval`: "the example of a configuration",
	`^line \(|^did not find expected$|^items: \[\]\n$`:                          "what is looked for or written, not said",
	`^beyond the end$|^an index up to|^an element$`:                             "a fault of the caller of package edit",
	`^not one item: `:   "the list is then parsed as a whole",
	`^# Flux Version:$`: "what is looked for",
	`^stdin: a ResourceList: want plain manifests$|^its file is read beside$`: "a fault of the caller of package krm",
	`^\\\{\\\{\||^\^\\s\*\(\?:- \)`:                                           "the forms of templates",
	`^\^\(\[ \\t\]\*\(#`:                                                      "the form of an object",
	`^%v\n$|^flux-workload-identity $`:                                        "what is around a message",
}

// messageLiterals returns the strings of the code that hold words, which are messages, but for
// the text of the schema and of the help.
func messageLiterals(t *testing.T) (all []literal) {
	t.Helper()
	for _, path := range []string{"main.go", "fn", "internal/files", "internal/install"} {
		err := filepath.WalkDir(filepath.Join(testenv.Root, path), func(name string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || filepath.Base(name) == "schema.go" {
				return err
			}
			positions := token.NewFileSet()
			file, err := parser.ParseFile(positions, name, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if pair, ok := n.(*ast.KeyValueExpr); ok {
					if key, ok := pair.Key.(*ast.Ident); ok && key.Name == "Doc" {
						return false
					}
				}
				if basic, ok := n.(*ast.BasicLit); ok && basic.Kind == token.STRING {
					if text, err := strconv.Unquote(basic.Value); err == nil && strings.Contains(text, " ") {
						all = append(all, literal{strings.TrimPrefix(text, "error: "), positions.Position(basic.Pos()).String()})
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// fragments returns the parts of a text that are long enough to be looked for.
func fragments(text, varying string) (parts []string) {
	for _, part := range regexp.MustCompile(varying).Split(text, -1) {
		if part = strings.Trim(part, " :,\n"); len(part) >= 8 {
			parts = append(parts, part)
		}
	}
	return parts
}

// TestMessagesInCode checks that the words of every string in the code are listed, so that no
// message can come about that has no row.
func TestMessagesInCode(t *testing.T) {
	list := strings.ReplaceAll(testenv.Read(t, testenv.Root, "docs", "messages.md"), `\|`, "|")
	used := map[string]bool{}
next:
	for _, l := range messageLiterals(t) {
		for pattern := range noMessage {
			if regexp.MustCompile(pattern).MatchString(l.text) {
				used[pattern] = true
				continue next
			}
		}
		for _, words := range fragments(l.text, `%[a-z%]`) {
			if !strings.Contains(list, words) {
				t.Errorf("%s: docs/messages.md lacks %q: add a row for that message with its remedy, or, if it is none, an exception to noMessage", l.place, words)
			}
		}
	}
	for pattern, what := range noMessage {
		if !used[pattern] {
			t.Errorf("no string is %s (%s): remove the exception", what, pattern)
		}
	}
}
