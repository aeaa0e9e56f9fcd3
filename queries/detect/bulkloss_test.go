package detect

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// fixtureOf reads a detection's fixture.
func fixtureOf(t *testing.T, id string) *fixture {
	t.Helper()
	return readFixture(t, filepath.Join("testdata", id+".txtar"))
}

func findingsOf(all []schema.Finding, id string) []schema.Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f schema.Finding) bool { return f.Detection != id })
}

// How bad a finding is depends on what was found.
func TestSeverityOfLoss(t *testing.T) {
	for _, c := range []struct {
		id, day string
		want    schema.Severity
	}{
		{"DDB-EXF-001", "fires-unlisted-bucket", schema.SeverityCritical},
		{"DDB-EXF-003", "fires-scan", schema.SeverityHigh},
		{"DDB-EXF-003", "fires-select", schema.SeverityCritical}, // a restricted table
		{"DDB-EXF-009", "fires-queries", schema.SeverityMedium},
		{"DDB-EXF-009", "fires-two-tables-together", schema.SeverityHigh}, // one is restricted
		{"DDB-EXF-011", "fires-denied", schema.SeverityCritical},
		{"DDB-EXF-012", "fires", schema.SeverityHigh},
		{"DDB-EXF-012", "fires-odd-name", schema.SeverityCritical},
		{"DDB-EXF-012", "fires-weaker-key", schema.SeverityCritical},
		{"DDB-EXF-012", "fires-without-a-key", schema.SeverityCritical},
		{"DDB-EXF-014", "fires", schema.SeverityMedium},
		{"DDB-EXF-014", "fires-restricted", schema.SeverityHigh},
		{"DDB-EXF-018", "fires-replica", schema.SeverityHigh},
		{"DDB-EXF-018", "fires-attempt", schema.SeverityMedium},
		{"DDB-DST-001", "fires-protected", schema.SeverityCritical},
		{"DDB-DST-001", "fires-unprotected", schema.SeverityHigh},
		{"DDB-DST-002", "fires-denied", schema.SeverityHigh}, // an attempt by nature
		{"DDB-DST-005", "fires-recovery-point-denied", schema.SeverityHigh},
		{"DDB-DST-006", "fires-recovery-and-attempt", schema.SeverityCritical},
		{"DDB-DST-010", "fires-table-known", schema.SeverityCritical},
		{"DDB-DST-010", "fires-unknown-key", schema.SeverityHigh},
	} {
		got := findingsOf(fixtureOf(t, c.id).judge(t, c.day).Findings, c.id)
		if len(got) != 1 || got[0].Severity != c.want {
			t.Errorf("%s, %s: %v, want one of severity %s", c.id, c.day, got, c.want)
		}
	}
}

// What is missing is said, and never taken for nothing found.
func TestLossNotEvaluated(t *testing.T) {
	for _, c := range []struct{ id, day, why string }{
		{"DDB-EXF-002", "quiet-unknown-table-is-new", "learning"},
		{"DDB-EXF-003", "quiet-unknown-no-class", "class"},
		{"DDB-EXF-004", "quiet-unknown-table-is-young", "learning"},
		{"DDB-EXF-005", "quiet-unknown-size", "size"},
		{"DDB-EXF-006", "quiet-unknown-not-logged", "segments"},
		{"DDB-EXF-007", "quiet-unknown-table-is-young", "learning"},
		{"DDB-EXF-013", "quiet-unknown-vault-not-said", "vault"},
		{"DDB-EXF-014", "quiet-unknown-request-omitted", "request"},
		{"DDB-DST-004", "quiet-unknown-window-before", "window"},
		{"DDB-DST-007", "quiet-unknown-attribute-before", "attribute"},
		{"DDB-DST-008", "quiet-unknown-table-is-young", "learning"},
		{"DDB-DST-013", "quiet-unknown-before", "before"},
	} {
		skipped := fixtureOf(t, c.id).judge(t, c.day).Skipped[c.id]
		if len(skipped) == 0 {
			t.Errorf("%s, %s: evaluated", c.id, c.day)
		}
		for why := range skipped {
			if !strings.Contains(why, c.why) {
				t.Errorf("%s, %s: not evaluated since %q, want %q", c.id, c.day, why, c.why)
			}
		}
	}
}

// A rule that silences a call is counted.
func TestLossSilenced(t *testing.T) {
	for _, c := range []struct{ id, day string }{
		{"DDB-EXF-002", "quiet-allowed-first-run"},
		{"DDB-EXF-012", "quiet-allowed-drill"},
		{"DDB-DST-001", "quiet-allowed-test-environment"},
		{"DDB-DST-007", "quiet-allowed-roll-out"},
		{"DDB-DST-013", "quiet-allowed-tuning"},
	} {
		if got := fixtureOf(t, c.id).judge(t, c.day).Silenced[c.id]; got != 1 {
			t.Errorf("%s, %s: %d calls are silenced, want 1", c.id, c.day, got)
		}
	}
}

// Without a policy and the lists that only the user has, nothing is found that needs them.
func TestEmptyLists(t *testing.T) {
	for _, c := range []struct {
		id, day string
		finds   int
	}{
		{"DDB-EXF-001", "fires-unlisted-bucket", 0},
		{"DDB-EXF-001", "fires-foreign-owner", 0}, // nor is it known who we are
		{"DDB-EXF-010", "fires", 0},
		{"DDB-EXF-011", "fires-described", 0},
		{"DDB-EXF-013", "fires", 0},
		{"DDB-EXF-015", "fires", 0},
		{"DDB-EXF-016", "fires", 1}, // the list has exceptions only
		{"DDB-EXF-018", "fires-replica", 0},
		{"DDB-DST-011", "fires", 0},
	} {
		f := fixtureOf(t, c.id)
		f.policy, f.settings = nil, nil
		if got := findingsOf(f.judge(t, c.day).Findings, c.id); len(got) != c.finds {
			t.Errorf("%s, %s: %v, want %d findings", c.id, c.day, got, c.finds)
		}
	}
	f := fixtureOf(t, "DDB-EXF-001")
	f.settings = nil
	if got := findingsOf(f.judge(t, "fires-foreign-owner").Findings, "DDB-EXF-001"); len(got) != 1 {
		t.Errorf("an export to a foreign account is not found without export_buckets: %v", got)
	}
	if got := f.judge(t, "fires-unlisted-bucket"); len(got.Skipped["DDB-EXF-001"]) != 1 {
		t.Errorf("whether a bucket may be used is evaluated without export_buckets: %v", got.Skipped)
	}
}

// The rows of a day come in no order, and what is found does not depend on it.
func TestLossInAnyOrder(t *testing.T) {
	for i := range Catalogue {
		id := Catalogue[i].ID
		if !strings.HasPrefix(id, "DDB-EXF") && !strings.HasPrefix(id, "DDB-DST") {
			continue
		}
		f := fixtureOf(t, id)
		for name, touches := range f.days {
			want := sortedFindings(f.judge(t, name).Findings, id)
			for seed := range uint64(3) {
				f.days[name] = slices.Clone(touches)
				rand.New(rand.NewPCG(seed, 7)).Shuffle(len(touches), func(i, j int) {
					f.days[name][i], f.days[name][j] = f.days[name][j], f.days[name][i]
				})
				if got := sortedFindings(f.judge(t, name).Findings, id); !slices.Equal(got, want) {
					t.Errorf("%s, %s, in another order:\n%v\nwant\n%v", id, name, got, want)
				}
			}
		}
	}
}

// A finding names what it was made from.
func TestSequenceEvidence(t *testing.T) {
	got := findingsOf(fixtureOf(t, "DDB-DST-006").judge(t, "fires-since-yesterday").Findings, "DDB-DST-006")[0]
	if got.Count != 2 || got.Last.Sub(got.First) != 14*time.Hour+5*time.Minute || len(got.Evidence) != 2 ||
		got.Evidence[0].EventName != "UpdateTable" || got.Evidence[1].EventName != "DeleteTable" {
		t.Errorf("%+v", got)
	}
}

// Calls are counted, not their items, and findings of several hours are one.
func TestMassDeleteStat(t *testing.T) {
	got := findingsOf(fixtureOf(t, "DDB-DST-008").judge(t, "fires").Findings, "DDB-DST-008")[0]
	if got.Stat == nil || got.Stat.Observed != 50 || got.Stat.Expected != 10 || len(got.Stat.Series) != baseline+1 || got.Stat.Series[baseline] != 50 {
		t.Errorf("%+v", got.Stat)
	}
	if len(got.Evidence) != windowEvidence {
		t.Errorf("%d calls are named, want %d", len(got.Evidence), windowEvidence)
	}
}

// The calls that a timeline keeps are bounded, and those of the history come first.
func TestTimeline(t *testing.T) {
	var order []string
	d := inOrder(Detection{ID: "X"}, plain{}, func(e *Event) bool { return e.Plane == schema.PlaneControl }, func(r *Run, _ *plain) func(*Event, bool) {
		return func(e *Event, today bool) { order = append(order, e.EventID) }
	})
	const day = int32(20_000)
	touch := func(at int64, id string) *schema.Touch {
		return &schema.Touch{EventTime: int64(day)*86_400e6 + at, EventID: id, Plane: schema.PlaneControl, Mutates: true, TableARN: "t"}
	}
	history := &naive{day, []schema.Touch{*touch(-5, "b"), *touch(-9, "a")}}
	j := newJudging(day, nil, history, []Detection{d}, nil)
	for _, touch := range []*schema.Touch{touch(7, "f"), touch(3, "d"), touch(3, "c"), touch(5, "e"), {EventTime: int64(day) * 86_400e6, EventID: "item", Plane: schema.PlaneData}} {
		j.touch(touch)
	}
	j.end()
	if got := strings.Join(order, ""); got != "abcdef" {
		t.Errorf("the order is %s", got)
	}

	order = nil
	j = newJudging(day, nil, history, []Detection{d}, nil)
	one := touch(1, "x")
	for range maxTimeline + 3 {
		j.touch(one)
	}
	skipped := j.end().Skipped["X"]
	if len(order) != maxTimeline+2 || len(skipped) != 1 {
		t.Errorf("%d calls are looked at; not evaluated: %v", len(order), skipped)
	}
}

// Most touches are of calls on items: none of their JSON is parsed, whatever it is.
func TestItemCallsAreNotParsed(t *testing.T) {
	j := newJudging(20_000, nil, &naive{}, slices.Concat(exfiltration, destruction), nil)
	for _, name := range []string{"GetItem", "PutItem", "DeleteItem", "Query", "BatchGetItem"} {
		operation := schema.Classify(name)
		for _, kind := range []string{schema.ActorHuman, schema.ActorService} {
			e := Event{Principal: "p", Table: policy.Table{Class: "restricted"}, Touch: &schema.Touch{
				EventSource: "dynamodb.amazonaws.com", EventName: name, Plane: schema.PlaneData, Op: operation.Op, Outcome: schema.OutcomeOK,
				ActorKind: kind, ItemKey: `{"pk":"1"}`, KeyValues: []string{"1"}, TableName: "orders", TableARN: "t", RequestParameters: "{}",
			}}
			for i := range j.watchers {
				j.watchers[i].Touch(&e)
			}
			if e.request.parsed || e.response.parsed || e.extra.parsed {
				t.Errorf("a detection has parsed a %s", name)
			}
		}
	}
}

// What somebody has written in a request does not get out of a finding's text alive.
func TestHostileText(t *testing.T) {
	const bad, written = "\x1b[2J\u202e", `\u001b[2J\u202e`
	found := 0
	for i := range Catalogue {
		id := Catalogue[i].ID
		if !strings.HasPrefix(id, "DDB-EXF") && !strings.HasPrefix(id, "DDB-DST") {
			continue
		}
		f := fixtureOf(t, id)
		for name, touches := range f.days {
			for i := range touches {
				touch := &touches[i]
				touch.TableName += bad
				touch.ErrorCode += bad
				touch.RequestParameters = strings.ReplaceAll(touch.RequestParameters, `":"`, `":"`+written)
			}
			for _, finding := range findingsOf(f.judge(t, name).Findings, id) {
				found++
				if finding.Explain != queries.Clean(finding.Explain) {
					t.Errorf("%s, %s: %q", id, name, finding.Explain)
				}
			}
		}
	}
	if found < 30 {
		t.Errorf("%d findings only: the records no longer make any", found)
	}
}
