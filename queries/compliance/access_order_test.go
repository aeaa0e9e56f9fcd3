package compliance

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// The sections do not depend on the order of rows.
func TestAccessInAnyOrder(t *testing.T) {
	l, _ := accessLake(t, 1500)
	q := Question{From: "2026-03-02", To: "2026-03-05", Policy: parsedPolicy(t), ShowKeys: true}
	_, made := accessOf(t, l, q)
	want := asJSON(t, made)
	rows := rowsOf(t, l)
	random := rand.New(rand.NewPCG(1, 2))
	for range 2 {
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		if got := asJSON(t, accessOfRows(t, l, q, rows)); got != want {
			t.Fatal("another order of rows makes another report: " + difference(want, got))
		}
	}
}

// Item keys are nowhere unless they are asked for.
func TestAccessHidesKeys(t *testing.T) {
	l, _ := accessLake(t, 1500)
	q := Question{From: "2026-03-02", To: "2026-03-05", Policy: parsedPolicy(t)}
	_, made := accessOf(t, l, q)
	hidden := asJSON(t, made)
	q.ShowKeys = true
	_, made = accessOf(t, l, q)
	shown := asJSON(t, made)
	seen := 0
	for _, row := range rowsOf(t, l) {
		if row.ItemKey == "" {
			continue
		}
		for _, value := range row.KeyValues {
			if len(value) > 12 && strings.Contains(hidden, value) {
				t.Errorf("the report has the key %s", value)
			}
			if strings.Contains(shown, value) {
				seen++
			}
		}
	}
	if seen == 0 {
		t.Error("no key is shown even when asked for")
	}
}

// A report on some tables has no row of others, but has the calls that are of no table.
func TestAccessOfSomeTables(t *testing.T) {
	l, _ := accessLake(t, 1500)
	_, made := accessOf(t, l, Question{From: "2026-03-02", To: "2026-03-05", Policy: parsedPolicy(t), Tables: []string{"customers"}})
	for _, id := range accessSections {
		for _, table := range made[id].Tables {
			for i, c := range table.Columns {
				for _, row := range table.Rows {
					if name := row[i].String(); c.Name == "table" && name != "customers" && name != noTable {
						t.Errorf("%s has a row of %s", table.ID, name)
					}
				}
			}
		}
	}
}

func rowsOf(t testing.TB, l *lake.Lake) (rows []*schema.Touch) {
	t.Helper()
	_, err := queries.EachTouch(t.Context(), l, reader.Query{}, func(one *schema.Touch, _ schema.Partition) error {
		rows = append(rows, one.Clone())
		return nil
	})
	if err != nil || len(rows) == 0 {
		t.Fatal(len(rows), err)
	}
	return rows
}

// accessOfRows makes the sections of rows in the order in which they are given.
func accessOfRows(t testing.TB, l *lake.Lake, q Question, rows []*schema.Touch) sections {
	t.Helper()
	f, err := open(t.Context(), l, q)
	if err != nil {
		t.Fatal(err)
	}
	a, made := newAccess(f), sections{}
	for _, row := range rows {
		if row.EventTime >= f.From && row.EventTime < f.To {
			f.Rows++
			e := f.event(row)
			a.touch(&e)
		}
	}
	if err := a.write(t.Context(), f, made); err != nil {
		t.Fatal(err)
	}
	return made
}

func asJSON(t testing.TB, made sections) string {
	t.Helper()
	var b strings.Builder
	if err := report.WriteJSON(&b, documentOf(t, made)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// difference is where two texts begin to differ.
func difference(want, got string) string {
	i := 0
	for i < min(len(want), len(got)) && want[i] == got[i] {
		i++
	}
	from := max(0, i-200)
	return want[from:min(len(want), i+200)] + "\n-- became --\n" + got[from:min(len(got), i+200)]
}
