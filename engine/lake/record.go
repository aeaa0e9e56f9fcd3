package lake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// Merged is a touches file as a merge left it.
type Merged struct {
	Partition schema.Partition
	Bucket    int
	SHA256    string // hex
	Rows      int64
	ETag      string // of the version that the rest is said of
	Kept      bool   // the merge found it as it is; SHA256 is what it would have written
	// SourceObjects are the run's objects with rows in the partition, in order.
	SourceObjects []string
}

// recorders is how many days or files are looked at at a time.
const recorders = 8

// Record enters into the journal what has changed of the files since it was last
// written, and returns its head. known is the journal's last entry when the first of
// the files was merged. Nothing is entered when nothing has changed.
//
// What a file was before is what the journal says, not what the merge found: a run
// that was killed between its puts and its entry leaves files that the next run finds
// as they should be, and it is that run which records them. Every such file comes by
// here again, since the ledger does not have the objects behind it as done. If
// somebody else's commit has recorded it meanwhile, without those objects, an entry
// that leaves the file as it was names them.
func (l *Lake) Record(ctx context.Context, at time.Time, known int64, files []Merged) (Head, error) {
	return l.recordTill(ctx, func() (Head, error) { return l.record(ctx, at, known, files) })
}

// recordTill enters something after the journal's last entry, whoever else does.
func (l *Lake) recordTill(ctx context.Context, enter func() (Head, error)) (Head, error) {
	for try := 0; ; try++ {
		head, err := enter()
		if !errors.Is(err, object.ErrCondition) || try == maxTries {
			return head, err
		}
		if err := backoff(ctx, try); err != nil {
			return Head{}, err
		}
	}
}

func (l *Lake) record(ctx context.Context, at time.Time, known int64, files []Merged) (Head, error) {
	last, err := l.lastCommit(ctx)
	if err != nil {
		return Head{}, err
	}
	if err := l.settle(ctx, &last); err != nil {
		return Head{}, err
	}
	if last.Number != known {
		// Another run was at work, which the lease should prevent, and may have
		// replaced what this one merged.
		if files, err = l.current(ctx, files); err != nil {
			return Head{}, err
		}
	}
	changes, err := l.changes(ctx, &last, files)
	if err != nil || len(changes) == 0 {
		return last.Head, err
	}
	next := Commit{Head: Head{Number: last.Number + 1}, Previous: last.SHA256, At: instant(at), Changes: changes}
	if next.Head, err = l.AppendJournal(ctx, next); err != nil {
		return Head{}, err
	}
	return next.Head, l.settle(ctx, &next)
}

// lastCommit is the journal's last entry, the zero value when it has none.
func (l *Lake) lastCommit(ctx context.Context) (Commit, error) {
	n, err := l.LastNumber(ctx)
	if err != nil || n == 0 {
		return Commit{}, err
	}
	return l.Commit(ctx, n)
}

// settle brings the manifest up to the commit. Done at once after an entry, and once
// more before the next: only the last entry's run may have been killed before.
func (l *Lake) settle(ctx context.Context, c *Commit) error {
	days := map[string][]FileState{}
	for _, h := range c.Changes {
		day := h.Partition.DayString()
		days[day] = append(days[day], FileState{h.Partition, h.Bucket, h.NewSHA256, h.Rows, c.Number})
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(recorders)
	for day, files := range days {
		g.Go(func() error { return l.MergeManifest(ctx, day, files) })
	}
	return g.Wait()
}

// changes are the files that are not as the manifest has them, or that have rows of
// objects that a run which was killed had put there.
func (l *Lake) changes(ctx context.Context, last *Commit, files []Merged) ([]Change, error) {
	named := map[string][]string{} // by the last entry
	for _, h := range last.Changes {
		named[TouchKey(h.Partition, h.Bucket)] = h.SourceObjects
	}
	days := map[string][]Merged{}
	for _, f := range files {
		days[f.Partition.DayString()] = append(days[f.Partition.DayString()], f)
	}
	var mu sync.Mutex
	var all []Change
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(recorders)
	for day, files := range days {
		g.Go(func() error {
			changes, err := l.changesOf(ctx, day, files, named)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, changes...)
			return err
		})
	}
	err := g.Wait()
	return sortedChanges(all), err
}

func (l *Lake) changesOf(ctx context.Context, day string, files []Merged, named map[string][]string) ([]Change, error) {
	states, err := l.Manifest(ctx, day)
	if err != nil {
		return nil, err
	}
	before := make(map[string]FileState, len(states))
	for _, s := range states {
		before[TouchKey(s.Partition, s.Bucket)] = s
	}
	var changes []Change
	for _, f := range files {
		key := TouchKey(f.Partition, f.Bucket)
		old := before[key]
		if old.SHA256 != f.SHA256 && f.Kept {
			// The same rows in other bytes, of another version of this program?
			if err := l.refresh(ctx, &f, true); err != nil {
				return nil, err
			}
		}
		if old.SHA256 != f.SHA256 && len(f.SourceObjects) == 0 {
			// All that this run had for the file are copies of rows that a run put there
			// which was killed before it could say so. Its objects are among the file's.
			if f.SourceObjects, err = l.sourceObjects(ctx, &f); err != nil {
				return nil, err
			}
		}
		if old.SHA256 != f.SHA256 || !subset(f.SourceObjects, named[key]) {
			changes = append(changes, Change{f.Partition, f.Bucket, old.SHA256, f.SHA256, old.Rows, f.Rows, f.SourceObjects})
		}
	}
	return changes, nil
}

// subset reports whether the sorted b has all that the sorted a has.
func subset(a, b []string) bool {
	for _, s := range a {
		i, ok := slices.BinarySearch(b, s)
		if !ok {
			return false
		}
		b = b[i:]
	}
	return true
}

// current are the files as they are now: of those that somebody has replaced since
// they were merged, what they were replaced by, which has all their rows.
func (l *Lake) current(ctx context.Context, files []Merged) ([]Merged, error) {
	out := slices.Clone(files)
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(recorders)
	for i := range out {
		g.Go(func() error { return l.refresh(gctx, &out[i], false) })
	}
	return out, g.Wait()
}

// refresh reads a touches file that has been replaced, or any if always is set.
func (l *Lake) refresh(ctx context.Context, m *Merged, always bool) error {
	for try := 0; ; try++ {
		err := l.refreshOnce(ctx, m, always)
		if !errors.Is(err, object.ErrChanged) || try == maxTries {
			return err
		}
	}
}

func (l *Lake) refreshOnce(ctx context.Context, m *Merged, always bool) error {
	f, err := l.OpenTouches(ctx, m.Partition, m.Bucket)
	if err != nil {
		return err
	}
	defer f.Close()
	info := f.Info()
	if info.ETag == m.ETag && !always {
		return nil
	}
	file, err := parquetio.Open(f, info.Size)
	if err != nil {
		return fmt.Errorf("%s: %w", info.Key, err)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f, 0, info.Size)); err != nil {
		return fmt.Errorf("read %s: %w", info.Key, err)
	}
	m.SHA256, m.Rows, m.ETag = hex.EncodeToString(sum.Sum(nil)), file.NumRows(), info.ETag
	return nil
}

// sourceObjects are all objects that have rows in a touches file, sorted.
func (l *Lake) sourceObjects(ctx context.Context, m *Merged) ([]string, error) {
	f, err := l.OpenTouches(ctx, m.Partition, m.Bucket)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := parquetio.OpenTable[struct {
		SourceObject string `parquet:"source_object"`
	}](f, f.Info().Size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Info().Key, err)
	}
	defer rows.Close()
	names := map[string]struct{}{}
	for {
		some, err := rows.Next()
		if err == io.EOF {
			return slices.Sorted(maps.Keys(names)), nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Info().Key, err)
		}
		for i := range some {
			names[some[i].SourceObject] = struct{}{}
		}
	}
}
