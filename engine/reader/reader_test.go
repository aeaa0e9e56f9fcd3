package reader

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"go.uber.org/goleak"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Whatever is asked, the answer is that of looking at every row.
func TestScan(t *testing.T) {
	all := sample(1500)
	l := newLake(t, objecttest.NewMem(), all)
	r := rand.New(rand.NewPCG(5, 5))
	const start = int64(day0) * 86_400_000_000
	for n := range 200 {
		q := Query{Parallel: 1 + r.IntN(4), BatchRows: r.IntN(300), BufferBytes: r.Int64N(100_000)}
		if r.IntN(2) == 0 {
			q.Columns = []int{timeColumn, schema.ColumnIndex("event_id")}
		}
		if r.IntN(2) == 0 {
			q.Table = []string{"orders", "users", "absent", "not/a/table"}[r.IntN(4)]
		}
		if r.IntN(3) == 0 {
			q.FromDay, q.ToDay = schema.DayString(day0+r.Int32N(4)-1), schema.DayString(day0+r.Int32N(4)-1)
		}
		if r.IntN(3) == 0 {
			q.From = start + r.Int64N(3*86_400_000_000)
		}
		if r.IntN(3) == 0 {
			q.To = start + r.Int64N(3*86_400_000_000)
		}
		for range r.IntN(3) {
			q.Where = append(q.Where, []Condition{
				KeyValue(strconv.Itoa(r.IntN(600))),
				KeyValue(strconv.Itoa(r.IntN(3))),
				ItemKey(`{"pk":"17","sk":"1"}`, `{"pk":"`+strconv.Itoa(r.IntN(500))+`","sk":"2"}`, "absent"),
				{schema.ColumnIndex("actor"), []string{"role-3", "role-5", "role-99"}},
				{schema.ColumnIndex("statement"), []string{"x"}},
				{schema.ColumnIndex("op"), nil},
			}[r.IntN(6)])
		}
		got, stats, err := scan(l, q)
		if err != nil {
			t.Fatal(err)
		}
		if want := want(all, q); !slices.Equal(got, want) {
			t.Fatalf("%d: %+v: %d rows, want %d", n, q, len(got), len(want))
		}
		if stats.Rows != int64(len(got)) || stats.FilesPruned > stats.Files || stats.RowGroupsPruned > stats.RowGroups {
			t.Errorf("%+v: %+v", q, stats)
		}
	}
}

func TestPruning(t *testing.T) {
	l := newLake(t, objecttest.NewMem(), sample(4000))
	key := `{"pk":"17","sk":"1"}`
	_, stats, err := scan(l, Query{Table: "orders", Where: []Condition{ItemKey(key)}})
	if err != nil || stats.Files != 3 || stats.RowGroups != 30 || stats.RowGroupsPruned < 25 {
		t.Errorf("one key: %+v, %v", stats, err)
	}
	_, stats, err = scan(l, Query{Where: []Condition{KeyValue("no such value")}})
	if err != nil || stats.Files != 9 || stats.FilesPruned < 8 || stats.Rows != 0 {
		t.Errorf("absent value: %+v, %v", stats, err)
	}
	_, stats, err = scan(l, Query{From: int64(day0)*86_400_000_000 + 5, To: int64(day0+1) * 86_400_000_000})
	if err != nil || stats.Files != 3 {
		t.Errorf("first day by time: %+v, %v", stats, err)
	}
}

// No columns: rows are counted.
func TestCount(t *testing.T) {
	l := newLake(t, objecttest.NewMem(), sample(1000))
	n := int64(0)
	stats, err := Scan(context.Background(), l, Query{Columns: []int{}}, func(rec arrow.Record, _ schema.Partition) error {
		if rec.NumCols() != 0 || rec.NumRows() == 0 {
			t.Errorf("%d columns, %d rows", rec.NumCols(), rec.NumRows())
		}
		n += rec.NumRows()
		return nil
	})
	if err != nil || n != 9000 || stats.Rows != n {
		t.Errorf("%d rows, %+v, %v", n, stats, err)
	}
}

// A partition of several files has its rows once, in whatever state a split was left.
func TestBuckets(t *testing.T) {
	all := sample(900)
	p := schema.Partition{Table: "orders", Day: day0}
	rows := all[p]
	less := rows[:len(rows)/2] // what an earlier version held
	for name, files := range map[string][]struct {
		bucket, of int
		rows       []schema.Touch
	}{
		"four":                      {{0, 4, rows}, {1, 4, rows}, {2, 4, rows}, {3, 4, rows}},
		"first split cut short":     {{0, 1, rows}, {1, 2, less}},
		"left over behind":          {{0, 2, rows}, {1, 2, rows}, {2, 4, less}, {3, 4, less}},
		"second split cut short":    {{0, 2, rows}, {1, 4, rows}, {2, 4, rows}, {3, 4, rows}},
		"two splits at once":        {{0, 1, rows}, {1, 4, less}, {2, 4, less}, {3, 4, less}},
		"split in eight, cut short": {{0, 2, rows}, {1, 8, rows}, {2, 8, rows}, {3, 8, rows}, {4, 8, rows}, {5, 8, rows}, {6, 8, rows}, {7, 8, rows}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLake(t, objecttest.NewMem(), all)
			for _, f := range files {
				put(t, l, p, f.bucket, f.of, f.rows)
			}
			for _, q := range []Query{
				{Table: "orders"},
				{Table: "orders", Where: []Condition{KeyValue("1")}},
				{Table: "orders", Where: []Condition{ItemKey(rows[len(rows)-1].ItemKey, rows[len(rows)/2].ItemKey)}},
			} {
				got, _, err := scan(l, q)
				if err != nil {
					t.Fatal(err)
				}
				want := want(all, q)
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) {
					t.Errorf("%+v: %d rows, want %d", q, len(got), len(want))
				}
			}
		})
	}
	l := newLake(t, objecttest.NewMem(), all)
	put(t, l, p, 0, 2, rows)
	if _, _, err := scan(l, Query{}); !errors.Is(err, object.ErrNotExist) {
		t.Errorf("a file is missing: %v", err)
	}
	put(t, l, p, 1, 1, rows)
	if _, _, err := scan(l, Query{}); err == nil {
		t.Error("a file of another split: no error")
	}
}

// A file that changes is read again, and none of its rows come twice.
func TestChangedFile(t *testing.T) {
	all := sample(1500)
	q := Query{Table: "orders"}
	want := want(all, q)
	for _, nth := range []int{1, 2, 3, 20, 60, 110} {
		store := objecttest.NewFaults(objecttest.NewMem(),
			objecttest.Fault{Op: objecttest.OpReadAt, Key: "day=2024-10-05", Nth: nth, Err: object.ErrChanged})
		l := newLake(t, store, all)
		got, _, err := scan(l, q)
		if err != nil || store.Struck(0) != 1 || !slices.Equal(got, want) {
			t.Errorf("read %d fails %d times: %d rows, want %d; %v", nth, store.Struck(0), len(got), len(want), err)
		}
	}
	// Rows handed out already, since they did not fit: an error, and none twice.
	store := objecttest.NewFaults(objecttest.NewMem(),
		objecttest.Fault{Op: objecttest.OpReadAt, Key: "day=2024-10-05", Nth: 150, Err: object.ErrChanged})
	q.BufferBytes, q.BatchRows = 1000, 10
	got, _, err := scan(newLake(t, store, all), q)
	if !errors.Is(err, object.ErrChanged) || store.Struck(0) != 1 || !slices.Equal(got, want[:len(got)]) {
		t.Errorf("changed late: %d rows, %v", len(got), err)
	}
	// One that never stays the same.
	store = objecttest.NewFaults(objecttest.NewMem(),
		objecttest.Fault{Op: objecttest.OpReadAt, Key: "day=2024-10-05", Err: object.ErrChanged})
	if _, _, err := scan(newLake(t, store, all), q); !errors.Is(err, object.ErrChanged) || store.Struck(0) != maxTries {
		t.Errorf("changed always: %d tries, %v", store.Struck(0), err)
	}
}

func TestErrors(t *testing.T) {
	l := newLake(t, objecttest.NewMem(), sample(500))
	stop := errors.New("stop")
	calls := 0
	_, err := Scan(context.Background(), l, Query{BatchRows: 10}, func(arrow.Record, schema.Partition) error {
		calls++
		return stop
	})
	if err != stop || calls != 1 {
		t.Errorf("fn failed: %v after %d calls", err, calls)
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err = Scan(ctx, l, Query{BatchRows: 10}, func(arrow.Record, schema.Partition) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for _, q := range []Query{
		{Where: []Condition{{Column: -1}}},
		{Where: []Condition{{Column: timeColumn}}},
		{Columns: []int{len(schema.Columns)}},
	} {
		if _, _, err := scan(l, q); err == nil {
			t.Errorf("%+v: no error", q)
		}
	}
	denied := objecttest.NewFaults(objecttest.NewMem(), objecttest.Fault{Op: objecttest.OpOpenAt, Key: "users", Err: object.ErrDenied})
	if _, _, err := scan(newLake(t, denied, sample(10)), Query{}); !errors.Is(err, object.ErrDenied) {
		t.Errorf("denied: %v", err)
	}
	denied = objecttest.NewFaults(objecttest.NewMem(), objecttest.Fault{Op: objecttest.OpList, Key: "touches", Err: object.ErrDenied})
	if _, _, err := scan(newLake(t, denied, sample(10)), Query{}); !errors.Is(err, object.ErrDenied) {
		t.Errorf("listing denied: %v", err)
	}
}
