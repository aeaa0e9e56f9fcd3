package lake

import (
	"bytes"
	"context"
	"fmt"

	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// Replay says whether a small table's file is, byte by byte, what keytrail writes
// for its rows. A day without a file is the same.
type Replay struct {
	Size int64 // of the file
	At   int64 // the first byte that differs, Size when there is none in the file
	Same bool
}

// ReplayLedger is [Lake.EachLedgerEntry], and writes the entries that it reads once
// more, to nowhere, to compare the bytes with those stored. The entries come as they
// are stored; those that [Lake.MergeLedger] would put otherwise make the difference.
// What it returns says nothing after an error.
//
// Rows are judged one by one: that the rows of one object could come to stand beside
// each other is for fn to see.
func (l *Lake) ReplayLedger(ctx context.Context, day string, fn func(Entry) error) (Replay, error) {
	return ledgerTable.replay(ctx, l, day, func(e Entry) Entry {
		e = e.normal()
		e.Attempts = max(e.Attempts, 1)
		return e
	}, fn)
}

// ReplayQuarantine does for the quarantine what [Lake.ReplayLedger] does for the
// ledger. The records come in the order of [Lake.Quarantine].
func (l *Lake) ReplayQuarantine(ctx context.Context, day string, fn func(Quarantined) error) (Replay, error) {
	return quarantineTable.replay(ctx, l, day, func(q Quarantined) Quarantined {
		return Quarantined{text(q.SourceObject), q.SourceIndex, text(q.Reason), text(q.Raw)}
	}, fn)
}

// ReplayConfig does for what AWS Config recorded what [Lake.ReplayLedger] does for the
// ledger. The items come in the order of [Lake.ConfigItems].
func (l *Lake) ReplayConfig(ctx context.Context, day string, fn func(schema.ConfigItem) error) (Replay, error) {
	return configTable.replay(ctx, l, day, func(c schema.ConfigItem) schema.ConfigItem { return normalConfig(&c) }, fn)
}

// replay calls fn for every row of one day, in order, and writes what normal makes
// of it over the file in thought.
func (t table[T, D]) replay(ctx context.Context, l *Lake, day string, normal func(T) T, fn func(T) error) (Replay, error) {
	present, err := t.open(ctx, l, day)
	if err != nil {
		return Replay{}, err
	}
	defer present.close()
	if present.data == nil {
		return Replay{Same: true}, nil
	}
	out := &echo{stored: present.data}
	w := parquetio.NewTableWriter(out, t.weigh)
	err = present.each(func(row T) error {
		if !out.differs {
			out.failed(w.Write(t.encode(normal(row))))
		}
		return fn(row)
	})
	if err != nil {
		return Replay{}, err
	}
	if !out.differs {
		out.failed(w.Close())
	}
	if out.err != nil {
		return Replay{}, out.err
	}
	size := present.data.size
	return Replay{Size: size, At: out.at, Same: !out.differs && out.at == size}, nil
}

// echo compares what is written to it with what is stored.
type echo struct {
	stored  *scratch
	at      int64 // bytes that are the same, up to the first that is not
	differs bool
	err     error // of reading what is stored
	buf     []byte
}

// failed takes the writer's error: rows that cannot be written are not what a file
// was written from.
func (e *echo) failed(err error) { e.differs = e.differs || err != nil }

// Write never fails for a difference: the writer need not know.
func (e *echo) Write(b []byte) (int, error) {
	if e.differs {
		return len(b), nil
	}
	n := int(min(int64(len(b)), e.stored.size-e.at))
	if cap(e.buf) < n {
		e.buf = make([]byte, n)
	}
	stored := e.buf[:n]
	if got, err := e.stored.ReadAt(stored, e.at); got < n {
		e.err = fmt.Errorf("read scratch file: %w", err)
		return 0, e.err
	}
	if n == len(b) && bytes.Equal(b, stored) {
		e.at += int64(n)
		return n, nil
	}
	same := 0
	for same < n && b[same] == stored[same] {
		same++
	}
	e.at, e.differs = e.at+int64(same), true
	return len(b), nil
}
