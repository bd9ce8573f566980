package fn_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"flux-workload-identity/fn/api"
)

// base is a list that is right as it is; the cases of TestRefuse change one place of it.
type base struct {
	text string
	// wrote are lines that the output holds where the identities were written.
	wrote []string
}

const (
	listHead = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"

	// accounts and deployments are two labelled controllers. The comments are there to
	// tell one place of the text from another, and to be kept.
	accounts = `items:
- apiVersion: v1
  kind: ServiceAccount # of source
  metadata:
    name: source-controller # of the account
    namespace: flux-system # of the account
    labels:
      app.kubernetes.io/component: source-controller # of the account
      app.kubernetes.io/part-of: flux # of source
    annotations:
      team:   'platform'
- apiVersion: v1
  kind: ServiceAccount # of kustomize
  metadata:
    name: kustomize-controller
    namespace: flux-system # of kustomize
    labels:
      app.kubernetes.io/component: kustomize-controller
      app.kubernetes.io/part-of: flux
`
	deployments = `- apiVersion: apps/v1
  kind: Deployment # of source
  metadata:
    name: source-controller # of the Deployment
    namespace: flux-system # of the Deployment
    labels:
      app.kubernetes.io/component: source-controller # of the Deployment
      app.kubernetes.io/part-of: flux
    annotations: {team:   "platform"}
  spec:
    template: # of source
      metadata: # of the pods
        labels: {app: source-controller} # of the pods
      spec:
        serviceAccountName: source-controller
        containers:
        - name: manager
          image: ghcr.io/fluxcd/source-controller:v1.9.0
- apiVersion: apps/v1
  kind: Deployment # of kustomize
  metadata:
    name: kustomize-controller
    namespace: flux-system # of kustomize's Deployment
    labels:
      app.kubernetes.io/component: kustomize-controller
      app.kubernetes.io/part-of: flux
  spec:
    template:
      metadata:
        labels: {app: kustomize-controller}
      spec:
        serviceAccountName: kustomize-controller
        containers:
        - name: manager
          image: ghcr.io/fluxcd/kustomize-controller:v1.9.0
`
	install = listHead + accounts + deployments

	configHead = `functionConfig:
  apiVersion: fn.kpt.dev/v1alpha1
  kind: FluxWorkloadIdentity
  metadata:
    name: flux
`
	awsSpec = `  spec:
    aws:
      identities:
      - roleARN: arn:aws:iam::111122223333:role/flux-s3
        integrations: [S3]
      - roleARN: arn:aws:iam::111122223333:role/flux-kms
        controllers: [kustomize-controller]
`
	azureSpec = `  spec:
    azure:
      tenantID: 7c1e0d9a-5b4f-4c3e-9d2a-1f0e8b7c6d5a
      identities:
      - clientID: 3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6
        integrations: [BlobStorage]
`
	gcpSpec = `  spec:
    gcp:
      identities:
      - serviceAccountEmail: flux-gcs@my-project.iam.gserviceaccount.com
        integrations: [GCS]
`
	configMapHead = `functionConfig:
  apiVersion: v1
  kind: ConfigMap
  metadata:
    name: flux
`
	awsData = `  data:
    cloud: aws
    s3: arn:aws:iam::111122223333:role/flux-s3
    kms: arn:aws:iam::111122223333:role/flux-kms
`
	azureData = `  data:
    cloud: azure
    blob-storage: 3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6
    tenant-id: 7c1e0d9a-5b4f-4c3e-9d2a-1f0e8b7c6d5a
`
	gcpData = `  data:
    cloud: gcp
    gcs: flux-gcs@my-project.iam.gserviceaccount.com
`
)

const (
	roleS3  = "eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux-s3"
	roleKMS = "eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux-kms"
)

var (
	awsWrote   = []string{roleS3, roleKMS}
	azureWrote = []string{
		"azure.workload.identity/client-id: 3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6",
		"azure.workload.identity/tenant-id: 7c1e0d9a-5b4f-4c3e-9d2a-1f0e8b7c6d5a",
		`azure.workload.identity/use: "true"`, // on the Deployment
		`azure.workload.identity/use: "true"`, // on its pods
	}
	gcpWrote = []string{"iam.gke.io/gcp-service-account: flux-gcs@my-project.iam.gserviceaccount.com"}

	// inNamespaces has a second install, which an identity reaches whatever is wrong with
	// the first, and no Deployment that would miss its ServiceAccount.
	inNamespaces = base{listHead + accounts +
		strings.ReplaceAll(accountIn("second", "gotk.yaml"), "flux-system", "second-system") + configHead + gcpSpec +
		"    path: \".\"\n    namespace: \"*\"\n", append(gcpWrote, gcpWrote...)}

	onAWS      = base{install + configHead + awsSpec, awsWrote}
	onAzure    = base{install + configHead + azureSpec, azureWrote}
	onGCP      = base{install + configHead + gcpSpec, gcpWrote}
	awsAsMap   = base{install + configMapHead + awsData, awsWrote}
	azureAsMap = base{install + configMapHead + azureData, azureWrote}
	gcpAsMap   = base{install + configMapHead + gcpData, gcpWrote}

	// inDirectories is what kpt sees of two clusters, of which spec.path names one.
	inDirectories = base{listHead + "items:\n" +
		accountIn("clusters/prod", "clusters/prod/flux/gotk.yaml") + accountIn("clusters/stage", "clusters/stage/flux/gotk.yaml") +
		configHead + `  spec:
    path: clusters/prod # which
    gcp:
      identities:
      - serviceAccountEmail: flux-gcs@my-project.iam.gserviceaccount.com
        integrations: [GCS]
`, gcpWrote}

	// renamed is what a function sees below two name prefixes: kustomize has renamed the
	// ServiceAccounts, but not yet their name in the Deployment.
	renamed = base{listHead + `items:
- apiVersion: v1
  kind: ServiceAccount
  metadata:
    name: a-source-controller
    namespace: flux-system
    labels: {app.kubernetes.io/component: source-controller}
    annotations:
      internal.config.kubernetes.io/previousNames: source-controller
      internal.config.kubernetes.io/prefixes: a-
- apiVersion: v1
  kind: ServiceAccount
  metadata:
    name: b-source-controller
    namespace: flux-system
    labels: {app.kubernetes.io/component: source-controller}
    annotations:
      internal.config.kubernetes.io/previousNames: source-controller
      internal.config.kubernetes.io/prefixes: b-
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: a-source-controller
    namespace: flux-system
    labels: {app.kubernetes.io/component: source-controller}
    annotations:
      internal.config.kubernetes.io/prefixes: a- # of the Deployment
  spec:
    template:
      spec:
        serviceAccountName: source-controller
        containers: [{name: manager, image: fluxcd/source-controller}]
` + deploymentOf("a", "prefixes: a-", "") + deploymentOf("b", "prefixes: b-", "") + configHead + gcpSpec, append(gcpWrote, gcpWrote...)}

	// suffixed are two layers of suffixes, of which the Deployment shows one more.
	suffixed = base{listHead + "items:\n" + suffixedAccount("a") + suffixedAccount("b") + `- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: source-controller-x-a
    namespace: flux-system
    labels: {app.kubernetes.io/component: source-controller}
    annotations:
      internal.config.kubernetes.io/path: flux/gotk.yaml
      internal.config.kubernetes.io/suffixes: -x,-a
  spec:
    template:
      spec:
        serviceAccountName: source-controller
        containers: [{name: manager, image: fluxcd/source-controller}]
` + deploymentOf("a", "suffixes: -a", "flux/gotk.yaml") + deploymentOf("b", "suffixes: -b", "flux/gotk.yaml") + configHead + gcpSpec, append(gcpWrote, gcpWrote...)}

	// withFragment has a patch that would be unreadable as an object, and the kustomization
	// that names it.
	withFragment = base{listHead + accounts + `- metadata:
    annotations: {internal.config.kubernetes.io/path: flux/Kustomization # the file
    }
  # a kind
  patches:
  - path: patch.yaml
- apiVersion: v1
  kind: ServiceAccount
  metadata:
    name: source-controller
    namespace: flux-system
    labels: x
    annotations:
      internal.config.kubernetes.io/path: flux/patch.yaml
` + configHead + gcpSpec, gcpWrote}
)

// million is a map whose aliases stand for a million nodes.
const million = `extra:
- &a [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
- &b {a: [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]}
- &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
- &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
- &e {a: [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]}
`

func accountIn(comment, file string) string {
	return `- apiVersion: v1
  kind: ServiceAccount
  metadata:
    name: source-controller
    namespace: flux-system
    labels: {app.kubernetes.io/component: source-controller}
    annotations:
      internal.config.kubernetes.io/path: ` + file + " # " + comment + "\n"
}

func suffixedAccount(suffix string) string {
	return `- apiVersion: v1
  kind: ServiceAccount
  metadata:
    name: source-controller-` + suffix + `
    namespace: flux-system
    labels: {app.kubernetes.io/component: source-controller}
    annotations:
      internal.config.kubernetes.io/path: flux/gotk.yaml
      internal.config.kubernetes.io/previousNames: source-controller
      internal.config.kubernetes.io/suffixes: -` + suffix + `
`
}

func accountNamed(name string) string {
	return strings.Replace(accountIn("no", "gotk.yaml"), "name: source-controller", "name: "+name, 1)
}

// deploymentOf is one that kustomize has renamed like the ServiceAccount that it runs under.
func deploymentOf(layer, renamed, file string) string {
	return `- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: source-controller-of-` + layer + `
    namespace: flux-system
    labels: {app.kubernetes.io/component: source-controller}
    annotations:
      internal.config.kubernetes.io/path: "` + file + `"
      internal.config.kubernetes.io/` + renamed + `
  spec:
    template:
      spec:
        serviceAccountName: source-controller
        containers: [{name: manager, image: fluxcd/source-controller}]
`
}

func deploymentUnder(account, file string) string {
	return `- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: source-controller-x
    namespace: flux-system
    labels: {app.kubernetes.io/component: source-controller}
    annotations:
      internal.config.kubernetes.io/path: ` + file + `
  spec:
    template:
      spec:
        serviceAccountName: ` + account + `
        containers: [{name: manager, image: fluxcd/source-controller}]
`
}

const (
	wantARN     = "want arn:PARTITION:iam::ACCOUNT:role/NAME with a 12-digit account"
	wantName    = wantARN + "; the name is of 1 to 64 letters, digits and _+=,.@-"
	wantPath    = wantARN + "; the path before the name is of at most 512 printable characters"
	wantID      = "want a GUID: 8-4-4-4-12 hexadecimal digits"
	wantMail    = "want NAME@PROJECT.iam.gserviceaccount.com, NUMBER-compute@developer.gserviceaccount.com or PROJECT@appspot.gserviceaccount.com"
	wantAccount = wantMail + "; NAME and PROJECT are of 6 to 30 lower-case letters, digits and hyphens"
	wantWord    = "want a word without blanks, such as sts.amazonaws.com"
	wantAWS     = "want one of ECR, S3, CodeCommit, KMS, EKS"
	wantAzure   = "want one of ACR, BlobStorage, DevOps, KeyVault, EventHubs, AKS"
	wantGCP     = "want one of GAR, GCS, KMS, PubSub, GKE"
	wantCloud   = "want one of aws, azure, gcp"
	allSeven    = "source-controller, kustomize-controller, helm-controller, notification-controller, image-reflector-controller, image-automation-controller, source-watcher"
	wantSeven   = "want one of " + allSeven
	plainly     = "; for plain manifests run flux install --export | flux-workload-identity --fn-config FILE, " +
		"for a folder kpt fn source DIR --fn-config FILE | flux-workload-identity | kpt fn sink NEWDIR"
	wantKeys    = "want one of cloud, ECR, S3, CodeCommit, KMS, EKS, " + allSeven + ", audience, stsRegionalEndpoints, tokenExpirationSeconds, namespace, path, output, kustomization, adopt, check"
	wantFilled  = "want a string that is not empty"
	wantQuoted  = wantFilled + "; put a number or a boolean in quotes, as ConfigMaps hold strings only"
	wantBelow   = "want a directory below the one that is read, without a leading / or .."
	wantTop     = "want one of apiVersion, kind, metadata, spec"
	wantNoMore  = "want one of apiVersion, kind, metadata, data"
	wantSection = "want one of audience, stsRegionalEndpoints, tokenExpirationSeconds, identities"
	wantFields  = "want one of roleARN, audience, stsRegionalEndpoints, tokenExpirationSeconds, integrations, controllers"

	noPart     = ": no part of Flux, though the name is that of "
	wantHidden = `spec.template.spec.serviceAccountName: "source-controller": want a ServiceAccount of source-controller among the items, to carry the identity of spec.gcp.identities[0]; kpt selectors may hide it, and Flux before v0.7 has none`

	firstRole  = "arn:aws:iam::111122223333:role/flux-s3"
	secondRole = "arn:aws:iam::111122223333:role/flux-kms"
	client     = "3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6"
	tenant     = "7c1e0d9a-5b4f-4c3e-9d2a-1f0e8b7c6d5a"
	mail       = "flux-gcs@my-project.iam.gserviceaccount.com"

	sourceAccount    = "ServiceAccount flux-system/source-controller: "
	sourceDeployment = "Deployment flux-system/source-controller: "
)

// refusals are the cases of TestRefuse: of a base, the text old is replaced by bad, which
// must be refused with the errors of want, and by good, its nearest neighbour, which must
// be taken.
var refusals = map[string]struct {
	reason string
	base   base
	old    string
	bad    string
	good   string
	want   []string
	// warned are the warnings beside the errors; wrote is what the good neighbour writes, if
	// not what the base does with good in place of old.
	warned []string
	wrote  []string
}{
	// Which configuration it is.
	"ConfigMissing": {
		reason: "A list without a configuration asks for nothing, and that is never meant.",
		base:   onAWS,
		old:    "functionConfig:",
		bad:    "functionconfig:",
		good:   "functionConfig:",
		want:   []string{"functionConfig: missing: want one, such as " + api.Example},
	},
	"ConfigNull": {
		reason: "Null is none either.",
		base:   onAWS,
		old:    "functionConfig:",
		bad:    "functionConfig: null\nother:",
		good:   "other: null\nfunctionConfig:",
		want:   []string{"functionConfig: missing: want one, such as " + api.Example},
	},
	"ConfigEmpty": {
		reason: "Nor is an empty map, as kpt makes it of no arguments.",
		base:   onAWS,
		old:    "functionConfig:",
		bad:    "functionConfig: {}\nother:",
		good:   "other: {}\nfunctionConfig:",
		want:   []string{"functionConfig: missing: want one, such as " + api.Example},
	},
	"ConfigString": {
		reason: "The name of a file is not its content.",
		base:   onAWS,
		old:    "functionConfig:",
		bad:    "functionConfig: flux.yaml\nother:",
		good:   "functionConfig: # flux.yaml",
		want:   []string{`functionConfig: "flux.yaml": want a map, such as ` + api.Example},
	},
	"ConfigNumber": {
		reason: "A scalar that is no string is none either.",
		base:   onAWS,
		old:    "functionConfig:",
		bad:    "functionConfig: 5\nother:",
		good:   "functionConfig: !!map",
		want:   []string{`functionConfig: 5: want a map, such as ` + api.Example},
	},
	"ConfigList": {
		reason: "Several configurations cannot be given.",
		base:   onAWS,
		old:    "functionConfig:",
		bad:    "functionConfig: [{}]\nother:",
		good:   "other: [{}]\nfunctionConfig:",
		want:   []string{`functionConfig: a list: want a map, such as ` + api.Example},
	},
	"KindMissing": {
		reason: "Without a kind nothing says how to read it.",
		base:   onAWS,
		old:    "  kind: FluxWorkloadIdentity\n",
		bad:    "",
		good:   "  \"kind\": FluxWorkloadIdentity\n",
		want:   []string{"kind: missing: want one of FluxWorkloadIdentity, ConfigMap"},
	},
	"KindNear": {
		reason: "A letter is missing.",
		base:   onAWS,
		old:    "FluxWorkloadIdentity",
		bad:    "FluxWorkloadIdentiy",
		good:   "'FluxWorkloadIdentity'",
		want:   []string{`kind: "FluxWorkloadIdentiy": want one of FluxWorkloadIdentity, ConfigMap; did you mean "FluxWorkloadIdentity"?`},
	},
	"KindCase": {
		reason: "Kinds count in exact case.",
		base:   awsAsMap,
		old:    "kind: ConfigMap",
		bad:    "kind: configmap",
		good:   `kind: "ConfigMap"`,
		want:   []string{`kind: "configmap": want one of FluxWorkloadIdentity, ConfigMap; did you mean "ConfigMap"?`},
	},
	"KindOther": {
		reason: "Another function's configuration.",
		base:   onAWS,
		old:    "FluxWorkloadIdentity",
		bad:    "SetLabels",
		good:   "FluxWorkloadIdentity",
		want:   []string{`kind: "SetLabels": want one of FluxWorkloadIdentity, ConfigMap`},
	},
	"KindNumber": {
		reason: "A kind is a word.",
		base:   onAWS,
		old:    "FluxWorkloadIdentity",
		bad:    "5",
		good:   "!!str FluxWorkloadIdentity",
		want:   []string{`kind: 5: want one of FluxWorkloadIdentity, ConfigMap`},
	},
	"KindTwice": {
		reason: "Which of the two holds is not for us to choose.",
		base:   onAWS,
		old:    "  kind: FluxWorkloadIdentity\n",
		bad:    "  kind: FluxWorkloadIdentity\n  kind: FluxWorkloadIdentity\n",
		good:   "  kind: FluxWorkloadIdentity\n",
		want:   []string{"kind: written twice: want one"},
	},
	"GroupOther": {
		reason: "Flux's own group is not this function's.",
		base:   onAWS,
		old:    "fn.kpt.dev/v1alpha1",
		bad:    "fluxcd.io/v1alpha1",
		good:   `"fn.kpt.dev/v1alpha1"`,
		want:   []string{`apiVersion: "fluxcd.io/v1alpha1": want fn.kpt.dev/v1alpha1`},
	},
	"VersionOther": {
		reason: "A version that may come one day.",
		base:   onAWS,
		old:    "fn.kpt.dev/v1alpha1",
		bad:    "fn.kpt.dev/v1",
		good:   "fn.kpt.dev/v1alpha1",
		want:   []string{`apiVersion: "fn.kpt.dev/v1": want fn.kpt.dev/v1alpha1`},
	},
	"VersionMissing": {
		reason: "Without a version nothing says how to read it.",
		base:   onAWS,
		old:    "  apiVersion: fn.kpt.dev/v1alpha1\n",
		bad:    "",
		good:   "  apiVersion:   fn.kpt.dev/v1alpha1\n",
		want:   []string{"apiVersion: missing: want fn.kpt.dev/v1alpha1"},
	},
	"VersionOfConfigMap": {
		reason: "A ConfigMap is of v1.",
		base:   awsAsMap,
		old:    "  apiVersion: v1\n  kind: ConfigMap",
		bad:    "  apiVersion: fn.kpt.dev/v1alpha1\n  kind: ConfigMap",
		good:   "  kind: ConfigMap\n  apiVersion: v1",
		want:   []string{`apiVersion: "fn.kpt.dev/v1alpha1": want v1`},
	},
	"VersionNotConfigMap": {
		reason: "And v1 is none of ours.",
		base:   onAWS,
		old:    "fn.kpt.dev/v1alpha1",
		bad:    "v1",
		good:   "fn.kpt.dev/v1alpha1",
		want:   []string{`apiVersion: "v1": want fn.kpt.dev/v1alpha1`},
	},

	// Keys of every level.
	"KeyNearSpec": {
		reason: "Both sides of a misspelt key are named.",
		base:   onAWS,
		old:    "  spec:\n    aws:",
		bad:    "  spce:\n    aws:",
		good:   "  spec:\n    aws:",
		want: []string{
			wantTopSpce,
			"spec: missing: want a map with one of aws, azure, gcp",
		},
	},
	"KeyDataBesideSpec": {
		reason: "The fields of a ConfigMap are none of this kind.",
		base:   onAWS,
		old:    "  spec:\n    aws:",
		bad:    "  data: {}\n  spec:\n    aws:",
		good:   "  spec:\n    aws:",
		want:   []string{"data: unknown field: " + wantTop},
	},
	"KeyTopNumber": {
		reason: "A key is a word, but what is no string is a key too.",
		base:   onAWS,
		old:    "  spec:\n    aws:",
		bad:    "  5: {}\n  spec:\n    aws:",
		good:   "  \"spec\":\n    aws:",
		want:   []string{"5: unknown field: " + wantTop},
	},
	"KeyTopMap": {
		reason: "A key that is a map has no name to be known by.",
		base:   onAWS,
		old:    "  spec:\n    aws:",
		bad:    "  ? {a: b}\n  : c\n  spec:\n    aws:",
		good:   "  ? spec\n  :\n    aws:",
		want:   []string{"a key that is a map: " + wantTop},
	},
	"KeySpecTwice": {
		reason: "Which of the two holds is not for us to choose; the first is still checked.",
		base:   onAWS,
		old:    "  spec:\n    aws:",
		bad:    "  spec: {}\n  spec:\n    aws:",
		good:   "  spec:\n    aws:",
		want: []string{
			"spec: written twice: want one",
			"spec: names no cloud: " + wantCloud,
		},
	},
	"KeyMetadataTwice": {
		reason: "What is free may still be written once only.",
		base:   onAWS,
		old:    "  spec:\n    aws:",
		bad:    "  metadata: {}\n  spec:\n    aws:",
		good:   "  spec:\n    aws:",
		want:   []string{"metadata: written twice: want one"},
	},
	"KeyNearCloud": {
		reason: "Two letters are swapped.",
		base:   onGCP,
		old:    "    gcp:",
		bad:    "    gpc:",
		good:   "    'gcp':",
		want: []string{
			`spec.gpc: unknown field: want one of aws, azure, gcp, namespace, path, output, patches, check; did you mean "gcp"?`,
			"spec: names no cloud: " + wantCloud,
		},
	},
	"KeyCloudCase": {
		reason: "Keys count in exact case.",
		base:   onAWS,
		old:    "    aws:",
		bad:    "    AWS:",
		good:   "    aws:",
		want: []string{
			`spec.AWS: unknown field: want one of aws, azure, gcp, namespace, path, output, patches, check; did you mean "aws"?`,
			"spec: names no cloud: " + wantCloud,
		},
	},
	"KeyOtherCloud": {
		reason: "A cloud that the function does not know, and that is like none.",
		base:   onAWS,
		old:    "    aws:",
		bad:    "    oracle: {}\n    aws:",
		good:   "    aws:",
		want:   []string{"spec.oracle: unknown field: want one of aws, azure, gcp, namespace, path, output, patches, check"},
	},
	"KeyCloudTwice": {
		reason: "The same of a cloud.",
		base:   onGCP,
		old:    "    gcp:\n",
		bad:    "    gcp: {identities: []}\n    gcp:\n",
		good:   "    gcp:\n",
		want: []string{
			"spec.gcp: written twice: want one",
			"spec.gcp.identities: []: want at least one identity",
		},
	},
	"KeyNamespaceTwice": {
		reason: "Twice the same is twice.",
		base:   onGCP,
		old:    "    gcp:\n",
		bad:    "    namespace: flux-system\n    namespace: flux-system\n    gcp:\n",
		good:   "    namespace: flux-system\n    gcp:\n",
		want:   []string{"spec.namespace: written twice: want one"},
	},
	"KeyNearIdentities": {
		reason: "A letter is missing.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      identites:\n",
		good:   "      identities:\n",
		want: []string{
			`spec.aws.identites: unknown field: ` + wantSection + `; did you mean "identities"?`,
			"spec.aws.identities: missing: want a list of at least one identity",
		},
	},
	"KeyRegion": {
		reason: "A field that other tools have.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      region: eu-west-1\n      identities:\n",
		good:   "      audience: eu-west-1\n      identities:\n",
		want:   []string{"spec.aws.region: unknown field: " + wantSection},
		wrote:  []string{"eks.amazonaws.com/audience: eu-west-1"},
	},
	"KeyOptionOfOther": {
		reason: "An option of another cloud.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      tenantID: " + tenant + "\n      identities:\n",
		good:   "      tokenExpirationSeconds: 600\n      identities:\n",
		want:   []string{"spec.aws.tenantID: unknown field: " + wantSection + "; tenantID is a field of azure"},
		wrote:  []string{`eks.amazonaws.com/token-expiration: "600"`},
	},
	"KeyOptionOnGCP": {
		reason: "Google Cloud has no options.",
		base:   onGCP,
		old:    "    gcp:\n",
		bad:    "    gcp:\n      tokenExpirationSeconds: 3600\n",
		good:   "    gcp:\n",
		want:   []string{"spec.gcp.tokenExpirationSeconds: unknown field: want identities; tokenExpirationSeconds is a field of aws and azure"},
	},
	"KeyOptionTwice": {
		reason: "The same of an option.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      audience: a\n      audience: b\n      identities:\n",
		good:   "      audience: b\n      identities:\n",
		want:   []string{"spec.aws.audience: written twice: want one"},
		wrote:  []string{"eks.amazonaws.com/audience: b"},
	},
	"KeyRoleArn": {
		reason: "The name in the spelling of others: the field is missing too.",
		base:   onAWS,
		old:    "- roleARN: ",
		bad:    "- roleArn: ",
		good:   "- roleARN: ",
		want: []string{
			`spec.aws.identities[0].roleArn: unknown field: ` + wantFields + `; did you mean "roleARN"?`,
			"spec.aws.identities[0].roleARN: missing: " + wantARN,
		},
	},
	"KeyRoleUnderscore": {
		reason: "And in that of Terraform.",
		base:   onAWS,
		old:    "- roleARN: ",
		bad:    "- role_arn: ",
		good:   "- \"roleARN\": ",
		want: []string{
			`spec.aws.identities[0].role_arn: unknown field: ` + wantFields + `; did you mean "roleARN"?`,
			"spec.aws.identities[0].roleARN: missing: " + wantARN,
		},
	},
	"KeyClientId": {
		reason: "The spelling of Kubernetes and Go mixed up.",
		base:   onAzure,
		old:    "clientID:",
		bad:    "clientId:",
		good:   "clientID:",
		want: []string{
			`spec.azure.identities[0].clientId: unknown field: want one of clientID, tenantID, tokenExpirationSeconds, integrations, controllers; did you mean "clientID"?`,
			"spec.azure.identities[0].clientID: missing: " + wantID,
		},
	},
	"KeyFarInIdentity": {
		reason: "A key that is like none.",
		base:   onGCP,
		old:    "        integrations: [GCS]",
		bad:    "        project: my-project\n        integrations: [GCS]",
		good:   "        integrations: [GCS]",
		want:   []string{"spec.gcp.identities[0].project: unknown field: want one of serviceAccountEmail, integrations, controllers"},
	},
	"KeyRoleTwice": {
		reason: "The same of an identity.",
		base:   onAWS,
		old:    "- roleARN: " + firstRole,
		bad:    "- roleARN: " + firstRole + "\n        roleARN: " + secondRole,
		good:   "- roleARN: " + firstRole,
		want:   []string{"spec.aws.identities[0].roleARN: written twice: want one"},
	},
	"KeyListTwice": {
		reason: "Two lists are not one long list.",
		base:   onAWS,
		old:    "        integrations: [S3]",
		bad:    "        integrations: [S3]\n        integrations: [KMS]",
		good:   "        integrations: [S3]",
		want:   []string{"spec.aws.identities[0].integrations: written twice: want one"},
	},
	"KeyMergeOfText": {
		reason: "A merge key that lends nothing is a key like no other.",
		base:   onAWS,
		old:    "        integrations: [S3]",
		bad:    "        <<: text\n        integrations: [S3]",
		good:   "        <<: {integrations: [S3]}",
		want:   []string{`spec.aws.identities[0]: a key that is "<<", with "text" for a map: ` + wantFields},
	},
	"Cluster": {
		reason: "What is reserved is no mere typo.",
		base:   onAWS,
		old:    "  spec:\n    aws:",
		bad:    "  spec:\n    cluster: {type: Other}\n    aws:",
		good:   "  spec:\n    namespace: flux-system\n    aws:",
		want:   []string{"spec.cluster: a map: want none; it is reserved for clusters other than the cloud's own"},
	},
	"ServiceAccounts": {
		reason: "What is reserved is no mere typo.",
		base:   onAWS,
		old:    "        integrations: [S3]",
		bad:    "        serviceAccounts: [tenant]\n        integrations: [S3]",
		good:   "        integrations: [S3]",
		want:   []string{"spec.aws.identities[0].serviceAccounts: a list: want none; it is reserved for the ServiceAccounts of tenants"},
	},

	// The types of the sections.
	"SpecMissing": {
		reason: "A configuration asks for something.",
		base:   onAWS,
		old:    awsSpec,
		bad:    "",
		good:   awsSpec,
		want:   []string{"spec: missing: want a map with one of aws, azure, gcp"},
	},
	"SpecNull": {
		reason: "Null asks for nothing.",
		base:   onAWS,
		old:    awsSpec,
		bad:    "  spec:\n",
		good:   awsSpec,
		want:   []string{"spec: null: want a map with one of aws, azure, gcp"},
	},
	"SpecString": {
		reason: "The short form of another tool.",
		base:   onAWS,
		old:    awsSpec,
		bad:    "  spec: aws\n",
		good:   awsSpec,
		want:   []string{`spec: "aws": want a map with one of aws, azure, gcp`},
	},
	"SpecList": {
		reason: "A list of clouds.",
		base:   onAWS,
		old:    awsSpec,
		bad:    "  spec: [aws]\n",
		good:   awsSpec,
		want:   []string{"spec: a list: want a map with one of aws, azure, gcp"},
	},
	"SpecEmpty": {
		reason: "An empty spec names no cloud.",
		base:   onAWS,
		old:    awsSpec,
		bad:    "  spec: {}\n",
		good:   awsSpec,
		want:   []string{"spec: names no cloud: " + wantCloud},
	},
	"TwoClouds": {
		reason: "Another cloud's annotation does nothing.",
		base:   onGCP,
		old:    "    gcp:\n",
		bad:    "    azure: {tenantID: " + tenant + ", identities: [{clientID: " + client + ", integrations: [AKS]}]}\n    gcp:\n",
		good:   "    gcp:\n",
		want:   []string{"spec.gcp: given beside spec.azure: want one cloud; another cloud's annotation does nothing on a managed cluster"},
	},
	"CloudNull": {
		reason: "What a section looks like whose fields are comments.",
		base:   onAWS,
		old:    awsSpec,
		bad:    "  spec: {aws: null}\n",
		good:   awsSpec,
		want:   []string{"spec.aws: null: want a map with identities"},
	},
	"CloudString": {
		reason: "An identity is not a section.",
		base:   onAzure,
		old:    azureSpec,
		bad:    "  spec: {azure: " + client + "}\n",
		good:   azureSpec,
		want:   []string{`spec.azure: "` + client + `": want a map with identities`},
	},
	"CloudList": {
		reason: "Nor is a list of them.",
		base:   onGCP,
		old:    gcpSpec,
		bad:    "  spec: {gcp: [" + mail + "]}\n",
		good:   gcpSpec,
		want:   []string{"spec.gcp: a list: want a map with identities"},
	},
	"IdentitiesMissing": {
		reason: "A cloud without identities does nothing.",
		base:   onAWS,
		old:    awsSpec,
		bad:    "  spec: {aws: {}}\n",
		good:   awsSpec,
		want:   []string{"spec.aws.identities: missing: want a list of at least one identity"},
	},
	"IdentitiesNull": {
		reason: "What a list looks like whose elements are comments.",
		base:   onAWS,
		old:    awsSpec,
		bad:    "  spec:\n    aws:\n      identities:\n      # - roleARN: x\n",
		good:   awsSpec,
		want:   []string{"spec.aws.identities: null: want a list of at least one identity"},
	},
	"IdentitiesEmpty": {
		reason: "An empty list does nothing.",
		base:   onAWS,
		old:    awsSpec,
		bad:    "  spec: {aws: {identities: []}}\n",
		good:   awsSpec,
		want:   []string{"spec.aws.identities: []: want at least one identity"},
	},
	"IdentitiesMap": {
		reason: "A single one is a list of one.",
		base:   onGCP,
		old:    "      - serviceAccountEmail: " + mail + "\n",
		bad:    "        serviceAccountEmail: " + mail + "\n",
		good:   "      - serviceAccountEmail: " + mail + "\n",
		want:   []string{"spec.gcp.identities: a map: want a list of at least one identity"},
	},
	"IdentitiesString": {
		reason: "A single identity is a list of one.",
		base:   onGCP,
		old:    gcpSpec,
		bad:    "  spec: {gcp: {identities: " + mail + "}}\n",
		good:   gcpSpec,
		want:   []string{`spec.gcp.identities: "` + mail + `": want a list of at least one identity`},
	},
	"IdentityNull": {
		reason: "A dash too many.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      identities:\n      -\n",
		good:   "      identities:\n      # -\n",
		want:   []string{"spec.aws.identities[0]: null: want a map with roleARN"},
	},
	"IdentityString": {
		reason: "An identity says who gets it, so it is a map.",
		base:   onGCP,
		old:    gcpSpec,
		bad:    "  spec: {gcp: {identities: [" + mail + "]}}\n",
		good:   gcpSpec,
		want:   []string{`spec.gcp.identities[0]: "` + mail + `": want a map with serviceAccountEmail`},
	},
	"IdentityList": {
		reason: "Two dashes.",
		base:   onAzure,
		old:    "      - clientID: " + client + "\n  ",
		bad:    "      - - clientID: " + client + "\n    ",
		good:   "      - clientID: " + client + "\n  ",
		want:   []string{"spec.azure.identities[0]: a list: want a map with clientID"},
	},
	"ForNobody": {
		reason: "An identity must say who gets it.",
		base:   onAWS,
		old:    "        integrations: [S3]\n",
		bad:    "",
		good:   "        controllers: [source-controller]\n",
		want:   []string{"spec.aws.identities[0]: names neither integrations nor controllers: want one of the two, or both, to say who gets the identity"},
	},
	"ForNobodyOnAzure": {
		reason: "The same on Azure.",
		base:   onAzure,
		old:    "        integrations: [BlobStorage]\n",
		bad:    "",
		good:   "        controllers: [source-controller]\n",
		want:   []string{"spec.azure.identities[0]: names neither integrations nor controllers: want one of the two, or both, to say who gets the identity"},
	},
	"ForNobodyOnGCP": {
		reason: "The same on Google Cloud.",
		base:   onGCP,
		old:    "        integrations: [GCS]\n",
		bad:    "",
		good:   "        controllers: [source-controller]\n",
		want:   []string{"spec.gcp.identities[0]: names neither integrations nor controllers: want one of the two, or both, to say who gets the identity"},
	},
	"IntegrationsNull": {
		reason: "What a list looks like whose elements are comments.",
		base:   onAWS,
		old:    "integrations: [S3]",
		bad:    "integrations:",
		good:   "integrations:\n        - S3",
		want:   []string{"spec.aws.identities[0].integrations: null: want a list of at least one name"},
	},
	"IntegrationsEmpty": {
		reason: "An empty list reaches nobody.",
		base:   onAWS,
		old:    "integrations: [S3]",
		bad:    "integrations: []",
		good:   "integrations: [S3]",
		want:   []string{"spec.aws.identities[0].integrations: []: want at least one name"},
	},
	"IntegrationsString": {
		reason: "A single name is a list of one.",
		base:   onAWS,
		old:    "integrations: [S3]",
		bad:    "integrations: S3",
		good:   "integrations: [S3]",
		want:   []string{`spec.aws.identities[0].integrations: "S3": want a list of at least one name`},
	},
	"IntegrationsMap": {
		reason: "Names are a list, not a set of switches.",
		base:   onAWS,
		old:    "integrations: [S3]",
		bad:    "integrations: {S3: true}",
		good:   "integrations: [\"S3\"]",
		want:   []string{"spec.aws.identities[0].integrations: a map: want a list of at least one name"},
	},
	"IntegrationsCommas": {
		reason: "One string is not several.",
		base:   onAWS,
		old:    "integrations: [S3]",
		bad:    `integrations: ["S3,KMS"]`,
		good:   "integrations: [S3, S3]",
		want:   []string{`spec.aws.identities[0].integrations[0]: "S3,KMS": ` + wantAWS},
	},
	"ControllersEmpty": {
		reason: "An empty list reaches nobody.",
		base:   onAWS,
		old:    "controllers: [kustomize-controller]",
		bad:    "controllers: []",
		good:   "controllers: [kustomize-controller]",
		want:   []string{"spec.aws.identities[1].controllers: []: want at least one name"},
	},
	"ControllersNumber": {
		reason: "A number of controllers is not their names.",
		base:   onAWS,
		old:    "controllers: [kustomize-controller]",
		bad:    "controllers: 2",
		good:   "controllers: [kustomize-controller, kustomize-controller]",
		want:   []string{"spec.aws.identities[1].controllers: 2: want a list of at least one name"},
	},

	// Names, near to one and not.
	"IntegrationNull": {
		reason: "An element without a value names nobody.",
		base:   onAWS,
		old:    "[S3]",
		bad:    "[S3, ]\n        controllers: [null]",
		good:   "[S3, ]",
		want:   []string{"spec.aws.identities[0].controllers[0]: null: " + wantSeven},
	},
	"IntegrationNumber": {
		reason: "A name is a word.",
		base:   onAWS,
		old:    "[S3]",
		bad:    "[3]",
		good:   "['S3']",
		want:   []string{"spec.aws.identities[0].integrations[0]: 3: " + wantAWS},
	},
	"IntegrationBlank": {
		reason: "An empty name is none.",
		base:   onAWS,
		old:    "[S3]",
		bad:    "[\"\"]",
		good:   "[\"S3\"]",
		want:   []string{`spec.aws.identities[0].integrations[0]: "": ` + wantAWS},
	},
	"IntegrationCase": {
		reason: "Names count in exact case.",
		base:   onAzure,
		old:    "[BlobStorage]",
		bad:    "[BlobStorage, blobstorage]",
		good:   "[BlobStorage]",
		want:   []string{`spec.azure.identities[0].integrations[1]: "blobstorage": ` + wantAzure + `; did you mean "BlobStorage"?`},
	},
	"IntegrationNear": {
		reason: "A letter is missing.",
		base:   onAzure,
		old:    "[BlobStorage]",
		bad:    "[BlobStorag]",
		good:   "[BlobStorage]",
		want:   []string{`spec.azure.identities[0].integrations[0]: "BlobStorag": ` + wantAzure + `; did you mean "BlobStorage"?`},
	},
	"IntegrationFar": {
		reason: "A service that Flux does not know.",
		base:   onGCP,
		old:    "[GCS]",
		bad:    "[Firestore]",
		good:   "[GCS]",
		want:   []string{`spec.gcp.identities[0].integrations[0]: "Firestore": ` + wantGCP},
	},
	"IntegrationOfAnother": {
		reason: "The names of the clouds are easily mixed up.",
		base:   onGCP,
		old:    "[GCS]",
		bad:    "[S3]",
		good:   "[GCS]",
		want:   []string{`spec.gcp.identities[0].integrations[0]: "S3": ` + wantGCP + "; S3 is an integration of aws"},
	},
	"IntegrationOnlyAWS": {
		reason: "A service that two other clouds have is named after the first.",
		base:   onAzure,
		old:    "[BlobStorage]",
		bad:    "[KMS]",
		good:   "[BlobStorage]",
		want:   []string{`spec.azure.identities[0].integrations[0]: "KMS": ` + wantAzure + "; KMS is an integration of aws"},
	},
	"ControllerShort": {
		reason: "Without its last word.",
		base:   onAWS,
		old:    "[kustomize-controller]",
		bad:    "[kustomize]",
		good:   "[kustomize-controller]",
		want:   []string{`spec.aws.identities[1].controllers[0]: "kustomize": ` + wantSeven + `; did you mean "kustomize-controller"?`},
	},
	"ControllerNear": {
		reason: "Another ending.",
		base:   onAWS,
		old:    "[kustomize-controller]",
		bad:    "[kustomise-controler]",
		good:   "[kustomize-controller]",
		want:   []string{`spec.aws.identities[1].controllers[0]: "kustomise-controler": ` + wantSeven + `; did you mean "kustomize-controller"?`},
	},
	"ControllerFar": {
		reason: "A controller of another project.",
		base:   onAWS,
		old:    "[kustomize-controller]",
		bad:    "[argocd-server]",
		good:   "[kustomize-controller]",
		want:   []string{`spec.aws.identities[1].controllers[0]: "argocd-server": ` + wantSeven},
	},
	"ControllerShard": {
		reason: "A shard gets what its ServiceAccount has.",
		base:   onAWS,
		old:    "[kustomize-controller]",
		bad:    "[kustomize-controller-shard1-of-7]",
		good:   "[kustomize-controller]",
		want:   []string{`spec.aws.identities[1].controllers[0]: "kustomize-controller-shard1-of-7": ` + wantSeven},
	},

	// The identity of AWS.
	"RoleMissing": {
		reason: "An identity without its field.",
		base:   onAWS,
		old:    "- roleARN: " + firstRole + "\n        integrations",
		bad:    "- integrations",
		good:   "- roleARN: " + firstRole + "\n        integrations",
		want:   []string{"spec.aws.identities[0].roleARN: missing: " + wantARN},
	},
	"RoleNull": {
		reason: "A field without a value.",
		base:   onAWS,
		old:    firstRole,
		bad:    "",
		good:   firstRole,
		want:   []string{"spec.aws.identities[0].roleARN: null: " + wantARN},
	},
	"RoleEmpty": {
		reason: "An empty string is no role.",
		base:   onAWS,
		old:    firstRole,
		bad:    `""`,
		good:   `"` + firstRole + `"`,
		want:   []string{`spec.aws.identities[0].roleARN: "": ` + wantARN},
		wrote:  awsWrote,
	},
	"RoleNumber": {
		reason: "The account alone.",
		base:   onAWS,
		old:    firstRole,
		bad:    "111122223333",
		good:   firstRole,
		want:   []string{"spec.aws.identities[0].roleARN: 111122223333: " + wantARN},
	},
	"RoleList": {
		reason: "An identity is one role.",
		base:   onAWS,
		old:    firstRole,
		bad:    "[" + firstRole + "]",
		good:   firstRole,
		want:   []string{"spec.aws.identities[0].roleARN: a list: " + wantARN},
	},
	"RoleAccount11": {
		reason: "Twelve digits, not eleven.",
		base:   onAWS,
		old:    firstRole,
		bad:    "arn:aws:iam::11112222333:role/flux-s3",
		good:   "arn:aws:iam::011122223333:role/flux-s3",
		want:   []string{`spec.aws.identities[0].roleARN: "arn:aws:iam::11112222333:role/flux-s3": ` + wantARN},
	},
	"RoleAccount13": {
		reason: "Nor thirteen.",
		base:   onAWS,
		old:    firstRole,
		bad:    "arn:aws:iam::1111222233334:role/flux-s3",
		good:   firstRole,
		want:   []string{`spec.aws.identities[0].roleARN: "arn:aws:iam::1111222233334:role/flux-s3": ` + wantARN},
	},
	"RoleRegion": {
		reason: "IAM has none.",
		base:   onAWS,
		old:    firstRole,
		bad:    "arn:aws:iam:eu-west-1:111122223333:role/flux-s3",
		good:   "arn:aws-cn:iam::111122223333:role/flux-s3",
		want:   []string{`spec.aws.identities[0].roleARN: "arn:aws:iam:eu-west-1:111122223333:role/flux-s3": ` + wantARN},
	},
	"RolePartition": {
		reason: "A partition starts with aws.",
		base:   onAWS,
		old:    firstRole,
		bad:    "arn:gcp:iam::111122223333:role/flux-s3",
		good:   "arn:aws-us-gov:iam::111122223333:role/flux-s3",
		want:   []string{`spec.aws.identities[0].roleARN: "arn:gcp:iam::111122223333:role/flux-s3": ` + wantARN},
	},
	"RoleUser": {
		reason: "A user cannot be assumed.",
		base:   onAWS,
		old:    firstRole,
		bad:    "arn:aws:iam::111122223333:user/flux-s3",
		good:   firstRole,
		want:   []string{`spec.aws.identities[0].roleARN: "arn:aws:iam::111122223333:user/flux-s3": ` + wantARN + "; this is no role"},
	},
	"RoleSession": {
		reason: "What aws sts get-caller-identity prints.",
		base:   onAWS,
		old:    firstRole,
		bad:    "arn:aws:sts::111122223333:assumed-role/flux-s3/x",
		good:   firstRole,
		want:   []string{`spec.aws.identities[0].roleARN: "arn:aws:sts::111122223333:assumed-role/flux-s3/x": ` + wantARN + "; this is a session of a role, name the role itself"},
	},
	"RoleName65": {
		reason: "A name has 64 characters.",
		base:   onAWS,
		old:    firstRole,
		bad:    "arn:aws:iam::111122223333:role/" + strings.Repeat("f", 65),
		good:   "arn:aws:iam::111122223333:role/" + strings.Repeat("f", 64),
		want:   []string{`spec.aws.identities[0].roleARN: "arn:aws:iam::111122223333:role/` + strings.Repeat("f", 65) + `": ` + wantName},
	},
	"RoleNameEmpty": {
		reason: "A name has one character at least.",
		base:   onAWS,
		old:    firstRole,
		bad:    "arn:aws:iam::111122223333:role/",
		good:   "arn:aws:iam::111122223333:role/f",
		want:   []string{`spec.aws.identities[0].roleARN: "arn:aws:iam::111122223333:role/": ` + wantName},
	},
	"RolePath513": {
		reason: "A path has 512 characters, its slashes counted.",
		base:   onAWS,
		old:    firstRole,
		bad:    "arn:aws:iam::111122223333:role/" + strings.Repeat("p", 511) + "/flux",
		good:   "arn:aws:iam::111122223333:role/" + strings.Repeat("p", 510) + "/flux",
		want:   []string{`spec.aws.identities[0].roleARN: "arn:aws:iam::111122223333:role/` + strings.Repeat("p", 511) + `/flux": ` + wantPath},
	},
	"RolePathEmpty": {
		reason: "A part of a path must not be empty.",
		base:   onAWS,
		old:    firstRole,
		bad:    "arn:aws:iam::111122223333:role/team//flux",
		good:   "arn:aws:iam::111122223333:role/team/flux",
		want:   []string{`spec.aws.identities[0].roleARN: "arn:aws:iam::111122223333:role/team//flux": ` + wantPath},
	},
	"RoleServiceLink": {
		reason: "Only its service can assume such a role.",
		base:   onAWS,
		old:    firstRole,
		bad:    "arn:aws:iam::111122223333:role/aws-service-role/x/flux",
		good:   "arn:aws:iam::111122223333:role/service-role/x/flux",
		want:   []string{`spec.aws.identities[0].roleARN: "arn:aws:iam::111122223333:role/aws-service-role/x/flux": ` + wantARN + "; a service-linked role cannot be assumed by a web identity"},
	},
	"RolePlaceholder": {
		reason: "As copied from documentation.",
		base:   onAWS,
		old:    firstRole,
		bad:    "<AWS ROLE ARN>",
		good:   firstRole,
		want:   []string{`spec.aws.identities[0].roleARN: "<AWS ROLE ARN>": ` + wantARN + "; this is a placeholder"},
	},
	"RoleOfSecond": {
		reason: "The index says which identity is meant.",
		base:   onAWS,
		old:    secondRole,
		bad:    "flux-kms",
		good:   secondRole,
		want:   []string{`spec.aws.identities[1].roleARN: "flux-kms": ` + wantARN},
	},
	"RoleNewPartition": {
		reason: "A partition that is not known is a warning, beside which an error still counts.",
		base:   onAWS,
		old:    firstRole + "\n        integrations: [S3]",
		bad:    "arn:aws-moon:iam::111122223333:role/flux-s3\n        integrations: [S4]",
		good:   firstRole + "\n        integrations: [S3]",
		want:   []string{`spec.aws.identities[0].integrations[0]: "S4": ` + wantAWS + `; did you mean "S3"?`},
		warned: []string{`spec.aws.identities[0].roleARN: "arn:aws-moon:iam::111122223333:role/flux-s3": want a known partition (aws, aws-cn, aws-us-gov, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f, aws-eusc); check aws-moon`},
	},

	// The options of AWS, as a default and on an identity.
	"AudienceEmpty": {
		reason: "An empty audience is not the default one.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      audience: \"\"\n      identities:\n",
		good:   "      audience: a\n      identities:\n",
		want:   []string{`spec.aws.audience: "": ` + wantWord},
		wrote:  []string{"eks.amazonaws.com/audience: a"},
	},
	"AudienceBlank": {
		reason: "An audience is one word.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      audience: two words\n      identities:\n",
		good:   "      audience: two-words\n      identities:\n",
		want:   []string{`spec.aws.audience: "two words": ` + wantWord},
		wrote:  []string{"eks.amazonaws.com/audience: two-words"},
	},
	"Audience256": {
		reason: "An audience has 255 characters at most.",
		base:   onAWS,
		old:    "        integrations: [S3]\n",
		bad:    "        integrations: [S3]\n        audience: " + strings.Repeat("a", 256) + "\n",
		good:   "        integrations: [S3]\n        audience: " + strings.Repeat("a", 255) + "\n",
		want:   []string{`spec.aws.identities[0].audience: "` + strings.Repeat("a", 256) + `": ` + wantWord},
		wrote:  []string{"eks.amazonaws.com/audience: " + strings.Repeat("a", 255)},
	},
	"AudienceNumber": {
		reason: "A string is not a number.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      audience: 5\n      identities:\n",
		good:   "      audience: \"5\"\n      identities:\n",
		want:   []string{`spec.aws.audience: 5: ` + wantWord},
		wrote:  []string{`eks.amazonaws.com/audience: "5"`},
	},
	"RegionalYes": {
		reason: "A boolean of YAML 1.1 is a word here.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      stsRegionalEndpoints: yes\n      identities:\n",
		good:   "      stsRegionalEndpoints: true\n      identities:\n",
		want:   []string{`spec.aws.stsRegionalEndpoints: "yes": want true or false`},
		wrote:  []string{`eks.amazonaws.com/sts-regional-endpoints: "true"`},
	},
	"RegionalNumber": {
		reason: "One is no boolean.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      stsRegionalEndpoints: 1\n      identities:\n",
		good:   "      stsRegionalEndpoints: \"false\"\n      identities:\n",
		want:   []string{`spec.aws.stsRegionalEndpoints: 1: want true or false`},
		wrote:  []string{`eks.amazonaws.com/sts-regional-endpoints: "false"`},
	},
	"RegionalCase": {
		reason: "A string is written as it stands.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      stsRegionalEndpoints: 'True'\n      identities:\n",
		good:   "      stsRegionalEndpoints: True\n      identities:\n",
		want:   []string{`spec.aws.stsRegionalEndpoints: "True": want true or false`},
		wrote:  []string{`eks.amazonaws.com/sts-regional-endpoints: "true"`},
	},
	"RegionalNull": {
		reason: "A switch without a value is neither on nor off.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      stsRegionalEndpoints:\n      identities:\n",
		good:   "      stsRegionalEndpoints: FALSE\n      identities:\n",
		want:   []string{`spec.aws.stsRegionalEndpoints: null: want true or false`},
		wrote:  []string{`eks.amazonaws.com/sts-regional-endpoints: "false"`},
	},
	"Seconds599": {
		reason: "The webhook's floor.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      tokenExpirationSeconds: 599\n      identities:\n",
		good:   "      tokenExpirationSeconds: 600\n      identities:\n",
		want:   []string{`spec.aws.tokenExpirationSeconds: "599": want a number of seconds from 600 to 86400`},
		wrote:  []string{`eks.amazonaws.com/token-expiration: "600"`},
	},
	"Seconds86401": {
		reason: "The webhook's cap.",
		base:   onAWS,
		old:    "        integrations: [S3]\n",
		bad:    "        integrations: [S3]\n        tokenExpirationSeconds: \"86401\"\n",
		good:   "        integrations: [S3]\n        tokenExpirationSeconds: \"86400\"\n",
		want:   []string{`spec.aws.identities[0].tokenExpirationSeconds: "86401": want a number of seconds from 600 to 86400`},
		wrote:  []string{`eks.amazonaws.com/token-expiration: "86400"`},
	},
	"SecondsOctal": {
		reason: "A number that readers of YAML disagree about.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      tokenExpirationSeconds: 03600\n      identities:\n",
		good:   "      tokenExpirationSeconds: 3600\n      identities:\n",
		want:   []string{`spec.aws.tokenExpirationSeconds: "03600": want a number of seconds from 600 to 86400`},
		wrote:  []string{`eks.amazonaws.com/token-expiration: "3600"`},
	},
	"SecondsFraction": {
		reason: "Seconds are whole.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      tokenExpirationSeconds: 3600.5\n      identities:\n",
		good:   "      tokenExpirationSeconds: 3601\n      identities:\n",
		want:   []string{`spec.aws.tokenExpirationSeconds: 3600.5: want a number of seconds from 600 to 86400`},
		wrote:  []string{`eks.amazonaws.com/token-expiration: "3601"`},
	},
	"SecondsUnit": {
		reason: "Seconds have no unit.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      tokenExpirationSeconds: 1h\n      identities:\n",
		good:   "      tokenExpirationSeconds: '3600'\n      identities:\n",
		want:   []string{`spec.aws.tokenExpirationSeconds: "1h": want a number of seconds from 600 to 86400`},
		wrote:  []string{`eks.amazonaws.com/token-expiration: "3600"`},
	},
	"SecondsBoolean": {
		reason: "A boolean is no number.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      tokenExpirationSeconds: true\n      identities:\n",
		good:   "      tokenExpirationSeconds: 86399\n      identities:\n",
		want:   []string{`spec.aws.tokenExpirationSeconds: true: want a number of seconds from 600 to 86400`},
		wrote:  []string{`eks.amazonaws.com/token-expiration: "86399"`},
	},
	"SecondsMap": {
		reason: "Nor is a map.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      tokenExpirationSeconds: {hours: 1}\n      identities:\n",
		good:   "      tokenExpirationSeconds: 3600\n      identities:\n",
		want:   []string{`spec.aws.tokenExpirationSeconds: a map: want a number of seconds from 600 to 86400`},
		wrote:  []string{`eks.amazonaws.com/token-expiration: "3600"`},
	},
	"RoleAccountPlaceholder": {
		reason: "Only the account is left to fill in.",
		base:   onAWS,
		old:    firstRole,
		bad:    "arn:aws:iam::<ACCOUNT>:role/flux-s3",
		good:   firstRole,
		want:   []string{`spec.aws.identities[0].roleARN: "arn:aws:iam::<ACCOUNT>:role/flux-s3": ` + wantARN + "; this is a placeholder"},
	},
	"RoleOtherSession": {
		reason: "Another kind of session is no session of a role.",
		base:   onAWS,
		old:    firstRole,
		bad:    "arn:aws:sts::111122223333:federated-user/flux-s3",
		good:   firstRole,
		want:   []string{`spec.aws.identities[0].roleARN: "arn:aws:sts::111122223333:federated-user/flux-s3": ` + wantARN},
	},
	"RoleAssumedOfIAM": {
		reason: "IAM has no sessions.",
		base:   onAWS,
		old:    firstRole,
		bad:    "arn:aws:iam::111122223333:assumed-role/flux-s3/x",
		good:   firstRole,
		want:   []string{`spec.aws.identities[0].roleARN: "arn:aws:iam::111122223333:assumed-role/flux-s3/x": ` + wantARN + "; this is no role"},
	},
	"SecondsHexadecimal": {
		reason: "A number is shown as it was written.",
		base:   onAWS,
		old:    "      identities:\n",
		bad:    "      tokenExpirationSeconds: 0XE10\n      identities:\n",
		good:   "      tokenExpirationSeconds: 3600\n      identities:\n",
		want:   []string{`spec.aws.tokenExpirationSeconds: "0XE10": want a number of seconds from 600 to 86400`},
		wrote:  []string{`eks.amazonaws.com/token-expiration: "3600"`},
	},
	"SeveralAtOnce": {
		reason: "All errors are reported at once, those of every level.",
		base:   onAWS,
		old:    "      identities:\n      - roleARN: " + firstRole,
		bad:    "      audience: []\n      identities:\n      - roleARN: flux",
		good:   "      identities:\n      - roleARN: " + firstRole,
		want: []string{
			"spec.aws.audience: a list: " + wantWord,
			`spec.aws.identities[0].roleARN: "flux": ` + wantARN,
		},
	},
	"RoleOfEachIsRead": {
		reason: "Each identity is read for itself.",
		base:   onAWS,
		old:    "role/flux-s3\n        integrations: [S3]\n      - roleARN: arn:aws:iam::111122223333:role/flux-kms",
		bad:    "ro/s3\n        integrations: [S3]\n      - roleARN: arn:aws:iam::111122223333:ro/kms",
		good:   "role/flux-s3\n        integrations: [S3]\n      - roleARN: arn:aws:iam::111122223333:role/flux-kms",
		want: []string{
			`spec.aws.identities[0].roleARN: "arn:aws:iam::111122223333:ro/s3": ` + wantARN + "; this is no role",
			`spec.aws.identities[1].roleARN: "arn:aws:iam::111122223333:ro/kms": ` + wantARN + "; this is no role",
		},
	},

	// Azure.
	"ClientMissing": {
		reason: "An identity without its field.",
		base:   onAzure,
		old:    "      - clientID: " + client + "\n        integrations",
		bad:    "      - integrations",
		good:   "      - clientID: " + client + "\n        integrations",
		want:   []string{"spec.azure.identities[0].clientID: missing: " + wantID},
	},
	"ClientShort": {
		reason: "A digit short.",
		base:   onAzure,
		old:    client,
		bad:    client[1:],
		good:   strings.ToUpper(client),
		want:   []string{`spec.azure.identities[0].clientID: "` + client[1:] + `": ` + wantID},
	},
	"ClientLong": {
		reason: "A digit too many.",
		base:   onAzure,
		old:    client,
		bad:    client + "7",
		good:   client,
		want:   []string{`spec.azure.identities[0].clientID: "` + client + `7": ` + wantID},
	},
	"ClientLetter": {
		reason: "A letter that is no digit.",
		base:   onAzure,
		old:    client,
		bad:    "g" + client[1:],
		good:   "f" + client[1:],
		want:   []string{`spec.azure.identities[0].clientID: "g` + client[1:] + `": ` + wantID},
	},
	"ClientNil": {
		reason: "What a template holds before it is filled in.",
		base:   onAzure,
		old:    client,
		bad:    "00000000-0000-0000-0000-000000000000",
		good:   "00000000-0000-0000-0000-000000000001",
		want:   []string{`spec.azure.identities[0].clientID: "00000000-0000-0000-0000-000000000000": ` + wantID + "; this is the nil GUID, a placeholder"},
	},
	"ClientPlaceholder": {
		reason: "As in Flux's documentation.",
		base:   onAzure,
		old:    client,
		bad:    "<AZURE CLIENT ID>",
		good:   client,
		want:   []string{`spec.azure.identities[0].clientID: "<AZURE CLIENT ID>": ` + wantID + "; this is a placeholder"},
	},
	"ClientEmpty": {
		reason: "An empty string is no GUID.",
		base:   onAzure,
		old:    client,
		bad:    "''",
		good:   client,
		want:   []string{`spec.azure.identities[0].clientID: "": ` + wantID},
	},
	"ClientIsTenant": {
		reason: "One was copied twice, if in another case.",
		base:   onAzure,
		old:    "clientID: " + client,
		bad:    "clientID: " + strings.ToUpper(tenant),
		good:   "clientID: " + client,
		want:   []string{`spec.azure.identities[0].clientID: "` + strings.ToUpper(tenant) + `": want the ID of the identity; this is its tenant's`},
	},
	"TenantMissing": {
		reason: "Here or on the identity.",
		base:   onAzure,
		old:    "      tenantID: " + tenant + "\n      identities:\n      - clientID: " + client + "\n",
		bad:    "      identities:\n      - clientID: " + client + "\n",
		good:   "      identities:\n      - clientID: " + client + "\n        tenantID: " + tenant + "\n",
		want:   []string{"spec.azure.identities[0].tenantID: missing: " + wantID},
	},
	"TenantDomain": {
		reason: "The name of a tenant is not its ID.",
		base:   onAzure,
		old:    tenant,
		bad:    "contoso.onmicrosoft.com",
		good:   tenant,
		want:   []string{`spec.azure.tenantID: "contoso.onmicrosoft.com": ` + wantID},
	},
	"TenantNull": {
		reason: "One that is wrong is not missing as well.",
		base:   onAzure,
		old:    "tenantID: " + tenant,
		bad:    "tenantID:",
		good:   "tenantID: " + tenant,
		want:   []string{"spec.azure.tenantID: null: " + wantID},
	},
	"TenantOverridden": {
		reason: "A default is checked, even one that nobody takes.",
		base:   onAzure,
		old:    "tenantID: " + tenant + "\n      identities:\n",
		bad:    "tenantID: x\n      identities:\n      - {clientID: " + client + ", tenantID: " + tenant + ", integrations: [BlobStorage]}\n",
		good:   "tenantID: " + tenant + "\n      identities:\n",
		want:   []string{`spec.azure.tenantID: "x": ` + wantID},
	},
	"AzureSeconds3599": {
		reason: "The floor is higher here.",
		base:   onAzure,
		old:    "      identities:\n",
		bad:    "      tokenExpirationSeconds: 3599\n      identities:\n",
		good:   "      tokenExpirationSeconds: 3600\n      identities:\n",
		want:   []string{`spec.azure.tokenExpirationSeconds: "3599": want a number of seconds from 3600 to 86400`},
		wrote:  []string{`azure.workload.identity/service-account-token-expiration: "3600"`},
	},
	"AzureSeconds86401": {
		reason: "The cap is the same.",
		base:   onAzure,
		old:    "      identities:\n",
		bad:    "      tokenExpirationSeconds: 86401\n      identities:\n",
		good:   "      tokenExpirationSeconds: 86400\n      identities:\n",
		want:   []string{`spec.azure.tokenExpirationSeconds: "86401": want a number of seconds from 3600 to 86400`},
		wrote:  []string{`azure.workload.identity/service-account-token-expiration: "86400"`},
	},

	// Google Cloud.
	"EmailMissing": {
		reason: "An identity without its field.",
		base:   onGCP,
		old:    "      - serviceAccountEmail: " + mail + "\n        integrations",
		bad:    "      - integrations",
		good:   "      - serviceAccountEmail: " + mail + "\n        integrations",
		want:   []string{"spec.gcp.identities[0].serviceAccountEmail: missing: " + wantMail},
	},
	"EmailName5": {
		reason: "A name has 6 characters at least.",
		base:   onGCP,
		old:    mail,
		bad:    "fluxg@my-project.iam.gserviceaccount.com",
		good:   "fluxgs@my-project.iam.gserviceaccount.com",
		want:   []string{`spec.gcp.identities[0].serviceAccountEmail: "fluxg@my-project.iam.gserviceaccount.com": ` + wantAccount},
	},
	"EmailName31": {
		reason: "And 30 at most.",
		base:   onGCP,
		old:    mail,
		bad:    strings.Repeat("f", 31) + "@my-project.iam.gserviceaccount.com",
		good:   strings.Repeat("f", 30) + "@my-project.iam.gserviceaccount.com",
		want:   []string{`spec.gcp.identities[0].serviceAccountEmail: "` + strings.Repeat("f", 31) + `@my-project.iam.gserviceaccount.com": ` + wantAccount},
	},
	"EmailUpper": {
		reason: "In lower case.",
		base:   onGCP,
		old:    mail,
		bad:    "Flux-gcs@my-project.iam.gserviceaccount.com",
		good:   mail,
		want:   []string{`spec.gcp.identities[0].serviceAccountEmail: "Flux-gcs@my-project.iam.gserviceaccount.com": ` + wantMail},
	},
	"EmailPerson": {
		reason: "A person is no service account.",
		base:   onGCP,
		old:    mail,
		bad:    "jane@example.com",
		good:   "my-project@appspot.gserviceaccount.com",
		want:   []string{`spec.gcp.identities[0].serviceAccountEmail: "jane@example.com": ` + wantMail},
	},
	"EmailMember": {
		reason: "As IAM policies write it.",
		base:   onGCP,
		old:    mail,
		bad:    "serviceAccount:" + mail,
		good:   mail,
		want:   []string{`spec.gcp.identities[0].serviceAccountEmail: "serviceAccount:` + mail + `": ` + wantMail},
	},
	"EmailProject": {
		reason: "A project starts with a letter.",
		base:   onGCP,
		old:    mail,
		bad:    "flux-gcs@1-project.iam.gserviceaccount.com",
		good:   "flux-gcs@project-1.iam.gserviceaccount.com",
		want:   []string{`spec.gcp.identities[0].serviceAccountEmail: "flux-gcs@1-project.iam.gserviceaccount.com": ` + wantMail},
	},
	"EmailNumber": {
		reason: "The default account of Compute Engine has a number.",
		base:   onGCP,
		old:    mail,
		bad:    "my-project-compute@developer.gserviceaccount.com",
		good:   "123456789012-compute@developer.gserviceaccount.com",
		want:   []string{`spec.gcp.identities[0].serviceAccountEmail: "my-project-compute@developer.gserviceaccount.com": ` + wantMail},
	},
	"EmailEmpty": {
		reason: "An empty string is no e-mail address.",
		base:   onGCP,
		old:    mail,
		bad:    `""`,
		good:   mail,
		want:   []string{`spec.gcp.identities[0].serviceAccountEmail: "": ` + wantMail},
	},
	"EmailPlaceholder": {
		reason: "As in Google's documentation.",
		base:   onGCP,
		old:    mail,
		bad:    "your-account@your_project.iam.gserviceaccount.com",
		good:   mail,
		want:   []string{`spec.gcp.identities[0].serviceAccountEmail: "your-account@your_project.iam.gserviceaccount.com": ` + wantMail + "; this is a placeholder"},
	},

	// The scope.
	"NamespaceEmpty": {
		reason: "An empty namespace is not all of them.",
		base:   onGCP,
		old:    "  spec:\n    gcp",
		bad:    "  spec:\n    namespace: \"\"\n    gcp",
		good:   "  spec:\n    namespace: flux-system\n    gcp",
		want:   []string{`spec.namespace: "": want a namespace or a glob`},
	},
	"NamespaceNull": {
		reason: "Nor is null.",
		base:   onGCP,
		old:    "  spec:\n    gcp",
		bad:    "  spec:\n    namespace:\n    gcp",
		good:   "  spec:\n    namespace: 'flux-system'\n    gcp",
		want:   []string{`spec.namespace: null: want a namespace or a glob`},
	},
	"NamespaceList": {
		reason: "It is one namespace.",
		base:   onGCP,
		old:    "  spec:\n    gcp",
		bad:    "  spec:\n    namespace: [flux-system]\n    gcp",
		good:   "  spec:\n    namespace: flux-system\n    gcp",
		want:   []string{`spec.namespace: a list: want a namespace or a glob`},
	},
	"NamespaceNear": {
		reason: "A namespace without controllers, near to one with them.",
		base:   onGCP,
		old:    "  spec:\n    gcp",
		bad:    "  spec:\n    namespace: flux-sytem\n    gcp",
		good:   "  spec:\n    namespace: flux-system\n    gcp",
		want:   []string{`spec.namespace: "flux-sytem": want a namespace that holds Flux controllers: flux-system; did you mean "flux-system"?`},
	},
	"NamespaceFar": {
		reason: "And one that is like none.",
		base:   onGCP,
		old:    "  spec:\n    gcp",
		bad:    "  spec:\n    namespace: default\n    gcp",
		good:   "  spec:\n    namespace: flux-system\n    gcp",
		want:   []string{`spec.namespace: "default": want a namespace that holds Flux controllers: flux-system`},
	},
	"NamespaceForeign": {
		reason: "The namespace of something else is none of a controller.",
		base:   onGCP,
		old:    configHead + "  spec:\n",
		bad:    "- {apiVersion: v1, kind: ServiceAccount, metadata: {name: app, namespace: apps}}\n" + configHead + "  spec:\n    namespace: apps\n",
		good:   "- {apiVersion: v1, kind: ServiceAccount, metadata: {name: app, namespace: apps}}\n" + configHead + "  spec:\n    namespace: flux-system\n",
		want:   []string{`spec.namespace: "apps": want a namespace that holds Flux controllers: flux-system`},
	},
	"NamespaceOfNobody": {
		reason: "Where there is no controller at all the namespace is not to blame.",
		base:   base{install + configHead + gcpSpec + "    namespace: flux-system\n", gcpWrote},
		old:    accounts + deployments,
		bad:    "items:\n- {apiVersion: v1, kind: ServiceAccount, metadata: {name: app, namespace: apps}}\n",
		good:   accounts + deployments,
		want:   []string{"no Flux controller among the items: want the ServiceAccounts and Deployments of a Flux install"},
	},
	"PathNotNamespace": {
		reason: "Nor where the path leaves none.",
		base:   inDirectories,
		old:    "path: clusters/prod # which",
		bad:    "path: apps\n    namespace: flux-system",
		good:   "path: clusters/prod\n    namespace: flux-system",
		want:   []string{`spec.path: "apps": want a directory that holds Flux controllers: clusters/prod/flux, clusters/stage/flux`},
	},
	"PathEmpty": {
		reason: "An empty path is not all of them.",
		base:   inDirectories,
		old:    "path: clusters/prod # which",
		bad:    `path: ""`,
		good:   `path: clusters/prod/`,
		want:   []string{`spec.path: "": want a directory or a glob`},
	},
	"PathNumber": {
		reason: "A path is a string.",
		base:   inDirectories,
		old:    "path: clusters/prod # which",
		bad:    `path: 5`,
		good:   `path: ./clusters/prod`,
		want:   []string{`spec.path: 5: want a directory or a glob`},
	},
	"PathAbsolute": {
		reason: "Orchestrators give paths below the directory they read.",
		base:   inDirectories,
		old:    "path: clusters/prod # which",
		bad:    `path: /clusters/prod`,
		good:   `path: clusters/prod/flux`,
		want:   []string{`spec.path: "/clusters/prod": ` + wantBelow},
	},
	"PathParent": {
		reason: "Nor do they give paths above it.",
		base:   inDirectories,
		old:    "path: clusters/prod # which",
		bad:    `path: ../clusters/prod`,
		good:   `path: clusters/p*`,
		want:   []string{`spec.path: "../clusters/prod": ` + wantBelow},
	},
	"PathDots": {
		reason: "The parent alone is above it too.",
		base:   inDirectories,
		old:    "path: clusters/prod # which",
		bad:    `path: ..`,
		good:   `path: .`,
		want:   []string{`spec.path: "..": ` + wantBelow},
	},
	"NamespaceGlob": {
		reason: "A glob of namespaces must be whole.",
		base:   inDirectories,
		old:    `path: clusters/prod # which`,
		bad:    "path: clusters/prod\n    namespace: flux-[",
		good:   "path: clusters/prod\n    namespace: flux-[s]*",
		want:   []string{`spec.namespace: "flux-[": want a namespace or a glob, in which * stands for any characters`},
	},
	"NamespaceSlash": {
		reason: "A namespace is no path.",
		base:   inDirectories,
		old:    `path: clusters/prod # which`,
		bad:    "path: clusters/prod\n    namespace: flux/system",
		good:   "path: clusters/prod\n    namespace: '*'",
		want:   []string{`spec.namespace: "flux/system": want a namespace or a glob, in which * stands for any characters`},
	},
	"PathGlob": {
		reason: "A glob that does not parse.",
		base:   inDirectories,
		old:    "path: clusters/prod # which",
		bad:    `path: clusters/[p`,
		good:   `path: clusters/[p]*`,
		want:   []string{`spec.path: "clusters/[p": want a directory or a glob, in which ** stands for any directories`},
	},
	"PathNear": {
		reason: "A directory without controllers, near to one with them.",
		base:   inDirectories,
		old:    "path: clusters/prod # which",
		bad:    `path: clusters/prd/flux`,
		good:   `path: clusters/prod/flux`,
		want:   []string{`spec.path: "clusters/prd/flux": want a directory that holds Flux controllers: clusters/prod/flux, clusters/stage/flux; did you mean "clusters/prod/flux"?`},
	},
	"PathFar": {
		reason: "One that is like none of them.",
		base:   inDirectories,
		old:    "path: clusters/prod # which",
		bad:    `path: apps`,
		good:   `path: "**"`,
		want:   []string{`spec.path: "apps": want a directory that holds Flux controllers: clusters/prod/flux, clusters/stage/flux`},
	},
	"PathMissing": {
		reason: "Production's role must not land in staging.",
		base:   inDirectories,
		old:    "    path: clusters/prod # which\n",
		bad:    "",
		good:   "    path: '**'\n",
		want:   []string{`spec.path: missing: Flux controllers lie in several directories (clusters/prod/flux, clusters/stage/flux): want the directory that is meant, a glob, or ** for all`},
	},
	"PathUnknownFile": {
		reason: "What has no path is a directory of its own.",
		base:   inDirectories,
		old:    "    path: clusters/prod # which\n    gcp",
		bad:    "    namespace: flux-system\n    gcp",
		good:   "    path: clusters/*/flux\n    namespace: flux-system\n    gcp",
		want:   []string{`spec.path: missing: Flux controllers lie in several directories (clusters/prod/flux, clusters/stage/flux): want the directory that is meant, a glob, or ** for all`},
	},

	// Who gets what.
	"TwoRoles": {
		reason: "A ServiceAccount holds one identity.",
		base:   onAWS,
		old:    "controllers: [kustomize-controller]",
		bad:    "controllers: [kustomize-controller, source-controller]",
		good:   "controllers: [kustomize-controller]",
		want:   []string{`spec.aws.identities[1]: "` + secondRole + `" and "` + firstRole + `" of spec.aws.identities[0] are both for source-controller: want one identity for a controller, since its ServiceAccount holds one; give one roleARN the permissions of both`},
	},
	"TwoRolesTwice": {
		reason: "A controller that is named twice is one controller.",
		base:   onAWS,
		old:    "[kustomize-controller]",
		bad:    "[kustomize-controller, source-controller, source-controller]",
		good:   "[kustomize-controller, kustomize-controller]",
		want:   []string{`spec.aws.identities[1]: "` + secondRole + `" and "` + firstRole + `" of spec.aws.identities[0] are both for source-controller: want one identity for a controller, since its ServiceAccount holds one; give one roleARN the permissions of both`},
	},
	"TwoRolesOfOne": {
		reason: "Two integrations may stand for one controller.",
		base:   onAWS,
		old:    "integrations: [S3]",
		bad:    "integrations: [S3, KMS]",
		good:   "integrations: [S3, S3]",
		want:   []string{`spec.aws.identities[1]: "` + secondRole + `" and "` + firstRole + `" of spec.aws.identities[0] are both for kustomize-controller: want one identity for a controller, since its ServiceAccount holds one; give one roleARN the permissions of both`},
	},
	"OneRoleTwoTimes": {
		reason: "The same identity with other options is another.",
		base:   onAWS,
		old:    "      - roleARN: " + secondRole,
		bad:    "      - {roleARN: " + firstRole + ", integrations: [S3], audience: a}\n      - roleARN: " + secondRole,
		good:   "      - {roleARN: " + firstRole + ", integrations: [S3]}\n      - roleARN: " + secondRole,
		want:   []string{`spec.aws.identities[1]: "` + firstRole + `" is given to source-controller by spec.aws.identities[0] too, with other options: want the same options for a controller, since its ServiceAccount holds one identity`},
		wrote:  awsWrote,
	},
	"TwoClients": {
		reason: "In the same case or not, equal is equal.",
		base:   onAzure,
		old:    "      - clientID: " + client,
		bad:    "      - {clientID: " + client[:35] + "0, controllers: [source-controller]}\n      - clientID: " + client,
		good:   "      - {clientID: " + strings.ToUpper(client) + ", controllers: [source-controller]}\n      - clientID: " + client,
		want:   []string{`spec.azure.identities[1]: "` + client + `" and "` + client[:35] + `0" of spec.azure.identities[0] are both for source-controller: want one identity for a controller, since its ServiceAccount holds one; give one clientID the permissions of both`},
		wrote:  []string{"azure.workload.identity/client-id: " + strings.ToUpper(client)},
	},
	"TwoEmails": {
		reason: "The same on Google Cloud.",
		base:   onGCP,
		old:    "      - serviceAccountEmail: " + mail,
		bad:    "      - {serviceAccountEmail: x" + mail + ", integrations: [GAR]}\n      - serviceAccountEmail: " + mail,
		good:   "      - {serviceAccountEmail: " + mail + ", integrations: [GAR]}\n      - serviceAccountEmail: " + mail,
		want:   []string{`spec.gcp.identities[1]: "` + mail + `" and "x` + mail + `" of spec.gcp.identities[0] are both for source-controller: want one identity for a controller, since its ServiceAccount holds one; give one serviceAccountEmail the permissions of both`},
		wrote:  gcpWrote,
	},
	"TwoRolesOfOneCase": {
		reason: "The names of roles count in exact case, unlike the GUIDs of Azure.",
		base:   onAWS,
		old:    "      - roleARN: " + secondRole,
		bad:    "      - {roleARN: " + strings.Replace(firstRole, "flux", "Flux", 1) + ", integrations: [S3]}\n      - roleARN: " + secondRole,
		good:   "      - {roleARN: " + firstRole + ", integrations: [S3]}\n      - roleARN: " + secondRole,
		want:   []string{`spec.aws.identities[1]: "` + strings.Replace(firstRole, "flux", "Flux", 1) + `" and "` + firstRole + `" of spec.aws.identities[0] are both for source-controller: want one identity for a controller, since its ServiceAccount holds one; give one roleARN the permissions of both`},
		wrote:  awsWrote,
	},
	"TwoTenants": {
		reason: "Another tenant makes another identity, the same in another case does not.",
		base:   onAzure,
		old:    "      - clientID: " + client,
		bad:    "      - {clientID: " + client + ", tenantID: " + tenant[:35] + "0, controllers: [source-controller]}\n      - clientID: " + client,
		good:   "      - {clientID: " + client + ", tenantID: " + strings.ToUpper(tenant) + ", controllers: [source-controller]}\n      - clientID: " + client,
		want:   []string{`spec.azure.identities[1]: "` + client + `" is given to source-controller by spec.azure.identities[0] too, with other options: want the same options for a controller, since its ServiceAccount holds one identity`},
		wrote:  []string{"azure.workload.identity/tenant-id: " + strings.ToUpper(tenant)},
	},
	"ThreeRoles": {
		reason: "Each pair is named.",
		base:   onGCP,
		old:    "      - serviceAccountEmail: " + mail,
		bad:    "      - {serviceAccountEmail: x" + mail + ", integrations: [GAR]}\n      - {serviceAccountEmail: y" + mail + ", integrations: [GCS]}\n      - serviceAccountEmail: " + mail,
		good:   "      - serviceAccountEmail: " + mail,
		want: []string{
			`spec.gcp.identities[1]: "y` + mail + `" and "x` + mail + `" of spec.gcp.identities[0] are both for source-controller: want one identity for a controller, since its ServiceAccount holds one; give one serviceAccountEmail the permissions of both`,
			`spec.gcp.identities[2]: "` + mail + `" and "x` + mail + `" of spec.gcp.identities[0] are both for source-controller: want one identity for a controller, since its ServiceAccount holds one; give one serviceAccountEmail the permissions of both`,
			`spec.gcp.identities[2]: "` + mail + `" and "y` + mail + `" of spec.gcp.identities[1] are both for source-controller: want one identity for a controller, since its ServiceAccount holds one; give one serviceAccountEmail the permissions of both`,
		},
	},
	"ControllerAbsent": {
		reason: "A controller that is named must be there.",
		base:   onAWS,
		old:    "[kustomize-controller]",
		bad:    "[kustomize-controller, helm-controller]",
		good:   "[kustomize-controller]",
		want:   []string{`spec.aws.identities[1].controllers[1]: "helm-controller": want a controller of the install: source-controller, kustomize-controller`},
	},
	"WatcherAbsent": {
		reason: "A controller without a use for the cloud is a warning, but its absence is an error.",
		base:   onGCP,
		old:    "integrations: [GCS]",
		bad:    "integrations: [GCS]\n        controllers: [source-watcher]",
		good:   "integrations: [GCS]\n        controllers: [source-controller]",
		want:   []string{`spec.gcp.identities[0].controllers[0]: "source-watcher": want a controller of the install: source-controller, kustomize-controller`},
		warned: []string{`spec.gcp.identities[0].controllers[0]: "source-watcher": want a controller that works with Google Cloud: this one has no use for an identity there`},
	},
	"ReachesNobody": {
		reason: "An integration whose controllers are all absent.",
		base:   onGCP,
		old:    "integrations: [GCS]",
		bad:    "integrations: [PubSub]",
		good:   "integrations: [PubSub, GCS]",
		want:   []string{`spec.gcp.identities[0]: "` + mail + `" reaches no controller: want an integration or a controller of the install: source-controller, kustomize-controller`},
	},
	"ReachesNobody2": {
		reason: "One of two identities that reaches nobody is one too many.",
		base:   onAzure,
		old:    "      - clientID: " + client,
		bad:    "      - {clientID: " + client[:35] + "0, integrations: [EventHubs]}\n      - clientID: " + client,
		good:   "      - clientID: " + client,
		want:   []string{`spec.azure.identities[0]: "` + client[:35] + `0" reaches no controller: want an integration or a controller of the install: source-controller, kustomize-controller`},
	},

	// The items.
	"AccountsHidden": {
		reason: "AWS writes to ServiceAccounts alone.",
		base:   onAWS,
		old:    "kind: ServiceAccount # of source",
		bad:    "kind: Secret # of source",
		good:   "kind: ServiceAccount # of source",
		want:   []string{sourceDeployment + `spec.template.spec.serviceAccountName: "source-controller": want a ServiceAccount of source-controller among the items, to carry the identity of spec.aws.identities[0]; kpt selectors may hide it, and Flux before v0.7 has none`},
	},
	"AccountVersion": {
		reason: "What is of another group is no ServiceAccount.",
		base:   onGCP,
		old:    "- apiVersion: v1\n  kind: ServiceAccount # of source",
		bad:    "- apiVersion: V1\n  kind: ServiceAccount # of source",
		good:   "- apiVersion: \"v1\"\n  kind: ServiceAccount # of source",
		want:   []string{sourceDeployment + wantHidden},
	},
	"NoController": {
		reason: "Labels that all name another product, and a name beside them does not count.",
		base:   onAWS,
		old:    accounts + deployments,
		bad:    strings.ReplaceAll(strings.ReplaceAll(accounts, "part-of: flux", "part-of: other"), "component: ", "instance: "),
		good:   accounts + deployments,
		want: []string{"no Flux controller among the items: want the ServiceAccounts and Deployments of a Flux install; ServiceAccount flux-system/source-controller: metadata.labels[app.kubernetes.io/part-of]: \"other\"" + noPart +
			"source-controller: want the label as flux install sets it, or a Deployment under it whose container manager runs an image .../source-controller; it is left alone"},
		warned: []string{
			"ServiceAccount flux-system/source-controller: metadata.labels[app.kubernetes.io/part-of]: \"other\"" + noPart +
				"source-controller: want the label as flux install sets it, or a Deployment under it whose container manager runs an image .../source-controller; it is left alone",
			"ServiceAccount flux-system/kustomize-controller: metadata.labels[app.kubernetes.io/part-of]: \"other\"" + noPart +
				"kustomize-controller: want the label as flux install sets it, or a Deployment under it whose container manager runs an image .../kustomize-controller; it is left alone",
		},
	},
	"DeploymentInNamespace": {
		reason: "A ServiceAccount of another namespace cannot be meant.",
		base:   onGCP,
		old:    "namespace: flux-system # of the Deployment",
		bad:    "namespace: other-system",
		good:   "namespace: 'flux-system'",
		want:   []string{"spec.namespace: missing: Flux controllers lie in several namespaces (flux-system, other-system): want the namespace that is meant, a glob, or * for all"},
	},
	"DeploymentInDirectory": {
		reason: "Nor one of another directory, unless its name says so.",
		base:   inDirectories,
		old:    configHead + "  spec:\n    path: clusters/prod # which",
		bad:    deploymentUnder("default", "clusters/other/gotk.yaml") + configHead + "  spec:\n    path: '**'",
		good:   deploymentUnder("source-controller", "clusters/other/gotk.yaml") + configHead + "  spec:\n    path: clusters/[po]*",
		want:   []string{"Deployment flux-system/source-controller-x: " + strings.Replace(wantHidden, `"source-controller"`, `"default"`, 1)},
	},
	"DeploymentsOfTwo": {
		reason: "Deployments under different ServiceAccounts lack each its own.",
		base: base{listHead + "items:\n" + accountNamed("x") + accountNamed("y") + deploymentUnder("x", "gotk.yaml") +
			strings.Replace(deploymentUnder("y", "gotk.yaml"), "source-controller-x", "source-controller-y", 1) + configHead + gcpSpec, gcpWrote},
		old:  accountNamed("x") + accountNamed("y"),
		bad:  "",
		good: accountNamed("y") + accountNamed("x"),
		want: []string{"Deployment flux-system/source-controller-x: " + strings.Replace(wantHidden, `"source-controller"`, `"x"`, 1), "Deployment flux-system/source-controller-y: " + strings.Replace(wantHidden, `"source-controller"`, `"y"`, 1)},
	},
	"DeploymentOfOther": {
		reason: "Another prefix is another install.",
		base:   base{listHead + "items:\n" + accountNamed("a-source-controller") + deploymentUnder("a-source-controller", "gotk.yaml") + configHead + gcpSpec, gcpWrote},
		old:    "serviceAccountName: a-",
		bad:    "serviceAccountName: b-",
		good:   "serviceAccountName:  a-",
		want:   []string{"Deployment flux-system/source-controller-x: " + strings.Replace(wantHidden, `"source-controller"`, `"b-source-controller"`, 1)},
	},
	"SeveralAccounts": {
		reason: "Nothing tells which ServiceAccount is meant.",
		base:   renamed,
		old:    "prefixes: a- # of the Deployment",
		bad:    "prefixes: c- # of the Deployment",
		good:   "prefixes: b- # of the Deployment",
		want:   []string{`Deployment flux-system/a-source-controller: spec.template.spec.serviceAccountName: "source-controller": fits several ServiceAccounts (a-source-controller; b-source-controller): want one, in the directory of the Deployment or with its prefixes and suffixes`},
	},
	"SeveralBySuffixes": {
		reason: "Suffixes tell as prefixes do, those of a further layer of kustomize too.",
		base:   suffixed,
		old:    "suffixes: -x,-a",
		bad:    "suffixes: -x,-c",
		good:   "suffixes: -x,-b",
		want:   []string{"Deployment flux-system/source-controller-x-a: spec.template.spec.serviceAccountName: \"source-controller\": fits several ServiceAccounts (source-controller-a in flux/gotk.yaml; source-controller-b in flux/gotk.yaml): want one, in the directory of the Deployment or with its prefixes and suffixes"},
	},
	"ShapeOfForeign": {
		reason: "What neither its labels nor its name make a controller may have any shape.",
		base:   onGCP,
		old:    configHead,
		bad:    "- apiVersion: v1\n  kind: ServiceAccount\n  metadata: {name: source-controller, namespace: other-system, labels: x}\n" + configHead,
		good:   "- apiVersion: v1\n  kind: ServiceAccount\n  metadata: {name: other, namespace: other-system, labels: x}\n" + configHead,
		want:   []string{"ServiceAccount other-system/source-controller: metadata.labels: \"x\": want a map of strings"},
	},
	"FragmentOfFile": {
		reason: "A file that kustomize reads without a kind is known by its name.",
		base:   withFragment,
		old:    "Kustomization # the file",
		bad:    "Kustomizations",
		good:   "kustomization.yml",
		want:   []string{"ServiceAccount flux-system/source-controller: metadata.labels: \"x\": want a map of strings"},
	},
	"FragmentOfFileName": {
		reason: "The name without an ending is one of its three.",
		base:   withFragment,
		old:    "Kustomization # the file",
		bad:    "kustomization",
		good:   "Kustomization",
		want:   []string{"ServiceAccount flux-system/source-controller: metadata.labels: \"x\": want a map of strings"},
	},
	"FragmentOfKind": {
		reason: "Another kind of the group does not list patches.",
		base:   withFragment,
		old:    "  # a kind",
		bad:    "  apiVersion: kustomize.config.k8s.io/v1beta1\n  kind: Other",
		good:   "  apiVersion: kustomize.config.k8s.io/v1beta1\n  kind: Kustomization",
		want:   []string{"ServiceAccount flux-system/source-controller: metadata.labels: \"x\": want a map of strings"},
	},
	"FragmentPath": {
		reason: "Paths may be written in several ways.",
		base:   withFragment,
		old:    "flux/patch.yaml",
		bad:    "apps/patch.yaml",
		good:   "./flux/base/../patch.yaml",
		want:   []string{"ServiceAccount flux-system/source-controller: metadata.labels: \"x\": want a map of strings"},
	},
	"AnnotationsList": {
		reason: "Annotations are a map.",
		base:   inNamespaces,
		old:    "    annotations:\n      team:   'platform'",
		bad:    "    annotations: [team]",
		good:   "    annotations: {}",
		want:   []string{sourceAccount + "metadata.annotations: a list: want a map of strings"},
	},
	"AnnotationsString": {
		reason: "A string is no map.",
		base:   inNamespaces,
		old:    "    annotations:\n      team:   'platform'",
		bad:    "    annotations: team",
		good:   "    annotations:",
		want:   []string{sourceAccount + `metadata.annotations: "team": want a map of strings`},
	},
	"AnnotationsNumber": {
		reason: "On a Deployment too, of which AWS asks nothing.",
		base:   onAWS,
		old:    `    annotations: {team:   "platform"}`,
		bad:    "    annotations: 5",
		good:   "    annotations: null",
		want:   []string{sourceDeployment + "metadata.annotations: 5: want a map of strings"},
	},
	"AnnotationsTwice": {
		reason: "Which of the two a reader would take is open.",
		base:   inNamespaces,
		old:    "    annotations:\n      team:   'platform'",
		bad:    "    annotations: {}\n    annotations: {team: platform}",
		good:   "    annotations: {}",
		want:   []string{sourceAccount + "metadata.annotations: written twice: want one"},
	},
	"AccountUnreadable": {
		reason: "A ServiceAccount that is there, if unreadable, is not missing from the Deployment as well.",
		base:   onGCP,
		old:    "    annotations:\n      team:   'platform'",
		bad:    "    annotations: team",
		good:   "    annotations:",
		want:   []string{sourceAccount + `metadata.annotations: "team": want a map of strings`},
	},
	"AccountUnreadableAlone": {
		reason: "Nor is its controller missing from the install.",
		base:   base{listHead + accounts + configHead + gcpSpec, gcpWrote},
		old:    "    annotations:\n      team:   'platform'",
		bad:    "    annotations: team",
		good:   "    annotations:",
		want:   []string{sourceAccount + `metadata.annotations: "team": want a map of strings`},
	},
	"LabelsString": {
		reason: "What goes by the name of a controller must be readable.",
		base:   inNamespaces,
		old:    labelsOfSource,
		bad:    "    labels: flux\n",
		good:   labelsOfSource,
		want:   []string{sourceAccount + `metadata.labels: "flux": want a map of strings`},
	},
	"LabelsList": {
		reason: "Labels are a map.",
		base:   inNamespaces,
		old:    labelsOfSource,
		bad:    "    labels: [flux]\n",
		good:   labelsOfSource,
		want:   []string{sourceAccount + `metadata.labels: a list: want a map of strings`},
	},
	"LabelsTwice": {
		reason: "Which of the two a reader would take is open.",
		base:   inNamespaces,
		old:    labelsOfSource,
		bad:    "    labels: {a: b}\n" + labelsOfSource,
		good:   labelsOfSource,
		want:   []string{sourceAccount + `metadata.labels: written twice: want one`},
	},
	"LabelNumber": {
		reason: "A label is a string, and what a number means is not for us to guess.",
		base:   inNamespaces,
		old:    "part-of: flux # of source",
		bad:    "part-of: 5",
		good:   "part-of: 'flux'",
		want:   []string{sourceAccount + `metadata.labels[app.kubernetes.io/part-of]: 5: want a string`},
	},
	"LabelMap": {
		reason: "Nor what a map means.",
		base:   inNamespaces,
		old:    "component: source-controller # of the account",
		bad:    "component: {name: source-controller}",
		good:   "component: \"source-controller\"",
		want:   []string{sourceAccount + `metadata.labels[app.kubernetes.io/component]: a map: want a string`},
	},
	"ComponentTwice": {
		reason: "The label that says what an object is.",
		base:   inNamespaces,
		old:    "      app.kubernetes.io/component: source-controller # of the account\n",
		bad:    "      app.kubernetes.io/component: source-controller\n      app.kubernetes.io/component: helm-controller\n",
		good:   "      app.kubernetes.io/component: source-controller # of the account\n",
		want:   []string{sourceAccount + `metadata.labels[app.kubernetes.io/component]: written twice: want one`},
	},
	"NameNumber": {
		reason: "It cannot be referred to, so the message says which item it is.",
		base:   inNamespaces,
		old:    "    name: source-controller # of the account\n",
		bad:    "    name: 5\n",
		good:   "    name: 'source-controller'\n",
		want:   []string{"items[0].metadata.name: 5: want a string"},
	},
	"NameMissing": {
		reason: "What bears the labels must bear a name.",
		base:   inNamespaces,
		old:    "    name: source-controller # of the account\n",
		bad:    "",
		good:   "    name: source-controller\n",
		want:   []string{"items[0].metadata.name: missing: want a string"},
	},
	"NameEmpty": {
		reason: "An empty name is none.",
		base:   inNamespaces,
		old:    "    name: source-controller # of the account\n",
		bad:    "    name: \"\"\n",
		good:   "    name: \"source-controller\"\n",
		want:   []string{`items[0].metadata.name: "": want a string`},
	},
	"NameTwice": {
		reason: "Which of the two a reader would take is open.",
		base:   inNamespaces,
		old:    "    name: source-controller # of the account\n",
		bad:    "    name: source-controller\n    name: other\n",
		good:   "    name: source-controller\n",
		want:   []string{sourceAccount + `metadata.name: written twice: want one`},
	},
	"NamespaceNumber": {
		reason: "A namespace is a string.",
		base:   inNamespaces,
		old:    "    namespace: flux-system # of the account\n",
		bad:    "    namespace: 5\n",
		good:   "    namespace: \"flux-system\"\n",
		want:   []string{`ServiceAccount source-controller: metadata.namespace: 5: want a string`},
	},
	"NamespaceTwice": {
		reason: "Which of the two a reader would take is open.",
		base:   inNamespaces,
		old:    "    namespace: flux-system # of the account\n",
		bad:    "    namespace: flux-system\n    namespace: other\n",
		good:   "    namespace: flux-system\n",
		want:   []string{sourceAccount + `metadata.namespace: written twice: want one`},
	},
	"MetadataTwice": {
		reason: "Even if the name is in the second.",
		base:   inNamespaces,
		old:    "  metadata:\n    name: source-controller # of the account",
		bad:    "  metadata: {labels: {app.kubernetes.io/component: source-controller}}\n  metadata:\n    name: source-controller # of the account",
		good:   "  metadata:\n    name: source-controller # of the account",
		want:   []string{"items[0].metadata: written twice: want one"},
	},
	"AccountNameTwice": {
		reason: "Under which of the two the pods run is open.",
		base:   onAzure,
		old:    "        serviceAccountName: source-controller\n",
		bad:    "        serviceAccountName: source-controller\n        serviceAccountName: default\n",
		good:   "        serviceAccountName: source-controller\n",
		want:   []string{sourceDeployment + "spec.template.spec.serviceAccountName: written twice: want one"},
	},
	"TemplateMissing": {
		reason: "A labelled Deployment without one is none that can run.",
		base:   onAWS,
		old:    deployments,
		bad:    withoutTemplate,
		good:   deployments,
		want:   []string{sourceDeployment + "spec.template: missing: want a pod template; a patch belongs under patches of its kustomization"},
	},
	"TemplateString": {
		reason: "Nor is one whose template is a word.",
		base:   onAWS,
		old:    "    template: # of source\n",
		bad:    "    template: pod\n    other:\n",
		good:   "    template:\n",
		want:   []string{sourceDeployment + `spec.template: "pod": want a pod template; a patch belongs under patches of its kustomization`},
	},
	"PodMetadataList": {
		reason: "The label that Azure needs has no place in a list.",
		base:   onAzure,
		old:    "      metadata: # of the pods\n        labels: {app: source-controller} # of the pods\n",
		bad:    "      metadata: []\n",
		good:   "      metadata:\n",
		want:   []string{sourceDeployment + `spec.template.metadata: a list: want a map`},
	},
	"PodLabelsString": {
		reason: "Nor in a string.",
		base:   onAzure,
		old:    "labels: {app: source-controller} # of the pods",
		bad:    "labels: app",
		good:   "labels: null",
		want:   []string{sourceDeployment + `spec.template.metadata.labels: "app": want a map`},
	},
	"PodLabelsTwice": {
		reason: "Nor can it be in one of two maps.",
		base:   onAzure,
		old:    "        labels: {app: source-controller} # of the pods\n",
		bad:    "        labels: {}\n        labels: {app: source-controller}\n",
		good:   "        labels: {}\n",
		want:   []string{sourceDeployment + `spec.template.metadata.labels: written twice: want one`},
	},
	"PodLabelList": {
		reason: "A value of ours in the way that is no string.",
		base:   onAzure,
		old:    "labels: {app: source-controller} # of the pods",
		bad:    "labels: {azure.workload.identity/use: [true]}",
		good:   "labels: {azure.workload.identity/use: true}",
		want:   []string{sourceDeployment + `spec.template.metadata.labels[azure.workload.identity/use]: a list: want a string`},
	},
	"AnnotationMap": {
		reason: "A value in the way that is no string may be anybody's work.",
		base:   onAWS,
		old:    "      team:   'platform'\n",
		bad:    "      eks.amazonaws.com/role-arn: {arn: x}\n",
		good:   "      eks.amazonaws.com/role-arn: null\n",
		want:   []string{sourceAccount + `metadata.annotations[eks.amazonaws.com/role-arn]: a map: want a string`},
	},
	"AnnotationTwice": {
		reason: "Changing one of the two might leave the other in force.",
		base:   inNamespaces,
		old:    "      team:   'platform'\n",
		bad:    "      iam.gke.io/gcp-service-account: a\n      iam.gke.io/gcp-service-account: b\n",
		good:   "      example.com/first: a\n      example.com/second: b\n",
		want:   []string{sourceAccount + `metadata.annotations[iam.gke.io/gcp-service-account]: written twice: want one`},
	},
	"HalfDone": {
		reason: "A change that cannot be made takes back those before it: here one that copies a million nodes.",
		base:   base{listHead + million + strings.Replace(accounts, "kustomize-controller\n    namespace", "kustomize-controller\n    annotations: *e # of a million\n    namespace", 1) + configHead + awsSpec, awsWrote},
		old:    "*e # of a million",
		bad:    "*e # of them all",
		good:   "*b # of a hundred",
		want:   []string{"ServiceAccount flux-system/kustomize-controller: metadata.annotations[eks.amazonaws.com/role-arn]: cannot be set: aliases expand to more than 100000 nodes: want fewer of them"},
		wrote:  []string{roleS3},
	},
	"TwoItemsAtOnce": {
		reason: "In the order of the stream.",
		base:   onAzure,
		old:    accounts + deployments,
		bad:    strings.NewReplacer("team:   'platform'", "azure.workload.identity/client-id: []", "labels: {app: source-controller} # of the pods", "labels: []").Replace(accounts + deployments),
		good:   accounts + deployments,
		want: []string{
			sourceAccount + "metadata.annotations[azure.workload.identity/client-id]: a list: want a string",
			sourceDeployment + "spec.template.metadata.labels: a list: want a map",
		},
	},
	"AnnotationList": {
		reason: "The same on Google Cloud.",
		base:   onGCP,
		old:    "      team:   'platform'\n",
		bad:    "      iam.gke.io/gcp-service-account: [a]\n",
		good:   "      iam.gke.io/gcp-service-account:\n",
		want:   []string{sourceAccount + `metadata.annotations[iam.gke.io/gcp-service-account]: a list: want a string`},
	},

	// The ConfigMap form.
	"MapCloudNear": {
		reason: "Two letters are swapped.",
		base:   awsAsMap,
		old:    "cloud: aws",
		bad:    "cloud: asw",
		good:   "cloud: aws",
		want:   []string{`data.cloud: "asw": ` + wantCloud + `; did you mean "aws"?`},
	},
	"MapCloudCase": {
		reason: "The value is in lower case.",
		base:   awsAsMap,
		old:    "cloud: aws",
		bad:    "cloud: AWS",
		good:   "CLOUD: aws",
		want:   []string{`data.cloud: "AWS": ` + wantCloud + `; did you mean "aws"?`},
	},
	"MapCloudFar": {
		reason: "A name that is like none of them.",
		base:   gcpAsMap,
		old:    "cloud: gcp",
		bad:    "cloud: google",
		good:   "cloud: 'gcp'",
		want:   []string{`data.cloud: "google": ` + wantCloud},
	},
	"MapCloudEmpty": {
		reason: "As cloud= on a command line.",
		base:   awsAsMap,
		old:    "cloud: aws",
		bad:    `cloud: ""`,
		good:   `cloud: "aws"`,
		want:   []string{`data.cloud: "": ` + wantCloud},
	},
	"MapCloudMissing": {
		reason: "Without the cloud, no other key can be judged.",
		base:   awsAsMap,
		old:    "    cloud: aws\n",
		bad:    "",
		good:   "    cloud: aws\n",
		want:   []string{`data.cloud: missing: ` + wantCloud},
	},
	"MapCloudKey": {
		reason: "The key itself is misspelt: without the cloud, no other key can be judged.",
		base:   awsAsMap,
		old:    "cloud: aws",
		bad:    "clod: aws",
		good:   "cl-oud: aws",
		want:   []string{`data.cloud: missing: ` + wantCloud},
	},
	"MapKeyNear": {
		reason: "A digit beside the right one.",
		base:   awsAsMap,
		old:    "    s3:",
		bad:    "    s-4:",
		good:   "    s-3:",
		want:   []string{"data.s-4: unknown key: " + wantKeys + `; did you mean "S3"?`},
	},
	"MapKeyFar": {
		reason: "A key that is like none of them.",
		base:   awsAsMap,
		old:    "    s3:",
		bad:    "    region:",
		good:   "    S3:",
		want:   []string{"data.region: unknown key: " + wantKeys},
	},
	"MapKeyOfAnother": {
		reason: "An integration of another cloud.",
		base:   gcpAsMap,
		old:    "    gcs:",
		bad:    "    acr: x\n    gcs:",
		good:   "    gcs:",
		want:   []string{"data.acr: unknown key: want one of cloud, GAR, GCS, KMS, PubSub, GKE, " + allSeven + ", namespace, path, output, kustomization, adopt, check"},
	},
	"MapKeysAlike": {
		reason: "Case and hyphens do not count.",
		base:   awsAsMap,
		old:    "    s3: " + firstRole + "\n",
		bad:    "    s3: " + firstRole + "\n    S-3: " + firstRole + "\n",
		good:   "    s3: " + firstRole + "\n",
		want:   []string{"data.S-3: the same key as data.s3: want one; case and hyphens do not count"},
	},
	"MapValueEmpty": {
		reason: "As key= on a command line.",
		base:   awsAsMap,
		old:    "s3: " + firstRole,
		bad:    `s3: ""`,
		good:   "s3: " + firstRole,
		want:   []string{`data.s3: "": ` + wantFilled},
	},
	"MapValueNull": {
		reason: "A key without a value.",
		base:   awsAsMap,
		old:    "s3: " + firstRole,
		bad:    `s3:`,
		good:   "s3: " + firstRole,
		want:   []string{`data.s3: null: ` + wantFilled},
	},
	"MapValueNumber": {
		reason: "The API server refuses it too.",
		base:   awsAsMap,
		old:    "cloud: aws",
		bad:    "cloud: aws\n    token-expiration-seconds: 3600",
		good:   "cloud: aws\n    token-expiration-seconds: \"3600\"",
		want:   []string{"data.token-expiration-seconds: 3600: " + wantQuoted},
		wrote:  []string{`eks.amazonaws.com/token-expiration: "3600"`},
	},
	"MapValueBoolean": {
		reason: "The same of a boolean.",
		base:   awsAsMap,
		old:    "cloud: aws",
		bad:    "cloud: aws\n    stsRegionalEndpoints: true",
		good:   "cloud: aws\n    stsRegionalEndpoints: 'true'",
		want:   []string{"data.stsRegionalEndpoints: true: " + wantQuoted},
		wrote:  []string{`eks.amazonaws.com/sts-regional-endpoints: "true"`},
	},
	"MapValueList": {
		reason: "The same of a list.",
		base:   awsAsMap,
		old:    "s3: " + firstRole,
		bad:    "s3: [" + firstRole + "]",
		good:   "s3: " + firstRole,
		want:   []string{"data.s3: a list: " + wantQuoted},
	},
	"MapRole": {
		reason: "The same rules and messages as in the other form.",
		base:   awsAsMap,
		old:    firstRole,
		bad:    "flux",
		good:   firstRole,
		want:   []string{`data.s3: "flux": ` + wantARN},
	},
	"MapSeconds": {
		reason: "The webhook's floor holds in this form too.",
		base:   awsAsMap,
		old:    "cloud: aws",
		bad:    "cloud: aws\n    tokenExpirationSeconds: '599'",
		good:   "cloud: aws\n    tokenExpirationSeconds: '600'",
		want:   []string{`data.tokenExpirationSeconds: "599": want a number of seconds from 600 to 86400`},
		wrote:  []string{`eks.amazonaws.com/token-expiration: "600"`},
	},
	"MapClient": {
		reason: "Rules of Azure in this form.",
		base:   azureAsMap,
		old:    client,
		bad:    "x",
		good:   client,
		want:   []string{`data.blob-storage: "x": ` + wantID},
	},
	"MapTenantMissing": {
		reason: "Several identities lack it, and it is missing once.",
		base:   azureAsMap,
		old:    "    tenant-id: " + tenant + "\n",
		bad:    "    kustomize-controller: " + client + "\n",
		good:   "    tenantid: " + tenant + "\n",
		want:   []string{"data.tenantID: missing: " + wantID},
	},
	"MapClientTenant": {
		reason: "Rules among fields too.",
		base:   azureAsMap,
		old:    "blob-storage: " + client,
		bad:    "blob-storage: " + tenant,
		good:   "blob-storage: " + client,
		want:   []string{`data.blob-storage: "` + tenant + `": want the ID of the identity; this is its tenant's`},
	},
	"MapEmail": {
		reason: "Rules of Google Cloud in this form.",
		base:   gcpAsMap,
		old:    mail,
		bad:    "jane@example.com",
		good:   mail,
		want:   []string{`data.gcs: "jane@example.com": ` + wantMail},
	},
	"MapNoIdentity": {
		reason: "A cloud and a namespace ask for nothing.",
		base:   gcpAsMap,
		old:    "    gcs: " + mail + "\n",
		bad:    "    namespace: flux-system\n",
		good:   "    gcs: " + mail + "\n    namespace: flux-system\n",
		want:   []string{"data: names no identity: want one of the keys GAR, GCS, KMS, PubSub, GKE, " + allSeven + " with an identity as its value"},
	},
	"MapNamespaceEmpty": {
		reason: "As namespace= on a command line.",
		base:   gcpAsMap,
		old:    "cloud: gcp",
		bad:    "cloud: gcp\n    namespace: ''",
		good:   "cloud: gcp\n    namespace: flux-system",
		want:   []string{`data.namespace: "": ` + wantFilled},
	},
	"MapNamespaceNear": {
		reason: "A namespace without controllers, near to one with them.",
		base:   gcpAsMap,
		old:    "cloud: gcp",
		bad:    "cloud: gcp\n    namespace: flux-syste",
		good:   "cloud: gcp\n    name-space: flux-system",
		want:   []string{`data.namespace: "flux-syste": want a namespace that holds Flux controllers: flux-system; did you mean "flux-system"?`},
	},
	"MapPathAbsolute": {
		reason: "Rules of paths in this form.",
		base:   gcpAsMap,
		old:    "cloud: gcp",
		bad:    "cloud: gcp\n    path: /clusters",
		good:   "cloud: gcp\n    path: .",
		want:   []string{`data.path: "/clusters": ` + wantBelow},
	},
	"MapConflict": {
		reason: "A ServiceAccount holds one identity, however it is asked for.",
		base:   awsAsMap,
		old:    "    s3: " + firstRole + "\n",
		bad:    "    s3: " + firstRole + "\n    source-controller: " + secondRole + "\n",
		good:   "    s3: " + firstRole + "\n    source-controller: " + firstRole + "\n",
		want:   []string{`data.source-controller: "` + secondRole + `" and "` + firstRole + `" of data.s3 are both for source-controller: want one identity for a controller, since its ServiceAccount holds one; give one roleARN the permissions of both`},
		wrote:  awsWrote,
	},
	"MapAbsent": {
		reason: "A controller that is named must be there.",
		base:   awsAsMap,
		old:    "    kms:",
		bad:    "    helm-controller:",
		good:   "    kustomize-controller:",
		want:   []string{`data.helm-controller: "helm-controller": want a controller of the install: source-controller, kustomize-controller`},
	},
	"MapReachesNobody": {
		reason: "An integration whose controllers are all absent.",
		base:   gcpAsMap,
		old:    "    gcs:",
		bad:    "    pub-sub:",
		good:   "    gcs:",
		want:   []string{`data.pub-sub: "` + mail + `" reaches no controller: want an integration or a controller of the install: source-controller, kustomize-controller`},
	},
	"MapBinary": {
		reason: "Another field of a ConfigMap.",
		base:   gcpAsMap,
		old:    "  data:\n",
		bad:    "  binaryData: {gcs: Zmx1eA==}\n  data:\n",
		good:   "  immutable: true\n  binaryData: {}\n  data:\n",
		want:   []string{"binaryData: a map: want none; write the keys as text under data"},
	},
	"MapDataTwice": {
		reason: "Which of the two holds is not for us to choose.",
		base:   gcpAsMap,
		old:    gcpData,
		bad:    gcpData + gcpData,
		good:   gcpData,
		want:   []string{"data: written twice: want one"},
	},
	"MapDataMissing": {
		reason: "A ConfigMap without data asks for nothing.",
		base:   gcpAsMap,
		old:    gcpData,
		bad:    "",
		good:   gcpData,
		want:   []string{"data: empty: want a configuration, such as " + api.Example},
	},
	"MapDataEmpty": {
		reason: "As kpt makes it where nothing follows the two hyphens.",
		base:   gcpAsMap,
		old:    gcpData,
		bad:    "  data: {}\n",
		good:   gcpData,
		want:   []string{"data: empty: want a configuration, such as " + api.Example},
	},
	"MapDataString": {
		reason: "Data is a map, not a command line.",
		base:   gcpAsMap,
		old:    gcpData,
		bad:    "  data: cloud=gcp\n",
		good:   gcpData,
		want:   []string{`data: "cloud=gcp": want a map of strings`},
	},
	"MapDataList": {
		reason: "Nor a list of words.",
		base:   gcpAsMap,
		old:    gcpData,
		bad:    "  data: [cloud=gcp]\n",
		good:   gcpData,
		want:   []string{"data: a list: want a map of strings"},
	},
}

const (
	wantTopSpce = `spce: unknown field: ` + wantTop + `; did you mean "spec"?`

	labelsOfSource = `    labels:
      app.kubernetes.io/component: source-controller # of the account
      app.kubernetes.io/part-of: flux # of source
`
	withoutTemplate = `- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: source-controller
    namespace: flux-system
    labels: {app.kubernetes.io/component: source-controller}
  spec:
    replicas: 1
`
)

// TestRefuse is the table of bad input that is a ResourceList. Each case has a neighbour
// that is right, so that neither a function that refuses everything nor one that does
// nothing passes.
func TestRefuse(t *testing.T) {
	for name, tc := range refusals {
		t.Run(name, func(t *testing.T) {
			if strings.Count(tc.base.text, tc.old) == 0 {
				t.Fatalf("%s\nthe base does not hold %q", tc.reason, tc.old)
			}
			t.Run("Bad", func(t *testing.T) {
				checkRefused(t, strings.Replace(tc.base.text, tc.old, tc.bad, 1), tc.want, tc.warned)
			})
			t.Run("Good", func(t *testing.T) {
				wrote := slices.Clone(tc.wrote)
				if wrote == nil {
					for _, line := range tc.base.wrote {
						wrote = append(wrote, strings.ReplaceAll(line, tc.old, tc.good))
					}
				}
				checkTaken(t, strings.Replace(tc.base.text, tc.old, tc.good, 1), wrote)
			})
		})
	}
}

// checkRefused checks that input is refused with the given errors, in this order, and
// nothing else, and that its items stay.
func checkRefused(t *testing.T, in string, want, warned []string) {
	t.Helper()
	out, log, code := run([]byte(in))
	if code != 1 {
		t.Errorf("exit %d, want 1", code)
	}
	if diff := cmp.Diff(want, linesOf(log, "error: ")); diff != "" {
		t.Errorf("errors on stderr: -want +got:\n%s", diff)
	}
	if diff := cmp.Diff(warned, linesOf(log, "warning: ")); diff != "" {
		t.Errorf("warnings on stderr: -want +got:\n%s", diff)
	}
	checkLines(t, log, len(want)+len(warned))

	list := parse(out)
	if list == nil {
		t.Fatalf("stdout is no list:\n%s", out)
	}
	var errors, warnings []string
	for _, r := range resultsOf(t, list) {
		switch r.Severity {
		case "error":
			errors = append(errors, r.line())
		case "warning":
			warnings = append(warnings, r.line())
		case "info":
			if strings.HasPrefix(r.Message, "set to ") || strings.HasPrefix(r.Message, "changed from ") {
				t.Errorf("a change is reported beside an error: %s", r.line())
			}
		default:
			t.Errorf("severity %q", r.Severity)
		}
	}
	if diff := cmp.Diff(want, errors); diff != "" {
		t.Errorf("error results: -want +got:\n%s", diff)
	}
	if diff := cmp.Diff(warned, warnings); diff != "" {
		t.Errorf("warning results: -want +got:\n%s", diff)
	}

	before := parse([]byte(in))
	if diff := cmp.Diff(data(before), data(withoutField(list, "results"))); diff != "" {
		t.Errorf("the list as data: -want +got:\n%s", diff)
	}
	_, items, _ := strings.Cut(in, "\nitems:")
	if i := strings.Index(items, "\nfunction"); i >= 0 {
		items = items[:i+1]
	}
	if !bytes.Contains(out, []byte(items)) {
		t.Errorf("the items are not those of the input, byte for byte:\n%s", out)
	}
	checkPromises(t, []byte(in))
}

// checkTaken checks that input passes quietly, and that the identities are written.
func checkTaken(t *testing.T, in string, wrote []string) {
	t.Helper()
	out, log, code := run([]byte(in))
	if code != 0 || len(log) > 0 {
		t.Errorf("exit %d, want 0 and nothing on stderr\n%s", code, log)
	}
	times := map[string]int{}
	for _, line := range wrote {
		if times[line]++; strings.Count(string(out), line) < times[line] || strings.Contains(in, line) {
			t.Errorf("want %q in the output %d times, and not in the input:\n%s", line, times[line], out)
		}
	}
	checkPromises(t, []byte(in))
}

// linesOf returns the lines of a severity without it.
func linesOf(log []byte, prefix string) (lines []string) {
	for _, line := range strings.Split(string(log), "\n") {
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			lines = append(lines, rest)
		}
	}
	return lines
}

// checkLines checks what must hold of every line on stderr.
func checkLines(t *testing.T, log []byte, count int) {
	t.Helper()
	if got := bytes.Count(log, []byte("\n")); got != count {
		t.Errorf("%d lines on stderr, want %d:\n%s", got, count, log)
	}
	for line := range strings.Lines(string(log)) {
		if !strings.Contains(line, ": want ") {
			t.Errorf("the line does not say what is accepted: %s", line)
		}
		for _, trace := range []string{"goroutine", "panic", "internal error", ".go:", "%!"} {
			if strings.Contains(line, trace) {
				t.Errorf("the line holds %q: %s", trace, line)
			}
		}
	}
}

// result is one of the results as another program reads them.
type result struct {
	Message     string
	Severity    string
	ResourceRef struct{ Kind, Name, Namespace string } `yaml:"resourceRef"`
	Field       struct{ Path string }
}

func resultsOf(t *testing.T, list *yaml.Node) (results []result) {
	t.Helper()
	if n := field(list, "results"); n != nil {
		if err := n.Decode(&results); err != nil {
			t.Fatal(err)
		}
	}
	return results
}

// line returns the result as stderr has it: the object unless it is the configuration,
// the field, the message.
func (r result) line() string {
	line := ""
	if ref := r.ResourceRef; ref.Name != "" && ref.Name != "flux" {
		if ref.Namespace != "" {
			ref.Name = ref.Namespace + "/" + ref.Name
		}
		line = ref.Kind + " " + ref.Name + ": "
	}
	if r.Field.Path != "" {
		line += r.Field.Path + ": "
	}
	return line + r.Message
}

// withoutField returns the map without one of its fields.
func withoutField(root *yaml.Node, name string) *yaml.Node {
	rest := *root
	rest.Content = nil
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value != name {
			rest.Content = append(rest.Content, root.Content[i:i+2]...)
		}
	}
	return &rest
}

// unreadable is one text of TestUnreadable.
type unreadable struct {
	reason string
	in     string
	want   string // ends in ... where the rest is the parser's
}

// unreadables are the cases of TestUnreadable.
func unreadables() map[string]unreadable {
	const items = listHead + "items:\n- kind: A\n  metadata: {name: a}\n"
	const kind = "want config.kubernetes.io/v1 or config.kubernetes.io/v1beta1"
	return map[string]unreadable{
		"Empty":            {"A pipe whose other end failed.", "", "stdin: empty: want a ResourceList"},
		"Blank":            {"Nothing but white space came.", " \n\n\t\n", "stdin: empty: want a ResourceList"},
		"Comments":         {"Comments are no document.", "# nothing\n\n# here\n", "stdin: empty: want a ResourceList"},
		"Separators":       {"Nor are the marks between documents.", "---\n---\n...\n", "stdin: empty: want a ResourceList"},
		"Null":             {"Nor is a null.", "null\n", "stdin: empty: want a ResourceList"},
		"Tilde":            {"In its other spelling.", "--- ~\n", "stdin: empty: want a ResourceList"},
		"BOM":              {"Nothing but a mark of its encoding.", "\ufeff", "stdin: empty: want a ResourceList"},
		"NUL":              {"Binary data.", items + "\x00", "stdin: holds a NUL byte: want a ResourceList in YAML or JSON"},
		"NULFirst":         {"Binary data from its start.", "\x00" + items, "stdin: holds a NUL byte: want a ResourceList in YAML or JSON"},
		"Latin1":           {"Another encoding.", listHead + "items: [] # gr\xfc\xdfe\n", "stdin: not UTF-8: want a ResourceList in UTF-8"},
		"CutRune":          {"A character cut in two.", items + "# ü"[:3], "stdin: not UTF-8: want a ResourceList in UTF-8"},
		"Surrogate":        {"Half of a pair, as broken encoders write it.", items + "# \xed\xa0\x80\n", "stdin: not UTF-8: want a ResourceList in UTF-8"},
		"UTF16LE":          {"What PowerShell writes.", "\xff\xfe" + wide(items, false), "stdin: not UTF-8: want a ResourceList in UTF-8"},
		"UTF16BE":          {"The other order of bytes.", "\xfe\xff" + wide(items, true), "stdin: not UTF-8: want a ResourceList in UTF-8"},
		"UTF16NoMark":      {"Without a mark it is UTF-8 full of NUL bytes.", wide(items, false), "stdin: holds a NUL byte: want a ResourceList in YAML or JSON"},
		"Gzip":             {"Compressed data.", "\x1f\x8b\x08\x00" + items, "stdin: not UTF-8: want a ResourceList in UTF-8"},
		"Control":          {"YAML has no control characters.", items + "# \x01\n", "stdin: not YAML: ..."},
		"TwoLists":         {"Which one is meant?", items + "---\n" + items, "stdin: several YAML documents: want one ResourceList" + plainly},
		"ListAndObject":    {"A manifest behind the list would get lost.", items + "---\napiVersion: v1\nkind: ConfigMap\n", "stdin: several YAML documents: want one ResourceList" + plainly},
		"ListAndScalar":    {"Even a word there is a second document.", items + "...\n---\nend\n", "stdin: several YAML documents: want one ResourceList" + plainly},
		"ObjectStream":     {"The output of kustomize is no list.", "apiVersion: v1\nkind: A\n---\napiVersion: v1\nkind: B\n", "stdin: several YAML documents: want one ResourceList" + plainly},
		"BrokenSecond":     {"What follows must be readable to be nothing.", items + "---\na: [\n", "stdin: not YAML: ..."},
		"Object":           {"A manifest is no list.", "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: source-controller}\n", `stdin: kind: "ServiceAccount": want ResourceList` + plainly},
		"KindList":         {"What kubectl get prints.", "apiVersion: v1\nkind: List\nitems: []\n", `stdin: kind: "List": want ResourceList` + plainly},
		"KindNear":         {"Kinds count in exact case.", "apiVersion: config.kubernetes.io/v1\nkind: resourcelist\nitems: []\n", `stdin: kind: "resourcelist": want ResourceList`},
		"KindMissing":      {"Any map may have items.", "apiVersion: config.kubernetes.io/v1\nitems: []\n", "stdin: kind: missing: want ResourceList"},
		"KindNull":         {"A kind without a value is none.", "apiVersion: config.kubernetes.io/v1\nkind:\nitems: []\n", "stdin: kind: missing: want ResourceList"},
		"KindMap":          {"A kind is a word.", "apiVersion: config.kubernetes.io/v1\nkind: {}\nitems: []\n", "stdin: kind: a map: want ResourceList"},
		"KindNumber":       {"A number is no kind.", "apiVersion: config.kubernetes.io/v1\nkind: 1\nitems: []\n", "stdin: kind: 1: want ResourceList"},
		"KindTwice":        {"It is not for us to choose one.", listHead + "kind: ResourceList\nitems: []\n", "stdin: kind: written twice: want one"},
		"VersionMissing":   {"A kind alone does not say whose.", "kind: ResourceList\nitems: []\n", "stdin: apiVersion: missing: " + kind},
		"VersionAlpha":     {"A version that was never in use.", "apiVersion: config.kubernetes.io/v1alpha1\nkind: ResourceList\nitems: []\n", `stdin: apiVersion: "config.kubernetes.io/v1alpha1": ` + kind},
		"VersionCore":      {"The group is missing.", "apiVersion: v1\nkind: ResourceList\nitems: []\n", `stdin: apiVersion: "v1": ` + kind},
		"VersionNumber":    {"A version is a word.", "apiVersion: 1\nkind: ResourceList\nitems: []\n", `stdin: apiVersion: 1: ` + kind},
		"VersionTwice":     {"It is not for us to choose one.", listHead + "apiVersion: config.kubernetes.io/v1\nitems: []\n", "stdin: apiVersion: written twice: want one"},
		"ItemsString":      {"Items of another type are not an empty list.", listHead + "items: many\n", `stdin: items: "many": want a list`},
		"ItemsEmptyString": {"Nor is an empty string.", listHead + "items: \"\"\n", `stdin: items: "": want a list`},
		"ItemsMap":         {"Items under names have no order.", listHead + "items: {a: {kind: A}}\n", "stdin: items: a map: want a list"},
		"ItemsNumber":      {"Nor is a number of items a list.", listHead + "items: 5\n", "stdin: items: 5: want a list"},
		"ItemsFalse":       {"False is not null.", listHead + "items: false\n", "stdin: items: false: want a list"},
		"ItemsTwice":       {"It is not for us to choose one.", items + "items: []\n", "stdin: items: written twice: want one"},
		"ResultsMap":       {"There must be a place for our results.", items + "results: {message: x}\n", "stdin: results: a map: want a list"},
		"ResultsString":    {"A word is no such place.", items + "results: none\n", `stdin: results: "none": want a list`},
		"ResultsTwice":     {"It is not for us to choose one.", items + "results: []\nresults: []\n", "stdin: results: written twice: want one"},
		"ConfigTwice":      {"It is not for us to choose one.", items + "functionConfig: {}\nfunctionConfig: {}\n", "stdin: functionConfig: written twice: want one"},
		"Scalar":           {"An error message of the program before.", "Error: not found\n", `stdin: kind: missing: want ResourceList`},
		"Word":             {"One word is no list.", "hello\n", `stdin: "hello": want a ResourceList`},
		"Number":           {"Nor is a number.", "42\n", "stdin: 42: want a ResourceList"},
		"List":             {"Items without a list around them.", "- kind: A\n- kind: B\n", "stdin: a list: want a ResourceList"},
		"JSONList":         {"The same in JSON.", `[{"kind":"A"}]`, "stdin: a list: want a ResourceList"},
		"JSONString":       {"A list that was quoted once too often.", `"apiVersion: config.kubernetes.io/v1"`, `stdin: "apiVersion: config.kubernetes.io/v1": want a ResourceList`},
		"EmptyMap":         {"A list says that it is one.", "{}\n", "stdin: kind: missing: want ResourceList"},
		"JSONLines":        {"One object a line is a stream, not a list.", "{\"kind\":\"A\"}\n{\"kind\":\"B\"}\n", "stdin: not YAML: ..."},
		"JSONCut":          {"JSON that ends early.", `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"kind":"A"`, "stdin: not YAML: ..."},
		"JSONComma":        {"JSON without its commas.", `{"apiVersion":"config.kubernetes.io/v1" "kind":"ResourceList"}`, "stdin: not YAML: ..."},
		"Tabs":             {"YAML has no tabs for an indent.", listHead + "items:\n- kind: A\n\tmetadata: {}\n", "stdin: not YAML: ..."},
		"Dedent":           {"An item less indented than the one before.", listHead + "items:\n  - kind: A\n - kind: B\n", "stdin: not YAML: ..."},
		"Indent":           {"A field more indented than the one before.", listHead + "items:\n- kind: A\n   metadata: {}\n", "stdin: not YAML: ..."},
		"UnknownAlias":     {"An alias of nothing.", listHead + "items: [*nobody]\n", "stdin: not YAML: ..."},
		"LaterAlias":       {"An anchor counts from where it stands.", listHead + "items: [*a, &a {kind: A}]\n", "stdin: not YAML: ..."},
		"OpenQuote":        {"A quote that is not closed.", listHead + "items:\n- kind: \"A\n", "stdin: not YAML: ..."},
		"OpenSingleQuote":  {"The other quote.", listHead + "items:\n- kind: 'A\n", "stdin: not YAML: ..."},
		"OpenFlowMap":      {"A brace that is not closed.", listHead + "items:\n- {kind: A\n", "stdin: not YAML: ..."},
		"OpenFlowList":     {"A bracket that is not closed.", listHead + "items: [{kind: A}\n", "stdin: not YAML: ..."},
		"OddBracket":       {"Brackets closed in the wrong order.", listHead + "items: [{kind: A]}\n", "stdin: not YAML: ..."},
		"NoColon":          {"A key without a colon.", listHead + "items: []\nfunctionConfig\n", "stdin: not YAML: ..."},
		"TwoColons":        {"A map on the line of its key.", listHead + "items: a: b\n", "stdin: not YAML: ..."},
		"AtSign":           {"A character that YAML reserves.", listHead + "items: [@a]\n", "stdin: not YAML: ..."},
		"Percent":          {"A directive in the middle of a document.", listHead + "%items: []\n", "stdin: not YAML: ..."},
		"Escape":           {"An escape that YAML does not have.", listHead + "items: [\"\\q\"]\n", "stdin: not YAML: ..."},
		"Directive":        {"A version of YAML that may come one day.", "%YAML 3.0\n---\n" + items, "stdin: not YAML: ..."},
		"Conflict":         {"What git leaves of a merge.", listHead + "<<<<<<< HEAD\nitems: []\n=======\nitems: []\n>>>>>>> other\n", "stdin: not YAML: ..."},
		"Template":         {"A chart that was not rendered.", listHead + "items:\n{{- range .Values.items }}\n- {{ . }}\n{{- end }}\n", "stdin: not YAML: ..."},
		"HTML":             {"The page of a proxy.", "<html>\n<body>502: Bad Gateway</body>\n</html>\n", "stdin: not YAML: ..."},
		"TruncatedInKey":   {"Cut off within a key.", items + "functionCon", "stdin: not YAML: ..."},
		"TruncatedBefore":  {"Cut off after the first line.", "apiVersion: config.kubernetes.io/v1\n", "stdin: kind: missing: want ResourceList"},
		"TruncatedKind":    {"Cut off within the kind.", "apiVersion: config.kubernetes.io/v1\nkind: Resource", `stdin: kind: "Resource": want ResourceList` + plainly},
		"TruncatedVersion": {"Cut off within the version.", "apiVersion: config.kube", "stdin: kind: missing: want ResourceList"},
		"TruncatedInFlow":  {"Cut off within a map.", items[:len(items)-4], "stdin: not YAML: ..."},
	}
}

// TestUnreadable is the table of input that cannot be read as one ResourceList. What comes
// out is a list without items and the error; an output without a list, or an empty one with
// exit code 0, would make an orchestrator delete everything.
func TestUnreadable(t *testing.T) {
	for name, tc := range unreadables() {
		t.Run(name, func(t *testing.T) {
			out, log, code := run([]byte(tc.in))
			lines := linesOf(log, "error: ")
			if code != 1 || len(lines) != 1 {
				t.Fatalf("%s\nexit %d, want 1 and one error\n%s", tc.reason, code, log)
			}
			if want, ok := strings.CutSuffix(tc.want, "..."); !ok && lines[0] != tc.want || !strings.HasPrefix(lines[0], want) {
				t.Errorf("%s\nstderr: want %s, got %s", tc.reason, tc.want, lines[0])
			}
			checkLines(t, log, 1)
			wantList := map[string]any{
				"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": []any{},
				"results": []any{map[string]any{"message": lines[0], "severity": "error"}},
			}
			if diff := cmp.Diff(any(wantList), data(parse(out))); diff != "" {
				t.Errorf("%s\nstdout: -want +got:\n%s", tc.reason, diff)
			}
			if !strings.HasPrefix(string(out), listHead+"items: []\nresults:\n- message: ") {
				t.Errorf("%s\nstdout is\n%s", tc.reason, out)
			}
		})
	}
}

// wide returns ASCII text in UTF-16.
func wide(text string, bigEndian bool) string {
	var b strings.Builder
	for i := range len(text) {
		if bigEndian {
			b.WriteString("\x00" + text[i:i+1])
		} else {
			b.WriteString(text[i:i+1] + "\x00")
		}
	}
	return b.String()
}

// TestReadable has the good neighbours of TestUnreadable: odd forms of a list that must be
// taken. With items there, identities are written; without, the only error is that there is
// nobody to have them.
func TestReadable(t *testing.T) {
	const nobody = "no Flux controller among the items: want the ServiceAccounts and Deployments of a Flux install"
	config := configHead + awsSpec
	json := func(items, rest string) string {
		return `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[` + items + `],` + rest +
			`"functionConfig":{"apiVersion":"fn.kpt.dev/v1alpha1","kind":"FluxWorkloadIdentity","metadata":{"name":"flux"},` +
			`"spec":{"gcp":{"identities":[{"serviceAccountEmail":"` + mail + `","controllers":["source-controller"]}]}}}}`
	}
	const account = `{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"source-controller","labels":{"app.kubernetes.io\/part-of":"flux"}}}`
	// Whatever precedes the first item stands before it; the last one follows it.
	between := func(before, after string) string {
		return strings.Replace(onAWS.text, accounts+deployments, "items:\n"+before+strings.TrimPrefix(accounts+deployments, "items:\n")+after, 1)
	}
	cases := map[string]struct {
		reason string
		in     string
		wrote  []string
		want   []string // the errors
		kept   string   // must be in the output
	}{
		"AsItIs":           {"The list of most of these cases is right.", onAWS.text, awsWrote, nil, ""},
		"LeadingMarker":    {"Many programs start with one.", "---\n" + onAWS.text, awsWrote, nil, ""},
		"LeadingEmpty":     {"An empty document before it.", "---\n---\n" + onAWS.text, awsWrote, nil, ""},
		"TrailingEnd":      {"The end of a document opens no second one.", onAWS.text + "...\n", awsWrote, nil, ""},
		"TrailingMarker":   {"Nor does a mark with nothing behind it.", onAWS.text + "---\n", awsWrote, nil, ""},
		"TrailingNull":     {"Nor one with null behind it.", onAWS.text + "---\nnull\n", awsWrote, nil, ""},
		"TrailingComments": {"Nor one with comments behind it.", onAWS.text + "---\n# the end\n", awsWrote, nil, ""},
		"YAMLDirective":    {"The version of YAML that Kubernetes speaks.", "%YAML 1.1\n---\n" + onAWS.text, awsWrote, nil, ""},
		"BOM":              {"What editors of Windows write.", "\ufeff" + onAWS.text, awsWrote, nil, ""},
		"CRLF":             {"Line ends of Windows.", strings.ReplaceAll(onAWS.text, "\n", "\r\n"), awsWrote, nil, ""},
		"NoFinalNewline":   {"The last line may lack its end.", strings.TrimSuffix(onAWS.text, "\n"), awsWrote, nil, ""},
		"CommentsAround":   {"Comments on both sides.", "# before\n\n" + onAWS.text + "\n# after\n", awsWrote, nil, "# after\n"},
		"UTF8":             {"Characters of any script.", strings.Replace(onAWS.text, "# of source\n", "# grüße 日本 😀\n", 1), awsWrote, nil, "# grüße 日本 😀\n"},
		"Beta":             {"The older version has the same content.", strings.Replace(onAWS.text, "kubernetes.io/v1\n", "kubernetes.io/v1beta1\n", 1), awsWrote, nil, "apiVersion: config.kubernetes.io/v1beta1\n"},
		"Indented":         {"The whole list is.", "  " + strings.TrimSuffix(strings.ReplaceAll(onAWS.text, "\n", "\n  "), "  "), awsWrote, nil, ""},
		"OtherOrder":       {"The configuration comes first.", listHead + config + accounts + deployments, awsWrote, nil, ""},
		"OtherFields":      {"What the list has beside is kept.", onAWS.text + "extra: {a: 1}\n", awsWrote, nil, "extra: {a: 1}\n"},
		"ResultsNull":      {"Null is an empty list.", onAWS.text + "results:\n", awsWrote, nil, ""},
		"ResultsEmpty":     {"As is an empty one.", onAWS.text + "results: []\n", awsWrote, nil, ""},
		"ResultsOfOthers":  {"An error of the function before is not this one's.", onAWS.text + "results:\n- {message: of another, severity: error}\n", awsWrote, nil, "of another"},
		"JSON":             {"JSON is YAML.", json(account, ""), gcpWrote, nil, ""},
		"JSONTabs":         {"JSON may be indented with tabs.", strings.ReplaceAll(json(account, ""), ",", ",\n\t"), gcpWrote, nil, ""},
		"JSONLeadingTab":   {"Blanks before a text are of no meaning in JSON.", "\t" + json(account, ""), gcpWrote, nil, ""},
		"JSONResults":      {"Results in JSON.", json(account, `"results":[],`), gcpWrote, nil, ""},
		"ItemsNull":        {"Null is an empty list.", listHead + "items: null\n" + config, nil, []string{nobody}, "\nitems: []\n"},
		"ItemsTilde":       {"Null in its other spelling.", listHead + "items: ~\n" + config, nil, []string{nobody}, "\nitems: []\n"},
		"ItemsBlank":       {"Or by itself.", listHead + "items:\n" + config, nil, []string{nobody}, "\nitems: []\n"},
		"ItemsMissing":     {"As is none.", listHead + config, nil, []string{nobody}, "\nitems: []\n"},
		"ItemsEmpty":       {"There may be no items.", listHead + "items: []\n" + config, nil, []string{nobody}, "\nitems: []\n"},
		"ItemsJSON":        {"In JSON too.", json("", ""), nil, []string{nobody}, ""},

		// What is no object is not the function's to judge: it is kept, as every item is that
		// Flux's labels do not name, and the items beside it are served.
		"ItemNull":    {"A dash too many.", between("- null\n", "-\n"), awsWrote, nil, "\n- null\n"},
		"ItemNumber":  {"A number at either end.", between("- 5\n", "- 1e3\n"), awsWrote, nil, "\n- 1e3\n"},
		"ItemString":  {"The end of a stream that was cut off.", between("- text\n", "- ki\n"), awsWrote, nil, "\n- ki\n"},
		"ItemList":    {"Lists in both styles.", between("- [a]\n", "- - b\n"), awsWrote, nil, "\n- [a]\n"},
		"ItemEmpty":   {"An object without fields is no object of anybody.", between("- {}\n", "- []\n"), awsWrote, nil, "\n- {}\n"},
		"ItemsNobody": {"Among such items there is nobody to have an identity.", listHead + "items: [null, 5, text, [a], {}, true]\n" + config, nil, []string{nobody}, "items: [null, 5, text, [a], {}, true]\n"},
		"ItemQuoted":  {"An object that was quoted is text, and no controller.", listHead + "items:\n- |\n" + indent(strings.TrimPrefix(accounts, "items:\n")) + config, nil, []string{nobody}, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			out, log, code := run([]byte(tc.in))
			if !strings.Contains(string(out), tc.kept) {
				t.Errorf("%s\nwant %q in the output:\n%s", tc.reason, tc.kept, out)
			}
			if tc.want == nil {
				checkTaken(t, tc.in, tc.wrote)
				return
			}
			if diff := cmp.Diff(tc.want, linesOf(log, "error: ")); diff != "" || code != 1 {
				t.Errorf("%s\nexit %d, stderr: -want +got:\n%s", tc.reason, code, diff)
			}
			checkLines(t, log, len(tc.want))
			checkPromises(t, []byte(tc.in))
		})
	}
}

func indent(text string) string {
	var b strings.Builder
	for _, line := range strings.SplitAfter(text, "\n") {
		if line != "" {
			fmt.Fprintf(&b, "  %s", line)
		}
	}
	return b.String()
}
