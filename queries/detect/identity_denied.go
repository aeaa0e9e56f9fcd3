package detect

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// deniedParams are of deniedBurst.
type deniedParams struct {
	CallsPerHour int `yaml:"calls_per_hour"` // at least so many, from one network,
	Ops          int `yaml:"ops"`            // of so many operation classes
	Tables       int `yaml:"tables"`         // or on so many tables
	CallsPerDay  int `yaml:"calls_per_day"`  // or so many of any kind
}

var deniedBurst = define(Detection{
	ID: "DDB-IAM-010", Version: 1, Title: "Burst of denied calls", Severity: schema.SeverityMedium, Kind: schema.FindingAggregate,
	Needs: []Need{NeedControl}, Attack: []string{"T1580", "T1526"},
	Looks: "a principal that is denied several different things: in a clock hour and from one network 5 calls of 3 operation classes or on 3 tables, or 20 calls in a day. " +
		"Of a workload with one operation on one table it is information only: its permissions were forgotten",
	FalseAlarms: "deployments that went wrong",
	Advice:      "look at the calls in order: one who tries doors tries many kinds and tables. If it is a workload, compare the hour with its last deployment",
}, deniedParams{CallsPerHour: 5, Ops: 3, Tables: 3, CallsPerDay: 20}, func(r *Run, p *deniedParams) Watcher {
	return &denials{run: r, params: p, by: map[string]*denied{}}
})

// denials counts denied calls by principal.
type denials struct {
	run    *Run
	params *deniedParams
	by     map[string]*denied
}

type denied struct {
	span
	ops, tables few
	hours       map[deniedHour]*deniedIn
}

type deniedHour struct {
	network string
	hour    int
}

type deniedIn struct {
	calls       int
	ops, tables few
}

// Bounds of what is counted in a day.
const (
	groupRoom = 10_000 // principals
	hourRoom  = 2_000  // networks and hours of each
)

func (d *denials) Touch(e *Event) {
	if !e.Denied() || e.Service() != "dynamodb" {
		return
	}
	g := d.by[e.Principal]
	if g == nil {
		if len(d.by) >= groupRoom {
			d.run.NotEvaluated("more principals were denied in a day than are counted")
			return
		}
		g = &denied{ops: few{}, tables: few{}, hours: map[deniedHour]*deniedIn{}}
		d.by[strings.Clone(e.Principal)] = g
	}
	g.add(e)
	at := deniedHour{queries.Network(e.VPCEndpointID, e.SourceIP), e.Time().Hour()}
	in := g.hours[at]
	if in == nil {
		if len(g.hours) >= hourRoom {
			return // the day's count still has it
		}
		in = &deniedIn{ops: few{}, tables: few{}}
		g.hours[deniedHour{strings.Clone(at.network), at.hour}] = in
	}
	if e.TouchIndex == 0 {
		in.calls++
	}
	op, table := strings.Clone(e.Op), tableText(e)
	g.ops.add(op)
	g.tables.add(table)
	in.ops.add(op)
	in.tables.add(table)
}

// tableText is the event's table, by its ARN if it is known.
func tableText(e *Event) string {
	if e.TableARN != "" {
		return strings.Clone(e.TableARN)
	}
	return strings.Clone(e.TableName)
}

func (d *denials) End() {
	for _, principal := range slices.Sorted(maps.Keys(d.by)) {
		if g := d.by[principal]; d.many(g) {
			d.run.Found(g.hit(shown(principal)))
		}
	}
}

func (d *denials) many(g *denied) bool {
	if g.calls >= int64(d.params.CallsPerDay) {
		return true
	}
	for _, in := range g.hours {
		if in.calls >= d.params.CallsPerHour && (len(in.ops) >= d.params.Ops || len(in.tables) >= d.params.Tables) {
			return true
		}
	}
	return false
}

func (g *denied) hit(who string) Hit {
	e := g.first
	if len(g.tables) != 1 {
		e = e.ofNoTable()
	}
	h := Hit{
		Event: e, Count: g.calls, First: g.first.Time(), Last: time.UnixMicro(g.last).UTC(), Evidence: g.shown,
		Explain: fmt.Sprintf("%s was denied %s of %s (%s) on %s", who,
			counted(int(g.calls), "call"), counted(len(g.ops), "kind"), texted(g.ops), counted(len(g.tables), "table")),
	}
	if workload := e.ActorKind == schema.ActorService || e.ActorKind == schema.ActorAWS; workload && len(g.ops) == 1 && len(g.tables) <= 1 {
		h.Severity = schema.SeverityInfo
	}
	return h
}

// counted is a number of things in words.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

func texted(set few) string {
	return strings.Join(slices.Sorted(maps.Keys(set)), ", ")
}

// ofNoTable is a copy of e for a finding about several tables.
func (e *Event) ofNoTable() *Event {
	c := e.Clone()
	c.TableName, c.TableARN, c.TableAccountID = "", "", ""
	return c
}
