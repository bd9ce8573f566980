package flux

import (
	"strings"
	"testing"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"
	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/fn/flux/controllers"
	"flux-workload-identity/fn/krm"
)

func TestRuns(t *testing.T) {
	cases := map[string]struct {
		reason string
		image  string
		want   bool
	}{
		"Tag":          {"what flux install writes", "ghcr.io/fluxcd/source-controller:v1.9.4", true},
		"NoTag":        {"", "ghcr.io/fluxcd/source-controller", true},
		"Digest":       {"", "ghcr.io/fluxcd/source-controller@sha256:9f86d081884c", true},
		"TagAndDigest": {"", "ghcr.io/fluxcd/source-controller:v1.9.4@sha256:9f86d081884c", true},
		"Port":         {"the colon of a port is not that of a tag", "registry.example.com:5000/source-controller", true},
		"PortAndTag":   {"", "registry.example.com:5000/mirror/fluxcd/source-controller:v1.9.4", true},
		"DockerHub":    {"", "fluxcd/source-controller:v0.1.0", true},
		"Bare":         {"docker.io/library holds no Flux", "source-controller:v1.9.4", false},
		"Longer":       {"the name must be whole", "ghcr.io/fluxcd/my-source-controller:v1.9.4", false},
		"Suffix":       {"", "ghcr.io/fluxcd/source-controller-debug:v1.9.4", false},
		"Folder":       {"a folder is not the image", "ghcr.io/source-controller/manager:v1.9.4", false},
		"TagOnly":      {"nor is a tag", "ghcr.io/fluxcd/manager:source-controller", false},
		"Other":        {"k3s", "rancher/helm-controller:v0.16.10", false},
		"Empty":        {"", "", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, runs, _ := cutImage(tc.image)
			if got := runs == controllers.Source; got != tc.want {
				t.Errorf("%s: %q: want %v, got %v", tc.reason, tc.image, tc.want, got)
			}
		})
	}
}

func TestAffix(t *testing.T) {
	cases := map[string]struct {
		reason string
		object Object
		want   string
	}{
		"Own":        {"a controller's own name has none", Object{Kind: serviceAccount, Name: "source-controller"}, ""},
		"Prefix":     {"", Object{Kind: serviceAccount, Name: "acme-source-controller"}, "acme-*"},
		"Suffix":     {"", Object{Kind: serviceAccount, Name: "source-controller-eu"}, "*-eu"},
		"Both":       {"", Object{Kind: serviceAccount, Name: "acme-source-controller-eu"}, "acme-*-eu"},
		"Custom":     {"a name of its own, known by label, says nothing", Object{Kind: serviceAccount, Name: "registry"}, ""},
		"Shard":      {"the suffix of a shard is not that of the install: its ServiceAccount tells", Object{Kind: deployment, Name: "source-controller-shard1", ServiceAccountName: "source-controller"}, ""},
		"Deployment": {"", Object{Kind: deployment, Name: "acme-source-controller", ServiceAccountName: "acme-source-controller"}, "acme-*"},
		"NoAccount":  {"without a ServiceAccount the name is all there is", Object{Kind: deployment, Name: "acme-source-controller"}, "acme-*"},
		"OwnName":    {"so it is where that has a name of its own", Object{Kind: deployment, Name: "acme-source-controller", ServiceAccountName: "registry"}, "acme-*"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := Controller{Name: controllers.Source, Deployments: []*Object{&tc.object}}
			if tc.object.Kind == serviceAccount {
				c = Controller{Name: controllers.Source, Account: &tc.object}
			}
			if diff := cmp.Diff(tc.want, c.affix()); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestEndsAlike(t *testing.T) {
	cases := map[string]struct {
		reason string
		a, b   string // comma lists
		want   bool
	}{
		"Equal":     {"", "eu-,acme-", "eu-,acme-", true},
		"Tail":      {"the outer layers are the same, the inner one renamed one of them alone", "acme-", "eu-,acme-", true},
		"TailOther": {"either may be the longer", "eu-,acme-", "acme-", true},
		"Empty":     {"what no layer renamed differs from nothing", "", "acme-", true},
		"BothEmpty": {"", "", "", true},
		"Head":      {"the oldest comes first, so an equal head says nothing", "eu-", "eu-,acme-", false},
		"Different": {"", "eu-", "us-", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := endsAlike(commaList(tc.a), commaList(tc.b)); got != tc.want {
				t.Errorf("%s: %q, %q: want %v, got %v", tc.reason, tc.a, tc.b, tc.want, got)
			}
		})
	}
}

func TestScopePath(t *testing.T) {
	cases := map[string]struct {
		reason string
		path   string
		in     []string // directories
		out    []string
	}{
		"All":         {"without a path every directory counts", "", []string{"", ".", "a", "a/b"}, nil},
		"Directory":   {"a directory stands for all below it", "clusters/prod", []string{"clusters/prod", "clusters/prod/flux-system", "clusters/prod/a/b"}, []string{"", ".", "clusters", "clusters/prod-old", "a/clusters/prod"}},
		"Slash":       {"", "clusters/prod/", []string{"clusters/prod", "clusters/prod/a"}, []string{"clusters"}},
		"Dot":         {"", "./clusters/prod", []string{"clusters/prod"}, []string{"clusters"}},
		"Here":        {"the directory itself, with all below it", ".", []string{"", ".", "a", "a/b"}, nil},
		"Star":        {"a star stands for one directory", "clusters/*", []string{"clusters/prod", "clusters/prod/a"}, []string{"clusters", "a/clusters/prod"}},
		"PartOfName":  {"or for a part of its name", "clusters/prod-*", []string{"clusters/prod-eu", "clusters/prod-us/flux-system"}, []string{"clusters/prod", "clusters/stage"}},
		"DoubleStar":  {"two stars stand for any directories", "**", []string{"", ".", "a", "a/b/c"}, nil},
		"DoubleBelow": {"", "**/prod", []string{"prod", "clusters/prod", "a/b/prod/c"}, []string{"clusters/stage", "prod-old"}},
		"Within":      {"", "clusters/**/flux-system", []string{"clusters/flux-system", "clusters/prod/flux-system", "clusters/a/b/flux-system"}, []string{"flux-system", "clusters/prod"}},
		"Choice":      {"", "clusters/{prod,stage}", []string{"clusters/prod", "clusters/stage/a"}, []string{"clusters/test"}},
		"Question":    {"", "cluster?", []string{"cluster1"}, []string{"cluster", "cluster10"}},
		"Case":        {"case counts", "Clusters", nil, []string{"clusters"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			scope := Scope{Path: tc.path}
			for _, dir := range tc.in {
				if !scope.HasDir(dir) {
					t.Errorf("%s: %q must hold %q", tc.reason, tc.path, dir)
				}
			}
			for _, dir := range tc.out {
				if scope.HasDir(dir) {
					t.Errorf("%s: %q must not hold %q", tc.reason, tc.path, dir)
				}
			}
			if tc.path != "" && CheckPath(tc.path) != "" {
				t.Errorf("%q must be accepted", tc.path)
			}
		})
	}
}

func TestScopeNamespace(t *testing.T) {
	if !(Scope{}).hasNamespace("a") || !(Scope{Namespace: "a"}).hasNamespace("a") || (Scope{Namespace: "b"}).hasNamespace("a") {
		t.Error("a namespace narrows to itself, none to nothing")
	}
}

func TestCheckPath(t *testing.T) {
	const below, pattern = "a directory below the one that is read, without a leading / or ..", "a directory or a glob, in which ** stands for any directories"
	cases := map[string]struct {
		reason string
		path   string
		want   string
	}{
		"Directory":  {"", "clusters/prod", ""},
		"DoubleStar": {"", "**", ""},
		"DotsInName": {"", "..prod/a..b", ""},
		"Absolute":   {"no path annotation is absolute", "/clusters", below},
		"Parent":     {"nor does one lead out of the package", "../clusters", below},
		"ParentOnly": {"", "..", below},
		"Bracket":    {"", "clusters/[prod", pattern},
		"Brace":      {"", "clusters/{prod,stage", pattern},
		"Escape":     {"", `clusters\`, pattern},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, CheckPath(tc.path)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestInstallString(t *testing.T) {
	cases := map[string]struct {
		reason  string
		install Install
		want    string
	}{
		"Namespace": {"", Install{Namespace: "flux-system"}, "namespace flux-system"},
		"None":      {"", Install{}, "no namespace"},
		"Directory": {"", Install{Namespace: "flux-system", Dir: "clusters/prod"}, "namespace flux-system in directory clusters/prod"},
		"Affix":     {"", Install{Namespace: "flux-system", Affix: "acme-*"}, "namespace flux-system named acme-*"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.install.String()); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestFindInstalls says which controllers make an install, in the order of the stream.
func TestFindInstalls(t *testing.T) {
	account := func(name, namespace, more string) string {
		return "- apiVersion: v1\n  kind: ServiceAccount\n  metadata:\n    labels: {app.kubernetes.io/part-of: flux, app.kubernetes.io/component: " +
			strings.TrimSuffix(strings.TrimPrefix(name, "acme-"), "-eu") + "}\n    name: " + name + "\n    namespace: " + namespace + "\n" + more
	}
	whole := func(name, namespace string) string {
		component := strings.TrimPrefix(name, "acme-")
		return account(name, namespace, "") + "- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: " + name + ", namespace: " + namespace + "}\n" +
			"  spec: {template: {spec: {serviceAccountName: " + name + ", containers: [{name: manager, image: ghcr.io/fluxcd/" + component + "}]}}}\n"
	}
	in := func(file string) string {
		return "    annotations: {internal.config.kubernetes.io/path: " + file + "}\n"
	}
	cases := map[string]struct {
		reason string
		items  string
		scope  Scope
		want   []string
	}{
		"One": {
			"", account(controllers.Source, "flux-system", "") + account(controllers.Kustomize, "flux-system", ""), Scope{},
			[]string{"namespace flux-system: source-controller kustomize-controller"},
		},
		"Namespaces": {
			"", account(controllers.Source, "b", "") + account(controllers.Source, "a", "") + account(controllers.Helm, "b", ""), Scope{Namespace: "*"},
			[]string{"namespace b: source-controller helm-controller", "namespace a: source-controller"},
		},
		"Affixes": {
			"", whole(controllers.Source, "a") + whole("acme-source-controller", "a") + whole("acme-helm-controller", "a"), Scope{},
			[]string{"namespace a: source-controller", "namespace a named acme-*: source-controller helm-controller"},
		},
		"AffixesApart": {
			"in another namespace an install need not be whole, to be told from what has its names",
			account(controllers.Source, "a", "") + account("acme-source-controller", "b", ""), Scope{Namespace: "*"},
			[]string{"namespace a: source-controller", "namespace b named acme-*: source-controller"},
		},
		"Layers": {
			"kustomize says what it has put there, the innermost first; nothing sets it apart from the name",
			strings.Replace(account(controllers.Source, "a", "    annotations: {internal.config.kubernetes.io/prefixes: \"in,out\"}\n"), "name: source", "name: outinsource", 1), Scope{},
			[]string{"namespace a named outin*: source-controller"},
		},
		"Directories": {
			"files of one directory are one install",
			account(controllers.Source, "a", in("prod/x.yaml")) + account(controllers.Helm, "a", in("prod/y.yaml")) + account(controllers.Helm, "a", in("stage/x.yaml")),
			Scope{Path: "**"},
			[]string{"namespace a in directory prod: source-controller helm-controller", "namespace a in directory stage: helm-controller"},
		},
		"Narrowed": {
			"",
			account(controllers.Source, "a", in("prod/x.yaml")) + account(controllers.Source, "b", in("prod/x.yaml")) + account(controllers.Source, "a", in("stage/x.yaml")),
			Scope{Path: "prod", Namespace: "b"},
			[]string{"namespace b in directory prod: source-controller"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			list, err := krm.Parse([]byte("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n" + tc.items))
			if err != nil {
				t.Fatal(err)
			}
			report := krm.NewReport(list)
			var got []string
			for _, install := range Find(list.Items, tc.scope, report) {
				var names []string
				for _, c := range install.Controllers {
					names = append(names, c.Name)
				}
				got = append(got, install.String()+": "+strings.Join(names, " "))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(sdk.Results{}, report.Results()); diff != "" {
				t.Errorf("nothing is wrong here: -want +got:\n%s", diff)
			}
		})
	}
}
