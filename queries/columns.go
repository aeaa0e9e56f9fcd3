package queries

import (
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// Columns are the columns that a question needs when its answer is written in a
// format, as positions in [schema.Columns]: those that rows are judged by and those
// that are shown.
func Columns(w Who, f Format) []int {
	var columns []int
	for i, c := range schema.Columns {
		if f != Table || shown[c.Name] || w.CouldHave && (i == colRequest || i == colAccount) || w.FollowRole && slices.Contains(lineageColumns, i) {
			columns = append(columns, i)
		}
	}
	return columns
}

// shown are the columns that a table is made of, the order of rows included. Where rows came
// from is not among them: it is in hardly any table, takes a tenth of the bytes, and would
// order only rows that differ in what no table shows.
var shown = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(`event_id touch_index touch_count event_time event_name op mutates outcome error_code
		table_arn recipient_account_id index_name item_key key_scope key_values attributes statement
		actor actor_name actor_kind user_name console source_ip user_agent vpc_endpoint_id`) {
		names[name] = true
	}
	return names
}()
