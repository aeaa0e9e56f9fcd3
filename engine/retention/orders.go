package retention

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// orders are the lake's standing order of which days not to bring back, which only grow,
// and of what is under a legal hold.
type orders struct {
	tables     map[string][]days // by the partition's table
	quarantine string            // records of delivery days before were removed
	holds      []Hold            // as the file said that was last pruned by

	etag string
}

// ordersFile is the same on disk.
type ordersFile struct {
	Version    int          `json:"version"`
	Tables     []tableOrder `json:"tables"`
	Quarantine string       `json:"quarantine_before,omitempty"`
	LegalHolds []Hold       `json:"legal_holds,omitempty"`
}

type tableOrder struct {
	Table string     `json:"table"`
	Days  []dayOrder `json:"days"`
}

type dayOrder struct {
	From string `json:"from,omitempty"` // empty: since ever
	To   string `json:"to"`
}

const ordersVersion = 1

func loadOrders(ctx context.Context, l *lake.Lake) (*orders, error) {
	o := &orders{tables: map[string][]days{}}
	data, etag, err := l.Orders(ctx, lake.RetentionOrder)
	if err != nil || etag == "" {
		return o, err
	}
	o.etag = etag
	var file ordersFile
	if err := json.Unmarshal(data, &file); err != nil || file.Version < 1 {
		return nil, fmt.Errorf("%s makes no sense: restore it from a backup, or move it away and prune again", lake.RetentionOrder)
	}
	if file.Version > ordersVersion {
		return nil, fmt.Errorf("%s was written by a newer keytrail: upgrade", lake.RetentionOrder)
	}
	o.quarantine, o.holds = file.Quarantine, file.LegalHolds
	for _, t := range file.Tables {
		for _, d := range t.Days {
			from, err := parseDay(d.From, ever)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", lake.RetentionOrder, err)
			}
			to, err := parseDay(d.To, math.MinInt32)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", lake.RetentionOrder, err)
			}
			o.tables[t.Table] = append(o.tables[t.Table], days{from, to})
		}
	}
	return o, nil
}

func (o *orders) save(ctx context.Context, l *lake.Lake) error {
	file := ordersFile{Version: ordersVersion, Tables: []tableOrder{}, Quarantine: o.quarantine, LegalHolds: o.holds}
	for _, name := range slices.Sorted(maps.Keys(o.tables)) {
		t := tableOrder{Table: name}
		for _, d := range o.tables[name] {
			from := ""
			if d.from != ever {
				from = schema.DayString(d.from)
			}
			t.Days = append(t.Days, dayOrder{from, schema.DayString(d.to)})
		}
		file.Tables = append(file.Tables, t)
	}
	data, err := json.MarshalIndent(file, "", " ")
	if err != nil {
		return err
	}
	o.etag, err = l.PutOrders(ctx, lake.RetentionOrder, append(data, '\n'), o.etag)
	return err
}

// Rewrites makes ingests into a lake leave out the days that were pruned.
func Rewrites(l *lake.Lake) engine.Rewrites {
	return func(ctx context.Context) (engine.RewriterMaker, error) {
		o, err := loadOrders(ctx, l)
		if err != nil || len(o.tables) == 0 {
			return nil, err
		}
		return func() engine.Rewriter { return horizon{o.tables} }, nil
	}
}

// horizon keeps out what is of days that were pruned.
type horizon struct{ tables map[string][]days }

func (h horizon) Rewrite(t *schema.Touch) (keep bool) {
	p := schema.PartitionOf(t)
	return !within(h.tables[p.Table], p.Day)
}

func (h horizon) Quarantined(reason, raw string) (string, string) { return reason, raw }
