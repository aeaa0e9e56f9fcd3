package lake

import (
	"context"
	"io"
	"slices"

	"github.com/keytrail/keytrail/engine/object"
)

// Extract are the keys of the files that prove a lake's state of some event days, as far
// as the lake has them: its format, the journal from an entry on, the manifests of the
// days, what was found and what AWS Config recorded on them, and the ledger of some
// delivery days. They make a lake of their own, without rows.
func (l *Lake) Extract(ctx context.Context, from int64, days, deliveryDays []string) (keys []string, err error) {
	keys = append(keys, formatKey)
	numbers, err := l.Journal(ctx)
	if err != nil {
		return nil, err
	}
	for _, n := range numbers {
		if n >= from {
			keys = append(keys, journalKey(n))
		}
	}
	for _, part := range []struct {
		dir  string
		has  func(context.Context) ([]string, error)
		want []string
	}{
		{manifestDir, l.ManifestDays, days}, {findingsDir, l.FindingDays, days}, {configDir, l.ConfigDays, days}, {ledgerDir, l.LedgerDays, deliveryDays},
	} {
		has, err := part.has(ctx)
		if err != nil {
			return nil, err
		}
		for _, day := range has {
			if !slices.Contains(part.want, day) {
				continue
			}
			key, err := dayKey(part.dir, day)
			if err != nil {
				return nil, err
			}
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// Copy writes a file of the lake to w, all of one version. [object.ErrNotExist] when there
// is none.
func (l *Lake) Copy(ctx context.Context, key string, w io.Writer) error {
	file, err := l.store.OpenAt(ctx, key)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := io.Copy(w, io.NewSectionReader(file, 0, file.Info().Size)); err != nil {
		return &object.Error{Op: "read", Key: key, Err: err}
	}
	return nil
}
