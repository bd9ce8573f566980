// Package provider says what a cloud is to the function: the fields of an identity, the
// integrations of Flux with its services, and what to write for an identity. The clouds
// beside this package fill that in; they know nothing of YAML.
package provider

import (
	"fmt"
	"slices"
	"strings"
)

// Provider is a cloud.
type Provider struct {
	// Name is the section of the spec and the value of the ConfigMap's key "cloud".
	Name string
	// Title is the name that people use.
	Title string
	// Identity is the field that names the identity itself.
	Identity Field
	// Options are the other fields, each a default on the section or on an identity.
	Options []Field
	// Integrations are the services of the cloud that Flux works with.
	Integrations []Integration
	// Check finds what is wrong among fields that are right each by itself.
	Check func(Values) []Complaint
	// Settings returns what an identity means in Kubernetes.
	Settings func(Values) Settings
	// NeedsDeployment says that settings go to the Deployments too.
	NeedsDeployment bool
	// Keys are the labels and annotations of workload identity in this cloud; one that
	// ends in a slash stands for all below it.
	Keys []string
	// Harmless are the labels among them that do no harm on a ServiceAccount, where some
	// documentation sets them.
	Harmless []string
}

// Field is a field of an identity.
type Field struct {
	Name     string
	Type     Type
	Required bool
	// Check returns what is wrong with a value of the right type; nil if nothing.
	Check func(value string) []Complaint
	// FoldCase says that the case of letters does not count.
	FoldCase bool
	// Pattern is what Check accepts of a string as far as a regular expression of JSON schema
	// (ECMA 262) can say it; Minimum and Maximum are the same of a number.
	Pattern          string
	Minimum, Maximum int
	// Want says what Check accepts, for a value that is missing or of another type.
	Want string
	// Example is a valid value, and Doc one sentence about the field.
	Example, Doc string
	// Forms are valid values of other shapes, for values that are known in part.
	Forms []string
}

// Type is the type of a field in YAML. A ConfigMap holds all of them as strings.
type Type int

// The types of fields.
const (
	String Type = iota
	Bool
	Int
)

// Integration is a service of a cloud, and the controllers that talk to it.
type Integration struct {
	Name        string
	Controllers []string
	// Doc says what there the identity is for, in words that follow "for".
	Doc string
	// Since is the first version of Flux that has it, "" where it is older than those that
	// this function knows (https://fluxcd.io/blog/, the changelogs of the controllers).
	Since string
}

// Values are the fields of an identity as strings, by name, the defaults of the section
// filled in.
type Values map[string]string

// Complaint says what is wrong with a value, in words that follow the value itself:
// "want a GUID". A warning is for what may be meant.
type Complaint struct {
	Field   string // of which field; only a Provider's Check sets it
	Text    string
	Warning bool
}

// Wrong returns a complaint that makes an error.
func Wrong(format string, args ...any) []Complaint {
	return []Complaint{{Text: fmt.Sprintf(format, args...)}}
}

// Settings are what the objects of a controller are to hold.
type Settings struct{ ServiceAccount, Deployment Fragment }

// Of returns the fragment of a kind of object, nil for one that carries no identity.
func (s Settings) Of(kind string) Fragment {
	switch kind {
	case "ServiceAccount":
		return s.ServiceAccount
	case "Deployment":
		return s.Deployment
	}
	return nil
}

// Fragment is what an object is to hold, as plain data: the values of a strategic merge, in the order
// in which they are written.
type Fragment []Entry

// Entry is a value, and the names that lead to it.
type Entry struct {
	Path  []string
	Value string
}

// Key is the last name of a path.
func (e Entry) Key() string { return e.Path[len(e.Path)-1] }

// Value returns the one at a path, "" for none.
func (f Fragment) Value(path []string) string {
	if i := slices.IndexFunc(f, func(e Entry) bool { return slices.Equal(e.Path, path) }); i >= 0 {
		return f[i].Value
	}
	return ""
}

// The maps that hold labels and annotations.
var (
	Annotations    = []string{"metadata", "annotations"}
	Labels         = []string{"metadata", "labels"}
	PodAnnotations = []string{"spec", "template", "metadata", "annotations"}
	PodLabels      = []string{"spec", "template", "metadata", "labels"}
)

// Fields returns the identity's own field, then the options.
func (p *Provider) Fields() []Field {
	return append([]Field{p.Identity}, p.Options...)
}

// Integration returns the integration of that name.
func (p *Provider) Integration(name string) (Integration, bool) {
	i := slices.IndexFunc(p.Integrations, func(i Integration) bool { return i.Name == name })
	if i < 0 {
		return Integration{}, false
	}
	return p.Integrations[i], true
}

// CanUse reports whether a controller has any use for the cloud.
func (p *Provider) CanUse(controller string) bool {
	return slices.ContainsFunc(p.Integrations, func(i Integration) bool {
		return slices.Contains(i.Controllers, controller)
	})
}

// Same reports whether two identities have the same values.
func (p *Provider) Same(a, b Values) bool {
	return !slices.ContainsFunc(p.Fields(), func(f Field) bool {
		return a[f.Name] != b[f.Name] && (!f.FoldCase || !EqualFold(a[f.Name], b[f.Name]))
	})
}

// Owns reports whether a label or an annotation is one of the cloud's.
func (p *Provider) Owns(key string) bool {
	return slices.ContainsFunc(p.Keys, func(k string) bool {
		return k == key || strings.HasSuffix(k, "/") && strings.HasPrefix(key, k)
	})
}

// In returns entries of a map, given by their keys and the names of the fields that fill them in: those
// whose fields have a value.
func (v Values) In(place []string, keys ...[2]string) (fragment Fragment) {
	for _, k := range keys {
		if value := v[k[1]]; value != "" {
			fragment = append(fragment, Entry{With(place, k[0]), value})
		}
	}
	return fragment
}

// With returns a path one name longer.
func With(path []string, name string) []string { return append(slices.Clone(path), name) }
