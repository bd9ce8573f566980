package fn_test

import (
	"bytes"
	"cmp"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// TestPlainForms runs all lists of the golden cases, which have both outputs, as plain
// manifests: each file with and without its last line feed, and below a comment so long that
// its text is released between two looks. The ends of the files and the comment are all that
// differs.
func TestPlainForms(t *testing.T) {
	names, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	written := 0
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		config, streams := filesOf(string(section(archive, "stdin")))
		if config == "" {
			continue
		}
		t.Run(strings.TrimPrefix(name, "testdata/"), func(t *testing.T) {
			long := "# " + strings.Repeat("long ", 300) + "\n"
			var first plainRun
			for _, form := range []struct{ name, above, end string }{{"as it is", "", "\n"}, {"unended", "", ""}, {"long", long, "\n"}, {"long, unended", long, ""}} {
				var all []krm.Stream
				for _, s := range streams {
					all = append(all, krm.Stream{Path: s.Path, Text: []byte(form.above + strings.TrimSuffix(string(s.Text), "\n") + form.end)})
				}
				got := runPlainly(t, config, all)
				if strings.Contains(got.log, "internal error") {
					t.Fatalf("%s: %s", form.name, got.log)
				}
				for i, text := range got.texts {
					got.texts[i] = strings.TrimSuffix(strings.TrimPrefix(text, form.above), "\n")
					// A block that ends with the file has no line feed at its end.
					got.texts[i] = strings.ReplaceAll(got.texts[i], ": |-\n", ": |\n")
				}
				if form.name == "as it is" {
					first = got
					if got.edited {
						written++
					}
					continue
				}
				if got.code != first.code || got.log != first.log || strings.Join(got.texts, "\x00") != strings.Join(first.texts, "\x00") {
					t.Errorf("%s: exit %d, %s\n%q\nas it is: exit %d, %s\n%q", form.name, got.code, got.log, got.texts, first.code, first.log, first.texts)
				}
			}
		})
	}
	if written < 20 {
		t.Errorf("only %d cases wrote something", written)
	}
}

// filesOf returns the configuration and the files of a ResourceList, none where it has no
// such.
func filesOf(in string) (config string, streams []krm.Stream) {
	root := parse([]byte(in))
	if root == nil || field(root, "functionConfig") == nil || field(root, "items") == nil || data(root) == nil {
		return "", nil
	}
	text, err := yaml.Marshal(field(root, "functionConfig"))
	if err != nil {
		return "", nil
	}
	for _, item := range field(root, "items").Content {
		object, err := yaml.Marshal(item)
		if err != nil || bytes.ContainsAny(object, "&*") {
			return "", nil // anchors of other items
		}
		annotations := edit.Get(item, "metadata", "annotations")
		path := cmp.Or(edit.Text(annotations, "internal.config.kubernetes.io/path"), edit.Text(annotations, "config.kubernetes.io/path"))
		if n := len(streams); path != "" && n > 0 && streams[n-1].Path == path {
			streams[n-1].Text = append(append(streams[n-1].Text, "---\n"...), object...)
			continue
		}
		streams = append(streams, krm.Stream{Path: path, Text: object})
	}
	return string(text), streams
}

type plainRun struct {
	texts  []string
	log    string
	code   int
	edited bool
}

func runPlainly(t *testing.T, config string, streams []krm.Stream) (r plainRun) {
	t.Helper()
	var out, log bytes.Buffer
	r.code = fn.RunManifests(krm.Stream{Text: []byte(config)}, false, streams, &out, &log)
	r.log = log.String()
	list, err := krm.ParseManifests(krm.Stream{Text: []byte(config)}, streams...)
	if err != nil {
		return r
	}
	if results := fn.Process(list); results.ExitCode() != r.code {
		t.Errorf("the function exits %d, the program %d", results.ExitCode(), r.code)
	}
	after, err := list.Manifests()
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range after {
		r.texts = append(r.texts, string(s.Text))
		r.edited = r.edited || !bytes.Equal(s.Text, streams[i].Text)
	}
	return r
}
