package detect

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/golden"
	"github.com/keytrail/keytrail/engine/lake"
	lakeobject "github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/schema"
)

// noisy finds whatever is denied, by table, principal and API name, and says of itself
// which call it saw.
func noisy(id string) Detection {
	return define(Detection{ID: id, Version: 1, Title: "Denied", Severity: schema.SeverityMedium, Kind: schema.FindingAggregate}, plain{},
		func(r *Run, _ *plain) Watcher {
			return watch(func(e *Event) {
				if e.Denied() {
					r.Found(Hit{Event: e, About: []string{e.EventName}, Explain: e.EventName + " from " + e.SourceIP})
				}
			})
		})
}

// deniedTouches are denied calls of many tables and principals: of several rows each,
// some with a copy in another account, some at the same moment.
func deniedTouches(random *rand.Rand, calls, tables, principals int) (touches []schema.Touch, events int) {
	for n := range calls {
		t := schema.Touch{
			EventID: fmt.Sprint("event-", n), RecipientAccountID: "111122223333", EventTime: int64(20000)*dayMicros + int64(random.IntN(1000))*1e6,
			EventSource: "dynamodb.amazonaws.com", EventName: []string{"GetItem", "BatchGetItem"}[random.IntN(2)], Plane: schema.PlaneData,
			Op: schema.OpReadPoint, Outcome: schema.OutcomeDenied, TableARN: fmt.Sprintf("arn:aws:dynamodb:eu-central-1:111122223333:table/t%d", random.IntN(tables)),
			Actor: fmt.Sprintf("arn:aws:iam::111122223333:role/r%d", random.IntN(principals)), ActorKind: schema.ActorService,
			SourceIP: fmt.Sprintf("10.0.0.%d", random.IntN(250)), TouchCount: int32(1 + random.IntN(3)), SourceObject: fmt.Sprint("object-", random.IntN(9)),
		}
		if random.IntN(3) == 0 {
			t.SharedEventID = fmt.Sprint("shared-", n)
		}
		for i := range t.TouchCount {
			t.TouchIndex = i
			touches = append(touches, t)
			if t.SharedEventID != "" {
				other := t
				other.EventID, other.RecipientAccountID = t.EventID+"-copy", "444455556666"
				touches = append(touches, other)
			}
		}
		events++
	}
	return touches, events
}

func judgeAll(touches []schema.Touch, catalogue ...Detection) *Judgment {
	j := newJudging(20000, nil, NoHistory{}, catalogue, nil)
	for i := range touches {
		j.touch(&touches[i])
	}
	return j.end()
}

// The same rows make the same findings, in whatever order they are read; a call counts
// once, whatever its rows and copies.
func TestJudgingOrder(t *testing.T) {
	for name, size := range map[string]struct{ calls, tables, principals int }{
		"few": {300, 3, 4}, "grouped": {600, 4, 30}, "too many": {6000, 3000, 9},
	} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			touches, events := deniedTouches(random, size.calls, size.tables, size.principals)
			want := judgeAll(touches, noisy("DDB-TST-001"))
			var sum int64
			for _, f := range want.Findings {
				sum += f.Count
			}
			if beyond := want.Beyond["DDB-TST-001"]; beyond == 0 && sum != int64(events) {
				t.Errorf("findings count %d calls, want %d", sum, events)
			} else if (beyond > 0) != (name == "too many") {
				t.Errorf("%d findings are beyond", beyond)
			}
			for range 3 {
				random.Shuffle(len(touches), func(i, j int) { touches[i], touches[j] = touches[j], touches[i] })
				got := judgeAll(touches, noisy("DDB-TST-001"))
				if a, b := asJSON(t, got), asJSON(t, want); a != b {
					t.Fatalf("another order, other findings:\n%s\n%s", firstDifference(a, b), b[:min(len(b), 300)])
				}
			}
		})
	}
}

func asJSON(t *testing.T, j *Judgment) string {
	t.Helper()
	text, err := json.MarshalIndent(j, "", " ")
	check(t, err)
	return string(text)
}

func firstDifference(a, b string) string {
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	return fmt.Sprintf("%q, want %q", a[at:min(len(a), at+80)], b[at:min(len(b), at+80)])
}

// A detection makes so many findings at most, the worst, and says how many more there
// are, exactly.
func TestTooManyFindings(t *testing.T) {
	for _, distinct := range []int{MaxFindings, MaxFindings + 1, foundRoom + 700} {
		var touches []schema.Touch
		for n := range distinct {
			touches = append(touches, schema.Touch{EventID: fmt.Sprint(n), EventTime: 20000 * dayMicros, EventName: "GetItem",
				Outcome: schema.OutcomeDenied, Actor: "a", TableARN: fmt.Sprintf("arn:aws:dynamodb:eu-central-1:111122223333:table/t%d", n)})
		}
		j := judgeAll(slices.Concat(touches, touches), noisy("DDB-TST-001"))
		if got := len(j.Findings) + int(j.Beyond["DDB-TST-001"]); got != distinct || len(j.Findings) > MaxFindings {
			t.Errorf("%d findings: %d told, %d beyond", distinct, len(j.Findings), j.Beyond["DDB-TST-001"])
		}
		if told := len(j.Notes) > 0; told != (distinct > MaxFindings) {
			t.Errorf("%d findings: notes %q", distinct, j.Notes)
		}
	}
}

// Ten principals and the same table make one finding, nine make nine.
func TestGrouping(t *testing.T) {
	for _, principals := range []int{manyPrincipals - 1, manyPrincipals} {
		var touches []schema.Touch
		for n := range principals {
			touches = append(touches, schema.Touch{EventID: fmt.Sprint(n), EventTime: 20000*dayMicros + int64(n), EventName: "GetItem", Outcome: schema.OutcomeDenied,
				Actor: fmt.Sprint("role-", n), ActorName: fmt.Sprint("name-", n), ActorKind: schema.ActorService, TableARN: "t"})
		}
		touches[3].ActorKind = schema.ActorHuman
		j := judgeAll(touches, noisy("DDB-TST-001"))
		if principals < manyPrincipals {
			if len(j.Findings) != principals {
				t.Errorf("%d findings, want %d", len(j.Findings), principals)
			}
			continue
		}
		f := j.Findings[0]
		if len(j.Findings) != 1 || f.Count != int64(principals) || len(f.Evidence) != principals || f.Principal != "" {
			t.Errorf("grouped: %+v", j.Findings)
		}
		if !strings.HasPrefix(f.Explain, "10 principals, among them name-3, name-0, ") {
			t.Errorf("people do not come first: %s", f.Explain)
		}
	}
}

// A full memory of calls says that it is full.
func TestCountingBeyondRoom(t *testing.T) {
	touches, _ := deniedTouches(rand.New(rand.NewPCG(3, 4)), 500, 2, 2)
	j := newJudging(20000, nil, NoHistory{}, []Detection{noisy("DDB-TST-001")}, nil)
	j.run.seen.room = 100
	for i := range touches {
		j.touch(&touches[i])
	}
	if got := j.end(); len(got.Notes) != 1 {
		t.Errorf("notes %q", got.Notes)
	}
}

// Which detections fire in each case of each fixture, so that overlaps are seen.
func TestOverlap(t *testing.T) {
	var b strings.Builder
	paths, err := filepath.Glob(filepath.Join("testdata", "DDB-*.txtar"))
	check(t, err)
	for _, path := range paths {
		f := readFixture(t, path)
		fmt.Fprintf(&b, "%s\n", f.id)
		for _, name := range f.cases() {
			j := f.judge(t, name)
			counts := map[string]int{}
			for _, finding := range j.Findings {
				counts[finding.Detection+" "+finding.Severity.String()]++
			}
			var fired []string
			for _, id := range slices.Sorted(maps.Keys(counts)) {
				fired = append(fired, fmt.Sprintf("%s ×%d", id, counts[id]))
			}
			if n := j.Silenced[f.id]; n > 0 {
				fired = append(fired, fmt.Sprintf("silenced ×%d", n))
			}
			for _, why := range slices.Sorted(maps.Keys(j.Skipped[f.id])) {
				fired = append(fired, "not evaluated: "+why)
			}
			b.WriteString(strings.TrimRight(fmt.Sprintf("  %-40s %s", name, strings.Join(fired, ", ")), " ") + "\n")
		}
	}
	golden.Check(t, "detect/overlap", b.String())
}

// Every row of the day is judged once, with what is promised of it: raw JSON of all but
// ordinary calls on items.
func TestJudgeReadsAll(t *testing.T) {
	l := ingested(t, fixtureObject(t, []byte(`
{"eventName":"GetItem","times":20,"requestParameters":{"tableName":"orders","key":{"pk":"a${n}"}}}
{"eventName":"Scan","times":3,"requestParameters":{"tableName":"orders","totalSegments":4}}
{"eventName":"BatchGetItem","requestParameters":{"omitted":true,"reason":"requestParameters too large","originalSize":1}}
{"eventName":"UpdateTable","times":2,"requestParameters":{"tableName":"orders","deletionProtectionEnabled":true},"responseElements":{"tableDescription":{"tableName":"orders"}}}
{"eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","requestParameters":{"name":"main"}}
`)))
	seen := map[string]int{}
	d := define(Detection{ID: "DDB-TST-002"}, plain{}, func(*Run, *plain) Watcher {
		return watch(func(e *Event) {
			seen[e.EventName]++
			if raw := e.Request().Exists(); raw != (e.EventName != "GetItem") {
				t.Errorf("%s: its request is there: %v", e.EventName, raw)
			}
			if e.EventName == "UpdateTable" && !e.Response().Exists() {
				t.Error("the response is not there")
			}
			if e.EventName == "GetItem" && (e.ItemKey == "" || e.Actor == "" || e.SourceObject == "") {
				t.Errorf("a column is not there: %+v", e.Touch)
			}
		})
	})
	j, err := Judge(context.Background(), l, JudgeOptions{Day: fixtureDay, Catalogue: []Detection{d}})
	check(t, err)
	if want := map[string]int{"GetItem": 20, "Scan": 3, "BatchGetItem": 1, "UpdateTable": 2, "StopLogging": 1}; !maps.Equal(seen, want) || j.Rows != 27 {
		t.Errorf("seen %v of %d rows, want %v", seen, j.Rows, want)
	}
	if _, err := Judge(context.Background(), l, JudgeOptions{Day: "yesterday"}); err == nil {
		t.Error("yesterday is a day")
	}
	empty, err := Judge(context.Background(), l, JudgeOptions{Day: "2026-03-21"})
	check(t, err)
	if empty.Rows != 0 || len(empty.States) != len(Catalogue) {
		t.Errorf("a day without rows: %d rows, %d states", empty.Rows, len(empty.States))
	}
}

// What is found of a lake is what is found of the touches one by one.
func TestJudgeOfALake(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "DDB-*.txtar"))
	check(t, err)
	day, err := schema.ParseDay(fixtureDay)
	check(t, err)
	for _, path := range paths {
		f := readFixture(t, path)
		for name, object := range f.objects {
			if !strings.HasPrefix(name, "fires") {
				continue
			}
			own := func(j *Judgment) (list []schema.Finding) {
				for _, finding := range j.Findings {
					if finding.Detection == f.id {
						for i := range finding.Evidence {
							finding.Evidence[i].SourceObject = ""
						}
						list = append(list, finding)
					}
				}
				return list
			}
			j, err := Judge(context.Background(), ingested(t, object), JudgeOptions{Day: fixtureDay, Policy: f.policy, Settings: f.settings, History: &naive{day, f.before}})
			check(t, err)
			if got, want := own(j), own(f.judge(t, name)); !reflect.DeepEqual(got, want) {
				t.Errorf("%s %s: %d findings of the lake, %d of the touches:\n%+v\n%+v", f.id, name, len(got), len(want), got, want)
			}
		}
	}
}

// ingested is a lake made of one log.
func ingested(t *testing.T, object []byte) *lake.Lake {
	t.Helper()
	source := objecttest.NewMem()
	var log bytes.Buffer
	z := gzip.NewWriter(&log)
	_, err := z.Write(object)
	check(t, err)
	check(t, z.Close())
	const name = "AWSLogs/111122223333/CloudTrail/eu-central-1/2026/03/20/111122223333_CloudTrail_eu-central-1_20260320T1000Z_a.json.gz"
	_, err = source.Put(context.Background(), name, bytes.NewReader(log.Bytes()), int64(log.Len()), lakeobject.Condition{})
	check(t, err)
	l, err := lake.Create(context.Background(), objecttest.NewMem())
	check(t, err)
	e := engine.Engine{Lake: l}
	_, err = e.Ingest(context.Background(), engine.Request{Inputs: []engine.Input{{Source: source}}})
	check(t, err)
	return l
}

// No detection depends on the order in which it sees the touches.
func TestDetectionsInAnyOrder(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "DDB-*.txtar"))
	check(t, err)
	random := rand.New(rand.NewPCG(5, 6))
	for _, path := range paths {
		f := readFixture(t, path)
		for _, name := range slices.Sorted(maps.Keys(f.days)) {
			want := asJSON(t, f.judge(t, name))
			for range 2 {
				random.Shuffle(len(f.days[name]), func(i, j int) {
					f.days[name][i], f.days[name][j] = f.days[name][j], f.days[name][i]
				})
				if got := asJSON(t, f.judge(t, name)); got != want {
					t.Errorf("%s %s: %s", f.id, name, firstDifference(got, want))
				}
			}
		}
	}
}
