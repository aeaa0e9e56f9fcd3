package readiness

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/schema"
)

// Seen is a table that a lake has touches of.
type Seen struct {
	ARN         string
	Read, Wrote string // last day of calls on items, YYYY-MM-DD; empty: none of late
}

// Lake is what [Look] asks of a lake.
type Lake interface {
	RollupDays(context.Context) ([]string, error)
	EachCount(ctx context.Context, days []string, fn func(day int, counts []lake.Count) error) error
}

// lookBack is how many of the lake's last days are looked at.
const lookBack = 30

// Look lists the tables of a lake's last days by ARN, and when calls on their items were
// seen last. It is not nil.
func Look(ctx context.Context, l Lake) ([]Seen, error) {
	days, err := l.RollupDays(ctx)
	if err != nil || len(days) == 0 {
		return []Seen{}, err
	}
	days = days[max(0, len(days)-lookBack):]
	tables := map[string]*Seen{}
	err = l.EachCount(ctx, days, func(day int, counts []lake.Count) error {
		for i := range counts {
			c := &counts[i]
			if _, ok := schema.ParseTableARN(c.TableARN); !ok || c.Outcome != schema.OutcomeOK {
				continue // what failed may have named a table that is not there
			}
			s := tables[c.TableARN]
			if s == nil {
				s = &Seen{ARN: c.TableARN}
				tables[c.TableARN] = s
			}
			switch c.Op {
			case schema.OpReadPoint, schema.OpReadRange:
				s.Read = days[day]
			case schema.OpWriteItem, schema.OpDeleteItem:
				s.Wrote = days[day]
			}
		}
		return nil
	})
	all := make([]Seen, 0, len(tables))
	for _, arn := range slices.Sorted(maps.Keys(tables)) {
		all = append(all, *tables[arn])
	}
	return all, err
}

// arrives compares what the lake has with what the selectors pick.
func (f *facts) arrives(seen []Seen) []Result {
	stopped := Result{ID: "LAK-01", Title: "What arrived will go on arriving", Severity: schema.SeverityHigh, About: "lake",
		Hides: "calls on items of these tables from now on, though those before are in the lake: a silence that looks like peace",
		Mend:  "add the tables to a selector again; who took them out: DDB-AUD-002, or keytrail who --op AUDIT"}
	silent := Result{ID: "LAK-02", Title: "What is logged arrives", Severity: schema.SeverityLow, About: "lake",
		Hides: "calls on items of these tables, unless there were none: a selector, a delivery or an ingest may be amiss",
		Mend:  "look at the bucket, and at keytrail verify; a table that nobody uses looks the same"}
	var gone, none []string
	for i := range seen {
		s := &seen[i]
		reads, writes := f.coverage.Of(s.ARN, detect.DataReads), f.coverage.Of(s.ARN, detect.DataWrites)
		if !f.asked(s.ARN) {
			continue // the trails that log it may be others
		}
		if s.Read != "" && reads == detect.LoggedNo || s.Wrote != "" && writes == detect.LoggedNo {
			gone = append(gone, fmt.Sprintf("%s, last on %s", short(s.ARN), max(s.Read, s.Wrote)))
		}
		if s.Read == "" && s.Wrote == "" && min(reads, writes) == detect.LoggedYes {
			none = append(none, short(s.ARN))
		}
	}
	stopped.Status, stopped.Found = yes(len(gone) == 0, fmt.Sprintf("of %d tables in the lake, none has lost its selector", len(seen)), listed(gone, "no selector picks any more: ", ""))
	silent.Status, silent.Found = yes(len(none) == 0, "no table that is logged is silent", listed(none, fmt.Sprintf("no calls on items in the lake's last %d days: ", lookBack), ""))
	if len(seen) == 0 {
		silent.Status, silent.Found = Unknown, "the lake has no table yet"
	}
	return []Result{stopped, silent}
}
