package main

import (
	"bytes"
	"fmt"
	"math"
	"time"
)

// draw returns the times as bars in an SVG, on a logarithmic scale.
func draw(rows []row) []byte {
	const (
		left, scale = 190.0, 90.0 // of the bars; points for a factor of ten
		bar, group  = 16.0, 66.0
	)
	var b bytes.Buffer
	height := 50 + group*float64(len(rows))
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 %.0f" font-family="sans-serif" font-size="13">`+"\n", height)
	fmt.Fprintf(&b, `<title>Time of the whole process: cat, the function, and a function of the kpt SDK that does nothing</title>`+"\n")
	fmt.Fprintf(&b, `<rect width="760" height="%.0f" fill="#ffffff"/>`+"\n", height)
	fmt.Fprintf(&b, `<text x="10" y="22" font-weight="bold" fill="#222222">Time of the whole process (logarithmic)</text>`+"\n")
	for i, r := range rows {
		y := 40 + group*float64(i)
		name := "1 install"
		if r.installs > 1 {
			name = fmt.Sprintf("%d installs", r.installs)
		}
		fmt.Fprintf(&b, `<text x="10" y="%.0f" fill="#222222">%s</text>`+"\n", y+29, name)
		for k, m := range []struct {
			name, colour string
			wall         time.Duration
		}{
			{"cat", "#9aa5b1", r.cat.wall}, {"this function", "#2f6fdb", r.function.wall}, {"SDK, no-op", "#d9822b", r.noop.wall},
		} {
			if m.wall == 0 {
				continue
			}
			top := y + (bar+2)*float64(k)
			width := math.Max(4, scale*math.Log10(float64(m.wall)/float64(time.Millisecond)*2))
			fmt.Fprintf(&b, `<text x="%.0f" y="%.0f" text-anchor="end" fill="#555555">%s</text>`+"\n", left-6, top+12, m.name)
			fmt.Fprintf(&b, `<rect x="%.0f" y="%.0f" width="%.0f" height="%.0f" fill="%s"/>`+"\n", left, top, width, bar, m.colour)
			fmt.Fprintf(&b, `<text x="%.0f" y="%.0f" fill="#222222">%s</text>`+"\n", left+width+6, top+12, m.wall)
		}
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}
