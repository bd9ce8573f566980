package krm

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutline(t *testing.T) {
	fields := Fields{
		"kind": nil, "metadata": nil,
		"spec": {"template": {"spec": {"serviceAccountName": nil, "containers": {"name": nil, "image": nil}}}},
	}
	cases := map[string]struct{ reason, in, want string }{
		"Compact": {
			reason: "Entries that are not wanted go, with all that is in them; lists may lie at the column of their key.",
			in: `- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: a
    annotations:
      text: |
        # no comment

        kind: no key
  spec:
    replicas: 1
    selector:
      matchLabels:
        app: a
    template:
      metadata:
        labels:
          app: a
      spec:
        containers:
        - args:
          - --a
          - --b
          env:
          - name: no-container
          image: x/a
          name: manager
        - name: second
          image: x/b
        serviceAccountName: a
        volumes:
        - name: data
  status: {}
`,
			want: `- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: a
    annotations:
      text: |
        # no comment

        kind: no key
  spec:
    replicas: 1
    template:
      metadata:
        labels:
          app: a
      spec:
        containers:
        - args:
          - --a
          - --b
          image: x/a
          name: manager
        - name: second
          image: x/b
        serviceAccountName: a
`,
		},
		"Wide": {
			reason: "Lists may be indented below their key.",
			in:     "- kind: Deployment\n  spec:\n    template:\n      spec:\n        containers:\n          - name: a\n            env:\n              - name: b\n            image: c\n        other:\n          - d\n",
			want:   "- kind: Deployment\n  spec:\n    template:\n      spec:\n        containers:\n          - name: a\n            image: c\n",
		},
		"DashAlone": {
			reason: "An element may begin on the line after its dash.",
			in:     "-\n  kind: Deployment\n  other:\n    a: b\n  metadata:\n    name: c\n",
			want:   "-\n  kind: Deployment\n  metadata:\n    name: c\n",
		},
		"Null": {
			reason: "What is wanted may be null, and what follows is no part of it.",
			in:     "- kind: Deployment\n  spec:\n  template:\n    spec:\n      serviceAccountName: not-this\n  metadata:\n    name: c\n",
			want:   "- kind: Deployment\n  spec:\n  metadata:\n    name: c\n",
		},
		"FirstStays": {
			reason: "A map of which nothing is wanted is still a map.",
			in:     "- kind: Deployment\n  spec:\n    template:\n      metadata: {}\n      other: a\n",
			want:   "- kind: Deployment\n  spec:\n    template:\n      metadata: {}\n",
		},
		"Twice": {
			reason: "What is written twice is seen twice.",
			in:     "- kind: Deployment\n  a: b\n  kind: Other\n",
			want:   "- kind: Deployment\n  kind: Other\n",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, string(outline([]byte(tc.in), fields))); diff != "" {
				t.Errorf("%s -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
