package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
)

// run is one ingest, from plan to commit.
type run struct {
	*Engine
	req     Request
	ctx     context.Context
	cancel  context.CancelCauseFunc
	lease   *lake.Lease
	started time.Time
	lister  lister
	journal int64 // its last entry, as this run knows it

	rewriters []RewriterMaker

	mu     sync.Mutex // guards report
	report Report
}

func (e *Engine) begin(ctx context.Context, req Request) (*run, error) {
	e = e.withDefaults()
	if err := checkDays(req.From, req.To); err != nil {
		return nil, err
	}
	lease, err := e.Lake.Acquire(ctx, e.Lease)
	if err != nil {
		return nil, err
	}
	step(stepLeased)
	r := &run{Engine: e, req: req, lease: lease, started: time.Now()}
	if r.journal, err = e.Lake.LastNumber(ctx); err != nil {
		return nil, errors.Join(err, lease.Release(ctx))
	}
	if err := r.prepareRewrites(ctx); err != nil {
		return nil, errors.Join(err, lease.Release(ctx))
	}
	r.report = Report{Lake: e.Lake.URL(), SkippedKinds: map[string]int64{}, Failures: []Failure{}}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	go r.watchLease()
	return r, nil
}

var errLeaseLost = errors.New("the lease was lost: another run has taken over this lake")

// watchLease stops the run when somebody else has its lease: what they commit,
// we must not.
func (r *run) watchLease() {
	select {
	case <-r.lease.Lost():
		r.cancel(errLeaseLost)
	case <-r.ctx.Done():
	}
}

// reported is the report as far as the run has come; listing may be going on.
func (r *run) reported() Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.report
}

// cause is the reason behind an error that a cancelled context made.
func (r *run) cause(err error) error {
	if cause := context.Cause(r.ctx); cause != nil && errors.Is(err, context.Canceled) {
		return cause
	}
	return err
}

// end stops what is still going on and gives back the lease. When that fails,
// the lease expires by itself.
func (r *run) end() {
	r.cancel(nil)
	r.lister.wait()
	step(stepRelease)
	_ = r.lease.Release(r.ctx)
	step(stepReleased)
}
