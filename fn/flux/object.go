package flux

import (
	"cmp"
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
	Registry           string // of that image, "" where it is not named as Flux names it
	runs, tag          string // the controller that it is named after, and its tag

	partOf, component, managedBy, version string // labels
	previousNames, prefixes, suffixes     []string
	hasTemplate, hasContainers            bool
	faults                                []*edit.FieldError // in its shape, where it looks like a controller's

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
		o.readTemplate(edit.Get(root, "spec", "template"))
	}
	o.faults = o.faultsIn(root)
	return o
}

// readTemplate reads the pods of a Deployment.
func (o *Object) readTemplate(template *yaml.Node) {
	spec := edit.Get(template, "spec")
	o.hasTemplate = edit.IsMap(template)
	o.ServiceAccountName = cmp.Or(edit.Text(spec, "serviceAccountName"), edit.Text(spec, "serviceAccount")) // its deprecated alias
	for _, c := range edit.Elements(edit.Get(spec, "containers")) {
		o.hasContainers = true
		if edit.Text(c, "name") == managerContainer {
			o.Image = edit.Text(c, "image")
		}
	}
	o.Registry, o.runs, o.tag = cutImage(o.Image)
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
