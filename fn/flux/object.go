package flux

import (
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
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

	partOf, component, managedBy string // labels
	version                      string // a label too
	previousNames                []string
	prefixes                     []string
	suffixes                     []string
	faults                       []fault

	// Of Deployments only.
	ServiceAccountName string            // "" for the one called default
	images             map[string]string // by container
	hasTemplate        bool
}

// fault is what is wrong with the shape of an object.
type fault struct {
	path    edit.Path
	message string
}

// readObjects returns the ServiceAccounts and Deployments of the stream, but for those
// that are never applied (local-config).
func readObjects(items []*krm.Item) []*Object {
	var wanted []*krm.Item
	for _, item := range items {
		if item.MayBe(serviceAccount, deployment) {
			wanted = append(wanted, item)
		}
	}
	objects := make([]*Object, len(items))
	if len(wanted) > 0 {
		krm.Each(wanted, func(item *krm.Item) {
			objects[item.Index] = readObject(item)
		})
	}
	return slices.DeleteFunc(objects, func(o *Object) bool { return o == nil })
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
	annotations := edit.Get(root, "metadata", "annotations")
	if !isAccount && !isDeployment || krm.IsLocal(root) {
		return nil
	}
	labels := edit.Get(root, "metadata", "labels")
	o := &Object{
		Item:          item,
		Kind:          kind,
		Name:          edit.Text(root, "metadata", "name"),
		Namespace:     edit.Text(root, "metadata", "namespace"),
		partOf:        edit.Text(labels, partOfLabel),
		component:     edit.Text(labels, ComponentLabel),
		managedBy:     edit.Text(labels, managedByLabel),
		version:       edit.Text(labels, versionLabel),
		previousNames: commaList(edit.Text(annotations, previousNamesAnnotation)),
		prefixes:      commaList(edit.Text(annotations, prefixesAnnotation)),
		suffixes:      commaList(edit.Text(annotations, suffixesAnnotation)),
	}
	o.readFile()
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

func (o *Object) readFile() {
	if o.File = o.Item.Path(); o.File != "" {
		o.Dir = path.Dir(o.File)
	}
}

func (o *Object) readPodSpec(spec *yaml.Node) {
	o.ServiceAccountName = edit.Text(spec, "serviceAccountName")
	if o.ServiceAccountName == "" {
		o.ServiceAccountName = edit.Text(spec, "serviceAccount") // its deprecated alias
	}
	o.images = map[string]string{}
	for _, c := range edit.Elements(edit.Get(spec, "containers")) {
		o.images[edit.Text(c, "name")] = edit.Text(c, "image")
	}
}

func commaList(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// String names the object for a message.
func (o *Object) String() string {
	if o.Namespace == "" {
		return o.Kind + " " + o.Name
	}
	return o.Kind + " " + o.Namespace + "/" + o.Name
}
