package fn_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"flux-workload-identity/fn/krm"
	"flux-workload-identity/internal/testenv"
)

// TestRoundTrip runs the function on real installs, in the forms in which kustomize and kpt
// send them and as written by hand. All of them must be sliced, and the output must be the
// input with lines of identity and the results added, and no line changed.
func TestRoundTrip(t *testing.T) {
	for _, file := range testenv.Installs(t) {
		install := testenv.Read(t, file)
		for _, cloud := range clouds() {
			t.Run(cloud+"/"+filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				spec := parities[cloud].spec
				forms := map[string][]byte{
					"compact":   resourceList(install, spec, ""),
					"wide":      resourceList(install, spec, "  "),
					"CRLF":      []byte(strings.ReplaceAll(string(resourceList(install, spec, "")), "\n", "\r\n")),
					"kustomize": recordKustomize(t, install, spec),
				}
				if cloud == "azure" { // what kpt sends is the same for all
					forms["kpt"] = recordKpt(t, install, spec)
				}
				for name, in := range forms {
					checkLinesAdded(t, name, in)
					if name == "kustomize" || name == "kpt" {
						checkPromises(t, in)
					}
				}
			})
		}
	}
}

func checkLinesAdded(t *testing.T, name string, in []byte) {
	t.Helper()
	if list, err := krm.Parse(in); err != nil || !list.Sliced() {
		t.Errorf("%s: the list is not sliced: %v", name, err)
	}
	out, log, code := run(in)
	if code != 0 || unexpected(string(log)) != "" {
		t.Fatalf("%s: exit %d\n%s", name, code, log)
	}
	rest, added := strings.SplitAfter(string(in), "\n"), 0
	for line := range strings.Lines(string(out)) {
		switch {
		case len(rest) > 0 && line == rest[0]:
			rest = rest[1:]
		case len(rest) > 1 && identityLine.MatchString(strings.TrimRight(line, "\r\n")):
			added++
		case len(rest) == 1 && rest[0] == "": // the input is over: the results
		default:
			t.Fatalf("%s: a line that is neither the input's nor one of identity: %q, before %q", name, line, rest[0])
		}
	}
	if added == 0 {
		t.Errorf("%s: no line was added", name)
	}
}

// recorder returns a function that keeps what it is sent, and the file it keeps it in.
func recorder(t *testing.T) (script, record string) {
	t.Helper()
	record = filepath.Join(t.TempDir(), "record")
	dir := testenv.Files(t, map[string]string{"recorder": "#!/bin/sh\nexec tee " + record + "\n"})
	script = filepath.Join(dir, "recorder")
	if err := os.Chmod(script, 0o755); err != nil {
		t.Fatal(err)
	}
	return script, record
}

func recordKustomize(t *testing.T, install, spec string) []byte {
	t.Helper()
	script, record := recorder(t)
	build(t, testenv.Files(t, map[string]string{
		"kustomization.yaml":     "resources:\n- gotk-components.yaml\ntransformers:\n- workload-identity.yaml\n",
		"gotk-components.yaml":   install,
		"workload-identity.yaml": functionConfig(script, spec),
	}))
	return []byte(testenv.Read(t, record))
}

// itemResults matches the items that kpt adds of itself, which change nothing here.
var itemResults = regexp.MustCompile(`(?m)^results:.*`)

func recordKpt(t *testing.T, install, spec string) []byte {
	t.Helper()
	kpt := testenv.Kpt(t)
	script, record := recorder(t)
	dir := testenv.Files(t, fleet(install))
	config := filepath.Join(testenv.Files(t, map[string]string{"config.yaml": functionConfig("x", spec)}), "config.yaml")
	if _, stderr, code := testenv.Run(t, dir, kpt, "fn", "eval", ".", "--exec", script, "--fn-config", config); code != 0 {
		t.Fatal(stderr)
	}
	text := testenv.Read(t, record)
	if itemResults.MatchString(text) {
		t.Errorf("kpt sends results")
	}
	return []byte(text)
}
