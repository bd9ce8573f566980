package files

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/fn/krm"
	"flux-workload-identity/internal/testenv"
)

// lines takes each line of a file that is named as a Kustomization for an entry of it.
func lines(s krm.Stream) []string {
	if !strings.Contains(s.Path, "ustomization") {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(s.Text), "\n"), "\n")
}

// TestBeside checks which files are read, by what is named, and that each is the right one.
func TestBeside(t *testing.T) {
	const prod = "clusters/prod/kustomization.yaml"
	cases := map[string]struct {
		reason string
		files  map[string]string // in a folder of the test; those of repo/ are in a repository
		links  map[string]string // what they lead to, from where they are; TOP for that folder
		here   string            // the working folder, repo by default
		given  []string          // in which TOP stands for that folder
		want   []string
	}{
		"None":          {"what is no Kustomization lists nothing", map[string]string{"repo/a.yaml": "b.yaml", "repo/b.yaml": ""}, nil, "", []string{"a.yaml"}, nil},
		"Files":         {"in their order, each once", map[string]string{"repo/kustomization.yaml": "b.yaml\na.yaml\n./b.yaml\nx/../a.yaml", "repo/a.yaml": "", "repo/b.yaml": ""}, nil, "", []string{"kustomization.yaml"}, []string{"b.yaml", "a.yaml"}},
		"Folders":       {"with what their own Kustomizations list, in any of its names, and with nothing else", map[string]string{"repo/" + prod: "../flux\n../comp\nempty", "repo/clusters/flux/kustomization.yml": "x.yaml\n../deep", "repo/clusters/flux/x.yaml": "", "repo/clusters/flux/y.yaml": "", "repo/clusters/comp/Kustomization": "p.yaml", "repo/clusters/comp/p.yaml": "", "repo/clusters/deep/kustomization.yaml": "z.yaml", "repo/clusters/deep/z.yaml": "", "repo/clusters/prod/empty/a.yaml": ""}, nil, "", []string{prod}, []string{"clusters/flux/kustomization.yml", "clusters/flux/x.yaml", "clusters/deep/kustomization.yaml", "clusters/deep/z.yaml", "clusters/comp/Kustomization", "clusters/comp/p.yaml"}},
		"ListedFile":    {"kustomize takes no file for a folder", map[string]string{"repo/kustomization.yaml": "a/kustomization.yaml", "repo/a/kustomization.yaml": "b.yaml", "repo/a/b.yaml": ""}, nil, "", []string{"kustomization.yaml"}, []string{"a/kustomization.yaml"}},
		"Cycle":         {"which kustomize refuses", map[string]string{"repo/a/kustomization.yaml": "../b\n.\nx.yaml", "repo/b/kustomization.yaml": "../a\n../b", "repo/a/x.yaml": ""}, nil, "", []string{"a/kustomization.yaml"}, []string{"b/kustomization.yaml", "a/x.yaml"}},
		"CycleBelow":    {"among those that are read", map[string]string{"repo/kustomization.yaml": "a", "repo/a/kustomization.yaml": "../b", "repo/b/kustomization.yaml": "../a"}, nil, "", []string{"kustomization.yaml"}, []string{"a/kustomization.yaml", "b/kustomization.yaml"}},
		"Given":         {"a file that is an argument is not read twice", map[string]string{"repo/" + prod: "../flux\n../flux/x.yaml", "repo/clusters/flux/kustomization.yaml": "x.yaml\ny.yaml", "repo/clusters/flux/x.yaml": "", "repo/clusters/flux/y.yaml": ""}, nil, "", []string{prod, "clusters/flux/x.yaml", "clusters/flux/kustomization.yaml"}, []string{"clusters/flux/y.yaml"}},
		"GivenSpelling": {"however it is spelt", map[string]string{"repo/" + prod: "../flux/x.yaml\n../flux/y.yaml\n../flux/z.yaml", "repo/clusters/flux/x.yaml": "", "repo/clusters/flux/y.yaml": "", "repo/clusters/flux/z.yaml": ""}, map[string]string{"repo/l.yaml": "clusters/flux/z.yaml"}, "", []string{"./clusters//prod/kustomization.yaml", "TOP/repo/clusters/flux/x.yaml", "l.yaml"}, []string{"clusters/flux/y.yaml"}},
		"Absolute":      {"names begin as that of the argument does", map[string]string{"repo/" + prod: "../flux/x.yaml", "repo/clusters/flux/x.yaml": ""}, nil, "", []string{"TOP/repo/" + prod}, []string{"TOP/repo/clusters/flux/x.yaml"}},
		"Upwards":       {"the repository is more than the working folder", map[string]string{"repo/" + prod: "../flux", "repo/clusters/flux/kustomization.yaml": "../../x.yaml", "repo/x.yaml": ""}, nil, "repo/clusters/prod", []string{"kustomization.yaml"}, []string{"../flux/kustomization.yaml", "../../x.yaml"}},
		"NoRepository":  {"where there is none the working folder is all", map[string]string{"other/a/kustomization.yaml": "../x.yaml\n../../y.yaml", "other/x.yaml": "", "y.yaml": ""}, nil, "other", []string{"a/kustomization.yaml"}, []string{"x.yaml"}},
		"Worktree":      {"where .git is a file", map[string]string{"tree/.git": "gitdir: x", "tree/a/kustomization.yaml": "../x.yaml", "tree/x.yaml": ""}, nil, "tree/a", []string{"kustomization.yaml"}, []string{"../x.yaml"}},
		"Inner":         {"the nearest counts", map[string]string{"repo/sub/.git": "", "repo/sub/kustomization.yaml": "../x.yaml\ny.yaml", "repo/x.yaml": "", "repo/sub/y.yaml": ""}, nil, "repo/sub", []string{"kustomization.yaml"}, []string{"y.yaml"}},
		"Above":         {"above the repository nothing is read", map[string]string{"repo/kustomization.yaml": "../secret.yaml\n../../../../../../../../etc/passwd\n..\n../other", "secret.yaml": "", "kustomization.yaml": "", "other/kustomization.yaml": ""}, nil, "", []string{"kustomization.yaml"}, nil},
		"AboveAndBack":  {"a way that comes back is one inside", map[string]string{"repo/kustomization.yaml": "../repo/x.yaml", "repo/x.yaml": ""}, nil, "", []string{"kustomization.yaml"}, []string{"../repo/x.yaml"}},
		"Neighbour":     {"whose name begins as that of the repository", map[string]string{"repo/kustomization.yaml": "../repo2/x.yaml", "repo2/x.yaml": ""}, nil, "", []string{"kustomization.yaml"}, nil},
		"AbsoluteName":  {"inside or not, it would be another elsewhere", map[string]string{"repo/kustomization.yaml": "/etc/passwd\nTOP/repo/x.yaml\nTOP/y.yaml\n/x.yaml", "repo/x.yaml": "", "y.yaml": ""}, nil, "", []string{"kustomization.yaml"}, nil},
		"Remote":        {"even where such a file is there", map[string]string{"repo/kustomization.yaml": "https://example.com/x.yaml\ngithub.com/fluxcd/flux2/manifests/install?ref=v2.7.5\ngit@github.com:a/b\nssh://x", "repo/https:/example.com/x.yaml": ""}, nil, "", []string{"kustomization.yaml"}, nil},
		"Outside":       {"an argument outside has nothing beside it, even what is inside", map[string]string{"other/kustomization.yaml": "x.yaml\n../repo/y.yaml", "other/x.yaml": "", "repo/y.yaml": ""}, nil, "", []string{"../other/kustomization.yaml", "TOP/other/kustomization.yaml"}, nil},
		"Missing":       {"what is not there, or has no name", map[string]string{"repo/kustomization.yaml": "x.yaml\n\ny\n../z\na\x00b\na.yaml/b.yaml", "repo/a.yaml": ""}, nil, "", []string{"kustomization.yaml"}, nil},

		"LinkOut":       {"a symbolic link does not lead out of the repository", map[string]string{"repo/kustomization.yaml": "x.yaml\ny.yaml\ndir\ndir/z.yaml\nflux", "secret.yaml": "", "other/kustomization.yaml": "z.yaml", "other/z.yaml": "", "repo/flux/a.yaml": ""}, map[string]string{"repo/x.yaml": "../secret.yaml", "repo/y.yaml": "TOP/secret.yaml", "repo/dir": "../other", "repo/flux/kustomization.yaml": "../../other/kustomization.yaml"}, "", []string{"kustomization.yaml"}, nil},
		"LinkInside":    {"but within it", map[string]string{"repo/kustomization.yaml": "x.yaml\ndir", "repo/a/y.yaml": "", "repo/b/kustomization.yaml": "z.yaml", "repo/b/z.yaml": ""}, map[string]string{"repo/x.yaml": "a/y.yaml", "repo/dir": "b"}, "", []string{"kustomization.yaml"}, []string{"x.yaml", "dir/kustomization.yaml", "dir/z.yaml"}},
		"LinkElsewhere": {"from where it leads to, .. is another folder than from where it lies, and kustomize takes that one", map[string]string{"repo/kustomization.yaml": "dir", "repo/a/b/kustomization.yaml": "../x.yaml\n../y.yaml\nz.yaml", "repo/a/b/z.yaml": "", "repo/a/x.yaml": "", "repo/x.yaml": "wrong", "repo/a/y.yaml": ""}, map[string]string{"repo/dir": "a/b"}, "", []string{"kustomization.yaml"}, []string{"dir/kustomization.yaml", "dir/z.yaml"}},
		"LinkGiven":     {"of an argument too, and .. after a link is none of its name", map[string]string{"repo/a/b/kustomization.yaml": "../x.yaml\nz.yaml", "repo/a/b/z.yaml": "", "repo/x.yaml": "wrong", "repo/a/x.yaml": "", "repo/a/kustomization.yaml": "x.yaml", "repo/kustomization.yaml": "x.yaml"}, map[string]string{"repo/dir": "a/b"}, "", []string{"dir/kustomization.yaml", "dir/../kustomization.yaml"}, []string{"dir/z.yaml"}},
		"LinkCircle":    {"which never ends", map[string]string{"repo/kustomization.yaml": "x.yaml\ny.yaml", "repo/y.yaml": ""}, map[string]string{"repo/x.yaml": "x.yaml"}, "", []string{"kustomization.yaml"}, []string{"y.yaml"}},
		"LinkHere":      {"the working folder has another name", map[string]string{"repo/a/kustomization.yaml": "../x.yaml", "repo/x.yaml": "", "x.yaml": "wrong"}, map[string]string{"here": "repo/a"}, "here", []string{"kustomization.yaml"}, []string{"../x.yaml"}},
		"LinkAbsolute":  {"and an argument begins with it", map[string]string{"repo/a/kustomization.yaml": "../x.yaml", "repo/x.yaml": ""}, map[string]string{"here": "repo"}, "here", []string{"TOP/here/a/kustomization.yaml"}, []string{"TOP/here/x.yaml"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			top, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			place := func(name string) string { return strings.Replace(name, "TOP", top, 1) }
			write := func(name, text string) {
				file := filepath.Join(top, name)
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			write("repo/.git/HEAD", "")
			for name, text := range tc.files {
				write(name, strings.ReplaceAll(text, "TOP", top))
			}
			for name, to := range tc.links {
				if err := os.Symlink(place(to), filepath.Join(top, name)); err != nil {
					t.Fatal(err)
				}
			}
			here := tc.here
			if here == "" {
				here = "repo"
			}
			t.Chdir(filepath.Join(top, here))
			var given []krm.Stream
			for _, name := range tc.given {
				text, err := os.ReadFile(place(name))
				if err != nil {
					t.Fatal(err)
				}
				given = append(given, krm.Stream{Path: place(name), Text: text})
			}
			var got, want []string
			for _, s := range readBeside(given, lines) {
				got = append(got, s.Path)
				if !s.Beside || string(s.Text) != testenv.Read(t, "", s.Path) || string(s.Text) == "wrong" {
					t.Errorf("%s: %+v", tc.reason, s)
				}
			}
			for _, name := range tc.want {
				want = append(want, place(name))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestBesideBounds checks that nothing that does not end, or is too much, is read.
func TestBesideBounds(t *testing.T) {
	dir := testenv.Files(t, map[string]string{"kustomization.yaml": "pipe\nnull\nlarge\nlargest\nnone.yaml\na.yaml\n", "a.yaml": ""})
	t.Chdir(dir)
	pipe, err := exec.Command("mkfifo", "pipe").CombinedOutput() // to read it would wait for a writer
	if err != nil {
		t.Skipf("%v: %s", err, pipe)
	}
	if err := os.Symlink(os.DevNull, "null"); err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]int64{"large": maxBesideSize + 1, "largest": maxBesideSize} {
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(name, size); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile("none.yaml", nil, 0); err != nil {
		t.Fatal(err)
	}
	want := []string{"largest", "a.yaml"}
	if os.Geteuid() == 0 { // who may read it all the same
		want = []string{"largest", "none.yaml", "a.yaml"}
	}
	var got []string
	for _, s := range readBeside([]krm.Stream{{Path: "kustomization.yaml", Text: []byte(testenv.Read(t, dir, "kustomization.yaml"))}}, lines) {
		got = append(got, s.Path)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestBesideStdin checks that what came without a folder has nothing beside it.
func TestBesideStdin(t *testing.T) {
	t.Chdir(testenv.Files(t, map[string]string{"a.yaml": ""}))
	all := func(krm.Stream) []string { return []string{"a.yaml"} }
	if got := readBeside([]krm.Stream{{Text: []byte("kind: Kustomization\n")}}, all); len(got) > 0 {
		t.Errorf("%+v", got)
	}
}

// TestBesideMany checks that there is an end to the files.
func TestBesideMany(t *testing.T) {
	t.Chdir(testenv.Files(t, map[string]string{"a": ""}))
	var names strings.Builder
	for n := range maxBeside + 10 {
		name := fmt.Sprintf("f%d", n)
		if err := os.Link("a", name); err != nil {
			t.Skip(err)
		}
		names.WriteString(name + "\n")
	}
	if got := readBeside([]krm.Stream{{Path: "kustomization.yaml", Text: []byte(names.String())}}, lines); len(got) != maxBeside {
		t.Errorf("%d files, want %d", len(got), maxBeside)
	}
}
