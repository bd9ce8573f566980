package flux

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"flux-workload-identity/fn/flux/controllers"
	"flux-workload-identity/fn/krm"
)

// Version is a release of Flux without its patch level, as in v2.7. The zero value is one
// that is not known.
type Version struct{ Major, Minor int }

func (v Version) String() string {
	if v == oldest {
		return "a version before v2.0"
	}
	return fmt.Sprintf("v%d.%d", v.Major, v.Minor)
}

// Before reports whether a known version is older than another.
func (v Version) Before(other Version) bool {
	return v != Version{} && (v.Major < other.Major || v.Major == other.Major && v.Minor < other.Minor)
}

var versionPattern = regexp.MustCompile(`^v?(\d{1,3})\.(\d{1,3})(?:[.+-]|$)`)

// ParseVersion returns the version that begins a text such as v2.7.5 or 2.7.x, the zero value where
// none does.
func ParseVersion(text string) (v Version) {
	if m := versionPattern.FindStringSubmatch(text); m != nil {
		v.Major, _ = strconv.Atoi(m[1])
		v.Minor, _ = strconv.Atoi(m[2])
	}
	return v
}

// headerWord precedes the version above what flux install prints
// (fluxcd/flux2 pkg/manifestgen/install/manifests.go).
const headerWord = "# Flux Version:"

// readHeaders notes the versions that the files of installs begin with.
func readHeaders(items []*krm.Item, installs []*Install) {
	for _, item := range items {
		v := ParseVersion(item.Header(headerWord))
		if v == (Version{}) {
			continue
		}
		for _, i := range installs {
			if files := i.Files(); len(files) == 0 && item.Path() == "" || slices.Contains(files, item.Path()) {
				i.declared = v
			}
		}
	}
}

// releases are the minor versions of the controllers in Flux 2.N: each is base + N of a major
// version, from a minor version of Flux on (the releases of fluxcd/flux2, v2.0 to v2.9). Of
// source-watcher, which uses no cloud, nobody asks.
var releases = map[string][]struct{ from, major, base int }{
	controllers.Source:          {{0, 1, 0}},
	controllers.Kustomize:       {{0, 1, 0}},
	controllers.Notification:    {{0, 1, 0}},
	controllers.Helm:            {{0, 0, 35}, {3, 1, -3}},
	controllers.ImageReflector:  {{0, 0, 29}, {7, 1, -7}},
	controllers.ImageAutomation: {{0, 0, 35}, {7, 1, -7}},
}

// oldest stands for all versions of Flux before v2.0, after which comes none of v1.
var oldest = Version{1, 0}

// versionOf returns the version of Flux that an image of a controller belongs to.
func versionOf(controller, tag string) (v Version) {
	c := ParseVersion(tag)
	if c == (Version{}) {
		return v
	}
	for _, r := range releases[controller] {
		switch n := c.Minor - r.base; {
		case c.Major == r.major && n >= r.from:
			v = Version{2, n}
		case v == Version{} && (c.Major < r.major || c.Major == r.major && n < 0):
			v = oldest
		}
	}
	return v
}

// Version returns the version of Flux that a controller of the install is of: as the tag of its
// image says, or, where that says nothing, the labels of the install, or the comment above it.
func (i *Install) Version(c *Controller) (v Version) {
	label := i.declared
	for _, o := range slices.Backward(i.objects()) { // of labels the first one counts
		if said := ParseVersion(o.version); said != (Version{}) {
			label = said
		}
	}
	for _, d := range c.Deployments {
		if d.runs == c.Name {
			v = versionOf(c.Name, d.tag)
		}
	}
	if v == (Version{}) || v == oldest && label.Before(v) {
		return label
	}
	return v
}
