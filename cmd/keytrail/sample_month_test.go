package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// series is what one actor does of one class on one table, by day.
type series struct{ table, actor, op string }

// In a month's sample programs do about as much every day as on other days of its kind,
// and its policy expects all but what the intruder did.
func TestSampleMonth(t *testing.T) {
	rows := monthOf(t, 50_000, "--days", "30", "--incident-day", "20")
	counts, unexpected := map[series]map[int32]int{}, map[string]int{}
	for _, r := range rows {
		day := schema.DayOf(r.EventTime)
		if !r.expected {
			unexpected[r.EventName]++
			if r.Op != schema.OpInsight && (r.SourceIP != "203.0.113.77" && r.InvokedBy == "" || r.ActorName != "maren.holt@example.com" || schema.DayString(day) != "2026-03-21") {
				t.Errorf("%s does %s on %s at %v, and nobody expects it", r.Actor, r.EventName, r.TableName, time.UnixMicro(r.EventTime).UTC())
			}
		}
		if r.ActorKind == schema.ActorService && r.Plane == schema.PlaneData {
			s := series{r.TableARN, r.Actor, r.Op}
			if counts[s] == nil {
				counts[s] = map[int32]int{}
			}
			counts[s][day]++
		}
	}
	for name, n := range map[string]int{"Scan": 15, "DeleteItem": 1, "UpdateItem": 1, "BatchGetItem": 8, "StopLogging": 1, "PutEventSelectors": 1, "ExportTableToPointInTime": 1} {
		if unexpected[name] != n { // Scan: 13, and what CloudTrail Insights say about them
			t.Errorf("%d unexpected %s, want %d", unexpected[name], name, n)
		}
	}
	first, err := schema.ParseDay("2026-03-02") // a Monday
	if err != nil {
		t.Fatal(err)
	}
	judged := 0
	for s, days := range counts {
		if !strings.HasSuffix(s.actor, "month-end-close") && !strings.HasSuffix(s.actor, "nightly-export") {
			judged += evenDays(t, s, days, first, 30)
		}
	}
	if judged < 40*30 {
		t.Errorf("%d counts of days judged", judged)
	}
}

// evenDays complains about days a third off from the others of their kind, working days or
// not, and returns how many days it judged: where less than ten calls are made on a day,
// a few more or less are many.
func evenDays(t *testing.T, s series, days map[int32]int, first int32, n int) (judged int) {
	kinds := map[bool][]int{}
	for d := range n {
		free := d%7 >= 5
		kinds[free] = append(kinds[free], days[first+int32(d)])
	}
	for free, counts := range kinds {
		sorted := slices.Sorted(slices.Values(counts))
		usual := sorted[len(sorted)/2]
		if usual < 10 {
			continue
		}
		judged += len(counts)
		if least, most := sorted[0], sorted[len(sorted)-1]; max(usual-least, most-usual) > 3+usual*35/100 {
			t.Errorf("%+v (free days: %v): %d on most days, %d to %d: %v", s, free, usual, least, most, counts)
		}
	}
	return judged
}

// Without the incident nothing is unexpected: another seed, other days, the end of a month.
func TestSampleMonthWithoutIncident(t *testing.T) {
	closed := false
	for _, r := range monthOf(t, 5000, "--days", "16", "--no-incident", "--seed", "5", "--start", "2025-11-18") {
		if !r.expected {
			t.Errorf("%s does %s on %s, and nobody expects it", r.Actor, r.EventName, r.TableName)
		}
		closed = closed || strings.HasSuffix(r.Actor, "/month-end-close")
	}
	if !closed {
		t.Error("nobody has closed the books")
	}
}

// monthRow is a touch, and whether the sample's policy expects it. That somebody was given
// a session is no act on a table, and expected.
type monthRow struct {
	schema.Touch
	expected bool
}

// monthOf are the rows of a sample with such flags, made by the built binary.
func monthOf(t *testing.T, events int64, flags ...string) (rows []monthRow) {
	t.Helper()
	dir := t.TempDir()
	trail, lake, file := filepath.Join(dir, "trail"), filepath.Join(dir, "lake"), filepath.Join(dir, "policy.yaml")
	args := append([]string{"sample", "--out", trail, "--events", strconv.FormatInt(events, 10), "--policy-out", file}, flags...)
	for _, args := range [][]string{args, {"ingest", trail, "--lake", lake}} {
		if _, err := keytrail(args...); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	expected, err := policy.Parse(file, text)
	if err != nil {
		t.Fatal(err)
	}
	l, err := openLake(t.Context(), lake)
	if err != nil {
		t.Fatal(err)
	}
	_, err = queries.EachTouch(t.Context(), l, reader.Query{}, func(touch *schema.Touch, _ schema.Partition) error {
		r := monthRow{expected: touch.Op == schema.OpSession || expected.Judge(touch).Effect == policy.Allowed}
		r.Touch = *touch.Clone()
		rows = append(rows, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
