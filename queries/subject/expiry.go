package subject

import (
	"context"
	"fmt"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/queries/tables"
	"github.com/keytrail/keytrail/schema"
)

// expiry is a time in which items of a table may have expired, which no log shows.
type expiry struct {
	table    string
	from, to int64 // microseconds since 1970; 0 is open
	sure     bool  // time to live was on, or nobody knows
}

// findExpiry finds in which of the tables that the subject was found in items may have
// expired.
func (a *answer) findExpiry(ctx context.Context, l *lake.Lake) error {
	if len(a.tables.found()) == 0 {
		return nil
	}
	known, err := tables.Open(ctx, l, nil, a.From, a.To)
	if err != nil {
		return fmt.Errorf("settings of the tables: %w", err)
	}
	end := a.To
	if end == 0 {
		end = 1<<63 - 1
	}
	for _, arn := range a.tables.found() {
		named, _ := schema.ParseTableARN(arn)
		of := known.Of(arn)
		if of == nil {
			a.expiring = append(a.expiring, expiry{named.Table, a.From, a.To, false})
			continue
		}
		may, sure := of.TTLMayDelete(a.From, end)
		if may && !sure {
			a.expiring = append(a.expiring, expiry{named.Table, a.From, a.To, false})
		}
		for _, i := range of.Of(tables.TTL) {
			if i.Value == tables.On && i.From < end && (i.To == 0 || i.To > a.From) {
				a.expiring = append(a.expiring, expiry{named.Table, max(i.From, a.From), spanEnd(i.To, a.To), true})
			}
		}
	}
	return nil
}

// addExpiry adds those times to what cannot be seen.
func (a *answer) addExpiry(t *report.Table) {
	for _, e := range a.expiring {
		why := "whether time to live was on is not known for all of the time"
		if e.sure {
			why = "time to live was on: DynamoDB deletes expired items itself and writes no record of it"
		}
		t.Add(report.TextOf("Expiry by time to live"), report.TextOf(e.table), report.TimeOf(e.from), report.TimeOf(e.to), report.TextOf(why))
	}
}

// addUnkept adds what nobody is found in, for its keys were not kept or the secret of
// their tokens is no more.
func (a *answer) addUnkept(t *report.Table) {
	for _, glob := range a.Keyring.Dropped() {
		t.Add(report.TextOf("Items by their keys"), report.TextOf(glob), report.Value{}, report.Value{}, report.TextOf("the keys of these tables are not kept in this lake"))
	}
	if days := a.Keyring.Destroyed(); days != "" {
		t.Add(report.TextOf("Items by their keys"), report.Value{}, report.Value{}, report.Value{}, report.TextOf("the secret of the keys' tokens was destroyed, of "+days))
	}
}
