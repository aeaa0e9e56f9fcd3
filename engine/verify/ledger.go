package verify

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
)

// account is what is known of one object, over all its versions.
type account struct {
	versions int   // in the ledger
	done     int   // of those, read to their end
	touches  int64 // that they gave
	live     int64 // rows in the touches
}

// stored is one version of an object in the ledger.
type stored struct {
	etag   string
	size   int64
	status string
	err    string
}

// checkLedger reads the ledger and the quarantine, one delivery day at a time.
func (c *check) checkLedger(ctx context.Context, found *listing) error {
	days := slices.Concat(found.ledger, found.quarantine)
	slices.Sort(days)
	for _, day := range slices.Compact(days) {
		if err := c.checkDelivery(ctx, day); err != nil {
			return err
		}
	}
	return nil
}

// checkDelivery checks the accounts of one delivery day.
func (c *check) checkDelivery(ctx context.Context, day string) error {
	entries, err := c.lake.Ledger(ctx, day)
	if errors.Is(err, lake.ErrCorrupt) {
		// What it said of its objects is not known: their rows cannot be judged.
		c.blind = true
		c.add(KindLedger, tableKey(ledgerDir, day), "%v", err)
		return nil
	}
	if err != nil {
		return err
	}
	quarantined := map[string]*allowance{}
	for i := range entries {
		c.enter(day, &entries[i], quarantined)
	}
	if err := c.checkQuarantine(ctx, day, quarantined); err != nil || len(entries) == 0 {
		return err
	}
	return c.sameBytes(ctx, KindLedger, tableKey(ledgerDir, day), func(l *lake.Lake) error {
		// Whatever is not done last: a version read to its end would replace it.
		isDone := func(e lake.Entry) bool { return e.Status == lake.Done }
		done := slices.DeleteFunc(slices.Clone(entries), func(e lake.Entry) bool { return !isDone(e) })
		rest := slices.DeleteFunc(slices.Clone(entries), isDone)
		return errors.Join(l.MergeLedger(ctx, day, done), l.MergeLedger(ctx, day, rest))
	})
}

// allowance is how many records an object's versions may have in quarantine.
type allowance struct{ least, most int64 }

// enter takes an entry into the accounts.
func (c *check) enter(day string, e *lake.Entry, quarantined map[string]*allowance) {
	if object.ParseKey(e.SourceObject).Day != day && object.ParseKey(e.Source+e.SourceObject).Day != day {
		c.add(KindLedger, tableKey(ledgerDir, day), "%q was not delivered on that day", e.SourceObject)
	}
	a := c.accounts[e.SourceObject]
	if a == nil {
		a = &account{}
		c.accounts[e.SourceObject] = a
	}
	a.versions++
	c.Objects++
	if len(c.opts.Inputs) > 0 {
		url := e.Source + e.SourceObject
		c.versions[url] = append(c.versions[url], stored{e.ETag, e.Size, e.Status, e.Error})
	}
	if e.Status != lake.Done {
		return
	}
	a.done++
	a.touches += e.Touches
	c.ObjectsDone++
	c.Touches += e.Touches
	q := quarantined[e.SourceObject]
	if q == nil {
		q = &allowance{}
		quarantined[e.SourceObject] = q
	}
	// Equal records of several versions are one.
	q.least, q.most = max(q.least, e.Quarantined), q.most+e.Quarantined
}

// checkQuarantine holds the records in quarantine against what the ledger says.
func (c *check) checkQuarantine(ctx context.Context, day string, want map[string]*allowance) error {
	key := tableKey(quarantineDir, day)
	rows, err := c.lake.Quarantine(ctx, day)
	if errors.Is(err, lake.ErrCorrupt) {
		c.add(KindQuarantine, key, "%v", err)
		return nil
	}
	if err != nil {
		return err
	}
	c.Quarantined += int64(len(rows))
	got := map[string]int64{}
	for i := range rows {
		got[rows[i].SourceObject]++
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		switch w := want[name]; {
		case w == nil:
			c.add(KindQuarantine, key, "%d records of %q, which the ledger of that day does not have as done", got[name], name)
		case got[name] > w.most:
			c.add(KindQuarantine, key, "%d records of %q, and the ledger says %d", got[name], name, w.most)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if w := want[name]; got[name] < w.least {
			c.add(KindQuarantine, key, "%d records of %q, and the ledger says %d", got[name], name, w.least)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return c.sameBytes(ctx, KindQuarantine, key, func(l *lake.Lake) error { return l.MergeQuarantine(ctx, day, rows) })
}

// balance holds the rows in the lake against what the ledger says objects gave.
func (c *check) balance() {
	for _, name := range slices.Sorted(maps.Keys(c.accounts)) {
		switch a := c.accounts[name]; {
		case a.live == 0:
		case a.done == 0 && (!c.blind || a.versions > 0):
			c.add(KindAccounts, name, "%d rows of an object that the ledger does not have as done", a.live)
		case a.done > 0 && a.live > a.touches && !c.blind:
			c.add(KindAccounts, name, "%d rows of an object that gave %d touches", a.live, a.touches)
		}
	}
	c.Duplicates = c.Touches - c.Rows
	if c.Duplicates < 0 && !c.blind {
		c.add(KindAccounts, "touches/", "%d rows, and all objects together gave %d touches", c.Rows, c.Touches)
	}
}
