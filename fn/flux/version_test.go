package flux

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"flux-workload-identity/internal/testenv"
)

func TestParseVersion(t *testing.T) {
	cases := map[string]struct {
		reason, text string
		want         Version
	}{
		"Release":   {"", "v2.7.5", Version{2, 7}},
		"Bare":      {"Helm charts have no v", "2.8.5", Version{2, 8}},
		"Range":     {"as FluxInstances have them", "2.7.x", Version{2, 7}},
		"Minor":     {"", "2.7", Version{2, 7}},
		"Candidate": {"", "v2.0.0-rc.1", Version{2, 0}},
		"Build":     {"", "2.7+x", Version{2, 7}},
		"Major":     {"says too little", "2.x", Version{}},
		"Operator":  {"may be any", ">=2.6.0", Version{}},
		"Word":      {"", "latest", Version{}},
		"Long":      {"no version", "2.7000", Version{}},
		"Empty":     {"", "", Version{}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := ParseVersion(tc.text); got != tc.want {
				t.Errorf("%s: %q: got %v, want %v", tc.reason, tc.text, got, tc.want)
			}
		})
	}
}

func TestVersionOf(t *testing.T) {
	cases := map[string]struct {
		reason, controller, tag string
		want                    Version
	}{
		"Helm23":      {"the first of 1.x", HelmController, "v1.0.1", Version{2, 3}},
		"Helm22":      {"the last of 0.x", HelmController, "v0.37.4", Version{2, 2}},
		"Reflector27": {"", ImageReflectorController, "v1.0.4", Version{2, 7}},
		"Reflector26": {"", ImageReflectorController, "v0.35.2", Version{2, 6}},
		"Candidate":   {"", SourceController, "v1.0.0-rc.1", Version{2, 0}},
		"Older":       {"than v2.0", SourceController, "v0.36.1", oldest},
		"OlderHelm":   {"", HelmController, "v0.31.2", oldest},
		"Digest":      {"no tag", SourceController, "", Version{}},
		"Own":         {"a tag of one's own says nothing", SourceController, "main", Version{}},
		"Unknown":     {"a controller without versions here", SourceWatcher, "v2.0.0", Version{}},
		"Future":      {"a major version that is not known", SourceController, "v3.0.0", Version{}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := versionOf(tc.controller, tc.tag); got != tc.want {
				t.Errorf("%s: %s %q: got %v, want %v", tc.reason, tc.controller, tc.tag, got, tc.want)
			}
		})
	}
}

// TestVersionsOfInstalls holds the tags of real installs against what their header says.
func TestVersionsOfInstalls(t *testing.T) {
	header := regexp.MustCompile(`# Flux Version: (\S+)`)
	images := regexp.MustCompile(`image: \S+/([a-z-]+-controller):(\S+)`)
	for _, file := range testenv.Corpus(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want := ParseVersion(string(header.FindSubmatch(text)[1]))
		if want.Major == 0 {
			want = oldest
		}
		for _, image := range images.FindAllSubmatch(text, -1) {
			if got := versionOf(string(image[1]), string(image[2])); got != want {
				t.Errorf("%s: %s: got %v, want %v", filepath.Base(file), image[0], got, want)
			}
		}
	}
}
