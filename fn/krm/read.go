package krm

import (
	"errors"
	"io"
	"runtime/debug"
)

// readAll is io.ReadAll for what may be large. That one's buffers grow by a quarter, and are
// copied each time. These grow to 2, 64 and 512 MiB, and then by doubling: what is not filled
// is never touched, so it costs addresses but no memory.
func readAll(r io.Reader) ([]byte, error) {
	text := make([]byte, 0, 64<<10)
	for {
		n, err := io.ReadFull(r, text[len(text):cap(text)])
		text = text[:len(text)+n]
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return text, nil
		}
		if err != nil {
			return nil, err
		}
		factor := 2
		switch {
		case cap(text) < 64<<20:
			factor = 32
		case cap(text) < 512<<20:
			factor = 8
		}
		text = append(make([]byte, 0, factor*cap(text)), text...)
	}
}

// large is the size of the text from which on LimitMemory limits.
const large = 8 << 20

// itemSize is about what an item takes beside its text.
const itemSize = 256

// LimitMemory keeps the program, until restore is called, to little more than the text of a
// large list that is sliced: the text is nearly all that there is to keep, and without a
// limit the collector lets the heap grow to twice of it before it looks. Where there are so many
// items that they take more than the text there is none: the collector would look at them all
// over and over.
func (l *ResourceList) LimitMemory() (restore func()) {
	size, room := 0, 0
	for _, s := range l.streams {
		size, room = size+len(s.Text), room+cap(s.Text)
	}
	if l.layout == nil || size < large || size < itemSize*len(l.Items) {
		return func() {}
	}
	// The collector counts the whole buffer, of which the text may be a small part.
	percent := debug.SetGCPercent(max(1, 50*size/room))
	return func() { debug.SetGCPercent(percent) }
}
