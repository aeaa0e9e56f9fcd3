package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"syscall"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/custody"
	"github.com/keytrail/keytrail/engine/digest"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
)

// digestJob validates logs against their digest files and records the verdicts in
// the lake.
type digestJob struct {
	lake     *lake.Lake
	inputs   []engine.Input
	keys     keyring
	from, to string // delivery days; empty for no bound
	record   bool
}

// run returns what it found. Verdicts that cannot be written, because somebody else
// is writing or nobody may, are no failure: a note says so.
func (j *digestJob) run(ctx context.Context) (*digestSummary, error) {
	s := &digestSummary{Logs: []digest.Verdict{}, Unproven: map[string]int64{}, NotAsSigned: []string{}}
	keys, err := j.keys.get(ctx, j.inputs, j.from, j.to)
	if err != nil {
		return nil, err
	}
	write := j.record
	if write {
		lease, err := j.lake.Acquire(ctx, lake.LeaseOptions{})
		switch {
		case err == nil:
			defer lease.Release(ctx)
			held, cancel := whileHeld(ctx, lease)
			defer cancel()
			ctx = held
		case errors.Is(err, lake.ErrLeased), readOnly(err):
			write, s.Note = false, fmt.Sprintf("verdicts were not recorded in the ledger: %v", err)
		default:
			return nil, err
		}
	}
	for _, in := range j.inputs {
		if err := j.validate(ctx, in, keys, write, s); err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			return nil, fmt.Errorf("verify digests of %s: %w", in.Source.URL()+in.Prefix, err)
		}
	}
	slices.SortFunc(s.Logs, func(a, b digest.Verdict) int { return cmp.Compare(a.Key, b.Key) })
	slices.Sort(s.NotAsSigned)
	return s, nil
}

// validate adds what is found about one source to s.
func (j *digestJob) validate(ctx context.Context, in engine.Input, keys *digest.Keys, write bool, s *digestSummary) error {
	rep, err := custody.Record(ctx, j.lake, in.Source, in.Prefix, keys, custody.Options{
		From: j.from, To: j.to, ReadOnly: !write,
		Each: func(v digest.Verdict) error { s.add(v); return nil },
	})
	if err != nil {
		return err
	}
	s.Sources = append(s.Sources, digestSource{in.Source.URL() + in.Prefix, rep.Digests})
	s.Findings += rep.Digests.Findings() + int(rep.NotAsSigned)
	if len(rep.Digests.Chains) == 0 {
		s.Findings++
	}
	s.NotAsSigned = append(s.NotAsSigned, rep.Altered...)
	s.notAsSigned += rep.NotAsSigned
	s.InLake += rep.InLake
	if write {
		s.Recorded += rep.Changed + rep.Entered
	}
	return nil
}

// whileHeld is ctx for as long as the lease is ours.
func whileHeld(ctx context.Context, lease *lake.Lease) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-lease.Lost():
			cancel(lease.Err())
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// readOnly reports whether a write failed because none is allowed.
func readOnly(err error) bool {
	return errors.Is(err, object.ErrDenied) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}
