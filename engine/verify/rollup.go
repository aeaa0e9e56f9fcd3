package verify

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

const hourMicros = int64(time.Hour / time.Microsecond)

// hourKey is what the rollup counts rows of a table by.
type hourKey struct {
	hour                         int64 // microseconds
	tableARN, actor, op, outcome string
}

func (k hourKey) clone() hourKey {
	return hourKey{k.hour, strings.Clone(k.tableARN), strings.Clone(k.actor), strings.Clone(k.op), strings.Clone(k.outcome)}
}

// valid is the key as it stands in the rollup, whose text is UTF-8.
func (k hourKey) valid() hourKey {
	for _, s := range []*string{&k.tableARN, &k.actor, &k.op, &k.outcome} {
		*s = strings.ToValidUTF8(*s, "\uFFFD")
	}
	return k
}

// recount is the rows of one day by table, which is empty where there is none.
type recount struct {
	mu       sync.Mutex
	tables   map[string]map[hourKey]int64
	doubtful map[string]bool // tables whose rows could not all be read
}

func newRecount() *recount {
	return &recount{tables: map[string]map[hourKey]int64{}, doubtful: map[string]bool{}}
}

func tableName(partition string) string {
	if partition == schema.NoTable {
		return ""
	}
	return partition
}

func (r *recount) doubt(table string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.doubtful[tableName(table)] = true
}

func (r *recount) add(table string, f *fileRows) {
	r.mu.Lock()
	defer r.mu.Unlock()
	table = tableName(table)
	if r.tables[table] == nil {
		r.tables[table] = map[hourKey]int64{}
	}
	for k, n := range f.hours {
		r.tables[table][k.valid()] += n
	}
}

// checkRollup holds the rollup of a day against the rows counted.
func (c *check) checkRollup(ctx context.Context, day string, counted *recount) error {
	key := tableKey(rollupDir, day)
	rows, err := c.lake.Rollup(ctx, day)
	if errors.Is(err, lake.ErrCorrupt) {
		c.add(KindRollup, key, "%v", err)
		return nil
	}
	if err != nil {
		return err
	}
	said := map[string]map[hourKey]int64{}
	for _, r := range rows {
		if said[r.TableName] == nil {
			said[r.TableName] = map[hourKey]int64{}
		}
		said[r.TableName][hourKey{r.Hour.UnixMicro(), r.TableARN, r.Actor, r.Op, r.Outcome}] += r.Count
	}
	same := len(counted.doubtful) == 0
	names := maps.Clone(said)
	maps.Copy(names, counted.tables)
	for _, table := range slices.Sorted(maps.Keys(names)) {
		if counted.doubtful[table] || maps.Equal(said[table], counted.tables[table]) {
			continue
		}
		if counted.tables[table] == nil && c.pruned(table, day) {
			continue // counts are kept longer than rows
		}
		same = false
		c.add(KindRollup, key, "table %q: %d rows in the touches, %d by the rollup; %d of its lines differ",
			table, total(counted.tables[table]), total(said[table]), differing(counted.tables[table], said[table]))
	}
	if !same {
		return nil
	}
	return c.sameBytes(ctx, KindRollup, key, func(l *lake.Lake) error {
		tables := map[string][]lake.Count{}
		for _, r := range rows {
			tables[r.TableName] = append(tables[r.TableName], r)
		}
		return l.MergeRollup(ctx, day, tables)
	})
}

// pruned reports whether the rows of a table's day were removed because they were old.
func (c *check) pruned(table, day string) bool {
	if table == "" {
		table = schema.NoTable
	}
	for _, gone := range c.journal.removed {
		if gone.cause.Kind == lake.Retention && gone.partition.Table == table && gone.partition.DayString() == day {
			return true
		}
	}
	return false
}

func total(m map[hourKey]int64) (n int64) {
	for _, v := range m {
		n += v
	}
	return n
}

func differing(a, b map[hourKey]int64) (n int) {
	for k, v := range a {
		if b[k] != v {
			n++
		}
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			n++
		}
	}
	return n
}

// sameBytes has fill write a small table anew, in a lake that is thrown away, and
// compares the file at key with it.
func (c *check) sameBytes(ctx context.Context, kind Kind, key string, fill func(*lake.Lake) error) error {
	aside := newScratch()
	l, err := lake.Create(ctx, aside)
	if err != nil {
		return err
	}
	if err := fill(l); err != nil {
		c.add(kind, key, "its rows are none that keytrail writes: %v", err)
		return nil
	}
	want := aside.files[key]
	got, err := readWhole(ctx, c.store, key, maxTable)
	if err != nil {
		return c.unlessGone(err, want)
	}
	if !bytes.Equal(got, want) {
		c.addBytes(kind, key, int64(samePrefix(got, want)), int64(len(got)))
	}
	return nil
}
