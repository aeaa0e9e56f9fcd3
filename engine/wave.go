package engine

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/keytrail/keytrail/engine/decode"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/partition"
	"github.com/keytrail/keytrail/schema"
)

// wave is a part of a run that is merged and committed together. Its methods
// may be called by several goroutines.
type wave struct {
	*run
	ended bool                // the list of objects has; set by fetch, read after it
	spare *semaphore.Weighted // processors that no merge uses; set by merge

	mu         sync.Mutex
	objects    int64
	bytes      int64
	runs       []partition.Run
	entries    map[string][]lake.Entry // ledger rows by delivery day
	quarantine map[string][]lake.Quarantined
	config     map[string][]schema.ConfigItem // by day of capture
	configTurn sync.Mutex                     // to read a file of AWS Config's
	kept       int64                          // bytes of records in quarantine, and of config
	accounts   *accounts                      // not added to once the merge has begun
	rollup     map[string]map[string][]lake.Count
	texts      map[string]string // of rollup, each once
	files      []lake.Merged     // of the partitions merged
	merged     partition.Counts
	written    int64 // rows, as counted by the files' writer
	replaced   int64
	withheld   int64 // touches that were kept out
	spilled    int64
}

func (r *run) newWave() *wave {
	return &wave{
		run: r, entries: map[string][]lake.Entry{}, quarantine: map[string][]lake.Quarantined{}, config: map[string][]schema.ConfigItem{},
		accounts: newAccounts(), rollup: map[string]map[string][]lake.Count{}, texts: map[string]string{},
	}
}

// close frees what the wave holds, memory and temporary files.
func (w *wave) close() error {
	var errs []error
	for _, r := range w.runs {
		errs = append(errs, r.Close())
	}
	w.runs = nil
	return errors.Join(errs...)
}

// full reports whether the wave should take no more objects.
func (w *wave) full() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.objects >= w.waveObjects() || w.bytes >= waveBytes || w.kept >= w.quarantineBytes()
}

// take counts an object of the list, and enters it if it is not to be read.
func (w *wave) take(obj planned) {
	if obj.skip != nil {
		w.enter(obj.key.Day, *obj.skip)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.objects++
	if obj.skip == nil {
		w.bytes += obj.Size
	}
	if a := w.accounts.of(obj.name); a.emitted == 0 {
		a.emitted, a.prior = obj.prior, obj.prior
	}
}

// enter adds a row to the ledger.
func (w *wave) enter(day string, e lake.Entry) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.entries[day] = append(w.entries[day], e)
	w.accounts.of(e.SourceObject).emitted += e.Touches
}

// done enters an object that was read to its end.
func (w *wave) done(p *planned, sum decode.Summary, inflated int64, sha string, bad []lake.Quarantined) {
	e := p.entry()
	e.Status, e.InflatedBytes, e.SHA256 = lake.Done, inflated, sha
	e.Records, e.InScope, e.OutOfScope, e.Quarantined, e.Touches = sum.Records, sum.InScope, sum.OutOfScope, sum.Quarantined, sum.Touches
	fillIn(&e, sum)
	if sum.InScope > 0 {
		e.FirstEventTime, e.LastEventTime = time.UnixMicro(sum.First).UTC(), time.UnixMicro(sum.Last).UTC()
	}
	var kept int64
	for i := range bad {
		bad[i].SourceObject = p.name
		kept += int64(len(bad[i].Raw)) + quarantineRow
	}
	w.enter(p.key.Day, e)
	w.mu.Lock()
	w.quarantine[p.key.Day] = append(w.quarantine[p.key.Day], bad...)
	w.kept += kept
	w.mu.Unlock()
}

// fillIn takes from the content what the name did not tell.
func fillIn(e *lake.Entry, sum decode.Summary) {
	if e.Kind == string(object.KindUnknown) {
		e.Kind = sum.Kind
	}
	if e.AccountID == "" {
		e.AccountID = sum.AccountID
	}
	if e.AWSRegion == "" {
		e.AWSRegion = sum.Region
	}
}

// foreign enters an object that was read and holds no CloudTrail records.
func (w *wave) foreign(p *planned, sum decode.Summary) {
	e := p.entry()
	e.Status = lake.Skipped
	fillIn(&e, sum)
	w.enter(p.key.Day, e)
}

// failed enters an object that could not be read to its end.
func (w *wave) failed(p *planned, cause error) {
	e := p.entry()
	e.Status, e.Error = lake.Failed, cause.Error()
	if errors.Is(cause, object.ErrArchived) {
		e.Status = lake.Skipped
	}
	w.enter(p.key.Day, e)
}

// keep adds a sorted run to what is to be merged.
func (w *wave) keep(r partition.Run, spilled bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.runs = append(w.runs, r)
	if spilled {
		w.spilled++
	}
}

// check holds the wave's two sides against each other before it is committed:
// what the decoder says it emitted against what the merges took in, and what
// they put out against what the files' writer wrote. They are counted by
// different code; a difference means that rows were lost or made.
func (w *wave) check() error {
	var touches int64
	for _, day := range w.entries {
		for i := range day {
			if err := day[i].Balanced(); err != nil {
				return err
			}
			touches += day[i].Touches
		}
	}
	if err := w.checkWithheld(touches); err != nil {
		return err
	}
	if w.merged.New+w.merged.Present != w.merged.Out+w.merged.Dropped || w.merged.Out != w.written {
		return fmt.Errorf("the accounts do not balance: %d new and %d present rows became %d and %d dropped; %d were written",
			w.merged.New, w.merged.Present, w.merged.Out, w.merged.Dropped, w.written)
	}
	return w.checkLive()
}

// checkLive holds the rows that each object has in the lake against what its
// versions gave. There may be more when an object was overwritten after a run
// that was killed had merged it: then the surplus was there before this wave, and
// the ledger says so with the version that it has.
func (w *wave) checkLive() error {
	surplus := map[string]int64{}
	for _, a := range w.accounts.list {
		if a.live <= a.emitted {
			continue
		}
		if a.live > a.emitted-a.prior+a.before {
			return fmt.Errorf("the accounts do not balance: %q gave %d touches, %d of its rows are live", a.name, a.emitted, a.live)
		}
		surplus[a.name] = a.live - a.emitted
	}
	if len(surplus) == 0 {
		return nil
	}
	for _, day := range w.entries {
		for i := range day {
			if n := surplus[day[i].SourceObject]; n > 0 && day[i].Status == lake.Done {
				day[i].Error = fmt.Sprintf("%d more rows are live: a run that was killed merged a version that has been overwritten since", n)
			}
		}
	}
	return nil
}

// partitions is every partition that a run of the wave has rows of, those with the
// most rows first: a large one that comes last keeps all processors but one waiting.
func (w *wave) partitions() []schema.Partition {
	rows := map[schema.Partition]int64{}
	for _, r := range w.runs {
		for _, p := range r.Partitions() {
			rows[p] += r.Rows(p)
		}
	}
	parts := partition.Sorted(maps.Keys(rows))
	slices.SortStableFunc(parts, func(x, y schema.Partition) int { return cmp.Compare(rows[y], rows[x]) })
	return parts
}
