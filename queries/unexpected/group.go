package unexpected

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// Group is what one principal did to one table by one kind of call, all with the same
// verdict.
type Group struct {
	Principal string // [schema.PrincipalKey]
	Actor     string
	ActorName string
	ActorKind string
	TableName string
	TableARN  string
	Table     policy.Table // what the policy says of the table
	Op        string       // operation class

	Verdict policy.Verdict // None, Expired or Denied
	// Lapsed is the rule that would allow it, had it not ended longer ago than the grace.
	Lapsed   *policy.Rule
	Severity schema.Severity

	Calls   int64 // that succeeded
	Touches int64 // of items or tables, by those calls
	Denied  int64 // calls that were denied
	Failed  int64 // calls that failed otherwise

	First, Last int64    // microseconds since 1970, attempts included
	Networks    []string // [queries.Network], the busiest first, [maxSeen] at most
	Agents      []string // [queries.Program], likewise
	Console     bool     // by the console, once at least
	Events      []string // ids of the first few

	networks, agents seen
	events           []eventAt
	changesSettings  bool
}

// maxSeen and maxEvents bound what a group names.
const (
	maxSeen   = 8
	maxEvents = 3
)

type groupKey struct {
	actor, person, kind, arn, table, op string
	effect                              policy.Effect
	rule                                *policy.Rule
}

func keyOf(t *schema.Touch, v policy.Verdict) groupKey {
	k := groupKey{actor: t.Actor, kind: t.ActorKind, arn: t.TableARN, op: t.Op, effect: v.Effect, rule: v.Rule}
	if t.ActorKind == schema.ActorHuman {
		k.person = t.ActorName
	}
	if t.TableARN == "" {
		k.table = t.TableName
	}
	return k
}

func (k groupKey) clone() groupKey {
	for _, s := range []*string{&k.actor, &k.person, &k.kind, &k.arn, &k.table, &k.op} {
		*s = strings.Clone(*s)
	}
	return k
}

func newGroup(t *schema.Touch, v policy.Verdict, table policy.Table) *Group {
	g := &Group{
		Principal: schema.PrincipalKey(t), Actor: t.Actor, ActorName: t.ActorName, ActorKind: t.ActorKind,
		TableName: t.TableName, TableARN: t.TableARN, Table: table, Op: t.Op, Verdict: v,
		First: t.EventTime, Last: t.EventTime, networks: seen{}, agents: seen{},
	}
	for _, s := range []*string{&g.Principal, &g.Actor, &g.ActorName, &g.ActorKind, &g.TableName, &g.TableARN, &g.Op} {
		*s = strings.Clone(*s)
	}
	return g
}

// add counts a touch. first says that it is the first of its call.
func (g *Group) add(t *schema.Touch, first bool) {
	switch {
	case t.Outcome == schema.OutcomeOK:
		g.Touches++
		if first {
			g.Calls++
		}
	case !first:
	case t.Outcome == schema.OutcomeDenied:
		g.Denied++
	default:
		g.Failed++
	}
	g.First, g.Last = min(g.First, t.EventTime), max(g.Last, t.EventTime)
	g.networks.add(queries.Network(t.VPCEndpointID, t.SourceIP))
	g.agents.add(queries.Program(t.UserAgent))
	g.Console = g.Console || t.Console == schema.True
	g.changesSettings = g.changesSettings || t.Op == schema.OpAudit || t.Mutates && t.Plane != schema.PlaneData
	g.event(eventAt{t.EventTime, t.EventID})
}

type eventAt struct {
	at int64
	id string
}

func compareEvents(a, b eventAt) int {
	return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.id, b.id))
}

// event keeps the ids of the first few calls.
func (g *Group) event(e eventAt) {
	if e.id == "" || len(g.events) == maxEvents && compareEvents(e, g.events[maxEvents-1]) >= 0 ||
		slices.ContainsFunc(g.events, func(known eventAt) bool { return known.id == e.id }) {
		return
	}
	at, _ := slices.BinarySearchFunc(g.events, e, compareEvents)
	e.id = strings.Clone(e.id)
	if g.events = slices.Insert(g.events, at, e); len(g.events) > maxEvents {
		g.events = g.events[:maxEvents]
	}
}

// seen counts different texts, of which it keeps [maxSeen].
type seen map[string]int64

func (s seen) add(text string) {
	if n, ok := s[text]; ok {
		s[text] = n + 1
	} else if text != "" && len(s) < maxSeen {
		s[strings.Clone(text)] = 1
	}
}

func (s seen) busiest() (all []string) {
	for text := range s {
		all = append(all, text)
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(cmp.Compare(s[b], s[a]), strings.Compare(a, b)) })
	return all
}

func (g *Group) finish() {
	g.Networks, g.Agents = g.networks.busiest(), g.agents.busiest()
	for _, e := range g.events {
		g.Events = append(g.Events, e.id)
	}
	g.Severity = g.severity()
}

// AttemptsOnly reports whether nothing of it succeeded.
func (g *Group) AttemptsOnly() bool { return g.Calls == 0 }

// Person reports whether it was a human, root, or somebody who may be one.
func (g *Group) Person() bool {
	switch g.ActorKind {
	case schema.ActorHuman, schema.ActorRoot, schema.ActorUnknown, schema.ActorExternal:
		return true
	}
	return false
}

// Careful reports whether the table needs care.
func (g *Group) Careful() bool { return g.Table.Protected || g.Table.AtLeast("restricted") }

// severity is how bad it is: settings before data, changes before reads, people before
// programs, and a step more on a table that needs care.
func (g *Group) severity() schema.Severity {
	s := schema.SeverityLow
	switch {
	case g.Verdict.Effect == policy.Denied, g.changesSettings && g.Verdict.Effect == policy.None:
		s = schema.SeverityHigh
	case g.Person(), g.Verdict.Effect == policy.Expired, !reads(g.Op):
		s = schema.SeverityMedium
	}
	if g.Careful() && !reads(g.Op) {
		s = s.Raise(1)
	}
	return s
}

// section is where a group stands in an answer.
type section int

const (
	forbidden section = iota
	peopleOnProtected
	nobodys
)

func (g *Group) section() section {
	switch {
	case g.Verdict.Effect == policy.Denied:
		return forbidden
	case g.Person() && g.Careful():
		return peopleOnProtected
	}
	return nobodys
}

// rank orders people before programs.
func (g *Group) rank() int {
	if g.Person() {
		return 0
	}
	return 1
}

func compareGroups(a, b Group) int {
	return cmp.Or(
		cmp.Compare(a.section(), b.section()), cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.rank(), b.rank()), cmp.Compare(b.Calls, a.Calls),
		strings.Compare(a.Principal, b.Principal), strings.Compare(a.TableARN, b.TableARN), strings.Compare(a.TableName, b.TableName),
		strings.Compare(a.Op, b.Op), strings.Compare(string(a.Verdict.Effect), string(b.Verdict.Effect)), strings.Compare(a.Verdict.RuleID(), b.Verdict.RuleID()),
		strings.Compare(a.ActorKind, b.ActorKind), strings.Compare(a.Actor, b.Actor), strings.Compare(a.ActorName, b.ActorName),
	)
}
