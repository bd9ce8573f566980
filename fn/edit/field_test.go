package edit_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/fn/edit"
)

var (
	podSpec = edit.Path{"spec", "template", "spec"}
	manager = podSpec.With("containers").Where("name", "manager")
)

// deployment is one as flux install writes it, with what its users may have added.
const deployment = `kind: Deployment
spec:
  template:
    spec:
      containers:
      - args:
        - --log-level=info
        # of the proxy
        env:
        - name:   PROXY # as it is
          value: 'http://proxy'
        - name: RUNTIME_NAMESPACE
          valueFrom:
            fieldRef:
              fieldPath: metadata.namespace
        image: ghcr.io/fluxcd/source-controller:v1.0.0
        name: manager
        volumeMounts:
        - mountPath: /data
          name: data
        # behind the mounts
      - name: sidecar
      serviceAccountName: source-controller
`

func TestApplyByField(t *testing.T) {
	env, mounts := manager.With("env"), manager.With("volumeMounts")
	region := env.Where("name", "AWS_REGION").With("value")
	token := podSpec.With("volumes").Where("name", "token")
	projected := parse(t, "name: token\nprojected:\n  sources:\n  - serviceAccountToken: {audience: sts.amazonaws.com, path: token}\n").Content[0]
	mount := parse(t, "mountPath: /var/run/service-account/aws\nname: token\nreadOnly: true\n").Content[0]
	after := func(mark, more string) string { return strings.Replace(deployment, mark, mark+more, 1) }
	cases := map[string]struct {
		reason string
		in     string // deployment if ""
		ops    []edit.Op
		want   string
	}{
		"Value": {
			reason: "a value of an element that is there is replaced where it stands",
			ops:    []edit.Op{edit.Set(env.Where("name", "PROXY").With("value"), "http://other")},
			want:   strings.Replace(deployment, "'http://proxy'", "'http://other'", 1),
		},
		"Same": {
			reason: "one that is right stays",
			ops:    []edit.Op{edit.Set(env.Where("name", "PROXY").With("value"), "http://proxy")},
			want:   deployment,
		},
		"Append": {
			reason: "an element that is missing goes to the end of its list",
			ops:    []edit.Op{edit.Set(region, "eu-west-1"), edit.Set(env.Where("name", "AWS_ROLE_ARN").With("value"), "arn:aws:iam::111122223333:role/flux")},
			want: after("              fieldPath: metadata.namespace\n",
				"        - name: AWS_REGION\n          value: eu-west-1\n        - name: AWS_ROLE_ARN\n          value: arn:aws:iam::111122223333:role/flux\n"),
		},
		"AppendMount": {
			reason: "a whole one does, too",
			ops:    []edit.Op{{Path: mounts.Where("mountPath", "/var/run/service-account/aws"), Value: mount}},
			want:   after("          name: data\n", "        - mountPath: /var/run/service-account/aws\n          name: token\n          readOnly: true\n"),
		},
		"CreateList": {
			reason: "a list that is missing is created, in its place where the keys are sorted",
			ops:    []edit.Op{{Path: token, Value: projected}},
			want: after("      serviceAccountName: source-controller\n",
				"      volumes:\n      - name: token\n        projected:\n          sources:\n          - serviceAccountToken: {audience: sts.amazonaws.com, path: token}\n"),
		},
		"CreateInElement": {
			reason: "so is one in an element",
			ops:    []edit.Op{edit.Set(podSpec.With("containers").Where("name", "sidecar").With("env").Where("name", "A").With("value"), "true")},
			want: strings.Replace(deployment, "      - name: sidecar\n",
				"      - env:\n        - name: A\n          value: \"true\"\n        name: sidecar\n", 1),
		},
		"CreateAll": {
			reason: "and all that leads to it",
			in:     "kind: Deployment\n",
			ops:    []edit.Op{edit.Set(region, "eu-west-1"), edit.Set(env.Where("name", "B").With("value"), "c")},
			want: "kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - env:\n        - name: AWS_REGION\n" +
				"          value: eu-west-1\n        - name: B\n          value: c\n        name: manager\n",
		},
		"Empty": {
			reason: "an empty list is filled",
			in:     "volumes: [] # none\nx: y\n",
			ops:    []edit.Op{{Path: edit.Path{"volumes"}.Where("name", "token"), Value: projected}},
			want:   "volumes: # none\n- name: token\n  projected:\n    sources:\n    - serviceAccountToken: {audience: sts.amazonaws.com, path: token}\nx: y\n",
		},
		"Wide": {
			reason: "lists are indented as the others are",
			in:     "containers:\n  - name: manager\n    image: x\n",
			ops:    []edit.Op{edit.Set(edit.Path{"containers"}.Where("name", "manager").With("env").Where("name", "A").With("value"), "b")},
			want:   "containers:\n  - name: manager\n    image: x\n    env:\n      - name: A\n        value: b\n",
		},
		"ReplaceElement": {
			reason: "an element may be replaced as a whole",
			ops:    []edit.Op{{Path: env.Where("name", "PROXY"), Value: parse(t, "name: PROXY\nvalue: none\n").Content[0]}},
			want:   strings.Replace(deployment, "- name:   PROXY # as it is\n          value: 'http://proxy'\n", "- name: PROXY\n          value: none\n", 1),
		},
		"ReplaceField": {
			reason: "and so may the value of a field that is no string",
			in:     "a:\n- name: x\n  from:\n    b: c\n  # of y\n  y: z\n",
			ops:    []edit.Op{{Path: edit.Path{"a"}.Where("name", "x").With("from"), Value: parse(t, "d: {e: f}").Content[0]}},
			want:   "a:\n- name: x\n  from:\n    d: {e: f}\n  # of y\n  y: z\n",
		},
		"Number": {
			reason: "a value need be no string, and is not in the quotes of one",
			in:     "replicas: '1' # one\n",
			ops:    []edit.Op{{Path: edit.Path{"replicas"}, Value: parse(t, "2").Content[0]}},
			want:   "replicas: 2 # one\n",
		},
		"Remove": {
			reason: "an element goes, and with the last one the list",
			ops:    []edit.Op{{Path: env.Where("name", "PROXY")}, {Path: env.Where("name", "RUNTIME_NAMESPACE")}},
			want: strings.Replace(deployment, "        env:\n        - name:   PROXY # as it is\n          value: 'http://proxy'\n        - name: RUNTIME_NAMESPACE\n"+
				"          valueFrom:\n            fieldRef:\n              fieldPath: metadata.namespace\n", "", 1),
		},
		"RemoveField": {
			reason: "a field goes with all its lines, and the comments above it stay",
			ops:    []edit.Op{{Path: manager.With("env")}},
			want: strings.Replace(deployment, "        env:\n        - name:   PROXY # as it is\n          value: 'http://proxy'\n        - name: RUNTIME_NAMESPACE\n"+
				"          valueFrom:\n            fieldRef:\n              fieldPath: metadata.namespace\n", "", 1),
		},
		"Together": {
			reason: "operations of one object do not get in each other's way",
			ops: []edit.Op{
				edit.Set(edit.Path{"metadata", "labels", "a"}, "b"), edit.Set(region, "eu-west-1"),
				{Path: token, Value: projected}, {Path: mounts.Where("mountPath", "/data")}, {Path: mounts.Where("name", "token"), Value: mount},
				edit.Set(region, "eu-west-2"), edit.Set(edit.Path{"metadata", "labels", "c"}, "d"),
			},
			want: strings.NewReplacer("kind: Deployment\n", "kind: Deployment\nmetadata:\n  labels:\n    a: b\n    c: d\n",
				"fieldPath: metadata.namespace\n", "fieldPath: metadata.namespace\n        - name: AWS_REGION\n          value: eu-west-2\n",
				"        - mountPath: /data\n          name: data\n        # behind the mounts\n",
				"        # behind the mounts\n        volumeMounts:\n        - mountPath: /var/run/service-account/aws\n          name: token\n          readOnly: true\n",
				"        volumeMounts:\n", "",
				"      serviceAccountName: source-controller\n", "      serviceAccountName: source-controller\n      volumes:\n      - name: token\n"+
					"        projected:\n          sources:\n          - serviceAccountToken: {audience: sts.amazonaws.com, path: token}\n").Replace(deployment),
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if tc.in == "" {
				tc.in = deployment
			}
			doc := parse(t, tc.in)
			got := byLines(t, tc.in, doc, doc.Content[0], tc.ops...)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Fatalf("%s: -want +got:\n%s", tc.reason, diff)
			}
			for _, op := range tc.ops {
				if op.Value != nil && !edit.Same(edit.Get(parse(t, got).Content[0], op.Path...), op.Value) && name != "Together" {
					t.Errorf("%s: %s is not what was set", tc.reason, op.Path)
				}
			}
		})
	}
}

func TestByFieldReads(t *testing.T) {
	object := parse(t, deployment).Content[0]
	cases := map[string]struct {
		reason string
		path   edit.Path
		want   string // as Describe says it
		shown  string
	}{
		"Value":     {"", manager.With("env").Where("name", "PROXY").With("value"), `"http://proxy"`, "spec.template.spec.containers[name=manager].env[name=PROXY].value"},
		"Missing":   {"", manager.With("env").Where("name", "AWS_REGION").With("value"), "missing", "spec.template.spec.containers[name=manager].env[name=AWS_REGION].value"},
		"OtherList": {"", podSpec.With("initContainers").Where("name", "x"), "missing", "spec.template.spec.initContainers[name=x]"},
		"Index":     {"", podSpec.With("containers").At(1).With("name"), `"sidecar"`, "spec.template.spec.containers[1].name"},
		"Path":      {"a value may hold what parts names", manager.With("volumeMounts").Where("mountPath", "/data").With("name"), `"data"`, "spec.template.spec.containers[name=manager].volumeMounts[mountPath=/data].name"},
		"NoList":    {"a map has no elements", podSpec.Where("name", "x"), "missing", "spec.template.spec[name=x]"},
		"NoField":   {"a list has no fields", podSpec.With("containers").With("name"), "missing", "spec.template.spec.containers.name"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := edit.Describe(edit.Get(object, tc.path...)); got != tc.want {
				t.Errorf("%s: got %s, want %s", tc.reason, got, tc.want)
			}
			if got := tc.path.String(); got != tc.shown {
				t.Errorf("%s: shown as %s, want %s", tc.reason, got, tc.shown)
			}
		})
	}
}

func TestByFieldErrors(t *testing.T) {
	cases := map[string]struct {
		reason string
		in     string
		want   string
	}{
		"NoList": {"a map has no elements", "containers: {name: manager}\n", "containers: a map: want a list"},
		"NoMap":  {"", "containers: [{name: manager, env: [{name: A, value: [x]}]}]\n", "containers[name=manager].env[name=A].value: a list: want a map"},
		"Twice":  {"one cannot tell which of two elements is meant", "containers: [{name: manager}, {name: manager}]\n", "containers[name=manager]: written twice: want one"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			doc := parse(t, tc.in)
			err := apply(doc, edit.Set(edit.Path{"containers"}.Where("name", "manager").With("env").Where("name", "A").With("value").With("x"), "y"))
			if err == nil || err.Error() != tc.want {
				t.Errorf("%s: got %v, want %s", tc.reason, err, tc.want)
			}
			if got := printed(t, doc); got != printed(t, parse(t, tc.in)) {
				t.Errorf("an error changes nothing, got:\n%s", got)
			}
		})
	}
	doc := parse(t, "a: b\n")
	if err := apply(doc, edit.Op{Path: edit.Path{"spec", "x"}}); err == nil {
		t.Error("what is missing was removed")
	}
}

// What lines cannot follow is done in the nodes alone.
func TestByFieldWithoutLines(t *testing.T) {
	region := edit.Path{"containers"}.Where("name", "manager").With("env").Where("name", "AWS_REGION").With("value")
	for in, want := range map[string]string{
		"containers: [{name: manager, image: x}]\n":                           "containers: [{name: manager, image: x, env: [{name: AWS_REGION, value: eu}]}]\n",
		"x: &x {name: manager}\ncontainers:\n- *x\n":                          "x: &x {name: manager}\ncontainers:\n- {env: [{name: AWS_REGION, value: eu}], name: manager}\n",
		"containers:\n- name: manager\n  env: &e\n  - name: A\nother: *e\n":   "containers:\n- name: manager\n  env:\n  - name: A\n  - name: AWS_REGION\n    value: eu\nother:\n- name: A\n",
		"x: &x\n  env: [{name: A}]\ncontainers:\n- <<: *x\n  name: manager\n": "x: &x\n  env: [{name: A}]\ncontainers:\n- <<: *x\n  name: manager\n  env: [{name: A}, {name: AWS_REGION, value: eu}]\n",
	} {
		doc := parse(t, in)
		edited, err := edit.Apply([]byte(in), doc, doc.Content[0], edit.Set(region, "eu"))
		if edited != nil || err != nil {
			t.Errorf("got %q, %v of:\n%s", edited, err, in)
		}
		if diff := cmp.Diff(want, printed(t, doc)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	doc := parse(t, "a: b\n")
	commented := edit.Op{Path: edit.Path{"a"}, Value: parse(t, "c: # why\n  d: e\n").Content[0]}
	if edited, err := edit.Apply([]byte("a: b\n"), doc, doc.Content[0], commented); edited != nil || err != nil {
		t.Errorf("comments in a map get lost: %q, %v", edited, err)
	}
	if got, want := printed(t, doc), "a:\n  c: # why\n    d: e\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
