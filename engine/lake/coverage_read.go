package lake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/object"
)

const (
	// maxSummary bounds what is read of the summary: many years of the most areas.
	maxSummary = 256 << 20
	// counters is how many days are counted at a time.
	counters = 8
)

// Coverage says how complete the lake is, by its ledger. It takes two requests (the
// listing of the ledger takes one for every thousand days), and one more or so for
// every delivery day that has changed since the summary beside the ledger was written:
// those are counted anew, as all are where there is no summary, or one that is damaged
// or of another version. The answer is the same. A day whose ledger cannot be read is
// no error: see [DeliveryDay].
func (l *Lake) Coverage(ctx context.Context) (Coverage, error) {
	var listed, stored []LedgerDay
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		listed, err = l.listLedger(gctx)
		return err
	})
	g.Go(func() error {
		data, err := l.streamSummary(gctx)
		if err == nil {
			stored, _ = decodeSummary(data) // else all days are counted
		}
		return unlessAbsent(err)
	})
	if err := g.Wait(); err != nil {
		return Coverage{}, err
	}
	days, err := l.countedDays(ctx, listed, stored)
	if err != nil {
		return Coverage{}, err
	}
	return coverageOf(days), nil
}

// StoredCoverage is what the summary beside the ledger says, and the days of the ledger
// on which it is up to date: the others are counted anew by [Lake.Coverage]. It is for
// those who check it. [object.ErrNotExist] when there is none, [ErrCorrupt] when it is
// not what this version writes.
func (l *Lake) StoredCoverage(ctx context.Context) (c Coverage, current map[string]bool, err error) {
	const hint = "move this file out of the lake: the next ingest writes it anew"
	data, _, err := l.readAll(ctx, coverageKey, maxSummary, hint)
	if err != nil {
		return c, nil, err
	}
	stored, err := decodeSummary(data)
	if err == nil && !bytes.Equal(encodeSummary(stored), data) {
		err = errors.New("its bytes are not those that keytrail writes for what it says")
	}
	if err != nil {
		return c, nil, corrupt(coverageKey, hint, err)
	}
	current = map[string]bool{}
	listed, err := l.listLedger(ctx)
	for _, d := range listed {
		i, ok := slices.BinarySearchFunc(stored, d.day.Day, func(s LedgerDay, day string) int { return compareDays(s.day.Day, day) })
		current[d.day.Day] = ok && stored[i].version == d.version
	}
	return coverageOf(stored), current, err
}

func coverageOf(days []LedgerDay) Coverage {
	c := Coverage{Days: make([]DeliveryDay, len(days))}
	for i := range days {
		c.Days[i] = days[i].day
	}
	return c
}

// listLedger returns the days that have a ledger, in order, without their counts.
func (l *Lake) listLedger(ctx context.Context) ([]LedgerDay, error) {
	var days []LedgerDay
	err := ledgerTable.eachDay(ctx, l, func(day, version string) {
		days = append(days, LedgerDay{DeliveryDay{Day: day}, version})
	})
	return days, err
}

// countedDays returns the days listed with their counts: those of the given lists that
// are of the same version, and else the ledger's. Of a file that has been replaced
// since it was listed they are those of the later one.
func (l *Lake) countedDays(ctx context.Context, listed []LedgerDay, known ...[]LedgerDay) ([]LedgerDay, error) {
	have := map[string]*LedgerDay{}
	for _, days := range known {
		for i := range days {
			have[days[i].day.Day+"/"+days[i].version] = &days[i]
		}
	}
	out := make([]LedgerDay, len(listed))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(counters)
	for i, d := range listed {
		if k := have[d.day.Day+"/"+d.version]; k != nil {
			out[i] = *k
			continue
		}
		g.Go(func() (err error) {
			out[i], err = l.countDay(ctx, d.day.Day)
			return err
		})
	}
	err := g.Wait()
	gone := func(d LedgerDay) bool { return d.version == "" && d.day.Broken == "" }
	return slices.DeleteFunc(out, gone), err
}

// streamSummary reads the summary in one request, where the store has one for whole
// objects.
func (l *Lake) streamSummary(ctx context.Context) ([]byte, error) {
	s, ok := l.store.(interface {
		Open(context.Context, object.Info) (io.ReadCloser, error)
	})
	if !ok {
		data, _, err := l.readAll(ctx, coverageKey, maxSummary, "")
		return data, err
	}
	for try := 0; ; try++ {
		data, err := stream(s.Open(ctx, object.Info{Key: coverageKey}))
		if !errors.Is(err, object.ErrChanged) || try == maxTries {
			return data, err
		}
		if err := backoff(ctx, try); err != nil {
			return nil, err
		}
	}
}

// stream reads what was opened, up to a byte more than a summary has.
func stream(r io.ReadCloser, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var b bytes.Buffer
	_, err = b.ReadFrom(io.LimitReader(r, maxSummary+1))
	return b.Bytes(), err
}

// unlessAbsent drops the error of a summary that is not there, or too large to be one.
func unlessAbsent(err error) error {
	if errors.Is(err, object.ErrNotExist) || errors.Is(err, ErrCorrupt) {
		return nil
	}
	return err
}
