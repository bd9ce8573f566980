package fn_test

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/fn"
	"flux-workload-identity/fn/krm"
)

// trial is a folder with an install, a configuration, and what must hold after a run: what
// kustomize builds of the folder then is the judge of what the function did and said.
type trial struct {
	reason string

	// files are written "-- name --", each with its text behind it. Those of the install are
	// there unless they are given; $OURS are the patches of a run of the same configuration on
	// the install alone.
	files string
	// unseen are files that lie in the folder but not in the stream, written likewise.
	unseen string
	// remote is an entry that stands for the install, which is out of the stream and fetched by
	// Flux only.
	remote string
	// granted is an install that carries already what output Resources writes.
	granted bool

	output  string // "" for both
	plain   bool   // plain manifests; else as kpt has them, without the files that are no objects
	check   bool
	cloud   string // "" for aws
	spec    string // the fields of spec, "" for those of the cloud
	patches string // spec.patches, a flow map, of output Patches

	root string // the folder that is built, "" for flux
	flux string // the spec of Flux's own Kustomization of that folder, "" for none

	// want is the identity of every controller in the build, by namespace/name of its ServiceAccount:
	// the end of the role, or of the client ID. Nobody else gains or loses any, and nothing else
	// of the build changes. nil is a run that is to be an error and to change nothing.
	want map[string]string
	// isSame is a build that stays as it was, whoever has what.
	isSame bool
	// says are the lines of stderr: the severity, "" for any, then words that one line holds, of
	// which a|b is either. A run without an error says nothing else.
	says [][]string
	// may are lines that may be there too.
	may [][]string
	// never are words that stderr does not hold, and results neither.
	never []string
	// holds are checks of the files after the run.
	holds func(t *testing.T, before folder, after outcome)
}

const (
	awsTrial = `
  aws:
    identities:
    - roleARN: arn:aws:iam::111122223333:role/ecr
      controllers: [source-controller]
    - roleARN: arn:aws:iam::111122223333:role/kms
      controllers: [kustomize-controller]
`
	azureTrial = `
  azure:
    tenantID: 7c1e0d9a-5b4f-4c3e-9d2a-1f0e8b7c6d5a
    identities:
    - clientID: 3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6
      controllers: [source-controller]
`
)

// both and azureWant are what the build is to have.
func both() map[string]string {
	return map[string]string{"flux-system/source-controller": "ecr", "flux-system/kustomize-controller": "kms"}
}

func one(name, role string) map[string]string {
	want := both()
	want["flux-system/"+name] = role
	return want
}

// none is a run that is no error, after which no controller has an identity.
func none() map[string]string { return map[string]string{} }

func azureWant() map[string]string {
	return map[string]string{"flux-system/source-controller": "3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6"}
}

// parseFiles reads files written "-- name --".
func parseFiles(text string) folder {
	f := folder{}
	name := ""
	for line := range strings.Lines(text) {
		if before, ok := strings.CutSuffix(line, " --\n"); ok && strings.HasPrefix(before, "-- ") {
			name = before[3:]
			f[name] = ""
		} else if name != "" {
			f[name] += line
		}
	}
	return f
}

func (tc *trial) config(output string, check bool) string {
	spec := tc.spec
	switch {
	case spec == "" && tc.cloud == "azure":
		spec = azureTrial
	case spec == "":
		spec = awsTrial
	}
	head := "\n  output: " + output
	if check {
		head += "\n  check: true"
	}
	if output == "Patches" && tc.patches != "" {
		head += "\n  patches: " + tc.patches
	}
	return configNamed("flux-workload-identity", head+spec)
}

func usualInstall() folder {
	return folder{"flux/gotk-components.yaml": labelledInstall, "flux/kustomization.yaml": "resources:\n- gotk-components.yaml\n"}
}

// grantedInstall is the usual one with what output Resources writes.
func (tc *trial) grantedInstall(t *testing.T) folder {
	t.Helper()
	return usualInstall().apply(t, (&trial{cloud: tc.cloud, spec: tc.spec}).config("Resources", false)).folder
}

// folders returns what is in the stream, and all that is in the folder.
func (tc *trial) folders(t *testing.T, _ string) (stream, all folder) {
	t.Helper()
	usual := usualInstall()
	stream = maps.Clone(usual)
	if tc.granted {
		stream = tc.grantedInstall(t)
	}
	if tc.remote != "" {
		delete(stream, "flux/gotk-components.yaml")
	}
	given := parseFiles(tc.files)
	if strings.Contains(tc.files, "$OURS") {
		ours := usual.apply(t, (&trial{cloud: tc.cloud, spec: tc.spec}).config("Patches", false))
		_, patches, _ := strings.Cut(ours.folder["flux/kustomization.yaml"], "\npatches:\n")
		for name, text := range given {
			given[name] = strings.ReplaceAll(text, "$OURS\n", patches)
		}
	}
	maps.Copy(stream, given)
	all = maps.Clone(stream)
	if !tc.plain {
		for name, text := range stream {
			// kpt refuses what is no object, so that such files are in a .krmignore.
			if strings.HasPrefix(text, "- ") || strings.HasPrefix(text, "[") {
				delete(stream, name)
			}
		}
	}
	maps.Copy(all, parseFiles(tc.unseen))
	return stream, all
}

// runTrial runs the function on the stream, and returns all that is in the folder then.
func (tc *trial) runTrial(t *testing.T, stream, all folder, config string) outcome {
	t.Helper()
	if !tc.plain {
		o := stream.eval(t, config)
		o.folder = merged(all, o.folder)
		return o
	}
	var streams []krm.Stream
	for _, name := range slices.Sorted(maps.Keys(stream)) {
		streams = append(streams, krm.Stream{Path: name, Text: []byte(stream[name])})
	}
	list, err := krm.ParseManifests(krm.Stream{Text: []byte(config)}, streams...)
	if err != nil {
		t.Fatal(err)
	}
	results := fn.Process(list)
	var log bytes.Buffer
	if err := krm.WriteLog(&log, list, results); err != nil {
		t.Fatal(err)
	}
	if tc.check {
		var flagged bytes.Buffer
		code := fn.RunManifests(krm.Stream{Text: []byte(strings.Replace(config, "  check: true\n", "", 1))}, true, streams, io.Discard, &flagged)
		if code != results.ExitCode() || flagged.String() != log.String() {
			t.Errorf("%s: with --check exit %d, with spec.check %d\n%s%s", tc.reason, code, results.ExitCode(), flagged.String(), log.String())
		}
	}
	out, err := list.Manifests()
	if err != nil {
		t.Fatal(err)
	}
	after := folder{}
	for _, s := range out {
		after[s.Path] = string(s.Text)
	}
	return outcome{merged(all, after), results.String(), log.String(), results.ExitCode()}
}

func merged(all, some folder) folder {
	f := maps.Clone(all)
	maps.Copy(f, some)
	return f
}

// checkTrials runs the trials with each output.
func checkTrials(t *testing.T, trials map[string]trial) {
	t.Helper()
	for name, tc := range trials {
		for _, output := range []string{"Resources", "Patches"} {
			if tc.output == "" || tc.output == output {
				t.Run(name+"/"+output, func(t *testing.T) { tc.run(t, output) })
			}
		}
	}
}

func (tc *trial) run(t *testing.T, output string) {
	stream, all := tc.folders(t, output)
	before := tc.judge(t, all)
	config := tc.config(output, tc.check)
	o := tc.runTrial(t, stream, all, config)
	tc.checkSays(t, o)
	if o.code != 0 || tc.check {
		if diff := cmp.Diff(all, o.folder); diff != "" {
			t.Errorf("%s: something changed:\n%s", tc.reason, diff)
		}
	}
	isError := tc.want == nil && !tc.isSame
	if isError && output == "Resources" {
		tc.checkBroken(t, all)
	}
	if isError != (o.code != 0) {
		t.Errorf("%s: exit %d, want an error: %v\n%s", tc.reason, o.code, isError, o.stderr)
	}
	if o.code != 0 || isError {
		return
	}
	tc.checkBuild(t, before, tc.judge(t, o.folder), o)
	if tc.holds != nil {
		tc.holds(t, all, o)
	}
	for name := range stream {
		stream[name] = o.folder[name]
	}
	config = strings.Replace(config, "adopt: true", "adopt: false", 1) // what was taken over is ours
	again := tc.runTrial(t, stream, o.folder, config)
	if diff := cmp.Diff(o.folder, again.folder); diff != "" || again.code != 0 {
		t.Errorf("%s: another run: exit %d\n%s%s", tc.reason, again.code, again.stderr, diff)
	}
}

// checkSays compares the lines of stderr with those that are to be there.
func (tc *trial) checkSays(t *testing.T, o outcome) {
	t.Helper()
	for _, words := range tc.says {
		if !slices.ContainsFunc(slices.Collect(strings.Lines(o.stderr)), func(line string) bool { return isSaid(line, words) }) {
			t.Errorf("%s: exit %d, want a line with %q:\n%s", tc.reason, o.code, words, o.stderr)
		}
	}
	if o.code == 0 && (tc.want != nil || tc.isSame) {
		for line := range strings.Lines(unexpected(o.stderr)) {
			if !slices.ContainsFunc(slices.Concat(tc.says, tc.may), func(words []string) bool { return isSaid(line, words) }) {
				t.Errorf("%s: a line too many: %s", tc.reason, line)
			}
		}
	}
	for _, words := range tc.never {
		if strings.Contains(o.stderr+o.results, words) {
			t.Errorf("%s: want no %q on stderr, nor among the results:\n%s", tc.reason, words, o.stderr)
		}
	}
}

func isSaid(line string, words []string) bool {
	if words[0] != "" && !strings.HasPrefix(line, words[0]+": ") {
		return false
	}
	for _, word := range words[1:] {
		if !slices.ContainsFunc(strings.Split(word, "|"), func(either string) bool { return strings.Contains(line, either) }) {
			return false
		}
	}
	return true
}
