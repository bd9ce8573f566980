// Package e2e holds no code: its tests run the image on a real Docker engine, as docker,
// kustomize and kpt run it. They are skipped but by make test-e2e.
package e2e
