package fn_test

import (
	"bytes"
	"cmp"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"flux-workload-identity/fn"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/internal/files"
	installer "flux-workload-identity/internal/install"
	"flux-workload-identity/internal/testenv"
)

// listed is a row of docs/messages.md; an ending has the severity any.
type listed struct {
	severity, text string
	expression     *regexp.Regexp // of the text, where … stands for something
}

// said is a message of the function, and the case that it comes from.
type said struct{ severity, text, from string }

// TestMessages holds docs/messages.md against what comes out of the tables: each message is
// listed with its severity, and nothing is listed that is not said, but for the exceptions.
func TestMessages(t *testing.T) {
	list, endings := readList(t)
	used, seen := map[listed]bool{}, map[string]bool{}
	all := append(tableMessages(t), otherMessages(t)...)
	checkREADME(t, all)
	for _, s := range all {
		if seen[s.severity+s.text] {
			continue
		}
		seen[s.severity+s.text] = true
		if best, ok := find(list, endings, s, used); ok {
			used[best] = true
		} else {
			t.Errorf("docs/messages.md has no row for this %s of %s: add one with its remedy:\n%s", s.severity, s.from, s.text)
		}
	}
	code := ""
	for _, l := range messageLiterals(t) {
		code += l.text + "\n"
	}
	for _, l := range append(list, endings...) {
		reason := unprovoked[l.text]
		switch {
		case used[l] && reason != "":
			t.Errorf("%q is said, so it is no exception", l.text)
		case !used[l] && reason == "":
			t.Errorf("docs/messages.md lists a message that nothing here says: remove it, add a case to a table, or an exception: %s: %s", l.severity, l.text)
		case !used[l]:
			for _, words := range fragments(l.text, "…") {
				if !strings.Contains(code, words) {
					t.Errorf("docs/messages.md lists %q, but %q is nowhere in the code", l.text, words)
				}
			}
		}
	}
}

// checkREADME checks that what README quotes is said, but for the values in quotes.
func checkREADME(t *testing.T, all []said) {
	t.Helper()
	_, table, _ := strings.Cut(testenv.Read(t, testenv.Root, "README.md"), "\n| message | remedy |\n| --- | --- |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	quotes := regexp.MustCompile("(?m)^[|] `([^`]+)` [|]").FindAllStringSubmatch(table, -1)
	if len(quotes) == 0 {
		t.Error("README.md has no table of messages")
	}
	for _, quote := range quotes {
		varying := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(quote[1], "…")
		pattern := regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(varying), "…", ".+") + "$")
		if !slices.ContainsFunc(all, func(s said) bool { return pattern.MatchString(s.text) }) {
			t.Errorf("README.md quotes a message that nothing says: %s", quote[1])
		}
	}
}

// unprovoked are the listed messages that no input of a test brings about.
var unprovoked = map[string]string{
	"stdin: a terminal: want a configuration or plain manifests in a pipe or from a file, or their files as arguments": "tests have no terminal",
	"install: …":                  "the system always knows the program that runs a test",
	"results: …":                  "results are plain data, which can always be printed",
	"stdin: cannot be printed: …": "what was parsed can be printed, as far as is known",
	"stdin: cannot be printed without changing its data: want simpler comments, anchors or quotes":                      "of the corners of YAML that were found all are got around",
	"…: document …, line …: cannot be printed without changing its data: want simpler comments, anchors or quotes":      "the same",
	"cannot be built here: …: want patches that kustomize takes":                                                        "patches that were read can be printed",
	"the build of … sets … of … to …: want …, which … asks for; remove this, or name its identity there":                "somebody always does it, and is found",
	"…: document …, line …: holds line breaks that not every program takes for such: want lines that end in LF or CRLF": "such a document can be printed anew, as far as is known",
}

// find returns the row that says most of a message, whose prefix may be its object and its
// field, and marks the endings that it has.
func find(list, endings []listed, s said, used map[listed]bool) (best listed, ok bool) {
	for _, text := range []string{s.text, objectPrefix.ReplaceAllString(s.text, ""), fieldPrefix.ReplaceAllString(objectPrefix.ReplaceAllString(s.text, ""), "")} {
		for _, l := range list {
			if l.severity == s.severity && len(l.text) > len(best.text) && l.expression.MatchString(text) {
				best, ok = l, true
			}
		}
	}
	for _, e := range endings {
		if at := e.expression.FindStringIndex(s.text); at != nil && !strings.HasSuffix(best.text, e.text) {
			if rest, found := find(list, endings, said{s.severity, s.text[:at[0]], s.from}, used); found && len(rest.text)+len(e.text) > len(best.text) {
				used[e] = true
				best, ok = rest, true
			}
		}
	}
	return best, ok
}

var (
	objectPrefix = regexp.MustCompile(`^[A-Z]\w+ \S+: `)
	fieldPrefix  = regexp.MustCompile(`^[\w-]+(\.[\w-]+|\[[^\]]*\])*: `)
	row          = regexp.MustCompile("(?m)^[|] (error|warning|info|any) [|] `([^`]+)` [|] [^ ].* [|]$")
)

// readList reads the tables of docs/messages.md, without the escapes of Markdown.
func readList(t *testing.T) (list, endings []listed) {
	t.Helper()
	text := testenv.Read(t, testenv.Root, "docs", "messages.md")
	for _, match := range row.FindAllStringSubmatch(text, -1) {
		l := listed{severity: match[1], text: strings.ReplaceAll(match[2], `\|`, "|")}
		if slices.ContainsFunc(append(list, endings...), func(o listed) bool { return o.severity == l.severity && o.text == l.text }) {
			t.Errorf("docs/messages.md lists this twice: %s: %s", l.severity, l.text)
		}
		pattern := strings.ReplaceAll(regexp.QuoteMeta(l.text), "…", ".+") + "$"
		if l.severity == "any" {
			l.expression = regexp.MustCompile("(?s)" + pattern)
			endings = append(endings, l)
		} else {
			l.expression = regexp.MustCompile("(?s)^" + pattern)
			list = append(list, l)
		}
	}
	if rows := regexp.MustCompile(`(?m)^\| (error|warning|info|any)`).FindAllString(text, -1); len(rows) != len(list)+len(endings) {
		t.Errorf("docs/messages.md has %d rows, of which %d have a severity, a message in backticks and a remedy", len(rows), len(list)+len(endings))
	}
	return list, endings
}

// tableMessages returns the results and the lines on stderr of all cases of the tables.
func tableMessages(t *testing.T) (all []said) {
	t.Helper()
	add := func(from, in string) {
		_, log, _ := run([]byte(in))
		all = append(all, linesSaid(from, string(log))...)
		list, err := krm.Parse([]byte(in))
		if err != nil {
			return
		}
		for _, r := range fn.Process(list) {
			all = append(all, said{string(r.Severity), r.Message, from})
		}
	}
	names, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		add(name, string(section(archive, "stdin")))
	}
	for name, tc := range refusals {
		add("TestRefuse/"+name, strings.Replace(tc.base.text, tc.old, tc.bad, 1))
	}
	for name, tc := range attempts {
		o := tc.folder().eval(t, tc.config(cmp.Or(tc.output, "Resources")))
		all = append(all, linesSaid("TestStolenRole/"+name, o.stderr)...)
	}
	for name, tc := range unreadables() {
		add("TestUnreadable/"+name, tc.in)
	}
	return all
}

func linesSaid(from, log string) (all []said) {
	for line := range strings.Lines(log) {
		severity, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		all = append(all, said{severity, text, from})
	}
	return all
}

// otherMessages returns what is said of plain manifests and of the program's own matters.
func otherMessages(t *testing.T) (all []said) {
	t.Helper()
	add := func(from string, say func(log io.Writer)) {
		var log bytes.Buffer
		say(&log)
		all = append(all, linesSaid(from, log.String())...)
	}
	for _, m := range []struct{ name, config, stdin string }{
		{"List", gcpConfig, "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"}, {"Bombs", gcpConfig, "kind: List\n" + listBomb() + "items: [*a10]\n"},
		{"NotYAML", gcpConfig, "a: [\n"}, {"Template", gcpConfig, "a: 1\n{{ b }}\n"}, {"NotYAMLConfig", "a: [\n", ""},
		{"TemplateConfig", "a: 1\n{{ b }}\n", ""}, {"TemplateName", gcpConfig, listAccount + "  namespace: {{ x }}\n"},
		{"TemplateMap", gcpConfig, listAccount + "  annotations: {{ x }}\n"}, {"Terraform", gcpConfig, "%{ if a }\n---\n"},
		{"Latin1", gcpConfig, "a: \xfc\n"}, {"NUL", gcpConfig, "a: \x00\n"}, {"CR", gcpConfig, "a: 1\r---\rb: 1\n"},
		{"Tag", gcpConfig, "%TAG ! x\n---\n"}, {"AfterEnd", gcpConfig, "a: 1\n... b\n"}, {"TwoConfigs", "a: 1\n---\nb: 1\n", ""},
	} {
		add("manifests/"+m.name, func(log io.Writer) {
			fn.RunManifests(krm.Stream{Text: []byte(m.config)}, true, []krm.Stream{{Text: []byte(m.stdin)}}, io.Discard, log)
		})
	}
	add("a home that is read beside", func(log io.Writer) {
		fn.RunManifests(krm.Stream{Text: []byte(strings.Replace(gcpConfig, "spec:\n", "metadata: {name: prod}\nspec:\n  output: Patches\n", 1))}, false, []krm.Stream{
			{Path: "prod/kustomization.yaml", Text: []byte("resources:\n- ../flux\n")}, {Path: "flux/kustomization.yaml", Text: []byte("resources:\n- gotk-components.yaml\n"), Beside: true},
			{Path: "flux/gotk-components.yaml", Text: []byte(labelledInstall), Beside: true},
		}, io.Discard, log)
	})
	add("a late flag", func(log io.Writer) { files.Run("messages_test.go", false, []string{"--check"}, nil, io.Discard, log) })
	add("no file", func(log io.Writer) { files.Run("nowhere", false, nil, nil, io.Discard, log) })
	add("no directory", func(log io.Writer) { _, _ = io.WriteString(log, "error: "+installer.To("/nowhere").Error()+"\n") })
	add("panic", func(log io.Writer) { fn.Run(panicking{}, io.Discard, log) })
	add("aliases", func(log io.Writer) {
		in := boundsHead + "    annotations: &bomb\n" + bomb("      ") + "- kind: Other\n  metadata: {annotations: *bomb}\n" + boundsConfig
		fn.Run(strings.NewReader(in), io.Discard, log)
	})
	closed, err := os.Open(".")
	if err != nil {
		t.Fatal(err)
	}
	add("a directory on stdin", func(log io.Writer) { fn.Run(closed, io.Discard, log) })
	_ = closed.Close()
	add("a closed stdout", func(log io.Writer) { fn.Run(strings.NewReader(boundsHead+boundsConfig), closed, log) })
	add("stdin for two", func(log io.Writer) { files.Run("-", false, nil, strings.NewReader(gcpConfig), io.Discard, log) })
	for _, line := range []string{"$0 --verbose", "$0 --check --check", "$0 --schema >&-"} {
		_, stderr, _ := testenv.Run(t, ".", "sh", "-c", line, testenv.Function(t))
		all = append(all, linesSaid(line, stderr)...)
	}
	return all
}

const gcpConfig = "apiVersion: fn.kpt.dev/v1alpha1\nkind: FluxWorkloadIdentity\nspec:\n  gcp:\n    identities:\n    - {serviceAccountEmail: flux-gcs@my-project.iam.gserviceaccount.com, integrations: [GCS]}\n"
