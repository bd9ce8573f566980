package fn_test

import (
	"strings"
	"testing"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn"
)

const sdkInput = `apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: ServiceAccount
  metadata: # kept
    name: source-controller
    namespace: flux-system
    labels:
      app.kubernetes.io/part-of: flux
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: other
functionConfig:
  apiVersion: fn.kpt.dev/v1alpha1
  kind: FluxWorkloadIdentity
  metadata:
    name: test
  spec:
    gcp:
      identities:
      - serviceAccountEmail: EMAIL
        controllers: [source-controller]
`

func TestProcessor(t *testing.T) {
	parse := func(email string) *sdk.ResourceList {
		list, err := sdk.ParseResourceList([]byte(strings.ReplaceAll(sdkInput, "EMAIL", email)))
		if err != nil {
			t.Fatal(err)
		}
		list.Results.Infof("from the function before")
		return list
	}

	list := parse("flux-gar@my-project.iam.gserviceaccount.com")
	other := list.Items[1]
	ok, err := fn.Processor().Process(list)
	if !ok || err != nil {
		t.Fatalf("ok %v, error %v, results %s", ok, err, list.Results.String())
	}
	if got := list.Items[0].GetAnnotation("iam.gke.io/gcp-service-account"); got != "flux-gar@my-project.iam.gserviceaccount.com" {
		t.Errorf("annotation %q", got)
	}
	if list.Items[1] != other {
		t.Error("an object that did not change was replaced")
	}
	if text := list.Items[0].String(); !strings.Contains(text, "# kept") {
		t.Errorf("a comment was lost:\n%s", text)
	}
	if len(list.Results) != 2 || list.Results[0].Message != "from the function before" {
		t.Errorf("results: %s", list.Results.String())
	}

	list = parse("nobody")
	ok, err = fn.Processor().Process(list)
	if ok || err != nil || list.Results.ExitCode() != 1 {
		t.Errorf("a malformed e-mail: ok %v, error %v, results %s", ok, err, list.Results.String())
	}
	if len(list.Items[0].GetAnnotations()) != 0 {
		t.Error("an item changed in spite of the error")
	}
}

// TestProcessorInAChain runs the function between two others of the SDK.
func TestProcessorInAChain(t *testing.T) {
	var seen []string
	look := sdk.ResourceListProcessorFunc(func(list *sdk.ResourceList) (bool, error) {
		seen = append(seen, list.Items.Where(sdk.IsGroupKind(list.Items[0].GroupKind()))[0].GetAnnotation("iam.gke.io/gcp-service-account"))
		return true, nil
	})
	text := strings.ReplaceAll(sdkInput, "EMAIL", "flux-gar@my-project.iam.gserviceaccount.com")
	out, err := sdk.Run(sdk.Chain(look, fn.Processor(), look), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != 2 || seen[0] != "" || seen[1] != "flux-gar@my-project.iam.gserviceaccount.com" {
		t.Errorf("seen before and after: %q", seen)
	}
	if !strings.Contains(string(out), "iam.gke.io/gcp-service-account") {
		t.Errorf("not in the output:\n%s", out)
	}
}
