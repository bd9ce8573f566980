package patches

import (
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

// standInText returns the accounts and Deployments of an install that is known by what declares it alone,
// two documents for each controller, with the fields that patches are wont to find in those of Flux.
func standInText(install *flux.Install, namespace string) string {
	var b strings.Builder
	for _, c := range install.Controllers {
		b.WriteString(strings.NewReplacer("NAMESPACE", namespace, "CONTROLLER", c.Name, "NAME", install.NameOf(c.Name)).Replace(standInObjects))
	}
	return b.String()
}

const standInObjects = `---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: NAME
  namespace: NAMESPACE
  labels: {app.kubernetes.io/component: CONTROLLER, app.kubernetes.io/instance: flux-system, app.kubernetes.io/part-of: flux}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: NAME
  namespace: NAMESPACE
  labels: {app.kubernetes.io/component: CONTROLLER, app.kubernetes.io/instance: flux-system, app.kubernetes.io/part-of: flux, control-plane: controller}
spec:
  replicas: 1
  selector: {matchLabels: {app: NAME}}
  template:
    metadata:
      annotations: {prometheus.io/port: "8080", prometheus.io/scrape: "true"}
      labels: {app: NAME, app.kubernetes.io/component: CONTROLLER, app.kubernetes.io/part-of: flux}
    spec:
      containers:
      - name: manager
        image: ghcr.io/fluxcd/CONTROLLER
        imagePullPolicy: IfNotPresent
        args: [--watch-all-namespaces=true, --log-level=info, --log-encoding=json, --enable-leader-election]
        env: [{name: RUNTIME_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}]
        ports: [{containerPort: 8080, name: http-prom, protocol: TCP}]
        livenessProbe: {httpGet: {path: /healthz, port: healthz}}
        readinessProbe: {httpGet: {path: /readyz, port: healthz}}
        resources: {limits: {cpu: 1000m, memory: 1Gi}, requests: {cpu: 100m, memory: 64Mi}}
        securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true}
        volumeMounts: [{mountPath: /tmp, name: temp}]
      nodeSelector: {kubernetes.io/os: linux}
      priorityClassName: system-cluster-critical
      securityContext: {fsGroup: 1337}
      serviceAccountName: NAME
      terminationGracePeriodSeconds: 10
      volumes: [{emptyDir: {}, name: temp}]
`

// standsFor reports whether an object of a build stands in for one of a home that is not in the stream, and
// returns its controller.
func (w *writer) standsFor(of kustomize.Built) (controller string, ok bool) {
	if path.Base(of.File) != standInFile && of.File != w.home.standIn || of.File == "" || len(w.home.Installs) == 0 {
		return "", false
	}
	return w.home.Installs[0].Controllers[of.Index/len(kinds)].Name, true
}

// listing are the fields of a Kustomization that list objects.
var listing = []string{"resources", "bases"}

// standIn adds to the tree what stands in for the controllers of a Kustomization that are not in the
// stream: in place of what it lists and is not seen; of several, of what looks as if it were theirs.
func (o *Output) standIn(h *Home) {
	if h.kustomization == nil || len(h.Installs) == 0 || h.Installs[0].Declared == nil {
		return
	}
	say := func(item *krm.Item, field edit.Path, message string) {
		o.unseen = append(o.unseen, func(severity sdk.Severity) { o.report.Item(severity, item, field, message) })
	}
	unseen := slices.DeleteFunc(slices.Clone(o.tree.Build(o.tree.RootOf(h.kustomization)).NotSeen), func(n kustomize.NotSeen) bool {
		return !slices.Contains(listing, n.Field[0])
	})
	if len(unseen) == 0 {
		say(h.Item, nil, fmt.Sprintf("the controllers are not among the items: want %s there, to see that the patches find them", flux.ComponentsFile))
		return
	}
	looks := func(n kustomize.NotSeen) int {
		return slices.IndexFunc([]string{flux.ComponentsFile, "flux2", "flux", "install", ""}, func(word string) bool { return strings.Contains(n.What, word) })
	}
	n := slices.MinFunc(unseen, func(a, b kustomize.NotSeen) int { return looks(a) - looks(b) })
	say(n.Item, n.Field, fmt.Sprintf("%q: not looked at, since it %s, and taken for an install of all controllers: want it among the items, to see that the patches find them; "+proof.WayOut, n.What, n.Why, h.kustomization.Dir()))
	h.standIn = path.Join(path.Dir(n.Item.Path()), n.What)
	o.tree = o.tree.Add(h.standIn, standInText(h.Installs[0], "flux-system"))
}

// build returns the tree of the home, and the home as a root. flux-operator gives its objects their
// namespace after the patches (its docs/guides/instance/instance-customization.md: a target must
// not contain one).
func (w *writer) build() (*kustomize.Tree, kustomize.Root) {
	if k := w.home.kustomization; k != nil {
		return w.tree, w.tree.RootOf(k)
	}
	install := w.home.Installs[0]
	dir := install.String()
	k := mapOf("apiVersion", text("kustomize.config.k8s.io/v1beta1"), "kind", text("Kustomization"),
		"resources", &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{text(standInFile)}}, "namespace", text(install.Namespace))
	if patches := edit.Get(w.home.Item.Node(), w.home.List...); patches != nil {
		k.Content = append(k.Content, text(kustomize.PatchesPath[0]), patches)
	}
	list, err := krm.ParseManifests(krm.Stream{}, krm.Stream{Path: path.Join(dir, "kustomization.yaml"), Text: []byte(printed(k))},
		krm.Stream{Path: path.Join(dir, standInFile), Text: []byte(standInText(install, ""))})
	if err != nil {
		w.report.Item(sdk.Error, w.home.Item, w.home.List, fmt.Sprintf("cannot be built here: %v: want patches that kustomize takes", err))
		return nil, kustomize.Root{}
	}
	w.instance = list
	tree := kustomize.TreeOf(list)
	return tree, tree.RootOf(tree.Kustomizations()[0])
}

// ofInstance returns where an entry stands in the FluxInstance.
func (w *writer) ofInstance(e kustomize.Step) kustomize.Step {
	if len(e.Field) == 0 || e.Field[0] != kustomize.PatchesPath[0] {
		return kustomize.Step{Item: w.home.Item}
	}
	return kustomize.Step{Item: w.home.Item, Field: slices.Concat(w.home.List, e.Field[1:]), Kind: e.Kind}
}

// instanceProof is that of the patches of a FluxInstance, built over the components it declares.
func (w *writer) instanceProof() *proof.Proof {
	return &proof.Proof{
		Cloud: w.plan.Cloud, Before: w.site, Roots: []kustomize.Root{w.root}, Wants: w.wants, Name: w.config.Patches.Name, Place: w.ofInstance,
		Again: func([]*krm.Item) *kustomize.Tree {
			w.instance.Reset()
			item := w.root.Kustomization.Item
			for i := range slices.Backward(edit.Elements(edit.Get(item.Node(), kustomize.PatchesPath...))) {
				_ = item.RemoveElement(kustomize.PatchesPath, i) // of a list that we have made
			}
			for i, e := range edit.Elements(edit.Get(w.home.Item.Node(), w.home.List...)) {
				_ = item.SetElement(kustomize.PatchesPath, i, e)
			}
			return w.site.Again()
		},
	}
}
