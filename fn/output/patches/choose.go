package patches

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/suggest"
)

// narrow looks for the Kustomization that the configuration names, and narrows the scope to
// the controllers that it builds, itself or by way of others. One that builds none of those in
// the stream is an error: its patches would match nothing.
func (f *finder) narrow() (scope flux.Scope, ok bool) {
	scope = f.config.Scope
	name := f.config.Patches.Kustomization
	if name == "" {
		return scope, true
	}
	var files []string
	for _, k := range f.kustomizations {
		if k.File != "" {
			files = append(files, k.File)
		}
		if k.File == path.Clean(name) {
			f.named = k
		}
	}
	if f.named == nil {
		f.report.Config(sdk.Error, f.config.Patches.Field, fmt.Sprintf("%q: want the path of a Kustomization among the items: %s%s",
			name, cmp.Or(strings.Join(files, ", "), "there is none"), suggest.DidYouMean(name, files)))
		return scope, false
	}
	narrowed := scope
	narrowed.Files = slices.AppendSeq([]string{}, maps.Keys(f.tree.Reach(f.tree.RootOf(f.named)))) // not nil, which is for all
	hides := slices.ContainsFunc(f.tree.Layers(f.tree.RootOf(f.named)), func(k *kustomize.Kustomization) bool {
		return slices.ContainsFunc(k.Files(), isComponents)
	})
	if hides || len(flux.Find(f.items, narrowed, f.report.Scratch())) > 0 {
		return narrowed, true
	}
	if all := flux.Find(f.items, scope, f.report.Scratch()); slices.ContainsFunc(all, func(i *flux.Install) bool { return len(i.Files()) > 0 }) {
		f.report.Config(sdk.Error, f.config.Patches.Field, fmt.Sprintf(
			"%q: lists no controllers: want a Kustomization that lists %s, itself or by way of others", name, strings.Join(f.lookedFor(all), " or ")))
		return scope, false
	}
	return scope, true
}

// isComponents reports whether a file is one that Flux writes, which kpt may have been told to
// ignore.
func isComponents(file string) bool {
	return path.Base(file) == flux.ComponentsFile
}

// choose finds the Kustomizations that list the controllers' files, and makes them homes.
func (f *finder) choose(installs []*flux.Install) {
	f.files = byFile(installs)
	f.known = byFile(flux.Find(f.items, flux.Scope{Namespace: "*", Path: "**"}, f.report.Scratch()))
	by := map[string][]*kustomize.Kustomization{} // those that list a file of controllers
	var fits []*kustomize.Kustomization
	for _, k := range f.kustomizations {
		listed := f.controllerFiles(k)
		if len(listed) == 0 || f.named == nil && !f.config.Scope.HasDir(k.Dir()) {
			continue
		}
		fits = append(fits, k)
		for _, file := range listed {
			by[file] = append(by[file], k)
		}
	}
	if f.named != nil {
		f.house(f.named, installs)
		f.homes = append(f.homes, f.former(by, installs)...)
		f.homes = append(f.homes, f.related()...)
		return
	}
	shared := false
	for _, ks := range by {
		shared = shared || len(ks) > 1
	}
	if shared || len(fits) > 1 && f.config.Scope.Path == "" {
		f.sayWhich(fits, shared)
		return
	}
	unknown := slices.DeleteFunc(slices.Clone(installs), func(i *flux.Install) bool { return len(i.Files()) > 0 })
	for _, k := range fits {
		f.house(k, slices.Concat(unknown, readFrom(f.files, k.Files())))
	}
	f.homes = append(f.homes, f.related()...)
}

// sayWhich reports that several Kustomizations fit. Where they share a file, as the overlays
// of shards do, one above may be the place.
func (f *finder) sayWhich(fits []*kustomize.Kustomization, shared bool) {
	message := fmt.Sprintf("missing: several Kustomizations list the controllers (%s): want the path of the one that is to hold the patches", names(fits))
	above := slices.DeleteFunc(slices.Clone(f.kustomizations), func(k *kustomize.Kustomization) bool {
		return slices.ContainsFunc(fits, func(fit *kustomize.Kustomization) bool { return fit == k || !f.builds(k, fit) })
	})
	switch {
	case !shared:
		message += fmt.Sprintf(", or %s.path for those of a directory, ** for all", f.config.Scope.Section)
	case len(above) > 0:
		message += fmt.Sprintf(", or of one that builds them all (%s)", names(above))
	}
	f.report.Config(sdk.Error, f.config.Patches.Field, message)
}

func names(kustomizations []*kustomize.Kustomization) string {
	var names []string
	for _, k := range kustomizations {
		names = append(names, k.String())
	}
	return strings.Join(names, ", ")
}

// controllerFiles returns the files of controllers that a Kustomization lists: those from
// which they were read, and those that Flux writes, which kpt may have been told to ignore.
func (f *finder) controllerFiles(k *kustomize.Kustomization) (files []string) {
	for _, file := range k.Files() {
		if len(f.files[file]) > 0 || isComponents(file) && len(f.known[file]) == 0 {
			files = append(files, file)
		}
	}
	return files
}

// house makes a Kustomization a home, for controllers that cannot be seen if need be.
func (f *finder) house(k *kustomize.Kustomization, installs []*flux.Install) {
	if len(installs) == 0 {
		installs = []*flux.Install{flux.Declare(k.Item, flux.Controllers)}
	}
	f.homes = append(f.homes, &Home{Item: k.Item, List: kustomize.PatchesPath, Installs: installs, kustomization: k})
}

// former returns the Kustomizations that list the same controllers as the one that is named:
// what they hold of ours moves to that one.
func (f *finder) former(by map[string][]*kustomize.Kustomization, installs []*flux.Install) (homes []*Home) {
	files := f.controllerFiles(f.named)
	for _, i := range installs {
		files = append(files, i.Files()...)
	}
	slices.Sort(files)
	moved := map[*kustomize.Kustomization]bool{f.named: true}
	for _, file := range slices.Compact(files) {
		for _, k := range by[file] {
			if !moved[k] {
				moved[k] = true
				homes = append(homes, &Home{Item: k.Item, List: kustomize.PatchesPath, kustomization: k})
			}
		}
	}
	return homes
}

// related returns the Kustomizations that build a home, and those that the named one builds:
// they may hold patches of ours from a run that named them, and of two layers the outer one
// would win. Components are read with the layers that list them.
func (f *finder) related() (homes []*Home) {
	for _, k := range f.kustomizations {
		isHome := slices.ContainsFunc(f.homes, func(h *Home) bool { return h.kustomization == k })
		if !isHome && !k.IsComponent() && f.config.Scope.HasDir(k.Dir()) && slices.ContainsFunc(f.homes, func(h *Home) bool {
			return len(h.Installs) > 0 && (f.builds(k, h.kustomization) || h.kustomization == f.named && f.builds(f.named, k))
		}) {
			homes = append(homes, &Home{Item: k.Item, List: kustomize.PatchesPath, kustomization: k})
		}
	}
	return homes
}

// builds reports whether one Kustomization builds another, itself or by way of others.
func (f *finder) builds(k, other *kustomize.Kustomization) bool {
	return k != nil && other != nil && k != other && other.File != "" && f.tree.Reaches(f.tree.RootOf(k), other.File)
}

// checkDirs warns of FluxInstances that lie elsewhere than other places of the patches: in other
// directories are other clusters, as a rule, and no path says which are meant.
func (f *finder) checkDirs(instances []*flux.Install) {
	var dirs []string
	for _, h := range f.homes {
		dir := ""
		switch {
		case len(h.Installs) == 0:
			continue
		case h.kustomization != nil:
			dir = h.kustomization.Dir()
		default:
			dir = h.Installs[0].Dir
		}
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	if len(instances) > 0 && len(dirs) > 1 && f.config.Scope.Path == "" {
		f.report.Config(sdk.Warning, f.config.Scope.Section+".path", fmt.Sprintf(
			"missing: the patches go to several directories (%s): want the directory that is meant, a glob, or ** for all", strings.Join(dirs, ", ")))
	}
}

// byFile returns the installs whose objects were read from a file.
func byFile(installs []*flux.Install) map[string][]*flux.Install {
	by := map[string][]*flux.Install{}
	for _, i := range installs {
		for _, file := range i.Files() {
			by[file] = append(by[file], i)
		}
	}
	return by
}

// readFrom returns the installs of which an object was read from one of the files.
func readFrom(by map[string][]*flux.Install, files []string) (installs []*flux.Install) {
	for _, file := range files {
		for _, i := range by[file] {
			if !slices.Contains(installs, i) {
				installs = append(installs, i)
			}
		}
	}
	return installs
}
