package lake

import (
	"context"
	"slices"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// RecordRestated enters into the journal, with its cause, what partitions are now whose
// rows were rewritten or removed on purpose: files are all files that they have left.
// Those that the manifest has beside are removed by this commit. It returns the
// journal's head.
//
// Each of the partitions' files is named even if it is as the manifest has it, since a run
// that was killed may have been followed by an ingest. Done again after that, it
// enters nothing twice. The caller has the lease.
func (l *Lake) RecordRestated(ctx context.Context, at time.Time, cause Cause, parts []schema.Partition, files []Merged) (Head, error) {
	return l.recordTill(ctx, func() (Head, error) {
		last, err := l.lastCommit(ctx)
		if err != nil {
			return Head{}, err
		}
		if err := l.settle(ctx, &last); err != nil {
			return Head{}, err
		}
		changes, err := l.restated(ctx, parts, files)
		if last.Cause == cause {
			changes = slices.DeleteFunc(changes, func(h Change) bool { return slices.ContainsFunc(last.Changes, h.repeats) })
		}
		if err != nil || len(changes) == 0 {
			return last.Head, err
		}
		next := Commit{Head: Head{Number: last.Number + 1}, Previous: last.SHA256, At: instant(at), Cause: cause, Changes: changes}
		if next.Head, err = l.AppendJournal(ctx, next); err != nil {
			return Head{}, err
		}
		return next.Head, l.settle(ctx, &next)
	})
}

// repeats reports whether h leaves a file as before, an earlier change, did.
func (h *Change) repeats(before Change) bool {
	return h.Partition == before.Partition && h.Bucket == before.Bucket && h.NewSHA256 == before.NewSHA256 && h.OldSHA256 == h.NewSHA256
}

// restated are the changes of partitions that have these files left.
func (l *Lake) restated(ctx context.Context, parts []schema.Partition, files []Merged) (changes []Change, err error) {
	manifests := map[int32][]FileState{}
	for _, p := range parts {
		states, read := manifests[p.Day]
		if !read {
			if states, err = l.Manifest(ctx, p.DayString()); err != nil {
				return nil, err
			}
			manifests[p.Day] = states
		}
		before := map[int]FileState{}
		for _, s := range states {
			if s.Partition == p {
				before[s.Bucket] = s
			}
		}
		for _, f := range files {
			if f.Partition == p {
				was := before[f.Bucket]
				changes = append(changes, Change{p, f.Bucket, was.SHA256, f.SHA256, was.Rows, f.Rows, nil})
				delete(before, f.Bucket)
			}
		}
		for bucket, was := range before {
			changes = append(changes, Change{p, bucket, was.SHA256, "", was.Rows, 0, nil})
		}
	}
	return sortedChanges(changes), nil
}

// idle is for how long nobody has written to a file that a killed run left: runs put large
// files under the lease, and others put small ones in less.
const idle = time.Minute

// Sweep removes what killed runs left of files that they were putting, which may have rows
// that were changed since. The caller has the lease. In a bucket these are uploads never
// completed, which nobody can read and a lifecycle rule ends.
func (l *Lake) Sweep() {
	if s, ok := l.store.(interface{ Sweep(age time.Duration) }); ok {
		s.Sweep(idle)
	}
}

// RemoveTouches removes one touches file; one that is not there is no error.
func (l *Lake) RemoveTouches(ctx context.Context, p schema.Partition, bucket int) error {
	return l.store.Delete(ctx, TouchKey(p, bucket))
}
