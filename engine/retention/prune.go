package retention

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// Done is what was removed.
type Done struct {
	*Plan
	Journal lake.Head `json:"journal"` // the journal's last entry
}

// removers is how many files are removed at a time.
const removers = 16

// Prune removes what was kept long enough, with the lake's lease held. operator, who does
// it, stands in the journal with the limit and its reason.
func Prune(ctx context.Context, e *engine.Engine, f *File, o Options, operator string) (*Done, error) {
	done := &Done{}
	err := e.Alone(ctx, func(ctx context.Context, _ *engine.Restating) (err error) {
		if done.Plan, err = Look(ctx, e.Lake, f, o); err != nil {
			return err
		}
		return done.prune(ctx, e.Lake, f, operator)
	})
	return done, err
}

func (d *Done) prune(ctx context.Context, l *lake.Lake, f *File, operator string) error {
	if err := d.order(ctx, l, f); err != nil {
		return fmt.Errorf("keep the days from coming back: %w", err)
	}
	if err := d.record(ctx, l, operator); err != nil {
		return fmt.Errorf("enter what goes in the journal: %w", err)
	}
	if err := d.remove(ctx, l); err != nil {
		return err
	}
	return d.check(ctx, l)
}

// order brings the lake's standing order up to date.
func (d *Done) order(ctx context.Context, l *lake.Lake, f *File) error {
	o, err := loadOrders(ctx, l)
	if err != nil {
		return err
	}
	before := o.etag
	changed := before == "" || !slices.Equal(o.holds, f.LegalHolds)
	o.holds = f.LegalHolds
	for i := range d.Tables {
		t := &d.Tables[i]
		joined := union(slices.Concat(o.tables[t.table], t.gone)...)
		if !slices.Equal(joined, o.tables[t.table]) {
			o.tables[t.table], changed = joined, true
		}
	}
	for _, b := range d.Beside {
		if b.Kind == lake.AgedQuarantine && b.Before > o.quarantine {
			o.quarantine, changed = b.Before, true
		}
	}
	if !changed {
		return nil
	}
	return o.save(ctx, l)
}

// record enters what goes in the journal: each limit with its tables is a commit.
func (d *Done) record(ctx context.Context, l *lake.Lake, operator string) (err error) {
	byLimit := map[string][]schema.Partition{}
	var limits []string
	for i := range d.Tables {
		t := &d.Tables[i]
		limit := fmt.Sprintf("after %d days: %s", t.Days, t.Reason)
		if len(t.parts) > 0 && byLimit[limit] == nil {
			limits = append(limits, limit)
		}
		byLimit[limit] = append(byLimit[limit], t.parts...)
	}
	for _, limit := range limits {
		cause := lake.Cause{Kind: lake.Retention, Request: limit, Operator: operator}
		if d.Journal, err = l.RecordRestated(ctx, time.Now(), cause, byLimit[limit], nil); err != nil {
			return err
		}
	}
	return nil
}

// remove removes the files.
func (d *Done) remove(ctx context.Context, l *lake.Lake) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(removers)
	for i := range d.Tables {
		for _, f := range d.Tables[i].files {
			g.Go(func() error { return l.RemoveTouches(ctx, f.Partition, f.Bucket) })
		}
	}
	for _, f := range d.aged {
		g.Go(func() error { return l.RemoveAged(ctx, f) })
	}
	return g.Wait()
}

// check lists what should be gone.
func (d *Done) check(ctx context.Context, l *lake.Lake) error {
	gone := map[schema.Partition]bool{}
	for i := range d.Tables {
		for _, p := range d.Tables[i].parts {
			gone[p] = true
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return l.TouchFiles(ctx, "", "", "", func(f lake.TouchFile) error {
		if gone[f.Partition] {
			return fmt.Errorf("%s was removed and is still listed: prune again, and find out who puts it back", f.Info.Key)
		}
		return nil
	})
}

// Prefixes are the folders in the lake of which files were removed.
func (p *Plan) Prefixes() (all []string) {
	for i := range p.Tables {
		for _, part := range p.Tables[i].parts {
			all = append(all, lake.PartitionPrefix(part))
		}
	}
	for _, f := range p.aged {
		all = append(all, f.Key)
	}
	return all
}
