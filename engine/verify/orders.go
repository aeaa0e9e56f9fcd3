package verify

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/keytrail/keytrail/engine/lake"
)

// readOrders checks that the lake's standing orders can be read, without which no ingest
// would begin, and takes from them what was removed on purpose.
func (c *check) readOrders(ctx context.Context) error {
	if _, _, err := c.lake.KeyPin(ctx); errors.Is(err, lake.ErrCorrupt) {
		c.add(KindFormat, keysKey, "%v", err)
	} else if err != nil {
		return err
	}
	for _, of := range []lake.Order{lake.ForgottenOrder, lake.RetentionOrder} {
		data, etag, err := c.lake.Orders(ctx, of)
		if errors.Is(err, lake.ErrCorrupt) {
			c.add(KindFormat, string(of), "%v", err)
			continue
		}
		if err != nil {
			return err
		}
		if etag == "" {
			continue
		}
		var said struct {
			Version    int    `json:"version"`
			Quarantine string `json:"quarantine_before"`
		}
		if err := json.Unmarshal(data, &said); err != nil || said.Version < 1 {
			c.add(KindFormat, string(of), "it makes no sense, and no ingest begins before it does; restore it from a backup")
			continue
		}
		if of == lake.RetentionOrder {
			c.quarantineFrom = said.Quarantine
		}
	}
	return nil
}
