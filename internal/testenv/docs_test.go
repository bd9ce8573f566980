package testenv_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/internal/testenv"
)

// globbed returns the files of the project that match, of which each pattern must have one.
func globbed(t *testing.T, patterns ...string) (files []string) {
	t.Helper()
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(testenv.Root, filepath.FromSlash(pattern)))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: no such file: %v", pattern, err)
		}
		files = append(files, found...)
	}
	return files
}

var (
	fence   = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	notSlug = regexp.MustCompile(`[^a-z0-9 _-]`)
)

// TestLinks checks that what the texts link to in the project is there, headings too.
func TestLinks(t *testing.T) {
	for _, file := range globbed(t, "README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/*.md", "examples/*.md", "examples/*/*.md") {
		for _, match := range link.FindAllStringSubmatch(fence.ReplaceAllString(testenv.Read(t, file), ""), -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			name, anchor, _ := strings.Cut(match[1], "#")
			target := file
			if name != "" {
				target = filepath.Join(filepath.Dir(file), filepath.FromSlash(name))
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s: %v", file, match[1], err)
			} else if anchor != "" && !slices.Contains(anchors(testenv.Read(t, target)), anchor) {
				t.Errorf("%s: %s: no such heading", file, match[1])
			}
		}
	}
}

// anchors returns the names by which GitHub links to headings.
func anchors(text string) (names []string) {
	for _, match := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		names = append(names, strings.ReplaceAll(notSlug.ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-"))
	}
	return names
}

var (
	code     = regexp.MustCompile("`([^`\n]+)`")
	testName = regexp.MustCompile(`^(?:Test|Fuzz|checkP)\w+(/\w+)?$`)
	path     = regexp.MustCompile(`^(fn|internal|tools|docs|examples|\.ci|\.github)(/[\w./-]+)?$|^[\w.-]+\.(go|mod|sum)$`)
	function = regexp.MustCompile(`(?m)^func (\w+)\(t \*testing|^func (Fuzz\w+)\(f \*testing`)
)

// TestContributing checks that the tests and paths that CONTRIBUTING.md and SECURITY.md name
// exist, and that the picture of the house has a room for each package.
func TestContributing(t *testing.T) {
	tests, packages := map[string]bool{}, map[string]bool{}
	err := filepath.WalkDir(testenv.Root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(file) != ".go" {
			return err
		}
		if !strings.HasSuffix(file, "_test.go") {
			dir, err := filepath.Rel(testenv.Root, filepath.Dir(file))
			packages[filepath.ToSlash(dir)] = true
			return err
		}
		for _, match := range function.FindAllStringSubmatch(testenv.Read(t, file), -1) {
			tests[match[1]+match[2]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, file := range globbed(t, "README.md", "CONTRIBUTING.md", "SECURITY.md") {
		for _, match := range code.FindAllStringSubmatch(testenv.Read(t, file), -1) {
			name := match[1]
			named[name] = true
			test, sub, _ := strings.Cut(name, "/")
			switch {
			case testName.MatchString(name):
				if !tests[test] {
					t.Errorf("%s: no test is called %s", file, name)
				}
				if sub != "" { // TestGolden has a folder for each
					globbed(t, "fn/testdata/"+sub)
				}
			case path.MatchString(name) && filepath.Dir(name) != ".":
				globbed(t, name)
			}
		}
	}
	if len(named) < 50 {
		t.Errorf("only %d names", len(named))
	}
	for name := range packages {
		if strings.HasPrefix(name, "internal/bench/") {
			continue // what it compares with
		}
		if (strings.HasPrefix(name, "fn") || strings.HasPrefix(name, "internal/")) && !named[name] {
			t.Errorf("CONTRIBUTING.md: no word of the package %s", name)
		}
	}
}

// TestIssueForms checks that the forms are those of GitHub: each field has a label, and a name of
// its own.
func TestIssueForms(t *testing.T) {
	types := []string{"markdown", "input", "textarea", "dropdown"}
	for _, file := range globbed(t, ".github/ISSUE_TEMPLATE/*_*.yaml") {
		var form struct {
			Name, Description string
			Labels            []string
			Body              []struct {
				Type, ID    string
				Validations struct{ Required bool }
				Attributes  struct {
					Label, Description, Value, Render string
					Options                           []string
				}
			}
		}
		decoder := yaml.NewDecoder(strings.NewReader(testenv.Read(t, file)))
		decoder.KnownFields(true)
		if err := decoder.Decode(&form); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if form.Name == "" || form.Description == "" || len(form.Body) == 0 {
			t.Errorf("%s: want a name, a description and a body", file)
		}
		ids := map[string]bool{}
		for _, field := range form.Body {
			if !slices.Contains(types, field.Type) {
				t.Errorf("%s: a field of type %q", file, field.Type)
			}
			if field.Type == "markdown" {
				continue
			}
			if field.ID == "" || field.Attributes.Label == "" || ids[field.ID] {
				t.Errorf("%s: %q: want a label, and a name that no other field has", file, field.ID)
			}
			ids[field.ID] = true
		}
	}
}
