package parquetio

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// values lists what a text or list column of a row holds.
func values(c schema.Column, row *schema.Touch) []string {
	if c.List != nil {
		return *c.List(row)
	}
	if v := *c.Text(row); v != "" {
		return []string{v}
	}
	return nil
}

// A filter never denies a value that is there, and nearly always one that is not.
func TestMayContain(t *testing.T) {
	rows := append(odd(), sample(4, 60_000)...)
	f := open(t, write(t, rows, WriterOptions{RowGroupRows: 20_000}))
	absent := 0
	for i, c := range schema.Columns {
		if !c.Bloom {
			continue
		}
		at := 0
		for rg := range f.NumRowGroups() {
			end := at + int(f.RowGroupRows(rg))
			for r := at; r < end; r++ {
				for _, v := range values(c, &rows[r]) {
					if may, err := f.MayContain(rg, i, v); err != nil || !may {
						t.Fatalf("%s, row group %d denies %q, which it has (%v)", c.Name, rg, v, err)
					}
				}
			}
			at = end
			for n := range 1000 {
				if may, err := f.MayContain(rg, i, fmt.Sprintf("absent-%d", n)); err != nil {
					t.Fatal(err)
				} else if !may {
					absent++
				}
			}
		}
	}
	if asked := 2 * f.NumRowGroups() * 1000; absent < asked*97/100 {
		t.Errorf("%d of %d absent values denied", absent, asked)
	}
	if may, err := f.MayContain(0, schema.ColumnIndex("event_id"), "x"); !may || err != nil {
		t.Errorf("a column without filter: %v, %v", may, err)
	}
}

func TestBounds(t *testing.T) {
	rows := append(make([]schema.Touch, 5), append(odd(), sample(5, 30_000)...)...)
	f := open(t, write(t, rows, WriterOptions{RowGroupRows: 10_000}))
	at := 0
	for rg := range f.NumRowGroups() {
		group := rows[at : at+int(f.RowGroupRows(rg))]
		at += len(group)
		for i, c := range schema.Columns {
			if c.Text == nil && c.List == nil {
				continue
			}
			least, greatest, nulls, ok := f.Bounds(rg, i)
			var all []string
			empty := int64(0)
			for r := range group {
				v := values(c, &group[r])
				if len(v) == 0 {
					empty++
				}
				all = append(all, v...)
			}
			if nulls != empty || ok != (len(all) > 0) {
				t.Errorf("%s, row group %d: %d nulls, want %d; ok %v", c.Name, rg, nulls, empty, ok)
			}
			if !ok {
				continue
			}
			lo, hi := slices.Min(all), slices.Max(all)
			if least > lo || greatest < hi {
				t.Errorf("%s, row group %d: bounds %q %q of %q %q", c.Name, rg, least, greatest, lo, hi)
			}
			if len(lo) <= maxBound && least != lo || len(hi) <= maxBound && greatest != hi {
				t.Errorf("%s, row group %d: bounds %q %q of short values %q %q", c.Name, rg, least, greatest, lo, hi)
			}
			if len(least) > maxProbedBound || len(greatest) > maxProbedBound && !strings.Contains(greatest, "é") {
				t.Errorf("%s, row group %d: bounds of %d and %d bytes", c.Name, rg, len(least), len(greatest))
			}
		}
		first, last, ok := f.TimeBounds(rg)
		times := make([]int64, len(group))
		for r := range group {
			times[r] = group[r].EventTime
		}
		if !ok || first != slices.Min(times) || last != slices.Max(times) {
			t.Errorf("row group %d: times %d to %d, %v", rg, first, last, ok)
		}
	}
}

func TestCutBounds(t *testing.T) {
	for _, tt := range []struct{ v, lower, upper string }{
		{"", "", ""},
		{"abcd", "abcd", "abcd"},
		{"abcde", "abcd", "abce"},
		{"abc\x7fe", "abc\x7f", "abd"},
		{"abcéx", "abc", "abd"},
		{"éééé", "éé", "éééé"},
		{"a\x7e\x7f\x7f\x7f", "a\x7e\x7f\x7f", "a\x7f"},
		{"\x7f\x7f\x7f\x7f\x7f", "\x7f\x7f\x7f\x7f", "\x7f\x7f\x7f\x7f\x7f"},
	} {
		lower, upper := lowerBound([]byte(tt.v), 4), upperBound([]byte(tt.v), 4)
		if string(lower) != tt.lower || string(upper) != tt.upper {
			t.Errorf("%q: %q, %q; want %q, %q", tt.v, lower, upper, tt.lower, tt.upper)
		}
		if string(lower) > tt.v || string(upper) < tt.v {
			t.Errorf("%q: not between %q and %q", tt.v, lower, upper)
		}
	}
}

// The candidate rows hold every row with the value, and for a sorted column few more.
func TestCandidates(t *testing.T) {
	rows := append(odd(), sample(6, 50_000)...)
	slices.SortStableFunc(rows, compareTouches)
	f := open(t, write(t, rows, WriterOptions{RowGroupRows: 30_000, RowGroupBytes: 1 << 30}))
	for _, name := range []string{"item_key", "key_values", "actor", "attributes"} {
		column := schema.ColumnIndex(name)
		c := schema.Columns[column]
		for pick := 0; pick < len(rows); pick += 997 {
			for _, v := range values(c, &rows[pick]) {
				at := 0
				for rg := range f.NumRowGroups() {
					ranges, err := f.Candidates(rg, column, v)
					if err != nil {
						t.Fatal(err)
					}
					checkCandidates(t, c, rows[at:at+int(f.RowGroupRows(rg))], v, ranges)
					at += int(f.RowGroupRows(rg))
				}
			}
		}
	}
	if ranges, err := f.Candidates(0, schema.ColumnIndex("item_key"), "zzz"); err != nil || len(ranges) > 0 {
		t.Errorf("candidates of a key above all: %v, %v", ranges, err)
	}
}

func checkCandidates(t *testing.T, c schema.Column, group []schema.Touch, v string, ranges []RowRange) {
	t.Helper()
	covered, last := int64(0), int64(-1)
	in := func(r int64) bool {
		return slices.ContainsFunc(ranges, func(x RowRange) bool { return x.From <= r && r < x.To })
	}
	for _, x := range ranges {
		if x.From <= last || x.To <= x.From || x.To > int64(len(group)) {
			t.Fatalf("%s: ranges %v of %d rows", c.Name, ranges, len(group))
		}
		last = x.To
		covered += x.To - x.From
	}
	for r := range group {
		if slices.Contains(values(c, &group[r]), v) && !in(int64(r)) {
			t.Fatalf("%s: row %d has %q and is not in %v", c.Name, r, v, ranges)
		}
	}
	if c.Name == "item_key" && covered > 6000 {
		t.Errorf("%d of %d rows may have key %q", covered, len(group), v)
	}
}
