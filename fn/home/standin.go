package home

import (
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/edit"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/output/proof"
)

// standInFile is the name of a file of objects that stand in for controllers which are not in the stream.
const standInFile = "flux-workload-identity.stand-in.yaml"

// standInObjects are those of one controller, with the fields that patches are wont to find in those of Flux.
//
//go:embed standin.yaml
var standInObjects string

// standInText returns the accounts and Deployments of an install that is known by what declares it alone,
// two documents for each controller.
func standInText(install *flux.Install, namespace string) string {
	var b strings.Builder
	for _, c := range install.Controllers {
		b.WriteString(strings.NewReplacer("NAMESPACE", namespace, "CONTROLLER", c.Name, "NAME", install.NameOf(c.Name)).Replace(standInObjects))
	}
	return b.String()
}

// StandsFor reports whether an object of a build stands in for one of the home that is not in the stream,
// and returns its controller.
func (h *Home) StandsFor(of kustomize.Built) (controller string, ok bool) {
	if path.Base(of.File) != standInFile && of.File != h.standIn || of.File == "" || len(h.Installs) == 0 {
		return "", false
	}
	return h.Installs[0].Controllers[of.Index/2].Name, true
}

// standIn adds to the tree what stands in for the controllers of a Kustomization that are not in the
// stream: in place of what it lists and is not seen; of several, of what looks as if it were theirs.
func (h *Homes) standIn(of *Home) {
	if of.Kustomization == nil || len(of.Installs) == 0 || of.Installs[0].Declared == nil {
		return
	}
	unseen := slices.DeleteFunc(slices.Clone(h.Tree.Build(h.Tree.RootOf(of.Kustomization)).NotSeen), func(n kustomize.NotSeen) bool { return !isListing(n) })
	if len(unseen) == 0 {
		h.unseen = append(h.unseen, finding{of.Item, nil, fmt.Sprintf("the controllers are not among the items: want %s there, to see that the patches find them", flux.ComponentsFile)})
		return
	}
	looks := func(n kustomize.NotSeen) int {
		return slices.IndexFunc([]string{flux.ComponentsFile, "flux2", "flux", "install", ""}, func(word string) bool { return strings.Contains(n.What, word) })
	}
	n := slices.MinFunc(unseen, func(a, b kustomize.NotSeen) int { return looks(a) - looks(b) })
	h.unseen = append(h.unseen, finding{n.Item, n.Field, fmt.Sprintf(
		"%q: not looked at, since it %s, and taken for an install of all controllers: want it among the items, to see that the patches find them; "+proof.WayOut, n.What, n.Why, of.Kustomization.Dir())})
	of.standIn = path.Join(path.Dir(n.Item.Path()), n.What)
	h.Tree = h.Tree.Add(of.standIn, standInText(of.Installs[0], "flux-system"))
}

// site notes what the home is built in. flux-operator gives its objects their namespace after the patches
// (its docs/guides/instance/instance-customization.md: a target must not contain one).
func (h *Home) site(tree *kustomize.Tree, report *krm.Report) {
	if h.Kustomization != nil {
		h.Tree, h.Root = tree, tree.RootOf(h.Kustomization)
		return
	}
	install := h.Installs[0]
	dir := install.String()
	k := yaml.NewMapRNode(&map[string]string{"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "namespace": install.Namespace}).YNode()
	k.Content = append(k.Content, edit.NewString("resources"), yaml.NewListRNode(standInFile).YNode())
	if patches := edit.Get(h.Item.Node(), h.List...); patches != nil {
		k.Content = append(k.Content, edit.NewString(kustomize.PatchesPath[0]), patches)
	}
	text, err := yaml.String(k)
	if err == nil {
		h.instance, err = krm.ParseManifests(krm.Stream{}, krm.Stream{Path: path.Join(dir, "kustomization.yaml"), Text: []byte(text)},
			krm.Stream{Path: path.Join(dir, standInFile), Text: []byte(standInText(install, ""))})
	}
	if err != nil {
		report.Item(sdk.Error, h.Item, h.List, fmt.Sprintf("cannot be built here: %v: want patches that kustomize takes", err))
		return
	}
	h.Tree = kustomize.TreeOf(h.instance)
	h.Root = h.Tree.RootOf(h.Tree.Kustomizations()[0])
}

// Place returns where an entry of the tree stands in the stream.
func (h *Home) Place(e kustomize.Step) kustomize.Step {
	switch {
	case h.Kustomization != nil:
		return e
	case len(e.Field) == 0 || e.Field[0] != kustomize.PatchesPath[0]:
		return kustomize.Step{Item: h.Item}
	}
	return kustomize.Step{Item: h.Item, Field: slices.Concat(h.List, e.Field[1:]), Kind: e.Kind}
}

// Again returns the tree of a FluxInstance after its edit.
func (h *Home) Again() *kustomize.Tree {
	h.instance.Reset()
	item := h.Root.Kustomization.Item
	var ops []edit.Op
	for i := range slices.Backward(edit.Elements(edit.Get(item.Node(), kustomize.PatchesPath...))) {
		ops = append(ops, edit.Remove(kustomize.PatchesPath, i))
	}
	for i, e := range edit.Elements(edit.Get(h.Item.Node(), h.List...)) {
		ops = append(ops, edit.SetElement(kustomize.PatchesPath, i, e))
	}
	_ = item.Apply(ops...) // of a list that we have made
	return h.Tree.Again()
}
