package decode_test

import (
	"slices"
	"strings"
)

// attributesOf are the attribute names that the parameters p of one action name.
func attributesOf(p *node, act action) []string {
	var names []string
	switch act {
	case actionPut:
		for _, list := range []*node{p.get("items"), p.get("item")} {
			if list.is(kindArray) {
				for _, e := range list.elems {
					if e.is(kindText) {
						names = append(names, e.text)
					}
				}
				break
			}
			if list.is(kindObject) {
				names = list.names()
				break
			}
		}
	case actionUpdate:
		names = updateNames(p.get("updateExpression").str())
		names = resolve(names, p)
		names = append(names, p.get("attributeUpdates").names()...)
	case actionGet, actionCheck, actionSearch:
		names = projectionNames(p.get("projectionExpression").str())
		if act == actionSearch {
			names = append(names, filterNames(p.get("filterExpression").str())...)
		}
		names = resolve(names, p)
		for _, e := range p.get("attributesToGet").list() {
			if e.is(kindText) {
				names = append(names, e.text)
			}
		}
	}
	names = slices.DeleteFunc(names, func(s string) bool { return s == "" })
	if len(names) == 0 {
		return nil
	}
	return sortedUnique(names)
}

// resolve replaces #placeholders and drops :placeholders.
func resolve(names []string, p *node) []string {
	var resolved []string
	for _, name := range names {
		switch {
		case strings.HasPrefix(name, ":"):
		case strings.HasPrefix(name, "#"):
			resolved = append(resolved, p.get("expressionAttributeNames").exactly(name).str())
		default:
			resolved = append(resolved, name)
		}
	}
	return resolved
}

// expressionTokens cuts a DynamoDB expression into words and single other characters.
func expressionTokens(s string) []string {
	var tokens []string
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && wordByte(s[j]) {
			j++
		}
		switch {
		case j > i:
			tokens = append(tokens, s[i:j])
			i = j
		case strings.IndexByte(" \t\r\n", s[i]) >= 0:
			i++
		default:
			tokens = append(tokens, s[i:i+1])
			i++
		}
	}
	return tokens
}

func wordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '#' || c == ':' || c >= 0x80
}

func isWord(token string) bool { return token != "" && wordByte(token[0]) }

// updateNames are the first parts of the paths an update expression changes.
func updateNames(expression string) []string {
	var names []string
	depth, wantPath := 0, false
	for _, token := range expressionTokens(expression) {
		switch {
		case token == "(":
			depth++
		case token == ")":
			depth--
		case depth > 0:
		case token == ",":
			wantPath = true
		case slices.Contains([]string{"set", "remove", "add", "delete"}, lower(token)):
			wantPath = true
		case wantPath && isWord(token):
			names = append(names, token)
			wantPath = false
		}
	}
	return names
}

// projectionNames are the first parts of a comma-separated list of paths.
func projectionNames(expression string) []string {
	var names []string
	wantPath := true
	for _, token := range expressionTokens(expression) {
		switch {
		case token == ",":
			wantPath = true
		case wantPath && isWord(token):
			names = append(names, token)
			wantPath = false
		}
	}
	return names
}

// filterNames are the first parts of the paths in a condition.
func filterNames(expression string) []string {
	var names []string
	tokens := expressionTokens(expression)
	for i, token := range tokens {
		afterDot := i > 0 && tokens[i-1] == "."
		function := i+1 < len(tokens) && tokens[i+1] == "("
		digit := token[0] >= '0' && token[0] <= '9'
		keyword := slices.Contains([]string{"and", "or", "not", "between", "in"}, lower(token))
		if isWord(token) && !afterDot && !function && !digit && !keyword {
			names = append(names, token)
		}
	}
	return names
}
