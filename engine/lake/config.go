package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// ConfigItems returns what AWS Config recorded on one day, sorted
// ([schema.ConfigItem.Compare]); none when the day has no file.
func (l *Lake) ConfigItems(ctx context.Context, day string) ([]schema.ConfigItem, error) {
	return configTable.read(ctx, l, day)
}

// ConfigDays lists the days that have a file of what AWS Config recorded, in order.
func (l *Lake) ConfigDays(ctx context.Context) ([]string, error) {
	return configTable.days(ctx, l)
}

// MergeConfig adds items to those of one day, the UTC day they were captured on. They are
// a set: of items that say the same the one of the least object stays, and a day that had
// them all is not written.
func (l *Lake) MergeConfig(ctx context.Context, day string, items []schema.ConfigItem) error {
	number, err := schema.ParseDay(day)
	if err != nil {
		return fmt.Errorf("config: %q is no day (YYYY-MM-DD)", day)
	}
	news := make([]schema.ConfigItem, len(items))
	for i := range items {
		news[i] = normalConfig(&items[i])
		if schema.DayOf(news[i].CapturedAt) != number {
			return fmt.Errorf("config: an item of %q was not captured on %s", news[i].TableARN, day)
		}
	}
	news = leastConfig(news)
	if err := checkConfig(news); err != nil {
		return err
	}
	_, err = configTable.merge(ctx, l, day, func(present *cursor[schema.ConfigItem, configRow], emit func(schema.ConfigItem) error) error {
		return mergeConfig(present, news, emit)
	})
	return err
}

// leastConfig sorts items and keeps of those alike the one of the least object.
func leastConfig(items []schema.ConfigItem) []schema.ConfigItem {
	slices.SortFunc(items, func(a, b schema.ConfigItem) int { return cmp.Or(a.Compare(&b), a.CompareSource(&b)) })
	return slices.CompactFunc(items, func(a, b schema.ConfigItem) bool { return a.Compare(&b) == 0 })
}

// mergeConfig emits the items of both, in order, of those alike the lesser one.
func mergeConfig(present *cursor[schema.ConfigItem, configRow], news []schema.ConfigItem, emit func(schema.ConfigItem) error) error {
	for i := range news {
		row := &news[i]
		for {
			before, err := present.peek()
			if err != nil {
				return err
			}
			if before == nil || before.Compare(row) > 0 {
				break
			}
			switch {
			case before.Compare(row) < 0:
				if err := emit(*before); err != nil {
					return err
				}
			case before.CompareSource(row) < 0:
				row.SourceObject, row.SourceIndex = before.SourceObject, before.SourceIndex
			}
			present.take()
		}
		if err := emit(*row); err != nil {
			return err
		}
	}
	return present.each(emit)
}

var configTable = table[schema.ConfigItem, configRow]{
	dir:    configDir,
	encode: encodeConfig,
	decode: decodeConfig,
	check:  checkConfig,
	weigh:  func(r *configRow) int { return 300 + len(r.Tags) },
	hint: func(string) string {
		return "move this file out of the lake; its rows come back when their files are read again, " +
			"which \"keytrail ingest SOURCE --lake LAKE\" does for every delivery day whose ledger file is moved out too"
	},
}

// checkConfig says why rows are none of ours.
func checkConfig(rows []schema.ConfigItem) error {
	for i := range rows {
		r := &rows[i]
		switch {
		case r.TableARN == "" || r.SourceObject == "" || r.SourceIndex < 0:
			return fmt.Errorf("config item %d is of no table or no object", i)
		case r.Kind != schema.ConfigSettings && r.Kind != schema.ConfigCompliance:
			return fmt.Errorf("config item %d is of kind %q, of which there is none", i, r.Kind)
		case r.CapturedAt == 0:
			return errors.New("a config item of no time")
		}
	}
	for i := 1; i < len(rows); i++ {
		if rows[i-1].Compare(&rows[i]) >= 0 {
			return fmt.Errorf("row %d is out of order", i)
		}
	}
	return nil
}

// normalConfig is the item as it comes back from disk, sharing nothing with c.
func normalConfig(c *schema.ConfigItem) schema.ConfigItem {
	n := decodeConfig(encodeConfig(*c))
	for _, s := range []*string{
		&n.Kind, &n.TableARN, &n.TableName, &n.Account, &n.Region, &n.ItemStatus, &n.StateID, &n.TableStatus, &n.SSEStatus, &n.SSEType,
		&n.KMSKey, &n.StreamView, &n.BillingMode, &n.TableClass, &n.Tags, &n.Rule, &n.Compliance, &n.SourceObject,
	} {
		*s = strings.Clone(text(*s))
	}
	n.Replicas = allText(n.Replicas)
	return n
}
