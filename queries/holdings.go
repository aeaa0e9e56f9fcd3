package queries

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
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
	newest   lake.TouchFile // the newest day's first file
	// KeyNames are the members of the keys in the table asked for, where that is known.
	KeyNames []string
}

// HoldingsFor looks up what the answer to a question could have come from: the days
// of the table asked for, or all tables, where none was asked for or there is no such.
func HoldingsFor(ctx context.Context, l reader.Lake, w Who) (*Holdings, error) {
	return holdingsFor(ctx, l, w, nil)
}

// Holdings is [HoldingsFor] the answer's question. What was listed for the answer is not
// listed again.
func (a *Answer) Holdings(ctx context.Context, l reader.Lake) (*Holdings, error) {
	return holdingsFor(ctx, l, a.Question, a.listed)
}

// holdingsFor takes what is known of tables, by name, from those listed before.
func holdingsFor(ctx context.Context, l reader.Lake, w Who, listed map[string]*Holdings) (*Holdings, error) {
	list := func(table string) (*Holdings, error) {
		if h := listed[table]; h != nil {
			return h, nil
		}
		n := noting{Lake: l, whole: map[string]*Holdings{}}
		err := n.TouchFiles(ctx, table, "", "", func(lake.TouchFile) error { return nil })
		return n.whole[table], err
	}
	if f := newFilter(w); f.Table != "" {
		if h, err := list(f.Table); err != nil || h.tables[f.Table] {
			return h, err
		}
	}
	return list("")
}

// noting is a lake that notes what each table has while it is listed.
type noting struct {
	reader.Lake
	whole map[string]*Holdings // by table, those that were listed to their end
}

func (n *noting) TouchFiles(ctx context.Context, table, fromDay, toDay string, fn func(lake.TouchFile) error) error {
	var h Holdings
	err := n.Lake.TouchFiles(ctx, table, fromDay, toDay, func(f lake.TouchFile) error {
		h.add(f)
		return fn(f)
	})
	if err == nil && fromDay == "" && toDay == "" {
		n.whole[table] = &h
	}
	return err
}

// add notes a file.
func (h *Holdings) add(f lake.TouchFile) {
	h.Add(f.Partition)
	if h.newest.Info.Key == "" || f.Partition.Day > h.newest.Partition.Day {
		h.newest = f
	}
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

// FindKeyNames finds [Holdings.KeyNames] in the table's newest file, and else in whichever
// has the key of an item.
func (h *Holdings) FindKeyNames(ctx context.Context, l reader.Lake, table string) (err error) {
	f := newFilter(Who{Table: table})
	if !h.tables[f.Table] {
		return nil // the newest file is of another
	}
	if h.KeyNames, err = keyNames(ctx, onlyFile{l, h.newest}, &f); err == nil && h.KeyNames == nil {
		h.KeyNames, err = keyNames(ctx, l, &f)
	}
	return err
}

// onlyFile is a lake of one file.
type onlyFile struct {
	reader.Lake
	file lake.TouchFile
}

func (o onlyFile) TouchFiles(_ context.Context, _, _, _ string, fn func(lake.TouchFile) error) error {
	return fn(o.file)
}

// keyNames are the names of the members of some item's key in a table, sorted; none
// when no item of it was touched.
func keyNames(ctx context.Context, l reader.Lake, f *filter) (names []string, err error) {
	q := f.query([]int{colItemKey})
	q.BatchRows, q.BufferBytes, q.Parallel = 1, 1, 1 // the first row is to come before the others are read
	q.Where = append(q.Where,
		reader.Condition{Column: colScope, AnyOf: []string{schema.ScopeItem}},
		reader.Condition{Column: colOutcome, AnyOf: []string{schema.OutcomeOK}})
	_, err = reader.Scan(ctx, l, q, func(batch arrow.Record, _ schema.Partition) error {
		eachMember(newView(batch).text(colItemKey, 0), func(name, _ string) { names = append(names, unquote(name)) })
		return errEnough
	})
	if err == errEnough {
		err = nil
	}
	return names, err
}

// lookAlikes are at most three names close to one that does not exist.
func lookAlikes(name string, names []string) []string {
	var alike []string
	asked := strings.ToLower(name[:min(len(name), 255)]) // no table's name is longer
	for _, n := range names {
		low := strings.ToLower(n)
		if len(asked) > 2 && (strings.Contains(low, asked) || strings.Contains(asked, low)) || levenshtein.ComputeDistance(asked, low) <= 1+len(asked)/5 {
			alike = append(alike, n)
		}
	}
	slices.SortStableFunc(alike, func(a, b string) int {
		return levenshtein.ComputeDistance(asked, strings.ToLower(a)) - levenshtein.ComputeDistance(asked, strings.ToLower(b))
	})
	return alike[:min(3, len(alike))]
}
