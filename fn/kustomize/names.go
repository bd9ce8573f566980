package kustomize

import (
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/resource"

	"flux-workload-identity/fn/edit"
)

// Reasons why something is not seen.
const (
	Remote  = "is not local"
	Missing = "is not among the files"
	NoLayer = "has no Kustomization among the files"
)

func (r *reader) miss(at edit.Path, what, why string) bool {
	r.notSeen = append(r.notSeen, NotSeen{r.item, at, what, why})
	return false
}

// isURL reports whether kustomize fetches a name where it wants a file.
func isURL(name string) bool {
	scheme, _, found := strings.Cut(strings.ToLower(strings.TrimSpace(name)), ":")
	return found && (scheme == "http" || scheme == "https")
}

// isRepository reports whether kustomize clones a name where it wants a directory. Of git:: it
// would print that it is no longer supported.
func isRepository(name string) bool {
	return isURL(name) || strings.HasPrefix(strings.ToLower(name), "git::") || (&resource.Origin{}).Append(name).Repo != ""
}

// path returns which file of the tree is meant.
func (r *reader) path(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(r.dir, name)
}

func (r *reader) any(edit.Path, *string) bool { return true }

// file makes a name that of the file as it is, without our marks.
func (r *reader) file(at edit.Path, name *string) bool {
	file := r.path(*name)
	switch {
	case isURL(*name):
		return r.miss(at, *name, Remote)
	case r.t.file(file) == nil:
		return r.miss(at, *name, Missing)
	}
	r.others = append(r.others, file)
	*name = asIs + r.t.memory(file)
	return true
}

// patch is a file, or the text of the patch itself.
func (r *reader) patch(at edit.Path, name *string) bool {
	_, err := factory.RF().SliceFromBytes([]byte(*name))
	return err == nil || r.file(at, name)
}

func (r *reader) resource(at edit.Path, name *string) bool {
	file := r.path(*name)
	if isURL(*name) || r.t.file(file) == nil {
		return r.directory(at, name)
	}
	r.files = append(r.files, file)
	if *name = local(*name); path.IsAbs(*name) {
		*name = r.t.memory(file)
	}
	return true
}

// local makes a relative name one that kustomize cannot take for anything else.
func local(name string) string {
	if path.IsAbs(name) {
		return name
	}
	return "./" + escaped(name)
}

func (r *reader) directory(at edit.Path, name *string) bool {
	dir := r.path(*name)
	switch {
	case isRepository(*name):
		return r.miss(at, *name, Remote)
	case r.t.load().own[dir] != nil:
		if r.dirs = append(r.dirs, dir); slices.Contains(at, "components") {
			r.components = append(r.components, dir)
		}
		*name = local(*name) // kustomize refuses any other
		return true
	case len(r.t.names(dir)) > 0:
		return r.miss(at, *name, NoLayer)
	}
	return r.miss(at, *name, Missing)
}

// source is what a generator reads. What is absent is empty: only what copies values from one
// object to another could carry it to where it matters.
func (r *reader) source(at edit.Path, name *string) bool {
	if missed := len(r.notSeen); !r.file(at, name) {
		r.absent = append(r.absent, r.notSeen[missed:]...)
		r.notSeen = r.notSeen[:missed]
		*name = asIs + nothing
	}
	return true
}

// keyed is a source with or without a key.
func (r *reader) keyed(at edit.Path, source *string) bool {
	key, name, given := strings.Cut(*source, "=")
	if !given {
		key, name = path.Base(key), key
	}
	if key != "" && name != "" && !strings.Contains(name, "=") && r.source(at, &name) {
		*source = key + "=" + name
	}
	return true // kustomize refuses any other
}
