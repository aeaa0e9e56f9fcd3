package cost

import (
	"encoding/json"
	"strings"
)

// selector is an advanced event selector, as put-event-selectors takes it.
type selector struct {
	Name           string
	FieldSelectors []field
}

// field is a condition of a selector.
type field struct {
	Field         string
	Equals        []string `json:",omitempty"`
	NotEquals     []string `json:",omitempty"`
	NotStartsWith []string `json:",omitempty"`
}

// narrowing is a choice of fewer data events.
type narrowing struct {
	tables  []field // conditions beside those for all events of tables
	streams []field // and of streams
	drop    bool    // no events of streams at all
}

// selectors are those of a trail that logs all management events, and of tables and
// streams what the narrowing leaves. Without the first of them nobody would see who
// changes tables.
func (n narrowing) selectors(streams bool) string {
	all := []selector{
		{"Management events", []field{equals("eventCategory", "Management")}},
		{"DynamoDB items", append([]field{equals("eventCategory", "Data"), equals("resources.type", "AWS::DynamoDB::Table")}, n.tables...)},
	}
	if streams && !n.drop {
		all = append(all, selector{"DynamoDB streams", append([]field{equals("eventCategory", "Data"), equals("resources.type", "AWS::DynamoDB::Stream")}, n.streams...)})
	}
	text, err := json.Marshal(all)
	if err != nil {
		return "" // texts have no way to fail
	}
	return string(text)
}

func equals(name, value string) field { return field{Field: name, Equals: []string{value}} }

// notCaller leaves out the calls of a role's sessions or of a user; ok is false for
// callers whose records have no ARN.
func notCaller(actor string) (f field, ok bool) {
	parts := strings.SplitN(actor, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "iam" {
		return field{}, false
	}
	kind, path, _ := strings.Cut(parts[5], "/")
	switch kind {
	case "role": // a session's ARN has the role's name, and no path
		name := path[strings.LastIndexByte(path, '/')+1:]
		return field{Field: "userIdentity.arn", NotStartsWith: []string{"arn:" + parts[1] + ":sts::" + parts[4] + ":assumed-role/" + name + "/"}}, name != ""
	case "user":
		return field{Field: "userIdentity.arn", NotEquals: []string{actor}}, true
	}
	return field{}, false
}
