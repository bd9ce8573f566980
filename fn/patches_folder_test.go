package fn_test

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"flux-workload-identity/fn"
)

// folder is the files of a package, as kpt hands them to a function. Unlike kpt it leaves
// the bytes of everything that the function does not change as they are, and it is fast.
type folder map[string]string

// with returns the folder with one file replaced.
func (f folder) with(name, text string) folder {
	g := maps.Clone(f)
	g[name] = text
	return g
}

// outcome is what a run of the function leaves.
type outcome struct {
	folder
	results string // the text of the list
	stderr  string
	code    int
}

// eval runs the function on the folder.
func (f folder) eval(t *testing.T, config string) outcome {
	t.Helper()
	var list strings.Builder
	list.WriteString("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n")
	nest(&list, "  ", "  ", config)
	list.WriteString("items:\n")
	var pieces []*piece
	for _, name := range slices.Sorted(maps.Keys(f)) {
		for _, p := range split(name, f[name]) {
			pieces = append(pieces, p)
			if p.isItem {
				nest(&list, "- ", "  ", p.annotated())
			}
		}
	}
	var out, log bytes.Buffer
	code := fn.Run(strings.NewReader(list.String()), &out, &log)
	_, rest, ok := strings.Cut(out.String(), "\nitems:\n")
	items, results, _ := strings.Cut(rest, "\nresults:\n")
	texts := strings.Split("\n"+strings.TrimSuffix(items, "\n"), "\n- ")[1:]
	after := folder{}
	for _, p := range pieces {
		text := p.text
		if p.isItem {
			if len(texts) == 0 || !ok {
				t.Fatalf("items are missing:\n%s", out.String())
			}
			text = p.stripped(t, texts[0])
			texts = texts[1:]
		}
		after[p.file] += p.separator + text
	}
	if len(texts) > 0 {
		t.Fatalf("there are items too many: %q", texts)
	}
	return outcome{after, results, log.String(), code}
}

var expectedLine = regexp.MustCompile("(?m)^warning: \\S+: (changes the identity of|\"\\w+\": want Flux v\\S+ or newer: ).*\n")

// unexpected returns the lines of stderr but for those of pods that are to restart, and of
// integrations that are younger than the install.
func unexpected(stderr string) string {
	return expectedLine.ReplaceAllString(stderr, "")
}

// apply is eval of a run without errors and unexpected warnings.
func (f folder) apply(t *testing.T, config string) outcome {
	t.Helper()
	o := f.eval(t, config)
	if o.code != 0 || unexpected(o.stderr) != "" {
		t.Fatalf("exit %d\n%s", o.code, o.stderr)
	}
	return o
}

// build runs kustomize without plugins, as flux bootstrap and kubectl do.
func (f folder) build(t *testing.T, dir string) string {
	t.Helper()
	fs := filesys.MakeFsInMemory()
	for name, text := range f {
		if err := fs.WriteFile(path.Join("/", name), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(fs, path.Join("/", dir))
	if err != nil {
		t.Fatal(err)
	}
	text, err := resources.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// piece is a document of a file, or what is no object and stays out of the stream.
type piece struct {
	file, separator, text string
	index                 int
	isItem                bool
	end                   string // of its lines

	keys       string // the lines that say where it was read
	isMetadata bool   // added with them
	isAdded    bool   // the line annotations: is added with them
}

const (
	metadata    = "metadata:"
	annotations = "  annotations:"
)

func split(file, text string) (pieces []*piece) {
	end := "\n"
	if strings.Contains(text, "\r\n") {
		end = "\r\n"
	}
	if !strings.HasSuffix(text, "\n") {
		text += end
	}
	yaml := strings.HasSuffix(file, ".yaml") || strings.HasSuffix(file, ".yml")
	pieces = []*piece{{file: file, end: end}}
	start, at := 0, 0 // of the document, of the line behind the one that is looked at
	for line := range strings.Lines(text) {
		p := pieces[len(pieces)-1]
		at += len(line)
		if yaml && strings.TrimRight(line, "\r\n") == "---" {
			pieces = append(pieces, &piece{file: file, end: end, separator: line, index: p.index})
			start = at
			continue
		}
		content := strings.TrimSpace(line)
		if yaml && content != "" && content[0] != '#' && !p.isItem {
			p.isItem, p.index = true, p.index+1
		}
		p.text = text[start:at]
	}
	return pieces
}

// annotated returns the document with the annotations that say where it was read; those
// of an object without metadata go last, where kpt has them too.
func (p *piece) annotated() string {
	p.keys = fmt.Sprintf("    internal.config.kubernetes.io/path: %s%s    internal.config.kubernetes.io/index: '%d'%[2]s", p.file, p.end, p.index-1)
	before, after, ok := strings.Cut(p.end+p.text, p.end+metadata+p.end)
	if !ok {
		p.isMetadata = true
		return p.text + metadata + p.end + annotations + p.end + p.keys
	}
	before = strings.TrimPrefix(before+p.end+metadata+p.end, p.end)
	at := 0
	for line := range strings.Lines(after) {
		at += len(line)
		switch {
		case line == annotations+p.end:
			return before + after[:at] + p.keys + after[at:]
		case !strings.HasPrefix(line, " "):
			p.isAdded = true
			return before + annotations + p.end + p.keys + after
		}
	}
	p.isAdded = true
	return before + annotations + p.end + p.keys + after
}

// stripped returns the text of an item without its margin and those annotations.
func (p *piece) stripped(t *testing.T, item string) string {
	t.Helper()
	text := strings.ReplaceAll(item, "\n  ", "\n") + "\n"
	added := p.keys
	switch {
	case p.isMetadata:
		added = metadata + p.end + annotations + p.end + p.keys
	case p.isAdded && !strings.Contains(text, p.keys+"    "):
		added = annotations + p.end + p.keys
	}
	if strings.Count(text, added) != 1 {
		t.Fatalf("%s: the annotations are lost or changed:\n%s", p.file, item)
	}
	return strings.Replace(text, added, "", 1)
}

// nest writes a text as an element of a list, or as a value.
func nest(b *strings.Builder, first, margin, text string) {
	for line := range strings.Lines(text) {
		if strings.TrimRight(line, "\r\n") != "" || first != margin {
			b.WriteString(first)
		}
		first = margin
		b.WriteString(line)
	}
}
