// Package fn is the function flux-workload-identity: it lets the controllers of a Flux
// install use the identity of a cloud's workload instead of static credentials.
//
// The story is read -> decode -> find -> plan -> apply -> report -> write, each step a
// package beside this one.
package fn

import (
	"fmt"
	"io"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/home"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/output/patches"
	"flux-workload-identity/fn/output/proof"
	"flux-workload-identity/fn/output/resources"
	"flux-workload-identity/fn/plan"
)

// Process edits the items of the list as its functionConfig says, and returns what it
// did and found. With an error among the results no item is changed.
func Process(list *krm.ResourceList) sdk.Results {
	return process(list, false)
}

// process is Process, with check where nothing is to be changed whatever the functionConfig says.
func process(list *krm.ResourceList, check bool) sdk.Results {
	report := krm.NewReport(list)
	config := api.Decode(list.FunctionConfig, report)
	if config == nil {
		return report.Results()
	}
	config.Check = config.Check || check
	list.Refuse(report)
	if config.Check && config.Output == api.ToPatches && home.IsBuilt(list) {
		config.Output = api.ToResources // what patches come to
	}
	var way proof.Output
	switch config.Output {
	case api.ToResources:
		installs := flux.Find(list.Items, config.Scope, report)
		way = resources.New(plan.Make(config, installs, report), list, report)
	case api.ToPatches:
		homes, installs := home.Find(list, config, report)
		way = patches.New(plan.Make(config, installs, report), homes, config, report)
	}
	proof.Carry(list, way, config.Check, report)
	return report.Results()
}

// Run is the function as a program: it reads one ResourceList from in, writes one to out
// and a line for each error and warning to log. It returns the exit code: 1 if this run
// found an error, and then the items are those of the input.
func Run(in io.Reader, out, log io.Writer) (code int) {
	pieces, results, list := run(in)
	return finish(log, list, write(out, pieces, results))
}

// Fail writes a line for an error that keeps the program from running, and returns the exit
// code.
func Fail(log io.Writer, err error) (code int) {
	return finish(log, nil, sdk.Results{sdk.ErrorResult(err)})
}

// write writes the pieces, and returns the results with the error of that, if any.
func write(out io.Writer, pieces [][]byte, results sdk.Results) sdk.Results {
	for _, piece := range pieces {
		if _, err := out.Write(piece); err != nil {
			return append(results, sdk.GeneralResult(fmt.Sprintf("stdout: %v", err), sdk.Error))
		}
	}
	return results
}

// finish writes the log, and returns the exit code.
func finish(log io.Writer, list *krm.ResourceList, results sdk.Results) (code int) {
	if err := krm.WriteLog(log, list, results); err != nil {
		return 1
	}
	return results.ExitCode()
}

// run returns what is to be written, all of it before any is. The list is nil where the
// input is none.
func run(in io.Reader) (pieces [][]byte, results sdk.Results, list *krm.ResourceList) {
	list, err := read(in)
	if err != nil {
		results = sdk.Results{sdk.ErrorResult(err)}
		return [][]byte{krm.Unreadable(results)}, results, nil
	}
	defer list.LimitMemory()()
	if pieces, results, err = try(list, false); err == nil {
		return pieces, results, list
	}
	list.Reset() // nothing that was half done may leave
	results = sdk.Results{sdk.ErrorResult(err)}
	if pieces, err = list.Pieces(results); err != nil {
		pieces = [][]byte{list.Text()} // better without the error, which is on stderr, than without items
	}
	return pieces, results, list
}

// read is krm.Read with a panic turned into an error.
func read(in io.Reader) (list *krm.ResourceList, err error) {
	defer catch(&err)
	return krm.Read(in)
}

func catch(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("internal error: %v: please report it with the input that caused it", r)
	}
}

// try processes the list and lays it out, with a panic turned into an error.
func try(list *krm.ResourceList, check bool) (pieces [][]byte, results sdk.Results, err error) {
	defer catch(&err)
	results = process(list, check)
	pieces, err = list.Pieces(results)
	return pieces, results, err
}
