package lake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

// cutOff is a store in which the first put of a lease is cut off by a cancelled run:
// it arrives after a while, but its answer does not.
type cutOff struct {
	*objecttest.Faults
	cancel context.CancelFunc
	late   time.Duration
	cut    bool
}

func (c *cutOff) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, cond object.Condition) (string, error) {
	if key != leaseKey || c.cut {
		return c.Faults.Put(ctx, key, body, size, cond)
	}
	c.cut = true
	c.cancel()
	data, err := io.ReadAll(body)
	if err != nil {
		return "", err
	}
	arrive := func() {
		_, _ = c.Faults.Put(context.WithoutCancel(ctx), key, bytes.NewReader(data), size, cond)
	}
	if c.late == 0 {
		arrive()
	} else {
		time.AfterFunc(c.late, arrive)
	}
	return "", &object.Error{Op: "put", Key: key, Err: ctx.Err()}
}

// A lease whose put was under way when the run was interrupted keeps nobody out,
// and the interrupted run ends within seconds.
func TestLeaseAbandoned(t *testing.T) {
	stall := func(op string) objecttest.Fault { return objecttest.Fault{Op: op, Key: leaseKey, Stall: true} }
	for name, c := range map[string]struct {
		late   time.Duration
		old    func(*Holder) // a lease from before; nil for none
		faults []objecttest.Fault
		stays  bool // nothing can be done about it
		within time.Duration
	}{
		"first":             {},
		"over an old one":   {old: func(h *Holder) { foreign(h); h.Expires = stamp(time.Now().Add(-time.Hour)) }},
		"late":              {late: lateness / 2, within: lateness},
		"very late":         {late: time.Minute, stays: true, within: lateness},
		"delete hangs":      {faults: []objecttest.Fault{stall(objecttest.OpDelete)}, stays: true, within: releaseTimeout},
		"delete is refused": {faults: []objecttest.Fault{{Op: objecttest.OpDelete, Err: object.ErrDenied}}, stays: true},
		"reads hang":        {faults: []objecttest.Fault{{Op: objecttest.OpOpenAt, Key: leaseKey, Nth: 2, Stall: true}}, stays: true, within: releaseTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				s := &cutOff{Faults: objecttest.NewFaults(objecttest.NewMem(), c.faults...), cancel: cancel, late: c.late}
				l := create(t, s)
				if c.old != nil {
					s.cut = true
					putLease(t, s, c.old)
					s.cut = false
				}
				begun := time.Now()
				if _, err := l.Acquire(ctx, LeaseOptions{}); !errors.Is(err, context.Canceled) {
					t.Fatalf("acquired: %v", err)
				}
				if took := time.Since(begun); took != c.within {
					t.Errorf("it took %v to end, not %v", took, c.within)
				}
				for i := range c.faults {
					if s.Struck(i) == 0 {
						t.Errorf("fault %d did not strike", i)
					}
				}
				time.Sleep(2 * time.Minute) // a fraction of a lease's term
				ls, err := l.Acquire(t.Context(), LeaseOptions{})
				if c.stays != errors.Is(err, ErrLeased) || !c.stays && err != nil {
					t.Errorf("the next run: %v", err)
				}
				if err == nil {
					release(t, ls)
				}
			})
		})
	}
}
