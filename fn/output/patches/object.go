package patches

import (
	"slices"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output/proof"
	"flux-workload-identity/fn/plan"
)

// object is one of a controller of the home.
type object struct {
	kind, name, namespace string
	item                  *krm.Item // nil for one that is not in the stream
	target                plan.Target
}

func (o *object) String() string { return o.kind + " " + o.name }

// readObjects notes the objects of the controllers of the home, those too that others stand in for.
func (w *writer) readObjects() {
	for _, t := range w.plan.Targets {
		if !slices.Contains(w.home.Installs, t.Install) {
			continue
		}
		for _, o := range t.Controller.Objects() {
			w.objects = append(w.objects, &object{o.Kind, o.Name, o.Namespace, o.Item, t})
		}
		for _, k := range kinds {
			if !slices.ContainsFunc(t.Controller.Objects(), func(o *flux.Object) bool { return o.Kind == k.name }) {
				w.objects = append(w.objects, &object{kind: k.name, name: t.Install.NameOf(t.Controller.Name), namespace: t.Install.Namespace, target: t})
			}
		}
	}
}

// objectOf returns the controller's object that one of a build was made of, nil for none.
func (w *writer) objectOf(of kustomize.Built) *object {
	controller, isStandIn := w.standsFor(of)
	for _, o := range w.objects {
		if o.item != nil && o.item == of.Item || isStandIn && o.kind == of.Kind && o.target.Controller.Name == controller {
			return o
		}
	}
	return nil
}

// wants returns what an object of a build is to carry, nil where it is none of the home's controllers.
func (w *writer) wants(of kustomize.Built) *proof.Wanted {
	o := w.objectOf(of)
	if o == nil {
		return nil
	}
	wanted := &proof.Wanted{Target: o.target, Home: w.home.Item}
	for _, p := range w.wanted {
		if p.covers(o) {
			wanted.Places = append(wanted.Places, p.places...)
		}
	}
	return wanted
}

// places returns the maps of a kind in which identities are.
func places(kind string) (paths []edit.Path) {
	for _, k := range kinds {
		if k.name == kind {
			for _, p := range k.places(noSettings) {
				paths = append(paths, p.Path)
			}
		}
	}
	return paths
}
