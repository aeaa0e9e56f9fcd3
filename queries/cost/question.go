package cost

import (
	"context"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/coverage"
	"github.com/keytrail/keytrail/queries/report"
)

// Question asks what the data events of a time cost.
type Question struct {
	From, To int64 // microseconds since 1970, From included, To not; 0 is open
	Prices   *Prices
	// Copies is by how many trails each data event is delivered; 0: as many as the lake's
	// ledger shows.
	Copies float64

	// Progress is called, if it is set, as files are done, of so many in all.
	Progress func(done, all int)
	// Tool is the program's version, Command how the report is asked for again.
	Tool, Command string
}

// answer is what was counted, before it is written.
type answer struct {
	Question
	*counted
	delivered *delivered
	measured  float64 // copies, by the ledger; 0 when nobody can tell
	head      lake.Head
	coverage  lake.Coverage
}

// Collect makes the report. Errors are those of reading, and [coverage.ErrChanging].
func Collect(ctx context.Context, l *lake.Lake, q Question) (*report.Document, error) {
	a := &answer{Question: q}
	var err error
	if a.head, err = coverage.Head(ctx, l); err != nil {
		return nil, err
	}
	if a.counted, err = count(ctx, queries.Watch(l, q.Progress), q.From, q.To); err != nil {
		return nil, err
	}
	if a.delivered, err = deliveries(ctx, l); err != nil {
		return nil, err
	}
	if a.coverage, err = l.Coverage(ctx); err != nil {
		return nil, err
	}
	all := a.data + a.management
	if q.From != 0 || q.To != 0 {
		if all, err = events(ctx, queries.Watch(l, q.Progress)); err != nil {
			return nil, err
		}
	}
	if all > 0 {
		a.measured = float64(a.delivered.inScope) / float64(all)
	}
	if a.Copies == 0 {
		a.Copies = max(1, a.measured)
	}
	if err := coverage.Unchanged(ctx, l, a.head); err != nil {
		return nil, err
	}
	d := a.document()
	return d, d.Check()
}

// days is how long the time is: that asked for, or that of the first to the last event.
func (a *answer) days() float64 {
	from, to := int64(a.first)*dayMicros, (int64(a.last)+1)*dayMicros
	if a.From != 0 {
		from = a.From
	}
	if a.To != 0 {
		to = a.To
	}
	return max(float64(to-from)/float64(dayMicros), 1.0/24)
}

const dayMicros = int64(24 * time.Hour / time.Microsecond)

// monthDays is the length of a month, in the mean of years.
const monthDays = 365.25 / 12

// month is how many there are in a month of so many in the time.
func (a *answer) month(n int64) float64 { return float64(n) / a.days() * monthDays }
