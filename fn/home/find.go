package home

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"flux-workload-identity/fn/api"
	"flux-workload-identity/fn/flux"
	"flux-workload-identity/fn/flux/controllers"
	"flux-workload-identity/fn/krm"
	"flux-workload-identity/fn/kustomize"
	"flux-workload-identity/fn/suggest"
)

type finder struct {
	items  []*krm.Item
	tree   *kustomize.Tree
	config *api.Config
	report *krm.Report

	named *kustomize.Kustomization // by the configuration
	files map[string]bool          // of controllers
	known func() map[string]bool   // of those too for which the configuration is not
	homes []*Home
}

func (f *finder) find(beside []*krm.Item) (homes []*Home, installs []*flux.Install) {
	scope, ok := f.narrow()
	if !ok {
		return nil, nil
	}
	installs = flux.Find(f.items, scope, f.report)
	instances := flux.Instances(f.items, f.config.Scope, installs, f.report)
	if f.report.Failed() {
		return nil, nil
	}
	f.files = filesOf(installs)
	f.known = sync.OnceValue(func() map[string]bool {
		return filesOf(flux.Find(f.items, flux.Scope{Namespace: "*", Path: "**"}, f.report.Scratch()))
	})
	f.choose(installs)
	f.addFormer()
	for _, i := range instances {
		f.homes = append(f.homes, &Home{Item: i.Declared, List: instanceList, Installs: []*flux.Install{i}})
		f.report.Item(sdk.Info, i.Declared, nil, "the controllers are not among the items: they are taken from spec.components, or its default")
	}
	if len(f.homes) == 0 && !f.report.Failed() {
		f.wrong("neither a Kustomization that lists %s nor a FluxInstance is among the items: want one to hold the patches; kpt brings it, kustomize gives a function none%s",
			lookedFor(installs...), f.unseen())
	}
	f.checkHoused(installs, len(instances) > 0)
	f.checkDirs(len(instances) > 0)
	for _, h := range f.homes {
		if slices.Contains(beside, h.Item) {
			f.wrong("the patches go to %s, which is read only because another file lists it: want it among the arguments", h.Item.Path())
		}
		installs = append(installs, slices.DeleteFunc(slices.Clone(h.Installs), func(i *flux.Install) bool { return i.Declared == nil })...)
	}
	return f.homes, installs
}

func (f *finder) wrong(format string, args ...any) {
	f.report.Config(sdk.Error, f.config.Scope.Section+".output", fmt.Sprintf("%q: ", api.ToPatches)+fmt.Sprintf(format, args...))
}

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
	for _, k := range f.tree.Kustomizations() {
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
	root := f.tree.RootOf(f.named)
	narrowed := scope
	narrowed.Files = f.tree.Reach(root)
	hides := slices.ContainsFunc(f.tree.Layers(root), func(k *kustomize.Kustomization) bool {
		return slices.ContainsFunc(k.Files(), isComponents)
	})
	if hides || len(flux.Find(f.items, narrowed, f.report.Scratch())) > 0 {
		return narrowed, true
	}
	if all := flux.Find(f.items, scope, f.report.Scratch()); len(filesOf(all)) > 0 {
		f.report.Config(sdk.Error, f.config.Patches.Field, fmt.Sprintf(
			"%q: lists no controllers: want a Kustomization that lists %s, itself or by way of others", name, lookedFor(all...)))
		return scope, false
	}
	return scope, true
}

// isComponents reports whether a file is one that Flux writes, which kpt may have been told to
// ignore.
func isComponents(file string) bool { return path.Base(file) == flux.ComponentsFile }

// choose finds the Kustomizations that list the controllers' files, and makes them homes.
func (f *finder) choose(installs []*flux.Install) {
	if f.named != nil {
		f.house(f.named, installs)
		return
	}
	listed := map[string]bool{}
	shared := false
	var fits []*kustomize.Kustomization
	for _, k := range f.tree.Kustomizations() {
		files := f.controllerFiles(k)
		if len(files) == 0 || !f.config.Scope.HasDir(k.Dir()) {
			continue
		}
		fits = append(fits, k)
		for _, file := range files {
			shared = shared || listed[file]
			listed[file] = true
		}
	}
	if shared || len(fits) > 1 && f.config.Scope.Path == "" {
		f.sayWhich(fits, shared)
		return
	}
	for _, k := range fits {
		lists := k.Files()
		f.house(k, slices.DeleteFunc(slices.Clone(installs), func(i *flux.Install) bool { // those of no known file may be its own
			files := i.Files()
			return len(files) > 0 && !slices.ContainsFunc(files, func(file string) bool { return slices.Contains(lists, file) })
		}))
	}
}

// sayWhich reports that several Kustomizations fit. Where they share a file, as the overlays
// of shards do, one above may be the place.
func (f *finder) sayWhich(fits []*kustomize.Kustomization, shared bool) {
	message := fmt.Sprintf("missing: several Kustomizations list the controllers (%s): want the path of the one that is to hold the patches", names(fits))
	above := slices.DeleteFunc(slices.Clone(f.tree.Kustomizations()), func(k *kustomize.Kustomization) bool {
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
func (f *finder) controllerFiles(k *kustomize.Kustomization) []string {
	return slices.DeleteFunc(k.Files(), func(file string) bool {
		return !f.files[file] && (!isComponents(file) || f.known()[file])
	})
}

// house makes a Kustomization a home, for controllers that cannot be seen if need be.
func (f *finder) house(k *kustomize.Kustomization, installs []*flux.Install) {
	if len(installs) == 0 {
		installs = []*flux.Install{flux.Declare(k.Item, controllers.All)}
	}
	f.homes = append(f.homes, &Home{Item: k.Item, List: kustomize.PatchesPath, Installs: installs, Kustomization: k})
}

// addFormer adds the Kustomizations that may hold patches of ours from a run that named them: those that
// list a file of what the named one lists, those that build a home, and those that the named one builds. Of
// two layers the outer one would win. Components are read with the layers that list them.
func (f *finder) addFormer() {
	homes := f.homes
	var named []string
	if f.named != nil {
		named = slices.AppendSeq(f.named.Files(), maps.Keys(f.files))
	}
	for _, k := range f.tree.Kustomizations() {
		isHome := slices.ContainsFunc(homes, func(h *Home) bool { return h.Kustomization == k })
		lists := slices.ContainsFunc(f.controllerFiles(k), func(file string) bool { return slices.Contains(named, file) })
		builds := !k.IsComponent() && f.config.Scope.HasDir(k.Dir()) && (f.builds(f.named, k) ||
			slices.ContainsFunc(homes, func(h *Home) bool { return f.builds(k, h.Kustomization) }))
		if !isHome && (lists || builds) {
			f.homes = append(f.homes, &Home{Item: k.Item, List: kustomize.PatchesPath, Kustomization: k})
		}
	}
}

// builds reports whether one Kustomization builds another, itself or by way of others.
func (f *finder) builds(k, other *kustomize.Kustomization) bool {
	return k != nil && k != other && other.File != "" && f.tree.Reaches(f.tree.RootOf(k), other.File)
}

// checkHoused reports installs in the stream whose patches have no home.
func (f *finder) checkHoused(installs []*flux.Install, operated bool) {
	if len(f.homes) == 0 || f.report.Failed() {
		return
	}
	for _, i := range installs {
		housed := slices.ContainsFunc(f.homes, func(h *Home) bool { return slices.Contains(h.Installs, i) })
		if !housed && (i.Operated() == nil || !operated) {
			f.wrong("no Kustomization among the items lists the controllers of %s: want one that lists %s, or a narrower %s.path",
				i, lookedFor(i), f.config.Scope.Section)
		}
	}
}

// checkDirs warns of FluxInstances that lie elsewhere than other places of the patches: in other
// directories are other clusters, as a rule, and no path says which are meant.
func (f *finder) checkDirs(operated bool) {
	var dirs []string
	for _, h := range f.homes {
		if len(h.Installs) == 0 {
			continue
		}
		dir := h.Installs[0].Dir
		if h.Kustomization != nil {
			dir = h.Kustomization.Dir()
		}
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	if operated && len(dirs) > 1 && f.config.Scope.Path == "" {
		f.report.Config(sdk.Warning, f.config.Scope.Section+".path", fmt.Sprintf(
			"missing: the patches go to several directories (%s): want the directory that is meant, a glob, or ** for all", strings.Join(dirs, ", ")))
	}
}

// unseen names what the Kustomizations list and is not among the items: one of it may be the install.
func (f *finder) unseen() string {
	var lists []string
	for _, k := range f.tree.Kustomizations() {
		for _, n := range f.tree.Build(f.tree.RootOf(k)).NotSeen {
			if n.Item == k.Item && isListing(n) {
				lists = append(lists, fmt.Sprintf("%s lists %q", k, n.What))
			}
		}
	}
	if len(lists) == 0 {
		return ""
	}
	return fmt.Sprintf("; %s, which was not seen: where that installs Flux, name the Kustomization with %s", strings.Join(lists, ", "), f.config.Patches.Field)
}

// isListing reports whether it is a field that lists objects where something was not seen.
func isListing(n kustomize.NotSeen) bool { return n.Field[0] == "resources" || n.Field[0] == "bases" }

// lookedFor names the controllers' files.
func lookedFor(installs ...*flux.Install) string {
	var files []string
	for _, i := range installs {
		files = append(files, i.Files()...)
	}
	return cmp.Or(strings.Join(files, " or "), flux.ComponentsFile)
}

// filesOf returns the files from which objects of installs were read.
func filesOf(installs []*flux.Install) map[string]bool {
	files := map[string]bool{}
	for _, i := range installs {
		for _, file := range i.Files() {
			files[file] = true
		}
	}
	return files
}
