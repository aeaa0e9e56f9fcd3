package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/schema"
)

// commits is how many days of an account are written at a time.
const commits = 4

// commit balances the wave's accounts and writes what the run has to say beside
// the touches: quarantine, rollup, journal, and, last, the ledger. Whatever comes before
// the ledger is found to be there already when a crash makes the next run repeat
// it. Behind the ledger comes only its summary, which the next run mends.
func (w *wave) commit(ctx context.Context) error {
	if err := w.check(); err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(commits)
	for day, rows := range w.quarantine {
		g.Go(func() error {
			step(stepQuarantine)
			return w.Lake.MergeQuarantine(gctx, day, rows)
		})
	}
	for day, tables := range w.rollup {
		g.Go(func() error {
			step(stepRollup)
			return w.Lake.MergeRollup(gctx, day, tables)
		})
	}
	w.commitConfig(gctx, g)
	if err := g.Wait(); err != nil {
		return err
	}
	step(stepBeside)
	head, err := w.Lake.Record(ctx, time.Now(), w.journal, w.files)
	if err != nil {
		return err
	}
	w.journal = head.Number
	step(stepJournal)
	days, err := w.commitLedger(ctx)
	if err != nil {
		return err
	}
	step(stepCommitted)
	w.addToReport(head)
	if err := w.Lake.RecordCoverage(ctx, days); err != nil {
		return err
	}
	step(stepCovered)
	return nil
}

// commitLedger writes the ledger and returns the days as it leaves them.
func (w *wave) commitLedger(ctx context.Context) ([]lake.LedgerDay, error) {
	var mu sync.Mutex
	days := make([]lake.LedgerDay, 0, len(w.entries))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(commits)
	for day, entries := range w.entries {
		g.Go(func() error {
			step(stepLedger)
			merged, err := w.Lake.MergeLedgerDay(ctx, day, entries)
			if err != nil {
				return err
			}
			step(stepLedgerDone)
			mu.Lock()
			defer mu.Unlock()
			days = append(days, merged)
			return nil
		})
	}
	return days, g.Wait()
}

// addToReport adds a committed wave to the run's report.
func (w *wave) addToReport(head lake.Head) {
	w.run.mu.Lock()
	defer w.run.mu.Unlock()
	r := &w.report
	for _, entries := range w.entries {
		for i := range entries {
			r.addEntry(&entries[i])
		}
	}
	r.ObjectsListed = r.ObjectsKnown + r.ObjectsDone + r.ObjectsFailed + r.ObjectsSkipped + r.ObjectsArchived
	r.RowsAdded += w.merged.Out - w.merged.Present
	r.Duplicates += w.merged.Dropped
	r.Withheld += w.withheld
	r.Conflicts += w.merged.Conflicts
	r.PartitionsMerged += int64(len(w.partitions()))
	r.PartitionsReplaced += w.replaced
	r.SortedRunsSpilled += w.spilled
	r.Journal = head
	r.Seconds = time.Since(w.started).Seconds()
}

func (r *Report) addEntry(e *lake.Entry) {
	switch {
	case e.Status == lake.Done:
		r.ObjectsDone++
		r.StoredBytes += e.Size
		if e.Kind == string(object.KindConfig) {
			r.ConfigFiles++
			r.ConfigItems += e.InScope
		}
	case e.Status == lake.Failed:
		r.ObjectsFailed++
		r.addFailure(e)
	case e.Error != "":
		r.ObjectsArchived++
		r.addFailure(e)
	default:
		r.ObjectsSkipped++
		r.SkippedKinds[e.Kind]++
	}
	r.InflatedBytes += e.InflatedBytes
	r.Records += e.Records
	r.InScope += e.InScope
	r.OutOfScope += e.OutOfScope
	r.Quarantined += e.Quarantined
	r.Touches += e.Touches
}

func (r *Report) addFailure(e *lake.Entry) {
	if len(r.Failures) < maxFailures {
		r.Failures = append(r.Failures, Failure{Object: e.SourceObject, Error: e.Error})
	}
}

// addCounts adds one partition's merge to the wave.
func (w *wave) addCounts(p schema.Partition, m *merged) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.merged.Present += m.counts.Present
	w.merged.New += m.counts.New
	w.merged.Out += m.counts.Out
	w.merged.Dropped += m.counts.Dropped
	w.merged.Conflicts += m.counts.Conflicts
	w.written += m.written
	if m.replaces {
		w.replaced++
	}
	for i, n := range m.tally.live.rows {
		w.accounts.list[i].live += n
	}
	for _, c := range m.before {
		for i, n := range c.rows {
			w.accounts.list[i].before += n
		}
	}
	day := w.rollup[p.DayString()]
	if day == nil {
		day = map[string][]lake.Count{}
		w.rollup[p.DayString()] = day
	}
	counts := m.tally.counts()
	for i := range counts {
		c := &counts[i]
		for _, s := range []*string{&c.TableARN, &c.Actor, &c.Op, &c.Outcome} {
			*s = w.shared(*s)
		}
	}
	day[p.Table] = counts
}

// shared returns the same text for equal texts: thousands of partitions have the
// same few actors.
func (w *wave) shared(s string) string {
	one, ok := w.texts[s]
	if !ok {
		one, w.texts[s] = s, s
	}
	return one
}

// addFiles adds what a partition's files are after its merge, for the journal, with
// the objects of the wave that have rows in it.
func (w *wave) addFiles(m *merged, files []lake.Merged) {
	w.mu.Lock()
	defer w.mu.Unlock()
	objects := make([]string, 0, len(m.tally.live.rows))
	for i := range m.tally.live.rows {
		objects = append(objects, w.accounts.list[i].name)
	}
	slices.Sort(objects)
	for i := range files {
		files[i].SourceObjects = objects
	}
	w.files = append(w.files, files...)
}
