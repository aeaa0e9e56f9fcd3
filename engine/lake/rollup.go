package lake

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// Count is how many touches of one table fell into one hour, by who did what and
// how it ended. Empty text is NULL.
type Count struct {
	Hour      time.Time // start of the hour, UTC
	TableName string    // empty: rows of no table
	TableARN  string
	Actor     string
	Op        string
	Outcome   string
	Count     int64
}

// countRow is a Count on disk. Its column names are promises to other people's SQL.
type countRow struct {
	Hour      int64  `parquet:"hour,timestamp(microsecond)"`
	TableName string `parquet:"table_name,optional"`
	TableARN  string `parquet:"table_arn,optional"`
	Actor     string `parquet:"actor,optional"`
	Op        string `parquet:"op,optional"`
	Outcome   string `parquet:"outcome,optional"`
	Touches   int64  `parquet:"touches"`
}

// Rollup returns the counts of one event day, sorted by (TableName, Hour, TableARN,
// Actor, Op, Outcome); none when the day has no file. [Lake.EachCount] holds a few in
// memory where this holds them all.
func (l *Lake) Rollup(ctx context.Context, day string) (all []Count, err error) {
	err = l.EachCount(ctx, []string{day}, func(_ int, counts []Count) error {
		all = append(all, counts...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// RollupDays lists the event days that have counts, in order.
func (l *Lake) RollupDays(ctx context.Context) ([]string, error) {
	return rollupTable.days(ctx, l)
}

// MergeRollup replaces all counts of the given tables in one event day; those of
// other tables stay. A map key is a partition's table ([schema.Partition]) and sets
// the TableName of its rows, whatever they say: none for [schema.NoTable]. Counts
// alike in all but number are added up. A day that would stay the same is not
// written.
func (l *Lake) MergeRollup(ctx context.Context, day string, tables map[string][]Count) error {
	number, err := schema.ParseDay(day)
	if err != nil {
		return fmt.Errorf("rollup: %q is no day (YYYY-MM-DD)", day)
	}
	replaced := make(map[string]bool, len(tables))
	var news []Count
	for name, counts := range tables {
		name = schema.PartitionTable(name)
		if name == schema.NoTable {
			name = ""
		}
		replaced[name] = true
		for _, c := range counts {
			c.TableName = name
			c = c.normal()
			if err := c.check(number); err != nil {
				return err
			}
			if c.Count > 0 {
				news = append(news, c)
			}
		}
	}
	news = addUp(news)
	_, err = rollupTable.merge(ctx, l, day, func(present *cursor[Count, countRow], emit func(Count) error) error {
		present.skip = func(c *Count) bool { return replaced[c.TableName] }
		return mergeSorted(present, news, compareCounts, emit)
	})
	return err
}

var rollupTable = table[Count, countRow]{
	dir: rollupDir,
	encode: func(c Count) countRow {
		return countRow{c.Hour.UnixMicro(), c.TableName, c.TableARN, c.Actor, c.Op, c.Outcome, c.Count}
	},
	decode: func(r countRow) Count {
		return Count{time.UnixMicro(r.Hour).UTC(), r.TableName, r.TableARN, r.Actor, r.Op, r.Outcome, r.Touches}
	},
	check: func(rows []Count) error {
		for i := range rows {
			if err := rows[i].check(schema.DayOf(rows[i].Hour.UnixMicro())); err != nil {
				return err
			}
		}
		return inOrder(rows, compareCounts)
	},
	hint: func(string) string {
		return "move this file out of the lake; it holds counts of the touches of that day, which are all still there, " +
			"and ingest writes a table's counts again when it next changes that table and day"
	},
}

// check says why c is no count of that event day.
func (c Count) check(day int32) error {
	if at := c.Hour.UnixMicro(); schema.DayOf(at) != day || !c.Hour.Equal(c.Hour.Truncate(time.Hour)) {
		return fmt.Errorf("rollup of table %q: %s is no hour of %s", c.TableName, c.Hour.Format(time.RFC3339Nano), schema.DayString(day))
	}
	if c.Count < 0 {
		return fmt.Errorf("rollup of table %q: count %d", c.TableName, c.Count)
	}
	return nil
}

// normal is the count as it comes back from disk.
func (c Count) normal() Count {
	for _, s := range []*string{&c.TableName, &c.TableARN, &c.Actor, &c.Op, &c.Outcome} {
		*s = text(*s)
	}
	c.Hour = instant(c.Hour)
	return c
}

// addUp sorts counts and makes those alike one.
func addUp(counts []Count) []Count {
	slices.SortFunc(counts, compareCounts)
	out := counts[:0]
	for _, c := range counts {
		if n := len(out); n > 0 && compareCounts(out[n-1], c) == 0 {
			out[n-1].Count += c.Count
			continue
		}
		out = append(out, c)
	}
	return out
}

// compareCounts orders counts by all they are counted by.
func compareCounts(a, b Count) int { return a.compare(&b) }

func (c *Count) compare(o *Count) int {
	if n := cmp.Compare(c.TableName, o.TableName); n != 0 {
		return n
	}
	if n := c.Hour.Compare(o.Hour); n != 0 {
		return n
	}
	if n := cmp.Compare(c.TableARN, o.TableARN); n != 0 {
		return n
	}
	if n := cmp.Compare(c.Actor, o.Actor); n != 0 {
		return n // as mostly
	}
	return cmp.Or(cmp.Compare(c.Op, o.Op), cmp.Compare(c.Outcome, o.Outcome))
}
