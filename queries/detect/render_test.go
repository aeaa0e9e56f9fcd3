package detect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/golden"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// hostileText is what an attacker would like to see printed.
const hostileText = "=cmd\x1b[2J\u202eevil\r\n,\"x"

// someJudgment is a judgment with findings of all kinds.
func someJudgment() *Judgment {
	at := time.Date(2026, 3, 20, 9, 30, 0, 0, time.UTC)
	return &Judgment{
		Day: "2026-03-20", Rows: 123456,
		Findings: []schema.Finding{
			{ID: "fnd_a", Fingerprint: "fp_a", Day: "2026-03-20", Detection: "DDB-CHG-002", Version: 1, Kind: schema.FindingEvent, Severity: schema.SeverityMedium,
				Title: "Data written by hand", Explain: "alice@example.com wrote to orders by hand in the console", First: at, Last: at.Add(90 * time.Minute), Count: 1234,
				TableName: "orders", TableARN: ordersARN, Principal: "sso/111122223333/DataSupport/alice@example.com", Actor: "arn:aws:iam::111122223333:role/x/DataSupport",
				ActorName: "alice@example.com", ActorKind: schema.ActorHuman, SourceIP: "203.0.113.7", Verdict: "none",
				Evidence: []schema.Evidence{{EventID: "00000000-0000-4000-8000-000000000001", EventTime: at}}, Attack: []string{"T1565.001"}, AttackNext: []string{"T1565.001"}},
			{ID: "fnd_b", Detection: "DDB-COV-004", Severity: schema.SeverityCritical, Title: "Protected table that no trail logs", Kind: schema.FindingCoverage,
				Explain: "no trail that is known logs all of payments: reads of items, writes of items, and some more that makes this line longer than a terminal is wide",
				First:   at, Last: at, Count: 1, TableName: "payments"},
			{ID: "fnd_c", Detection: "DDB-CHG-006", Severity: schema.SeverityHigh, DryRun: true, Title: "Pipeline's identity used outside of the pipeline",
				Explain: hostileText, First: at, Last: at, Count: 2, Principal: hostileText, ActorName: hostileText, TableName: hostileText, SourceIP: hostileText,
				Evidence: []schema.Evidence{{EventID: hostileText}}},
		},
		States: []State{{"DDB-CHG-001", Live, NotEvaluated, []string{"it needs a policy"}}, {"DDB-CHG-005", Live, NotEvaluated, []string{"it needs a policy"}},
			{"DDB-CHG-002", Live, Evaluated, nil}, {"DDB-COV-004", DryRun, Partly, []string{"what the trails log of a protected table is not known: give a snapshot of the trails (3 times)"}},
			{"DDB-CHG-008", Off, SwitchedOff, nil}},
		Silenced: map[string]int64{"DDB-CHG-002": 17}, Skipped: map[string]map[string]int64{"DDB-COV-004": {"x": 3}},
		Beyond: map[string]int64{"DDB-CHG-002": 5}, Notes: []string{"DDB-CHG-002 found too much"},
	}
}

func TestRenderJudgment(t *testing.T) {
	for _, width := range []int{80, 160} {
		var b bytes.Buffer
		check(t, someJudgment().Render(&b, queries.Table, queries.Look{Width: width}))
		golden.Check(t, fmt.Sprintf("detect/judgment-%d", width), b.String())
		for line := range strings.Lines(b.String()) {
			if n := len([]rune(strings.TrimRight(line, "\n"))); n > width {
				t.Errorf("a line of %d in %d: %s", n, width, line)
			}
		}
	}
	for _, format := range []queries.Format{queries.JSON, queries.JSONL, queries.CSV} {
		var b bytes.Buffer
		check(t, someJudgment().Render(&b, format, queries.Look{}))
		golden.Check(t, "detect/judgment-"+string(format), b.String())
	}
	nothing := &Judgment{Day: "2026-03-20"}
	for _, format := range queries.TopFormats {
		var b bytes.Buffer
		check(t, nothing.Render(&b, format, queries.Look{}))
		golden.Check(t, "detect/nothing-"+string(format), b.String())
	}
}

// Nothing from a log moves the cursor or runs in a spreadsheet, in any format.
func TestRenderHostile(t *testing.T) {
	for _, format := range queries.TopFormats {
		var b bytes.Buffer
		check(t, someJudgment().Render(&b, format, queries.Look{Width: 80}))
		for _, r := range b.String() {
			if r != '\n' && (r < ' ' || r == '\u202e') {
				t.Errorf("%s has %U", format, r)
			}
		}
		if format == queries.CSV && strings.Contains(b.String(), ",=cmd") {
			t.Error("a formula in CSV")
		}
	}
	var b bytes.Buffer
	check(t, someJudgment().Render(&b, queries.JSON, queries.Look{}))
	var back struct{ Findings []schema.Finding }
	check(t, json.Unmarshal(b.Bytes(), &back))
	if got := back.Findings[2].ActorName; got != hostileText {
		t.Errorf("JSON changed the text: %q", got)
	}
}

func TestRenderCatalogue(t *testing.T) {
	for _, width := range []int{80, 160} {
		var b bytes.Buffer
		list := slices.DeleteFunc(List(map[string]Setting{"DDB-CHG-001": {Mode: DryRun, Severity: schema.SeverityLow}}, someJudgment().States), func(l Listed) bool {
			return !strings.HasPrefix(l.ID, "DDB-CHG") && !strings.HasPrefix(l.ID, "DDB-COV")
		})
		check(t, RenderList(&b, list, queries.Table, queries.Look{Width: width}))
		golden.Check(t, fmt.Sprintf("detect/list-%d", width), b.String())
		b.Reset()
		for i := range Catalogue {
			if id := Catalogue[i].ID; id == "DDB-CHG-006" || id == "DDB-COV-001" {
				check(t, Explain(&b, &Catalogue[i], Setting{}, queries.Look{Width: width}))
				b.WriteString("\n")
			}
		}
		golden.Check(t, fmt.Sprintf("detect/explain-%d", width), b.String())
	}
	for _, format := range []queries.Format{queries.JSON, queries.JSONL, queries.CSV} {
		var b bytes.Buffer
		check(t, RenderList(&b, List(nil, nil), format, queries.Look{}))
		if n := strings.Count(b.String(), "DDB-CHG-001"); n != 1 {
			t.Errorf("%s names it %d times", format, n)
		}
	}
}

// The file of settings changes nothing as it is written, and nothing either when
// everything in it is said aloud.
func TestTemplate(t *testing.T) {
	text := Template()
	if s, err := ParseSettings("settings.yaml", []byte(text)); err != nil || len(s) != 0 {
		t.Fatalf("as written: %v, %v", s, err)
	}
	var aloud strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "##") {
			line = strings.TrimPrefix(line, "#")
		}
		aloud.WriteString(line)
	}
	settings, err := ParseSettings("settings.yaml", []byte(aloud.String()))
	check(t, err)
	for i := range Catalogue {
		d := &Catalogue[i]
		s := settings[d.ID]
		if s.Mode != Live || s.Severity != d.Severity {
			t.Errorf("%s: %+v", d.ID, s)
		}
		changed := *d
		if s.Params != nil {
			changed.Params = s.Params
		}
		if got, want := fmt.Sprint(ParamsOf(&changed)), fmt.Sprint(ParamsOf(d)); got != want {
			t.Errorf("%s: params %s, want %s", d.ID, got, want)
		}
	}
}

// Every detection has cases to show, of both kinds.
func TestCasesOf(t *testing.T) {
	for i := range Catalogue {
		if Catalogue[i].Kind == schema.FindingStatistical {
			continue
		}
		fires, quiet := 0, 0
		for _, c := range CasesOf(Catalogue[i].ID) {
			if c.Name == "" || strings.TrimSpace(c.Text) == "" {
				t.Errorf("%s: %+v", Catalogue[i].ID, c)
			}
			if c.Fires {
				fires++
			} else {
				quiet++
			}
		}
		if fires < 1 || quiet < 2 {
			t.Errorf("%s: %d cases fire and %d are quiet", Catalogue[i].ID, fires, quiet)
		}
	}
}
