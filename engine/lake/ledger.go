package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// Ledger returns the entries of one delivery day, sorted by (SourceObject, Source,
// ETag); none when the day has no file. Day "" holds the objects whose names tell
// no delivery day.
func (l *Lake) Ledger(ctx context.Context, day string) ([]Entry, error) {
	return ledgerTable.read(ctx, l, day)
}

// EachLedgerEntry calls fn for the entries of one delivery day in the order of
// [Lake.Ledger], which holds them all in memory where this holds a few. It stops at
// fn's first error and returns it unchanged.
func (l *Lake) EachLedgerEntry(ctx context.Context, day string, fn func(Entry) error) error {
	return ledgerTable.each(ctx, l, day, fn)
}

// LedgerDays lists the delivery days that have a ledger, in order; "" comes last.
func (l *Lake) LedgerDays(ctx context.Context) ([]string, error) {
	return ledgerTable.days(ctx, l)
}

// MergeLedger puts entries into the ledger of one delivery day. An entry takes the
// place of the row with the same (Source, SourceObject, ETag), and of every row of
// the same object that is not done. Rows of other versions that are done stay:
// their touches are in the lake. So does a done row when the entry for the same
// version is not done: what has been read to its end was readable.
//
// An entry's Attempts counts the tries it stands for, none meaning one; the row it
// leaves counts those of the rows it replaced too. An entry that says what the
// ledger says already changes nothing, except that a failure counts as one more try.
//
// The verdict of the digests belongs to the version: an entry without one keeps what
// the ledger has, and one that differs in its verdict alone is no new attempt.
//
// Entries that do not balance are refused before anything is written. The result
// does not depend on the order of entries, and a ledger that changes meanwhile is
// merged with again. The memory it takes depends on entries and not on the ledger.
func (l *Lake) MergeLedger(ctx context.Context, day string, entries []Entry) error {
	_, err := l.MergeLedgerDay(ctx, day, entries)
	return err
}

// LedgerDay is the ledger of one delivery day as it was left, in numbers, for
// [Lake.RecordCoverage].
type LedgerDay struct {
	day     DeliveryDay
	version string // of the file counted, empty when there is none
}

// MergeLedgerDay is [Lake.MergeLedger], and counts what it leaves.
func (l *Lake) MergeLedgerDay(ctx context.Context, day string, entries []Entry) (LedgerDay, error) {
	all, news := make([]Entry, len(entries)), make([]*Entry, len(entries))
	for i := range entries {
		e := &entries[i]
		if e.SourceObject == "" {
			return LedgerDay{}, errors.New("ledger entry without a source object")
		}
		if err := e.Balanced(); err != nil {
			return LedgerDay{}, err
		}
		all[i] = e.normal()
		news[i] = &all[i]
	}
	slices.SortFunc(news, compareNews)
	var count *dayCounter // of the try that came last
	version, err := ledgerTable.merge(ctx, l, day, func(present *cursor[Entry, entryRow], emit func(Entry) error) error {
		count = newDayCounter(day)
		return mergeEntries(present, news, func(e Entry) error {
			count.add(&e)
			return emit(e)
		})
	})
	if err != nil {
		return LedgerDay{}, err
	}
	return LedgerDay{count.finish(), version}, nil
}

var ledgerTable = table[Entry, entryRow]{
	dir:    ledgerDir,
	encode: Entry.row,
	decode: entryRow.entry,
	check: func(rows []Entry) error {
		for i := range rows {
			if rows[i].SourceObject == "" {
				return fmt.Errorf("row %d names no source object", i)
			}
			if err := rows[i].Balanced(); err != nil {
				return fmt.Errorf("row %d: %w", i, err)
			}
		}
		return inOrder(rows, compareEntries)
	},
	hint: func(day string) string {
		days := " --from " + day + " --to " + day
		if day == "" {
			days = ""
		}
		return "move this file out of the lake, then run \"keytrail ingest SOURCE --lake LAKE" + days +
			"\" for every source of the lake: it reads the objects of that delivery day again and writes their ledger anew; the touches stay as they are"
	},
}

// mergeEntries merges sorted news with the sorted ledger, object by object.
func mergeEntries(present *cursor[Entry, entryRow], news []*Entry, emit func(Entry) error) error {
	var rows []Entry
	for len(news) > 0 {
		rows = rows[:0]
		for {
			row, err := present.peek()
			if err != nil {
				return err
			}
			if row == nil {
				break
			}
			order := compareObjects(row, news[0])
			if order > 0 {
				break
			}
			if order == 0 {
				rows = append(rows, *row)
			} else if err := emit(*row); err != nil {
				return err
			}
			present.take()
		}
		n := sameObject(news)
		for _, e := range news[:n] {
			rows = mergeEntry(rows, *e)
		}
		slices.SortFunc(rows, compareEntries)
		for _, e := range rows {
			if err := emit(e); err != nil {
				return err
			}
		}
		news = news[n:]
	}
	return present.each(emit)
}

// sameObject counts the leading entries that are versions of the first's object.
func sameObject(entries []*Entry) int {
	n := 1
	for n < len(entries) && compareObjects(entries[n], entries[0]) == 0 {
		n++
	}
	return n
}

// mergeEntry merges e into the rows of its object, which it may overwrite.
func mergeEntry(rows []Entry, e Entry) []Entry {
	e.Attempts = max(e.Attempts, 1)
	var before int64
	for i, r := range rows {
		if r.ETag == e.ETag {
			e.DigestVerdict = cmp.Or(e.DigestVerdict, r.DigestVerdict)
			said := e
			said.Attempts = r.Attempts
			ruled := r
			ruled.DigestVerdict = e.DigestVerdict
			if r.Status == Done && e.Status != Done || ruled == said && (e.Status != Failed || r != ruled) {
				rows[i] = ruled
				return rows
			}
		}
		if r.ETag == e.ETag || r.Status != Done {
			before = max(before, r.Attempts)
		}
	}
	rows = slices.DeleteFunc(rows, func(r Entry) bool { return r.ETag == e.ETag || r.Status != Done })
	e.Attempts += before
	return append(rows, e)
}

func compareObjects(a, b *Entry) int {
	if c := cmp.Compare(a.SourceObject, b.SourceObject); c != 0 {
		return c
	}
	return cmp.Compare(a.Source, b.Source)
}

// compareEntries is the order of the ledger, in which no two rows are equal.
func compareEntries(a, b Entry) int {
	return cmp.Or(compareObjects(&a, &b), cmp.Compare(a.ETag, b.ETag))
}

// compareNews is the order in which one call's entries are merged: per object the
// latest version last, and success after failure. The rest only makes it total.
func compareNews(a, b *Entry) int {
	if c := compareObjects(a, b); c != 0 {
		return c // as nearly always
	}
	return cmp.Or(
		a.LastModified.Compare(b.LastModified),
		cmp.Compare(rank(a.Status), rank(b.Status)),
		cmp.Compare(a.ETag, b.ETag),
		cmp.Compare(a.Records, b.Records),
		cmp.Compare(a.InScope, b.InScope),
		cmp.Compare(a.OutOfScope, b.OutOfScope),
		cmp.Compare(a.Touches, b.Touches),
		cmp.Compare(a.Size, b.Size),
		cmp.Compare(a.InflatedBytes, b.InflatedBytes),
		cmp.Compare(a.SHA256, b.SHA256),
		cmp.Compare(a.AccountID, b.AccountID),
		cmp.Compare(a.AWSRegion, b.AWSRegion),
		cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Error, b.Error),
		cmp.Compare(a.Attempts, b.Attempts),
		cmp.Compare(a.DigestVerdict, b.DigestVerdict),
		a.FirstEventTime.Compare(b.FirstEventTime),
		a.LastEventTime.Compare(b.LastEventTime),
	)
}

func rank(status string) int { return slices.Index([]string{Failed, Skipped, Done}, status) }
