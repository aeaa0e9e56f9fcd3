package compliance

import (
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/personal"
	"github.com/keytrail/keytrail/engine/retention"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// journal appends commits, each chained to the one before.
type journal struct {
	*testing.T
	lake *lake.Lake
	head lake.Head
}

func (j *journal) commit(at time.Time, changes ...lake.Change) {
	j.Helper()
	j.because(lake.Cause{}, at, changes...)
}

func (j *journal) because(cause lake.Cause, at time.Time, changes ...lake.Change) {
	j.Helper()
	head, err := j.lake.AppendJournal(j.Context(), lake.Commit{Cause: cause, Head: lake.Head{Number: j.head.Number + 1}, Previous: j.head.SHA256, At: at, Changes: changes})
	if err != nil {
		j.Fatal(err)
	}
	j.head = head
}

func changed(t *testing.T, day, old, now string, before, rows int64, objects ...string) lake.Change {
	t.Helper()
	n, err := schema.ParseDay(day)
	if err != nil {
		t.Fatal(err)
	}
	sum := func(s string) string {
		if s == "" {
			return ""
		}
		return strings.Repeat(s, 64)
	}
	return lake.Change{Partition: schema.Partition{Table: "orders", Day: n}, OldSHA256: sum(old), NewSHA256: sum(now), RowsBefore: before, Rows: rows, SourceObjects: objects}
}

// Which commits restate a day: with the head of the last report those after it, else those
// after the day was judged, or a month after it.
func TestRestatements(t *testing.T) {
	l := emptyLake(t)
	j := &journal{T: t, lake: l}
	j.commit(time.Date(2026, 3, 3, 1, 0, 0, 0, time.UTC), changed(t, "2026-03-02", "", "a", 0, 10, "o1"))
	first := j.head
	err := l.UpdateJudged(t.Context(), "2026-03-02", func(d *lake.Judged) { d.Commit = 1 })
	if err != nil {
		t.Fatal(err)
	}
	j.commit(time.Date(2026, 3, 4, 1, 0, 0, 0, time.UTC), changed(t, "2026-03-02", "a", "b", 10, 12, "o2"), changed(t, "2026-03-03", "", "c", 0, 5, "o2"))
	j.commit(time.Date(2026, 3, 5, 1, 0, 0, 0, time.UTC), changed(t, "2026-03-03", "c", "d", 5, 6, "o3"))
	j.commit(time.Date(2026, 5, 5, 1, 0, 0, 0, time.UTC), changed(t, "2026-03-03", "d", "e", 6, 4, "o4"))
	rows := func(since lake.Head) (string, *report.Section) {
		t.Helper()
		q := march("01", "31")
		q.Since = since
		_, made := account(t, l, q)
		var lines []string
		for _, row := range made[Restated].Table("restatements").Rows {
			lines = append(lines, strings.Join([]string{row[1].String(), row[2].String(), row[3].String(), row[5].String() + ">" + row[6].String(), row[8].String()}, " "))
		}
		return strings.Join(lines, "\n"), made[Restated]
	}
	if got, s := rows(lake.Head{}); got != "2026-03-02 late records 2 10>12 o2\n2026-03-03 rows removed, for no cause 4 6>4 o4" || s.Level != report.Alarm {
		t.Errorf("without a report before:\n%s", got)
	}
	if got, _ := rows(first); got != "2026-03-02 late records 2 10>12 o2\n2026-03-03 late records 2 0>5 o2\n2026-03-03 late records 3 5>6 o3\n2026-03-03 rows removed, for no cause 4 6>4 o4" {
		t.Errorf("since the first commit:\n%s", got)
	}
	if got, s := rows(j.head); got != "" || s.Level != report.OK {
		t.Errorf("since the last:\n%s", got)
	}
	for _, wrong := range []lake.Head{{Number: 2, SHA256: strings.Repeat("0", 64)}, {Number: 9, SHA256: first.SHA256}} {
		if _, s := rows(wrong); s.Level != report.Alarm {
			t.Errorf("since %s: %s", wrong, s.Level)
		}
	}
	_, made := account(t, l, march("01", "31"))
	if removals := made[Retention].Table("removals").Rows; len(removals) != 1 || removals[0][2].Int() != 4 {
		t.Errorf("rows taken away: %v", removals)
	}
}

// Erasures and prunings are named with the request and who did it, and are no reason to
// worry. An erasure that leaves the rows is one too.
func TestCausesAreNamed(t *testing.T) {
	l := emptyLake(t)
	j := &journal{T: t, lake: l}
	j.commit(time.Date(2026, 3, 3, 1, 0, 0, 0, time.UTC), changed(t, "2026-03-02", "", "a", 0, 10, "o1"))
	first := j.head
	j.because(lake.Cause{Kind: lake.Erasure, Request: "DSR-17", Operator: "jane"}, time.Date(2026, 3, 4, 1, 0, 0, 0, time.UTC), changed(t, "2026-03-02", "a", "b", 10, 10))
	j.because(lake.Cause{Kind: lake.Retention, Request: "after 400 days: \x1b[31mred"}, time.Date(2026, 3, 5, 1, 0, 0, 0, time.UTC), changed(t, "2026-03-02", "b", "", 10, 0))
	q := march("01", "31")
	q.Since = first
	_, made := account(t, l, q)
	s := made[Restated]
	if s.Level != report.Attention || !strings.Contains(s.Lead, "erasure DSR-17 by jane; retention after 400 days") {
		t.Errorf("%s: %s", s.Level, s.Lead)
	}
	for _, list := range []*report.Table{s.Table("restatements"), made[Retention].Table("removals")} {
		if len(list.Rows) != 2 || list.Rows[0][at(t, list, "kind")].String() != "erasure" || list.Rows[0][at(t, list, "request")].String() != "DSR-17" ||
			list.Rows[0][at(t, list, "operator")].String() != "jane" || list.Rows[1][at(t, list, "kind")].String() != "retention" {
			t.Errorf("%s: %v", list.ID, list.Rows)
		}
	}
}

// Legal holds are told, those in force first, and so are days that stay out.
func TestHoldsAndHorizons(t *testing.T) {
	l := emptyLake(t)
	if _, err := l.PutOrders(t.Context(), lake.RetentionOrder, []byte(`{"version":1,"tables":[{"table":"orders","days":[{"to":"2026-03-03"}]}]}`), ""); err != nil {
		t.Fatal(err)
	}
	q := march("01", "31")
	limits, err := retention.Parse("retention.yaml", []byte(`legal_holds:
  - {match: clicks, owner: legal, reason: case 1, expires: 2026-03-30}
  - {match: orders, owner: legal, reason: case 2, expires: 2026-12-31}
`))
	if err != nil {
		t.Fatal(err)
	}
	q.Limits = limits
	_, made := account(t, l, q)
	holds, horizons := made[Retention].Table("legal_holds"), made[Retention].Table("horizons")
	if len(holds.Rows) != 2 || holds.Rows[0][0].String() != "orders" || holds.Rows[0][1].String() != "in force" || holds.Rows[1][1].String() != "over" {
		t.Errorf("holds: %v", holds.Rows)
	}
	if len(horizons.Rows) != 1 || !horizons.Rows[0][1].IsNull() || horizons.Rows[0][2].String() != "2026-03-03" {
		t.Errorf("horizons: %v", horizons.Rows)
	}
}

// What is in the lake of keys is what it has settled, whatever the keys look like.
func TestKeysAreAsPinned(t *testing.T) {
	l := emptyLake(t)
	check := strings.Repeat("ab", 16)
	pin := &personal.Pin{Version: 1, Modes: personal.Modes{Default: personal.Plain, Tables: []personal.TableMode{{Tables: "orders", Mode: personal.HMAC}}},
		Epochs: []personal.PinnedEpoch{{Check: check, Destroyed: true}, {From: "2026-03-10", Check: check}}}
	if err := l.PutKeyPin(t.Context(), pin.Text(), ""); err != nil {
		t.Fatal(err)
	}
	f, made := account(t, l, march("01", "31"))
	if said := keysSaid(f.Keys); !strings.Contains(said, "of 2 secrets. 1 of them was destroyed") {
		t.Error(said)
	}
	epochs := made[Method].Table("key_epochs")
	if len(epochs.Rows) != 2 || epochs.Rows[0][2].String() != "destroyed" || epochs.Rows[1][1].String() != "2026-03-10" {
		t.Errorf("epochs: %v", epochs.Rows)
	}
	if modeOf(f.Keys, "orders", "") != personal.HMAC || modeOf(f.Keys, "clicks", "") != personal.Plain || modeOf(nil, "orders", "") != personal.Plain {
		t.Error("modes are not those of the pin")
	}
}

// A journal whose entries do not follow from each other is told.
func TestBrokenChain(t *testing.T) {
	l := emptyLake(t)
	j := &journal{T: t, lake: l}
	j.commit(time.Date(2026, 3, 3, 1, 0, 0, 0, time.UTC), changed(t, "2026-03-02", "", "a", 0, 1, "o1"))
	j.head.SHA256 = strings.Repeat("f", 64)
	j.commit(time.Date(2026, 3, 4, 1, 0, 0, 0, time.UTC), changed(t, "2026-03-03", "", "b", 0, 1, "o2"))
	_, made := account(t, l, march("01", "31"))
	if s := made[Integrity]; s.Level != report.Alarm || !strings.Contains(text(t, made, Integrity), "chain of hashes breaks") {
		t.Errorf("%s: %v", s.Level, s.Notes)
	}
}
