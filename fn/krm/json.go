package krm

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf16"
)

// yamlFromJSON rewrites the escapes of JSON strings that YAML lacks: \/ and the two halves
// in which JSON writes what lies beyond 16 bits. Tabs become blanks. ok is false for what is no JSON.
func yamlFromJSON(text []byte) (yaml []byte, ok bool) {
	if !json.Valid(text) {
		return nil, false
	}
	var out bytes.Buffer
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\t': // not within strings
			out.WriteByte(' ')
		case text[i] != '\\': // only strings hold one
			out.WriteByte(text[i])
		case text[i+1] == '/':
			out.WriteByte('/')
			i++
		case text[i+1] == 'u':
			r := rune(hex(text[i+2:]))
			if i += 5; utf16.IsSurrogate(r) {
				if i+6 < len(text) && text[i+1] == '\\' && text[i+2] == 'u' {
					r = utf16.DecodeRune(r, rune(hex(text[i+3:])))
					i += 6
				} else {
					r = '\ufffd' // half of one, as encoding/json reads it
				}
				out.WriteRune(r)
				continue
			}
			out.Write(text[i-5 : i+1])
		default:
			out.Write(text[i : i+2])
			i++
		}
	}
	return out.Bytes(), true
}

func hex(digits []byte) uint64 {
	n, _ := strconv.ParseUint(string(digits[:4]), 16, 16)
	return n
}
