package custody

import (
	"fmt"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// The summary agrees with a join that keeps everything by name.
func TestDigestSummaryAgainstPlainJoin(t *testing.T) {
	w := newWorld(t)
	for h := range 30 {
		w.Hour(1 + h%3)
	}
	for i := 0; i < len(w.Logs); i += 7 {
		w.tamper(i) // with rows of the first day
	}
	w.remove(w.Digests[9])
	w.ingest()
	w.record(Options{To: "2026-03-03"})

	verdicts := map[string]string{}
	days, err := w.lake.LedgerDays(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range days {
		entries, err := w.lake.Ledger(t.Context(), day)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Status == lake.Done {
				verdicts[e.SourceObject] = e.DigestVerdict
			}
		}
	}
	type cell struct{ table, day, verdict string }
	rows, objects := map[cell]int64{}, map[cell]map[string]bool{}
	q := reader.Query{Columns: []int{schema.ColumnIndex("source_object")}}
	_, err = reader.Scan(t.Context(), w.lake, q, func(rec arrow.Record, p schema.Partition) error {
		for i := range int(rec.NumRows()) {
			name := rec.Column(0).(*array.String).Value(i)
			rows[cell{p.Table, p.DayString(), verdicts[name]}]++
			all := cell{p.Table, p.DayString(), ""}
			if objects[all] == nil {
				objects[all] = map[string]bool{}
			}
			objects[all][name] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Summary(t.Context(), w.lake)
	if err != nil || len(got) != 3 {
		t.Fatalf("%d table-days, %v", len(got), err)
	}
	for _, g := range got {
		n := func(verdict string) int64 { return rows[cell{g.Table, g.Day, verdict}] }
		want := TableDay{g.Table, g.Day, int64(len(objects[cell{g.Table, g.Day, ""}])), n("proven"), n("unproven"), n("altered"), n("")}
		if g != want {
			t.Errorf("%+v, want %+v", g, want)
		}
	}
	one, err := Summary(t.Context(), w.lake, got[2].Day, got[0].Day)
	if err != nil || !slices.Equal(one, []TableDay{got[0], got[2]}) {
		t.Errorf("of two days: %+v, %v", one, err)
	}
}

// Of several verdicts under one name the worst counts, whatever their order.
func TestDigestSummaryOfOneName(t *testing.T) {
	for _, c := range []struct {
		verdicts []string
		want     string
	}{
		{[]string{"proven", "proven"}, "1 proven, 0 unproven, 0 altered, 0 not judged"},
		{[]string{"proven", "unproven"}, "0 proven, 1 unproven, 0 altered, 0 not judged"},
		{[]string{"unproven", ""}, "0 proven, 0 unproven, 0 altered, 1 not judged"},
		{[]string{"", "altered", "proven"}, "0 proven, 0 unproven, 1 altered, 0 not judged"},
	} {
		for range 2 {
			w := newWorld(t)
			w.Hour(1)
			w.ingest()
			day := "2026-03-02"
			entries, err := w.lake.Ledger(t.Context(), day)
			if err != nil {
				t.Fatal(err)
			}
			at := slices.IndexFunc(entries, func(e lake.Entry) bool { return e.Status == lake.Done })
			var news []lake.Entry
			for i, v := range c.verdicts {
				e := entries[at]
				e.Source, e.DigestVerdict = fmt.Sprintf("%s%d/", e.Source, i), v
				news = append(news, e)
			}
			entries[at].DigestVerdict = c.verdicts[0]
			if err := w.lake.MergeLedger(t.Context(), day, append(news, entries[at])); err != nil {
				t.Fatal(err)
			}
			if got := w.sums(); got != "1 objects: "+c.want {
				t.Errorf("%q: %s", c.verdicts, got)
			}
			slices.Reverse(c.verdicts)
		}
	}
}
