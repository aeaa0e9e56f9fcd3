package profile

import (
	"context"
	"fmt"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/schema"
)

// columns are those that a profile is made of.
var columns = columnsOf("touch_index", "shared_event_id", "event_name", "plane", "op", "outcome", "event_category",
	"table_arn", "aws_region", "recipient_account_id", "item_key", "actor", "actor_name", "actor_kind",
	"principal_account_id", "session_name", "source_ip", "user_agent", "vpc_endpoint_id")

func columnsOf(names ...string) (all []int) {
	for _, name := range names {
		all = append(all, schema.ColumnIndex(name))
	}
	return all
}

// build works out a day's profile.
func build(ctx context.Context, l Lake, day string, files []lake.TouchFile) ([]lake.ProfileRow, error) {
	v := version{format: format, files: filesVersion(files)}
	var err error
	if v.content, err = contentVersion(ctx, l, day, files); err != nil {
		return nil, err
	}
	b := newBuilding(day)
	d := dayOf{l, files}
	if _, err := queries.EachTouch(ctx, d, reader.Query{Columns: columns}, b.add); err != nil {
		return nil, fmt.Errorf("look through %s: %w", day, err)
	}
	if err := b.end(); err != nil {
		return nil, err
	}
	if err := b.scanSettings(ctx, d); err != nil {
		return nil, fmt.Errorf("look through the settings of %s: %w", day, err)
	}
	return b.rows(v), nil
}

// scanSettings reads the touches that are kept whole.
func (b *building) scanSettings(ctx context.Context, d dayOf) error {
	var planes []string
	for p := range b.planes {
		plane := b.text(p)
		if detect.IsSetting(&schema.Touch{Plane: plane, Mutates: true}) {
			planes = append(planes, plane)
		}
	}
	if len(planes) == 0 {
		return nil
	}
	q := reader.Query{Where: []reader.Condition{{Column: schema.ColumnIndex("plane"), AnyOf: planes}}}
	_, err := queries.EachTouch(ctx, d, q, func(t *schema.Touch, _ schema.Partition) error {
		if detect.IsSetting(t) {
			b.settings.add(t)
		}
		return b.check()
	})
	return err
}

// dayOf is the lake as far as one day goes, of which the files are listed already.
type dayOf struct {
	Lake
	files []lake.TouchFile
}

func (d dayOf) TouchFiles(_ context.Context, _, _, _ string, fn func(lake.TouchFile) error) error {
	for _, f := range d.files {
		if err := fn(f); err != nil {
			return err
		}
	}
	return nil
}
