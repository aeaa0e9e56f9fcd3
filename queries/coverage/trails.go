package coverage

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/schema"
)

// Trails follows what the trails were set to log through all of the lake: from a snapshot
// of their settings ([detect.Coverage.Learn]; nil when there is none) and by the calls that
// changed them. calls is how many of these the lake has.
func Trails(ctx context.Context, l reader.Lake, snapshot []byte) (c *detect.Coverage, calls int, err error) {
	c = detect.NewCoverage()
	if snapshot != nil {
		if err := c.Learn(bytes.NewReader(snapshot)); err != nil {
			return nil, 0, fmt.Errorf("snapshot of the trails: %w", err)
		}
	}
	var changes []*schema.Touch
	q := reader.Query{Where: []reader.Condition{{Column: schema.ColumnIndex("plane"), AnyOf: []string{schema.PlaneTrail}}}}
	_, err = queries.EachTouch(ctx, l, q, func(t *schema.Touch, _ schema.Partition) error {
		if detect.IsTrailSetting(t) && t.Outcome == schema.OutcomeOK {
			changes = append(changes, t.Clone())
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	slices.SortFunc(changes, func(a, b *schema.Touch) int {
		return cmp.Or(cmp.Compare(a.EventTime, b.EventTime), cmp.Compare(a.EventID, b.EventID))
	})
	for _, t := range changes {
		c.Apply(t)
	}
	return c, len(changes), nil
}
