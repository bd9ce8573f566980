package controllers

import "testing"

func TestHas(t *testing.T) {
	for _, name := range All {
		if !Has(name) {
			t.Errorf("%s must be one", name)
		}
	}
	for _, name := range []string{"", "flux-operator", "Source-Controller", "source-controller-shard1"} {
		if Has(name) {
			t.Errorf("%q must be none", name)
		}
	}
}
