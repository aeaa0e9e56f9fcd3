package lake

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/schema"
)

func part(table, day string) schema.Partition {
	n, err := schema.ParseDay(day)
	if err != nil {
		panic(err)
	}
	return schema.Partition{Table: table, Day: n}
}

func TestTouchKey(t *testing.T) {
	for _, c := range []struct {
		p      schema.Partition
		bucket int
		want   string
	}{
		{part("Orders", "2024-03-10"), 0, "touches/table_name=Orders/day=2024-03-10/part-00.parquet"},
		{part("Orders", "1969-12-31"), 15, "touches/table_name=Orders/day=1969-12-31/part-15.parquet"},
		{part("...", "2024-03-10"), 128, "touches/table_name=.../day=2024-03-10/part-128.parquet"},
		{part(schema.NoTable, "2024-03-10"), 0, "touches/table_name=__HIVE_DEFAULT_PARTITION__/day=2024-03-10/part-00.parquet"},
	} {
		got := TouchKey(c.p, c.bucket)
		if got != c.want {
			t.Errorf("%v: %q, want %q", c.p, got, c.want)
		}
		p, bucket, ok := parseTouchKey(got)
		if !ok || p != c.p || bucket != c.bucket {
			t.Errorf("%q is parsed as %v %d %v", got, p, bucket, ok)
		}
	}
}

// evil are names that stand in requests of people who would like to write elsewhere.
var evil = []string{"", "..", "../../x", "a/b", "/etc", "a\x00b", "a=b", "x y", "Tisch ä", `a\b`, "..%2f..",
	strings.Repeat("n", 4000), strings.Repeat("n", 250), "a\nb", "\xff\xfe\xfd"}

func TestEvilTableNames(t *testing.T) {
	want := TouchKey(part(schema.NoTable, "2024-03-10"), 0)
	for _, name := range evil {
		if got := TouchKey(part(name, "2024-03-10"), 0); got != want {
			t.Errorf("table %q has key %q", name, got)
		}
	}
}

func FuzzTouchKey(f *testing.F) {
	for _, name := range append(evil, "Orders", "...", schema.NoTable) {
		f.Add(name, int32(19000), 0)
	}
	f.Add("Orders", int32(math.MinInt32), -1)
	f.Fuzz(func(t *testing.T, name string, day int32, bucket int) {
		key := TouchKey(schema.Partition{Table: name, Day: day}, bucket)
		segments := strings.Split(key, "/")
		if len(segments) != 4 || segments[0] != "touches" || len(key) > 350 {
			t.Fatalf("key %q", key)
		}
		table, _ := strings.CutPrefix(segments[1], "table_name=")
		if !schema.LegalTableName(table) || table != name && table != schema.NoTable {
			t.Fatalf("key %q of table %q", key, name)
		}
	})
}

func FuzzParseTouchKey(f *testing.F) {
	for _, key := range strays {
		f.Add(key)
	}
	f.Add("touches/table_name=Orders/day=2024-03-10/part-00.parquet")
	f.Fuzz(func(t *testing.T, key string) {
		if p, bucket, ok := parseTouchKey(key); ok && TouchKey(p, bucket) != key {
			t.Fatalf("%q is taken for %v bucket %d", key, p, bucket)
		}
	})
}

// strays are keys that no lake of ours has under touches/.
var strays = []string{
	"touches/README",
	"touches/table_name=Orders/part-00.parquet",
	"touches/table_name=Orders/day=2024-03-10/part-00.parquet.tmp",
	"touches/table_name=Orders/day=2024-03-10/part-0.parquet",
	"touches/table_name=Orders/day=2024-03-10/part-+1.parquet",
	"touches/table_name=Orders/day=2024-03-10/part--1.parquet",
	"touches/table_name=Orders/day=2024-03-10/part-99999999999999999999.parquet",
	"touches/table_name=Orders/day=2024-03-10/_SUCCESS",
	"touches/table_name=Orders/day=2024-03-10/x/part-00.parquet",
	"touches/table_name=Orders/day=2024-3-10/part-00.parquet",
	"touches/table_name=Orders/day=2024-02-30/part-00.parquet",
	"touches/table_name=Orders/day=__HIVE_DEFAULT_PARTITION__/part-00.parquet",
	"touches/table_name=no/day=2024-03-10/part-00.parquet",
	"touches/table_name=a b c/day=2024-03-10/part-00.parquet",
	"touches/table=Orders/day=2024-03-10/part-00.parquet",
	"touches2/table_name=Orders/day=2024-03-10/part-00.parquet",
}

func TestTouchFiles(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		l := create(t, s)
		for _, key := range strays {
			put(t, s, key, "stray")
		}
		for _, p := range []schema.Partition{
			part("Orders", "2024-03-10"), part("Orders", "2024-03-09"), part("Orders", "2023-12-31"),
			part("Orders-2", "2024-03-10"), part("Carts", "2024-03-10"), part(schema.NoTable, "2024-03-10"),
		} {
			if _, err := l.PutTouches(t.Context(), p, 0, strings.NewReader("rows"), 4, object.Condition{IfAbsent: true}); err != nil {
				t.Fatal(err)
			}
		}
		for _, bucket := range []int{2, 1} {
			if _, err := l.PutTouches(t.Context(), part("Carts", "2024-03-10"), bucket, strings.NewReader("rows"), 4, object.Condition{}); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct{ table, from, to, want string }{
			{"", "", "", "Carts/2024-03-10/0 Carts/2024-03-10/1 Carts/2024-03-10/2 Orders-2/2024-03-10/0 " +
				"Orders/2023-12-31/0 Orders/2024-03-09/0 Orders/2024-03-10/0 __HIVE_DEFAULT_PARTITION__/2024-03-10/0"},
			{"Orders", "", "", "Orders/2023-12-31/0 Orders/2024-03-09/0 Orders/2024-03-10/0"},
			{"Orders", "2024-03-09", "", "Orders/2024-03-09/0 Orders/2024-03-10/0"},
			{"Orders", "", "2024-03-09", "Orders/2023-12-31/0 Orders/2024-03-09/0"},
			{"", "2024-03-09", "2024-03-09", "Orders/2024-03-09/0"},
			{"", "2024-03-11", "", ""},
			{"Ord", "", "", ""},
			{"../Orders", "", "", "__HIVE_DEFAULT_PARTITION__/2024-03-10/0"},
		} {
			var got []string
			err := l.TouchFiles(t.Context(), c.table, c.from, c.to, func(f TouchFile) error {
				if f.Info.Key != TouchKey(f.Partition, f.Bucket) || f.Info.Size != 4 || f.Info.ETag == "" {
					t.Errorf("%v has info %v", f.Partition, f.Info)
				}
				got = append(got, fmt.Sprintf("%s/%s/%d", f.Partition.Table, f.Partition.DayString(), f.Bucket))
				return nil
			})
			if err != nil || strings.Join(got, " ") != c.want {
				t.Errorf("%v: %q, %v", c, got, err)
			}
		}
		if err := l.TouchFiles(t.Context(), "", "", "", func(TouchFile) error { return errTest }); err != errTest {
			t.Errorf("fn's error came back as %v", err)
		}
	})
}

func TestPutTouches(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		l, p := create(t, s), part("Orders", "2024-03-10")
		if _, err := l.OpenTouches(t.Context(), p, 0); !errors.Is(err, object.ErrNotExist) {
			t.Fatalf("absent file: %v", err)
		}
		if _, err := l.PutTouches(t.Context(), p, 0, strings.NewReader("one"), 3, object.Condition{IfAbsent: true}); err != nil {
			t.Fatal(err)
		}
		f, err := l.OpenTouches(t.Context(), p, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		pinned := object.Condition{IfMatch: f.Info().ETag}
		if _, err := l.PutTouches(t.Context(), p, 0, strings.NewReader("two"), 3, pinned); err != nil {
			t.Fatal(err)
		}
		for _, cond := range []object.Condition{pinned, {IfAbsent: true}} {
			if _, err := l.PutTouches(t.Context(), p, 0, strings.NewReader("bad"), 3, cond); !errors.Is(err, object.ErrCondition) {
				t.Errorf("%v: %v", cond, err)
			}
		}
		if got := get(t, s, TouchKey(p, 0)); got != "two" {
			t.Errorf("file holds %q", got)
		}
	})
}

// What could be written but never be found again is refused.
func TestPutTouchesRefuses(t *testing.T) {
	l := create(t, objecttest.NewMem())
	before := keys(t, l.store)
	for _, c := range []struct {
		day    int32
		bucket int
	}{{math.MaxInt32, 0}, {math.MinInt32, 0}, {19000, -1}, {19000, maxBucket + 1}} {
		_, err := l.PutTouches(t.Context(), schema.Partition{Table: "Orders", Day: c.day}, c.bucket, strings.NewReader("x"), 1, object.Condition{})
		wantError(t, err, nil, "no partition file")
	}
	if got := keys(t, l.store); !slices.Equal(got, before) {
		t.Errorf("wrote %q", got)
	}
}

func TestDayKey(t *testing.T) {
	for _, day := range []string{"2024-03-10", "1970-01-01", ""} {
		key, err := dayKey(ledgerDir, day)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := parseDayKey(ledgerDir, key); !ok || got != day {
			t.Errorf("%q is parsed as %q %v", key, got, ok)
		}
	}
	for _, day := range []string{"../x", "2024-3-1", "2024-02-30", noDay, "today", "2024-03-10/..", "12024-03-10"} {
		if key, err := dayKey(ledgerDir, day); err == nil {
			t.Errorf("day %q has key %q", day, key)
		}
	}
	for _, key := range []string{"ledger/delivery_day=/part.parquet", "ledger/delivery_day=2024-3-1/part.parquet",
		"ledger/delivery_day=2024-03-10/other", "ledger/x", "rollup/day=2024-03-10/part.parquet"} {
		if day, ok := parseDayKey(ledgerDir, key); ok {
			t.Errorf("%q is taken for day %q", key, day)
		}
	}
}
