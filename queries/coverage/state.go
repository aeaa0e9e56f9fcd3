package coverage

import (
	"context"
	"errors"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries/report"
)

// Head is the journal's last entry, by which the state of a lake is known; the zero Head
// for a lake without any.
func Head(ctx context.Context, l *lake.Lake) (lake.Head, error) {
	number, err := l.LastNumber(ctx)
	if err != nil || number == 0 {
		return lake.Head{}, err
	}
	c, err := l.Commit(ctx, number)
	return c.Head, err
}

// ErrChanging says that the lake changed while a report was made from it.
var ErrChanging = errors.New("the lake changed while the report was made, by an ingest probably: make it again")

// Unchanged is [ErrChanging] where the lake is no more as it was at a head.
func Unchanged(ctx context.Context, l *lake.Lake, since lake.Head) error {
	now, err := Head(ctx, l)
	if err == nil && now != since {
		err = ErrChanging
	}
	return err
}

// HeadText is the head as provenance has it, empty for a lake without a journal.
func HeadText(h lake.Head) string {
	if h.Number == 0 {
		return ""
	}
	return h.String()
}

// HeadFact is the head on a report's cover.
func HeadFact(h lake.Head) report.Fact {
	f := report.Fact{ID: "journal_head", Name: "State of the lake", Value: report.CodeOf(HeadText(h)), Text: "the journal's last entry"}
	if h.Number == 0 {
		f.Text = "the lake has no journal"
	}
	return f
}
