package subject

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// callGroup is calls of a day that are alike: they named no item, and may have reached
// the subject's.
type callGroup struct {
	callKey
	count       int64
	first, last int64
	how         string // of the first of them
	firstID     string
}

type callKey struct {
	day, principal, name, kind, table, tableARN, event string
	did                                                string
	certainty                                          queries.Likelihood
	purpose, rule                                      string
}

// calls are what may have shown the subject, by principal and day.
type calls struct {
	groups map[callKey]*callGroup
	count  int64
	by     map[queries.Likelihood]int64
	cut    int64 // calls of groups beyond maxGroups
	// Where the subject has several forms each of them finds calls, which count once, as the
	// form has them by which they are most certain.
	best map[callID]queries.Likelihood
}

// callID is the beginning of a hash of what tells rows apart: there may be many millions.
type callID [16]byte

func idOf(r *queries.Row) callID {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%d", r.EventID, r.RecipientAccountID, r.TableARN, r.TouchIndex))
	return callID(sum[:16])
}

// maxGroups bounds the groups.
const maxGroups = 50_000

// findCalls reads the calls that named no item, of the tables in which the subject was
// found. Rows that name it were read before.
func (a *answer) findCalls(ctx context.Context, l *lake.Lake) error {
	a.calls = calls{groups: map[callKey]*callGroup{}, by: map[queries.Likelihood]int64{}}
	if len(a.values()) > 1 {
		a.calls.best = map[callID]queries.Likelihood{}
		if err := a.eachCall(ctx, l, a.calls.weigh); err != nil {
			return err
		}
	}
	return a.eachCall(ctx, l, a.call)
}

// eachCall shows the calls that each form of what is asked for finds.
func (a *answer) eachCall(ctx context.Context, l *lake.Lake, fn func(*queries.Row)) error {
	columns := columnsBut("response_elements", "additional_event_data", "resources", "source_object", "source_index")
	for _, values := range a.values() {
		w := a.candidate(values)
		w.Limit = 1 // they are counted as they come
		w.Each = func(r *queries.Row) {
			if !r.CouldHave {
				return
			}
			a.spelt.read(&r.Touch)
			if _, named := a.namer.level(&r.Touch); !named {
				fn(r)
			}
		}
		found, err := queries.Ask(ctx, queries.Watch(l, a.Progress), w, columns)
		if err != nil {
			return err
		}
		a.read.Add(found.Read)
	}
	return nil
}

// weigh notes how certain a call is at most.
func (c *calls) weigh(r *queries.Row) {
	id := idOf(r)
	c.best[id] = max(c.best[id], r.Certainty)
}

func (a *answer) call(r *queries.Row) {
	c := &a.calls
	if c.best != nil {
		id := idOf(r)
		if best, open := c.best[id]; !open || r.Certainty < best {
			return
		}
		delete(c.best, id) // counted
	}
	verdict := a.Policy.Judge(&r.Touch)
	c.count++
	c.by[r.Certainty]++
	a.tables.of(r.TableName).calls++
	c.add(r, &verdict)
}

func (c *calls) add(r *queries.Row, v *policy.Verdict) {
	k := callKey{
		day: r.Day, principal: schema.PrincipalKey(&r.Touch), name: r.ActorName, kind: r.ActorKind, table: r.TableName, tableARN: r.TableARN,
		event: r.EventName, did: did(&r.Touch), certainty: r.Certainty, purpose: purpose(*v), rule: v.RuleID(),
	}
	g := c.groups[k]
	if g == nil {
		if len(c.groups) >= maxGroups {
			c.cut++
			return
		}
		g = &callGroup{callKey: k, first: r.EventTime, last: r.EventTime, how: r.Reason, firstID: r.EventID}
		c.groups[k] = g
	}
	g.count++
	if r.EventTime < g.first || r.EventTime == g.first && r.EventID < g.firstID {
		g.first, g.how, g.firstID = r.EventTime, r.Reason, r.EventID
	}
	g.last = max(g.last, r.EventTime)
}

// sorted are the groups, the most certain first, then by day.
func (c *calls) sorted() []*callGroup {
	return slices.SortedFunc(maps.Values(c.groups), func(a, b *callGroup) int {
		return cmp.Or(cmp.Compare(b.certainty, a.certainty), strings.Compare(a.day, b.day), strings.Compare(a.principal, b.principal),
			strings.Compare(a.name, b.name), strings.Compare(a.tableARN, b.tableARN), strings.Compare(a.event, b.event), strings.Compare(a.did, b.did),
			strings.Compare(a.kind, b.kind), strings.Compare(a.purpose, b.purpose), strings.Compare(a.rule, b.rule), strings.Compare(a.table, b.table))
	})
}
