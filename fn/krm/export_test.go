package krm

// Plainly is the hint for who has plain manifests.
const Plainly = plainly

// ErrReprint is that of what the printer cannot print.
var ErrReprint = errReprint
