package personal

import (
	"encoding/json"
	"strings"
)

// hasLiterals reports whether an expression of a call has more in it than names,
// placeholders and operators. DynamoDB refuses such a call, since an expression has no
// literals; what the log then has for names of attributes may be values.
func hasLiterals(parameters string) bool {
	if !strings.Contains(parameters, "xpression\":") {
		return false
	}
	var doc any
	return json.Unmarshal([]byte(parameters), &doc) != nil || literalsIn("", doc)
}

// literalsIn looks into what a member of a name is, at any depth.
func literalsIn(name string, v any) bool {
	switch v := v.(type) {
	case string:
		return strings.HasSuffix(name, "xpression") && v != "" && !madeOf(v, isExpression)
	case []any:
		for _, e := range v {
			if literalsIn("", e) {
				return true
			}
		}
	case map[string]any:
		for name, e := range v {
			if literalsIn(name, e) {
				return true
			}
		}
	}
	return false
}

// isExpression reports what expressions are made of: names may be of any script.
func isExpression(c byte) bool {
	return isCondition(c) || c >= 0x80 || strings.IndexByte("[]+\r", c) >= 0
}
