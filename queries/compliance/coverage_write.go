package compliance

import (
	"fmt"
	"math"
	"strings"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
)

// maxMatrixRows bounds the rows of the coverage matrix, those that matter first: the table
// beside it has all.
const maxMatrixRows = 200

// coverageWriter writes the section.
type coverageWriter struct {
	*covered
	f      *Frame
	s      *report.Section
	tables []*tableSeen
	spans  map[*tableSeen][]stretch
	states map[*tableSeen][]int
	sums   coverageSums
}

// coverageSums are what the section says in numbers. Times are of all tables together,
// microseconds.
type coverageSums struct {
	logged, partly, not, unknown int64
	holes                        []hole
	notLogged                    int      // tables of which some time is not logged
	contradicted                 []string // tables of which events came that no known trail logs
	digestAreas                  int
	digestHave, digestWant       int64
}

func (w *coverageWriter) write() {
	w.spans, w.states = map[*tableSeen][]stretch{}, map[*tableSeen][]int{}
	for _, t := range w.tables {
		if t.contradicted(w.f, w.logs.dataStretches(t)) {
			w.sums.contradicted = append(w.sums.contradicted, t.label)
		}
	}
	w.logs.complete = w.logs.complete && len(w.sums.contradicted) == 0
	for _, t := range w.tables {
		spans := w.logs.dataStretches(t)
		w.spans[t], w.states[t] = spans, w.days(w.f, t, spans)
		by := hours(spans)
		w.sums.logged += by[detect.LoggedYes]
		w.sums.partly += by[detect.LoggedPartly]
		w.sums.not += by[detect.LoggedNo]
		w.sums.unknown += by[detect.LoggedUnknown]
		if by[detect.LoggedNo]+by[detect.LoggedPartly] > 0 {
			w.sums.notLogged++
		}
		w.sums.holes = append(w.sums.holes, holes(w.f, t, w.states[t])...)
	}
	w.digests()
	w.level()
	w.lead()
	w.tiles()
	w.notes()
	w.s.Plots = append(w.s.Plots, w.matrix())
	w.s.Tables = append(w.s.Tables, w.perTable(), w.holeTable(), w.blindSpots(), w.changes(), w.unreadObjects(), w.silentDetections())
}

// digests counts hours: a Region that has any digest has one for each hour of the period.
func (w *coverageWriter) digests() {
	for _, a := range w.books.ledger.areas {
		if a.digests > 0 {
			w.sums.digestAreas++
			w.sums.digestHave += a.digestHours(w.f.From, w.f.To)
			w.sums.digestWant += (w.f.To - w.f.From) / hourLong
		}
	}
}

// level is how far the period's log can be relied on.
func (w *coverageWriter) level() {
	w.s.Level = report.OK
	if len(w.tables) == 0 || w.sums.unknown > 0 || w.sums.digestAreas == 0 {
		w.s.Level = w.s.Level.Worse(report.Unknown)
	}
	sum := w.books.ledger.total()
	if sum.quarantined > 0 || w.sums.digestHave < w.sums.digestWant || w.sums.partly > 0 {
		w.s.Level = w.s.Level.Worse(report.Attention)
	}
	for _, h := range w.sums.holes {
		w.s.Level = w.s.Level.Worse(dayStates[h.state].Level)
	}
	if w.sums.not > 0 || sum.unreadLogs() > 0 || len(w.books.ledger.broken) > 0 {
		w.s.Level = report.Alarm
	}
}

func (w *coverageWriter) lead() {
	all := w.sums.logged + w.sums.partly + w.sums.not + w.sums.unknown
	tables, read := many(int64(len(w.tables)), "table"), w.readText()
	switch {
	case len(w.tables) == 0:
		w.s.Lead = "No table was touched, so that there is nothing whose coverage could be told."
	case w.sums.unknown == all:
		w.s.Lead = fmt.Sprintf("What the trails log of %s is not known: no settings of the trails are at hand. %s", tables, read)
	case w.sums.logged == all:
		w.s.Lead = fmt.Sprintf("Calls on the items of all %s were logged in every hour of the period, by the trails' settings. %s", tables, read)
	default:
		w.s.Lead = fmt.Sprintf("Of all hours of %s, calls on items were logged in %s, partly in %s, not in %s, and in %s nobody can tell. %s",
			tables, report.ShareOf(w.sums.logged, all), report.ShareOf(w.sums.partly, all), report.ShareOf(w.sums.not, all), report.ShareOf(w.sums.unknown, all), read)
	}
}

// readText says whether what was delivered is in the lake, and whether anything tells that
// it is all.
func (w *coverageWriter) readText() string {
	sum := w.books.ledger.total()
	unread, outside := sum.unreadLogs(), w.outside()
	text := "Every object that was delivered is in the lake."
	if unread > 0 {
		text = fmt.Sprintf("%s %s not read.", many(unread, "object"), were(unread))
	}
	if outside > 0 {
		text += fmt.Sprintf(" The lake has no deliveries of %s of the period.", many(outside, "day"))
	}
	if w.sums.digestAreas == 0 {
		text += " No digest is at hand to prove that no log is missing."
	}
	return text
}

// outside counts the days of the period that the lake has no deliveries of.
func (w *coverageWriter) outside() (n int64) {
	first, last := w.f.Coverage.Bounds()
	for _, day := range w.f.Days {
		if first == "" || day < first || day > last {
			n++
		}
	}
	return n
}

func were(n int64) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// tiles are the three numbers, which are never one: hours, digests, reconciliation.
func (w *coverageWriter) tiles() {
	all := w.sums.logged + w.sums.partly + w.sums.not + w.sums.unknown
	sum := w.books.ledger.total()
	balanced := sum.records == sum.in+sum.out+sum.quarantined
	w.s.Tiles = []report.Fact{
		{ID: "hours_logged", Name: "Hours logged", Value: report.ShareOf(w.sums.logged, all), Text: "of all hours of all tables, by the trails' settings", Level: shareLevel(w.sums.logged, all, w.sums.unknown)},
		{ID: "hours_not_logged", Name: "Hours not or partly logged", Value: report.ShareOf(w.sums.not+w.sums.partly, all), Level: badIf(w.sums.not+w.sums.partly > 0, report.Alarm)},
		{ID: "hours_unknown", Name: "Hours not known", Value: report.ShareOf(w.sums.unknown, all), Text: "nobody told what the trails log", Level: badIf(w.sums.unknown > 0, report.Unknown)},
		{ID: "digest_hours", Name: "Hours with a digest", Value: report.ShareOf(w.sums.digestHave, w.sums.digestWant), Text: w.digestText(), Level: shareLevel(w.sums.digestHave, w.sums.digestWant, 0)},
		{ID: "records_reconciled", Name: "Records accounted for", Value: report.FlagOf(balanced), Text: fmt.Sprintf("%s read; see integrity", many(sum.records, "record")), Level: badIf(!balanced, report.Alarm)},
		{ID: "tables", Name: "Tables", Value: report.CountOf(int64(len(w.tables)))},
		{ID: "tables_not_logged", Name: "Tables not logged throughout", Value: report.CountOf(int64(w.sums.notLogged)), Level: badIf(w.sums.notLogged > 0, report.Alarm)},
		{ID: "objects_unread", Name: "Objects not read", Value: report.CountOf(sum.unreadLogs()), Level: badIf(sum.unreadLogs() > 0, report.Alarm)},
		{ID: "records_quarantined", Name: "Records in quarantine", Value: report.CountOf(sum.quarantined), Level: badIf(sum.quarantined > 0, report.Attention)},
	}
}

func (w *coverageWriter) digestText() string {
	if w.sums.digestAreas == 0 {
		return "no digest is at hand: log file validation is off, or digests are not ingested"
	}
	return fmt.Sprintf("%s of %s, in the %d of %s with logs that have digests", report.CountOf(w.sums.digestHave), report.CountOf(w.sums.digestWant),
		w.sums.digestAreas, many(int64(len(w.books.ledger.areas)), "account Region"))
}

// more says how many are not named.
func more(n int64) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" and %s more", report.CountOf(n))
}

func badIf(bad bool, l report.Level) report.Level {
	if bad {
		return l
	}
	return report.OK
}

func shareLevel(part, whole, unknown int64) report.Level {
	switch {
	case whole == 0 || part == 0 && unknown == whole:
		return report.Unknown
	case part+unknown < whole:
		return report.Attention
	case unknown > 0:
		return report.Unknown
	}
	return report.OK
}

// notes are what the lake may lack of the period, the worst first, and what to do about
// settings that nobody told.
func (w *coverageWriter) notes() {
	for _, g := range w.f.Gaps {
		level := report.Attention
		switch g.Kind {
		case queries.GapSpan, queries.GapElsewhere:
			level = report.Plain
		case queries.GapUnread, queries.GapLedger:
			level = report.Alarm
		}
		w.s.Notes = append(w.s.Notes, report.Note{Level: level, Text: strings.ToUpper(g.What[:1]) + g.What[1:] + "."})
	}
	if w.f.Trails == nil {
		w.s.Notes = append(w.s.Notes, report.Note{Level: report.Unknown, Text: "No saved settings of the trails went into this report. Calls that changed them are followed as far as the lake goes; " +
			"what was set before is not known, and never taken for logged. Save the answers of DescribeTrails and GetEventSelectors and name the file."})
	}
	if n := int64(len(w.sums.contradicted)); n > 0 {
		w.s.Notes = append(w.s.Notes, report.Note{Level: report.Attention, Text: fmt.Sprintf("The saved settings are not those of all trails: events of %s came that no trail in them logs (%s). So what they do not log is taken as not known.",
			many(n, "table"), strings.Join(w.sums.contradicted[:min(n, maxObjects)], ", ")+more(n-maxObjects))})
	}
	if w.books.ledger.left > 0 {
		w.s.Notes = append(w.s.Notes, report.Note{Level: report.Attention, Text: fmt.Sprintf("%s more are not listed one by one: the ledger has them all.", many(w.books.ledger.left, "object"))})
	}
}

func (w *coverageWriter) matrix() report.Plot {
	p := report.Plot{
		ID: "coverage_matrix", Title: "Calls on items: table by day", Kind: report.Matrix, Columns: w.f.Days, States: dayStates,
		Lead: "Each cell is a table's day: whether calls on its items were logged, by the trails' settings and by what came. The table of holes says the same in words.",
	}
	for i, t := range w.tables {
		if i == maxMatrixRows {
			p.Lead += fmt.Sprintf(" The first %d of %s tables are drawn.", maxMatrixRows, report.CountOf(int64(len(w.tables))))
			break
		}
		row := report.PlotRow{Name: t.label, Values: make([]float64, len(w.f.Days))}
		for j := range row.Values {
			row.Values[j] = math.NaN()
			if j < len(w.states[t]) {
				row.Values[j] = float64(w.states[t][j])
				row.Level = row.Level.Worse(dayStates[w.states[t][j]].Level)
			}
		}
		p.Rows = append(p.Rows, row)
	}
	return p
}
