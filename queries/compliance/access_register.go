package compliance

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// Bounds of the register: its lines, the items that are told apart in all of them and the
// sessions that are followed to who opened them.
const (
	maxBursts   = 20_000
	maxItems    = 1 << 20
	maxFollowed = 2_000
	keysShown   = 5
)

// register is what was changed by hand: by people, root and who may be one, or in the
// console. What one of them did to one table by one kind of call within a clock hour is a
// line: a burst.
type register struct {
	of         map[burstKey]*burst
	calls      int64
	unexpected int64 // calls that no rule allows
	items      int   // told apart so far
	left       int64 // touches of bursts that there was no room for
	tables     map[int32]struct{}
}

type burstKey struct {
	table, caller int32
	event         string
	hour          int64
	verdict       policy.Verdict
}

type burst struct {
	trace
	items    map[uint64]struct{}
	uncount  bool // there was no room to tell all items apart
	console  bool // by the console, once at least
	keys     []string
	networks labels
	programs labels
	touch    *schema.Touch // the first, without its raw JSON
}

func (r *register) touch(s *sighting) {
	if !s.OK() || !s.Person() && s.Console != schema.True {
		return
	}
	if s.once(scopeManual) {
		r.calls++
	}
	r.tables[s.table] = struct{}{}
	if !isAllowed(s.Verdict) && s.once(scopeManualUnexpected) {
		r.unexpected++
	}
	key := burstKey{s.table, s.caller, s.EventName, s.EventTime / hourMicros, s.Verdict}
	b := r.of[key]
	if b == nil {
		if len(r.of) >= maxBursts {
			r.left++
			return
		}
		key.event = strings.Clone(key.event)
		b = &burst{trace: s.access.newTrace()}
		r.of[key] = b
	}
	if b.add(s) {
		b.touch = sessionOf(s.Touch)
	}
	b.console = b.console || s.Console == schema.True
	b.networks.add(s.VPCEndpointID, s.SourceIP, origin)
	b.programs.add("", s.UserAgent, program)
	r.item(b, s)
}

// origin is where a call came from, exactly.
func origin(endpoint, ip string) string {
	if endpoint == "" || ip == "" {
		return endpoint + ip
	}
	return ip + " through " + endpoint
}

// sessionOf is a copy of what a touch tells of its caller.
func sessionOf(t *schema.Touch) *schema.Touch {
	bare := *t
	bare.RequestParameters, bare.ResponseElements, bare.AdditionalEventData, bare.Resources = "", "", "", ""
	bare.Statement, bare.ErrorMessage, bare.ItemKey, bare.KeyValues, bare.Attributes = "", "", "", nil, nil
	return bare.Clone()
}

// item counts the items of a burst, each once, and keeps the keys of the first few where
// the report may show them.
func (r *register) item(b *burst, s *sighting) {
	if s.ItemKey == "" {
		return
	}
	id := s.access.calls.hash(s.ItemKey)
	if _, known := b.items[id]; known {
		return
	}
	if r.items >= maxItems {
		b.uncount = true
		return
	}
	if b.items == nil {
		b.items = map[uint64]struct{}{}
	}
	b.items[id] = struct{}{}
	r.items++
	if s.access.frame.ShowKeys {
		at, _ := slices.BinarySearch(b.keys, s.ItemKey)
		if b.keys = slices.Insert(b.keys, at, strings.Clone(s.ItemKey)); len(b.keys) > keysShown {
			b.keys = b.keys[:keysShown]
		}
	}
}

// manualChanges is the register, what no rule allows first, then by time.
func (a *access) manualChanges(ctx context.Context) (report.Table, error) {
	t := report.Table{ID: "manual_changes", Shown: 30, Title: "Register of manual changes", Empty: "Nothing was changed by hand.",
		Lead: "Changes of items, tables and settings by people, root and who may be one, and in the console. What one of them did to one table by one kind of call within a clock hour is one line. " +
			"Those that no rule allows come first, then by time. The chain is that of the first call.",
		Columns: join(spanColumns, callerColumns, tableColumns,
			[]report.Column{col("event_name", "Call", report.Code), col("calls", "Calls", report.Count), col("touches", "Touches", report.Count), col("items", "Items", report.Count)},
			[]report.Column{col("person", "Person behind it", report.Text), col("certainty", "How sure", report.Word), col("chain", "Sessions", report.Text), col("networks", "From", report.List), col("agents", "With", report.List), col("console", "Console", report.Flag)},
			verdictColumns, []report.Column{col("ticket", "Ticket", report.Text), col("event_ids", "Events", report.List)})}
	if a.frame.ShowKeys {
		t.Columns = append(t.Columns, col("item_keys", "Keys", report.List))
	}
	keys := slices.SortedFunc(maps.Keys(a.register.of), a.compareBursts)
	chains, err := a.chains(ctx, keys)
	if err != nil {
		return t, err
	}
	for _, k := range keys {
		b := a.register.of[k]
		of := b.values() // calls, touches, first, last, events
		row := append(slices.Clone(of[2:4]), a.callers.list[k.caller].values()...)
		row = append(row, a.tables.list[k.table].values()...)
		row = append(row, report.CodeOf(k.event), of[0], of[1], b.itemCount())
		row = append(row, chainValues(chains[b])...)
		row = append(row, report.ListOf(b.networks.busiest()), report.ListOf(b.programs.busiest()), report.FlagOf(b.console))
		row = append(row, a.verdictValues(k.verdict)...)
		ticket := ""
		if k.verdict.Rule != nil {
			ticket = k.verdict.Rule.Ticket
		}
		row = append(row, report.TextOf(ticket), of[4])
		if a.frame.ShowKeys {
			row = append(row, report.ListOf(b.keys))
		}
		t.Add(row...)
	}
	return t, nil
}

func (b *burst) itemCount() report.Value {
	if b.uncount || len(b.items) == 0 {
		return report.Value{}
	}
	return report.CountOf(int64(len(b.items)))
}

func (a *access) compareBursts(x, y burstKey) int {
	b, o := a.register.of[x], a.register.of[y]
	return cmp.Or(compareFlags(!isAllowed(x.verdict), !isAllowed(y.verdict)), cmp.Compare(b.first, o.first), a.callers.compare(x.caller, y.caller),
		a.tables.compare(x.table, y.table), strings.Compare(x.event, y.event), strings.Compare(x.verdict.RuleID(), y.verdict.RuleID()), strings.Compare(string(x.verdict.Effect), string(y.verdict.Effect)))
}

// chains say who is behind the sessions of the register's first lines, as keytrail who says
// it with --follow-role: from the calls that opened the sessions, where the lake has them.
func (a *access) chains(ctx context.Context, keys []burstKey) (map[*burst]*queries.Lineage, error) {
	answer := &queries.Answer{Question: queries.Who{FollowRole: true}}
	keys = keys[:min(len(keys), maxFollowed)]
	for _, k := range keys {
		answer.Touches = append(answer.Touches, queries.Row{Touch: *a.register.of[k].touch})
	}
	if len(keys) > 0 {
		if err := queries.Follow(ctx, a.frame.Lake, answer); err != nil {
			return nil, err
		}
	}
	all := map[*burst]*queries.Lineage{}
	for i, k := range keys {
		all[a.register.of[k]] = answer.Touches[i].Lineage
	}
	return all, nil
}

// chainValues are the person behind a session, how sure that is, and the sessions that lead
// to it. All are empty for lines that are not followed.
func chainValues(l *queries.Lineage) []report.Value {
	if l == nil {
		return make([]report.Value, 3)
	}
	level := report.Plain
	if l.Certainty == queries.Unknown {
		level = report.Unknown
	}
	var links []string
	for _, link := range l.Chain {
		links = append(links, link.Who)
	}
	return []report.Value{report.TextOf(cmp.Or(l.Person, l.Program)), report.WordOf(l.Certainty.String(), level), report.TextOf(strings.Join(links, " → "))}
}
