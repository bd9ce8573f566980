package kustomize

import (
	"maps"
	"regexp"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/krm"
)

// Object is what a selector looks at.
type Object struct {
	Group, Version, Kind, Name, Namespace string
	// Node is the object itself, nil where only the rest is known of it.
	Node *yaml.Node
	// Labels and Annotations are what it may get on the way: kustomize selects by what the
	// patches before have made of an object.
	Labels, Annotations map[string]string
}

// ObjectOf returns an item of the stream as selectors look at it.
func ObjectOf(item *krm.Item) Object {
	n := item.Node()
	o := Object{Kind: edit.Text(n, "kind"), Name: edit.Text(n, "metadata", "name"), Namespace: edit.Text(n, "metadata", "namespace"), Node: n}
	o.Group, o.Version = SplitVersion(edit.Text(n, "apiVersion"))
	return o
}

// SplitVersion returns the group and the version of an apiVersion.
func SplitVersion(apiVersion string) (group, version string) {
	group, version, ok := strings.Cut(apiVersion, "/")
	if !ok {
		return "", apiVersion
	}
	return group, version
}

// Selector is the target of a patch (api/types/selector.go): every field is a regular
// expression for all of the value, and one that is empty selects all.
type Selector struct {
	Group, Version, Kind, Name, Namespace string
	LabelSelector, AnnotationSelector     string
}

func selectorOf(n *yaml.Node) *Selector {
	return &Selector{
		Group: edit.Text(n, "group"), Version: edit.Text(n, "version"), Kind: edit.Text(n, "kind"),
		Name: edit.Text(n, "name"), Namespace: edit.Text(n, "namespace"),
		LabelSelector: edit.Text(n, "labelSelector"), AnnotationSelector: edit.Text(n, "annotationSelector"),
	}
}

// Matches reports whether the selector selects the object, or may, as far as is known.
func (s *Selector) Matches(o Object) bool {
	return matches(s.Group, o.Group) && matches(s.Version, o.Version) && matches(s.Kind, o.Kind) &&
		matches(s.Name, o.Name) && (o.Namespace == "" || matches(s.Namespace, o.Namespace)) &&
		(o.Node == nil || s.matchesMaps(o))
}

func matches(pattern, value string) bool {
	if pattern == "" || pattern == value {
		return true
	}
	re, err := regexp.Compile("^(?:" + pattern + ")$")
	return err == nil && re.MatchString(value)
}

// matchesMaps reports whether the selectors of labels and annotations match what the object has,
// or what it may get.
func (s *Selector) matchesMaps(o Object) bool {
	has := yaml.NewRNode(o.Node)
	if s.matchesNode(has) {
		return true
	}
	gets := yaml.NewMapRNode(nil)
	if gets.SetLabels(merged(has.GetLabels(), o.Labels)) != nil || gets.SetAnnotations(merged(has.GetAnnotations(), o.Annotations)) != nil {
		return true
	}
	return s.matchesNode(gets)
}

// matchesNode is as kustomize has it. What it cannot read may match.
func (s *Selector) matchesNode(n *yaml.RNode) bool {
	labels, err := n.MatchesLabelSelector(s.LabelSelector)
	if err == nil && !labels && s.LabelSelector != "" {
		return false
	}
	annotations, err := n.MatchesAnnotationSelector(s.AnnotationSelector)
	return err != nil || annotations || s.AnnotationSelector == ""
}

func merged(a, b map[string]string) map[string]string {
	m := map[string]string{}
	maps.Copy(m, a)
	maps.Copy(m, b)
	return m
}

// Names returns the pattern that selects just these names, in the form of Flux's
// documentation: source-controller, (source-controller|image-reflector-controller).
func Names(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = regexp.QuoteMeta(name)
	}
	if len(quoted) == 1 {
		return quoted[0]
	}
	return "(" + strings.Join(quoted, "|") + ")"
}
