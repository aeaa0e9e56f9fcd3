package retention

import (
	"context"
	"maps"
	"slices"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// Horizon is event days of a table that were removed, and that no ingest brings back.
type Horizon struct {
	Table string // as partitions have it
	From  string // YYYY-MM-DD, both included; empty: since ever
	To    string
}

// Horizons are the days that the lake no longer takes rows of, by table and day; none where
// nothing was ever pruned.
func Horizons(ctx context.Context, l *lake.Lake) (list []Horizon, err error) {
	o, err := loadOrders(ctx, l)
	if err != nil {
		return nil, err
	}
	for _, table := range slices.Sorted(maps.Keys(o.tables)) {
		for _, d := range o.tables[table] {
			h := Horizon{Table: table, To: schema.DayString(d.to)}
			if d.from != ever {
				h.From = schema.DayString(d.from)
			}
			list = append(list, h)
		}
	}
	return list, nil
}
