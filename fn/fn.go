// Package fn is the function flux-workload-identity: it lets the controllers of a Flux
// install use the identity of a cloud's workload instead of static credentials.
//
// The story is read -> decode -> find -> plan -> apply -> report -> write, each step a
// package beside this one.
package fn

import (
	"bytes"
	"fmt"
	"io"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/output"
	"flux-workload-identity/fn/plan"
)

// Process edits the items of the list as its functionConfig says, and returns what it
// did and found. With an error among the results no item is changed.
func Process(list *krm.ResourceList) sdk.Results {
	report := krm.NewReport(list)
	config := api.Decode(list.FunctionConfig, report)
	if config == nil {
		return report.Results()
	}
	installs := flux.Find(list.Items, config.Scope, report)
	todo := output.Resources(plan.Make(config, installs, report), report)
	if !report.Failed() && !output.Apply(todo, report) {
		list.Reset()
	}
	return report.Results()
}

// Run is the function as a program: it reads one ResourceList from in, writes one to out
// and a line for each error and warning to log. It returns the exit code: 1 if this run
// found an error, and then the items are those of the input.
func Run(in io.Reader, out, log io.Writer) (code int) {
	text, results, list := run(in)
	if _, err := io.Copy(out, bytes.NewReader(text)); err != nil {
		results = append(results, sdk.GeneralResult(fmt.Sprintf("stdout: %v", err), sdk.Error))
	}
	if err := krm.WriteLog(log, list, results); err != nil {
		return 1
	}
	return results.ExitCode()
}

func run(in io.Reader) (text []byte, results sdk.Results, list *krm.ResourceList) {
	list, err := krm.Read(in)
	if err != nil {
		results = sdk.Results{sdk.ErrorResult(err)}
		return krm.Unreadable(results), results, nil
	}
	text, results, err = process(list)
	if err == nil {
		return text, results, list
	}
	list.Reset() // nothing that was half done may leave
	results = sdk.Results{sdk.ErrorResult(err)}
	if text, err = list.Bytes(results); err != nil {
		text = list.Text() // better without the error, which is on stderr, than without items
	}
	return text, results, list
}

// process is Process with the list written out, and a panic turned into an error.
func process(list *krm.ResourceList) (text []byte, results sdk.Results, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("internal error: %v: please report it with the input that caused it", r)
		}
	}()
	results = Process(list)
	text, err = list.Bytes(results)
	return text, results, err
}
