package personal

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// Calls on several tables: what one touch has of the request is about others' items, too.
var (
	batches    = []string{"BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems"}
	statements = []string{"BatchExecuteStatement", "ExecuteTransaction"}
)

func namesTables(event string) bool {
	return slices.Contains(batches, event) || slices.Contains(statements, event)
}

// modeOfAll is the strictest mode of the tables that a call on several names, and of all
// tables where they are not to be found out.
func (r *Rewriter) modeOfAll(t *schema.Touch) Mode {
	modes := &r.ring.pin.Modes
	var named tableNames
	if slices.Contains(statements, t.EventName) || !named.read(t) {
		return modes.Strictest()
	}
	mode := Plain
	for _, name := range named.names {
		mode = max(mode, modes.strictestFor(name))
	}
	return mode
}

// tableNames are the tables that a record names.
type tableNames struct {
	names   []string
	unnamed bool // there is a key of which nobody says what table it is in
}

// read finds the tables that parameters and resources name; false when they do not say
// which tables all of their keys are in.
func (n *tableNames) read(t *schema.Touch) bool {
	var doc map[string]any
	if t.RequestParameters != "" && json.Unmarshal([]byte(t.RequestParameters), &doc) != nil {
		return false
	}
	n.members(doc, false)
	var resources []map[string]any
	if t.Resources != "" && json.Unmarshal([]byte(t.Resources), &resources) != nil {
		return false
	}
	for _, resource := range resources {
		for _, v := range resource {
			text, _ := v.(string)
			if arn, ok := schema.ParseTableARN(text); ok && arn.ARN != "" {
				n.names = append(n.names, arn.ARN)
			}
		}
	}
	return len(n.names) > 0 && !n.unnamed
}

// members reads an object. Its keys are in a table that is known if it is named here or
// around here.
func (n *tableNames) members(doc map[string]any, known bool) {
	for name, v := range doc {
		if text, ok := v.(string); ok && strings.EqualFold(name, "tableName") {
			n.names, known = append(n.names, text), true
		}
	}
	for name, v := range doc {
		byTable, isMap := v.(map[string]any)
		switch {
		case isMap && strings.EqualFold(name, "requestItems"):
			for table, calls := range byTable {
				n.names = append(n.names, table)
				n.within(calls, true)
			}
			continue
		case !known && (strings.EqualFold(name, "key") || strings.EqualFold(name, "keys")):
			n.unnamed = true
		}
		n.within(v, known)
	}
}

func (n *tableNames) within(v any, known bool) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			n.within(e, known)
		}
	case map[string]any:
		n.members(v, known)
	}
}
