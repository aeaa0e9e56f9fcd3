package compliance

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// maxRefusals bounds the lines of calls that were denied or failed.
const maxRefusals = 50_000

// refusals are the calls that were denied or failed.
type refusals struct {
	of       map[refusalKey]*refusal
	days     map[refusalDay]int64 // calls
	denied   int64                // calls
	failed   int64
	cutShort bool
}

// refusalKey tells lines apart. The class of operation is not in it: one call may have
// touches of several.
type refusalKey struct {
	table, caller int32
	event, code   string
	outcome       outcome
}

type refusal struct {
	trace
	ops uint32 // by opNumber
}

type refusalDay struct {
	day  int32
	code string
}

func newRefusals() refusals {
	return refusals{of: map[refusalKey]*refusal{}, days: map[refusalDay]int64{}}
}

func (r *refusals) touch(s *sighting) {
	key := refusalKey{s.table, s.caller, s.EventName, errorOf(s.Touch), outcomeOf(s.Outcome)}
	r.count(s, key.code)
	at := r.of[key]
	if at == nil {
		if len(r.of) >= maxRefusals {
			r.cutShort = true
			return
		}
		key.event, key.code = strings.Clone(key.event), strings.Clone(key.code)
		at = &refusal{trace: s.access.newTrace()}
		r.of[key] = at
	}
	at.ops |= 1 << opNumber(s.Op)
	at.add(s)
}

// count counts a call by how it ended.
func (r *refusals) count(s *sighting, code string) {
	scope, calls := scopeFailed, &r.failed
	if s.Denied() {
		scope, calls = scopeDenied, &r.denied
	}
	if s.once(scope) {
		*calls++
		r.day(schema.DayOf(s.EventTime), code)
	}
}

// errorOf is what a call failed with.
func errorOf(t *schema.Touch) string { return cmp.Or(t.ErrorCode, t.Outcome) }

// maxCodes bounds the errors that days are told apart by; errors are texts from the log.
const maxCodes = 10_000

func (r *refusals) day(day int32, code string) {
	key := refusalDay{day, code}
	if _, known := r.days[key]; !known {
		if len(r.days) >= maxCodes {
			key.code = others
		}
		key.code = strings.Clone(key.code)
	}
	r.days[key]++
}

// denied tells what was tried in vain, and who got through afterwards.
func (a *access) denied() *report.Section {
	r := &a.refusals
	t, through := a.refused()
	s := &report.Section{Title: "Denied and failed access", Tables: []report.Table{t}, Plots: []report.Plot{a.refusedPlot()}}
	s.Tiles = []report.Fact{
		tile("denied_calls", "Denied calls", r.denied, alertIf(r.denied, report.Attention), ""),
		tile("failed_calls", "Calls that failed otherwise", r.failed, report.Plain, ""),
		tile("denied_then_allowed", "Denied first, then done", through, alertIf(through, report.Attention), "never done before, by that principal on that table"),
	}
	s.Lead = fmt.Sprintf("%s denied, %s otherwise.", nobodyOr(r.denied, "call was", "calls were"), noneOr(r.failed, "failed", "failed"))
	switch {
	case through > 0:
		s.Level = report.Attention
		s.Lead += fmt.Sprintf(" In %s the principal, which had not done so in the period, did the same later: see who gave it the permission.", counted(through, "case", "cases"))
	case r.denied > 0:
		s.Level = report.Attention
		s.Lead += " Nobody that was denied something did it later for the first time in the period."
	default:
		s.Level = a.frame.none()
		a.frame.noneNote(s)
	}
	if r.cutShort {
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: fmt.Sprintf("There are more kinds of denied and failed calls than the %d that are listed. The totals have them all.", maxRefusals)})
	}
	return s
}

// success is what a principal did to a table by one class of operation.
type success struct {
	pair
	op uint8
}

// successes are, for each line of denied or failed calls, the last success of the same kind
// after it, if there is one, and whether there was none before it.
func (a *access) successes() (later map[refusalKey]int64, through map[refusalKey]bool) {
	done := sums(&a.cells, func(k *cellKey) success {
		if k.outcome != succeeded {
			return success{op: uint8(len(ops))} // no class
		}
		return success{pair{k.table, k.caller}, k.op}
	})
	later, through = map[refusalKey]int64{}, map[refusalKey]bool{}
	for k, r := range a.refusals.of {
		before := false
		for op := range uint8(len(ops)) {
			of := done[success{pair{k.table, k.caller}, op}]
			if r.ops&(1<<op) == 0 || of == nil {
				continue
			}
			before = before || of.first < r.first
			if of.last > r.first {
				later[k] = max(later[k], of.last)
			}
		}
		if later[k] > 0 && !before {
			through[k] = true
		}
	}
	return later, through
}

func (a *access) refused() (t report.Table, through int64) {
	t = report.Table{ID: "denied_access", Shown: 30, Title: "What was denied, or failed", Empty: "No call was denied, and none failed.",
		Lead: "Denied calls before others. Done later says that the same principal did it with success afterwards, by the same kind of operation on the same table; got through, that it had never done so before in the period. Those come first.",
		Columns: join(callerColumns, tableColumns, []report.Column{col("event_name", "Call", report.Code), col("outcome", "Outcome", report.Word), col("error_code", "Error", report.Code)},
			traceColumns, []report.Column{col("succeeded_later", "Done later", report.Flag), col("got_through", "Got through", report.Flag), col("last_success", "Last success", report.Time)})}
	later, got := a.successes()
	for k := range got {
		if k.outcome == denied {
			through++
		}
	}
	list := slices.SortedFunc(maps.Keys(a.refusals.of), func(x, y refusalKey) int {
		r, o := a.refusals.of[x], a.refusals.of[y]
		return cmp.Or(cmp.Compare(x.outcome, y.outcome), compareFlags(got[x], got[y]), compareFlags(later[x] > 0, later[y] > 0), compareFlags(a.callers.list[x.caller].person(), a.callers.list[y.caller].person()),
			cmp.Compare(o.calls, r.calls), a.callers.compare(x.caller, y.caller), a.tables.compare(x.table, y.table), strings.Compare(x.event, y.event), strings.Compare(x.code, y.code))
	})
	for _, k := range list {
		word := report.WordOf("denied", report.Attention)
		if k.outcome == failed {
			word = report.WordOf("failed", report.Plain)
		}
		row := append(a.callers.list[k.caller].values(), a.tables.list[k.table].values()...)
		row = append(row, report.CodeOf(k.event), word, report.CodeOf(k.code))
		row = append(row, a.refusals.of[k].values()...)
		flag := report.FlagOf(got[k])
		if got[k] && k.outcome == denied {
			flag = flag.Marked(report.Attention)
		}
		t.Add(append(row, report.FlagOf(later[k] > 0), flag, report.TimeOf(later[k]))...)
	}
	return t, through
}

// compareFlags puts what is so first.
func compareFlags(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// codesShown is how many errors a plot tells apart.
const codesShown = 6

// refusedPlot is the calls that were denied or failed by day and error.
func (a *access) refusedPlot() report.Plot {
	p := report.Plot{ID: "denied_days", Title: "Denied and failed calls by day", Kind: report.Stacked, Unit: "calls", Columns: a.frame.Days}
	total, days := map[string]int64{}, map[string]int64{}
	for k, n := range a.refusals.days {
		total[k.code] += n
		days[schema.DayString(k.day)] += n
	}
	codes := slices.SortedFunc(maps.Keys(total), func(x, y string) int { return cmp.Or(cmp.Compare(total[y], total[x]), strings.Compare(x, y)) })
	shown := min(len(codes), codesShown)
	at := map[string]int{}
	for i, day := range p.Columns {
		at[day] = i
	}
	place := map[string]int{}
	for i, code := range codes {
		place[code] = min(i, shown)
		if i <= shown {
			p.Rows = append(p.Rows, report.PlotRow{Name: code, Values: make([]float64, len(p.Columns))})
		}
	}
	if len(codes) > shown {
		p.Rows[shown].Name = "other errors"
	}
	for k, n := range a.refusals.days {
		p.Rows[place[k.code]].Values[at[schema.DayString(k.day)]] += float64(n)
	}
	if worst := slices.SortedFunc(maps.Keys(days), func(x, y string) int { return cmp.Or(cmp.Compare(days[y], days[x]), strings.Compare(x, y)) }); len(worst) > 0 {
		p.Lead = fmt.Sprintf("The most were on %s: %s of %s in %s.", worst[0], report.CountOf(days[worst[0]]), report.CountOf(a.refusals.denied+a.refusals.failed), counted(int64(len(a.frame.Days)), "day", "days"))
	}
	return p
}
