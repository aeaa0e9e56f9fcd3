package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/keytrail/keytrail/engine/object"
)

// RecordCoverage brings the summary up to date with the ledger, at the end of a
// commit. merged are the days as this commit left them; of the others it reads those
// that changed since the summary was written, which is none where every commit came to
// its end. A day whose ledger cannot be read is left out. Nothing is written when
// nothing has changed.
//
// The bytes depend on the ledger's files alone.
func (l *Lake) RecordCoverage(ctx context.Context, merged []LedgerDay) error {
	for try := 0; ; try++ {
		err := l.recordCoverage(ctx, merged)
		gone := errors.Is(err, object.ErrNotExist) // between reading it and replacing it
		if !errors.Is(err, object.ErrCondition) && !gone || try == maxTries {
			return err
		}
		if err := backoff(ctx, try); err != nil {
			return err
		}
	}
}

func (l *Lake) recordCoverage(ctx context.Context, merged []LedgerDay) error {
	data, info, err := l.readAll(ctx, coverageKey, maxSummary, "")
	if unlessAbsent(err) != nil {
		return err
	}
	stored, _ := decodeSummary(data) // what cannot be read is replaced
	listed, err := l.listLedger(ctx)
	if err != nil {
		return err
	}
	days, err := l.countedDays(ctx, listed, stored, merged)
	if err != nil {
		return err
	}
	days = slices.DeleteFunc(days, func(d LedgerDay) bool { return d.day.Broken != "" })
	next := encodeSummary(days)
	if bytes.Equal(next, data) || info.ETag == "" && len(days) == 0 {
		return nil
	}
	cond := object.Condition{IfMatch: info.ETag, IfAbsent: info.ETag == ""}
	if _, err := l.store.Put(ctx, coverageKey, bytes.NewReader(next), int64(len(next)), cond); err != nil {
		return fmt.Errorf("write the summary of the ledger: %w", err)
	}
	return nil
}
