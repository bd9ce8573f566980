package provider_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/fn/cloud/provider"
)

// sample is a cloud of two integrations that share a controller.
var sample = &provider.Provider{
	Identity: provider.Field{Name: "id"},
	Options:  []provider.Field{{Name: "first"}, {Name: "second"}},
	Integrations: []provider.Integration{
		{Name: "Registry", Controllers: []string{"source", "reflector"}},
		{Name: "Bucket", Controllers: []string{"source"}},
	},
	Keys: []string{"cloud.example/", "example.com/identity"},
}

func TestFields(t *testing.T) {
	want := []string{"id", "first", "second"}
	// Twice, since the first call must not have written into the options.
	for range 2 {
		var got []string
		for _, f := range sample.Fields() {
			got = append(got, f.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the identity comes first, then the options: -want +got:\n%s", diff)
		}
	}
}

func TestIntegration(t *testing.T) {
	cases := map[string]struct {
		reason, name string
		want         provider.Integration
		ok           bool
	}{
		"Known":   {"One of the cloud's.", "Bucket", sample.Integrations[1], true},
		"Case":    {"Names count in exact case.", "bucket", provider.Integration{}, false},
		"Unknown": {"None of the cloud's.", "Queue", provider.Integration{}, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, ok := sample.Integration(tc.name)
			if diff := cmp.Diff(tc.want, got); diff != "" || ok != tc.ok {
				t.Errorf("%s\n%q: want ok %t, got %t; -want +got:\n%s", tc.reason, tc.name, tc.ok, ok, diff)
			}
		})
	}
}

func TestCanUse(t *testing.T) {
	cases := map[string]struct {
		reason, controller string
		want               bool
	}{
		"First": {"In the first integration alone.", "reflector", true},
		"Both":  {"In both.", "source", true},
		"None":  {"In none.", "watcher", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := sample.CanUse(tc.controller); got != tc.want {
				t.Errorf("%s\n%s: want %t, got %t", tc.reason, tc.controller, tc.want, got)
			}
		})
	}
}

func TestOwns(t *testing.T) {
	cases := map[string]struct {
		reason, key string
		want        bool
	}{
		"Prefix":      {"A key that ends in a slash stands for all below it.", "cloud.example/anything", true},
		"OtherPrefix": {"The slash counts.", "cloud.example.com/anything", false},
		"Whole":       {"Any other key is meant as it is.", "example.com/identity", true},
		"Longer":      {"And not as a prefix.", "example.com/identity-pool", false},
		"Neighbour":   {"Nor with its neighbours.", "example.com/other", false},
		"Empty":       {"No key.", "", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := sample.Owns(tc.key); got != tc.want {
				t.Errorf("%s\n%s: want %t, got %t", tc.reason, tc.key, tc.want, got)
			}
		})
	}
}

func TestIn(t *testing.T) {
	keys := [][2]string{{"example.com/id", "id"}, {"example.com/first", "first"}}
	entry := func(key, value string) provider.Entry {
		return provider.Entry{Path: []string{"metadata", "annotations", key}, Value: value}
	}
	cases := map[string]struct {
		reason string
		values provider.Values
		want   provider.Fragment
	}{
		"All":   {"In the order of the fields.", provider.Values{"first": "1", "id": "x"}, provider.Fragment{entry("example.com/id", "x"), entry("example.com/first", "1")}},
		"Some":  {"An option that is not set is not written.", provider.Values{"id": "x"}, provider.Fragment{entry("example.com/id", "x")}},
		"Empty": {"Nor is an empty one.", provider.Values{"id": "x", "first": ""}, provider.Fragment{entry("example.com/id", "x")}},
		"None":  {"No value, no annotation.", nil, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.values.In(provider.Annotations, keys...)); diff != "" {
				t.Errorf("%s\n-want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
