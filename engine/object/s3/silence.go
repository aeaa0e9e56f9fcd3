package s3

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// silence is how long a connection may be silent: neither deliver a byte nor take
// one from us. It bounds no request as a whole, so that a slow download or upload
// that gets on goes on. The service is never silent for as long: it sends spaces
// while it puts the parts of a large object together ("Amazon S3 API Reference,
// CompleteMultipartUpload").
const silence = time.Minute

type dial func(ctx context.Context, network, address string) (net.Conn, error)

// impatient makes connections that end when they are silent for too long.
func impatient(d dial, limit time.Duration) dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := d(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &conn{Conn: c, limit: limit}, nil
	}
}

// conn is a connection whose reads and writes end when nothing moves. While a
// request is being sent its answer is waited for already; what is sent counts for
// that wait too.
type conn struct {
	net.Conn
	limit  time.Duration
	silent atomic.Bool // it has been for too long
}

func (c *conn) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.limit)); err != nil {
		return 0, c.explain(err)
	}
	n, err := c.Conn.Read(p)
	return n, c.explain(err)
}

func (c *conn) Write(p []byte) (n int, err error) {
	const piece = 64 << 10 // a slow line takes this much within the limit
	for n < len(p) {
		if err := c.SetDeadline(time.Now().Add(c.limit)); err != nil {
			return n, c.explain(err)
		}
		m, err := c.Conn.Write(p[n:min(len(p), n+piece)])
		if n += m; err != nil {
			return n, c.explain(err)
		}
	}
	return n, nil
}

// explain tells silence from other ends. Whichever of a read and a write meets it
// first, the connection is closed then, and that is all the other one is told.
func (c *conn) explain(err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.silent.Store(true)
	case !c.silent.Load() || !errors.Is(err, net.ErrClosed):
		return err
	}
	return &silentError{c.limit}
}

// silentError ends a silent connection. It is a timeout, which requests are
// repeated after.
type silentError struct{ limit time.Duration }

func (e *silentError) Error() string        { return fmt.Sprintf("the connection was silent for %v", e.limit) }
func (e *silentError) Timeout() bool        { return true }
func (e *silentError) Temporary() bool      { return true }
func (e *silentError) Is(target error) bool { return target == os.ErrDeadlineExceeded }
