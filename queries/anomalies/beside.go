package anomalies

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// beside adds what is no test of numbers: Insights and, if asked for, hot keys.
func (r *Report) beside(ctx context.Context, l Lake, j *judging) error {
	if err := r.insights(ctx, l); err != nil {
		return err
	}
	switch {
	case !r.Question.HotKeys:
		r.NotEvaluated = append(r.NotEvaluated, HotKey+": was not asked for")
		return nil
	case r.Question.Actor != "":
		r.NotEvaluated = append(r.NotEvaluated, HotKey+": is about no actor")
		return nil
	}
	if err := r.hotKeys(ctx, l, j); err != nil {
		return err
	}
	sortFindings(r.Findings)
	return nil
}

// insightDetails are what CloudTrail says in one.
type insightDetails struct {
	State   string `json:"state"`
	Type    string `json:"insightType"`
	Context struct {
		Statistics struct {
			Baseline struct {
				Average float64 `json:"average"`
			} `json:"baseline"`
			Insight struct {
				Average float64 `json:"average"`
			} `json:"insight"`
		} `json:"statistics"`
	} `json:"insightContext"`
}

// insights are the Insight events of the day: of each pair, the start.
func (r *Report) insights(ctx context.Context, l Lake) error {
	d := detectionOf(Insight)
	where := reader.Query{FromDay: r.Day, ToDay: r.Day, Table: schema.NoTable,
		Where:   []reader.Condition{{Column: schema.ColumnIndex("op"), AnyOf: []string{schema.OpInsight}}},
		Columns: columns("event_id", "event_time", "event_name", "event_source", "aws_region", "recipient_account_id", "request_parameters", "source_object", "source_index")}
	_, err := queries.EachTouch(ctx, l, where, func(t *schema.Touch, _ schema.Partition) error {
		var details insightDetails
		if json.Unmarshal([]byte(t.RequestParameters), &details) != nil || details.State == "End" {
			return nil
		}
		c := t.Clone()
		at := time.UnixMicro(c.EventTime).UTC()
		fp := schema.Fingerprint(Insight, details.Type, c.EventSource, c.EventName, c.AWSRegion, c.RecipientAccountID)
		f := schema.Finding{
			ID: schema.FindingID(fp, r.Day), Fingerprint: fp, Day: r.Day, Detection: Insight, Version: d.Version,
			Kind: schema.FindingInsight, Severity: d.Severity, Title: d.Title, First: at, Last: at, Count: 1, Region: c.AWSRegion,
			Evidence: []schema.Evidence{{EventID: c.EventID, EventTime: at, EventName: c.EventName, SourceObject: c.SourceObject, SourceIndex: c.SourceIndex}},
		}
		service, _, _ := strings.Cut(c.EventSource, ".")
		f.Explain = fmt.Sprintf("%s of %s %s in account %s, %s", kindOfInsight(details.Type), queries.Clean(service), queries.Clean(c.EventName),
			queries.Clean(c.RecipientAccountID), queries.Clean(c.AWSRegion))
		if s := details.Context.Statistics; s.Insight.Average > 0 {
			f.Explain += fmt.Sprintf(": %.3g a minute, where %.3g were usual", s.Insight.Average, s.Baseline.Average)
		}
		r.Insights = append(r.Insights, f)
		return nil
	})
	slices.SortFunc(r.Insights, func(a, b schema.Finding) int {
		if c := a.First.Compare(b.First); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	r.Insights = fold(r.Insights)
	return err
}

// fold makes one finding of those that are about the same: a rate that rises twice a day.
// Those of one are told as the first is.
func fold(insights []schema.Finding) (folded []schema.Finding) {
	for _, f := range insights {
		at := slices.IndexFunc(folded, func(o schema.Finding) bool { return o.ID == f.ID })
		if at < 0 {
			folded = append(folded, f)
			continue
		}
		first := &folded[at]
		first.Count++
		first.Last = f.Last
		if len(first.Evidence) < schema.MaxEvidence {
			first.Evidence = append(first.Evidence, f.Evidence...)
		}
	}
	for i := range folded {
		if f := &folded[i]; f.Count > 1 {
			f.Explain += fmt.Sprintf("; %d times that day", f.Count)
		}
	}
	return folded
}

func kindOfInsight(t string) string {
	if t == "ApiErrorRateInsight" {
		return "unusual errors"
	}
	return "an unusual rate"
}

// A table that had fewer touches in its busiest hour has no hot key, and of so many
// tables, the busiest ones, they are looked for.
const (
	hotFrom   = 1000
	hotTables = 20
)

// hotKeys looks for keys that had a large part of a table's touches, or as many in a
// second as a partition serves (STA-007). Findings name no keys.
func (r *Report) hotKeys(ctx context.Context, l Lake, j *judging) error {
	d := detectionOf(HotKey)
	from := j.day(j.today())
	for _, t := range j.busiest(&r.Question) {
		top, err := queries.AskTop(ctx, l, queries.Top{Subject: queries.TopKeys, Limit: 10,
			Where: queries.Who{Table: t, From: dayTime(from).UnixMicro(), To: dayTime(from + 1).UnixMicro()}})
		if err != nil {
			return err
		}
		for i := range top.Rows {
			row := &top.Rows[i]
			if !top.Dominant(row) && !row.RequestHot() {
				continue
			}
			fp := schema.Fingerprint(HotKey, row.TableARN)
			f := schema.Finding{
				ID: schema.FindingID(fp, r.Day), Fingerprint: fp, Day: r.Day, Detection: HotKey, Version: d.Version,
				Kind: schema.FindingStatistical, Severity: d.Severity, Title: d.Title, Count: row.Count,
				First: time.UnixMicro(row.First).UTC(), Last: time.UnixMicro(row.Last).UTC(), TableName: row.TableName, TableARN: row.TableARN,
				Stat: &schema.Stat{Observed: float64(row.Count), P: 1}, // no test has one
			}
			f.Explain = fmt.Sprintf("one key had %.0f %% of %s touches; in its busiest second %d reads and %d writes (\"keytrail top keys %s\" names it)",
				100*row.Share, number(float64(top.Total)), row.Second.Reads, row.Second.Writes, row.TableName)
			r.Findings = append(r.Findings, f)
			break
		}
	}
	return nil
}

// busiest are the tables with most touches of the day, by ARN, busiest first.
func (j *judging) busiest(q *Question) []string {
	touches := map[string]int64{}
	for k, s := range j.series {
		if n := len(s.cells); k.table != "" && s.role == "" && q.isTable(s.name, k.table) && int(s.cells[n-1].day) == j.today() {
			touches[k.table] += s.cells[n-1].done
		}
	}
	var tables []string
	for t, n := range touches {
		if n >= hotFrom {
			tables = append(tables, t)
		}
	}
	slices.SortFunc(tables, func(a, b string) int {
		if touches[a] != touches[b] {
			return int(touches[b] - touches[a])
		}
		return strings.Compare(a, b)
	})
	return tables[:min(len(tables), hotTables)]
}
