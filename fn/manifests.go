package fn

import (
	"errors"
	"fmt"
	"io"
	"os"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// RunManifests is Run for plain manifests, as flux install --export prints them: it reads the
// streams, and writes them to out as one, with the edits. The configuration, which is a
// stream of its own, comes with check where nothing is to be written. On an error nothing is
// written but a line for each to log, and the exit code is 1.
func RunManifests(config krm.Stream, check bool, streams []krm.Stream, out, log io.Writer) (code int) {
	list, err := readManifests(config, streams)
	if err != nil {
		return finish(log, nil, sdk.Results{sdk.ErrorResult(err)})
	}
	if check {
		err = setCheck(list.FunctionConfig)
	}
	defer list.LimitMemory()()
	var pieces [][]byte
	var results sdk.Results
	if err == nil {
		pieces, results, err = try(list)
	}
	if err != nil {
		results = append(results, sdk.ErrorResult(err))
	}
	if results.ExitCode() == 0 && !isCheck(list) {
		results = write(out, pieces, results)
	}
	return finish(log, list, results)
}

// RunFiles is RunManifests with the name of the configuration's file, and those of the
// streams; without any the stream is stdin.
func RunFiles(config string, check bool, names []string, stdin io.Reader, out, log io.Writer) (code int) {
	fail := func(err error) int { return finish(log, nil, sdk.Results{sdk.ErrorResult(err)}) }
	configuration, err := readFile(config)
	if err != nil {
		return fail(fmt.Errorf("--fn-config: %w", err))
	}
	var streams []krm.Stream
	for _, name := range names {
		s, err := readFile(name)
		if err != nil {
			return fail(fmt.Errorf("arguments: %w", err))
		}
		streams = append(streams, s)
	}
	if len(names) == 0 {
		s, err := krm.ReadStream("", stdin)
		if err != nil {
			return fail(err)
		}
		streams = append(streams, s)
	}
	return RunManifests(configuration, check, streams, out, log)
}

func readFile(name string) (s krm.Stream, err error) {
	f, err := os.Open(name)
	if err != nil {
		return s, fmt.Errorf("%q: want a file that can be read: %w", name, errors.Unwrap(err))
	}
	defer func() { _ = f.Close() }() // nothing was written to it
	return krm.ReadStream(name, f)
}

// readManifests is krm.ParseManifests with a panic turned into an error.
func readManifests(config krm.Stream, streams []krm.Stream) (list *krm.ResourceList, err error) {
	defer catch(&err)
	return krm.ParseManifests(config, streams...)
}

// setCheck makes the configuration one that is only checked. One that is no configuration
// stays as it is, to be refused for that.
func setCheck(config *yaml.Node) error {
	section := "spec"
	if edit.Text(config, "kind") == "ConfigMap" {
		section = "data"
	}
	if !edit.IsMap(edit.Get(config, section)) {
		return nil
	}
	doc := &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{config}}
	if err := edit.Set(doc, config, edit.Path{section, "check"}, "true"); err != nil {
		return fmt.Errorf("functionConfig: %w", err)
	}
	return nil
}

// isCheck reports whether the configuration is only checked.
func isCheck(list *krm.ResourceList) bool {
	config := api.Decode(list.FunctionConfig, krm.NewReport(list))
	return config != nil && config.Check
}
