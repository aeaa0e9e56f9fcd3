package compliance

import (
	"slices"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
)

// perTable says of each table what is logged of it, and since when it was seen.
func (w *coverageWriter) perTable() report.Table {
	t := report.Table{ID: "coverage_tables", Title: "Tables", Empty: "No table was touched.",
		Lead: "Those that need most care first. Hours are of the period, as the trails' settings have them; since is when a call of the kind was first seen in the lake, which proves that it was logged then.",
		Columns: []report.Column{
			col("table_name", "Table", report.Text), col("table_arn", "ARN", report.Code), col("class", "Class", report.Text), col("protected", "Protected", report.Flag), col("owner", "Owner", report.Text),
			col("hours_logged", "Hours logged", report.Real), col("hours_partly", "Partly", report.Real), col("hours_not_logged", "Not logged", report.Real), col("hours_unknown", "Not known", report.Real),
			col("management_logged", "Management events", report.Word), col("touches", "Touches", report.Count), col("days_seen", "Days seen", report.Count), col("last_event", "Last event", report.Time),
			col("management_since", "Management since", report.Time), col("reads_since", "Reads since", report.Time), col("writes_since", "Writes since", report.Time),
			col("keys_visible", "Keys visible", report.Share), col("keys_omitted", "Keys not said", report.Share), col("hours_without_digest", "Hours without a digest", report.Count), col("ttl", "Expiry of items", report.Word),
		}}
	for _, of := range w.tables {
		by := hours(w.spans[of])
		seen := int64(0)
		for _, n := range of.byDay {
			if n > 0 {
				seen++
			}
		}
		t.Add(report.TextOf(of.label), report.CodeOf(of.arn), report.TextOf(of.care.Class), report.FlagOf(of.care.Protected), report.TextOf(of.care.Owner),
			inHours(by[detect.LoggedYes]), inHours(by[detect.LoggedPartly]), inHours(by[detect.LoggedNo]), inHours(by[detect.LoggedUnknown]),
			w.management(of), report.CountOf(of.touches), report.CountOf(seen), report.TimeOf(of.last),
			report.TimeOf(of.past.management), report.TimeOf(of.past.reads), report.TimeOf(of.past.writes),
			report.ShareOf(of.keyed, of.items), report.ShareOf(of.omitted, of.items), w.withoutDigest(of), w.expiryWord(of))
	}
	return t
}

func inHours(micros int64) report.Value { return report.RealOf(float64(micros) / float64(hourLong)) }

// management is the least that was logged of calls on the table's settings.
func (w *coverageWriter) management(t *tableSeen) report.Value {
	least, _ := within(w.logs.of(t.arn, detect.ManagementReads, detect.ManagementWrites), w.f.From, w.f.To)
	level := report.OK
	switch least {
	case detect.LoggedNo:
		level = report.Alarm
	case detect.LoggedPartly:
		level = report.Attention
	case detect.LoggedUnknown:
		level = report.Unknown
	}
	return report.WordOf(least.String(), level)
}

func (w *coverageWriter) withoutDigest(t *tableSeen) report.Value {
	for area, a := range w.books.ledger.areas {
		if area.Account == t.account && area.Region == t.region && a.digests > 0 {
			return report.CountOf((w.f.To-w.f.From)/hourLong - a.digestHours(w.f.From, w.f.To))
		}
	}
	return report.Value{}
}

// expiryWord says whether items of the table may have expired in the period.
func (w *coverageWriter) expiryWord(t *tableSeen) report.Value {
	switch may, sure := w.expires(t); {
	case may && sure:
		return report.WordOf("on", report.Attention)
	case may:
		return report.WordOf("not known", report.Unknown)
	}
	return report.WordOf("off", report.OK)
}

// expires reports whether items may have expired; sure is false where nobody told.
func (w *coverageWriter) expires(t *tableSeen) (may, sure bool) {
	if t.settings == nil {
		return true, false
	}
	return t.settings.TTLMayDelete(w.f.From, w.f.To)
}

func (w *coverageWriter) holeTable() report.Table {
	t := report.Table{ID: "coverage_holes", Shown: 40, Title: "Holes", Empty: "Every day of every table is whole.", Lead: "Days in a row on which a table's log is not whole, or not known to be; the worst first.",
		Columns: []report.Column{
			col("table_name", "Table", report.Text), col("table_arn", "ARN", report.Code), col("from", "From", report.Day), col("to", "To", report.Day),
			col("days", "Days", report.Count), col("state", "State", report.Word), col("cause", "Cause", report.Text),
		}}
	all := slices.Clone(w.sums.holes)
	slices.SortStableFunc(all, func(a, b hole) int { return holeRank[a.state] - holeRank[b.state] })
	for _, h := range all {
		t.Add(report.TextOf(h.table.label), report.CodeOf(h.table.arn), report.DayOf(h.from), report.DayOf(h.to), report.CountOf(int64(h.days)),
			report.WordOf(dayStates[h.state].Name, dayStates[h.state].Level), report.TextOf(causes[h.state]))
	}
	return t
}

// holeRank is the order of holes by state.
var holeRank = map[int]int{dayUnread: 0, dayOutside: 1, dayNotLogged: 2, dayPartly: 3, dayNoObject: 4, dayUntold: 5, dayUntoldSeen: 6}
