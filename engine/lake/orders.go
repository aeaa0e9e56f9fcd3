package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/keytrail/keytrail/engine/object"
)

// Order is a small file of standing orders, which every ingest into the lake heeds: whom
// to keep forgotten, which days not to bring back. Its form is that of the package that
// gives them.
type Order string

// The standing orders of a lake.
const (
	ForgottenOrder Order = forgottenKey // of package erasure
	RetentionOrder Order = retentionKey // of package retention
)

// maxOrder bounds the size of standing orders: some 100,000 subjects.
const maxOrder = 64 << 20

// Orders reads standing orders; without any there are no bytes and no ETag.
func (l *Lake) Orders(ctx context.Context, of Order) (data []byte, etag string, err error) {
	hint := fmt.Sprintf("restore %s from a backup: without it the next ingest would bring back what was taken out", of)
	data, info, err := l.readAll(ctx, string(of), maxOrder, hint)
	if errors.Is(err, object.ErrNotExist) {
		return nil, "", l.lost(string(of), hint)
	}
	return data, info.ETag, err
}

// PutOrders replaces standing orders, if they still have the ETag, "" for none, and
// returns the new one. [object.ErrCondition] when somebody else has changed them.
func (l *Lake) PutOrders(ctx context.Context, of Order, data []byte, etag string) (string, error) {
	if len(data) > maxOrder {
		return "", fmt.Errorf("put %s: %d bytes are more than an ingest would read", of, len(data))
	}
	etag, err := l.store.Put(ctx, string(of), bytes.NewReader(data), int64(len(data)), object.Condition{IfMatch: etag, IfAbsent: etag == ""})
	if err != nil {
		return "", err
	}
	return etag, l.need(ctx, string(of))
}
