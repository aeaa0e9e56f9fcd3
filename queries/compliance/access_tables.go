package compliance

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// maxTables bounds the tables that are told apart: names in denied calls may be anything.
const maxTables = 20_000

// noTable and others are what stands in place of a table's name.
const (
	noTable = "no table"
	others  = "others"
)

// reached is a table that was touched.
type reached struct {
	tableKey
	label       string
	care        policy.Table
	touches     int64
	calls       int64
	first, last int64
}

func (t *reached) add(e *detect.Event) {
	if t.touches == 0 || e.EventTime < t.first {
		t.first = e.EventTime
	}
	t.last = max(t.last, e.EventTime)
	t.touches++
}

// tableKey is a table's ARN and name; either may be empty.
type tableKey struct{ arn, name string }

// tableIndex gives tables numbers. Number 0 is for those that are not told apart.
type tableIndex struct {
	list []*reached
	of   map[tableKey]int32
	last int32
	full bool
}

func newTableIndex() tableIndex {
	return tableIndex{list: []*reached{{label: others}}, of: map[tableKey]int32{}}
}

// number is a touch's table. Rows of one table stand together, so the last one is tried
// first.
func (x *tableIndex) number(e *detect.Event) int32 {
	key := tableKey{e.TableARN, e.TableName}
	if x.last > 0 && x.list[x.last].tableKey == key {
		return x.last
	}
	n, known := x.of[key]
	switch {
	case known:
	case len(x.list) > maxTables:
		x.full = true
		return 0
	default:
		n = int32(len(x.list))
		key = tableKey{strings.Clone(key.arn), strings.Clone(key.name)}
		t := &reached{tableKey: key, label: cmp.Or(key.name, nameIn(key.arn), noTable), care: e.Table}
		x.list, x.of[key] = append(x.list, t), n
	}
	x.last = n
	return n
}

// nameIn is a table's name as its ARN has it.
func nameIn(arn string) string {
	table, _ := schema.ParseTableARN(arn)
	return table.Table
}

// sorted are the numbers of the tables that were touched, those that need the most care
// first, then the busiest; what is of no table comes last.
func (x *tableIndex) sorted() (numbers []int32) {
	for n, t := range x.list {
		if t.touches > 0 {
			numbers = append(numbers, int32(n))
		}
	}
	slices.SortFunc(numbers, x.compare)
	return numbers
}

func (x *tableIndex) compare(a, b int32) int {
	s, t := x.list[a], x.list[b]
	return cmp.Or(cmp.Compare(s.rank(), t.rank()), cmp.Compare(t.touches, s.touches), cmp.Compare(s.label, t.label), cmp.Compare(s.arn, t.arn))
}

// rank is less for tables that need more care.
func (t *reached) rank() int {
	switch {
	case t.tableKey == tableKey{}:
		return 2 + len(policy.Classes)
	case t.care.Protected:
		return 0
	}
	return 1 + len(policy.Classes) - (1 + slices.Index(policy.Classes, t.care.Class))
}

// labels are names for plots: where several tables have one name, with Region and account.
func (x *tableIndex) labels(numbers []int32) map[int32]string {
	named := map[string]int{}
	for _, n := range numbers {
		named[x.list[n].label]++
	}
	all := map[int32]string{}
	for _, n := range numbers {
		all[n] = x.list[n].label
		if arn, ok := schema.ParseTableARN(x.list[n].arn); ok && named[all[n]] > 1 {
			all[n] += " (" + arn.Region + ", " + arn.Account + ")"
		}
	}
	return all
}

// careful reports whether the policy says that a table needs care.
func (t *reached) careful() bool { return t.care.Protected || t.care.AtLeast("confidential") }
