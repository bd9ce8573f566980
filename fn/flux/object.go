package flux

import (
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
)

const (
	serviceAccount = "ServiceAccount"
	deployment     = "Deployment"
)

// Annotations by which kustomize remembers how a build renamed an object, comma lists
// with the oldest first (kustomize api/internal/utils/annotations.go).
const (
	previousNamesAnnotation = "internal.config.kubernetes.io/previousNames"
	prefixesAnnotation      = "internal.config.kubernetes.io/prefixes"
	suffixesAnnotation      = "internal.config.kubernetes.io/suffixes"
)

// Object is a ServiceAccount or a Deployment, as plain data.
type Object struct {
	Item      *krm.Item
	Kind      string
	Name      string
	Namespace string
	File      string // it was read from, "" where that is not known
	Dir       string // of the file

	// Of Deployments only.
	ServiceAccountName string // "" for the one called default
	Image              string // of the manager

	partOf, component, managedBy, version string // labels
	previousNames, prefixes, suffixes     []string
	hasTemplate, hasContainers            bool
	faults                                []fault

	runsAs  []*Object // the accounts that a Deployment may run under
	runners []*Object // the Deployments that may run under an account
	of      *Controller
}

// place is where objects belong together.
type place struct{ namespace, dir string }

func (o *Object) place() place { return place{o.Namespace, o.Dir} }

// readObjects returns the ServiceAccounts and Deployments of the stream, but for those
// that are never applied: local-config, and patches.
func readObjects(items []*krm.Item) []*Object {
	var wanted []*krm.Item
	for _, item := range items {
		if item.MayBe(serviceAccount, deployment) {
			wanted = append(wanted, item)
		}
	}
	read := make([]*Object, len(items))
	krm.Each(wanted, func(item *krm.Item) { read[item.Index] = readObject(item) })
	listing := kustomize.ListingOf(items)
	objects := slices.DeleteFunc(read, func(o *Object) bool { return o == nil || isPatch(o, listing) })
	return slices.DeleteFunc(slices.Clone(objects), func(o *Object) bool { return isLeft(o, objects, listing) })
}

// isPatch reports whether an object is only a fragment of one.
func isPatch(o *Object, listing kustomize.Listing) bool {
	return listing.IsPatch(o.File) || o.Kind == deployment && !o.hasContainers && (o.hasTemplate || o.labelled() == "")
}

// isLeft reports whether an object is a patch that was taken over, in a file which nothing lists any more.
func isLeft(o *Object, objects []*Object, listing kustomize.Listing) bool {
	return listing.IsLeft(o.File) && slices.ContainsFunc(objects, func(of *Object) bool {
		return of.Kind == o.Kind && of.Name == o.Name && (of.Namespace == o.Namespace || o.Namespace == "") && !listing.IsLeft(of.File)
	})
}

// fields are those of ServiceAccounts and Deployments that are read to find the controllers.
var fields = krm.Fields{
	"apiVersion": nil, "kind": nil, "metadata": nil,
	"spec": {"template": {"spec": {
		"serviceAccountName": nil, "serviceAccount": nil, "containers": {"name": nil, "image": nil},
	}}},
}

func readObject(item *krm.Item) *Object {
	root := item.Outline(fields)
	kind, version := edit.Text(root, "kind"), edit.Text(root, "apiVersion")
	isAccount := kind == serviceAccount && version == "v1"
	isDeployment := kind == deployment && strings.HasPrefix(version, "apps/")
	if !isAccount && !isDeployment || krm.IsLocal(root) {
		return nil
	}
	labels, annotations := edit.Get(root, "metadata", "labels"), edit.Get(root, "metadata", "annotations")
	o := &Object{
		Item:          item,
		Kind:          kind,
		Name:          edit.Text(root, "metadata", "name"),
		Namespace:     edit.Text(root, "metadata", "namespace"),
		File:          item.Path(),
		Dir:           dirOf(item),
		partOf:        edit.Text(labels, partOfLabel),
		component:     edit.Text(labels, ComponentLabel),
		managedBy:     edit.Text(labels, managedByLabel),
		version:       edit.Text(labels, versionLabel),
		previousNames: commaList(edit.Text(annotations, previousNamesAnnotation)),
		prefixes:      commaList(edit.Text(annotations, prefixesAnnotation)),
		suffixes:      commaList(edit.Text(annotations, suffixesAnnotation)),
	}
	if isDeployment {
		template := edit.Get(root, "spec", "template")
		o.hasTemplate = edit.IsMap(template)
		o.readPodSpec(edit.Get(template, "spec"))
	}
	if o.labelled() != "" || o.exactly() != "" {
		o.faults = faultsOf(o, root)
	}
	return o
}

func (o *Object) readPodSpec(spec *yaml.Node) {
	o.ServiceAccountName = edit.Text(spec, "serviceAccountName")
	if o.ServiceAccountName == "" {
		o.ServiceAccountName = edit.Text(spec, "serviceAccount") // its deprecated alias
	}
	for _, c := range edit.Elements(edit.Get(spec, "containers")) {
		o.hasContainers = true
		if edit.Text(c, "name") == managerContainer {
			o.Image = edit.Text(c, "image")
		}
	}
}

// dirOf returns the directory of an item's file, "" where that is not known.
func dirOf(item *krm.Item) string {
	if item.Path() == "" {
		return ""
	}
	return path.Dir(item.Path())
}

func commaList(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// fault is what is wrong with the shape of an object.
type fault struct {
	path    edit.Path
	message string
}

// faultsOf returns what is wrong with the fields by which an object that looks like a controller's
// is recognised.
func faultsOf(o *Object, root *yaml.Node) (faults []fault) {
	add := func(p edit.Path, given, want string) { faults = append(faults, fault{p, given + ": want " + want}) }
	check := func(p edit.Path, is func(*yaml.Node) bool, want string) {
		n, err := edit.Current(root, p)
		switch {
		case err != nil && !slices.ContainsFunc(faults, func(f fault) bool { return slices.Equal(f.path, err.Path) }):
			add(err.Path, err.Given, err.Want)
		case err == nil && !edit.IsNull(n) && !is(n):
			add(p, edit.Describe(n), want)
		}
	}
	isString := func(n *yaml.Node) bool { _, ok := edit.String(n); return ok }
	for _, p := range []edit.Path{{"metadata"}, {"metadata", "labels"}, {"metadata", "annotations"}} {
		check(p, edit.IsMap, "a map of strings")
	}
	if len(faults) > 0 {
		return faults
	}
	for _, p := range []edit.Path{namePath, {"metadata", "namespace"}, partOfPath, componentPath} {
		check(p, isString, "a string")
	}
	if o.Name == "" && len(faults) == 0 {
		add(namePath, edit.Describe(edit.Get(root, namePath...)), "a string")
	}
	template := edit.Path{"spec", "template"}
	switch {
	case o.hasTemplate:
		check(ServiceAccountNamePath, isString, "a string")
	case o.Kind == deployment && o.labelled() != "":
		add(template, edit.Describe(edit.Get(root, template...)), "a pod template; a patch belongs under patches of its kustomization")
	}
	return faults
}
