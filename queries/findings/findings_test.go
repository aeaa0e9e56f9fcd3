package findings

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// nights judges day after day what is found on each, and says what was told.
func nights(t *testing.T, quiet *Suppressions, found ...[]schema.Finding) (told, over []string) {
	t.Helper()
	past, heard := map[int32][]schema.Finding{}, map[string]schema.Severity{}
	for i, some := range found {
		day := int32(20000 + i)
		for j := range some {
			some[j].Day = schema.DayString(day)
			some[j].ID = schema.FindingID(some[j].Fingerprint, some[j].Day)
		}
		s := Settle(day, some, NewPast(past, heard), quiet)
		past[day] = s.Findings
		for _, f := range s.Tell {
			heard[f.ID] = f.Severity
			told = append(told, fmt.Sprintf("%d %s %s %s", i, f.Fingerprint, f.Severity, f.State))
		}
		for _, f := range s.Resolved {
			over = append(over, fmt.Sprintf("%d %s %s", i, f.Fingerprint, f.State))
		}
	}
	return told, over
}

func one(fp, kind string, s schema.Severity) []schema.Finding {
	return []schema.Finding{{Fingerprint: fp, Detection: "DDB-" + fp, Kind: kind, Severity: s, TableARN: "arn:aws:dynamodb:eu-west-1:1:table/" + fp}}
}

func check(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestStates(t *testing.T) {
	const agg, event = schema.FindingAggregate, schema.FindingEvent
	h, c := schema.SeverityHigh, schema.SeverityCritical

	told, over := nights(t, nil, one("a", agg, h), one("a", agg, h), one("a", agg, c), one("a", agg, h), nil, nil, nil, nil)
	check(t, "worse, then over", told, "0 a high new", "2 a critical repeated")
	check(t, "over", over, "6 a resolved")

	told, over = nights(t, nil, one("a", agg, h), nil, nil, nil, nil)
	check(t, "one day", append(told, over...), "0 a high new")
	_, over = nights(t, nil, one("a", schema.FindingCoverage, h), nil, nil, nil, nil)
	check(t, "a gap", over, "3 a resolved")

	told, over = nights(t, nil, one("a", event, h), nil, nil, nil, nil)
	check(t, "an event", told, "0 a high new")
	check(t, "an event is never over", over)

	every := make([][]schema.Finding, 16)
	for i := range every {
		every[i] = one("a", agg, h)
	}
	told, _ = nights(t, nil, every...)
	check(t, "reminders", told, "0 a high new", "7 a high repeated", "14 a high repeated")

	gone := make([][]schema.Finding, Memory+3)
	gone[0], gone[Memory+2] = one("a", event, h), one("a", event, h)
	told, _ = nights(t, nil, gone...)
	check(t, "forgotten", told, "0 a high new", fmt.Sprintf("%d a high new", Memory+2))

	dry := one("a", agg, h)
	dry[0].DryRun = true
	told, over = nights(t, nil, dry, nil, nil, nil)
	check(t, "dry run", append(told, over...))
}

// Whoever lives with a finding is reminded of it for as long as it lasts.
func TestReminded(t *testing.T) {
	const nightsLong = 2*Memory + 10
	every := make([][]schema.Finding, nightsLong)
	for i := range every {
		every[i] = one("a", schema.FindingAggregate, schema.SeverityHigh)
	}
	told, _ := nights(t, nil, every...)
	if want := (nightsLong + Reminder - 1) / Reminder; len(told) != want {
		t.Errorf("told %d times, want %d: %v", len(told), want, told)
	}
}

// What was over and is back is news, however short it was away.
func TestBackAgain(t *testing.T) {
	const gap, h = schema.FindingCoverage, schema.SeverityHigh
	told, over := nights(t, nil, one("a", gap, h), nil, nil, nil, one("a", gap, h), nil, nil, nil)
	check(t, "back", told, "0 a high new", "4 a high new")
	check(t, "over, twice", over, "3 a resolved", "7 a resolved")
}

// A detection that goes live tells what it finds, whatever it has found in dry run; and
// nobody hears of the end of what nobody heard of.
func TestUnheard(t *testing.T) {
	const agg, h = schema.FindingAggregate, schema.SeverityHigh
	dry := one("a", agg, h)
	dry[0].DryRun = true
	told, _ := nights(t, nil, dry, one("a", agg, h), one("a", agg, h))
	check(t, "live", told, "1 a high repeated")

	quiet := &Suppressions{List: []Suppression{{ID: "S", Detection: "*", Expires: "2024-10-04"}}}
	told, over := nights(t, quiet, one("a", agg, h), nil, nil, nil)
	check(t, "suppressed, then over", append(told, over...))
}

// A day judged again is judged by the days before it, whatever came after.
func TestJudgedAgain(t *testing.T) {
	past := NewPast(map[int32][]schema.Finding{99: nil, 100: one("a", schema.FindingAggregate, schema.SeverityHigh), 101: one("a", schema.FindingAggregate, schema.SeverityHigh)}, nil)
	s := Settle(100, one("a", schema.FindingAggregate, schema.SeverityHigh), past, nil)
	if len(s.Tell) != 1 || s.Findings[0].State != schema.FindingNew {
		t.Errorf("%+v", s)
	}
}

func TestSuppressions(t *testing.T) {
	s, err := ParseSuppressions("quiet.yaml", []byte(`
suppressions:
  - {id: S-1, detection: "DDB-a*", table: "**:table/a", reason: known, owner: ops, expires: 2024-10-05}
`))
	if err != nil {
		t.Fatal(err)
	}
	first := schema.DayString(20000) // 2024-10-04
	if first != "2024-10-04" {
		t.Fatal(first)
	}
	h := schema.SeverityHigh
	told, _ := nights(t, s, one("a", "event", h), one("a", "event", h), one("b", "event", h), one("a2", "event", h), one("a", "event", h))
	check(t, "suppressed to its last day", told, "2 b high new", "3 a2 high new", "4 a high repeated")
	if got := s.Expired("2024-10-06"); len(got) != 1 {
		t.Errorf("expired: %v", got)
	}

	_, err = ParseSuppressions("quiet.yaml", []byte("suppressions:\n  - {id: x, expires: soon}\n  - {id: x, table: y, reason: r, owner: o, expires: 2030-01-01}\n"))
	for _, want := range []string{"suppression x has no reason", "has no owner", `"soon"`, "everything quiet", "twice"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	for _, want := range []string{`quiet.yaml:2:22: suppression x expires on "soon"`, "quiet.yaml:3:10: suppression x stands there twice"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	_, err = ParseSuppressions("quiet.yaml", []byte("suppressions:\n  - {id: x, tabel: y}\n"))
	if err == nil || err.Error() != `quiet.yaml:2:13: unknown key "tabel" (did you mean table?)` {
		t.Errorf("no place in %v", err)
	}
}
