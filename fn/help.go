package fn

import _ "embed"

// Help says what the function does, its configuration in short, and how to run it.
//
//go:embed help.txt
var Help string
