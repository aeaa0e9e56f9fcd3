package detect

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// enumerationParams are of enumeration.
type enumerationParams struct {
	Tables int `yaml:"tables"` // different ones that are asked about
}

var enumeration = define(Detection{
	ID: "DDB-IAM-014", Version: 1, Title: "Tables enumerated", Severity: schema.SeverityMedium, Kind: schema.FindingAggregate,
	Needs: []Need{NeedControl}, Attack: []string{"T1580", "T1526"},
	Looks: "a person, or somebody unknown, who within ten minutes of the clock lists the tables and asks about 10 of them (Describe*, List*, GetResourcePolicy). " +
		"What a rule of the policy allows does not count",
	FalseAlarms: "tools that check settings, and the console when somebody scrolls through it; give the tools a rule",
	Advice:      "ask the person; from an unknown principal it is how somebody who found a key looks around, so see what it did next",
}, enumerationParams{Tables: 10}, func(r *Run, p *enumerationParams) Watcher {
	return &enumerations{run: r, params: p, by: map[asking]*asked{}}
})

// enumerations counts tables asked about by principal and ten minutes.
type enumerations struct {
	run    *Run
	params *enumerationParams
	by     map[asking]*asked
}

type asking struct {
	principal string
	slot      int
}

type asked struct {
	span
	whole, unexpected look // with what rules allow, and without
}

// look is what somebody looked at.
type look struct {
	listed bool
	tables few
}

func (l *look) add(e *Event) {
	l.listed = l.listed || e.EventName == "ListTables"
	l.tables.add(tableText(e))
}

func (l *look) around(p *enumerationParams) bool { return l.listed && len(l.tables) >= p.Tables }

// askingRoom is how many principals and times are counted in a day.
const askingRoom = 20_000

func (n *enumerations) Touch(e *Event) {
	if e.Plane != schema.PlaneControl || !e.Person() || e.Service() != "dynamodb" {
		return
	}
	if !strings.HasPrefix(e.EventName, "Describe") && !strings.HasPrefix(e.EventName, "List") && e.EventName != "GetResourcePolicy" {
		return
	}
	at := asking{e.Principal, slotOf(e)}
	a := n.by[at]
	if a == nil {
		if len(n.by) >= askingRoom {
			n.run.NotEvaluated("more principals asked about tables in a day than are counted")
			return
		}
		a = &asked{whole: look{tables: few{}}, unexpected: look{tables: few{}}}
		n.by[asking{strings.Clone(at.principal), at.slot}] = a
	}
	a.whole.add(e)
	if !e.Allowed() {
		a.add(e)
		a.unexpected.add(e)
	}
}

// slotOf is the ten minutes of the clock that an event is in, from 0.
func slotOf(e *Event) int {
	at := e.Time()
	return at.Hour()*6 + at.Minute()/10
}

func (n *enumerations) End() {
	order := slices.SortedFunc(maps.Keys(n.by), func(a, b asking) int {
		if a.principal != b.principal {
			return strings.Compare(a.principal, b.principal)
		}
		return a.slot - b.slot
	})
	for _, at := range order {
		a := n.by[at]
		if !a.unexpected.around(n.params) {
			if a.whole.around(n.params) {
				n.run.expected()
			}
			continue
		}
		n.run.Found(Hit{
			Event: a.first.ofNoTable(), Count: a.calls, First: a.first.Time(), Last: time.UnixMicro(a.last).UTC(), Evidence: a.shown,
			Explain: fmt.Sprintf("%s listed the tables and asked about %d of them within ten minutes", shown(at.principal), len(a.unexpected.tables)),
		})
	}
}
