package detect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// hoursParams are of offHours.
type hoursParams struct {
	Timezone string   `yaml:"timezone"` // Europe/Berlin; empty: the policy's
	Days     []string `yaml:"days"`
	Hours    string   `yaml:"hours"`    // 07:00-20:00; over midnight: 22:00-06:00
	Holidays []string `yaml:"holidays"` // YYYY-MM-DD
	OnCall   []string `yaml:"on_call"`  // globs of principals, or of people's names, who may at any time
}

var offHours = define(Detection{
	ID: "DDB-IAM-015", Version: 1, Title: "Person on items outside working hours", Severity: schema.SeverityLow, Kind: schema.FindingEvent,
	Needs: []Need{NeedData, NeedParams}, Attack: []string{"T1078.004"},
	Looks: "calls on items by a person outside the working hours of the settings, in the time zone given there or in the policy; medium on restricted and protected tables. " +
		"Who is listed under on_call may at any time",
	FalseAlarms: "on-call duty, which belongs under on_call, and people in other time zones",
	Advice:      "compare with the on-call plan and the incidents of that night, then ask the person",
}, hoursParams{Days: weekdays[1:6], Hours: "07:00-20:00"}, func(r *Run, p *hoursParams) Watcher {
	zone := p.Timezone
	if zone == "" && r.Policy != nil {
		zone = r.Policy.Defaults.Timezone
	}
	if zone == "" {
		return notToday(r, "neither the setting timezone nor the policy says in which time zone people work")
	}
	c, err := newCalendar(zone, p.Days, p.Hours, p.Holidays)
	if err != nil {
		return notToday(r, err.Error())
	}
	return watch(func(e *Event) {
		if e.ActorKind != schema.ActorHuman || e.Plane != schema.PlaneData || c.works(e.Time()) || listed(p.OnCall, e.Principal, e.ActorName, e.Actor) {
			return
		}
		r.Found(Hit{Event: e, Explain: fmt.Sprintf("%s worked on items of %s at %s, outside working hours",
			shown(e.ActorName), e.table(), e.Time().In(c.zone).Format("Mon 15:04 MST"))})
	})
})

// dormantParams are of dormant.
type dormantParams struct {
	Days int `yaml:"days"` // without any touch
}

var dormant = define(Detection{
	ID: "DDB-IAM-016", Version: 1, Title: "Dormant principal returns", Severity: schema.SeverityMedium, Kind: schema.FindingEvent,
	Needs: []Need{NeedHistory, NeedClasses}, Attack: []string{"T1078.004"},
	Looks: "a successful call on a confidential or restricted table by a principal that was on no table for more than 60 days, and was before. " +
		"Principals that were never seen are told by DDB-IAM-005",
	FalseAlarms: "quarterly jobs; give them a rule with cadence: quarterly",
	Advice:      "ask who uses it now; take its permissions away if nobody can say. Credentials that nobody misses are the ones nobody sees stolen",
}, dormantParams{Days: 60}, func(r *Run, p *dormantParams) Watcher {
	asleep := map[string]int32{} // days of sleep by principal
	return watch(func(e *Event) {
		if !onTable(e) || !e.Table.AtLeast(confidential) {
			return
		}
		days, known := asleep[e.Principal]
		if !known {
			if len(asleep) >= unseenRoom {
				clear(asleep)
			}
			days = r.asleep(e.Principal)
			asleep[strings.Clone(e.Principal)] = days
		}
		if int(days) > p.Days {
			r.Found(Hit{Event: e, Explain: fmt.Sprintf("%s was on no table for %d days", shown(e.Principal), days)})
		}
	})
})

// asleep is for how many days a principal was on no table, 0 when it never was. Calls
// that failed are no use of a table: one attempt does not wake it.
func (r *Run) asleep(principal string) int32 {
	const most = 90
	series := r.History.Touched(most, "", principal, "", schema.OutcomeOK)
	for i, n := range slices.Backward(series) {
		if n > 0 {
			return int32(most - i)
		}
	}
	if last, ok := r.History.LastSeen(ByTable, "", principal, ""); ok && r.Day-last > most {
		return r.Day - last
	}
	return 0
}
