// Command bench measures the function as a whole process, stdin through a pipe, beside cat
// and beside a function of the kpt SDK that does nothing, in the same run. It prints times,
// memory and ratios; the ratios hold on a noisy machine, the times do not.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const config = `functionConfig:
  apiVersion: fn.kpt.dev/v1alpha1
  kind: FluxWorkloadIdentity
  metadata:
    name: bench
  spec:
    aws:
      identities:
      - roleARN: arn:aws:iam::111122223333:role/flux-ecr
        integrations: [ECR, KMS]
`

const annotation = "eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux-ecr"

// size of one install as the stream of Flux v2.9 has it; the example's CRDs are shortened.
const size = 350 << 10

func main() {
	function := flag.String("function", "bin/flux-workload-identity", "the function")
	noop := flag.String("noop", "bin/noop", "the function that does nothing")
	install := flag.String("install", "examples/flux-system/gotk-components.yaml", "a Flux install")
	most := flag.Int("most", 1000, "the largest number of installs")
	flag.Parse()
	if err := run(*function, *noop, *install, *most); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(function, noop, install string, most int) error {
	text, err := os.ReadFile(install)
	if err != nil {
		return err
	}
	fmt.Println("| installs | input | cat | function | SDK no-op | function/cat | no-op/function | memory: function | no-op |")
	fmt.Println("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for n := 1; n <= most; n *= 10 {
		in, length, err := fleet(string(text), n)
		if err != nil {
			return err
		}
		defer func() { _ = os.Remove(in) }()
		runs := max(3, 20/n)
		cat, err := best(in, runs, 0, "cat")
		if err != nil {
			return err
		}
		us, err := best(in, runs, 3*n, function)
		if err != nil {
			return err
		}
		line := fmt.Sprintf("| %d | %s | %s | %s |", n, megabytes(length), cat.wall, us.wall)
		if n > 100 { // a minute and 16 GB for what the smaller ones show
			fmt.Printf("%s - | %.1f | - | %s | - |\n", line, ratio(us, cat), megabytes(us.memory))
			continue
		}
		other, err := best(in, min(runs, 5), 0, noop)
		if err != nil {
			return err
		}
		fmt.Printf("%s %s | %.1f | %.1f | %s | %s |\n", line, other.wall, ratio(us, cat), ratio(other, us), megabytes(us.memory), megabytes(other.memory))
	}
	return nil
}

// fleet writes a ResourceList of n installs, each in a namespace of its own and as large
// as a real one, to a file. (This process must stay small: what Linux says of the memory of
// a child counts that of its parent when it was started.)
func fleet(install string, n int) (file string, length int64, err error) {
	var one strings.Builder
	for _, doc := range strings.Split("\n"+install, "\n---\n") {
		if doc = strings.Trim(doc, "\n"); strings.Contains(doc, "kind: ") {
			for strings.HasPrefix(doc, "#") {
				_, doc, _ = strings.Cut(doc, "\n")
			}
			one.WriteString("- " + strings.ReplaceAll(doc, "\n", "\n  ") + "\n")
		}
	}
	one.WriteString("- apiVersion: apiextensions.k8s.io/v1\n  kind: CustomResourceDefinition\n  metadata:\n    name: schemas.NAMESPACE\n  spec:\n    properties:\n")
	for i := 0; one.Len() < size; i++ {
		fmt.Fprintf(&one, "      field%d:\n        description: Of what a schema is made, in a line that is about as long\n          as those are, over two lines.\n        type: string\n", i)
	}
	f, err := os.CreateTemp("", "bench-*.yaml")
	if err != nil {
		return "", 0, err
	}
	out := bufio.NewWriter(f)
	_, _ = out.WriteString("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n")
	for i := range n {
		_, _ = strings.NewReplacer("namespace: flux-system", fmt.Sprintf("namespace: flux-%d", i), "NAMESPACE", fmt.Sprint(i)).WriteString(out, one.String())
	}
	_, _ = out.WriteString(config)
	if err := errors.Join(out.Flush(), f.Close()); err != nil {
		return "", 0, err
	}
	info, err := os.Stat(f.Name())
	if err != nil {
		return "", 0, err
	}
	return f.Name(), info.Size(), nil
}

type measure struct {
	wall   time.Duration
	memory int64 // bytes, at the peak
}

func ratio(a, b measure) float64 { return float64(a.wall) / float64(b.wall) }

func megabytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// best runs a command several times and returns the shortest time and the least memory.
// The output must hold the annotation as often as it is wanted.
func best(in string, runs, wanted int, command string) (measure, error) {
	var least measure
	for i := range runs {
		m, got, err := once(in, command)
		if err == nil && got != wanted {
			err = fmt.Errorf("the output holds the annotation %d times, want %d", got, wanted)
		}
		if err != nil {
			return m, fmt.Errorf("%s: %w", filepath.Base(command), err)
		}
		if i == 0 || m.wall < least.wall {
			least.wall = m.wall
		}
		if i == 0 || m.memory < least.memory {
			least.memory = m.memory
		}
	}
	least.wall = least.wall.Round(100 * time.Microsecond)
	return least, nil
}

// once runs a command and counts the annotations in its output.
func once(in, command string) (m measure, annotations int, err error) {
	file, err := os.Open(in)
	if err != nil {
		return m, 0, err
	}
	defer func() { _ = file.Close() }()
	cmd := exec.Command(command)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return m, 0, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return m, 0, err
	}
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return m, 0, err
	}
	go func() {
		_, _ = io.Copy(stdin, file)
		_ = stdin.Close()
	}()
	if annotations, err = count(stdout, []byte("\n      "+annotation)); err != nil {
		return m, 0, err
	}
	if err := cmd.Wait(); err != nil {
		return m, 0, err
	}
	m.wall = time.Since(started)
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		m.memory = usage.Maxrss << 10
	}
	return m, annotations, nil
}

// count counts the occurrences of text in what is read.
func count(r io.Reader, text []byte) (n int, err error) {
	buffer, kept := make([]byte, 256<<10), 0
	for {
		read, err := r.Read(buffer[kept:])
		window := buffer[:kept+read]
		n += bytes.Count(window, text)
		kept = copy(buffer, window[max(0, len(window)-len(text)+1):])
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}
