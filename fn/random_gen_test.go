package fn_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"regexp"
	"slices"
	"strings"

	sigs "sigs.k8s.io/yaml"
)

// randomTree is a folder of Kustomizations around Flux installs, and a configuration for it. Its
// parts can be switched off, one by one, as long as what is left still shows a fault.
type randomTree struct {
	sources []*source
	layers  []*layer
	config  *randomConfig
	plain   bool // plain manifests with all files, JSON patches too; else what kpt hands on
}

// source is an object as it is written; kustomize may make several of it.
type source struct {
	off                        bool
	file, text                 string
	install                    string // its namespace; "" for what is no controller's
	controller, namespace, own string
}

// layer is a Kustomization or a Component, or one of Flux's own, which lists the directory that it builds.
type layer struct {
	off, component, flux bool
	dir                  string
	entries              []*entry
}

// entry is one line of a list or a map of a Kustomization, or a field, with the files that it needs.
type entry struct {
	off                  bool
	feature, field, text string
	ref                  string // the file or folder that is listed, which may be switched off
	files                map[string]string
}

type randomConfig struct {
	cloud                  string
	identities             []randomIdentity
	namespace, path, named string
	adopt                  bool
}

type randomIdentity struct {
	value       string
	integration string // which stands for the controllers, those too that an install lacks
	controllers []string
}

// affixes are what the layers below made of names and namespaces.
type affixes struct{ prefix, suffix, namespace string }

func (a affixes) name(n string) string { return a.prefix + n + a.suffix }

type generator struct {
	*rand.Rand
	tree    *randomTree
	origins int
	patches int
}

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

// weighted picks an index, the larger numbers more often.
func (g *generator) weighted(weights ...int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := g.IntN(sum)
	for i, w := range weights {
		if n < w {
			return i
		}
		n -= w
	}
	panic("unreachable")
}

const (
	originPrefix = "origin-" // of the markers that no layer touches
)

// values are identities by cloud: two that configurations give, and one of somebody else.
var values = map[string][]string{
	"aws":   {"arn:aws:iam::111122223333:role/one", "arn:aws:iam::111122223333:role/two", "arn:aws:iam::444455556666:role/other"},
	"azure": {"11111111-1b4f-4c3e-9d2a-1f0e8b7c6d5a", "22222222-1b4f-4c3e-9d2a-1f0e8b7c6d5a", "33333333-1b4f-4c3e-9d2a-1f0e8b7c6d5a"},
	"gcp":   {"flux-one@my-project.iam.gserviceaccount.com", "flux-two@my-project.iam.gserviceaccount.com", "flux-other@my-project.iam.gserviceaccount.com"},
}

// integrations are identities that name no controllers:
// https://fluxcd.io/flux/integrations/.
var integrations = map[string][]randomIdentity{
	"aws":   {{values["aws"][0], "ECR", []string{"source-controller", "image-reflector-controller"}}, {values["aws"][1], "KMS", []string{"kustomize-controller"}}},
	"azure": {{values["azure"][0], "ACR", []string{"source-controller", "image-reflector-controller"}}},
	"gcp":   {{values["gcp"][0], "GAR", []string{"source-controller", "image-reflector-controller"}}, {values["gcp"][1], "KMS", []string{"kustomize-controller"}}},
}

const treeTenant = "7c1e0d9a-5b4f-4c3e-9d2a-1f0e8b7c6d5a"

var keyOf = map[string]string{
	"aws": "eks.amazonaws.com/role-arn", "azure": "azure.workload.identity/client-id", "gcp": "iam.gke.io/gcp-service-account",
}

const (
	tenantKey = "azure.workload.identity/tenant-id"
	useKey    = "azure.workload.identity/use"
)

// generate makes the tree of a seed.
func generate(seed uint64) *randomTree {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 12)), tree: &randomTree{}}
	t := g.tree
	t.plain = g.chance(40)
	cloud := pick(g, "aws", "aws", "azure", "gcp")
	c := &randomConfig{cloud: cloud}
	t.config = c

	has := []string{"source-controller", "kustomize-controller"}
	for _, name := range []string{"notification-controller", "helm-controller", "image-reflector-controller"} {
		if g.chance(60) {
			has = append(has, name)
		}
	}
	gets := slices.Clone(has)
	if cloud == "aws" { // Flux's notification-controller has no use for AWS
		gets = slices.DeleteFunc(gets, func(name string) bool { return name == "notification-controller" })
	}
	g.Shuffle(len(gets), func(i, j int) { gets[i], gets[j] = gets[j], gets[i] })
	if g.chance(40) {
		c.identities = slices.Clone(integrations[cloud][:1+g.IntN(len(integrations[cloud]))])
	} else {
		for i := range 1 + g.IntN(2) {
			n := 1 + g.IntN(2)
			if n > len(gets) {
				break
			}
			c.identities = append(c.identities, randomIdentity{value: values[cloud][i], controllers: gets[:n]})
			gets = gets[n:]
		}
	}

	base := g.layer("flux", false)
	g.install(base, "flux", "flux-system", has)
	if g.chance(10) { // a second install
		namespace := pick(g, "flux-b", "tenant-flux")
		some := slices.Clone(has[:1+g.IntN(len(has))])
		if g.chance(50) {
			g.install(base, "flux/second", namespace, some)
		} else {
			second := g.layer("second", false)
			g.install(second, "second", namespace, some)
			if g.chance(50) {
				c.path = pick(g, "**", "flux")
			}
		}
		if g.chance(70) {
			c.namespace = pick(g, "*", "flux-system", "flux-system", namespace)
		}
	}
	g.foreigners(base)

	// The layers above, with what they make of the names below.
	at := affixes{namespace: "flux-system"}
	at = g.fill(base, at)
	below := []string{"flux"}
	if second := t.at("second"); second != nil {
		g.fill(second, affixes{namespace: c.namespace})
		below = append(below, "second")
	}
	above := g.weighted(15, 45, 25, 15)
	for i := range above {
		l := g.layer([]string{"mid", "prod", "top"}[i], false)
		if g.chance(12) && t.at("apps") == nil {
			g.lookAlikes()
			l.list("resources", "../apps", "apps")
		}
		for _, dir := range below {
			l.list("resources", "../"+dir, dir)
		}
		g.foreigners(l)
		at = g.fill(l, at)
		below = []string{l.dir}
	}
	if g.chance(15) {
		l := g.layer("staging", false)
		l.list("resources", "../flux", "flux")
		g.fill(l, affixes{namespace: "flux-system"})
	}
	if g.chance(7) {
		g.shards(below[0])
	}
	if len(t.layers) > 1 && g.chance(45) {
		var dirs []string
		for _, l := range t.layers {
			if !l.component && strings.Count(l.dir, "/") == 0 {
				dirs = append(dirs, l.dir)
			}
		}
		c.named = pick(g, dirs...) + "/kustomization.yaml"
	}
	c.adopt = g.chance(40)
	if g.chance(15) {
		g.synced(below[0], at)
	}
	return t
}

// synced adds a Kustomization of Flux itself, which has its own share in what is built.
func (g *generator) synced(dir string, at affixes) {
	l := g.layer("clusters", false)
	l.flux = true
	l.list("path", dir, dir)
	for range g.weighted(0, 60, 40) {
		switch g.weighted(45, 15, 15, 15, 10) {
		case 0:
			other := &layer{}
			for len(other.entries) == 0 || other.entries[0].field != "patches" || len(other.entries[0].files) > 0 {
				other.entries = nil
				g.patch(other, at)
			}
			l.entries = append(l.entries, other.entries...)
		case 1:
			name := fmt.Sprintf("comp%d", len(g.tree.layers))
			g.patch(g.layer(name, true), at)
			l.list("components", "../"+name, name)
		case 2:
			if !l.has("commonMetadata") {
				l.add("metadata", "commonMetadata", pick(g, "labels:\n  team: z", "annotations:\n  example.com/owner: platform",
					"annotations:\n  "+keyOf[g.tree.config.cloud]+": "+values[g.tree.config.cloud][2]))
			}
		case 3:
			if !l.has("namePrefix") {
				l.add("prefix", "namePrefix", "synced-")
			}
		case 4:
			if !l.has("targetNamespace") {
				l.add("namespace", "targetNamespace", pick(g, "gitops", "flux-system"))
			}
		}
	}
}

// syncFile is that of Flux's Kustomization.
const syncFile = "clusters/sync.yaml"

// asFlux returns the folder as it is when Flux builds a directory, with what it sets afterwards
// (https://github.com/fluxcd/pkg/blob/main/kustomize/kustomize_generator.go): names and the namespace instead of
// those that are there, patches and components behind them.
func (f folder) asFlux() (g folder, dir string, common map[string]map[string]string, err error) {
	var sync struct {
		Spec struct {
			Path, TargetNamespace, NamePrefix string
			Patches, Components               []any
			CommonMetadata                    map[string]map[string]string
		}
	}
	if err = sigs.Unmarshal([]byte(f[syncFile]), &sync); err != nil {
		return nil, "", nil, err
	}
	spec := sync.Spec
	name := path.Join(spec.Path, "kustomization.yaml")
	k := map[string]any{}
	if err = sigs.Unmarshal([]byte(f[name]), &k); err != nil {
		return nil, "", nil, err
	}
	for field, value := range map[string]string{"namespace": spec.TargetNamespace, "namePrefix": spec.NamePrefix} {
		if value != "" {
			k[field] = value
		}
	}
	for field, more := range map[string][]any{"patches": spec.Patches, "components": spec.Components} {
		list, _ := k[field].([]any)
		if more = append(list, more...); len(more) > 0 {
			k[field] = more
		}
	}
	text, err := sigs.Marshal(k)
	g = maps.Clone(f)
	g[name] = string(text)
	return g, path.Clean(spec.Path), spec.CommonMetadata, err
}

func (t *randomTree) at(dir string) *layer {
	for _, l := range t.layers {
		if l.dir == dir && !l.off {
			return l
		}
	}
	return nil
}

func (g *generator) layer(dir string, component bool) *layer {
	l := &layer{dir: dir, component: component}
	g.tree.layers = append(g.tree.layers, l)
	return l
}

func (l *layer) list(field, text, ref string) {
	l.entries = append(l.entries, &entry{field: field, text: text, ref: ref})
}

func (l *layer) has(field string) bool {
	return slices.ContainsFunc(l.entries, func(e *entry) bool { return e.field == field })
}

// origin returns a marker for an object.
func (g *generator) origin() string {
	g.origins++
	return fmt.Sprint(originPrefix, g.origins)
}

// install writes the controllers of an install, to one file or two.
func (g *generator) install(l *layer, dir, namespace string, names []string) {
	labelled := g.chance(85)
	split := g.chance(10)
	annotated := g.chance(30)
	file := func(second bool) string {
		if second && split {
			return path.Join(dir, "accounts.yaml")
		}
		return path.Join(dir, "gotk-components.yaml")
	}
	for _, name := range names {
		labels := ""
		if labelled {
			labels = fluxLabels(name)
		}
		annotations := ""
		if annotated {
			annotations = "  annotations:\n    example.com/by: platform\n"
		}
		g.tree.sources = append(g.tree.sources,
			&source{file: file(true), install: namespace, controller: name, namespace: namespace, own: name, text: g.account(namespace+"/"+name, labels+annotations)},
			&source{file: file(false), install: namespace, controller: name, namespace: namespace, own: name, text: g.workload(namespace+"/"+name, official+"/"+name+":v1.9.4", name, labels)})
		if g.chance(4) { // a shard that is rendered already
			shard := name + "-shard1"
			g.tree.sources = append(g.tree.sources,
				&source{file: file(false), install: namespace, controller: name, namespace: namespace, own: shard, text: g.workload(namespace+"/"+shard, official+"/"+name+":v1.9.4", name, labels)})
		}
	}
	for _, f := range slices.Compact([]string{file(false), file(true)}) {
		name, _ := strings.CutPrefix(f, l.dir+"/")
		l.list("resources", name, f)
	}
}

func (g *generator) account(name, more string) string {
	return account(name, more) + "secrets:\n- name: " + g.origin() + "\n"
}

func (g *generator) workload(name, image, runsAs, more string) string {
	app := name[strings.LastIndex(name, "/")+1:]
	return manifest("apps/v1", "Deployment", name, more) + `spec:
  replicas: 1
  selector:
    matchLabels:
      app: ` + app + `
  template:
    metadata:
      annotations:
        prometheus.io/scrape: "true"
      labels:
        app: ` + app + `
    spec:
      serviceAccountName: ` + runsAs + `
      schedulerName: ` + g.origin() + `
      containers:
      - name: manager
        image: ` + image + `
        args: [--log-level=info]
`
}

// foreigners adds objects that are no controller's to a layer.
func (g *generator) foreigners(l *layer) {
	if !g.chance(35) {
		return
	}
	file := l.dir + "/others.yaml"
	add := func(namespace, name, text string) {
		if namespace == "" {
			text = strings.Replace(text, "  namespace: NONE\n", "", 1)
		}
		g.tree.sources = append(g.tree.sources, &source{file: file, namespace: namespace, own: name, text: text})
	}
	role := ""
	if g.chance(20) {
		role = "  annotations:\n    " + keyOf[g.tree.config.cloud] + ": " + values[g.tree.config.cloud][2] + "\n"
	}
	controller := pick(g, "helm-controller", "source-controller", "kustomize-controller", "image-reflector-controller", "image-reflector-controller")
	switch g.weighted(25, 15, 20, 20, 20) {
	case 0: // k3s has one, https://docs.k3s.io/helm
		add("kube-system", "helm-controller", g.account("kube-system/helm-controller", role))
		if g.chance(50) {
			add("kube-system", "helm-controller", g.workload("kube-system/helm-controller", "rancher/klipper-helm:v1", "helm-controller", ""))
		}
	case 1: // a product that says so
		add("shop", controller, g.account("shop/"+controller, "  labels:\n    app.kubernetes.io/part-of: shop\n"+role))
		if g.chance(50) {
			add("shop", controller, g.workload("shop/"+controller, "example.com/shop:v1", controller, "  labels:\n    app.kubernetes.io/part-of: shop\n"))
		}
	case 2: // what a prefix makes a controller's name of
		add("flux-system", "controller", g.account("flux-system/controller", role))
	case 3: // a tenant's, by name only
		namespace := pick(g, "tenant-a", "tenant-a", "flux-b", "shop")
		add(namespace, controller, g.account(namespace+"/"+controller, role))
	case 4:
		name := pick(g, "builder", controller)
		add("", name, g.account("NONE/"+name, role))
	}
	l.list("resources", "others.yaml", file)
}

// lookAlikes adds a layer of foreign accounts, which its prefix or namespace makes look like
// controllers in the layers above.
func (g *generator) lookAlikes() {
	l := g.layer("apps", false)
	file := "apps/accounts.yaml"
	name, namespace := pick(g, "source-controller", "helm-controller", "image-reflector-controller"), pick(g, "apps", "flux-system")
	prefix, short, _ := strings.Cut(name, "-")
	if g.chance(50) {
		l.add("prefix", "namePrefix", prefix+"-")
		name = short
	}
	text := g.account("NONE/"+name, "")
	if g.chance(60) {
		text = strings.Replace(text, "  namespace: NONE\n", "", 1)
		l.add("namespace", "namespace", namespace)
	} else {
		text = strings.Replace(text, "NONE", namespace, 1)
	}
	g.tree.sources = append(g.tree.sources, &source{file: file, own: name, text: text})
	l.list("resources", "accounts.yaml", file)
}

// fill gives a layer its entries, and returns what it makes of names.
func (g *generator) fill(l *layer, at affixes) affixes {
	var changes affixes
	for range g.weighted(30, 40, 25, 5) {
		if g.chance(10) && !l.component {
			dir := fmt.Sprintf("comp%d", len(g.tree.layers))
			c := g.layer(dir, true)
			for range 1 + g.IntN(2) {
				g.patch(c, at)
			}
			if g.chance(20) {
				g.transformer(c, at)
			}
			l.list("components", "../"+dir, dir)
			continue
		}
		switch g.weighted(10, 5, 8, 10, 3, 3, 4, 48, 9, 4) {
		case 0:
			if !l.has("namePrefix") {
				changes.prefix = pick(g, "acme-", "acme-", "acme-", "helm-", "source-", "kustomize-")
				l.add("prefix", "namePrefix", changes.prefix)
			}
		case 1:
			if !l.has("nameSuffix") {
				changes.suffix = "-eu"
				l.add("suffix", "nameSuffix", changes.suffix)
			}
		case 2:
			if !l.has("namespace") {
				changes.namespace = pick(g, "gitops", "flux-system")
				l.add("namespace", "namespace", changes.namespace)
			}
		case 3:
			l.add("labels", "labels", pick(g, "pairs: {team: x}", "pairs: {team: x}\nincludeSelectors: true", "pairs: {team: x}\nincludeTemplates: true"))
		case 4:
			l.add("commonLabels", "commonLabels", "tier: infra")
		case 5:
			if g.chance(80) {
				l.add("commonAnnotations", "commonAnnotations", "example.com/owner: platform")
			} else {
				l.add("commonAnnotations-identity", "commonAnnotations", keyOf[g.tree.config.cloud]+": "+values[g.tree.config.cloud][2])
			}
		case 6:
			l.add("images", "images", "name: ghcr.io/fluxcd/source-controller\nnewName: "+pick(g, "mirror.example.com/source-controller", "ghcr.io/fluxcd/source-controller")+"\nnewTag: v1.9.5")
		case 7:
			g.patch(l, at)
		case 8:
			g.transformer(l, at)
		case 9:
			g.replacement(l, at)
		}
	}
	at.prefix, at.suffix = changes.prefix+at.prefix, at.suffix+changes.suffix
	if changes.namespace != "" {
		at.namespace = changes.namespace
	}
	return at
}

func (l *layer) add(feature, field, text string) {
	l.entries = append(l.entries, &entry{feature: feature, field: field, text: text})
}

// shards adds the layers of the Flux documentation's sharding:
// https://fluxcd.io/flux/installation/configuration/sharding/.
func (g *generator) shards(below string) {
	shard := g.layer("shard1", false)
	shard.list("resources", "../flux/gotk-components.yaml", "flux/gotk-components.yaml")
	shard.add("suffix", "nameSuffix", "-shard1")
	shard.add("delete-accounts", "patches", "target:\n  kind: (Namespace|ServiceAccount|NetworkPolicy)\npatch: |\n  apiVersion: v1\n  kind: all\n  metadata:\n    name: all\n  $patch: delete\n")
	shard.add("delete-others", "patches", "target:\n  kind: Deployment\n  name: (notification-controller|image-reflector-controller)\npatch: |\n  apiVersion: apps/v1\n  kind: Deployment\n  metadata:\n    name: all\n  $patch: delete\n")
	if g.chance(70) {
		all := g.layer("all", false)
		all.list("resources", "../"+below, below)
		all.list("resources", "../shard1", "shard1")
	}
}

// change is what a patch does, in both forms; "" where a form cannot.
type change struct {
	feature, kind, merge, operations string
	name                             string // of the one controller that it is for, else any
}

func (g *generator) change() change {
	c := g.tree.config
	key, cloud := keyOf[c.cloud], c.cloud
	escaped := strings.ReplaceAll(key, "/", "~1")
	own := pick(g, c.identities...)
	ownName := pick(g, own.controllers...)
	identity := func(value string) (merge, operations string) {
		merge = "metadata:\n  annotations:\n    " + key + ": " + value + "\n"
		operations = "- op: add\n  path: /metadata/annotations\n  value:\n    " + key + ": " + value + "\n"
		if cloud == "azure" {
			merge += "    " + tenantKey + ": " + treeTenant + "\n"
			operations += "    " + tenantKey + ": " + treeTenant + "\n"
		}
		if g.chance(30) {
			operations = "- op: add\n  path: /metadata/annotations/" + escaped + "\n  value: " + value + "\n"
			if cloud == "azure" {
				operations += "- op: add\n  path: /metadata/annotations/" + strings.ReplaceAll(tenantKey, "/", "~1") + "\n  value: " + treeTenant + "\n"
			}
		}
		return merge, operations
	}
	const use = "metadata:\n  labels:\n    " + useKey + ": \"true\"\n"
	switch g.weighted(18, 12, 22, 7, 4, 5, 4, 4, 4, 3, 3, 4, 4, 2, 4) {
	case 0:
		return change{feature: "harmless", kind: "ServiceAccount", merge: "metadata:\n  annotations:\n    example.com/team: x\n", operations: "- op: add\n  path: /metadata/labels/team\n  value: x\n"}
	case 1:
		return change{feature: "harmless", kind: "Deployment", merge: "spec:\n  replicas: 2\n", operations: "- op: replace\n  path: /spec/replicas\n  value: 2\n"}
	case 2:
		merge, operations := identity(own.value)
		if cloud == "azure" && g.chance(40) {
			return change{feature: "pasted-use", kind: "Deployment", name: ownName,
				merge:      pick(g, "", use) + "spec:\n  template:\n    metadata:\n      labels:\n        " + useKey + ": \"true\"\n",
				operations: "- op: add\n  path: /spec/template/metadata/labels/" + strings.ReplaceAll(useKey, "/", "~1") + "\n  value: \"true\"\n"}
		}
		if cloud == "azure" && g.chance(10) {
			merge += "  labels:\n    " + useKey + ": \"true\"\n"
		}
		return change{feature: "pasted", kind: "ServiceAccount", merge: merge, operations: operations, name: ownName}
	case 3:
		merge, operations := identity(values[cloud][2])
		return change{feature: "pasted-other-role", kind: "ServiceAccount", merge: merge, operations: operations, name: ownName}
	case 4:
		merge, operations := identity(own.value)
		return change{feature: "pasted-other-controller", kind: "ServiceAccount", merge: merge, operations: operations, name: pick(g, "notification-controller", "helm-controller", "source-controller")}
	case 5:
		return change{feature: "wipe-replace", kind: "ServiceAccount", merge: "metadata:\n  annotations:\n    $patch: replace\n    team: x\n"}
	case 6:
		return change{feature: "wipe-delete", kind: "ServiceAccount", merge: "metadata:\n  annotations:\n    $patch: delete\n"}
	case 7:
		return change{feature: "annotations-null", kind: "ServiceAccount", merge: "metadata:\n  annotations: null\n"}
	case 8:
		return change{feature: "add-map", kind: "ServiceAccount", operations: "- op: add\n  path: /metadata/annotations\n  value:\n    owner: platform\n"}
	case 9:
		return change{feature: "replace-map", kind: "ServiceAccount", operations: "- op: replace\n  path: /metadata/annotations\n  value:\n    owner: platform\n"}
	case 10:
		return change{feature: "remove-key", kind: "ServiceAccount", merge: "metadata:\n  annotations:\n    " + key + ": null\n", operations: "- op: remove\n  path: /metadata/annotations/" + escaped + "\n"}
	case 11:
		return change{feature: "template-labels", kind: "Deployment", merge: "spec:\n  template:\n    metadata:\n      labels:\n        $patch: replace\n        app: any\n", operations: "- op: add\n  path: /spec/template/metadata/labels\n  value:\n    app: any\n"}
	case 12:
		return change{feature: "delete", kind: pick(g, "ServiceAccount", "Deployment"), merge: "$patch: delete\n", name: pick(g, "notification-controller", "helm-controller", "source-controller")}
	case 13: // the marker goes along, as it is what tells where an object is from
		for _, s := range g.tree.sources {
			if s.controller == ownName && strings.Contains(s.text, "\nkind: ServiceAccount\n") {
				_, secrets, _ := strings.Cut(s.text, "secrets:\n")
				return change{feature: "replace", kind: "ServiceAccount", merge: "$patch: replace\nsecrets:\n" + secrets, name: ownName}
			}
		}
	}
	return change{feature: "labels", kind: "Deployment", merge: "metadata:\n  labels:\n    team: x\n", operations: "- op: add\n  path: /metadata/labels/team\n  value: x\n"}
}

// patch adds a patch to a layer, in one of the forms that kustomize takes.
func (g *generator) patch(l *layer, at affixes) {
	c := g.change()
	name := c.name
	if name == "" {
		name = pick(g, "source-controller", "kustomize-controller", "helm-controller")
	}
	seen := at.name(name)
	if g.chance(15) {
		seen = name // kustomize knows the names of before
	}
	g.patches++
	json := c.merge == "" || c.operations != "" && g.chance(30)
	version := "v1"
	if c.kind == "Deployment" {
		version = "apps/v1"
	}
	var forms []string
	switch {
	case json:
		forms = []string{"target", "target", "target", "old"}
	default:
		forms = []string{"target", "target", "target", "target", "none", "none", "old"}
	}
	form := pick(g, forms...)
	inFile := g.chance(35)
	text := c.operations
	if !json {
		body, namespace := seen, "  namespace: "+at.namespace+"\n"
		if form == "target" && g.chance(70) {
			body, namespace = pick(g, "any", "controller"), ""
		}
		text = "apiVersion: " + version + "\nkind: " + c.kind + "\n"
		if rest, ok := strings.CutPrefix(c.merge, "metadata:\n"); ok {
			text += "metadata:\n  name: " + body + "\n" + namespace + rest
		} else {
			text += "metadata:\n  name: " + body + "\n" + namespace + c.merge
		}
	}
	target := "target:\n  kind: " + c.kind + "\n"
	exact := form == "old"
	how := "exact"
	switch g.weighted(45, 20, 12, 13, 10) {
	case 1:
		if !exact {
			how = "regex"
			target += "  name: (" + seen + "|" + at.name("image-reflector-controller") + ")\n"
		}
	case 2:
		if !exact {
			how = "suffix-regex"
			target += "  name: .*-controller" + at.suffix + "\n"
		}
	case 3:
		if !exact {
			how = "selector"
			target += "  labelSelector: app.kubernetes.io/component=" + name + "\n"
		}
	case 4:
		if !exact {
			how = "kind"
		}
	}
	if how == "exact" {
		target += "  name: " + seen + "\n"
		if exact && json || g.chance(20) {
			target += "  namespace: " + at.namespace + "\n"
		}
	}
	if how != "exact" && (c.feature == "delete" || c.feature == "replace") || c.feature == "replace" && form == "target" {
		how, target = "exact", "target:\n  kind: "+c.kind+"\n  name: "+seen+"\n"
	}
	style := "merge"
	if json {
		style = "json6902"
		if exact {
			group := ""
			if c.kind == "Deployment" {
				group = "  group: apps\n"
			}
			target += group + "  version: v1\n"
		}
	}
	e := &entry{feature: strings.Join([]string{c.feature, style, form, how}, "/"), files: map[string]string{}}
	if form == "none" || form == "old" && !json {
		e.feature = strings.Join([]string{c.feature, style, form}, "/")
	}
	file := fmt.Sprintf("patch%d.yaml", g.patches)
	if inFile {
		e.feature += "/path"
		e.files[file] = text
	}
	inline := "patch: |\n" + nestText(text)
	if inFile {
		inline = "path: " + file + "\n"
	}
	switch {
	case form == "old" && json:
		e.field, e.text = "patchesJson6902", target+inline
	case form == "old":
		e.field, e.text = "patchesStrategicMerge", "|-\n"+nestText(text)
		if inFile {
			e.text = file
		}
	case form == "none":
		e.field, e.text = "patches", inline
	default:
		e.field, e.text = "patches", inline+target
		if g.chance(30) {
			e.text = target + inline
		}
	}
	l.entries = append(l.entries, e)
}

func nestText(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ") + "\n"
}

// transformer adds a builtin transformer: inline, as a file or as a directory.
func (g *generator) transformer(l *layer, at affixes) {
	c := g.tree.config
	g.patches++
	name := fmt.Sprintf("transformer%d", g.patches)
	head := func(kind string) string {
		return "apiVersion: builtin\nkind: " + kind + "\nmetadata:\n  name: " + name + "\n"
	}
	var feature, text string
	switch g.weighted(30, 25, 25, 20) {
	case 0:
		feature, text = "AnnotationsTransformer", head("AnnotationsTransformer")+"annotations:\n  example.com/owner: platform\nfieldSpecs:\n- path: metadata/annotations\n  create: true\n"
		if g.chance(40) {
			feature, text = feature+"-identity", head("AnnotationsTransformer")+"annotations:\n  "+keyOf[c.cloud]+": "+values[c.cloud][2]+"\nfieldSpecs:\n- path: metadata/annotations\n  kind: ServiceAccount\n  create: true\n"
		}
	case 1:
		feature, text = "LabelTransformer", head("LabelTransformer")+"labels:\n  team: y\nfieldSpecs:\n- path: metadata/labels\n  create: true\n"
		if c.cloud == "azure" && g.chance(40) {
			feature, text = feature+"-use", head("LabelTransformer")+"labels:\n  "+useKey+": \"false\"\nfieldSpecs:\n- path: spec/template/metadata/labels\n  kind: Deployment\n  create: true\n"
		}
	case 2:
		ch := g.change()
		for ch.merge == "" || ch.feature == "delete" || ch.feature == "replace" {
			ch = g.change()
		}
		version := "v1"
		if ch.kind == "Deployment" {
			version = "apps/v1"
		}
		body := "apiVersion: " + version + "\nkind: " + ch.kind + "\nmetadata:\n  name: any\n"
		rest, ok := strings.CutPrefix(ch.merge, "metadata:\n")
		if !ok {
			rest = ch.merge
		}
		target := "target:\n  kind: " + ch.kind + "\n"
		if ch.name != "" || g.chance(60) {
			n := ch.name
			if n == "" {
				n = "source-controller"
			}
			target += "  name: .*" + at.name(n) + ".*\n"
		}
		feature, text = "PatchTransformer-"+ch.feature, head("PatchTransformer")+target+"patch: |\n"+nestText(body+rest)
	case 3:
		feature = "NamespaceTransformer"
		text = "apiVersion: builtin\nkind: NamespaceTransformer\nmetadata:\n  name: " + name + "\n  namespace: gitops\nfieldSpecs:\n- path: metadata/namespace\n  create: true\n"
	}
	e := &entry{feature: feature, field: "transformers"}
	switch g.IntN(3) {
	case 0:
		e.feature += "/inline"
		e.text = "|-\n" + nestText(text)
	case 1:
		e.feature += "/file"
		e.text, e.files = name+".yaml", map[string]string{name + ".yaml": text}
	case 2:
		e.feature += "/directory"
		e.text = name
		e.files = map[string]string{name + "/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- it.yaml\n", name + "/it.yaml": text}
	}
	l.entries = append(l.entries, e)
}

// replacement copies a map or a value from a ConfigMap.
func (g *generator) replacement(l *layer, at affixes) {
	if l.has("replacements") {
		return
	}
	file := l.dir + "/values.yaml"
	g.tree.sources = append(g.tree.sources, &source{file: file, namespace: "flux-system", own: "values-" + l.dir,
		text: manifest("v1", "ConfigMap", "values-"+l.dir) + "data:\n  owner: platform\n"})
	l.list("resources", "values.yaml", file)
	from, to, options, feature := "data.owner", "metadata.annotations.owner", "    options:\n      create: true\n", "replacement-value"
	switch g.IntN(4) {
	case 0:
		from, to, feature = "data", "metadata.annotations", "replacement-map"
	case 1:
		to, feature = "metadata.annotations.["+keyOf[g.tree.config.cloud]+"]", "replacement-key"
	}
	names := "      kind: ServiceAccount\n"
	if g.chance(60) {
		names += "      name: " + at.name("source-controller") + "\n"
	}
	l.add(feature, "replacements", "source:\n  kind: ConfigMap\n  name: values-"+l.dir+"\n  fieldPath: "+from+"\ntargets:\n- select:\n"+strings.ReplaceAll(names, "      ", "    ")+"  fieldPaths:\n  - "+to+"\n"+strings.ReplaceAll(options, "    options", "  options"))
}

// maps and scalars are the fields of a Kustomization that are no lists.
var (
	mapFields    = []string{"commonLabels", "commonAnnotations", "commonMetadata"}
	scalarFields = []string{"namePrefix", "nameSuffix", "namespace", "targetNamespace", "path"}
)

// folder writes what is not switched off.
func (t *randomTree) folder() folder {
	f := folder{}
	for _, s := range t.sources {
		if !s.off {
			f[s.file] += s.text
		}
	}
	dirs := map[string]bool{}
	for _, l := range t.layers {
		dirs[l.dir] = !l.off
	}
	for _, l := range t.layers {
		if l.off {
			continue
		}
		text := "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
		if l.component {
			text = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
		}
		fields := map[string]string{}
		var order []string
		for _, e := range l.entries {
			if _, isFile := f[e.ref]; e.off || e.ref != "" && !isFile && !dirs[e.ref] {
				continue
			}
			if _, ok := fields[e.field]; !ok {
				order = append(order, e.field)
			}
			switch {
			case slices.Contains(scalarFields, e.field):
				fields[e.field] = " " + e.text + "\n"
			case slices.Contains(mapFields, e.field):
				fields[e.field] += "\n" + strings.TrimSuffix(nestText(e.text), "\n")
			default:
				fields[e.field] += "\n- " + strings.TrimPrefix(strings.TrimSuffix(nestText(e.text), "\n"), "  ")
			}
			for name, content := range e.files {
				f[path.Join(l.dir, name)] = content
			}
		}
		for _, field := range order {
			text += field + ":" + strings.TrimSuffix(fields[field], "\n") + "\n"
		}
		if l.flux {
			_, spec, _ := strings.Cut(text, "\nkind: Kustomization\n")
			f[syncFile] = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: flux-system\n  namespace: flux-system\nspec:\n  interval: 10m0s\n  prune: true\n" + nestText(spec)
			continue
		}
		f[l.dir+"/kustomization.yaml"] = text
	}
	return f
}

// roots are the Kustomizations that no other lists.
func (t *randomTree) roots() (dirs []string) {
	listed := map[string]bool{}
	for _, l := range t.layers {
		for _, e := range l.entries {
			if !l.off && !e.off {
				listed[e.ref] = true
			}
		}
	}
	for _, l := range t.layers {
		if !l.off && !l.component && !listed[l.dir] {
			dirs = append(dirs, l.dir)
		}
	}
	return dirs
}

// reach returns what a layer lists, itself or by way of others, with itself.
func (t *randomTree) reach(dir string) map[string]bool {
	all := map[string]bool{dir: true}
	if l := t.at(dir); l != nil {
		for _, e := range l.entries {
			if e.ref != "" && !e.off {
				maps.Copy(all, t.reach(e.ref))
			}
		}
	}
	return all
}

// features are what the entries that are left do.
func (t *randomTree) features() (names []string) {
	for _, l := range t.layers {
		for _, e := range l.entries {
			if !l.off && !e.off && e.feature != "" {
				name := e.feature
				if l.component {
					name = "component:" + name
				}
				if l.flux {
					name = "Flux:" + name
				}
				names = append(names, targetForms.ReplaceAllString(name, ""))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// targetForms say how a target is written, which no kind of failure depends on.
var targetForms = regexp.MustCompile(`/(target|none)|/(exact|regex|suffix-regex|selector|kind)\b`)

// text is the configuration for an output.
func (c *randomConfig) text(output string) string {
	var b strings.Builder
	b.WriteString("\n  output: " + output + "\n")
	if c.namespace != "" {
		b.WriteString("  namespace: '" + c.namespace + "'\n")
	}
	if c.path != "" {
		b.WriteString("  path: '" + c.path + "'\n")
	}
	if output == "Patches" && (c.named != "" || c.adopt) {
		b.WriteString("  patches:\n")
		if c.named != "" {
			b.WriteString("    kustomization: " + c.named + "\n")
		}
		if c.adopt {
			b.WriteString("    adopt: true\n")
		}
	}
	b.WriteString("  " + c.cloud + ":\n")
	if c.cloud == "azure" {
		b.WriteString("    tenantID: " + treeTenant + "\n")
	}
	b.WriteString("    identities:\n")
	for _, i := range c.identities {
		names := "controllers: [" + strings.Join(i.controllers, ", ") + "]"
		if i.integration != "" {
			names = "integrations: [" + i.integration + "]"
		}
		fmt.Fprintf(&b, "    - %s: %s\n      %s\n", map[string]string{"aws": "roleARN", "azure": "clientID", "gcp": "serviceAccountEmail"}[c.cloud], i.value, names)
	}
	return configNamed("random", b.String())
}
