package cost

import (
	"context"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// key is what data events are told apart by.
type key struct {
	region, arn, table string
	actor, name, kind  string
	event, op          string
	readOnly           schema.Tri
	recipient          string
	stream, unsuccess  bool // of a stream; denied or failed
}

// counted is what the lake has of a time.
type counted struct {
	groups     map[key]int64
	folded     int64 // events of callers beyond maxGroups
	byDay      map[tableDay]int64
	data       int64 // data events
	management int64 // all others
	first      int32 // event days
	last       int32
	read       reader.Stats
}

type tableDay struct {
	arn string
	day int32
}

// maxGroups bounds the groups: callers beyond are counted together.
const maxGroups = 200_000

// manyCallers is who stands for those.
const manyCallers = "all other callers"

// columns are those that events are counted by.
var columns = func() (list []int) {
	for _, name := range []string{"touch_index", "event_time", "plane", "op", "event_name", "read_only", "outcome", "table_arn", "aws_region",
		"recipient_account_id", "actor", "actor_name", "actor_kind"} {
		list = append(list, schema.ColumnIndex(name))
	}
	return list
}()

// count counts the events of a time, each once: by its first touch.
func count(ctx context.Context, l reader.Lake, from, to int64) (*counted, error) {
	c := &counted{groups: map[key]int64{}, byDay: map[tableDay]int64{}}
	var err error
	c.read, err = queries.EachTouch(ctx, l, reader.Query{From: from, To: to, Columns: columns}, func(t *schema.Touch, p schema.Partition) error {
		switch {
		case t.TouchIndex != 0:
		case t.Plane == schema.PlaneData:
			c.add(t, p.Day)
		default:
			c.management++
		}
		return nil
	})
	return c, err
}

func (c *counted) add(t *schema.Touch, day int32) {
	if c.data == 0 {
		c.first, c.last = day, day
	}
	c.data++
	c.first, c.last = min(c.first, day), max(c.last, day)
	k := key{
		region: t.AWSRegion, arn: t.TableARN, table: t.TableName, actor: t.Actor, name: t.ActorName, kind: t.ActorKind, event: t.EventName, op: t.Op,
		readOnly: t.ReadOnly, recipient: t.RecipientAccountID, stream: t.Op == schema.OpReadStream, unsuccess: t.Outcome != schema.OutcomeOK,
	}
	if _, ok := c.groups[k]; !ok {
		if len(c.groups) >= maxGroups {
			c.folded++
			k.actor, k.name, k.kind = manyCallers, manyCallers, schema.ActorUnknown
		}
		k = k.clone()
	}
	c.groups[k]++
	d := tableDay{k.arn, day}
	if _, ok := c.byDay[d]; !ok {
		d.arn = strings.Clone(d.arn)
	}
	c.byDay[d]++
}

// clone is the key with texts of its own: those of a touch are of its batch.
func (k key) clone() key {
	for _, s := range []*string{&k.region, &k.arn, &k.table, &k.actor, &k.name, &k.kind, &k.event, &k.op, &k.recipient} {
		*s = strings.Clone(*s)
	}
	return k
}

// delivered is what the ledger says of the log files that were read.
type delivered struct {
	objects, bytes, records, inScope int64
	days                             map[string]bool
}

// deliveries sums up the ledger.
func deliveries(ctx context.Context, l *lake.Lake) (*delivered, error) {
	days, err := l.LedgerDays(ctx)
	if err != nil {
		return nil, err
	}
	d := &delivered{days: map[string]bool{}}
	for _, day := range days {
		err := l.EachLedgerEntry(ctx, day, func(e lake.Entry) error {
			if e.Status == lake.Done && e.Records > 0 {
				d.objects++
				d.bytes += e.Size
				d.records += e.Records
				d.inScope += e.InScope
				d.days[day] = true
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return d, nil
}

// events counts all events of the lake.
func events(ctx context.Context, l reader.Lake) (n int64, err error) {
	_, err = queries.EachTouch(ctx, l, reader.Query{Columns: []int{schema.ColumnIndex("touch_index")}}, func(t *schema.Touch, _ schema.Partition) error {
		if t.TouchIndex == 0 {
			n++
		}
		return nil
	})
	return n, err
}
