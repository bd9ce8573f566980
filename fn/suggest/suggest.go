// Package suggest finds the name that was probably meant.
package suggest

import (
	"fmt"
	"strings"
)

// Nearest returns the name that was probably meant, or "": one that differs in case,
// hyphens and underscores only, or in few letters for its length, or that of a controller
// without its "-controller".
func Nearest(given string, names []string) string {
	best, bestDistance := "", 0
	for _, name := range names {
		if fold(name) == fold(given) || fold(name) == fold(given)+"controller" {
			return name
		}
		d := distance(fold(given), fold(name))
		if limit := max(1, len(name)/4); d <= limit && d < len(name) && (best == "" || d < bestDistance) {
			best, bestDistance = name, d
		}
	}
	return best
}

// DidYouMean returns words to add to a message where a name is near: `; did you mean "x"?`.
func DidYouMean(given string, names []string) string {
	if near := Nearest(given, names); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// fold removes what the keys of a ConfigMap may differ in: case and hyphens. For a
// suggestion underscores and blanks do not count either.
func fold(s string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(s))
}

// distance is the number of letters to insert, delete, replace or swap with their
// neighbour to turn one word into the other (optimal string alignment).
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
