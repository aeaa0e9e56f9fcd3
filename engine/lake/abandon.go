package lake

import (
	"context"
	"errors"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

// lateness is how long after it was given up a put may still arrive, as far as we
// wait for it.
const lateness = time.Second

// abandon removes a lease that was not acquired, for why, if a put arrived all the
// same: nobody would renew it, and yet it would keep others out for its whole term.
// There is no more to do about it when that fails.
func (ls *Lease) abandon(ctx context.Context, why error) {
	if !ls.sent || errors.Is(why, ErrLeased) || errors.Is(why, object.ErrDenied) ||
		errors.Is(why, object.ErrCredentials) || errors.Is(why, object.ErrNoStore) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	for wait := lateness; ; wait = 0 {
		present, etag, err := ls.lake.leaseHolder(ctx, ls.key())
		if err == nil && present.ID == ls.holder.ID {
			ls.etag = etag
			_ = ls.remove(ctx)
			return
		}
		if wait == 0 || ctx.Err() != nil {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}
