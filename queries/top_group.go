package queries

import (
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// groupColumns are the columns that say which group a row belongs to.
func (c *counter) groupColumns() []int {
	var columns []int
	switch c.Subject {
	case TopKeys:
		columns = []int{colTableARN, colItemKey}
	case TopPartitionKeys:
		columns = []int{colTableARN, colScope, colItemKey, colKeyValues, topColumn.call}
	case TopActors:
		columns = []int{colActor}
	case TopTables:
		columns = []int{colTableARN}
	case TopOperations:
		columns = []int{colOp}
	case TopErrors:
		columns = []int{topColumn.code}
	case TopAgents:
		columns = []int{topColumn.agent}
	}
	if c.ByEvents {
		columns = append(columns, topColumn.event)
	}
	return columns
}

// group is what row i belongs to; its text is a view. ok is false when it belongs to
// nothing that is ranked.
func (c *counter) group(v *view, p schema.Partition, i int) (g groupKey, ok bool) {
	switch c.Subject {
	case TopActors:
		return groupKey{value: v.text(colActor, i)}, true
	case TopOperations:
		return groupKey{value: v.text(colOp, i)}, true
	case TopErrors:
		return groupKey{value: v.text(topColumn.code, i)}, true
	case TopAgents:
		return groupKey{value: shortAgent(v.text(topColumn.agent, i))}, true
	case TopTables:
		return groupKey{table: c.tables.of(p, v.text(colTableARN, i))}, true
	}
	key, arn := v.text(colItemKey, i), v.text(colTableARN, i)
	if last := &c.last; last.known && key != "" && last.key == key && last.arn == arn {
		return last.group, last.ok
	}
	table := c.tables.of(p, arn)
	if c.Subject == TopKeys {
		g, ok = groupKey{table, key}, key != ""
	} else {
		g.table = table
		g.value, ok = c.partitionValue(v, table, key, i)
	}
	c.last = rowGroup{true, arn, key, g, ok}
	return g, ok
}

// narrowed are conditions that all rows of the groups satisfy, to read little else.
func (c *counter) narrowed(groups []groupKey) []reader.Condition {
	columns := map[Subject]int{
		TopKeys: colItemKey, TopPartitionKeys: colKeyValues, TopActors: colActor, TopOperations: colOp, TopErrors: topColumn.code,
	}
	column, ok := columns[c.Subject]
	if !ok || c.filter.spelt != nil && c.ofKeys() {
		return nil // what is asked for stands in groups as asked, and not as in the lake
	}
	var values []string
	for _, g := range groups {
		if g.value == "" {
			return nil // which no condition finds
		}
		values = append(values, g.value)
	}
	return []reader.Condition{{Column: column, AnyOf: values}}
}
