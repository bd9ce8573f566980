package e2e

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/internal/testenv"
)

// TestImage checks what is in the image, and that it is small.
func TestImage(t *testing.T) {
	image := testenv.Image(t)
	const format = `{{.Size}} {{.Config.User}} {{json .Config.Entrypoint}} {{json .Config.Cmd}} {{json .Config.Env}} {{index .Config.Labels "org.opencontainers.image.licenses"}}`
	text, stderr, _ := testenv.Run(t, ".", "docker", "image", "inspect", "--format", format, image)
	size, config, _ := strings.Cut(strings.TrimSpace(text), " ")
	if n, err := strconv.Atoi(size); err != nil || n > 15_000_000 {
		t.Errorf("size %s, want at most 15 MB\n%s", size, stderr)
	}
	const want = `65534:65534 ["/flux-workload-identity"] null ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","GOMAXPROCS=4"] Apache-2.0`
	if config != want {
		t.Errorf("got  %s\nwant %s", config, want)
	}

	id, stderr, code := testenv.Run(t, ".", "docker", "create", image)
	if code != 0 {
		t.Fatal(stderr)
	}
	id = strings.TrimSpace(id)
	defer testenv.Run(t, ".", "docker", "rm", id)
	export, _, _ := testenv.Run(t, ".", "docker", "export", id)
	var files []string
	for archive := tar.NewReader(strings.NewReader(export)); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if header.Typeflag != tar.TypeDir && header.Size > 0 { // those of the engine are empty
			files = append(files, header.Name)
		}
	}
	slices.Sort(files)
	if diff := cmp.Diff([]string{"LICENSE", "etc/passwd", "flux-workload-identity"}, files); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestDockerManifests runs the image on plain manifests, with the configuration mounted.
func TestDockerManifests(t *testing.T) {
	image := testenv.Image(t)
	for _, cloud := range clouds {
		t.Run(cloud, func(t *testing.T) {
			install := testenv.Read(t, example("flux-system", "gotk-components.yaml"))
			stdout, stderr, code := testenv.Feed(t, install, example(cloud), "sh", "-c",
				"docker run --rm -i --network none --read-only --cap-drop ALL -v $PWD/workload-identity.yaml:/config.yaml:ro "+image+" --fn-config /config.yaml")
			if code != 0 || stderr != "" {
				t.Fatalf("exit %d\n%s", code, stderr)
			}
			by := testenv.Files(t, map[string]string{"kustomization.yaml": "resources:\n- a.yaml\n", "a.yaml": stdout})
			if diff := cmp.Diff(mustBuild(t, example(cloud, "container")), mustBuild(t, by)); diff != "" {
				t.Errorf("-kustomize +plain:\n%s", diff)
			}
		})
	}
}

// TestDocker runs the image by hand on every example, and on a bad configuration.
func TestDocker(t *testing.T) {
	image := testenv.Image(t)
	for _, cloud := range clouds {
		t.Run(cloud, func(t *testing.T) { checkDocker(t, image, exampleList(t, cloud), 0) })
	}
	t.Run("bad", func(t *testing.T) {
		bad := strings.Replace(exampleList(t, "aws"), goodRole, badRole, 1)
		stdout, stderr := checkDocker(t, image, bad, 1)
		if diff := cmp.Diff(items(t, bad), items(t, stdout)); diff != "" {
			t.Errorf("items changed:\n%s", diff)
		}
		if !strings.Contains(stderr, "error: spec.aws.identities[0].roleARN: "+badWant+"\n") {
			t.Errorf("stderr:\n%s", stderr)
		}
	})
}

// checkDocker compares what the image prints with what the binary prints outside.
func checkDocker(t *testing.T, image, list string, want int, flags ...string) (stdout, stderr string) {
	t.Helper()
	stdout, stderr, code := testenv.Feed(t, list, ".", testenv.Function(t))
	if code != want || code == 0 && slices.Equal(items(t, list), items(t, stdout)) {
		t.Fatalf("outside: exit %d, want %d, and changes with 0\n%s", code, want, stderr)
	}
	for _, user := range []string{"nobody", "12345"} {
		out, log, code := testenv.Feed(t, list, ".", restricted(image, user, flags...)...)
		if code != want {
			t.Errorf("user %s: exit %d, want %d", user, code, want)
		}
		if diff := cmp.Diff([]string{stdout, stderr}, []string{out, log}); diff != "" {
			t.Errorf("user %s: -outside +inside:\n%s", user, diff)
		}
	}
	return stdout, stderr
}

// TestLimits runs the largest install with little memory and few threads.
func TestLimits(t *testing.T) {
	checkDocker(t, testenv.Image(t), largestList(t), 0, "--memory", "64m", "--memory-swap", "64m", "--pids-limit", "16")
}

// TestSigterm stops the function while it waits for the rest of its input. It is process 1
// of its container there, which a signal does not end unless the program sees to it.
func TestSigterm(t *testing.T) {
	image := testenv.Image(t)
	name := fmt.Sprintf("flux-workload-identity-e2e-%d", os.Getpid())
	args := restricted(image, "nobody", "--name", name)
	cmd := exec.Command(args[0], args[1:]...)
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer testenv.Run(t, ".", "docker", "rm", "--force", name)
	list := exampleList(t, "aws")
	if _, err := io.WriteString(stdin, list[:len(list)/2]); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	// More than one: what comes before Go has set up its handlers is lost on a process 1.
	for {
		select {
		case err := <-done:
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 2 || stdout.Len() > 0 { // 2: Go's end by a signal on a process 1
				t.Errorf("ended with %v, want exit status 2 and no output\n%s", err, &stdout)
			}
			return
		case <-time.After(200 * time.Millisecond):
			testenv.Run(t, ".", "docker", "kill", "--signal", "TERM", name)
		}
	}
}

// TestSigpipe lets nobody read what is written: that must not look like a success.
func TestSigpipe(t *testing.T) {
	image, list := testenv.Image(t), largestList(t)
	for name, args := range map[string][]string{
		"image":  restricted(image, "nobody"),
		"binary": {testenv.Function(t)},
	} {
		t.Run(name, func(t *testing.T) {
			reader, writer, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			_ = reader.Close()
			defer func() { _ = writer.Close() }()
			cmd := exec.Command(args[0], args[1:]...)
			cmd.Stdin, cmd.Stdout = strings.NewReader(list), writer
			err = cmd.Run()
			var exit *exec.ExitError
			if !errors.As(err, &exit) {
				t.Errorf("ended with %v, want a failure", err)
			}
		})
	}
}
