package sample

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// Days, tables and records per object have the say over what a sample looks like;
// the number of events stays what was asked for.
func TestShapes(t *testing.T) {
	for _, c := range []struct {
		what  string
		o     Options
		most  int64 // objects, copies included
		least int64
	}{
		{"tiny objects", Options{Events: 4000, Days: 1, PerObject: 3}, 3000, 1300},
		{"large objects", Options{Events: 4000, Days: 1, PerObject: 4000}, 250, 1},
		{"many days and tables", Options{Events: 4000, Days: 9, Tables: 50}, 3000, 100},
	} {
		t.Run(c.what, func(t *testing.T) {
			c.o.Dir = t.TempDir()
			sum, err := Write(context.Background(), c.o)
			if err != nil {
				t.Fatal(err)
			}
			if sum.Events != c.o.Events || sum.Objects > c.most || sum.Objects < c.least {
				t.Errorf("%d events in %d objects", sum.Events, sum.Objects)
			}
			days := map[string]bool{}
			err = filepath.WalkDir(c.o.Dir, func(path string, d fs.DirEntry, err error) error {
				if err == nil && d.Type().IsRegular() {
					folder := filepath.Dir(path)
					days[folder[len(folder)-len("2026/03/02"):]] = true
				}
				return err
			})
			if n := len(days); err != nil || n < c.o.Days || n > c.o.Days+2 { // late ones come after
				t.Errorf("%d days of %d: %v, %v", n, c.o.Days, days, err)
			}
		})
	}
}

// The tables asked for take the calls, all of them.
func TestManyTables(t *testing.T) {
	g := gen{rng: newRNG(1, 2), acct: &accounts[0], tables: 3}
	seen := map[string]int{}
	for range 300 {
		g.somebody()
		seen[g.table.name]++
		if second := g.second(); second != g.table {
			t.Fatalf("%s beside %s", second.name, g.table.name)
		}
	}
	if len(seen) != 3 || seen["table-00001"] == 0 || seen["table-00002"] == 0 || seen["table-00003"] == 0 {
		t.Errorf("tables %v", seen)
	}
}

func TestImpossibleShapes(t *testing.T) {
	for _, o := range []Options{
		{Events: 10, Days: -1}, {Events: 10, Days: MaxDays + 1}, {Events: 10, Tables: -1}, {Events: 10, Tables: MaxTables + 1}, {Events: 10, PerObject: -1},
	} {
		o.Dir = filepath.Join(t.TempDir(), "out")
		if _, err := Write(context.Background(), o); err == nil || !strings.HasPrefix(err.Error(), "sample of ") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
