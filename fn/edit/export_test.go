package edit

// IsWord is isWord, for the tests.
var IsWord = isWord
