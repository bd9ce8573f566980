package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/internal/testenv"
)

var clouds = []string{"aws", "azure", "gcp"}

// What the bad configurations hold, and what must be said of it.
const (
	goodRole = "arn:aws:iam::111122223333:role/flux-ecr"
	badRole  = "arn:aws:iam::1111:role/x"
	badWant  = `"arn:aws:iam::1111:role/x": want arn:PARTITION:iam::ACCOUNT:role/NAME with a 12-digit account`
)

// restricted is docker run with everything taken away that can be, and further flags.
func restricted(image, user string, flags ...string) []string {
	return slices.Concat([]string{
		"docker", "run", "--rm", "-i", "--network", "none", "--read-only", "--cap-drop", "ALL",
		"--security-opt=no-new-privileges", "--user", user,
	}, flags, []string{image})
}

// example returns the path of a file of the examples.
func example(path ...string) string {
	return filepath.Join(append([]string{testenv.Root, "examples"}, path...)...)
}

// copyExamples returns a copy of the examples, in which a test may write.
func copyExamples(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(example())); err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// spoil puts a bad role into a file.
func spoil(t *testing.T, file string) {
	t.Helper()
	text := testenv.Read(t, file)
	if !strings.Contains(text, goodRole) {
		t.Fatalf("%s: no %s", file, goodRole)
	}
	write(t, file, strings.Replace(text, goodRole, badRole, 1))
}

// resourceList makes of a stream and a configuration what orchestrators send.
func resourceList(t *testing.T, stream, config string) string {
	t.Helper()
	nodes, err := (&kio.ByteReader{Reader: strings.NewReader(stream)}).Read()
	if err != nil {
		t.Fatal(err)
	}
	var list bytes.Buffer
	err = kio.ByteWriter{
		Writer: &list, FunctionConfig: yaml.MustParse(config), KeepReaderAnnotations: true,
		WrappingKind: kio.ResourceListKind, WrappingAPIVersion: kio.ResourceListAPIVersion,
	}.Write(nodes)
	if err != nil {
		t.Fatal(err)
	}
	return list.String()
}

// exampleList is the ResourceList of an example.
func exampleList(t *testing.T, cloud string) string {
	t.Helper()
	return resourceList(t, testenv.Read(t, example("flux-system", "gotk-components.yaml")), testenv.Read(t, example(cloud, "workload-identity.yaml")))
}

// largestList is a ResourceList of the largest real install.
func largestList(t *testing.T) string {
	t.Helper()
	size := func(file string) int { return len(testenv.Read(t, file)) }
	file := slices.MaxFunc(testenv.Corpus(t), func(a, b string) int { return size(a) - size(b) })
	return resourceList(t, testenv.Read(t, file), testenv.Read(t, example("aws", "workload-identity.yaml")))
}

// items returns the items of a list, each as YAML.
func items(t *testing.T, list string) (all []string) {
	t.Helper()
	nodes, err := (&kio.ByteReader{Reader: strings.NewReader(list), OmitReaderAnnotations: true}).Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range nodes {
		all = append(all, node.MustString())
	}
	return all
}

// build runs kustomize on a folder, with the flag for container functions alone.
func build(t *testing.T, dir string) (stdout, stderr string, code int) {
	t.Helper()
	return testenv.Run(t, dir, testenv.Kustomize(t), "build", "--enable-alpha-plugins", ".")
}

// mustBuild returns what kustomize makes of a folder, quietly.
func mustBuild(t *testing.T, dir string) string {
	t.Helper()
	stdout, stderr, code := build(t, dir)
	if code != 0 || stderr != "" {
		t.Fatalf("kustomize build %s: exit %d\n%s", dir, code, stderr)
	}
	return stdout
}

// checkChange compares what changed in the install with what the example expects.
func checkChange(t *testing.T, cloud, after string) {
	t.Helper()
	want := testenv.Read(t, example(cloud, "expected.diff"))
	if diff := cmp.Diff(want, testenv.Diff(t, mustBuild(t, example("flux-system")), after)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
