// Command flux-workload-identity is a KRM function: see fn.Help.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"flux-workload-identity/fn"
	"flux-workload-identity/fn/api"
	"flux-workload-identity/internal/files"
	"flux-workload-identity/internal/install"
	"flux-workload-identity/internal/version"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(args []string, stdin *os.File, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	help, about, schema := flags.Bool("help", false, ""), flags.Bool("version", false, ""), flags.Bool("schema", false, "")
	config, check := flags.String("fn-config", "", ""), flags.Bool("check", false, "")
	flags.BoolVar(help, "h", false, "")
	err := flags.Parse(args)
	rest, given := flags.Args(), flags.NFlag()
	switch {
	case err != nil:
	case *config != "" && given == 1, *config != "" && *check && given == 2:
		return files.Run(*config, *check, rest, stdin, stdout, stderr)
	case len(args) == 0 && !term.IsTerminal(int(stdin.Fd())):
		return fn.Run(stdin, stdout, stderr)
	case len(args) == 0, len(args) == 1 && *help:
		return say(stdout, fn.Help)
	case len(args) == 1 && *about:
		return say(stdout, "flux-workload-identity "+version.String()+"\n")
	case len(args) == 1 && *schema:
		return say(stdout, string(api.Schema()))
	case len(args) == 2 && args[0] == "install":
		if err := install.To(args[1]); err != nil {
			_, _ = fmt.Fprintf(stderr, "error: %v\n", err)
			return 1
		}
		return 0
	}
	_, _ = fmt.Fprintf(stderr, "error: arguments: %q: want none for a ResourceList on stdin, --fn-config FILE [--check] [MANIFESTS...] for plain manifests, or one of --help, --version, --schema, install DIR\n", args)
	return 2
}

func say(w io.Writer, text string) int {
	if _, err := io.WriteString(w, text); err != nil {
		return 1
	}
	return 0
}
