package queries

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// Holdings is what a lake has, or the table asked for, to tell somebody who found
// nothing where to look.
type Holdings struct {
	tables   map[string]bool
	from, to int32
	any      bool
	// KeyNames are the members of the keys in the table asked for, where that is known.
	KeyNames []string
}

// HoldingsFor looks up what the answer to a question could have come from: the days
// of the table asked for, or all tables, where none was asked for or there is no such.
func HoldingsFor(ctx context.Context, l reader.Lake, w Who) (*Holdings, error) {
	var h Holdings
	add := func(file lake.TouchFile) error {
		h.Add(file.Partition)
		return nil
	}
	if f := newFilter(w); f.Table != "" {
		if err := l.TouchFiles(ctx, f.Table, "", "", add); err != nil || h.tables[f.Table] {
			return &h, err
		}
	}
	return &h, l.TouchFiles(ctx, "", "", "", add)
}

// Add notes a partition.
func (h *Holdings) Add(p schema.Partition) {
	if h.tables == nil {
		h.tables = map[string]bool{}
	}
	if p.Table != schema.NoTable {
		h.tables[p.Table] = true
	}
	if !h.any {
		h.from, h.to, h.any = p.Day, p.Day, true
	}
	h.from, h.to = min(h.from, p.Day), max(h.to, p.Day)
}

// Tables lists the tables, sorted.
func (h *Holdings) Tables() []string {
	names := make([]string, 0, len(h.tables))
	for name := range h.tables {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// listed is how many table names a hint lists before it counts the rest.
const listed = 12

// Hint says why a question may have found nothing: what the lake holds, and tables
// whose names look like the one asked for.
func (h *Holdings) Hint(w Who) string {
	if !h.any {
		return "nothing found: the lake holds no touches yet"
	}
	f := newFilter(w)
	names := h.Tables()
	var s strings.Builder
	if f.Table != "" && !h.tables[f.Table] {
		fmt.Fprintf(&s, "nothing found: the lake has no table %s.", Clean(f.Table))
		if alike := lookAlikes(f.Table, names); len(alike) > 0 {
			fmt.Fprintf(&s, " Did you mean %s?", strings.Join(alike, " or "))
		}
	} else {
		s.WriteString("nothing found: no touch matches all the conditions.")
		h.keyHint(&s, &w)
	}
	if len(names) == 1 && names[0] == f.Table {
		fmt.Fprintf(&s, " Table %s has days %s to %s.", names[0], schema.DayString(h.from), schema.DayString(h.to))
		return s.String()
	}
	rest := ""
	if len(names) > listed {
		rest = fmt.Sprintf(" and %d more", len(names)-listed)
		names = names[:listed]
	}
	if len(names) > 0 {
		fmt.Fprintf(&s, " Tables here: %s%s;", strings.Join(names, ", "), rest)
	}
	fmt.Fprintf(&s, " days %s to %s.", schema.DayString(h.from), schema.DayString(h.to))
	return s.String()
}

// keyHint says what may be wrong with the key asked for.
func (h *Holdings) keyHint(s *strings.Builder, w *Who) {
	for _, m := range w.Key {
		if len(h.KeyNames) > 0 && !slices.Contains(h.KeyNames, m.Name) {
			fmt.Fprintf(s, " Keys of table %s have no member %s, but %s.", Clean(w.Table), Clean(m.Name), Clean(strings.Join(h.KeyNames, " and ")))
			return
		}
	}
	switch {
	case !w.ofItem():
	case !w.CouldHave:
		s.WriteString(" Values are whole, and in upper and lower case as logged. Calls that may have shown the item without naming it are listed with --could-have.")
	case w.Table == "":
		s.WriteString(" Without a table, --could-have looks only where the item was touched: name its table.")
	}
}

// errEnough ends a scan that has found what it looks for.
var errEnough = errors.New("enough")

// KeyNames are the names of the members of some item's key in the table asked for,
// sorted; none when no item of it was touched.
func KeyNames(ctx context.Context, l reader.Lake, w Who) ([]string, error) {
	f := newFilter(Who{Table: w.Table})
	q := f.query([]int{colItemKey})
	q.BatchRows, q.Parallel = 1, 1
	q.Where = append(q.Where,
		reader.Condition{Column: colScope, AnyOf: []string{schema.ScopeItem}},
		reader.Condition{Column: colOutcome, AnyOf: []string{schema.OutcomeOK}})
	var names []string
	_, err := reader.Scan(ctx, l, q, func(batch arrow.Record, _ schema.Partition) error {
		eachMember(newView(batch).text(colItemKey, 0), func(name, _ string) { names = append(names, unquote(name)) })
		return errEnough
	})
	if err != nil && err != errEnough {
		return nil, err
	}
	return names, nil
}

// lookAlikes are at most three names close to one that does not exist.
func lookAlikes(name string, names []string) []string {
	var alike []string
	asked := strings.ToLower(name)
	for _, n := range names {
		low := strings.ToLower(n)
		if len(asked) > 2 && (strings.Contains(low, asked) || strings.Contains(asked, low)) || distance(asked, low) <= 1+len(asked)/5 {
			alike = append(alike, n)
		}
	}
	slices.SortStableFunc(alike, func(a, b string) int {
		return distance(asked, strings.ToLower(a)) - distance(asked, strings.ToLower(b))
	})
	return alike[:min(3, len(alike))]
}

// distance is how many letters one must insert, delete or replace to get from a
// to b. Table names have at most 255 letters; longer text is cut there.
func distance(a, b string) int {
	a, b = a[:min(len(a), 255)], b[:min(len(b), 255)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
