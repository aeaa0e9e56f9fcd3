package detect

import (
	"fmt"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

type throughputParams struct {
	Share     float64 `yaml:"share"`     // of what was before, at most
	Unlimited float64 `yaml:"unlimited"` // units a second taken for a table on demand without a maximum
}

var throughputCut = inOrder(Detection{
	ID: "DDB-DST-013", Version: 1, Title: "Throughput cut sharply", Severity: schema.SeverityLow, Kind: schema.FindingEvent,
	Needs: []Need{NeedControl}, Attack: []string{"T1499"},
	Looks:       "an UpdateTable that leaves a table or an index a fifth or less of its read or write units, or of its maximum on demand, less those of AWS's auto scaling. A table on demand without a maximum is taken to have 40,000",
	FalseAlarms: "tuning of costs",
	Advice:      "look for throttled requests of the programs that use the table; a cut can be undone at once, an increase is not limited",
}, throughputParams{0.2, 40_000}, setsThroughput, func(r *Run, p *throughputParams) func(*Event, bool) {
	had := map[throughputOf]float64{}
	return func(e *Event, today bool) {
		for _, old := range throughputs(e.Response().At("tableDescription")) { // what was before the call
			had[throughputOf{e.TableARN, old.index, old.unit}] = p.units(old.n)
		}
		cuts, unknown := p.cuts(e, had)
		switch {
		case !today || e.EventName == "CreateTable" || e.ActorKind == schema.ActorAWS:
		case len(cuts) > 0:
			r.Found(Hit{Event: e, Explain: strings.Join(cuts, "; ")})
		case unknown:
			r.NotEvaluated("what the throughput was before is not known")
		default:
			r.request(e) // says so where there is none
		}
	}
})

// cuts says what a call takes away of what a table had, and notes what it has then.
// unknown reports whether something is asked for that nobody knows the old value of.
func (p *throughputParams) cuts(e *Event, had map[throughputOf]float64) (cuts []string, unknown bool) {
	for _, asked := range askedThroughputs(e.Request()) {
		of := throughputOf{e.TableARN, asked.index, asked.unit}
		old, known := had[of]
		now := p.units(asked.n)
		if known && now <= p.Share*old {
			cuts = append(cuts, fmt.Sprintf("%s%s has %.0f %s; before, it was %.0f", e.table(), asked.ofIndex(), now, asked.unit, old))
		}
		unknown = unknown || !known
		if e.OK() {
			had[of] = now
		}
	}
	return cuts, unknown
}

func setsThroughput(e *Event) bool {
	return e.Is("dynamodb", "UpdateTable", "CreateTable") && e.TableARN != ""
}

const (
	onDemandReads  = "read units on demand"
	onDemandWrites = "write units on demand"
)

// throughputOf is what a number of units is of.
type throughputOf struct{ table, index, unit string }

// units are a number of units: none, and less, stand for a table on demand.
func (p *throughputParams) units(n float64) float64 {
	if n <= 0 {
		return p.Unlimited
	}
	return n
}

type throughput struct {
	index, unit string
	n           float64
}

func (t *throughput) ofIndex() string {
	if t.index == "" {
		return ""
	}
	return "'s index " + shown(t.index)
}

// askedThroughputs are those of a request.
func askedThroughputs(request Value) []throughput {
	all := throughputOn(request, "")
	for _, list := range [...]struct{ name, member string }{{"globalSecondaryIndexUpdates", "update"}, {"globalSecondaryIndexes", ""}} {
		for _, index := range request.At(list.name).List() {
			if list.member != "" {
				index = index.At(list.member)
			}
			all = append(all, throughputOn(index, index.At("indexName").Text())...)
		}
	}
	return all
}

// throughputs are those in a table's description. One without units is on demand, and
// says no maximum when it has none.
func throughputs(table Value) []throughput {
	all := throughputOn(table, "")
	if n, ok := table.At("provisionedThroughput", "readCapacityUnits").Number(); ok && n == 0 && !table.At("onDemandThroughput").Exists() {
		all = append(all, throughput{"", onDemandReads, -1}, throughput{"", onDemandWrites, -1})
	}
	for _, index := range table.At("globalSecondaryIndexes").List() {
		all = append(all, throughputOn(index, index.At("indexName").Text())...)
	}
	return all
}

func throughputOn(v Value, index string) (all []throughput) {
	for _, of := range [...]struct{ member, name, unit string }{
		{"provisionedThroughput", "readCapacityUnits", "read units"},
		{"provisionedThroughput", "writeCapacityUnits", "write units"},
		{"onDemandThroughput", "maxReadRequestUnits", onDemandReads},
		{"onDemandThroughput", "maxWriteRequestUnits", onDemandWrites},
	} {
		if n, ok := v.At(of.member, of.name).Number(); ok {
			all = append(all, throughput{index, of.unit, n})
		}
	}
	return all
}
