// Command flux-workload-identity is a KRM function: see fn.Help.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/term"

	"flux-workload-identity/fn"
	"flux-workload-identity/fn/api"
	"flux-workload-identity/internal/files"
	"flux-workload-identity/internal/guard"
	"flux-workload-identity/internal/install"
	"flux-workload-identity/internal/version"
)

func main() {
	// A reader that goes away is an error of a write, which is said, as a full disk is.
	signal.Ignore(syscall.SIGPIPE)
	stderr := guard.Close()
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, stderr))
}

func run(args []string, stdin *os.File, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	help, about, schema := flags.Bool("help", false, ""), flags.Bool("version", false, ""), flags.Bool("schema", false, "")
	config, check := flags.String("fn-config", "", ""), flags.Bool("check", false, "")
	flags.BoolVar(help, "h", false, "")
	twice := ""
	flags.VisitAll(func(f *flag.Flag) { f.Value = &once{Value: f.Value, again: func() { twice = f.Name }} })
	err := flags.Parse(args)
	rest, given := flags.Args(), flags.NFlag()
	switch {
	case twice != "":
		_ = fn.Fail(stderr, fmt.Errorf("arguments: --%s: given twice: want it once", twice))
		return 2
	case err != nil:
	case *config != "" && given == 1, *config != "" && *check && given == 2:
		return files.Run(*config, *check, rest, stdin, opened(stdout), stderr)
	case len(args) == 0 && !term.IsTerminal(int(stdin.Fd())):
		return fn.Run(stdin, opened(stdout), stderr)
	case len(args) == 0, len(args) == 1 && *help:
		return say(stdout, stderr, fn.Help)
	case len(args) == 1 && *about:
		return say(stdout, stderr, "flux-workload-identity "+version.String()+"\n")
	case len(args) == 1 && *schema:
		return say(opened(stdout), stderr, string(api.Schema()))
	case len(args) == 2 && args[0] == "install":
		if err := install.To(args[1]); err != nil {
			return fn.Fail(stderr, err)
		}
		return 0
	}
	_ = fn.Fail(stderr, fmt.Errorf("arguments: %q: want none for a ResourceList on stdin, --fn-config FILE [--check] [MANIFESTS...] for plain manifests, or one of --help, --version, --schema, install DIR", args))
	return 2
}

func say(w, log io.Writer, text string) int {
	if _, err := io.WriteString(w, text); err != nil {
		return fn.Fail(log, fmt.Errorf("stdout: %w", err))
	}
	return 0
}

// once is a flag of which a second value would quietly win.
type once struct {
	flag.Value
	set   bool
	again func()
}

func (o *once) Set(value string) error {
	if o.set {
		o.again()
	}
	o.set = true
	return o.Value.Set(value)
}

func (o *once) IsBoolFlag() bool {
	b, ok := o.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// opened returns stdout, or what refuses a write where the program was started without one. Go then
// has opened /dev/null in its place (runtime/fds_unix.go: for reading and writing, as a shell's
// > does not), so no file of ours can get the number; but all that is written would be lost.
// Some programs discard output in the same way: so it is asked only of data.
func opened(stdout io.Writer) io.Writer {
	f, ok := stdout.(*os.File)
	if !ok || runtime.GOOS == "windows" { // where a write to what is closed fails
		return stdout
	}
	given, err := f.Stat()
	null, nullErr := os.Stat(os.DevNull)
	if err == nil && nullErr == nil && os.SameFile(given, null) {
		if _, err := f.Read(make([]byte, 1)); errors.Is(err, io.EOF) {
			return closed{}
		}
	}
	return f
}

type closed struct{}

func (closed) Write([]byte) (int, error) {
	return 0, errors.New("closed: want a file, a pipe or a terminal to write to; > /dev/null discards it")
}
