// Command flux-workload-identity is a KRM function: see fn.Help.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"golang.org/x/term"

	"flux-workload-identity/fn"
	"flux-workload-identity/internal/install"
)

// version is set by the linker for a release.
var version = ""

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(args []string, stdin *os.File, stdout, stderr io.Writer) int {
	switch {
	case len(args) == 0 && !term.IsTerminal(int(stdin.Fd())):
		return fn.Run(stdin, stdout, stderr)
	case len(args) == 0, len(args) == 1 && (args[0] == "--help" || args[0] == "-h"):
		return say(stdout, fn.Help)
	case len(args) == 1 && args[0] == "--version":
		return say(stdout, "flux-workload-identity "+versionOf()+"\n")
	case len(args) == 2 && args[0] == "install":
		if err := install.To(args[1]); err != nil {
			_, _ = fmt.Fprintf(stderr, "error: %v\n", err)
			return 1
		}
		return 0
	}
	_, _ = fmt.Fprintf(stderr, "error: arguments: %q: want none, --help, --version or install DIR; the ResourceList is read from stdin\n", args)
	return 2
}

func say(w io.Writer, text string) int {
	if _, err := io.WriteString(w, text); err != nil {
		return 1
	}
	return 0
}

// versionOf returns the version of a release, or that of the module that Go built.
func versionOf() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
