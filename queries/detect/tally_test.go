package detect

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// graver finds whatever is denied; that of curl is critical.
func graver() Detection {
	return define(Detection{ID: "DDB-TST-001", Version: 1, Title: "Denied", Severity: schema.SeverityLow, Kind: schema.FindingAggregate}, plain{},
		func(r *Run, _ *plain) Watcher {
			return watch(func(e *Event) {
				hit := Hit{Event: e, Explain: e.UserAgent}
				if e.UserAgent == "curl" {
					hit.Severity = schema.SeverityCritical
				}
				r.Found(hit)
			})
		})
}

func deniedOn(id, table, agent string) schema.Touch {
	return schema.Touch{EventID: id, EventTime: 20000 * dayMicros, EventName: "GetItem", Outcome: schema.OutcomeDenied, Actor: "a", UserAgent: agent,
		TableARN: "arn:aws:dynamodb:eu-central-1:111122223333:table/" + table}
}

// However much of little weight there is, the worst is told, and all are counted.
func TestFloodHidesNothing(t *testing.T) {
	const flood = 3 * foundRoom
	var touches []schema.Touch
	for n := range flood {
		touches = append(touches, deniedOn(fmt.Sprint(n), fmt.Sprint("t", n), "sdk"))
	}
	for n := range 20 {
		touches = append(touches, deniedOn(fmt.Sprint("curl-", n), fmt.Sprint("t", n*100), "curl"), deniedOn(fmt.Sprint("curl+", n), fmt.Sprint("x", n), "curl"))
	}
	want := ""
	for range 3 {
		j := judgeAll(touches, graver())
		worst := 0
		for _, f := range j.Findings {
			if f.Severity == schema.SeverityCritical {
				worst++
			}
		}
		if worst != 40 {
			t.Errorf("%d of 40 critical findings are told", worst)
		}
		if all := len(j.Findings) + int(j.Beyond["DDB-TST-001"]); all != flood+20 {
			t.Errorf("%d findings, want %d", all, flood+20)
		}
		if got := asJSON(t, j); want == "" {
			want = got
		} else if got != want {
			t.Errorf("another order, other findings: %s", firstDifference(got, want))
		}
		rand.New(rand.NewPCG(7, 8)).Shuffle(len(touches), func(i, k int) { touches[i], touches[k] = touches[k], touches[i] })
	}
}

// What was found of one thing with two severities is one finding, of the worse.
func TestSeveritiesOfOneThing(t *testing.T) {
	touches := []schema.Touch{deniedOn("1", "t", "sdk"), deniedOn("2", "t", "curl"), deniedOn("3", "t", "sdk")}
	touches[2].EventTime += 5e6
	j := judgeAll(touches, graver())
	if len(j.Findings) != 1 {
		t.Fatalf("%d findings", len(j.Findings))
	}
	f := j.Findings[0]
	if f.Severity != schema.SeverityCritical || f.Count != 3 || len(f.Evidence) != 3 || f.Explain != "sdk" || f.Last.Sub(f.First).Seconds() != 5 {
		t.Errorf("%+v", f)
	}
}

// Nobody hides a grave finding among ten of his making, nor one that is about no table.
func TestGroupingHidesNothing(t *testing.T) {
	var touches []schema.Touch
	for n := range 2 * manyPrincipals {
		touch := deniedOn(fmt.Sprint(n), "t", "sdk")
		touch.Actor = fmt.Sprint("role-", n)
		touches = append(touches, touch)
	}
	touches[7].UserAgent = "curl"
	touches[8].ActorKind = schema.ActorAWS
	j := judgeAll(touches, graver())
	if len(j.Findings) != 2 {
		t.Fatalf("%d findings, want the critical one and those of the others", len(j.Findings))
	}
	for _, f := range j.Findings {
		if grave := f.Severity == schema.SeverityCritical; grave != (f.Principal == "role-7") || grave == strings.HasPrefix(f.Explain, "19 principals, ") {
			t.Errorf("%s by %q: %s", f.Severity, f.Principal, f.Explain)
		}
	}
	for i := range touches {
		touches[i].TableARN, touches[i].UserAgent = "", "sdk"
	}
	if j := judgeAll(touches, graver()); len(j.Findings) != len(touches) {
		t.Errorf("%d findings about no table, want %d", len(j.Findings), len(touches))
	}
	always := graver()
	always.Always = true
	for i := range touches {
		touches[i].TableARN = "t"
	}
	if j := judgeAll(touches, always); len(j.Findings) != len(touches) {
		t.Errorf("%d findings that are never silenced, want %d", len(j.Findings), len(touches))
	}
}

// A flood of calls that failed leaves room for those that did something.
func TestFailedCallsLeaveRoom(t *testing.T) {
	s, r := shelf{}, &Run{detection: &Detection{ID: "X"}, skipped: map[string]map[string]int64{}}
	denied, ok := deniedOn("1", "t", "sdk"), deniedOn("2", "t", "sdk")
	ok.Outcome = schema.OutcomeOK
	for range shelfRoom {
		s.put(r, eventOf(&denied))
	}
	s.put(r, eventOf(&ok))
	if last := s.events[len(s.events)-1]; len(s.events) != shelfRoom/2+1 || !last.OK() || len(r.skipped["X"]) != 1 {
		t.Errorf("%d events, the last one %s; not evaluated: %v", len(s.events), last.Outcome, r.skipped)
	}
}
