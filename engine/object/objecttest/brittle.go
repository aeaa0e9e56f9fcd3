package objecttest

import (
	"context"
	"errors"
	"io"
	"math"
	"sync/atomic"

	"github.com/keytrail/keytrail/engine/object"
)

// ErrKilled is what a [Brittle] store answers when its writes are used up.
var ErrKilled = errors.New("killed")

// Brittle is a store that fails for good after some writes, as if the process had been
// killed there. Safe for concurrent use.
type Brittle struct {
	*Mem
	left atomic.Int64 // writes that still succeed
}

// NewBrittle is a store that succeeds until told otherwise.
func NewBrittle(m *Mem) *Brittle {
	b := &Brittle{Mem: m}
	b.Mend()
	return b
}

// KillAfter lets so many more writes succeed.
func (b *Brittle) KillAfter(writes int) { b.left.Store(int64(writes)) }

// Mend lets all writes succeed.
func (b *Brittle) Mend() { b.left.Store(math.MaxInt64) }

// Put implements [Store].
func (b *Brittle) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, cond object.Condition) (string, error) {
	if b.left.Add(-1) < 0 {
		return "", ErrKilled
	}
	return b.Mem.Put(ctx, key, body, size, cond)
}

// Delete implements [Store].
func (b *Brittle) Delete(ctx context.Context, key string) error {
	if b.left.Add(-1) < 0 {
		return ErrKilled
	}
	return b.Mem.Delete(ctx, key)
}
