package unexpected

import (
	"context"
	"fmt"
	"slices"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// Reach is the days that a lake, or the table asked for, has touches of.
type Reach struct{ First, Last string }

const dayMicros = 24 * 3600 * 1_000_000

// holdings is what a lake has of a table, or of all.
type holdings struct {
	Reach
	table, arn string        // asked for; empty: all
	partitions map[int32]int // by day
}

func holdingsOf(ctx context.Context, l reader.Lake, table string) (*holdings, error) {
	h := &holdings{table: table, partitions: map[int32]int{}}
	if arn, ok := schema.ParseTableARN(table); ok {
		h.table, h.arn = arn.Table, arn.ARN
	}
	var last schema.Partition
	err := l.TouchFiles(ctx, h.table, "", "", func(f lake.TouchFile) error {
		if f.Partition != last {
			last = f.Partition
			h.partitions[last.Day]++
		}
		day := last.DayString()
		if h.First == "" || day < h.First {
			h.First = day
		}
		h.Last = max(h.Last, day)
		return nil
	})
	return h, err
}

// span is the time asked about, its open ends those of the lake; without any the lake's
// last day.
func (h *holdings) span(from, to int64) queries.Span {
	first, err := schema.ParseDay(h.First)
	last, lastErr := schema.ParseDay(h.Last)
	if err != nil || lastErr != nil {
		return queries.Span{From: from, To: to}
	}
	end := int64(last+1) * dayMicros
	switch {
	case from == 0 && to == 0:
		from, to = end-dayMicros, end
	case from == 0:
		from = min(int64(first)*dayMicros, to-1)
	case to == 0:
		to = max(end, from+1)
	}
	return queries.Span{From: from, To: to}
}

// scan calls fn with the touches of the table that q asks for, in the lake's order.
func (h *holdings) scan(ctx context.Context, l reader.Lake, q reader.Query, progress func(done, all int), fn func(*schema.Touch, schema.Partition) error) error {
	if h.First == "" {
		return nil
	}
	q.Table = h.table
	if h.arn != "" {
		q.Where = append(q.Where, reader.Condition{Column: schema.ColumnIndex("table_arn"), AnyOf: []string{h.arn}})
	}
	done, all := 0, 0
	for day, n := range h.partitions {
		if start := int64(day) * dayMicros; (q.To == 0 || start < q.To) && start+dayMicros > q.From {
			all += n
		}
	}
	var last schema.Partition
	_, err := queries.EachTouch(ctx, l, q, func(t *schema.Touch, p schema.Partition) error {
		if p != last {
			last = p
			if done++; progress != nil {
				progress(done, max(done, all))
			}
		}
		return fn(t, p)
	})
	return err
}

// columnsOf are those that the policy looks at and those of a list, by position.
func columnsOf(p *policy.Policy, names []string) (columns []int) {
	all := slices.Concat(p.Columns(), names)
	slices.Sort(all)
	for _, name := range slices.Compact(all) {
		at := schema.ColumnIndex(name)
		if at < 0 {
			panic(fmt.Sprintf("there is no column %s", name))
		}
		columns = append(columns, at)
	}
	return columns
}
