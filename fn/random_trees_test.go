package fn_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/internal/testenv"
)

var (
	treeSeed = flag.Uint64("tree-seed", 0, "the one seed that TestRandomTrees runs; 0 for the usual ones")
	treeFrom = flag.Uint64("tree-from", 1, "the first seed of TestRandomTrees")
	treeN    = flag.Uint64("tree-n", 0, "how many seeds TestRandomTrees runs; 0 for the usual number")
)

// built is an object of a build.
type built struct {
	kind, name, namespace, key string
	origin                     *source
	identity                   map[string]string // by place and key
	rest                       string            // everything else
}

// buildRoot builds a root as Flux does: no plugins, and files from anywhere in the folder
// (https://github.com/fluxcd/pkg/blob/main/kustomize/kustomize_generator.go).
func (f folder) buildRoot(root string) (resources resmap.ResMap, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	fs := filesys.MakeFsInMemory()
	for name, text := range f {
		if err := fs.WriteFile(path.Join("/", name), []byte(text)); err != nil {
			return nil, err
		}
	}
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsNone
	return krusty.MakeKustomizer(options).Run(fs, path.Join("/", root))
}

// buildTree returns the objects of a build.
func (t *randomTree) buildTree(f folder, root string) (objects []*built, err error) {
	var common map[string]map[string]string
	if _, isFlux := f[syncFile]; isFlux && root == path.Dir(syncFile) {
		var err error
		if f, root, common, err = f.asFlux(); err != nil {
			return nil, err
		}
	}
	resources, err := f.buildRoot(root)
	if err != nil {
		return nil, err
	}
	origins := map[string]*source{}
	for _, s := range t.sources {
		if marker := markers.FindStringSubmatch(s.text); marker != nil {
			origins[marker[1]] = s
		}
	}
	for _, r := range resources.Resources() {
		for field, set := range common {
			for key, value := range set {
				if err := r.PipeE(yaml.LookupCreate(yaml.ScalarNode, "metadata", field, key), yaml.Set(yaml.NewStringRNode(value))); err != nil {
					return nil, err
				}
			}
		}
		text, err := r.MarshalJSON() // of which kustomize prints YAML
		if err != nil {
			return nil, err
		}
		var m map[string]any
		if err := json.Unmarshal(text, &m); err != nil {
			return nil, err
		}
		o := &built{kind: r.GetKind(), name: r.GetName(), namespace: r.GetNamespace(), identity: map[string]string{}}
		o.key = o.kind + " " + o.namespace + "/" + o.name
		switch o.kind {
		case "ServiceAccount":
			if secrets, _ := m["secrets"].([]any); len(secrets) > 0 {
				secret, _ := secrets[0].(map[string]any)
				marker, _ := secret["name"].(string)
				o.origin = origins[marker]
			}
		case "Deployment":
			marker, _ := at(m, "spec", "template", "spec")["schedulerName"].(string)
			o.origin = origins[marker]
			o.take(at(m, "spec", "template", "metadata"), "template ")
		}
		o.take(at(m, "metadata"), "")
		rest, err := json.Marshal(m)
		if err != nil {
			return nil, err
		}
		o.rest = string(rest)
		objects = append(objects, o)
	}
	return objects, nil
}

var markers = regexp.MustCompile("(?m): (" + originPrefix + "[0-9]+)$")

func at(m map[string]any, path ...string) map[string]any {
	for _, key := range path {
		m, _ = m[key].(map[string]any)
	}
	return m
}

// take moves the identity out of metadata, and with it maps that it leaves empty.
func (o *built) take(metadata map[string]any, place string) {
	for _, field := range []string{"annotations", "labels"} {
		of := at(metadata, field)
		for key, value := range of {
			if strings.HasPrefix(key, "eks.amazonaws.com/") || strings.HasPrefix(key, "azure.workload.identity/") || strings.HasPrefix(key, "iam.gke.io/") {
				delete(of, key)
				if value != nil { // as a merge with null leaves it, where there is no map before
					o.identity[place+field+" "+key] = fmt.Sprint(value)
				}
			}
		}
		if len(of) == 0 {
			delete(metadata, field)
		}
	}
}

// buildAll builds all roots.
func (t *randomTree) buildAll(f folder) (map[string][]*built, error) {
	all := map[string][]*built{}
	for _, root := range t.roots() {
		objects, err := t.buildTree(f, root)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", root, err)
		}
		all[root] = objects
	}
	return all, nil
}

// isMeant reports whether the configuration is for the controllers of a source.
func (t *randomTree) isMeant(s *source, named string) bool {
	c := t.config
	switch ok, _ := path.Match(c.namespace, s.install); {
	case s.install == "", c.namespace != "" && !ok:
		return false
	case c.path != "" && c.path != "**" && path.Dir(s.file) != c.path:
		return false
	}
	return named == "" || t.reach(path.Dir(named))[s.file]
}

// want is what an object of a controller is to have.
func (c *randomConfig) want(o *built) map[string]string {
	want := map[string]string{}
	for _, i := range c.identities {
		switch {
		case !slices.Contains(i.controllers, o.origin.controller):
		case o.kind == "ServiceAccount":
			want["annotations "+keyOf[c.cloud]] = i.value
			if c.cloud == "azure" {
				want["annotations "+tenantKey] = treeTenant
			}
		case c.cloud == "azure":
			want["labels "+useKey], want["template labels "+useKey] = "true", "true"
		}
	}
	return want
}

// fault is what is wrong with an object of a build.
type fault struct {
	kind, detail string
	root         string
	names        []string // of whom a warning is to tell
}

const (
	lacks   = "a controller lacks its identity"
	differs = "a controller has another identity"
	gained  = "somebody else gains an identity"
	lost    = "somebody else loses an identity"
	unasked = "a controller has an identity that nobody asks for"
	changed = "something else changes"
	broken  = "the build breaks"

	unbuilt  = "said not to build, though kustomize builds it"
	unstable = "a second run changes something, or says something else"
)

// faults compares the builds before and after with what the configuration asks for.
func (t *randomTree) faults(before, after map[string][]*built, named string) (faults []fault) {
	for _, root := range t.roots() {
		b, a := before[root], after[root]
		if len(a) != len(b) {
			faults = append(faults, fault{kind: changed, detail: root + ": another number of objects"})
			continue
		}
		isReached := named == "" || t.reach(root)[path.Dir(named)]
		for i, o := range a {
			was := b[i]
			add := func(kind, detail string) {
				f := fault{kind: kind, root: root, detail: fmt.Sprintf("%s: %s: %s\nbefore: %v\nafter:  %v", root, o.key, detail, was.identity, o.identity), names: []string{o.name}}
				if o.origin != nil {
					f.names = append(f.names, o.origin.own)
				}
				faults = append(faults, f)
			}
			if o.key != was.key || o.rest != was.rest {
				add(changed, cmp.Diff(was.key+was.rest, o.key+o.rest))
				continue
			}
			if o.origin != nil && isReached && named != "" && t.isListedBeside(root, o.origin.file, path.Dir(named)) {
				continue // by what names the file itself, of which no patch of the named one knows
			}
			if o.origin == nil || !isReached || !t.isMeant(o.origin, named) {
				for k, v := range o.identity {
					if was.identity[k] != v {
						add(gained, k)
					}
				}
				for k := range was.identity {
					if o.identity[k] == "" {
						add(lost, k)
					}
				}
				continue
			}
			want := t.config.want(o)
			for k, v := range want {
				switch got := o.identity[k]; {
				case got == v:
				case got != "":
					add(differs, k)
				case k == "labels "+useKey && o.identity["template "+k] == v && t.isPasted(b, func(p *built) bool { return p.identity["template "+k] == v && p.identity[k] == "" }):
					// Pasted so, as Flux's pages say it; the webhook looks at the pod.
				default:
					add(lacks, k)
				}
			}
			for k, v := range o.identity {
				switch {
				case want[k] != "":
				case was.identity[k] == v && !isEffective(o.kind, k, v): // does nothing there
				case len(want) > 0 && !isEffective(o.kind, k, v) && t.isPasted(b, func(p *built) bool { return p.kind == o.kind && p.identity[k] == v }):
					// Nor does it here; it is in the patch that was taken over.
				case was.identity[k] == v:
					add(unasked, k)
				default:
					add(gained, k)
				}
			}
		}
	}
	return faults
}

// isPasted reports whether a controller for which the configuration is was so before, where patches may be
// taken over: what these do beside is done to all for whom they are then.
func (t *randomTree) isPasted(before []*built, is func(*built) bool) bool {
	return t.config.adopt && slices.ContainsFunc(before, func(o *built) bool { return o.origin != nil && t.isMeant(o.origin, "") && is(o) })
}

// isListedBeside reports whether a root reads a file by other ways than a layer.
func (t *randomTree) isListedBeside(dir, file, layer string) bool {
	if dir == layer || dir == file {
		return dir == file
	}
	l := t.at(dir)
	return l != nil && slices.ContainsFunc(l.entries, func(e *entry) bool { return e.ref != "" && !e.off && t.isListedBeside(e.ref, file, layer) })
}

// isEffective reports whether a cloud looks at a key there: the webhooks and the metadata server
// read the annotations of ServiceAccounts, that of AKS the label of the pod.
func isEffective(kind, key, value string) bool {
	if kind == "ServiceAccount" {
		// kustomize writes "null" where a patch with a target removes what is not there.
		return value != "null" && strings.HasPrefix(key, "annotations ")
	}
	return key == "template labels "+useKey && value == "true"
}

// verdict is what comes of a run on a tree.
type verdict struct {
	failure, detail string // of the product
	refused         string // the kind of the error
	wouldDo         bool   // what was refused
	isWarned        bool
	isRight         bool // what was done, whatever the warnings say
	stderr          string
	after           folder
}

// run runs the function on the files of the tree.
func (t *randomTree) run(tb *testing.T, f folder, output string) (after folder, stderr string, code int) {
	config := t.config.text(output)
	inStream, rest := folder{}, folder{}
	for name, text := range f {
		// kpt refuses what is no object, so that such files are in a .krmignore.
		if t.plain || !strings.HasPrefix(text, "- ") {
			inStream[name] = text
		} else {
			rest[name] = text
		}
	}
	if !t.plain {
		o := inStream.eval(tb, config)
		maps.Copy(o.folder, rest)
		return o.folder, o.stderr, o.code
	}
	var streams []krm.Stream
	for _, name := range slices.Sorted(maps.Keys(f)) {
		streams = append(streams, krm.Stream{Path: name, Text: []byte(f[name])})
	}
	var log bytes.Buffer
	list, err := krm.ParseManifests(krm.Stream{Text: []byte(config)}, streams...)
	if err != nil {
		return f, failText(err), 1
	}
	results := fn.Process(list)
	if err := krm.WriteLog(&log, list, results); err != nil {
		tb.Fatal(err)
	}
	out, err := list.Manifests()
	if err != nil {
		tb.Fatal(err)
	}
	after = folder{}
	for _, s := range out {
		after[s.Path] = string(s.Text)
	}
	return after, log.String(), results.ExitCode()
}

func failText(err error) string {
	var log bytes.Buffer
	fn.Fail(&log, err)
	return log.String()
}

// limits are words of a warning that says what could not be looked into, or comes after.
var limits = regexp.MustCompile("cannot be built here|not looked at, since it")

// isTold reports whether a warning names what a fault is about. That something could not be looked
// into does as well in kpt's way, but for somebody who gains an identity; plain manifests are all there.
func (t *randomTree) isTold(stderr string, f fault) bool {
	for line := range strings.Lines(unexpected(stderr)) {
		if !t.plain && f.kind != gained && limits.MatchString(line) {
			return true
		}
		for _, name := range f.names {
			if strings.Contains(line, name) {
				return true
			}
		}
	}
	return false
}

// judge runs the function on a tree that can be built, and lets kustomize say what it is worth.
func (t *randomTree) judge(tb *testing.T, output string, before map[string][]*built) (v verdict) {
	f := t.folder()
	defer func() {
		if r := recover(); r != nil {
			v.failure, v.detail = "panic", fmt.Sprint(r)
		}
	}()
	after, stderr, code := t.run(tb, f, output)
	v.stderr, v.after = stderr, after
	named := t.config.named
	if output == "Resources" {
		named = ""
	}
	if code != 0 {
		v.refused = kindOf(stderr, "error: ")
		if diff := cmp.Diff(f, after); diff != "" {
			v.failure, v.detail = "refused: "+changed, diff
		}
		if v.wouldDo = t.isRightWithout(output, before); v.wouldDo && proven.MatchString(v.refused) {
			v.failure, v.detail = "refused: right when forced", stderr
		}
		return v
	}
	v.isWarned = unexpected(stderr) != ""
	if strings.Contains(stderr, "cannot be built here") || t.plain && limits.MatchString(stderr) {
		v.failure, v.detail = unbuilt, stderr
		return v
	}
	how := "silent: "
	if v.isWarned {
		how = "warned of other things: "
	}
	builds, err := t.buildAll(after)
	if err != nil {
		v.failure, v.detail = how+broken, err.Error()
		return v
	}
	again, againSays, code := t.run(tb, after, output)
	if diff := cmp.Diff(after, again); diff != "" || code != 0 || !v.isWarned && unexpected(againSays) != "" {
		v.failure, v.detail = how+unstable, diff+againSays
		return v
	}
	faults := t.faults(before, builds, named)
	v.isRight = len(faults) == 0
	for _, f := range faults {
		if v.isWarned && t.isTold(stderr, f) {
			continue
		}
		v.failure, v.detail = how+f.kind, f.detail
		if v.isWarned && f.kind != gained && slices.ContainsFunc(faults, func(other fault) bool {
			return other.kind == f.kind && other.root == f.root && t.isTold(stderr, other)
		}) {
			v.failure = "warned of some, not of all: " + f.kind
		}
		return v
	}
	return v
}

var varying = regexp.MustCompile(`"[^"]*"|\[[^\]]*\]|\([^)]*\)|[\w.-]+/[\w./-]+|\S*-controller\S*|patch\d+\.yaml|\b\d+\b`)

// kindOf is the first error or warning without what varies.
func kindOf(stderr, severity string) string {
	for line := range strings.Lines(unexpected(stderr)) {
		if rest, ok := strings.CutPrefix(line, severity); ok {
			return varying.ReplaceAllString(strings.TrimSpace(rest), "_")
		}
	}
	return "nothing on stderr"
}

// proven are words of errors that a build is to show: where it would be right, they are wrong.
var proven = regexp.MustCompile("want it kept at|name its identity there|no target tells them apart|fails with the identities|changes in ")

// isRightWithout reports whether what was refused would have been right: the objects edited by hand, or the
// patches of Flux's documentation.
func (t *randomTree) isRightWithout(output string, before map[string][]*built) bool {
	if output == "Resources" {
		return t.isRightEdited(before)
	}
	return t.isRightWithDocumented(before)
}

// isRightEdited reports whether identities in the objects themselves would do.
func (t *randomTree) isRightEdited(before map[string][]*built) bool {
	f := t.folder()
	for file := range f {
		text := ""
		for _, s := range t.sources {
			if s.file != file || s.off {
				continue
			}
			n := yaml.MustParse(s.text)
			if t.isMeant(s, "") {
				for path, value := range t.config.want(&built{kind: n.GetKind(), origin: s}) {
					place, key, _ := strings.Cut(path, " ")
					at := []string{"metadata", place, key}
					if place == "template" {
						place, key, _ = strings.Cut(key, " ")
						at = []string{"spec", "template", "metadata", place, key}
					}
					if err := n.PipeE(yaml.LookupCreate(yaml.ScalarNode, at...), yaml.Set(yaml.NewStringRNode(value))); err != nil {
						panic(err)
					}
				}
			}
			text += "---\n" + n.MustString()
		}
		if text != "" {
			f[file] = text
		}
	}
	after, err := t.buildAll(f)
	return err == nil && len(t.faults(before, after, "")) == 0
}

// isRightWithDocumented reports whether the patches of Flux's documentation, as the last ones of
// the layers that list the installs, would have done what the configuration asks for.
func (t *randomTree) isRightWithDocumented(before map[string][]*built) bool {
	f := t.folder()
	c := t.config
	for _, l := range t.layers {
		var added []*entry
		for _, s := range t.sources {
			isListed := slices.ContainsFunc(l.entries, func(e *entry) bool { return e.ref == s.file && !e.off })
			if l.off || s.off || !isListed || !t.isMeant(s, "") {
				continue
			}
			kind, _, _ := strings.Cut(s.text[strings.Index(s.text, "\nkind: ")+7:], "\n")
			merge := map[string]string{}
			maps.Copy(merge, c.want(&built{kind: kind, origin: s}))
			if len(merge) == 0 {
				continue
			}
			version, body := "v1", "metadata:\n  name: any\n"
			if kind == "Deployment" {
				version = "apps/v1"
				body += "  labels:\n    " + useKey + ": \"true\"\nspec:\n  template:\n    metadata:\n      labels:\n        " + useKey + ": \"true\"\n"
			} else {
				body += "  annotations:\n"
				for _, k := range slices.Sorted(maps.Keys(merge)) {
					body += "    " + strings.TrimPrefix(k, "annotations ") + ": " + merge[k] + "\n"
				}
			}
			added = append(added, &entry{field: "patches", text: "patch: |\n" + nestText("apiVersion: "+version+"\nkind: "+kind+"\n"+body) +
				"target:\n  kind: " + kind + "\n  name: " + s.own + "\n  namespace: " + s.namespace + "\n"})
		}
		entries := l.entries
		l.entries = append(slices.Clone(entries), added...)
		if text := t.folder()[l.dir+"/kustomization.yaml"]; text != "" {
			f[l.dir+"/kustomization.yaml"] = text
		}
		l.entries = entries
	}
	for _, l := range t.layers {
		if l.off {
			delete(f, l.dir+"/kustomization.yaml")
		}
	}
	after, err := t.buildAll(f)
	return err == nil && len(t.faults(before, after, "")) == 0
}

// shrink switches off what a failure does not need.
func (t *randomTree) shrink(tb *testing.T, output, failure string) {
	still := func() bool {
		before, err := t.buildAll(t.folder())
		return err == nil && len(t.roots()) > 0 && t.judge(tb, output, before).failure == failure
	}
	for again := true; again; {
		again = false
		try := func(off *bool) {
			if *off {
				return
			}
			if *off = true; still() {
				again = true
			} else {
				*off = false
			}
		}
		for _, l := range slices.Backward(t.layers) {
			try(&l.off)
		}
		for _, l := range t.layers {
			for _, e := range l.entries {
				if !l.off {
					try(&e.off)
				}
			}
		}
		for _, s := range t.sources {
			try(&s.off)
		}
		was := *t.config
		for _, simpler := range []func(*randomConfig){
			func(c *randomConfig) { c.adopt = false },
			func(c *randomConfig) { c.named = "" },
			func(c *randomConfig) { c.namespace = "" },
			func(c *randomConfig) { c.path = "" },
			func(c *randomConfig) { c.identities = c.identities[:1] },
			func(c *randomConfig) { c.identities = c.identities[len(c.identities)-1:] },
			func(c *randomConfig) {
				c.identities = slices.Clone(c.identities)
				if i := &c.identities[0]; i.integration == "" {
					i.controllers = i.controllers[:1]
				}
			},
		} {
			simpler(t.config)
			if cmp.Equal(*t.config, was, cmp.AllowUnexported(randomConfig{}, randomIdentity{})) {
				continue
			}
			if still() {
				was, again = *t.config, true
			} else {
				*t.config = was
			}
		}
	}
}

// String writes the tree as one text, one file behind another.
func (t *randomTree) String() string {
	var b strings.Builder
	f := t.folder()
	for _, name := range slices.Sorted(maps.Keys(f)) {
		fmt.Fprintf(&b, "-- %s --\n%s", name, f[name])
	}
	return b.String()
}

// plant makes the tree of a seed; where kustomize cannot build it, a tree of the next number
// derived from it, so that each seed gives one.
func plant(seed uint64) (t *randomTree, before map[string][]*built, unbuilt int) {
	for ; ; unbuilt++ {
		t = generate(seed + uint64(unbuilt)<<32)
		if before, err := t.buildAll(t.folder()); err == nil {
			return t, before, unbuilt
		}
	}
}

// TestRandomTrees runs the function on random folders of Kustomizations around Flux installs,
// and lets kustomize judge: what passes in silence builds exactly the identities, with nobody
// else touched. What passes with warnings may be otherwise where a warning tells of it, and what
// is refused is left as it is. The flag -tree-seed N runs one tree.
func TestRandomTrees(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // half of the time is spent on garbage else
	defer func(stderr *os.File) { os.Stderr = stderr }(os.Stderr)
	os.Stderr = nil // where kustomize says which fields are deprecated
	first, n := *treeFrom, uint64(200)
	if testenv.All() {
		n = 2000
	}
	if *treeN != 0 {
		n = *treeN
	}
	if *treeSeed != 0 {
		first, n = *treeSeed, 1
	}
	t.Logf("seeds %d to %d", first, first+n-1)
	count := map[string]int{}
	failures, refusals, warned, features := map[string][]uint64{}, map[string]int{}, map[string]int{}, map[string]int{}
	shown := map[string]bool{}
	for seed := first; seed < first+n; seed++ {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			tree, before, unbuilt := plant(seed)
			count["trees"]++
			count["trees that kustomize does not build, planted anew"] += unbuilt
			for _, f := range tree.features() {
				features[f]++
			}
			isFailed := false
			for _, output := range []string{"Resources", "Patches"} {
				v := tree.judge(t, output, before)
				switch {
				case v.failure != "":
					count[output+": failed"]++
					isFailed = true
				case v.refused != "":
					count[output+": refused"]++
					would := ""
					if v.wouldDo {
						count[output+": refused, though it would do"]++
						would = " (it would do)"
					}
					refusals[output+": "+v.refused+would]++
				case v.isWarned && v.isRight:
					count[output+": right, with warnings"]++
					warned[output+": "+kindOf(v.stderr, "warning: ")]++
				case v.isWarned:
					count[output+": not right, and a warning tells of it"]++
				default:
					count[output+": right, in silence"]++
				}
				if v.failure == "" {
					if *treeSeed != 0 {
						t.Logf("%s: %+v\n%s", output, v.stderr, tree)
					}
					continue
				}
				if *treeSeed != 0 {
					t.Logf("%s, before shrinking:\n%s\n%s%s", output, tree, tree.config.text(output), v.stderr)
				}
				small, _, _ := plant(seed)
				small.shrink(t, output, v.failure)
				kind := output + ": " + v.failure + ": " + strings.Join(small.features(), ", ")
				failures[kind] = append(failures[kind], seed)
				if shown[kind] {
					t.Errorf("seed %d: %s", seed, kind)
					continue
				}
				shown[kind] = true
				smallBefore, err := small.buildAll(small.folder())
				if err != nil {
					t.Fatal(err)
				}
				v = small.judge(t, output, smallBefore)
				t.Errorf("seed %d: %s\n%s\nstderr:\n%s\nplain manifests: %v\n-- config --\n%s%s-- after --\n%s", seed, kind, v.detail, v.stderr, small.plain,
					small.config.text(output), small, changedFiles(small.folder(), v.after))
			}
			if isFailed {
				count["trees that fail"]++
			}
		})
	}
	log := func(title string, lines []string) {
		slices.Sort(lines)
		t.Logf("%s:\n%s", title, strings.Join(lines, "\n"))
	}
	lines := func(of map[string]int) (lines []string) {
		for name, n := range of {
			lines = append(lines, fmt.Sprintf("%6d %s", n, name))
		}
		return lines
	}
	log("counts", lines(count))
	log("features", lines(features))
	log("errors of refused trees", lines(refusals))
	log("first warnings of trees that are right", lines(warned))
	var failed []string
	for kind, seeds := range failures {
		failed = append(failed, fmt.Sprintf("%6d %s (seeds %v)", len(seeds), kind, seeds[:min(len(seeds), 5)]))
	}
	log("failures", failed)
}

// changedFiles are the files that differ, as they are afterwards.
func changedFiles(before, after folder) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if after[name] != before[name] {
			fmt.Fprintf(&b, "-- %s --\n%s", name, after[name])
		}
	}
	return b.String()
}

// TestRandomTreesOnDisk builds random trees with the kustomize command and with Flux's own code:
// the judge of TestRandomTrees sees what they see.
func TestRandomTreesOnDisk(t *testing.T) {
	n := uint64(10)
	if testenv.All() {
		n = 60
	}
	for seed := uint64(1); seed <= n; seed++ {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			tree := generate(seed)
			f := tree.folder()
			dir := testenv.Files(t, f)
			for _, root := range tree.roots() {
				if root == path.Dir(syncFile) {
					checkAsFlux(t, f)
					continue
				}
				want := ""
				resources, err := f.buildRoot(root)
				if err == nil {
					text, err := resources.AsYaml()
					if err != nil {
						t.Fatal(err)
					}
					want = string(text)
				}
				got, stderr, code := testenv.Run(t, dir, testenv.Kustomize(t), "build", "--load-restrictor", "LoadRestrictionsNone", "--reorder", "none", root)
				if diff := cmp.Diff(want, got); diff != "" || (err == nil) != (code == 0) {
					t.Errorf("%s: -here +kustomize:\n%s\n%s\n%v", root, diff, stderr, err)
				}
				got, stderr, code = testenv.Run(t, dir, testenv.FluxBuild(t), dir, filepath.Join(dir, root))
				if diff := cmp.Diff(want, got); diff != "" || (err == nil) != (code == 0) {
					t.Errorf("%s: -here +Flux:\n%s\n%s\n%v", root, diff, stderr, err)
				}
			}
		})
	}
}

// checkAsFlux checks that Flux builds what the judge takes it to build, but for what it sets afterwards.
func checkAsFlux(t *testing.T, f folder) {
	t.Helper()
	as, root, _, err := f.asFlux()
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	resources, buildErr := as.buildRoot(root)
	if buildErr == nil {
		text, err := resources.AsYaml()
		if err != nil {
			t.Fatal(err)
		}
		want = string(text)
	}
	dir := testenv.Files(t, f)
	got, stderr, code := testenv.Run(t, dir, testenv.FluxBuild(t), dir, filepath.Join(dir, root), filepath.Join(dir, syncFile))
	if diff := cmp.Diff(want, got); diff != "" || (buildErr == nil) != (code == 0) {
		t.Errorf("%s: -here +Flux:\n%s\n%s\n%v", root, diff, stderr, buildErr)
	}
}
