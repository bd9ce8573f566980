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
    namespace: '*'
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
	picture := flag.String("picture", "", "an SVG file to draw the table to")
	flag.Parse()
	rows, err := run(*function, *noop, *install, *most)
	if err == nil && *picture != "" {
		err = os.WriteFile(*picture, draw(rows), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// row is what was measured with a number of installs.
type row struct {
	installs            int
	cat, function, noop measure // noop is zero where it was not run
}

func run(function, noop, install string, most int) (rows []row, err error) {
	text, err := os.ReadFile(install)
	if err != nil {
		return nil, err
	}
	fmt.Println("| installs | input | cat | function | SDK no-op | function/cat | no-op/function | memory: function | no-op |")
	fmt.Println("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for n := 1; n <= most; n *= 10 {
		r, length, err := compare(function, noop, string(text), n)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
		fmt.Printf("| %d | %s | %s | %s |", n, megabytes(length), r.cat.wall, r.function.wall)
		if r.noop.wall == 0 {
			fmt.Printf(" - | %.1f | - | %s | - |\n", ratio(r.function, r.cat), megabytes(r.function.memory))
			continue
		}
		fmt.Printf(" %s | %.1f | %.1f | %s | %s |\n", r.noop.wall, ratio(r.function, r.cat), ratio(r.noop, r.function),
			megabytes(r.function.memory), megabytes(r.noop.memory))
	}
	for i := range rows[1:] {
		fmt.Printf("\n%d installs take %.1f times the time of %d\n", rows[i+1].installs, ratio(rows[i+1].function, rows[i].function), rows[i].installs)
	}
	return rows, nil
}

// compare measures the three commands on the same input, in turns, so that what else the
// machine does meets all of them.
func compare(function, noop, install string, n int) (r row, length int64, err error) {
	in, length, err := fleet(install, n)
	if err != nil {
		return r, 0, err
	}
	defer func() { _ = os.Remove(in) }()
	r.installs = n
	for i := range max(5, 20/n) {
		if err := r.cat.run(in, 0, "cat"); err != nil {
			return r, 0, err
		}
		if err := r.function.run(in, 3*n, function); err != nil {
			return r, 0, err
		}
		// 1000 would take a minute and 16 GB, for what the smaller ones show.
		if n <= 100 && i < 5 {
			if err := r.noop.run(in, 0, noop); err != nil {
				return r, 0, err
			}
		}
	}
	return r, length, nil
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

// run runs a command once more and keeps the shortest time and the least memory. The output
// must hold the annotation as often as it is wanted.
func (m *measure) run(in string, wanted int, command string) error {
	next, got, err := once(in, command)
	if err == nil && got != wanted {
		err = fmt.Errorf("the output holds the annotation %d times, want %d", got, wanted)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(command), err)
	}
	if m.wall == 0 || next.wall < m.wall {
		m.wall = next.wall.Round(100 * time.Microsecond)
	}
	if m.memory == 0 || next.memory < m.memory {
		m.memory = next.memory
	}
	return nil
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
