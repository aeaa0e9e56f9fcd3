package compliance

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

const (
	hourLong = int64(time.Hour / time.Microsecond)
	dayLong  = 24 * hourLong
)

// books are the lake's accounts, read once for all sections that are written from them.
type books struct {
	first  int   // day of the period, the first, since 1970
	now    int64 // when the lake was last changed, microseconds since 1970: what is said of ages
	ledger ledgerBook
	past   past
	chain  chain
	runs   []nightRun
	judged map[string]judgedDay // by day of the period
	files  []fileOf             // the touches files of the period
	whole  lake.Counts          // of the whole ledger
	rows   int64                // of the whole lake, by its manifest
}

// judgedDay is what is known of the judging of a day.
type judgedDay struct {
	lake.Judged
	stale bool // the day's rows are others now
}

// nightRun is what the record of a nightly run says that a report has use for.
type nightRun struct {
	RunID   string    `json:"run_id"`
	Tool    string    `json:"tool"`
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	Config  string    `json:"config_sha256"`
	Policy  string    `json:"policy_sha256"`
	Steps   []struct {
		Name    string `json:"name"`
		Outcome string `json:"outcome"`
	} `json:"steps"`
	Days []struct {
		Day          string   `json:"day"`
		NotEvaluated []string `json:"not_evaluated"`
	} `json:"days"`
	Status int `json:"status"`
}

func newBooks(f *Frame) *books {
	return &books{first: int(f.From / dayLong)}
}

// touch has nothing to do: books is a part since it is read before all others are written.
func (b *books) touch(*detect.Event) {}

// write reads the books. It makes no section.
func (b *books) write(ctx context.Context, f *Frame, _ sections) error {
	b.whole = f.Coverage.Total()
	for _, read := range []func(context.Context, *Frame) error{
		b.chain.read, b.past.read, b.ledger.read, b.readRuns, b.readJudged, b.readFiles,
	} {
		if err := read(ctx, f); err != nil {
			return err
		}
	}
	b.now = cmp.Or(b.chain.last, f.To)
	return nil
}

// readRuns keeps the records of nightly runs that judged a day of the period, or ran in it.
func (b *books) readRuns(ctx context.Context, f *Frame) error {
	ids, err := f.Lake.Runs(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if id < f.Question.From { // named by its start, which is after the days it judges
			continue
		}
		data, err := f.Lake.Run(ctx, id)
		if err != nil {
			return err
		}
		var r nightRun
		if err := json.Unmarshal(data, &r); err != nil {
			return fmt.Errorf("the record of run %s: %w; move it out of the lake, or say --to so that it is not asked for", id, err)
		}
		r.RunID = cmp.Or(r.RunID, id)
		inPeriod := !r.Started.IsZero() && r.Started.UnixMicro() < f.To
		for i := range r.Days {
			inPeriod = inPeriod || r.Days[i].Day >= f.Question.From && r.Days[i].Day <= f.Question.To
		}
		if inPeriod {
			b.runs = append(b.runs, r)
		}
	}
	return nil
}

func (b *books) readJudged(ctx context.Context, f *Frame) error {
	b.judged = map[string]judgedDay{}
	days, err := f.Lake.JudgedDays(ctx)
	if err != nil {
		return err
	}
	for _, day := range days {
		if day < f.Question.From || day > f.Question.To {
			continue
		}
		j, err := f.Lake.Judged(ctx, day)
		if err != nil {
			return err
		}
		version, err := f.Lake.DayVersion(ctx, day)
		if err != nil {
			return err
		}
		if j != nil {
			b.judged[day] = judgedDay{*j, j.Version != version}
		}
	}
	return nil
}

// notJudged are the days of the period that no nightly run judged.
func (b *books) notJudged(f *Frame) (days []string) {
	for _, day := range f.Days {
		if _, ok := b.judged[day]; !ok {
			days = append(days, day)
		}
	}
	return days
}

// about reports whether a thing of the lake with that table's name is in scope.
func (f *Frame) about(arn, name string) bool {
	if name == schema.NoTable {
		name = ""
	}
	return f.inScope(&schema.Touch{TableARN: arn, TableName: name})
}

// named reports whether one of some globs of tables may name a partition, of which only
// the table's name is known.
func (f *Frame) named(table string) bool {
	if len(f.Tables) == 0 || table == schema.NoTable {
		return true
	}
	return slices.ContainsFunc(f.Tables, func(g string) bool {
		return policy.Glob(g, table) || policy.Glob(g, "arn:aws:dynamodb:*:*:table/"+table)
	})
}

// many says a number of things in words: "1 day", "3 days", "2 touches", "2 entries".
func many(n int64, thing string) string {
	s := report.CountOf(n).String() + " " + thing
	switch y := strings.TrimSuffix(s, "y"); {
	case n == 1:
		return s
	case strings.HasSuffix(s, "ch"):
		return s + "es"
	case y != s && !strings.HasSuffix(y, "a"):
		return y + "ies"
	}
	return s + "s"
}

// yesNo is one of two values.
func yesNo(is bool, yes, no report.Value) report.Value {
	if is {
		return yes
	}
	return no
}
