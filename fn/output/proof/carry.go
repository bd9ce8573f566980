package proof

import (
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/output"
)

// Output is a way to carry out a plan.
type Output interface {
	// Proofs returns what is to be built; they are made before the edits.
	Proofs() []*Proof
	// Changes returns the edits of the present attempt.
	Changes() []output.Change
	// Retry makes another attempt of what the builds show; false where there is nothing left to try.
	Retry([]Fault) bool
	// Say reports what was found beside, at its place after the edits, or where it is left.
	Say(left bool)
}

// Carry edits the list as an output says, has kustomize build it, tries again where the output knows
// better, and reports what was done and what is not right. With an error, and where it is only to
// check, the list is what it was.
func Carry(list *krm.ResourceList, way Output, check bool, report *krm.Report) {
	proofs := way.Proofs()
	for _, p := range proofs {
		p.look()
	}
	for {
		changes := way.Changes()
		if report.Failed() || !output.Apply(changes, report) {
			way.Say(true)
			list.Reset()
			return
		}
		var faults []Fault
		var replaced []Replaced
		for _, p := range proofs {
			f, c := p.check(edited(changes))
			faults, replaced = append(faults, f...), append(replaced, c...)
		}
		if len(faults) > 0 {
			list.Reset() // an output may look at what there was
			if way.Retry(faults) {
				continue
			}
			output.Apply(changes, report)
		}
		for _, p := range proofs {
			p.report(report)
			p.notSeen(check, report)
		}
		failed := report.Failed()
		if check {
			output.Refuse(changes, report)
		} else if !failed {
			output.Tell(changes, restarts(replaced), report)
		}
		way.Say(failed || check)
		if failed || check {
			list.Reset()
		}
		return
	}
}

func edited(changes []output.Change) (items []*krm.Item) {
	for _, c := range changes {
		items = append(items, c.Item)
	}
	return items
}

func restarts(replaced []Replaced) (restarts []output.Restart) {
	for _, r := range replaced {
		restarts = append(restarts, output.RestartOf(r.Target))
	}
	return restarts
}
