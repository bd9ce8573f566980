package krm

import "bytes"

// maxFlow is how deep flow collections may lie in each other.
const maxFlow = 50

// flow takes a flow collection on one line, of plain words and quoted strings without
// escapes, and returns what follows it.
func flow(text []byte, depth int) (rest []byte, ok bool) {
	if depth > maxFlow {
		return nil, false
	}
	isMap, closing := text[0] == '{', byte(']')
	if isMap {
		closing = '}'
	}
	rest = bytes.TrimLeft(text[1:], " ")
	if len(rest) > 0 && rest[0] == closing {
		return rest[1:], true
	}
	for {
		if isMap {
			if rest, ok = flowKey(rest); !ok {
				return nil, false
			}
		}
		if rest, ok = flowValue(rest, depth); !ok || len(rest) == 0 {
			return nil, false
		}
		switch rest[0] {
		case closing:
			return rest[1:], true
		case ',':
			rest = bytes.TrimLeft(rest[1:], " ")
		default:
			return nil, false
		}
	}
}

func flowKey(text []byte) (rest []byte, ok bool) {
	rest, ok = flowScalar(text)
	if !ok || len(rest) < 2 || rest[0] != ':' || rest[1] != ' ' {
		return nil, false
	}
	return bytes.TrimLeft(rest[1:], " "), true
}

func flowValue(text []byte, depth int) (rest []byte, ok bool) {
	if len(text) == 0 {
		return nil, false
	}
	if text[0] == '[' || text[0] == '{' {
		rest, ok = flow(text, depth+1)
	} else {
		rest, ok = flowScalar(text)
	}
	return bytes.TrimLeft(rest, " "), ok
}

func flowScalar(text []byte) (rest []byte, ok bool) {
	if len(text) == 0 {
		return nil, false
	}
	if c := text[0]; c == '"' || c == '\'' {
		end := bytes.IndexByte(text[1:], c)
		if end < 0 || bytes.IndexByte(text[1:end+1], '\\') >= 0 || end+2 < len(text) && text[end+2] == c {
			return nil, false
		}
		return text[end+2:], true
	}
	end := 0
	for end < len(text) && isFlowWord(text, end) {
		end++
	}
	return text[end:], end > 0
}

// isFlowWord reports whether the byte is one of a plain word in a flow collection. A colon
// is where a word goes on after it.
func isFlowWord(text []byte, i int) bool {
	c := text[i]
	if c == ':' || c == '-' || c == '@' {
		return i > 0 && i+1 < len(text) && text[i+1] != ':' && isFlowWord(text, i+1) || c == '-' && i > 0
	}
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '/'
}
