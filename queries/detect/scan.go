package detect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// Lake is what judging asks of a lake: [lake.Lake] is one. Safe for concurrent use.
type Lake interface {
	reader.Lake
	Coverage(ctx context.Context) (lake.Coverage, error)
	LedgerDays(ctx context.Context) ([]string, error)
	EachLedgerEntry(ctx context.Context, day string, fn func(lake.Entry) error) error
	Quarantine(ctx context.Context, day string) ([]lake.Quarantined, error)
	Journal(ctx context.Context) ([]int64, error)
	Commit(ctx context.Context, number int64) (lake.Commit, error)
}

// JudgeOptions say what is judged, and by what.
type JudgeOptions struct {
	Day       string             // the event day, YYYY-MM-DD
	Policy    *policy.Policy     // nil: nobody is expected, no table has a class
	Settings  map[string]Setting // see [ParseSettings]
	History   History            // nil: nothing is known of the days before
	Catalogue []Detection        // nil: [Catalogue]
	// Judged are the days that were judged before, with the number of the journal's last
	// commit at that time. nil: nobody knows.
	Judged map[string]int64
	// Now is what time it is, which decides whether a log is late. Zero: the clock's.
	Now time.Time
	// Progress is called now and then with how many of the day's rows were judged.
	Progress func(rows, all int64)
}

// ErrChanging says that the day's rows changed while they were judged.
var ErrChanging = errors.New("the day changed while it was judged, by an ingest probably: judge it again")

// Judge judges one event day of a lake. It reads the day's rows once and raw JSON only
// where a detection may ask for it. Errors are those of reading, and [ErrChanging].
func Judge(ctx context.Context, l Lake, o JudgeOptions) (*Judgment, error) {
	day, err := schema.ParseDay(o.Day)
	if err != nil {
		return nil, fmt.Errorf("%q is no day (YYYY-MM-DD)", o.Day)
	}
	if o.History == nil {
		o.History = NoHistory{}
	}
	if o.Catalogue == nil {
		o.Catalogue = Catalogue
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	j := newJudging(day, o.Policy, o.History, o.Catalogue, o.Settings)
	j.run.clock, j.run.judged = o.Now.UTC(), o.Judged
	var read reader.Stats
	scans, all, err := planScans(ctx, l, o.Day, &read)
	if err != nil {
		return nil, fmt.Errorf("judge %s: %w", o.Day, err)
	}
	for _, q := range scans {
		stats, err := queries.EachTouch(ctx, l, q, func(t *schema.Touch, _ schema.Partition) error {
			j.touch(t)
			if o.Progress != nil && j.dayRows.rows%progressRows == 0 {
				o.Progress(j.dayRows.rows, all)
			}
			return nil
		})
		read.Add(stats)
		if err != nil {
			return nil, fmt.Errorf("judge %s: %w", o.Day, err)
		}
	}
	if j.dayRows.rows != all {
		return nil, fmt.Errorf("judge %s: %d rows became %d: %w", o.Day, all, j.dayRows.rows, ErrChanging)
	}
	if err := j.look(ctx, l); err != nil {
		return nil, fmt.Errorf("judge %s: %w", o.Day, err)
	}
	judgment := j.end()
	judgment.Read = read
	return judgment, nil
}

const progressRows = 1 << 16

// look has the watchers look at the lake that want to.
func (j *judging) look(ctx context.Context, l Lake) error {
	for i := range j.watchers {
		if w, ok := j.watchers[i].Watcher.(lakeWatcher); ok {
			j.enter(j.watchers[i].tally)
			if err := w.Look(ctx, l); err != nil {
				return fmt.Errorf("%s: %w", j.run.detection.ID, err)
			}
		}
	}
	return nil
}

// The columns that the scans are told apart by.
var (
	planeColumn = schema.ColumnIndex("plane")
	opColumn    = schema.ColumnIndex("op")
	scopeColumn = schema.ColumnIndex("key_scope")
)

// sorts are the kinds of rows of a day.
type sorts struct {
	planes, ops, scopes map[string]bool
	nulls               bool // a row lacks one of them, and no condition would find it
	rows                int64
}

// planScans cuts the day's rows into disjoint scans, of which few read raw JSON:
// everything but calls on items whole; Scans, and calls whose request was left out,
// with the request; other calls on items without. Which planes, classes and scopes there
// are the rows say, so that none is forgotten.
func planScans(ctx context.Context, l Lake, day string, read *reader.Stats) (scans []reader.Query, rows int64, err error) {
	s := sorts{planes: map[string]bool{}, ops: map[string]bool{}, scopes: map[string]bool{}}
	q := reader.Query{FromDay: day, ToDay: day, Columns: []int{planeColumn, opColumn, scopeColumn}}
	stats, err := reader.Scan(ctx, l, q, s.note)
	read.Add(stats)
	if err != nil {
		return nil, 0, err
	}
	all := reader.Query{FromDay: day, ToDay: day}
	if s.nulls {
		return []reader.Query{all}, s.rows, nil
	}
	only := func(columns []int, where ...reader.Condition) {
		for _, c := range where {
			if len(c.AnyOf) == 0 {
				return
			}
		}
		q := all
		q.Where, q.Columns = where, columns
		scans = append(scans, q)
	}
	data := reader.Condition{Column: planeColumn, AnyOf: []string{schema.PlaneData}}
	bulk := reader.Condition{Column: opColumn, AnyOf: []string{schema.OpReadBulk}}
	others := reader.Condition{Column: opColumn, AnyOf: but(s.ops, schema.OpReadBulk)}
	unknown := reader.Condition{Column: scopeColumn, AnyOf: []string{schema.ScopeUnknown}}
	known := reader.Condition{Column: scopeColumn, AnyOf: but(s.scopes, schema.ScopeUnknown)}
	only(nil, reader.Condition{Column: planeColumn, AnyOf: but(s.planes, schema.PlaneData)})
	if s.planes[schema.PlaneData] {
		only(withRequest, data, bulk)
		only(withRequest, data, others, unknown)
		only(withoutRaw, data, others, known)
	}
	return scans, s.rows, nil
}

func (s *sorts) note(rec arrow.Record, _ schema.Partition) error {
	s.rows += rec.NumRows()
	for i, seen := range []map[string]bool{s.planes, s.ops, s.scopes} {
		column, ok := rec.Column(i).(*array.String)
		if !ok {
			return fmt.Errorf("column %s is no text", rec.ColumnName(i))
		}
		last := ""
		for row := range column.Len() {
			if column.IsNull(row) {
				s.nulls = true
				continue
			}
			if v := column.Value(row); v != last || row == 0 {
				last = v
				if !seen[v] {
					seen[string([]byte(v))] = true
				}
			}
		}
	}
	return nil
}

// but are the texts seen, less one.
func but(seen map[string]bool, less string) (list []string) {
	for v := range seen {
		if v != less {
			list = append(list, v)
		}
	}
	slices.Sort(list)
	return list
}

// withRequest and withoutRaw are the columns that are read of calls on items.
var (
	withRequest = columnsBut("response_elements", "additional_event_data", "resources", "attributes")
	withoutRaw  = columnsBut("response_elements", "additional_event_data", "resources", "attributes", "request_parameters",
		"request_id", "read_only", "event_version", "event_category", "tls_version")
)

func columnsBut(names ...string) (list []int) {
	for i := range schema.Columns {
		if !slices.Contains(names, schema.Columns[i].Name) {
			list = append(list, i)
		}
	}
	return list
}
