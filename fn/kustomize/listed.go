package kustomize

import "flux-workload-identity/fn/krm"

// Listed returns the names of local files and directories that the Kustomization in a stream
// lists, as they stand there, but for the files of generators: what is still to be read for a
// build where there is nothing but the stream. It is cheap for a stream of another file.
func Listed(s krm.Stream) (names []string) {
	if !inOwnFile(s.Path) {
		return nil
	}
	// A fault comes again where the stream is read for good, and is said there.
	defer func() { _ = recover() }()
	list, err := krm.ParseManifests(krm.Stream{}, krm.Stream{Path: s.Path, Text: s.Text})
	if err != nil {
		return nil
	}
	t := TreeOf(list)
	for dir := range t.load().own {
		for _, missed := range t.layer(dir).notSeen {
			if missed.Why != Remote {
				names = append(names, missed.What)
			}
		}
	}
	return names
}
