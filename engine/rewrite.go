package engine

import (
	"context"
	"fmt"

	"github.com/keytrail/keytrail/schema"
)

// Rewriter changes what was decoded before the run keeps any of it: in memory, in a
// spilled run or in the lake. Each worker has its own, so it may keep scratch space.
//
// What it does must depend on nothing but what it is given, or the same records would
// give other bytes another time.
type Rewriter interface {
	// Rewrite changes a touch as the lake is to have it; it reports false to keep it out.
	// The touch is a copy of its own for each call. Its texts and lists are not: they are
	// views, valid only during the call, and shared with other touches, so a list is
	// replaced, never written into. What it puts in has to stay valid until its next call.
	// Columns that say who acted are left as they are: touches with one WhoNumber share them.
	Rewrite(t *schema.Touch) (keep bool)
	// Quarantined changes the reason and the text of a record that makes no sense.
	Quarantined(reason, raw string) (string, string)
}

// RewriterMaker makes a worker's [Rewriter].
type RewriterMaker func() Rewriter

// Rewrites makes a run ready to rewrite touches. It is called once per run, under the
// lease, before anything is read or written, so it may look at the lake and write what
// later runs have to know. An error ends the run. A nil maker is for nothing to rewrite.
type Rewrites func(ctx context.Context) (RewriterMaker, error)

// prepareRewrites asks all of the engine's Rewrites.
func (r *run) prepareRewrites(ctx context.Context) error {
	for _, prepare := range r.Rewrite {
		maker, err := prepare(ctx)
		if err != nil {
			return err
		}
		if maker != nil {
			r.rewriters = append(r.rewriters, maker)
		}
	}
	return nil
}

// rewriting is the rewriters of one worker, each of which sees what those before it left.
type rewriting struct {
	by       []Rewriter
	touch    schema.Touch // the one being rewritten
	withheld int64        // touches of the present object that were kept out
}

// newRewriting is nil when there is nothing to rewrite.
func (r *run) newRewriting() *rewriting {
	if len(r.rewriters) == 0 {
		return nil
	}
	w := &rewriting{}
	for _, maker := range r.rewriters {
		w.by = append(w.by, maker())
	}
	return w
}

// rewrite returns the touch as the lake is to have it; nil if it is to have none of it.
func (w *rewriting) rewrite(t *schema.Touch) *schema.Touch {
	w.touch = *t
	for _, by := range w.by {
		if !by.Rewrite(&w.touch) {
			w.withheld++
			return nil
		}
	}
	return &w.touch
}

// quarantined is a record that makes no sense, as the lake is to have it.
func (w *rewriting) quarantined(reason, raw string) (string, string) {
	for _, by := range w.by {
		reason, raw = by.Quarantined(reason, raw)
	}
	return reason, raw
}

// withhold counts touches of an object that were kept out.
func (w *wave) withhold(n int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.withheld += n
}

// checkWithheld holds what rewriters kept out against what came to be merged: objects
// account for all touches that were decoded.
func (w *wave) checkWithheld(touches int64) error {
	if touches != w.merged.New+w.withheld {
		return fmt.Errorf("the accounts do not balance: objects gave %d touches, %d were kept out, %d came to be merged",
			touches, w.withheld, w.merged.New)
	}
	return nil
}
