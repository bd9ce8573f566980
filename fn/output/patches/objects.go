package patches

import (
	"slices"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output"
	"flux-workload-identity/fn/plan"
)

// object is one that the patches are for, and what it is to have.
type object struct {
	kustomize.Object
	places []output.Place
	target plan.Target
}

func (o object) String() string {
	return o.Kind + " " + o.Name
}

// targets returns the controllers of the home, in the order of the plan.
func (w *writer) targets() []plan.Target {
	if w.own == nil {
		w.own = []plan.Target{}
		for _, t := range w.plan.Targets {
			if slices.Contains(w.home.Installs, t.Install) {
				w.own = append(w.own, t)
			}
		}
	}
	return slices.Clip(w.own) // which others append to
}

// absent returns the controllers that an install lacks and that the patches name all the
// same: those of others must not set the same once it is added.
func (w *writer) absent() (targets []plan.Target) {
	for _, g := range w.plan.Grants {
		for _, i := range w.home.Installs {
			for _, name := range g.Controllers {
				if len(i.Named(name)) == 0 {
					targets = append(targets, plan.Target{Install: i, Controller: &flux.Controller{Name: name}, Settings: g.Settings, Identity: g.Identity})
				}
			}
		}
	}
	return targets
}

// objectsOf returns the objects of a controller, under its own name where they are hidden.
func objectsOf(t plan.Target) (objects []object) {
	name := t.Install.NameOf(t.Controller.Name)
	add := func(i int, o *flux.Object) {
		k := kustomize.Object{Kind: kinds[i].name, Name: name, Namespace: t.Install.Namespace}
		k.Group, k.Version = kustomize.SplitVersion(kinds[i].version)
		if o != nil {
			k = kustomize.ObjectOf(o.Item)
		}
		objects = append(objects, object{k, kinds[i].places(t.Settings), t})
	}
	add(0, t.Controller.Account)
	for _, d := range t.Controller.Deployments {
		add(1, d)
	}
	if len(t.Controller.Deployments) == 0 {
		add(1, nil)
	}
	return objects
}

// names returns the names of a kind's objects. A controller that is not there counts, so
// that the patch is right for an install to which it is added, unless something else has its name.
func (w *writer) names(kind string, controllers []string) (names []string) {
	add := func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, controller := range controllers {
		found := false
		for _, t := range w.targets() {
			if t.Controller.Name != controller {
				continue
			}
			for _, o := range objectsOf(t) {
				if o.Kind == kind {
					found = true
					add(o.Name)
				}
			}
		}
		if name := w.home.Installs[0].NameOf(controller); !found && !w.hasNamesake(patch{kind: kind, names: []string{name}}) {
			add(name)
		}
	}
	return names
}

// narrow gives a patch the namespaces of its objects where another object in the files of
// the Kustomization has one of the names: the controller of another namespace, or a
// look-alike. A FluxInstance has one namespace, and takes none in a target
// (Flux Operator, docs/guides/instance/instance-customization.md).
func (w *writer) narrow(p patch) []*patch {
	if w.home.kustomization == nil || !w.hasNamesake(p) {
		return []*patch{&p}
	}
	var patches []*patch
	for _, o := range w.objects {
		if o.Kind != p.kind || !slices.Contains(p.names, o.Name) {
			continue
		}
		i := slices.IndexFunc(patches, func(q *patch) bool { return q.namespace == o.Namespace })
		if i < 0 {
			q := p
			q.namespace = o.Namespace
			patches = append(patches, &q)
		}
	}
	return patches
}

// hasNamesake reports whether an object that is no controller of the home goes by one of the names: to
// kustomize a former name is as good as the present one (api/resmap/reswrangler.go).
func (w *writer) hasNamesake(p patch) bool {
	return slices.ContainsFunc(w.stream.carriersIn(w.home.reach), func(item *krm.Item) bool {
		ref := item.Ref()
		if ref == nil || ref.Kind != p.kind || slices.ContainsFunc(w.present, func(o object) bool {
			return o.Kind == ref.Kind && o.Name == ref.Name && o.Namespace == ref.Namespace
		}) {
			return false
		}
		return slices.ContainsFunc(append(flux.PreviousNames(item), ref.Name), func(name string) bool { return slices.Contains(p.names, name) })
	})
}

// foresee notes which labels and annotations the objects may get on the way, by our patches and
// by those of others, since the selectors of later ones go by that.
func (w *writer) foresee() {
	var all []kustomize.Entry
	for _, p := range w.list {
		entries, _ := p.Entries([]edit.Path{output.Labels, output.Annotations})
		all = append(all, entries...)
	}
	for i := range w.objects {
		o := &w.objects[i]
		o.Labels, o.Annotations = map[string]string{}, map[string]string{}
		set := func(place edit.Path, key, value string) {
			switch {
			case slices.Equal(place, output.Labels):
				o.Labels[key] = value
			case slices.Equal(place, output.Annotations):
				o.Annotations[key] = value
			}
		}
		for _, e := range all {
			set(e.Place, e.Key, edit.Text(e.Value))
		}
		for place, e := range output.Entries(o.places) {
			set(place, e.Key, e.Value)
		}
	}
}
