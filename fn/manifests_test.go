package fn_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/internal/testenv"
)

// TestManifests runs the function on the plain manifests of real installs, as flux install
// prints them and in forms that people make of them. The output must be the input with lines
// of identity added, and the data that the function makes of a ResourceList.
func TestManifests(t *testing.T) {
	for _, file := range testenv.Installs(t) {
		install := testenv.Read(t, file)
		all := map[string]string{
			"as it is":  install,
			"CRLF":      strings.ReplaceAll(install, "\n", "\r\n"),
			"wide":      widened(t, install),
			"commented": commented(install),
			"unended":   strings.TrimRight(install, "\n"),
		}
		for _, cloud := range clouds() {
			t.Run(cloud+"/"+filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				spec := parities[cloud].spec
				want := itemsOf(t, install, spec)
				forms := map[string]string{"as it is": install}
				if cloud == "azure" { // which edits most; the others add nothing to the forms
					forms = all
				}
				for name, in := range forms {
					list := parseManifests(t, spec, krm.Stream{Text: []byte(in)})
					if out := manifestsOf(t, list)[0]; out != in {
						t.Errorf("%s: without edits:\n%s", name, cmp.Diff(in, out))
					}
					process(t, list)
					out := manifestsOf(t, list)[0]
					checkIdentityAdded(t, name, in, out)
					if diff := cmp.Diff(want, dataOf(t, out)); diff != "" {
						t.Errorf("%s: -from a ResourceList +from manifests:\n%s", name, diff)
					}
					again := parseManifests(t, spec, krm.Stream{Text: []byte(out)})
					if process(t, again); manifestsOf(t, again)[0] != out {
						t.Errorf("%s: a second run changed something", name)
					}
					list.Reset()
					if out := manifestsOf(t, list)[0]; out != in {
						t.Errorf("%s: after Reset:\n%s", name, cmp.Diff(in, out))
					}
					if process(t, list); manifestsOf(t, list)[0] != out {
						t.Errorf("%s: after Reset the function does something else", name)
					}
				}
			})
		}
	}
}

// TestManifestsFiles runs the function on several streams: each stays one of its own, and
// results name their files.
func TestManifestsFiles(t *testing.T) {
	install := testenv.Read(t, testenv.Root, exampleInstall)
	in := []krm.Stream{
		{Path: "flux-system/sync.yaml", Text: []byte("# none\n---\na: b\n")},
		{Path: "flux-system/gotk-components.yaml", Text: []byte(install)},
	}
	list := parseManifests(t, parities["azure"].spec, in...)
	results := fn.Process(list)
	out := manifestsOf(t, list)
	if out[0] != string(in[0].Text) {
		t.Errorf("a stream without edits changed: %q", out[0])
	}
	checkIdentityAdded(t, "gotk-components.yaml", install, out[1])
	if len(results) == 0 {
		t.Error("no results")
	}
	for _, r := range results {
		if r.File != nil && r.File.Path != in[1].Path || r.File == nil && r.ResourceRef != nil && r.ResourceRef.Kind == "ServiceAccount" {
			t.Errorf("%s: file %v", r, r.File)
		}
	}
}

// TestManifestsPlaces checks that each line about an object says where that is, as far as it
// needs to be said: in which of several files, in which of several documents.
func TestManifestsPlaces(t *testing.T) {
	const (
		account   = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: source-controller\n  namespace: flux-system\n  labels: {app.kubernetes.io/component: source-controller, app.kubernetes.io/part-of: flux}\n"
		unasked   = "  annotations: {eks.amazonaws.com/role-arn: x}\n"
		fieldPath = "metadata.annotations[eks.amazonaws.com/role-arn]: \"x\": want only"
		nameless  = "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\nresources: [install.yaml]\npatches: x\n"
	)
	for name, tc := range map[string]struct {
		reason, spec string
		streams      []krm.Stream
		want         string
	}{
		"One":             {"There is one file, and the object has a name.", "", []krm.Stream{{Path: "a.yaml", Text: []byte(account + unasked)}}, "warning: ServiceAccount flux-system/source-controller: " + fieldPath},
		"Stdin":           {"Nor is there more to say of stdin.", "", []krm.Stream{{Text: []byte("a: b\n---\n" + account + unasked)}}, "warning: ServiceAccount flux-system/source-controller: " + fieldPath},
		"Two":             {"One of two files.", "", []krm.Stream{{Path: "b.yaml", Text: []byte("a: b\n")}, {Path: "a.yaml", Text: []byte(account + unasked)}}, "warning: a.yaml: ServiceAccount flux-system/source-controller: " + fieldPath},
		"Document":        {"A document of one of two files; what is empty does not count.", "", []krm.Stream{{Path: "b.yaml", Text: []byte("a: b\n")}, {Path: "a.yaml", Text: []byte("# none\n---\na: b\n---\n" + account + unasked)}}, "warning: a.yaml: document 2: ServiceAccount flux-system/source-controller: " + fieldPath},
		"FileAndStdin":    {"Stdin among files.", "", []krm.Stream{{Path: "b.yaml", Text: []byte("a: b\n")}, {Text: []byte(account + unasked)}}, "warning: stdin: ServiceAccount flux-system/source-controller: " + fieldPath},
		"Nameless":        {"A Kustomization has no name but its file.", "  output: Patches\n", []krm.Stream{{Path: "kustomization.yaml", Text: []byte(nameless)}, {Path: "install.yaml", Text: []byte(account)}}, "error: Kustomization kustomization.yaml: patches: \"x\": want"},
		"NamelessAccount": {"An account without a name is one of a file.", "", []krm.Stream{{Path: "a.yaml", Text: []byte("a: b\n---\n" + strings.Replace(account, "  name: source-controller\n", "", 1))}, {Path: "b.yaml", Text: []byte(account)}}, "error: a.yaml: document 2: metadata.name: missing: want a string"},
		"NamelessStdin":   {"Or of stdin.", "", []krm.Stream{{Text: []byte(strings.Replace(account, "  name: source-controller\n", "", 1))}}, "error: stdin: metadata.name: missing: want a string"},
	} {
		t.Run(name, func(t *testing.T) {
			config := "apiVersion: fn.kpt.dev/v1alpha1\nkind: FluxWorkloadIdentity\nmetadata: {name: x}\nspec:\n" + tc.spec + "  gcp:\n    identities:\n    - {serviceAccountEmail: flux-gcs@my-project.iam.gserviceaccount.com, integrations: [GCS]}\n"
			var log bytes.Buffer
			fn.RunManifests(krm.Stream{Text: []byte(config)}, false, tc.streams, io.Discard, &log)
			if !strings.HasPrefix(log.String(), tc.want) {
				t.Errorf("%s\nwant %s...\ngot %s", tc.reason, tc.want, log.String())
			}
		})
	}
}

func parseManifests(t testing.TB, spec string, streams ...krm.Stream) *krm.ResourceList {
	t.Helper()
	list, err := krm.ParseManifests(krm.Stream{Text: []byte(functionConfig("x", spec))}, streams...)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func process(t *testing.T, list *krm.ResourceList) {
	t.Helper()
	if results := fn.Process(list); results.ExitCode() != 0 {
		t.Fatal(results)
	}
}

func manifestsOf(t testing.TB, list *krm.ResourceList) (texts []string) {
	t.Helper()
	out, err := list.Manifests()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range out {
		texts = append(texts, string(s.Text))
	}
	return texts
}

// checkIdentityAdded checks that out is in with lines of identity added.
func checkIdentityAdded(t *testing.T, name, in, out string) {
	t.Helper()
	rest, added := strings.SplitAfter(in, "\n"), 0
	for _, line := range strings.SplitAfter(out, "\n") {
		switch {
		case len(rest) > 0 && line == rest[0]:
			rest = rest[1:]
		case identityLine.MatchString(strings.TrimRight(line, "\r\n")):
			added++
		default:
			t.Fatalf("%s: a line that is neither the input's nor one of identity: %q", name, line)
		}
	}
	if added == 0 || len(rest) > 0 {
		t.Errorf("%s: %d lines added, %d lost", name, added, len(rest))
	}
}

// itemsOf returns the data of what the function makes of the objects in a ResourceList.
func itemsOf(t *testing.T, install, spec string) (items []any) {
	t.Helper()
	list, err := krm.Parse(resourceList(install, spec, ""))
	if err != nil {
		t.Fatal(err)
	}
	process(t, list)
	for _, item := range list.Items {
		var data any
		if err := item.Node().Decode(&data); err != nil {
			t.Fatal(err)
		}
		items = append(items, data)
	}
	return items
}

func dataOf(t *testing.T, stream string) (documents []any) {
	t.Helper()
	decoder := yaml.NewDecoder(strings.NewReader(stream))
	for {
		var data any
		err := decoder.Decode(&data)
		if errors.Is(err, io.EOF) {
			return documents
		}
		if err != nil {
			t.Fatal(err)
		}
		if data != nil {
			documents = append(documents, data)
		}
	}
}

// widened prints the stream with the elements of lists indented.
func widened(t *testing.T, stream string) string {
	t.Helper()
	var out bytes.Buffer
	decoder := yaml.NewDecoder(strings.NewReader(stream))
	encoder := yaml.NewEncoderWithOptions(&out, &yaml.EncoderOptions{SeqIndent: yaml.WideSequenceStyle})
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return out.String()
		}
		if err == nil && !doc.IsZero() {
			err = encoder.Encode(&doc)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

var topLevelKey = regexp.MustCompile(`(?m)^[a-zA-Z]+:`)

// commented puts comments and blank lines in all places, and blanks behind markers.
func commented(stream string) string {
	stream = topLevelKey.ReplaceAllString(stream, "\n# a comment: {{ with anything }} --- *x\n  # another\n$0")
	return "# header\n\n" + strings.ReplaceAll(stream, "\n---\n", "\n\n--- \t # marker\n\n# below\n...\n---\n# and again\n")
}

// BenchmarkManifests compares plain manifests with the same objects in a ResourceList, up to
// the text to be written. The example's CRDs are shortened: a hundred whole installs, which
// are about 34 MB, are those of the corpus.
func BenchmarkManifests(b *testing.B) {
	example := testenv.Read(b, testenv.Root, exampleInstall)
	b.Run("installs=1", func(b *testing.B) { benchmarkManifests(b, example, 1) })
	b.Run("installs=100", func(b *testing.B) { benchmarkManifests(b, example, 100) })
	b.Run("whole=100", func(b *testing.B) {
		files := testenv.Corpus(b)
		benchmarkManifests(b, testenv.Read(b, files[len(files)-2]), 100)
	})
}

func benchmarkManifests(b *testing.B, install string, n int) {
	var stream strings.Builder
	for i := range n {
		stream.WriteString(strings.ReplaceAll(install, "namespace: flux-system", fmt.Sprintf("namespace: flux-%d", i)))
	}
	spec := benchSpec
	in, items := []byte(stream.String()), resourceList(stream.String(), spec, "")
	config := krm.Stream{Text: []byte(functionConfig("x", spec))}
	ways := []func() (*krm.ResourceList, error){
		func() (*krm.ResourceList, error) { return krm.ParseManifests(config, krm.Stream{Text: in}) },
		func() (*krm.ResourceList, error) { return krm.Parse(items) },
	}
	b.SetBytes(int64(len(in) + len(items)))
	var parsing, all [2]time.Duration
	for b.Loop() {
		for i, parse := range ways { // in turns, so that what else the machine does meets both
			start := time.Now()
			list, err := parse()
			parsing[i] += time.Since(start)
			if err != nil {
				b.Fatal(err)
			}
			restore := list.LimitMemory()
			results := fn.Process(list)
			_, err = list.Pieces(results)
			all[i] += time.Since(start)
			restore()
			if err != nil || results.ExitCode() != 0 {
				b.Fatal(err, results)
			}
		}
	}
	b.ReportMetric(float64(parsing[0].Milliseconds())/float64(b.N), "manifests-parse-ms")
	b.ReportMetric(float64(parsing[1].Milliseconds())/float64(b.N), "list-parse-ms")
	b.ReportMetric(float64(all[0].Milliseconds())/float64(b.N), "manifests-ms")
	b.ReportMetric(float64(all[1].Milliseconds())/float64(b.N), "list-ms")
	b.ReportMetric(float64(parsing[0])/float64(parsing[1]), "parse-ratio")
	b.ReportMetric(float64(all[0])/float64(all[1]), "ratio")
}
