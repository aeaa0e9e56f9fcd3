package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
)

// Quarantined is a record that could not be understood, as it stood in its object.
// Empty text is NULL; what is not UTF-8 is stored with the replacement character.
type Quarantined struct {
	SourceObject string `parquet:"source_object"`
	SourceIndex  int32  `parquet:"source_index"` // position of the record in its object, from 0
	Reason       string `parquet:"reason,optional"`
	Raw          string `parquet:"raw,optional"`
}

// Quarantine returns the quarantined records of one day, sorted by all columns in
// their order; none when the day has no file. Day "" is records of no known day.
func (l *Lake) Quarantine(ctx context.Context, day string) ([]Quarantined, error) {
	return quarantineTable.read(ctx, l, day)
}

// QuarantineDays lists the days that have quarantined records, in order; "" last.
func (l *Lake) QuarantineDays(ctx context.Context) ([]string, error) {
	return quarantineTable.days(ctx, l)
}

// MergeQuarantine adds rows to the quarantine of one day, which is a set: equal rows
// are one, and a day that had them all is not written.
func (l *Lake) MergeQuarantine(ctx context.Context, day string, rows []Quarantined) error {
	news := make([]Quarantined, len(rows))
	for i, r := range rows {
		if r.SourceObject == "" || r.SourceIndex < 0 {
			return fmt.Errorf("quarantined record %d of object %q is of no object", r.SourceIndex, r.SourceObject)
		}
		news[i] = Quarantined{text(r.SourceObject), r.SourceIndex, text(r.Reason), text(r.Raw)}
	}
	news = sorted(news, compareQuarantined)
	_, err := quarantineTable.merge(ctx, l, day, func(present *cursor[Quarantined, Quarantined], emit func(Quarantined) error) error {
		return mergeSorted(present, news, compareQuarantined, emit)
	})
	return err
}

var quarantineTable = table[Quarantined, Quarantined]{
	dir:    quarantineDir,
	encode: func(q Quarantined) Quarantined { return q },
	decode: func(q Quarantined) Quarantined { return q },
	weigh:  func(q *Quarantined) int { return len(q.SourceObject) + len(q.Reason) + len(q.Raw) },
	check: func(rows []Quarantined) error {
		for _, r := range rows {
			if r.SourceObject == "" || r.SourceIndex < 0 {
				return errors.New("a record of no object")
			}
		}
		return inOrder(rows, compareQuarantined)
	},
	hint: func(string) string {
		return "move this file out of the lake; its records come back when their objects are read again, " +
			"which \"keytrail ingest SOURCE --lake LAKE\" does for every delivery day whose ledger file is moved out too"
	},
}

func compareQuarantined(a, b Quarantined) int {
	return cmp.Or(
		cmp.Compare(a.SourceObject, b.SourceObject),
		cmp.Compare(a.SourceIndex, b.SourceIndex),
		cmp.Compare(a.Reason, b.Reason),
		cmp.Compare(a.Raw, b.Raw),
	)
}

// RewriteQuarantine has edit change the text of the records of one day. A day that
// stays the same is not written.
func (l *Lake) RewriteQuarantine(ctx context.Context, day string, edit func(*Quarantined)) error {
	return quarantineTable.update(ctx, l, day, func(present []Quarantined) []Quarantined {
		for i := range present {
			edit(&present[i])
		}
		return sorted(present, compareQuarantined)
	})
}
