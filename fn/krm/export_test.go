package krm

// Plainly is the hint for who has plain manifests.
const Plainly = plainly
