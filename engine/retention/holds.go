package retention

import (
	"context"
	"fmt"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// Holds returns what says who holds a partition by law, and why; empty when nobody does.
// It goes by the holds in a file or, without one, by those that the lake was last pruned
// with. Of the options it needs the day and the glob.
func Holds(ctx context.Context, l *lake.Lake, f *File, o Options) (func(schema.Partition) string, error) {
	if f == nil {
		orders, err := loadOrders(ctx, l)
		if err != nil {
			return nil, err
		}
		f = &File{LegalHolds: orders.holds}
	}
	if len(f.LegalHolds) == 0 {
		return func(schema.Partition) string { return "" }, nil
	}
	arns, err := tableARNs(ctx, l)
	if err != nil {
		return nil, err
	}
	return func(p schema.Partition) string {
		t := f.tablePlan(p.Table, arns, &o)
		for i := range f.LegalHolds {
			if h := &f.LegalHolds[i]; f.holds(h, &o, t, p.DayString()) {
				return fmt.Sprintf("%s until %s: %s", h.Owner, h.Expires, h.Reason)
			}
		}
		return ""
	}, nil
}
