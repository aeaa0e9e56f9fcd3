package compliance

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/queries/unexpected"
	"github.com/keytrail/keytrail/schema"
)

// identities makes the section on who is known, who is new, and which rules of the policy
// are of no use.
type identities struct {
	books  *books
	actors map[string]*actorSeen
	left   bool // there are more than maxActors
	last   *actorSeen
}

// actorSeen is an identity that was active in the period.
type actorSeen struct {
	actor, name, kind string
	touches, denied   int64
	first, last       int64
	expected          bool // a rule allowed something
}

// maxActors bounds the identities that are told apart, unusedDays says when one counts as
// long unused.
const (
	maxActors  = 50000
	unusedDays = 90
)

func newIdentities(b *books) *identities {
	return &identities{books: b, actors: map[string]*actorSeen{}}
}

func (p *identities) touch(e *detect.Event) {
	a := p.actor(e)
	if a == nil {
		return
	}
	if e.ActorName < a.name || e.ActorName == a.name && e.ActorKind < a.kind { // of several who share a role the first by name, however rows come
		a.name, a.kind = strings.Clone(e.ActorName), strings.Clone(e.ActorKind)
	}
	a.touches++
	if e.Denied() {
		a.denied++
	}
	if a.first == 0 || e.EventTime < a.first {
		a.first = e.EventTime
	}
	a.last = max(a.last, e.EventTime)
	a.expected = a.expected || e.Allowed()
}

func (p *identities) actor(e *detect.Event) *actorSeen {
	if p.last != nil && p.last.actor == e.Actor {
		return p.last
	}
	a := p.actors[e.Actor]
	if a == nil {
		if len(p.actors) >= maxActors {
			p.left = true
			return nil
		}
		a = &actorSeen{actor: strings.Clone(e.Actor), name: strings.Clone(e.ActorName), kind: strings.Clone(e.ActorKind)}
		p.actors[a.actor] = a
	}
	p.last = a
	return a
}

func (p *identities) write(_ context.Context, f *Frame, made sections) error {
	s := &report.Section{Title: "Identities", Level: report.OK}
	fresh, unknown, gone := p.fresh(), p.unknown(), p.unused(f)
	before := p.daysBefore()
	s.Lead = p.lead(before, len(fresh), len(unknown), len(gone))
	s.Tiles = []report.Fact{
		{ID: "identities", Name: "Identities active", Value: report.CountOf(int64(len(p.actors)))},
		{ID: "identities_new", Name: "First seen", Value: report.CountOf(int64(len(fresh))), Level: badIf(len(fresh) > 0, report.Attention)},
		{ID: "identities_unknown", Name: "Not known", Value: report.CountOf(int64(len(unknown))), Text: "for what they are", Level: badIf(len(unknown) > 0, report.Attention)},
		{ID: "identities_unused", Name: "Long unused", Value: report.CountOf(int64(len(gone)))},
	}
	s.Notes = append(s.Notes, report.Note{Text: "An identity is a role, a user, root, a service or an account: several people who use one role are one identity here, and as many lines in the section on access by person."})
	switch {
	case before == 0: // all are new to such a lake
		s.Tiles[1].Value, s.Tiles[1].Level = report.Value{}, report.Unknown
	case len(fresh) > 0:
		s.Level = report.Attention
	}
	if len(unknown) > 0 {
		s.Level = report.Attention
	}
	if p.left {
		s.Level = s.Level.Worse(report.Attention)
		s.Notes = append(s.Notes, report.Note{Level: report.Attention, Text: fmt.Sprintf("More than %s were active; the others are in no table of this section.", many(maxActors, "caller"))})
	}
	if before < 30 {
		s.Level = s.Level.Worse(report.Unknown)
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: firstSeen(before)})
	}
	s.Tables = append(s.Tables, actorTable("identities_new", "First seen in the period", "Nobody was new.", fresh), actorTable("identities_unknown", "Not known for what they are", "All are known as people, workloads or services.", unknown), unusedTable(gone))
	s.Tables = append(s.Tables, p.rules(f, s)...)
	made[Identities] = s
	return nil
}

// daysBefore is how many days before the period the lake goes back.
func (p *identities) daysBefore() int64 {
	first, err := schema.ParseDay(p.books.past.first)
	if err != nil {
		return 0
	}
	return max(0, int64(p.books.first)-int64(first))
}

func firstSeen(before int64) string {
	if before == 0 {
		return "The lake does not go back before the period, so that who is new in it is not known: the table has all that were active."
	}
	return fmt.Sprintf("The lake has %s before the period: first seen says little with so few.", many(before, "day"))
}

func (p *identities) lead(before int64, fresh, unknown, gone int) string {
	text := many(int64(len(p.actors)), "identity") + " were active"
	if len(p.actors) == 1 {
		text = "1 identity was active"
	}
	if before > 0 {
		text += fmt.Sprintf(", %s seen for the first time as far as the lake goes back", noneOr(int64(fresh), "of them", "of them"))
	} else {
		text += "; which of them are new is not known, since the lake does not go back before the period"
	}
	switch unknown {
	case 0:
		text += "; all are known for what they are."
	case 1:
		text += "; 1 is not known for what it is."
	default:
		text += fmt.Sprintf("; %s are not known for what they are.", report.CountOf(int64(unknown)))
	}
	if gone > 0 {
		text += fmt.Sprintf(" %s not seen for %d days or more.", counted(int64(gone), "more was", "more were"), unusedDays)
	}
	return text
}

func (p *identities) pick(want func(*actorSeen) bool) (list []*actorSeen) {
	for _, a := range p.actors {
		if want(a) {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b *actorSeen) int {
		return cmp.Or(cmp.Compare(rankOfKind(a.kind), rankOfKind(b.kind)), -cmp.Compare(a.touches, b.touches), strings.Compare(a.actor, b.actor))
	})
	return list
}

// rankOfKind puts people first.
func rankOfKind(kind string) int {
	return slices.Index([]string{schema.ActorAWS, schema.ActorService, schema.ActorExternal, schema.ActorHuman, schema.ActorUnknown, schema.ActorRoot}, kind) * -1
}

func (p *identities) fresh() []*actorSeen {
	return p.pick(func(a *actorSeen) bool { _, known := p.books.past.actors[a.actor]; return !known })
}

func (p *identities) unknown() []*actorSeen {
	return p.pick(func(a *actorSeen) bool { return a.kind == schema.ActorUnknown || a.actor == "" })
}

// idle is an identity that was active once, and not for long.
type idle struct {
	actor string
	actorPast
	days int64
}

// unused are identities that were seen before, and not in the last unusedDays days of the
// period.
func (p *identities) unused(f *Frame) (list []idle) {
	for actor, past := range p.books.past.actors {
		if days := (f.To - past.last) / dayLong; p.actors[actor] == nil && days >= unusedDays {
			list = append(list, idle{actor, past, days})
		}
	}
	slices.SortFunc(list, func(a, b idle) int { return cmp.Or(-cmp.Compare(a.days, b.days), strings.Compare(a.actor, b.actor)) })
	return list
}

func actorTable(id, title, empty string, list []*actorSeen) report.Table {
	t := report.Table{ID: id, Title: title, Empty: empty, Shown: 30, Lead: "People first, then by touches.",
		Columns: []report.Column{
			col("name", "Who", report.Text), col("kind", "Kind", report.Word), col("actor_arn", "Identity", report.Code), col("touches", "Touches", report.Count), col("denied", "Denied", report.Count),
			col("first", "First", report.Time), col("last", "Last", report.Time), col("expected", "A rule expects some of it", report.Flag),
		}}
	for _, a := range list {
		t.Add(report.TextOf(a.name), report.WordOf(a.kind, badIfKind(a.kind)), report.CodeOf(a.actor), report.CountOf(a.touches), report.CountOf(a.denied), report.TimeOf(a.first), report.TimeOf(a.last), report.FlagOf(a.expected))
	}
	return t
}

func badIfKind(kind string) report.Level {
	switch kind {
	case schema.ActorUnknown, schema.ActorRoot, schema.ActorExternal:
		return report.Attention
	}
	return report.Plain
}

func unusedTable(list []idle) report.Table {
	t := report.Table{ID: "identities_unused", Title: "Long unused", Empty: "None that the lake knows of.", Lead: "Seen before the period, and not since: candidates for removal.",
		Columns: []report.Column{col("actor_arn", "Identity", report.Code), col("first", "First hour seen", report.Time), col("last", "Last hour seen", report.Time), col("days", "Days since", report.Count)}}
	for _, a := range list {
		t.Add(report.CodeOf(a.actor), report.TimeOf(a.first), report.TimeOf(a.last), report.CountOf(a.days))
	}
	return t
}

// rules are what became of the policy's rules, and who no rule speaks of.
func (p *identities) rules(f *Frame, s *report.Section) []report.Table {
	use := report.Table{ID: "rules", Title: "Rules of the policy", Empty: "No policy went into this report, or it has no rules.", Lead: "Rules that are over and still used first, then those nobody used.",
		Columns: []report.Column{
			col("rule", "Rule", report.Code), col("state", "State", report.Word), col("effect", "Effect", report.Text), col("touches", "Touches", report.Count), col("last_use", "Last use", report.Time), col("only_who", "Used by one", report.Code),
			col("expires", "Ends", report.Text), col("owner", "Owner", report.Text), col("reason", "Reason", report.Text), col("ticket", "Ticket", report.Text),
		}}
	none := report.Table{ID: "identities_unspoken", Title: "Of whom no rule speaks", Empty: "Rules speak of all that were active, or there is no policy.",
		Columns: []report.Column{col("name", "Who", report.Text), col("kind", "Kind", report.Word), col("principal", "Identity", report.Code), col("calls", "Calls", report.Count), col("tables", "Tables", report.Count)}}
	if f.Unexpected == nil {
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: "Without a policy that has rules nobody is expected, and nothing can be said of approved identities."})
		s.Level = s.Level.Worse(report.Unknown)
		return []report.Table{use, none}
	}
	list := slices.Clone(f.Unexpected.Rules)
	slices.SortStableFunc(list, func(a, b unexpected.RuleUse) int { return cmp.Compare(rankOfRule(&a), rankOfRule(&b)) })
	for i := range list {
		u := &list[i]
		state := ruleState(u)
		s.Level = s.Level.Worse(state.Level())
		use.Add(report.CodeOf(u.Rule.ID), state, report.TextOf(u.Rule.Effect), report.CountOf(u.Touches), report.TimeOf(u.LastUse), report.CodeOf(u.OnlyWho),
			report.TextOf(u.Rule.Expires), report.TextOf(u.Rule.Owner), report.TextOf(u.Rule.Reason), report.TextOf(u.Rule.Ticket))
	}
	for _, r := range f.Unexpected.Ruleless {
		none.Add(report.TextOf(r.ActorName), report.WordOf(r.ActorKind, badIfKind(r.ActorKind)), report.CodeOf(r.Key), report.CountOf(r.Calls), report.CountOf(int64(r.Tables)))
	}
	return []report.Table{use, none}
}

func rankOfRule(u *unexpected.RuleUse) int {
	switch {
	case u.Late > 0:
		return 0
	case u.Over:
		return 1
	case u.Unused():
		return 2
	}
	return 3
}

func ruleState(u *unexpected.RuleUse) report.Value {
	switch {
	case u.Late > 0:
		return report.WordOf("over, and still used", report.Alarm)
	case u.Over:
		return report.WordOf("over", report.Attention)
	case u.Unused():
		return report.WordOf("unused", report.Attention)
	case u.OnlyWho != "":
		return report.WordOf("used by one", report.Plain)
	}
	return report.WordOf("used", report.OK)
}
