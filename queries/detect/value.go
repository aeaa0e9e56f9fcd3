package detect

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Value is a part of a record's JSON. Names are found whatever their case, since
// services do not agree on it. What is not there is the zero Value, of which everything
// may be asked: no detection takes a missing field for a false one unawares.
type Value struct{ v any }

// object is JSON text that is parsed when somebody asks.
type object struct {
	v      any
	parsed bool
}

func (o *object) of(text string) Value {
	if !o.parsed {
		o.parsed = true
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if text == "" || d.Decode(&o.v) != nil {
			o.v = nil
		}
	}
	return Value{o.v}
}

// At goes down by names: At("pointInTimeRecoverySpecification", "recoveryPeriodInDays").
func (v Value) At(path ...string) Value {
	for _, name := range path {
		members, _ := v.v.(map[string]any)
		found, ok := members[name]
		if !ok {
			least := "" // of several the least, so that the order of a map does not matter
			for n, m := range members {
				if strings.EqualFold(n, name) && (!ok || n < least) {
					found, ok, least = m, true, n
				}
			}
		}
		if !ok {
			return Value{}
		}
		v = Value{found}
	}
	return v
}

// Is there anything?
func (v Value) Exists() bool { return v.v != nil }

// Text is a string, or a number or truth value as text; empty for anything else.
func (v Value) Text() string {
	switch x := v.v.(type) {
	case string:
		return x
	case json.Number:
		return x.String()
	case bool:
		return strconv.FormatBool(x)
	}
	return ""
}

// Bool is a truth value, as such or as text; known is false when it is neither.
func (v Value) Bool() (is, known bool) {
	switch strings.ToLower(v.Text()) {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}

// Number is a number, as such or as text.
func (v Value) Number() (n float64, known bool) {
	n, err := strconv.ParseFloat(v.Text(), 64)
	return n, err == nil
}

// List is the items of a list, none of anything else.
func (v Value) List() []Value {
	items, _ := v.v.([]any)
	all := make([]Value, len(items))
	for i, item := range items {
		all[i] = Value{item}
	}
	return all
}

// Names are an object's names.
func (v Value) Names() []string {
	members, _ := v.v.(map[string]any)
	all := make([]string, 0, len(members))
	for n := range members {
		all = append(all, n)
	}
	return all
}
