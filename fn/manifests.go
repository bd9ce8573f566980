package fn

import (
	"fmt"
	"io"

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
