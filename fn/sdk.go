package fn

import (
	"fmt"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/krm"
)

// Processor returns the function as the kpt SDK has them, so that it can be chained with
// others (sdk.Chain, sdk.AsMain). Mind that the SDK itself sorts the items it writes.
func Processor() sdk.ResourceListProcessor {
	return sdk.ResourceListProcessorFunc(processSDK)
}

// processSDK hands the SDK's objects over as text, since they cannot share nodes, and
// takes back those that changed.
func processSDK(in *sdk.ResourceList) (bool, error) {
	list, err := fromSDK(in)
	if err != nil {
		return false, err
	}
	results := Process(list)
	in.Results = append(in.Results, results...)
	if results.ExitCode() != 0 {
		return false, nil
	}
	// An object may hold several items, as a List does: what was made of it is in the text.
	text, err := list.Bytes(nil)
	if err != nil {
		return false, err
	}
	var out struct {
		Items []yaml.Node `yaml:"items"`
	}
	if err := yaml.Unmarshal(text, &out); err != nil {
		return false, err
	}
	for i := range out.Items {
		text, err := yaml.Marshal(&out.Items[i])
		if err != nil {
			return false, fmt.Errorf("items[%d]: %w", i, err)
		}
		object, err := sdk.ParseKubeObject(text)
		if err != nil {
			return false, fmt.Errorf("items[%d]: %w", i, err)
		}
		if object.String() != in.Items[i].String() {
			in.Items[i] = object
		}
	}
	return true, nil
}

func fromSDK(in *sdk.ResourceList) (*krm.ResourceList, error) {
	list := struct {
		APIVersion     string       `yaml:"apiVersion"`
		Kind           string       `yaml:"kind"`
		FunctionConfig *yaml.Node   `yaml:"functionConfig,omitempty"`
		Items          []*yaml.Node `yaml:"items"`
	}{APIVersion: krm.APIVersion, Kind: krm.Kind}
	var err error
	if in.FunctionConfig != nil {
		if list.FunctionConfig, err = nodeOf(in.FunctionConfig); err != nil {
			return nil, fmt.Errorf("functionConfig: %w", err)
		}
	}
	for i, object := range in.Items {
		n, err := nodeOf(object)
		if err != nil {
			return nil, fmt.Errorf("items[%d]: %w", i, err)
		}
		list.Items = append(list.Items, n)
	}
	text, err := yaml.Marshal(list)
	if err != nil {
		return nil, err
	}
	return krm.Parse(text)
}

func nodeOf(object *sdk.KubeObject) (*yaml.Node, error) {
	n, err := yaml.Parse(object.String())
	if err != nil {
		return nil, err
	}
	return n.YNode(), nil
}
