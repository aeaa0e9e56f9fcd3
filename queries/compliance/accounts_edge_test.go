package compliance

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

const ordersARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"

// emptyLake is a lake in memory.
func emptyLake(t testing.TB) *lake.Lake {
	t.Helper()
	l, err := lake.Create(t.Context(), objecttest.NewMem())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// ledgerOf puts objects into the ledger of the days that they were delivered on.
func ledgerOf(t testing.TB, l *lake.Lake, days map[string][]lake.Entry) {
	t.Helper()
	for day, entries := range days {
		for i := range entries {
			e := &entries[i]
			e.AccountID, e.AWSRegion, e.Source = "111122223333", "eu-west-1", "s3://logs/"
			if e.Kind == "" {
				e.Kind = "cloudtrail"
			}
			if e.SourceObject == "" {
				e.SourceObject = fmt.Sprintf("AWSLogs/%s/%d.json.gz", day, i)
			}
		}
		if err := l.MergeLedger(t.Context(), day, entries); err != nil {
			t.Fatal(err)
		}
	}
}

// watched follows touches of one table in a lake without rows, and writes the coverage.
func watched(t testing.TB, l *lake.Lake, q Question, touches ...schema.Touch) *report.Section {
	t.Helper()
	f, err := open(t.Context(), l, q)
	if err != nil {
		t.Fatal(err)
	}
	parts := f.accountParts()
	for i := range touches {
		for _, p := range parts {
			p.touch(&detect.Event{Touch: &touches[i], Principal: schema.PrincipalKey(&touches[i])})
		}
	}
	made := sections{}
	for _, p := range parts[:2] {
		if err := p.write(t.Context(), f, made); err != nil {
			t.Fatal(err)
		}
	}
	return made[Coverage]
}

func read(at string) schema.Touch {
	when, err := time.Parse(time.RFC3339, at)
	if err != nil {
		panic(err)
	}
	return schema.Touch{EventID: at, EventTime: when.UnixMicro(), EventSource: "dynamodb.amazonaws.com", EventName: "GetItem", Plane: schema.PlaneData, Op: schema.OpReadPoint, Outcome: schema.OutcomeOK,
		TableName: "orders", TableARN: ordersARN, AWSRegion: "eu-west-1", RecipientAccountID: "111122223333", KeyScope: schema.ScopeItem, ItemKey: `{"pk":"1"}`, KeyValues: []string{"1"},
		Actor: "arn:aws:iam::111122223333:role/api", ActorName: "api", ActorKind: schema.ActorService, SourceIP: "10.0.0.1"}
}

func trailCall(at, name, request string) schema.Touch {
	e := read(at)
	e.EventSource, e.EventName, e.Plane, e.Op = "cloudtrail.amazonaws.com", name, schema.PlaneTrail, schema.OpAudit
	e.TableName, e.TableARN, e.ItemKey, e.KeyValues, e.KeyScope, e.RequestParameters = "", "", "", nil, schema.ScopeNone, request
	return e
}

const allTrails = `{"trailList":[{"TrailARN":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/main","Name":"main","HomeRegion":"eu-west-1","IsMultiRegionTrail":true,"IsOrganizationTrail":false}]}
{"TrailARN":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/main","AdvancedEventSelectors":[
 {"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]},
 {"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::DynamoDB::Table"]}]}]}`

// states are the signs of the one table's days in the matrix.
func states(s *report.Section) (signs string) {
	p := s.Plots[0]
	for _, v := range p.Rows[0].Values {
		signs += p.States[int(v)].Sign
	}
	return signs
}

// What a day's cell says, by settings, events and objects.
func TestCoverageStates(t *testing.T) {
	delivered := map[string][]lake.Entry{}
	for d := 1; d <= 9; d++ {
		day := fmt.Sprintf("2026-03-%02d", d)
		delivered[day] = []lake.Entry{{Status: lake.Done, Records: 1, InScope: 1, Touches: 1}}
	}
	q := march("02", "06")
	const stop = `{"name":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"}`
	seen := []schema.Touch{read("2026-03-02T10:00:00Z"), read("2026-03-04T10:00:00Z")}
	for name, c := range map[string]struct {
		trails  string
		change  func(map[string][]lake.Entry)
		more    []schema.Touch
		want    string
		level   report.Level
		quieter string // a text that the section has
	}{
		"settings known":   {trails: allTrails, want: "#.#..", level: report.Unknown}, // no digests
		"settings unknown": {want: "s?s??", level: report.Unknown},
		"stopped": {trails: allTrails, more: []schema.Touch{trailCall("2026-03-04T12:00:00Z", "StopLogging", stop), trailCall("2026-03-06T00:00:00Z", "StartLogging", stop)},
			want: "#.p-.", level: report.Alarm, quieter: "Calls on items not logged"},
		"object failed": {trails: allTrails, change: func(m map[string][]lake.Entry) {
			m["2026-03-04"] = append(m["2026-03-04"], lake.Entry{Status: lake.Failed, Error: "truncated"})
		}, want: "#!!..", level: report.Alarm, quieter: "truncated"},
		"object archived": {trails: allTrails, change: func(m map[string][]lake.Entry) {
			m["2026-03-06"] = append(m["2026-03-06"], lake.Entry{Status: lake.Skipped, Error: "in GLACIER"})
		}, want: "#.#!!", level: report.Alarm, quieter: "in an archive class"},
		"no object for days": {trails: allTrails, change: func(m map[string][]lake.Entry) {
			delete(m, "2026-03-05")
			delete(m, "2026-03-06")
			delete(m, "2026-03-07")
		},
			want: "#.#oo", level: report.Attention},
		"lake ends": {trails: allTrails, change: func(m map[string][]lake.Entry) {
			for _, d := range []string{"05", "06", "07", "08", "09"} {
				delete(m, "2026-03-"+d)
			}
		}, want: "#.#xx", level: report.Alarm, quieter: "the lake has no deliveries"},
		"quarantine": {trails: allTrails, change: func(m map[string][]lake.Entry) {
			m["2026-03-03"] = append(m["2026-03-03"], lake.Entry{Status: lake.Done, Records: 2, Quarantined: 2})
		}, want: "#.#..", level: report.Attention, quieter: "2 records in quarantine"},
	} {
		t.Run(name, func(t *testing.T) {
			m := map[string][]lake.Entry{}
			for day, list := range delivered {
				m[day] = slices.Clone(list)
			}
			if c.change != nil {
				c.change(m)
			}
			l := emptyLake(t)
			ledgerOf(t, l, m)
			q := q
			if c.trails != "" {
				q.Trails = []byte(c.trails)
			}
			s := watched(t, l, q, append(slices.Clone(seen), c.more...)...)
			if got := states(s); got != c.want || s.Level != c.level {
				t.Errorf("days %s, level %s; want %s, %s", got, s.Level, c.want, c.level)
			}
			if text := text(t, sections{Coverage: s}, Coverage); !strings.Contains(strings.Join(strings.Fields(text), " "), c.quieter) {
				t.Errorf("nothing of %q in\n%s", c.quieter, text)
			}
		})
	}
}

// Events that no trail of the saved settings logs show that these are not all.
func TestSettingsThatAreNotAll(t *testing.T) {
	l := emptyLake(t)
	ledgerOf(t, l, map[string][]lake.Entry{"2026-03-02": {{Status: lake.Done, Records: 1, InScope: 1, Touches: 1}}, "2026-03-03": {{Status: lake.Done, Records: 1, InScope: 1, Touches: 1}}})
	q := march("02", "02")
	q.Trails = []byte(`{"trailList":[]}`)
	s := watched(t, l, q, read("2026-03-02T10:00:00Z"))
	if got := states(s); got != "s" {
		t.Errorf("the day is %q", got)
	}
	if !slices.ContainsFunc(s.Notes, func(n report.Note) bool { return strings.Contains(n.Text, "not those of all trails") }) {
		t.Errorf("notes: %+v", s.Notes)
	}
}

// Digests: each hour counts once, whatever trails have one.
func TestDigestHours(t *testing.T) {
	l := emptyLake(t)
	name := func(trail, hour string) lake.Entry {
		return lake.Entry{Kind: "digest", Status: lake.Skipped, SourceObject: "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/02/111122223333_CloudTrail-Digest_eu-west-1_" + trail + "_eu-west-1_20260302T" + hour + "Z.json.gz"}
	}
	log := lake.Entry{Status: lake.Done, Records: 1, InScope: 1, Touches: 1, DigestVerdict: "proven"}
	gone := lake.Entry{Status: lake.Failed, DigestVerdict: "missing", Error: "a digest names it"}
	ledgerOf(t, l, map[string][]lake.Entry{"2026-03-02": {log, gone, name("a", "010000"), name("b", "010000"), name("a", "020000"), name("a", "031507")}})
	_, made := account(t, l, march("02", "02"))
	row := made[Integrity].Table("digests_by_region").Rows[0]
	if logs, proven, missing, digests, hours := row[2].Int(), row[3].Int(), row[6].Int(), row[8].Int(), row[9].Int(); logs != 2 || proven != 1 || missing != 1 || digests != 4 || hours != 3 {
		t.Errorf("%d logs, %d proven, %d missing, %d digests of %d hours", logs, proven, missing, digests, hours)
	}
	if made[Integrity].Level != report.Alarm || len(made[Integrity].Table("mismatches").Rows) != 1 {
		t.Errorf("a missing object: %s, %v", made[Integrity].Level, made[Integrity].Table("mismatches").Rows)
	}
}

// 100,000 findings, some with hostile texts, are all there, the worst first, in little time.
func TestManyFindings(t *testing.T) {
	l := emptyLake(t)
	hostile := []string{"<script>alert(1)</script>", "\x1b[31mred", "\u202egnp.exe", "=cmd()", strings.Repeat("x", 4000), "a\nb\r\tc"}
	const many = 100_000
	for _, day := range []string{"2026-03-02", "2026-03-03"} {
		list := make([]schema.Finding, many/2)
		for i := range list {
			bad := hostile[i%len(hostile)]
			if i > 1000 {
				bad = "plain"
			}
			print := schema.Fingerprint("DDB-CHG-002", day, fmt.Sprint(i))
			list[i] = schema.Finding{ID: schema.FindingID(print, day), Fingerprint: print, Day: day, Detection: "DDB-CHG-002", Version: 1, Severity: schema.Severities[i%len(schema.Severities)],
				Title: bad, Explain: bad, TableName: "orders", TableARN: ordersARN, Principal: bad, Count: 1}
		}
		if err := l.MergeFindings(t.Context(), day, func([]schema.Finding) []schema.Finding { return list }); err != nil {
			t.Fatal(err)
		}
	}
	_, made := account(t, l, march("01", "03"))
	rows := made[FindingsOf].Table("findings").Rows
	if len(rows) != many || rows[0][0].String() != "critical" || rows[many-1][0].String() != "info" {
		t.Fatalf("%d findings, from %s to %s", len(rows), rows[0][0], rows[len(rows)-1][0])
	}
	if n := tileOf(made, FindingsOf, "findings_open").Int(); n != many {
		t.Errorf("%d are open", n)
	}
	var sum float64
	for _, row := range made[FindingsOf].Plots[0].Rows {
		for _, v := range row.Values {
			sum += v
		}
	}
	if sum != many {
		t.Errorf("the plot has %v", sum)
	}
	s := *made[FindingsOf]
	s.ID = FindingsOf
	var json, plain bytes.Buffer
	d := &report.Document{Sections: []report.Section{s}}
	if err := report.WriteJSON(&json, d); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteText(&plain, d, queries.Look{}); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{json.String(), plain.String()} {
		if strings.ContainsAny(out, "\x1b\u202e") || strings.Contains(json.String(), "<script>") {
			t.Error("hostile text came through")
		}
	}
}

// What an entry lacks, and why.
func TestLacking(t *testing.T) {
	change := func(f func(*schema.Touch)) *detect.Event {
		e := read("2026-03-02T10:00:00Z")
		f(&e)
		return &detect.Event{Touch: &e}
	}
	for name, c := range map[string]struct {
		e       *detect.Event
		element int
		lacks   bool
	}{
		"whole":           {change(func(*schema.Touch) {}), ofAffected, false},
		"nobody":          {change(func(e *schema.Touch) { e.Actor = "" }), ofUser, true},
		"unknown":         {change(func(e *schema.Touch) { e.ActorKind = schema.ActorUnknown }), ofUser, true},
		"no call":         {change(func(e *schema.Touch) { e.EventName = "" }), ofType, true},
		"no time":         {change(func(e *schema.Touch) { e.EventTime = 0 }), ofTime, true},
		"no outcome":      {change(func(e *schema.Touch) { e.Outcome = "" }), ofOutcome, true},
		"no address":      {change(func(e *schema.Touch) { e.SourceIP = "" }), ofOrigin, true},
		"by a service":    {change(func(e *schema.Touch) { e.SourceIP, e.InvokedBy = "", "dynamodb.amazonaws.com" }), ofOrigin, false},
		"no table":        {change(func(e *schema.Touch) { e.TableName, e.TableARN = "", "" }), ofAffected, true},
		"no key":          {change(func(e *schema.Touch) { e.ItemKey, e.KeyValues = "", nil }), ofAffected, true},
		"scan":            {change(func(e *schema.Touch) { e.ItemKey, e.KeyValues, e.KeyScope = "", nil, schema.ScopeTable }), ofAffected, false},
		"omitted":         {change(func(e *schema.Touch) { e.ItemKey, e.KeyValues, e.KeyScope = "", nil, schema.ScopeUnknown }), ofAffected, true},
		"call on a trail": {change(func(e *schema.Touch) { *e = trailCall("2026-03-02T10:00:00Z", "StopLogging", "{}") }), ofAffected, false},
	} {
		if got := lacking(c.e, c.element); (got != "") != c.lacks {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// A command that people paste holds nothing that a log could have put there.
func TestSampleCommand(t *testing.T) {
	got := (&provenance{}).command(&sampled{table: "x; rm -rf ~", time: 1772445600000000})
	if strings.Contains(got, "rm -rf") {
		t.Error(got)
	}
}

// A lake may have a hundred million rows in the period: what is seen again costs no memory.
func TestTouchKeepsNothing(t *testing.T) {
	f, err := open(t.Context(), emptyLake(t), march("01", "31"))
	if err != nil {
		t.Fatal(err)
	}
	parts := f.accountParts()
	var event detect.Event
	show := func(e *schema.Touch) {
		event = detect.Event{Touch: e, Principal: "p"}
		for _, p := range parts {
			p.touch(&event)
		}
	}
	e := read("2026-03-02T10:00:00Z")
	for i := range 10_000 {
		e.EventID = fmt.Sprintf("e-%05d", i)
		show(&e)
	}
	sample := parts[slices.IndexFunc(parts, func(p part) bool { _, ok := p.(*provenance); return ok })].(*provenance)
	if len(sample.sample) != sampleSize {
		t.Fatalf("%d calls are picked", len(sample.sample))
	}
	e.EventID = "e-00000"
	for i := 0; slices.ContainsFunc(sample.sample, func(s sampled) bool { return s.event == e.EventID }); i++ {
		e.EventID = fmt.Sprintf("e-%05d", i)
	}
	if n := testing.AllocsPerRun(100, func() { show(&e) }); n > 0 {
		t.Errorf("a touch that was seen before costs %v allocations", n)
	}
}
