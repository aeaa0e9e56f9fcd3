package verify

import (
	"context"
	"errors"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// configKind is what the ledger calls files of AWS Config.
const configKind = "config"

// checkConfig reads what AWS Config recorded: each day's file is to be what keytrail writes
// for its rows, and each row's object done in the ledger.
func (c *check) checkConfig(ctx context.Context, found *listing) error {
	for _, day := range found.config {
		key := tableKey(configDir, day)
		strange := map[string]int64{}
		replay, err := c.lake.ReplayConfig(ctx, day, func(i schema.ConfigItem) error {
			if !c.configs[digestOf(i.SourceObject)] && len(strange) < maxFindings {
				strange[i.SourceObject]++
			}
			if schema.DayString(schema.DayOf(i.CapturedAt)) != day {
				c.add(KindDay, key, "an item of %q was captured on another day", i.TableARN)
			}
			return ctx.Err()
		})
		switch {
		case errors.Is(err, lake.ErrCorrupt):
			c.add(KindConfig, key, "%v", err)
			continue
		case err != nil:
			return err
		case !replay.Same:
			c.addBytes(KindConfig, key, replay.At, replay.Size)
		}
		for name, n := range strange {
			if !c.blind {
				c.add(KindConfig, key, "%d rows of %q, which the ledger does not have as done", n, name)
			}
		}
	}
	return nil
}

// noteConfig remembers the files of AWS Config that are done.
func (c *check) noteConfig(e *lake.Entry) {
	if e.Kind != configKind || e.Status != lake.Done {
		return
	}
	if c.configs == nil {
		c.configs = map[digest]bool{}
	}
	c.configs[digestOf(e.SourceObject)] = true
}
