package fn_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/internal/testenv"
)

// kptEval runs kpt with a function on a folder, and returns what kpt prints.
func kptEval(t *testing.T, dir, exec string, arguments ...string) string {
	t.Helper()
	_, stderr, code := testenv.Run(t, dir, append([]string{testenv.Kpt(t), "fn", "eval", ".", "--exec", exec}, arguments...)...)
	if code != 0 {
		t.Fatalf("exit %d\n%s", code, stderr)
	}
	return stderr
}

// configFile writes a configuration outside the folders that kpt reads.
func configFile(t *testing.T, config string) string {
	t.Helper()
	return filepath.Join(testenv.Files(t, map[string]string{"config.yaml": config}), "config.yaml")
}

const (
	fleetKustomization = "flux-system/kustomization.yaml"
	fleetComponents    = "flux-system/gotk-components.yaml"
)

// oldestAndNewest returns real installs at the ends of what is known.
func oldestAndNewest(t *testing.T) (oldest, newest string) {
	t.Helper()
	files := testenv.Corpus(t)
	return testenv.Read(t, files[0]), testenv.Read(t, files[len(files)-1])
}

// TestKptPatches is the way of the README: on a folder as flux bootstrap leaves it, one
// command of kpt adds the patches. What Flux builds of it has the controllers that the
// documentation's patches give, and loses nothing when gotk-components.yaml is written
// anew from another version.
func TestKptPatches(t *testing.T) {
	testenv.Kpt(t)
	oldest, newest := oldestAndNewest(t)
	files := fleet(newest)
	baseline := testenv.Files(t, files)
	kptEval(t, baseline, "/bin/cat")
	for _, cloud := range clouds() {
		t.Run(cloud, func(t *testing.T) {
			t.Parallel()
			dir, config := testenv.Files(t, files), configFile(t, toPatches(cloud))
			kptEval(t, dir, "flux-workload-identity", "--fn-config", config)
			checkAddedLines(t, tree(t, baseline), tree(t, dir), fleetKustomization)
			first := tree(t, dir)
			kptEval(t, dir, "flux-workload-identity", "--fn-config", config)
			if diff := cmp.Diff(first, tree(t, dir)); diff != "" {
				t.Errorf("a second run changed something:\n%s", diff)
			}

			for version, install := range map[string]string{"the same": newest, "another": oldest} {
				documented := fleet(install)
				documented[fleetKustomization] += "patches:" + parities[cloud].patches
				want, stderr, code := fluxBuild(t, filepath.Join(testenv.Files(t, documented), "flux-system"))
				if code != 0 {
					t.Fatal(stderr)
				}
				if err := os.WriteFile(filepath.Join(dir, fleetComponents), []byte(install), 0o644); err != nil {
					t.Fatal(err)
				}
				got, stderr, code := fluxBuild(t, filepath.Join(dir, "flux-system"))
				if code != 0 {
					t.Fatal(stderr)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s version: -patches of the documentation +ours:\n%s", version, diff)
				}
			}
		})
	}
}

// checkAddedLines checks that one tree is the other, but for lines that are added to one file.
func checkAddedLines(t *testing.T, want, got map[string]string, files ...string) {
	t.Helper()
	for _, file := range files {
		diff := lineDiff(t, want[file], got[file])
		if len(diff) == 0 {
			t.Errorf("%s: nothing is added", file)
		}
		for _, line := range diff {
			if line[0] == '-' {
				t.Errorf("%s: a line is gone: %q\n%s", file, line, got[file])
			}
		}
	}
	for _, file := range slices.Sorted(maps.Keys(want)) {
		if diff := cmp.Diff(want[file], got[file]); diff != "" && !slices.Contains(files, file) {
			t.Errorf("%s: changed:\n%s", file, diff)
		}
	}
	if len(want) != len(got) {
		t.Errorf("%d files, want %d", len(got), len(want))
	}
}

// TestKptPatchesByKeys is the same without a file of configuration, and with a
// kustomization as it is written by hand.
func TestKptPatchesByKeys(t *testing.T) {
	testenv.Kpt(t)
	files := fleet(testenv.Read(t, testenv.Root, exampleInstall))
	files[fleetKustomization] = "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n"
	baseline, dir := testenv.Files(t, files), testenv.Files(t, files)
	kptEval(t, baseline, "/bin/cat")
	arguments := []string{"--", "cloud=aws", "ecr=arn:aws:iam::111122223333:role/flux-ecr", "output=Patches"}
	kptEval(t, dir, "flux-workload-identity", arguments...)
	first := tree(t, dir)
	checkAddedLines(t, tree(t, baseline), first, fleetKustomization)
	if !strings.Contains(first[fleetKustomization], "      name: flux-workload-identity-aws\n") {
		t.Errorf("want patches with the name of the cloud:\n%s", first[fleetKustomization])
	}
	kptEval(t, dir, "flux-workload-identity", arguments...)
	if diff := cmp.Diff(first, tree(t, dir)); diff != "" {
		t.Errorf("a second run changed something:\n%s", diff)
	}
}

// TestKptRecipes checks the two ways to keep what kpt reformats out of the commit: to hide
// the files of Flux from it, for which nothing is checked, and to restore them afterwards.
// Both leave the same kustomization.
func TestKptRecipes(t *testing.T) {
	testenv.Kpt(t)
	_, newest := oldestAndNewest(t)
	config := configFile(t, toPatches("azure"))
	repository := func(files map[string]string) string {
		dir := testenv.Files(t, files)
		git(t, dir, "init", "--quiet")
		git(t, dir, "add", ".")
		git(t, dir, "commit", "--quiet", "-m", "bootstrap")
		return dir
	}

	ignoring := fleet(newest)
	ignoring[".krmignore"] = "gotk-*.yaml\n"
	hidden := repository(ignoring)
	said := kptEval(t, hidden, "flux-workload-identity", "--fn-config", config)
	if !strings.Contains(said, "[warning] kustomize.config.k8s.io/v1beta1/Kustomization/flux-system/kustomization.yaml resources[0]: \"gotk-components.yaml\": not looked at, ") {
		t.Errorf("want a warning that the controllers are not checked:\n%s", said)
	}
	restored := repository(fleet(newest))
	said = kptEval(t, restored, "flux-workload-identity", "--fn-config", config)
	if strings.Contains(said, "not looked at") {
		t.Errorf("the controllers are in the stream:\n%s", said)
	}
	if changed := git(t, restored, "status", "--porcelain"); !strings.Contains(changed, "gotk-components.yaml") {
		t.Errorf("kpt reformats nothing, the recipe is of no use:\n%s", changed)
	}
	git(t, restored, "restore", "flux-system/gotk-*.yaml")

	for recipe, dir := range map[string]string{"hidden": hidden, "restored": restored} {
		if changed := git(t, dir, "status", "--porcelain"); changed != " M "+fleetKustomization+"\n" {
			t.Errorf("%s: want one changed file:\n%s", recipe, changed)
		}
		if diff := git(t, dir, "diff", "--numstat"); !strings.HasSuffix(diff, "\t0\t"+fleetKustomization+"\n") {
			t.Errorf("%s: want added lines only:\n%s", recipe, git(t, dir, "diff"))
		}
	}
	if diff := cmp.Diff(tree(t, hidden)[fleetKustomization], tree(t, restored)[fleetKustomization]); diff != "" {
		t.Errorf("-hidden +restored:\n%s", diff)
	}
}

// git runs git as nobody in particular, whatever the machine is set to.
func git(t *testing.T, dir string, arguments ...string) string {
	t.Helper()
	command := append([]string{"git", "-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false"}, arguments...)
	stdout, stderr, code := testenv.Run(t, dir, command...)
	if code != 0 {
		t.Fatalf("git %s: exit %d\n%s", strings.Join(arguments, " "), code, stderr)
	}
	return stdout
}

// TestKptUsersPatches runs kpt on users' patches of every style, one folder each.
func TestKptUsersPatches(t *testing.T) {
	testenv.Kpt(t)
	install := controllersOnly(t)
	files := map[string]string{"Kptfile": "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: fleet\n"}
	var kustomizations []string
	for i, name := range slices.Sorted(maps.Keys(styles)) {
		for variant, last := range map[string]bool{"last": true, "amid": false, "windows": true} {
			dir := filepath.Join(variant, fmt.Sprint("style", i))
			for file, text := range styled(install, styles[name], last) {
				if variant == "windows" && file == "kustomization.yaml" {
					text = strings.ReplaceAll(text, "\n", "\r\n")
				}
				files[filepath.Join(dir, file)] = text
			}
			kustomizations = append(kustomizations, filepath.Join(dir, "kustomization.yaml"))
		}
	}
	baseline, dir := testenv.Files(t, files), testenv.Files(t, files)
	kptEval(t, baseline, "/bin/cat")
	config := configFile(t, strings.Replace(toPatches("azure"), "spec:\n", "spec:\n  path: \"**\"\n", 1))
	kptEval(t, dir, "flux-workload-identity", "--fn-config", config)
	first := tree(t, dir)
	checkAddedLines(t, tree(t, baseline), first, kustomizations...)
	for _, file := range kustomizations {
		got := folder(first).build(t, filepath.Dir(file))
		f := folder{}
		for name, text := range files {
			if rest, ok := strings.CutPrefix(name, filepath.Dir(file)+"/"); ok {
				f[rest] = text
			}
		}
		if diff := cmp.Diff(documented(f, "azure").build(t, "."), got); diff != "" {
			t.Errorf("%s: -the documentation's patches last +ours:\n%s", file, diff)
		}
	}
	kptEval(t, dir, "flux-workload-identity", "--fn-config", config)
	if diff := cmp.Diff(first, tree(t, dir)); diff != "" {
		t.Errorf("a second run changed something:\n%s", diff)
	}
}
