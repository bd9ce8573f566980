// Package version is the version of the program.
package version

import "runtime/debug"

// version is set by the linker for a release.
var version = ""

// String returns the version of a release, or that of the module that Go built.
func String() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
