package krm

import (
	"errors"
	"io"
	"runtime"
)

const (
	chunk = 1 << 20
	// large is the size from which on it pays to give memory back while reading.
	large = 8 << 20
)

// readAll is io.ReadAll with less memory: that reads into ever larger buffers, of which all
// but the last are garbage, this into pieces that are joined once.
func readAll(r io.Reader) ([]byte, error) {
	var pieces [][]byte
	size := 0
	for {
		piece := make([]byte, min(chunk, max(size, 64<<10)))
		n, err := io.ReadFull(r, piece)
		pieces = append(pieces, piece[:n])
		size += n
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	if len(pieces) == 1 {
		return pieces[0], nil
	}
	all := make([]byte, 0, size)
	for i, piece := range pieces {
		all = append(all, piece...)
		pieces[i] = nil
	}
	if size > large {
		runtime.GC() // the pieces are as much as the text
	}
	return all, nil
}
