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
	"flux-workload-identity/fn/kustomize"
)

// Run is fn.RunManifests with the name of the configuration's file, and those of the streams;
// without any the stream is stdin, as - is. What Kustomizations among them list is read beside.
func Run(config string, check bool, names []string, stdin io.Reader, out, log io.Writer) (code int) {
	r := reader{stdin: stdin}
	configuration, streams, err := r.read(config, names)
	if err != nil {
		return fn.Fail(log, err)
	}
	streams = append(streams, readBeside(streams, kustomize.Listed)...)
	return fn.RunManifests(configuration, check, streams, out, log)
}

// reader reads what the arguments name.
type reader struct {
	stdin io.Reader // nil once it is read
}

func (r *reader) read(config string, names []string) (configuration krm.Stream, streams []krm.Stream, err error) {
	if configuration, err = r.file("--fn-config", config); err != nil {
		return configuration, nil, err
	}
	if len(names) == 0 {
		names = []string{standard}
	}
	for _, name := range names {
		if strings.HasPrefix(name, "-") && name != standard {
			return configuration, nil, fmt.Errorf("arguments: %q: want flags in front of the files", name)
		}
		s, err := r.file("arguments", name)
		if err != nil {
			return configuration, nil, err
		}
		streams = append(streams, s)
	}
	return configuration, streams, nil
}

// standard is the name of stdin among those of files.
const standard = "-"

func (r *reader) file(field, name string) (s krm.Stream, err error) {
	if name == standard {
		return r.standard(field)
	}
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

func (r *reader) standard(field string) (krm.Stream, error) {
	stdin := r.stdin
	if stdin == nil {
		return krm.Stream{}, fmt.Errorf("%s: stdin: read already: want it for the configuration or for manifests, once; name a file for the other", field)
	}
	r.stdin = nil
	if f, ok := stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return krm.Stream{}, errors.New("stdin: a terminal: want a configuration or plain manifests in a pipe or from a file, or their files as arguments")
	}
	return krm.ReadStream("", stdin)
}
