package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/schema"
)

// Source is all that Lake asks of a place that objects were read from.
type Source interface {
	// List calls fn once per object under prefix, on the caller's goroutine. It stops
	// at fn's first error and returns that error unchanged.
	List(ctx context.Context, prefix string, fn func(object.Info) error) error
	// URL names the store, ending in "/".
	URL() string
}

// Input is a part of a source to compare the ledger with: everything under Prefix.
type Input struct {
	Source Source
	Prefix string // "" or ending in "/"
}

// Options say what to check beside the lake itself, and how.
type Options struct {
	Inputs []Input
	Jobs   int // partitions read at a time; default one per processor
}

// Lake checks the lake at s. An error means that something could not be read for
// reasons that are not the lake's; the report then covers what was checked before.
func Lake(ctx context.Context, s lake.Store, o Options) (*Report, error) {
	if o.Jobs < 1 {
		o.Jobs = runtime.GOMAXPROCS(0)
	}
	r := &Report{Lake: s.URL(), Notes: []string{}, Counts: map[Kind]int64{}, Findings: []Finding{}}
	l, err := lake.Open(ctx, s)
	if errors.Is(err, lake.ErrCorrupt) {
		r.add(KindFormat, formatKey, "%v", err)
		return r, nil
	}
	if err != nil {
		return r, err
	}
	c := &check{Report: r, opts: o, store: s, lake: l, strangers: newStrangers()}
	err = c.run(ctx)
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Where, b.Where), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.What, b.What))
	})
	return r, err
}

// check is one verification under way.
type check struct {
	*Report
	opts      Options
	store     lake.Store
	lake      *lake.Lake
	accounts  index[account]
	strangers strangers      // guarded by Report.mu while files are read
	versions  index[version] // with sources only
	blind     bool           // a day of the ledger could not be read
	journal   journal
	// quarantineFrom is the first delivery day whose records in quarantine are kept.
	quarantineFrom string
	coverage       coverage
	configs        map[digest]bool // files of AWS Config that are done
}

func (c *check) run(ctx context.Context) error {
	found, err := c.list(ctx)
	if err != nil {
		return err
	}
	if err := c.checkFormat(ctx); err != nil {
		return err
	}
	if err := c.readOrders(ctx); err != nil {
		return err
	}
	if err := c.noteLease(ctx, found.lease); err != nil {
		return err
	}
	if err := c.openCoverage(ctx, found); err != nil {
		return err
	}
	if err := c.checkLedger(ctx, found); err != nil {
		return err
	}
	if err := c.checkJournal(ctx, found); err != nil {
		return err
	}
	if err := c.checkTouches(ctx, found); err != nil {
		return err
	}
	if err := c.checkFindings(ctx, found); err != nil {
		return err
	}
	if err := c.checkConfig(ctx, found); err != nil {
		return err
	}
	c.checkGone(found)
	if err := c.balance(ctx, found); err != nil {
		return err
	}
	for _, in := range c.opts.Inputs {
		if err := c.compareSource(ctx, in); err != nil {
			return fmt.Errorf("compare with %s: %w", in.Source.URL()+in.Prefix, err)
		}
	}
	return c.settle(ctx, found)
}

// checkTouches reads the touches and the rollup, one event day at a time.
func (c *check) checkTouches(ctx context.Context, found *listing) error {
	days := map[string]map[string]map[int]object.Info{}
	for p, files := range found.touches {
		if days[p.DayString()] == nil {
			days[p.DayString()] = map[string]map[int]object.Info{}
		}
		days[p.DayString()][p.Table] = files
	}
	for _, day := range found.rollup {
		if days[day] == nil {
			days[day] = nil
		}
	}
	for _, day := range slices.Sorted(maps.Keys(days)) {
		if err := c.checkDay(ctx, day, days[day]); err != nil {
			return err
		}
	}
	return nil
}

// checkDay reads the partitions of one day side by side, then holds the rollup
// against what was counted.
func (c *check) checkDay(ctx context.Context, day string, tables map[string]map[int]object.Info) error {
	number, err := schema.ParseDay(day)
	if err != nil {
		return err
	}
	counted := newRecount()
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(c.opts.Jobs)
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		g.Go(func() error {
			p := schema.Partition{Table: table, Day: number}
			return c.checkPartition(gctx, p, tables[table], counted)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return c.checkRollup(ctx, day, counted)
}
