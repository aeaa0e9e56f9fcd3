package anomalies

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/golden"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

func ask(t *testing.T, l *lake.Lake, q Question) *Report {
	t.Helper()
	r, err := Ask(t.Context(), l, q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func render(t *testing.T, r *Report, f queries.Format, s Style) string {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, r, f, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// brief is what was found, one a line.
func brief(found []schema.Finding) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintln(&b, f.Detection, f.Severity, f.TableName, f.Principal)
	}
	return b.String()
}

func TestBadDay(t *testing.T) {
	l := incident(t).lake(t)
	r := ask(t, l, Question{Day: incidentDay, History: kept(l)})
	for _, width := range []int{80, 160} {
		golden.Check(t, fmt.Sprintf("queries/anomalies-%d", width), render(t, r, queries.Table, Style{Look: queries.Look{Width: width}, Lake: "./lake"}))
	}
	golden.Check(t, "queries/anomalies-colours", render(t, r, queries.Table, Style{Look: queries.Look{Width: 100, Colour: true}}))
	for _, f := range []queries.Format{queries.JSON, queries.JSONL, queries.CSV} {
		text := render(t, r, f, Style{})
		golden.Check(t, "queries/anomalies-"+string(f), text)
		if strings.ContainsRune(text, '\x1b') {
			t.Errorf("%s has an escape sequence of an actor", f)
		}
	}
}

// Counts alone know no people, and no keys: what alice did is what her role did.
func TestCountsAlone(t *testing.T) {
	r := ask(t, incident(t).lake(t), Question{Day: incidentDay})
	golden.Check(t, "queries/anomalies-counts-only", render(t, r, queries.Table, Style{Look: queries.Look{Width: 100}}))
}

func TestQuietDays(t *testing.T) {
	l := quiet(t).lake(t)
	for back := range 10 {
		day := schema.DayString(dayOf(t, incidentDay) - int32(back))
		r := ask(t, l, Question{Day: day, History: kept(l)})
		if len(r.Findings) > 0 || r.Tested == 0 {
			t.Errorf("%s: %d tested\n%s", day, r.Tested, brief(r.Findings))
		}
	}
}

// With a week of history nothing is odd, and nothing is tested.
func TestColdStart(t *testing.T) {
	r := incident(t)
	var late []schema.Touch
	for i := range r.touches {
		if schema.DayOf(r.touches[i].EventTime) >= r.day-7 {
			late = append(late, r.touches[i])
		}
	}
	r.touches = late
	l := r.lake(t)
	got := ask(t, l, Question{Day: incidentDay, History: kept(l)})
	if len(got.Findings) > 0 || got.Tested > 0 || got.States[Learning] == 0 {
		t.Errorf("%d tested, states %v\n%s", got.Tested, got.States, brief(got.Findings))
	}
	golden.Check(t, "queries/anomalies-cold", render(t, got, queries.Table, Style{Look: queries.Look{Width: 100}}))
}

// Of a day that the lake has half of, nothing is said.
func TestNotCovered(t *testing.T) {
	l := incident(t).lake(t)
	ledger(t, l, incidentDay, lake.Entry{Status: lake.Failed, Error: "truncated"})
	r := ask(t, l, Question{Day: incidentDay})
	if len(r.Findings) > 0 || r.Tested > 0 || r.States[NotCovered] == 0 || !r.Gaps.Incomplete() {
		t.Errorf("%d tested, states %v\n%s", r.Tested, r.States, brief(r.Findings))
	}
}

// A day without a log is not a day without touches: nobody is silent on it, and on the days
// after it is no part of what is usual.
func TestHoleIsNoSilence(t *testing.T) {
	r := quiet(t)
	var rest []schema.Touch
	for i := range r.touches {
		if back := r.day - schema.DayOf(r.touches[i].EventTime); back != 0 && back != 5 && back != 6 {
			rest = append(rest, r.touches[i])
		}
	}
	r.touches = rest
	l := r.lake(t)
	got := ask(t, l, Question{Day: incidentDay})
	if len(got.Findings) > 0 || got.States[NotCovered] == 0 {
		t.Errorf("states %v\n%s", got.States, brief(got.Findings))
	}
	if got := ask(t, l, Question{Day: schema.DayString(r.day + 1)}); len(got.Findings) > 0 || got.Tested == 0 || got.Days != daysBefore+1-3 {
		t.Errorf("the day after: %d days before\n%s", got.Days, brief(got.Findings))
	}
}

// A day that is not over is not judged, and is not the one that is meant by default.
func TestDayThatIsNotOver(t *testing.T) {
	r := incident(t)
	l := r.lake(t)
	last := schema.DayString(r.day + 2)
	begun := dayTime(r.day + 2)
	if err := l.MergeRollup(t.Context(), last, map[string][]lake.Count{"orders": {{Hour: begun, TableARN: orders, Actor: api.Actor, Op: schema.OpReadPoint, Outcome: schema.OutcomeOK, Count: 1}}}); err != nil {
		t.Fatal(err)
	}
	ledger(t, l, last, lake.Entry{Status: lake.Done, Records: 1, InScope: 1, Touches: 1, FirstEventTime: begun, LastEventTime: begun})
	if got := ask(t, l, Question{Day: last}); len(got.Findings) > 0 || got.States[NotCovered] == 0 {
		t.Errorf("states %v\n%s", got.States, brief(got.Findings))
	}
	if got := ask(t, l, Question{}); got.Day != schema.DayString(r.day+1) {
		t.Errorf("%s is judged by default", got.Day)
	}
}

// TABLE and actor choose among the findings of the whole lake.
func TestChoosing(t *testing.T) {
	l := incident(t).lake(t)
	all := ask(t, l, Question{Day: incidentDay, History: kept(l)})
	for name, c := range map[string]struct {
		q    Question
		want func(schema.Finding) bool
	}{
		"table":  {Question{Table: "orders"}, func(f schema.Finding) bool { return f.TableARN == orders }},
		"arn":    {Question{Table: customers}, func(f schema.Finding) bool { return f.TableARN == customers }},
		"person": {Question{Actor: "ALICE*"}, func(f schema.Finding) bool { return f.ActorName == "alice@example.com" }},
		"role":   {Question{Actor: "billing"}, func(f schema.Finding) bool { return f.Actor == billing.Actor }},
		"nobody": {Question{Actor: "carol"}, func(schema.Finding) bool { return false }},
	} {
		c.q.Day, c.q.History = incidentDay, kept(l)
		got := ask(t, l, c.q)
		var want []schema.Finding
		for _, f := range all.Findings {
			if c.want(f) {
				want = append(want, f)
			}
		}
		if brief(got.Findings) != brief(want) || got.Tested != all.Tested {
			t.Errorf("%s: %d tested of %d\n%s\nwant\n%s", name, got.Tested, all.Tested, brief(got.Findings), brief(want))
		}
	}
}

// What a table is worth raises a severity, and a release in the calendar lowers it.
func TestSeverities(t *testing.T) {
	l := incident(t).lake(t)
	p, err := policy.Parse("policy.yaml", []byte("version: 1\ntables: [{match: \"**:table/customers\", class: restricted, protected: true}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseCalendar("calendar.yaml", []byte("releases: ["+incidentDay+"]"))
	if err != nil {
		t.Fatal(err)
	}
	severityOf := func(q Question) schema.Severity {
		q.Day, q.History = incidentDay, kept(l)
		for _, f := range ask(t, l, q).Findings {
			if f.Detection == Spike && f.ActorName == "alice@example.com" {
				return f.Severity
			}
		}
		t.Fatal("alice is not found")
		return 0
	}
	if s := severityOf(Question{}); s != schema.SeverityHigh {
		t.Errorf("%v", s)
	}
	if s := severityOf(Question{Policy: p}); s != schema.SeverityCritical {
		t.Errorf("restricted: %v", s)
	}
	if s := severityOf(Question{Calendar: c}); s != schema.SeverityLow {
		t.Errorf("released: %v", s)
	}
}

// The same lake gives the same report, to the byte.
func TestSameReport(t *testing.T) {
	l := incident(t).lake(t)
	q := Question{Day: incidentDay, History: kept(l)}
	want := render(t, ask(t, l, q), queries.JSON, Style{})
	for range 2 {
		if got := render(t, ask(t, l, q), queries.JSON, Style{}); got != want {
			t.Fatalf("%s\nand before\n%s", got, want)
		}
	}
}

// Forty containers of one role are one actor: none of them is new.
func TestContainersAreOneActor(t *testing.T) {
	r := quiet(t)
	for i := range 40 {
		c := api
		c.SessionName, c.PrincipalID, c.UserAgent = fmt.Sprintf("task-%d", i), fmt.Sprintf("AROA:task-%d", i), "aws-sdk-go-v2/1.31"
		r.do(0, 1, c, orders, schema.OpReadPoint, "GetItem")
	}
	l := r.lake(t)
	if got := ask(t, l, Question{Day: incidentDay, History: kept(l)}); len(got.Findings) > 0 {
		t.Error(brief(got.Findings))
	}
}

// A spike that comes from elsewhere says so, and names the address: most of the day's calls
// are from where they always come.
func TestSpikeFromElsewhere(t *testing.T) {
	r := quiet(t)
	stolen := api
	stolen.SourceIP = "203.0.113.200"
	r.do(0, 300, stolen, orders, schema.OpReadPoint, "GetItem")
	r.do(0, 500, api, orders, schema.OpReadPoint, "GetItem")
	l := r.lake(t)
	got := ask(t, l, Question{Day: incidentDay, History: kept(l)})
	if len(got.Findings) != 1 || got.Findings[0].SourceIP != stolen.SourceIP || !strings.Contains(got.Findings[0].Explain, "a network it was never seen in") {
		t.Errorf("%s%+v", brief(got.Findings), got.Findings)
	}
}

// A hot key is told when it is asked for, and not by its name.
func TestHotKey(t *testing.T) {
	r := quiet(t)
	for range 3100 {
		r.do(0, 1, api, orders, schema.OpReadPoint, "GetItem") // the same key, in the same second
	}
	l := r.lake(t)
	hot := func(q Question) (found []schema.Finding) {
		q.Day = incidentDay
		for _, f := range ask(t, l, q).Findings {
			if f.Detection == HotKey {
				found = append(found, f)
			}
		}
		return found
	}
	if got := hot(Question{}); len(got) > 0 {
		t.Error("told without being asked for")
	}
	if got := hot(Question{HotKeys: true, Table: "customers"}); len(got) > 0 {
		t.Error("told of another table")
	}
	if got := hot(Question{HotKeys: true, Actor: "orders-api"}); len(got) > 0 {
		t.Error("told of an actor")
	}
	got := hot(Question{HotKeys: true})
	if len(got) != 1 || got[0].Stat.P != 1 || got[0].TableARN != orders || got[0].Severity != schema.SeverityInfo || strings.Contains(got[0].Explain, `"pk"`) {
		t.Errorf("%+v", got)
	}
}
