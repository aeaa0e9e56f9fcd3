package personal

import (
	"encoding/json"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// policy is the text of a policy without the values that it compares leading keys with:
// those are keys of items. Variables stay: they are nobody's. A policy without any is not
// touched, and one that cannot be read is not kept.
func (d *documents) policy(text string) string {
	var doc any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	unread := decoder.Decode(&doc) != nil || decoder.More()
	changed := !unread && d.conditions(doc, false)
	switch {
	case changed:
		raw, err := json.Marshal(doc)
		if err != nil {
			return keptOut
		}
		canonical, err := schema.CanonicalJSON(raw)
		if err != nil {
			return keptOut
		}
		return string(canonical)
	case unread && strings.ContainsAny(text, "{%"), leads(text):
		return keptOut
	}
	return text
}

// leads reports whether a text speaks of leading keys.
func leads(text string) bool { return strings.Contains(strings.ToLower(text), "leadingkeys") }

// conditions rewrites the values of leading keys below v, and reports whether there were
// any.
func (d *documents) conditions(v any, leading bool) (changed bool) {
	each := func(e any, of bool, set func(string)) {
		if text, ok := leaf(e); ok && of {
			set(d.leadingKey(text))
			changed = true
		} else if d.conditions(e, of) {
			changed = true
		}
	}
	switch v := v.(type) {
	case map[string]any:
		for name, e := range v {
			each(e, leading || strings.EqualFold(name, "dynamodb:LeadingKeys"), func(s string) { v[name] = s })
		}
	case []any:
		for i, e := range v {
			each(e, leading, func(s string) { v[i] = s })
		}
	}
	return changed
}

// leaf is the text of a value that has no others in it.
func leaf(v any) (text string, ok bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	}
	return "", false
}

func (d *documents) leadingKey(value string) string {
	switch {
	case strings.HasPrefix(value, "${") && strings.HasSuffix(value, "}") && strings.Count(value, "$") == 1, value == "*":
		return value
	case d.tokens == nil:
		return keptOut
	}
	return d.tokens.token(value)
}
