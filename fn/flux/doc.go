// Package flux holds what the function knows of Flux: its controllers, the shape of
// their objects over the versions, and how to find them in a stream.
package flux
