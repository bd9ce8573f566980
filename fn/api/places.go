package api

import (
	"fmt"
	"slices"
	"strings"

	"flux-workload-identity/fn/cloud"
	"flux-workload-identity/fn/cloud/provider"
)

// reserved are fields of what is to come, in whatever section somebody looks for them.
var reserved = map[string]string{
	"cluster":         "clusters other than the cloud's own",
	"serviceAccounts": "the ServiceAccounts of tenants",
}

// unknown says of a field that its section does not have what it has, or where the field
// belongs; what another cloud has belongs nowhere in the section of this one.
func unknown(field, name, kind string, accepted []string) (given, want string) {
	var near, others []string
	for _, place := range placesOf(name, kind) {
		if sameCloud(place, field) {
			near = append(near, place)
		} else if other := strings.Split(place, ".")[1]; !slices.Contains(others, other) {
			others = append(others, other)
		}
	}
	switch {
	case len(near) > 0:
		return "in the wrong place", "want " + strings.Join(near, " or ")
	case len(others) > 0:
		return "unknown field", oneOf("", accepted) + fmt.Sprintf("; %s is a field of %s", name, strings.Join(others, " and "))
	}
	return "unknown field", oneOf(name, accepted)
}

// sameCloud reports whether a place can be the right one for a field, which may be in the
// section of a cloud.
func sameCloud(place, field string) bool {
	within := func(p *provider.Provider, path string) bool { return strings.HasPrefix(path, "spec."+p.Name+".") }
	return !slices.ContainsFunc(cloud.All, func(p *provider.Provider) bool { return within(p, place) }) ||
		!slices.ContainsFunc(cloud.All, func(p *provider.Provider) bool { return within(p, field) && !within(p, place) })
}

// placesOf returns where a configuration of a kind has a field of that name.
func placesOf(name, kind string) (places []string) {
	if kind != Kind {
		for _, p := range cloud.All {
			for _, key := range keyNames(p) {
				if place := "data." + key; foldKey(key) == foldKey(name) && !slices.Contains(places, place) {
					places = append(places, place)
				}
			}
		}
		return places
	}
	var walk func(at string, schema object)
	walk = func(at string, schema object) {
		properties, _ := schema.get("properties").(object)
		for _, m := range properties {
			place := strings.TrimPrefix(at+"."+m.key, ".")
			if m.key == name && at != "metadata" {
				places = append(places, place)
			}
			below, _ := m.value.(object)
			walk(place, below)
			items, _ := below.get("items").(object)
			walk(place+"[]", items)
		}
	}
	walk("", root())
	return places
}
