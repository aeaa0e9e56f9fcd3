package schema

import "encoding/json"

// ItemKey is the canonical text of a primary key as a request names it: a JSON
// object whose members are sorted by name and whose values are all strings.
// values holds the values' texts in the order of their names.
//
// CloudTrail logs key values without their DynamoDB type, so a number and a
// string of the same digits are the same key here. A typed value ({"S":"a"}) is
// taken as the text in it. ok is false when raw is not an object with members.
func ItemKey(raw []byte) (key string, values []string, ok bool) {
	v, err := parseJSON(raw)
	if err != nil {
		return "", nil, false
	}
	object, isObject := v.(map[string]any)
	if !isObject || len(object) == 0 {
		return "", nil, false
	}
	text := []byte{'{'}
	for i, name := range sortedNames(object) {
		value := keyText(object[name])
		if i > 0 {
			text = append(text, ',')
		}
		text = AppendCanonicalString(text, name)
		text = append(text, ':')
		text = AppendCanonicalString(text, value)
		values = append(values, value)
	}
	return string(append(text, '}')), values, true
}

// keyText is the text of one key value.
func keyText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		if text, ok := typedText(v); ok {
			return text
		}
	}
	return string(appendCanonical(nil, v))
}

// typedText is the text in a value written the way the API writes it:
// {"S":"text"}, {"N":"1"} or {"B":"base64"}.
func typedText(object map[string]any) (string, bool) {
	if len(object) != 1 {
		return "", false
	}
	for name, v := range object {
		switch name {
		case "S", "N", "B", "s", "n", "b":
		default:
			return "", false
		}
		switch v := v.(type) {
		case string:
			return v, true
		case json.Number:
			return v.String(), true
		}
	}
	return "", false
}
