package awsconfig

import (
	"bytes"
	"encoding/json"
	"errors"
)

// scalar is a text that some write as a number.
type scalar string

func (s *scalar) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*s = scalar(text)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(data, &n); err != nil {
		return errors.New("a text or a number is wanted")
	}
	*s = scalar(n)
	return nil
}

// embedded is JSON that may stand in a string.
type embedded []byte

// deepest is how often JSON may stand in a string of JSON.
const deepest = 3

func (e *embedded) UnmarshalJSON(data []byte) error {
	for range deepest {
		var text string
		if len(data) == 0 || data[0] != '"' || json.Unmarshal(data, &text) != nil {
			break
		}
		data = bytes.TrimSpace([]byte(text))
	}
	*e = bytes.Clone(data)
	return nil
}

// into fills v, unless there is nothing.
func (e embedded) into(v any) error {
	if len(e) == 0 || bytes.Equal(e, []byte("null")) {
		return nil
	}
	return json.Unmarshal(e, v)
}

// tags are an object, or a list of pairs; nil where an item does not say.
type tags map[string]string

func (t *tags) UnmarshalJSON(data []byte) error {
	var object map[string]string
	if json.Unmarshal(data, &object) == nil {
		*t = object
		return nil
	}
	var list []struct{ Key, Value string }
	if err := json.Unmarshal(data, &list); err != nil {
		return errors.New("tags are neither an object nor a list of keys and values")
	}
	*t = tags{}
	for _, one := range list {
		(*t)[one.Key] = one.Value
	}
	return nil
}

// text is the tags as canonical JSON: names sorted.
func (t tags) text() (string, error) {
	if t == nil {
		return "", nil
	}
	b, err := json.Marshal(map[string]string(t))
	return string(b), err
}
