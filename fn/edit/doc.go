// Package edit holds what the function knows of YAML: how to look a field up in a
// parsed object, and how to set one so that nothing else changes.
//
// It works on the nodes of kyaml's parser. Aliases and merge keys ("<<") are seen
// through when reading; when writing, a map that is shared through an anchor is
// first made the object's own.
package edit
