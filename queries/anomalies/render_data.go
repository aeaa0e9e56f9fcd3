package anomalies

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// reportJSON is a report on the wire.
type reportJSON struct {
	Day          string           `json:"day"`
	Tested       int              `json:"tested"`
	Selected     int              `json:"selected"`
	Gated        int              `json:"gated"`
	States       map[State]int    `json:"states"` // of actors on tables
	Tests        int              `json:"tests"`
	BelowShare   *float64         `json:"below_1_percent"` // null when nothing was tested
	TooMany      bool             `json:"miscalibrated"`
	DaysBefore   int              `json:"days_before"`
	Folded       int64            `json:"folded"`
	NotEvaluated []string         `json:"not_evaluated"`
	Complete     bool             `json:"complete"`
	Gaps         []string         `json:"gaps"`
	Insights     []schema.Finding `json:"insights"`
	Findings     []schema.Finding `json:"findings"`
}

func renderJSON(w io.Writer, r *Report) error {
	out := reportJSON{
		Day: r.Day, Tested: r.Tested, Selected: r.Chosen, Gated: r.Gated, States: map[State]int{}, Tests: r.Tests, TooMany: r.TooMany(),
		DaysBefore: r.Days, Folded: r.Folded, NotEvaluated: list(r.NotEvaluated), Complete: !r.Gaps.Incomplete(),
		Gaps: []string{}, Insights: list(r.Insights), Findings: list(r.Findings),
	}
	for _, s := range []State{Tested, Learning, Sparse, NotCovered} {
		out.States[s] = r.States[s]
	}
	if share := r.Share(); !math.IsNaN(share) {
		out.BelowShare = &share
	}
	for _, g := range r.Gaps {
		out.Gaps = append(out.Gaps, g.What)
	}
	return writeJSON(w, &out)
}

func renderJSONL(w io.Writer, r *Report) error {
	for _, f := range slices.Concat(r.Findings, r.Insights) {
		if err := writeJSON(w, &f); err != nil {
			return err
		}
	}
	return nil
}

// writeJSON writes one line. What a terminal would obey or hide is escaped.
func writeJSON(w io.Writer, v any) error {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // p<1e-12
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, queries.EscapeJSON(strings.TrimSuffix(b.String(), "\n"))+"\n")
	return err
}

// list is a list that is written as [] when there is nothing in it.
func list[T any](all []T) []T { return append([]T{}, all...) }

var csvColumns = []string{"severity", "detection", "day", "table_name", "table_arn", "principal", "actor", "actor_name", "actor_kind",
	"observed", "expected", "low", "high", "p", "count", "first", "last", "title", "explain", "id", "fingerprint"}

func renderCSV(w io.Writer, r *Report) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvColumns); err != nil {
		return err
	}
	for _, f := range slices.Concat(r.Findings, r.Insights) {
		s := schema.Stat{}
		if f.Stat != nil {
			s = *f.Stat
		}
		line := []string{f.Severity.String(), f.Detection, f.Day, f.TableName, f.TableARN, f.Principal, f.Actor, f.ActorName, f.ActorKind,
			decimal(s.Observed), decimal(s.Expected), decimal(s.Low), decimal(s.High), decimal(s.P), strconv.FormatInt(f.Count, 10),
			f.First.Format(time.RFC3339), f.Last.Format(time.RFC3339), f.Title, f.Explain, f.ID, f.Fingerprint}
		for i := range line {
			line[i] = queries.GuardCSV(line[i])
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// decimal is a number with as many digits as it needs.
func decimal(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
