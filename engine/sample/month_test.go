package sample

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// aMonth is a small one that is one all the same.
func aMonth() Options { return Options{Events: 14 * monthEvents, Days: 14, Seed: 11} }

func TestMonthIsTheSameWhoeverWritesIt(t *testing.T) {
	o := aMonth()
	o.Workers = 1
	one, _ := write(t, o)
	o.Workers = 3
	three, _ := write(t, o)
	a, b := sums(t, one), sums(t, three)
	if len(a) < 1000 || len(a) != len(b) {
		t.Fatalf("%d files with one worker, %d with three", len(a), len(b))
	}
	for key, sum := range a {
		if b[key] != sum {
			t.Errorf("%s differs", key)
		}
	}
}

func TestMonthHasAsManyEventsAsAsked(t *testing.T) {
	for _, o := range []Options{aMonth(), {Events: 12_000, Days: 15, Seed: 2, NoIncident: true, PerObject: 300}} {
		if !o.isMonth() {
			t.Fatalf("%+v is no month", o)
		}
		dir, sum := write(t, o)
		seen := map[string]bool{}
		records(t, dir, func(_ string, e event) { seen[e.EventID] = true })
		if int64(len(seen)) != o.Events || sum.Events != o.Events {
			t.Errorf("asked for %d: %d different; summary %+v", o.Events, len(seen), sum)
		}
	}
}

// The night of the incident is the one that was asked for, the only one, and in a sample
// of any length.
func TestIncidentDay(t *testing.T) {
	month := aMonth()
	month.IncidentDay = 13
	clean := aMonth()
	clean.NoIncident = true
	for _, c := range []struct {
		o     Options
		night string
		steps int
	}{
		{aMonth(), "2026-03-03", 25},
		{month, "2026-03-14", 25},
		{clean, "", 0},
		{Options{Events: 3000, IncidentDay: 1}, "2026-03-02", 25},
		{Options{Events: 3000, Days: 1}, "", 0},
		{Options{Events: 3000, NoIncident: true}, "", 0},
	} {
		dir, _ := write(t, c.o)
		steps := map[string]bool{}
		insights := 0
		records(t, dir, func(_ string, e event) {
			if e.SourceIPAddress == storyAddress {
				steps[e.EventTime+e.EventName] = true
				if e.EventTime[:10] != c.night {
					t.Errorf("%+v: %s on %s", c.o, e.EventName, e.EventTime)
				}
			}
			if name := e.InsightDetails["eventName"]; name == "Scan" {
				insights++
				if !strings.HasPrefix(e.EventTime, c.night) {
					t.Errorf("%+v: an Insight of %s", c.o, e.EventTime)
				}
			}
		})
		if len(steps) != c.steps || (insights > 0) != (c.night != "") {
			t.Errorf("%+v: %d steps, %d Insights: %v", c.o, len(steps), insights, steps)
		}
	}
	if _, err := Write(t.Context(), Options{Dir: t.TempDir(), Events: 10, IncidentDay: 4}); err == nil {
		t.Error("an incident on the fourth of three days")
	}
}

// worked is what a record says about a session.
type worked struct {
	UserIdentity struct {
		ARN, AccessKeyID string
		SessionContext   struct{ SourceIdentity string }
	}
	UserAgent        string
	ResponseElements struct{ Credentials struct{ AccessKeyID string } }
}

// People work by day and on working days, but for those on call, who say so; and nobody
// signs with a key that was not given to them.
func TestMonthPeople(t *testing.T) {
	o := Options{Events: 12_000, Days: 21, NoIncident: true}
	dir, _ := write(t, o)
	given, used := map[string]string{}, map[string]string{}
	nights := map[string]bool{}
	records(t, dir, func(_ string, e event) {
		var r worked
		if err := json.Unmarshal([]byte(e.raw), &r); err != nil {
			t.Fatal(err)
		}
		if key := r.ResponseElements.Credentials.AccessKeyID; key != "" {
			given[key] = e.EventTime
		}
		arn := r.UserIdentity.ARN
		called := r.UserIdentity.SessionContext.SourceIdentity != ""
		if !strings.Contains(arn, "AWSReservedSSO_") && !called {
			return
		}
		if key := r.UserIdentity.AccessKeyID; key != "" && (used[key] == "" || e.EventTime < used[key]) {
			used[key] = e.EventTime
		}
		at, err := time.Parse(time.RFC3339, e.EventTime)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case called || strings.Contains(arn, "_OnCall_"):
			nights[e.EventTime[:10]] = true
		case !workday(at.Unix()) || at.Hour() < 7 || at.Hour() > 15:
			t.Errorf("%s calls %s at %s", arn, e.EventName, e.EventTime)
		}
	})
	for key, at := range used {
		if given[key] == "" || given[key] > at {
			t.Errorf("%s signs at %s and was given at %q", key, at, given[key])
		}
	}
	if len(used) < 300 || len(nights) < 5 || len(nights) > 6 {
		t.Errorf("%d sessions of people; somebody is called on %v", len(used), nights)
	}
}

// A deployment is new keys and machines, and now and then a newer SDK; what programs do
// stays the same.
func TestMonthDeployments(t *testing.T) {
	dir, _ := write(t, Options{Events: 24_000, Days: 18, NoIncident: true})
	const checkout = ":assumed-role/checkout-api-role/"
	keys, tasks, agents := map[string]map[string]bool{}, map[string]map[string]bool{}, map[string]string{}
	records(t, dir, func(_ string, e event) {
		var r worked
		if err := json.Unmarshal([]byte(e.raw), &r); err != nil {
			t.Fatal(err)
		}
		arn := r.UserIdentity.ARN
		day := e.EventTime[:10]
		add := func(to map[string]map[string]bool, what string) {
			if to[day] == nil {
				to[day] = map[string]bool{}
			}
			to[day][what] = true
		}
		switch {
		case strings.Contains(arn, checkout):
			add(keys, r.UserIdentity.AccessKeyID)
			if agent := agents[day]; agent != "" && agent != r.UserAgent && day != "2026-03-10" {
				t.Errorf("%s: %s and %s", day, agent, r.UserAgent)
			}
			agents[day] = r.UserAgent
		case strings.Contains(arn, ":assumed-role/storefront-task-role/"):
			add(tasks, arn)
		}
	})
	if agents["2026-03-09"] == agents["2026-03-11"] || agents["2026-03-16"] != agents["2026-03-18"] || !strings.Contains(agents["2026-03-18"], "aws-sdk-js/3.972.0") {
		t.Errorf("agents %v", agents)
	}
	for task := range tasks["2026-03-09"] {
		if tasks["2026-03-11"][task] {
			t.Errorf("%s lives through a deployment", task)
		}
	}
	if len(keys["2026-03-11"]) < 40 || len(tasks["2026-03-11"]) < 20 {
		t.Errorf("%d keys of functions, %d tasks after a deployment", len(keys["2026-03-11"]), len(tasks["2026-03-11"]))
	}
}

// However many calls there are, everybody has the tables that they are about.
func TestMonthHabits(t *testing.T) {
	for _, h := range habits {
		for _, name := range h.tables {
			if accounts[h.account].tableNamed(name) == nil {
				t.Errorf("%s uses %s, which account %d does not have", h.who.role, name, h.account)
			}
		}
		if len(h.who.tables) == 0 { // a transaction takes another one of them
			t.Errorf("%s has no tables", h.who.role)
		}
	}
	m := month{start: aMonth().Start.Unix(), places: make([][]int, len(accounts)*len(regions))}
	m.cast(5_000_000, 30)
	kinds := map[string]bool{}
	for _, s := range m.streams {
		if s.kind != nil {
			kinds[s.kind.id()] = true
		}
	}
	if len(m.streams) < 200 || len(kinds) < 14 {
		t.Errorf("%d streams of %d kinds: %v", len(m.streams), len(kinds), kinds)
	}
}

// The parts of a day add up to it, wherever it is cut.
func TestRhythm(t *testing.T) {
	for _, r := range []*rhythm{allDay, evenly, officeTo, atNight} {
		for calls := range 40 {
			last, phase := 0, scramble(uint64(calls))
			for second := 0; second <= 24*hour; second += 300 {
				n := r.upTo(calls, phase, second)
				if n < last || second == 0 && n != 0 {
					t.Fatalf("%d of %d calls before second %d, %d before", n, calls, second, last)
				}
				last = n
			}
			if last != calls {
				t.Fatalf("%d of %d calls on a day", last, calls)
			}
		}
	}
}
