package sample

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/setup"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/setup/readiness"
)

// Of every table of the world every kind of event is logged, in a month as in three days.
func TestTrailsLogEveryTable(t *testing.T) {
	for _, o := range []Options{{}, {Days: 30, Events: 40_000}} {
		cover := detect.NewCoverage()
		if err := cover.Learn(bytes.NewReader(Trails(o))); err != nil {
			t.Fatal(err)
		}
		if !cover.Complete() {
			t.Error("the trails are not all that there are")
		}
		for i := range accounts {
			for j := range accounts[i].tables {
				for region := range accounts[i].tables[j].regions {
					arn := "arn:aws:dynamodb:" + regions[region] + ":" + accounts[i].id + ":table/" + accounts[i].tables[j].name
					for _, class := range detect.LogClasses {
						if is := cover.Of(arn, class); is != detect.LoggedYes {
							t.Errorf("%+v: %s of %s is %s", o, class, arn, is)
						}
					}
				}
			}
		}
	}
}

// Calls on trails in a sample are on trails that its accounts told of, and nothing else is.
func TestTrailsAreThoseOfTheRecords(t *testing.T) {
	for _, o := range []Options{{Events: 3000, Seed: 4}, aMonth()} {
		told := map[string]bool{}
		for _, trail := range o.trails() {
			told[trail.name] = true
		}
		dir, _ := write(t, o)
		changed := 0
		records(t, dir, func(_ string, e event) {
			if e.EventSource != "cloudtrail.amazonaws.com" || e.EventName == "LookupEvents" {
				return
			}
			changed++
			var request struct{ Name, TrailName string }
			if err := json.Unmarshal(e.RequestParameters, &request); err != nil {
				t.Error(err)
			}
			name := request.Name + request.TrailName
			if !told[name[strings.LastIndexByte(name, '/')+1:]] {
				t.Errorf("%s of %q, of which nobody told", e.EventName, name)
			}
		})
		if changed < 4 {
			t.Errorf("%d calls on trails", changed)
		}
	}
}

// What an audit misses of the trails is what the sample does not have.
func TestTrailsAsAnAuditSeesThem(t *testing.T) {
	text := Trails(Options{Days: 30, Events: 40_000})
	answers, err := setup.ReadAnswers(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	results, err := readiness.Judge(answers, readiness.Question{})
	if err != nil {
		t.Fatal(err)
	}
	var missing []string
	for _, r := range results {
		switch r.Status {
		case readiness.Missing:
			missing = append(missing, r.ID)
		case readiness.Unknown:
			t.Errorf("%s of %s is not known: %s", r.ID, r.About, r.Found)
		}
	}
	slices.Sort(missing)
	if got := strings.Join(slices.Compact(missing), " "); got != "BKT-05 BKT-07 INS-01 INS-02 TRL-06" {
		t.Errorf("missing: %s", got)
	}
	var again bytes.Buffer
	if err := setup.WriteAnswers(&again, answers); err != nil || again.String() != string(text) {
		t.Errorf("not as answers are saved (%v)", err)
	}
}

// Answers are of just before the first day, and the same whenever they are written.
func TestTrailsOfAnotherYear(t *testing.T) {
	start := time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC)
	text := string(Trails(Options{Start: start}))
	if !strings.Contains(text, `"LatestDeliveryTime": "2027-05-31T23:56:00Z"`) || strings.Contains(text, `"2026-03`) {
		t.Error("the answers are not of the day before")
	}
	if text != string(Trails(Options{Start: start, Seed: 9, Workers: 3})) {
		t.Error("another seed has other trails")
	}
}
