package queries

import (
	"context"
	"maps"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

var colShared = schema.ColumnIndex("shared_event_id")

// lineageColumns are what a lineage is made of, beside what a table shows.
var lineageColumns = func() []int {
	var columns []int
	for i, c := range schema.Columns {
		if i >= schema.WhoFrom && i < schema.WhoTo || slices.Contains([]string{"event_id", "shared_event_id", "event_time", "event_source", "event_name", "outcome",
			"recipient_account_id", "key_values", "console", "source_ip", "additional_event_data"}, c.Name) {
			columns = append(columns, i)
		}
	}
	return columns
}()

// sessionQuery asks for events that gave sessions in a time. They are rows of no
// table, and what a session goes by has a Bloom filter.
func sessionQuery(from, to int64, more ...reader.Condition) reader.Query {
	return reader.Query{Table: schema.NoTable, From: from, To: to, Columns: lineageColumns, Where: append([]reader.Condition{
		{Column: colOp, AnyOf: []string{schema.OpSession}},
		{Column: colOutcome, AnyOf: []string{schema.OutcomeOK}},
	}, more...)}
}

// scanSessions calls fn with a copy of each row that the query finds.
func scanSessions(ctx context.Context, l reader.Lake, q reader.Query, fn func(*schema.Touch)) error {
	_, err := reader.Scan(ctx, l, q, func(batch arrow.Record, p schema.Partition) error {
		v := newView(batch)
		for i := range int(batch.NumRows()) {
			row := v.row(p, i)
			fn(&row.Touch)
		}
		return nil
	})
	return err
}

// lifetime is the longest that temporary credentials live: 36 hours, of
// GetSessionToken and GetFederationToken. Roles have 12.
const lifetime = 36 * 60 * 60 * 1_000_000

// sessionsGiven reads the events that gave the sessions of climbs, by what each of
// them is looked for by.
func sessionsGiven(ctx context.Context, l reader.Lake, climbs []*climb, by func(*climb) string) (map[string][]*schema.Touch, error) {
	found := map[string][]*schema.Touch{}
	var from, to int64
	for _, c := range climbs {
		if name := by(c); name != "" {
			found[name] = nil
			from, to = widen(from, to, c.at-lifetime, c.at+clockSlack)
		}
	}
	if len(found) == 0 {
		return found, nil
	}
	q := sessionQuery(from, to, reader.Condition{Column: colKeyValues, AnyOf: slices.Collect(maps.Keys(found))})
	err := scanSessions(ctx, l, q, func(t *schema.Touch) {
		for _, name := range t.KeyValues {
			if events, asked := found[name]; asked {
				found[name] = append(events, t)
			}
		}
	})
	return found, err
}

// widen makes [from, to) hold [first, last) too; 0, 0 holds nothing.
func widen(from, to, first, last int64) (int64, int64) {
	if from == 0 && to == 0 {
		return max(first, 1), last
	}
	return max(min(from, first), 1), max(to, last)
}

// clockSlack is how far apart two services, or the copies of one call in two accounts,
// may log what happened at once.
const clockSlack = 60 * 1_000_000

// joinCopies replaces proofs that name only an account by the copy of the same call
// in the caller's own account, which says who there it was.
func joinCopies(ctx context.Context, l reader.Lake, climbs []*climb) error {
	var ids []string
	var from, to int64
	for _, c := range climbs {
		if p := c.proof; p != nil && p.PrincipalType == "AWSAccount" && p.SharedEventID != "" {
			ids = append(ids, p.SharedEventID)
			from, to = widen(from, to, p.EventTime-clockSlack, p.EventTime+clockSlack)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	copies := map[string]*schema.Touch{}
	q := sessionQuery(from, to, reader.Condition{Column: colShared, AnyOf: ids})
	if err := scanSessions(ctx, l, q, keepCallers(copies)); err != nil {
		return err
	}
	for _, c := range climbs {
		if c.proof != nil && c.proof.PrincipalType == "AWSAccount" && copies[c.proof.SharedEventID] != nil {
			c.proof = copies[c.proof.SharedEventID]
		}
	}
	return nil
}

// joinCallers does for touches what joinCopies does for proofs: of a table that
// another account called, the caller's own trail may have the call too.
func joinCallers(ctx context.Context, l reader.Lake, climbs []*climb) error {
	byTable := map[string][]*climb{}
	for _, c := range climbs {
		if c.who.PrincipalType == "AWSAccount" && c.who.SharedEventID != "" && c.who.TableName != "" {
			byTable[c.who.TableName] = append(byTable[c.who.TableName], c)
		}
	}
	for table, climbs := range byTable {
		q := reader.Query{Table: table, Columns: lineageColumns}
		var ids []string
		for _, c := range climbs {
			ids = append(ids, c.who.SharedEventID)
			q.From, q.To = widen(q.From, q.To, c.at-clockSlack, c.at+clockSlack)
		}
		q.Where = []reader.Condition{{Column: colShared, AnyOf: ids}}
		copies := map[string]*schema.Touch{}
		if err := scanSessions(ctx, l, q, keepCallers(copies)); err != nil {
			return err
		}
		for _, c := range climbs {
			if found := copies[c.who.SharedEventID]; found != nil {
				c.who = *found
			}
		}
	}
	return nil
}

// keepCallers keeps of each call one copy that says who made it.
func keepCallers(copies map[string]*schema.Touch) func(*schema.Touch) {
	return func(t *schema.Touch) {
		kept := copies[t.SharedEventID]
		if t.PrincipalType != "AWSAccount" && (kept == nil || t.EventID < kept.EventID) {
			copies[t.SharedEventID] = t
		}
	}
}
