// Package guard takes from the process what it has no use for, before it reads any input. Names of
// remote files and repositories are taken out of what kustomize is given; should one slip through, there
// is no way to the network and no program to start.
package guard

import (
	"errors"
	"io"
	"log"
	"net/http"
	"os"
)

// Close closes the ways out, for good: it empties the environment, without which no program is found
// (kustomize starts git for a remote base), and refuses each request of the default transport (with which
// it fetches files). It returns the stream for messages, to which kustomize writes warnings of its own
// no more: nobody could tell them from those of the function.
func Close() (stderr *os.File) {
	os.Clearenv()
	http.DefaultTransport = refuse{}
	log.SetOutput(io.Discard)
	stderr, os.Stderr = os.Stderr, nil
	return stderr
}

type refuse struct{}

// ErrRefused is the error of each request.
var ErrRefused = errors.New("refused: the network is not to be reached")

func (refuse) RoundTrip(*http.Request) (*http.Response, error) { return nil, ErrRefused }
