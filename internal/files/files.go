// Package files runs the function on plain manifests that are named by their files: package fn
// itself opens none.
package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/term"

	"flux-workload-identity/fn"
	"flux-workload-identity/fn/krm"
)

// Run is fn.RunManifests with the name of the configuration's file, and those of the streams;
// without any the stream is stdin.
func Run(config string, check bool, names []string, stdin io.Reader, out, log io.Writer) (code int) {
	configuration, streams, err := read(config, names, stdin)
	if err != nil {
		_, _ = fmt.Fprintf(log, "error: %v\n", err)
		return 1
	}
	return fn.RunManifests(configuration, check, streams, out, log)
}

func read(config string, names []string, stdin io.Reader) (configuration krm.Stream, streams []krm.Stream, err error) {
	if configuration, err = readFile("--fn-config", config); err != nil {
		return configuration, nil, err
	}
	for _, name := range names {
		if strings.HasPrefix(name, "-") {
			return configuration, nil, fmt.Errorf("arguments: %q: want flags in front of the files", name)
		}
		s, err := readFile("arguments", name)
		if err != nil {
			return configuration, nil, err
		}
		streams = append(streams, s)
	}
	if len(names) == 0 {
		if f, ok := stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			return configuration, nil, errors.New("stdin: a terminal: want plain manifests in a pipe or from a file, or files of them as arguments")
		}
		s, err := krm.ReadStream("", stdin)
		return configuration, []krm.Stream{s}, err
	}
	return configuration, streams, nil
}

func readFile(field, name string) (s krm.Stream, err error) {
	f, err := os.Open(name)
	if err == nil {
		defer func() { _ = f.Close() }() // nothing was written to it
		s, err = krm.ReadStream(name, f)
	}
	if err != nil {
		var cause *fs.PathError // without the name, which is given
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return s, fmt.Errorf("%s: %q: want a file that can be read: %w", field, name, err)
	}
	return s, nil
}
