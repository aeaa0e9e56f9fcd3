package compliance

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/queries/unexpected"
)

// maxSurprises bounds the moments that are gathered for the timeline, of which it shows
// [report.MaxMoments].
const maxSurprises = 20_000

// surprises are when changes were made that no rule allows, by clock hour.
type surprises struct {
	of   map[surpriseKey]*surprise
	left bool
}

type surpriseKey struct {
	table, caller int32
	op            uint8
	hour          int64
	verdict       policy.Verdict
}

type surprise struct{ first, touches int64 }

func (s *surprises) touch(e *sighting) {
	if !e.OK() || isAllowed(e.Verdict) || e.access.frame.Unexpected == nil {
		return
	}
	key := surpriseKey{e.table, e.caller, opNumber(e.Op), e.EventTime / hourMicros, e.Verdict}
	at := s.of[key]
	if at == nil {
		if len(s.of) >= maxSurprises {
			s.left = true
			return
		}
		at = &surprise{first: e.EventTime}
		s.of[key] = at
	}
	at.first = min(at.first, e.EventTime)
	at.touches++
}

// surpriseGroup is what a [unexpected.Group] is about.
type surpriseGroup struct {
	principal, kind string
	arn, table, op  string
	verdict         policy.Verdict
}

func groupKeyOf(g *unexpected.Group) surpriseGroup {
	k := surpriseGroup{principal: g.Principal, kind: g.ActorKind, arn: g.TableARN, op: g.Op, verdict: g.Verdict}
	if k.arn == "" {
		k.table = g.TableName
	}
	return k
}

func (a *access) groupKeyOf(k surpriseKey) surpriseGroup {
	c, t := a.callers.list[k.caller], a.tables.list[k.table]
	of := surpriseGroup{principal: c.principal, kind: c.kind, arn: t.arn, op: ops[k.op], verdict: k.verdict}
	if of.arn == "" {
		of.table = t.name
	}
	return of
}

// lanesShown is how many principals have a lane of their own.
const lanesShown = 15

// surprisePlot is a timeline of the changes that nobody expected, with a lane for each
// principal. What a service does that it is there for is expected, and not among the groups.
func (a *access) surprisePlot(u *surprising) report.Plot {
	p := report.Plot{ID: "unexpected_timeline", Title: "Unexpected changes over time", Kind: report.Timeline, From: a.frame.From, To: a.frame.To}
	keys := slices.Collect(maps.Keys(a.surprises.of))
	keys = slices.DeleteFunc(keys, func(k surpriseKey) bool { return u.known[a.groupKeyOf(k)] == nil })
	all := len(keys)
	slices.SortFunc(keys, func(x, y surpriseKey) int {
		g, h := u.known[a.groupKeyOf(x)], u.known[a.groupKeyOf(y)]
		return cmp.Or(cmp.Compare(h.Severity, g.Severity), a.compareSurprises(x, y))
	})
	keys = keys[:min(len(keys), report.MaxMoments)]
	lanes := map[int32]int{}
	for _, k := range keys { // the worst first, so that they have the lanes
		if _, known := lanes[k.caller]; known {
			continue
		}
		if len(p.Rows) < lanesShown {
			p.Rows = append(p.Rows, report.PlotRow{Name: a.callers.list[k.caller].label()})
		} else if len(p.Rows) == lanesShown {
			p.Rows = append(p.Rows, report.PlotRow{Name: others})
		}
		lanes[k.caller] = len(p.Rows) - 1
	}
	slices.SortFunc(keys, a.compareSurprises)
	for _, k := range keys {
		one := a.surprises.of[k]
		p.Moments = append(p.Moments, report.Moment{Time: one.first, Lane: lanes[k.caller], Level: levelOf(u.known[a.groupKeyOf(k)].Severity),
			Text: fmt.Sprintf("%s of %s, %s", ops[k.op], a.tables.list[k.table].label, counted(one.touches, "touch", "touches"))})
	}
	switch {
	case all == 0:
		p.Lead = "There are none."
	case all > len(keys) || a.surprises.left:
		p.Lead = fmt.Sprintf("The worst %s of more: a mark is what one principal did to one table by one kind of operation in an hour.", report.CountOf(int64(len(keys))))
	default:
		p.Lead = fmt.Sprintf("%s: what one principal did to one table by one kind of operation in an hour.", counted(int64(all), "mark", "marks"))
	}
	return p
}

func (a *access) compareSurprises(x, y surpriseKey) int {
	return cmp.Or(cmp.Compare(a.surprises.of[x].first, a.surprises.of[y].first), a.callers.compare(x.caller, y.caller), a.tables.compare(x.table, y.table),
		cmp.Compare(x.op, y.op), strings.Compare(x.verdict.RuleID(), y.verdict.RuleID()), strings.Compare(string(x.verdict.Effect), string(y.verdict.Effect)))
}
