package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

// DefaultTTL is how long a lease lasts unless renewed.
const DefaultTTL = 5 * time.Minute

// AlertsLease names the lease of whoever tells people what was found: two who do would
// tell it twice. It keeps nobody from writing to the lake.
const AlertsLease = "alerts"

// LeaseOptions say how to take a lease. The zero value will do.
type LeaseOptions struct {
	// Name is of a lease other than that for writing, [AlertsLease].
	Name string
	// TTL is how long the lease lasts unless renewed, which happens three times as
	// often; [DefaultTTL] when not positive. Clocks of machines that share a lake
	// should agree to within a fraction of it.
	TTL time.Duration
	// Break takes over a lease that somebody else still holds, and an unreadable one.
	Break bool
	// Command is what others are told about this run; the command line when empty.
	Command string
	// Now is the clock that leases are stamped and judged by; time.Now when nil.
	Now func() time.Time
}

// Lease is the right to write to a lake, renewed in the background until
// [Lease.Release]. It keeps two runs from doing the same work; that they cannot
// spoil each other's is the conditional puts' doing. Safe for concurrent use.
type Lease struct {
	lake    *Lake
	options LeaseOptions
	holder  Holder
	sent    bool // a put was sent, whatever became of it

	// Of the renewing goroutine; of Release once done is closed.
	etag     string
	deadline time.Time // local time by which it must be renewed

	cancel context.CancelFunc // ends renewal
	done   chan struct{}      // closed when renewal has ended
	lost   chan struct{}
	why    error // why it was lost; written before lost is closed

	release  sync.Once
	released error
}

// Acquire takes the lake's lease. When somebody else holds it the error is a
// [*LeasedError], which is [ErrLeased]. A lease that has run out, or whose process
// ran on this machine and is gone, is taken over.
//
// When ctx ends, or the store fails, while the lease is being put, it may have
// arrived: then it is removed again, within five seconds.
//
// The lease outlives ctx: a run that is cancelled still has to put things in order.
// The caller calls [Lease.Release] in every case.
func (l *Lake) Acquire(ctx context.Context, o LeaseOptions) (*Lease, error) {
	ls := l.newLease(o)
	if err := ls.take(ctx); err != nil {
		ls.abandon(ctx, err)
		return nil, err
	}
	ls.start(ctx)
	return ls, nil
}

// newLease is a lease that nobody has taken yet.
func (l *Lake) newLease(o LeaseOptions) *Lease {
	if o.TTL <= 0 {
		o.TTL = DefaultTTL
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Lease{
		lake: l, options: o, holder: self(o.Command),
		done: make(chan struct{}), lost: make(chan struct{}),
	}
}

// start begins renewal, of a lease that was taken.
func (ls *Lease) start(ctx context.Context) {
	ctx, ls.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go ls.keep(ctx)
}

// key is where the lease lies.
func (ls *Lease) key() string {
	if ls.options.Name == "" {
		return leaseKey
	}
	return internalPrefix + "lease-" + ls.options.Name + ".json"
}

// Holder says who this lease names as its holder.
func (ls *Lease) Holder() Holder { return ls.holder }

// Lost is closed when the lease is somebody else's, or could not be renewed before
// it ran out: the run has to stop writing.
func (ls *Lease) Lost() <-chan struct{} { return ls.lost }

// Err says why the lease was lost; nil while it is not.
func (ls *Lease) Err() error {
	select {
	case <-ls.lost:
		return ls.why
	default:
		return nil
	}
}

// Release ends renewal and gives the lease back. It does so even when ctx is
// cancelled, within five seconds. A lease that was lost is left to whoever has it,
// and that is no error. Calls after the first return what the first did.
func (ls *Lease) Release(ctx context.Context) error {
	ls.release.Do(func() {
		ls.cancel()
		<-ls.done
		if ls.Err() == nil {
			ls.released = ls.giveBack(ctx)
		}
	})
	return ls.released
}

// releaseTimeout bounds how long giving a lease back may keep a program that was told
// to end: a lease that stays runs out by itself.
const releaseTimeout = 5 * time.Second

// giveBack ends the lease within that time.
func (ls *Lease) giveBack(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	return ls.remove(ctx)
}

// remove renews once more before it deletes: that proves the lease to be ours and
// keeps everybody from taking it over while the delete is on its way.
func (ls *Lease) remove(ctx context.Context) error {
	err := ls.renew(ctx)
	if errors.Is(err, ErrLeased) {
		return nil
	}
	if err == nil {
		err = ls.lake.store.Delete(ctx, ls.key())
	}
	if err != nil {
		return fmt.Errorf("release lease of %s: %w", ls.lake.URL(), err)
	}
	return nil
}

// take puts a first lease in place, over an old one if that is fair.
func (ls *Lease) take(ctx context.Context) error {
	for try := 0; ; try++ {
		present, etag, err := ls.lake.leaseHolder(ctx, ls.key())
		switch {
		case errors.Is(err, object.ErrNotExist):
			err = ls.put(ctx, object.Condition{IfAbsent: true})
		case err != nil && !(ls.options.Break && errors.Is(err, ErrCorrupt)):
			return fmt.Errorf("acquire lease of %s: %w", ls.lake.URL(), err)
		case err == nil && present.ID == ls.holder.ID:
			// The put before did arrive, only its answer was lost. Put again, so that
			// the deadline counts from a put we know of.
			err = ls.put(ctx, object.Condition{IfMatch: etag})
		case err == nil && !ls.options.Break && !present.expired(ls.options.Now()) && !present.gone():
			return &LeasedError{Lake: ls.lake.URL(), Holder: present}
		default:
			err = ls.put(ctx, object.Condition{IfMatch: etag})
		}
		if err == nil {
			return nil
		}
		if !(errors.Is(err, object.ErrCondition) || etag != "" && errors.Is(err, object.ErrNotExist)) || try == maxTries {
			return fmt.Errorf("acquire lease of %s: %w", ls.lake.URL(), err)
		}
		if err := backoff(ctx, try); err != nil {
			return err
		}
	}
}

// keep renews the lease until ctx ends or it is lost.
func (ls *Lease) keep(ctx context.Context) {
	defer close(ls.done)
	wait := ls.options.TTL / 3
	retry := ls.options.TTL / 12
	var trouble error // why the try before failed
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		limit := ls.deadline
		if time.Until(limit) <= retry {
			if trouble != nil {
				ls.lose(fmt.Errorf("the lease of %s runs out and could not be renewed: %w", ls.lake.URL(), trouble))
				return
			}
			// The machine slept. The lease may be past its time, and yet a put that
			// finds it unchanged proves that nobody has taken it since.
			limit = time.Now().Add(retry)
		}
		bounded, cancel := context.WithDeadline(ctx, limit)
		trouble = ls.renew(bounded)
		cancel()
		switch {
		case trouble == nil:
			wait = ls.options.TTL / 3
		case ctx.Err() != nil:
			return
		case errors.Is(trouble, ErrLeased):
			ls.lose(trouble)
			return
		default: // the store's fault: try more often while there is time
			wait = max(0, min(retry, time.Until(ls.deadline)-retry))
		}
	}
}

func (ls *Lease) lose(why error) {
	ls.why = why
	close(ls.lost)
}

// renew puts the lease with a new expiry. The error is [ErrLeased] when it is not
// ours any more.
func (ls *Lease) renew(ctx context.Context) error {
	err := ls.put(ctx, object.Condition{IfMatch: ls.etag})
	if !errors.Is(err, object.ErrCondition) && !errors.Is(err, object.ErrNotExist) {
		return err
	}
	present, etag, err := ls.lake.leaseHolder(ctx, ls.key())
	switch {
	case errors.Is(err, object.ErrNotExist):
		return fmt.Errorf("%w: the lease of %s was removed while this run held it", ErrLeased, ls.lake.URL())
	case err != nil:
		return err
	case present.ID != ls.holder.ID:
		return &LeasedError{Lake: ls.lake.URL(), Holder: present}
	}
	// Ours: an earlier put arrived whose answer did not.
	return ls.put(ctx, object.Condition{IfMatch: etag})
}

// put writes the lease as held from now on. Only what a put that is known to have
// arrived promises to others may be relied on here: hence its ETag and deadline.
func (ls *Lease) put(ctx context.Context, cond object.Condition) error {
	begun, now := time.Now(), ls.options.Now()
	if ls.holder.Acquired.IsZero() { // the first put, before anybody else sees the lease
		ls.holder.Acquired = stamp(now)
	}
	h := ls.holder
	h.Expires = stamp(now.Add(ls.options.TTL))
	data, err := h.file()
	if err != nil {
		return err
	}
	ls.sent = true
	etag, err := ls.lake.store.Put(ctx, ls.key(), bytes.NewReader(data), int64(len(data)), cond)
	if err != nil {
		return err
	}
	ls.etag, ls.deadline = etag, begun.Add(ls.options.TTL)
	return nil
}
