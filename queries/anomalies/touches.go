package anomalies

import (
	"cmp"
	"context"
	"hash/maphash"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// maxKeys is how many different keys are told apart, of all principals on all tables
// together: some 300 MB. Beyond it the numbers of keys are at least what is told.
const maxKeys = 1 << 23

// dayTouches is what the touches of the day tell that counts do not.
type dayTouches struct {
	l     Lake
	j     *judging
	doers map[doer]*doing // only with a history
	keys  int             // of all of them
	seed  maphash.Seed
}

// doer is a principal on a table.
type doer struct{ table, principal string }

// doing is what a principal did on a table that day.
type doing struct {
	name, role, kind string
	ops              map[string]*cell
	keys             map[uint64]struct{} // hashes of item keys
}

// target is an actor on a table.
type target struct {
	table, actor string
	all          bool // tables of the actor, table being empty
}

func newDayTouches(l Lake, j *judging) *dayTouches {
	return &dayTouches{l: l, j: j, seed: maphash.MakeSeed()}
}

// people reads all touches of the day, if there is a history to compare them with: to
// count what each person behind a shared role did, and different keys.
func (j *judging) people(ctx context.Context, q *Question, r *Report, d *dayTouches) error {
	if q.History == nil {
		r.NotEvaluated = append(r.NotEvaluated, Breadth+": nothing is kept of how many different keys there were before; people behind one role are judged as one")
		return nil
	}
	h, err := q.History(ctx, j.day(j.today()))
	if err != nil {
		return err
	}
	j.history = h
	d.doers = map[doer]*doing{}
	day := schema.DayString(j.day(j.today()))
	where := reader.Query{FromDay: day, ToDay: day, Columns: columns("table_arn", "actor", "actor_name", "actor_kind", "op", "outcome", "item_key",
		"shared_event_id", "touch_index", "event_category", "recipient_account_id", "principal_account_id")}
	held := newCopies()
	_, err = queries.EachTouch(ctx, d.l, where, func(t *schema.Touch, p schema.Partition) error {
		held.add(t, p, d.count)
		return nil
	})
	if err != nil {
		return err
	}
	held.end(d.count)
	ops := j.opsOf()
	for k, did := range d.doers {
		if did.role != k.principal {
			j.addPerson(k, did, ops[target{k.table, did.role, false}])
		}
	}
	return nil
}

// count adds a touch to what its principal did.
func (d *dayTouches) count(t *schema.Touch) {
	if t.Op == schema.OpInsight {
		return
	}
	k := doer{t.TableARN, schema.PrincipalKey(t)}
	did := d.doers[k]
	if did == nil {
		if len(d.doers) >= maxSeries {
			return // the counts have it, and tell of it
		}
		c := t.Clone()
		did = &doing{name: c.TableName, role: c.Actor, kind: c.ActorKind, ops: map[string]*cell{}, keys: map[uint64]struct{}{}}
		d.doers[doer{c.TableARN, schema.PrincipalKey(c)}] = did
	}
	n := did.ops[t.Op]
	if n == nil {
		n = &cell{}
		did.ops[string([]byte(t.Op))] = n
	}
	if t.Outcome == schema.OutcomeDenied {
		n.denied++
	} else {
		n.done++
	}
	if t.ItemKey != "" && d.keys < maxKeys {
		before := len(did.keys)
		did.keys[maphash.String(d.seed, t.ItemKey)] = struct{}{}
		d.keys += len(did.keys) - before
	}
}

// addPerson adds the series of one person behind a role: of the days before as the history
// has them, and of today.
func (j *judging) addPerson(k doer, did *doing, before []string) {
	ops := slices.Collect(maps.Keys(did.ops))
	for _, op := range before {
		if did.ops[op] == nil {
			ops = append(ops, op)
		}
	}
	for _, op := range ops {
		now := did.ops[op]
		all := j.history.Touched(j.today(), k.table, k.principal, op, "")
		denied := j.history.Touched(j.today(), k.table, k.principal, op, schema.OutcomeDenied)
		s := &series{seriesKey: seriesKey{k.table, k.principal, op}, name: did.name, role: did.role}
		for i := range all {
			if all[i] > 0 {
				s.cells = append(s.cells, cell{int32(i), all[i] - max(denied[i], 0), max(denied[i], 0)})
			}
		}
		if now != nil {
			s.cells = append(s.cells, cell{int32(j.today()), now.done, now.denied})
		}
		if len(s.cells) > 0 && len(j.series) < maxSeries {
			j.series[s.seriesKey] = s
		}
	}
}

// opsOf are the operations of each actor on each table.
func (j *judging) opsOf() map[target][]string {
	ops := map[target][]string{}
	for k := range j.series {
		ops[target{k.table, k.actor, false}] = append(ops[target{k.table, k.actor, false}], k.op)
	}
	return ops
}

// breadths looks at how many different keys each principal reached (STA-004).
func (j *judging) breadths(d *dayTouches) {
	known := map[string]float64{}
	for _, k := range slices.SortedFunc(maps.Keys(d.doers), compareDoers) {
		did := d.doers[k]
		if len(did.keys) < leastKeys || !j.known(k.table)[j.today()] {
			continue
		}
		if _, ok := known[k.table]; !ok {
			known[k.table] = float64(slices.Max(j.history.Distinct(usualDays, k.table, "", "")))
		}
		j.breadth(k, did, known[k.table])
	}
}

func compareDoers(a, b doer) int {
	return cmp.Or(strings.Compare(a.table, b.table), strings.Compare(a.principal, b.principal))
}

func columns(names ...string) []int {
	all := make([]int, len(names))
	for i, n := range names {
		all[i] = schema.ColumnIndex(n)
	}
	return all
}
