package verify

import (
	"context"
	"errors"
	"slices"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
)

// checkLedger reads the ledger and the quarantine, one delivery day at a time.
func (c *check) checkLedger(ctx context.Context, found *listing) error {
	days := slices.Concat(found.ledger, found.quarantine)
	slices.Sort(days)
	for _, day := range slices.Compact(days) {
		if err := c.checkDelivery(ctx, day); err != nil {
			return err
		}
	}
	c.noteBehind()
	combine(&c.accounts)
	c.versions.sort()
	return nil
}

// checkDelivery checks the accounts of one delivery day.
func (c *check) checkDelivery(ctx context.Context, day string) error {
	d := &delivery{check: c, day: day, key: tableKey(ledgerDir, day), held: c.openHeld(ctx, day),
		areas: areaCount{areas: map[lake.Area]*lake.Counts{}}}
	defer d.held.stop()
	replay, err := c.lake.ReplayLedger(ctx, day, func(e lake.Entry) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		d.enter(&e)
		return d.held.err
	})
	if errors.Is(err, lake.ErrCorrupt) {
		// What it said of its objects is not known: their rows cannot be judged.
		c.blind, d.held.alone = true, true
		c.add(KindLedger, d.key, "%v", err)
		return d.held.finish()
	}
	if err != nil {
		return err
	}
	d.flush()
	c.compareCoverage(day, &d.areas)
	if !replay.Same {
		c.addBytes(KindLedger, d.key, replay.At, replay.Size)
	}
	return d.held.finish()
}

func (c *check) addBytes(kind Kind, key string, at, size int64) {
	c.add(kind, key, "its bytes are not those that keytrail writes for its rows (byte %d is the first of %d that differs)", at, size)
}

// delivery is one delivery day on its way into the accounts. Its entries come in
// order of their objects, and so do the records in quarantine.
type delivery struct {
	*check
	day, key string
	held     *held
	object   claim // of the object whose entries are coming
	areas    areaCount
}

// claim is what the ledger says of one object, over all its versions.
type claim struct {
	name    string // empty before the first
	touches int64  // of versions that are done; noneDone when none is
	undone  string // source of the last version that is not done
	open    bool   // there is one
	// least and most are how many records may be in quarantine: equal ones of several
	// versions are one.
	least, most int64
}

// enter takes an entry into the accounts.
func (d *delivery) enter(e *lake.Entry) {
	if object.ParseKey(e.SourceObject).Day != d.day && object.ParseKey(e.Source+e.SourceObject).Day != d.day {
		d.add(KindLedger, d.key, "%q was not delivered on that day", e.SourceObject)
	}
	if e.SourceObject != d.object.name {
		d.flush()
		d.object = claim{name: e.SourceObject, touches: noneDone}
	}
	d.Objects++
	d.areas.enter(e)
	d.noteConfig(e)
	if len(d.opts.Inputs) > 0 {
		d.versions.add(digestOf(e.Source, e.SourceObject), versionOf(e))
	}
	o := &d.object
	if e.Status != lake.Done {
		if o.open && o.undone == e.Source {
			d.add(KindLedger, d.key, "it has two versions of %q that are not done, and keytrail keeps the last alone", e.SourceObject)
		}
		o.open, o.undone = true, e.Source
		return
	}
	d.ObjectsDone++
	d.Touches += e.Touches
	o.touches = max(o.touches, 0) + e.Touches
	o.least, o.most = max(o.least, e.Quarantined), o.most+e.Quarantined
}

// flush ends the entries of an object.
func (d *delivery) flush() {
	if o := &d.object; o.name != "" {
		d.accounts.add(digestOf(o.name), account{o.touches, 0})
		d.held.compare(o)
	}
}
