package detect

import (
	"context"
	"fmt"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

type parseParams struct {
	Share float64 `yaml:"share" about:"of records that may be in quarantine"`
}

var parseLoss = define(Detection{
	ID: "DDB-COV-005", Version: 1, Title: "Records that were not understood", Severity: schema.SeverityMedium, Kind: schema.FindingCoverage,
	Looks:       "more of the day's records in quarantine than the share allowed, and DynamoDB calls of a name that this version does not know",
	FalseAlarms: "a new API of DynamoDB: its calls are kept, and classified by their names' beginnings",
	Advice:      "the lake's quarantine has the records and the reasons; a newer version may know the call",
}, parseParams{Share: 0.0001}, func(r *Run, p *parseParams) Watcher {
	return &parsing{run: r, params: p, unknown: map[string]*unknownCall{}}
})

type parsing struct {
	run     *Run
	params  *parseParams
	unknown map[string]*unknownCall // by service and name
}

type unknownCall struct {
	count    int64
	evidence []schema.Evidence
}

// unknownRoom bounds the unknown calls that are told apart: their names are log text.
const unknownRoom = 1000

func (w *parsing) Touch(e *Event) {
	if service := e.Service(); service != "dynamodb" && service != "dax" || schema.Classify(e.EventName).Known {
		return
	}
	key := e.Service() + " " + e.EventName
	c := w.unknown[key]
	if c == nil {
		if len(w.unknown) >= unknownRoom {
			w.run.NotEvaluated(fmt.Sprintf("more than %d names of calls that are not known", unknownRoom))
			return
		}
		c = &unknownCall{}
		w.unknown[strings.Clone(key)] = c
	}
	if w.run.seen.add("unknown", e.id()) {
		c.count++
	}
	c.evidence = mergeEvidence(c.evidence, e.Evidence())
}

// Look counts what is in quarantine of the day's deliveries.
func (w *parsing) Look(ctx context.Context, l Lake) error {
	c, err := l.Coverage(ctx)
	if err != nil {
		return err
	}
	d := c.Day(schema.DayString(w.run.Day))
	if d == nil || d.Records == 0 {
		return nil
	}
	share := float64(d.Quarantined) / float64(d.Records)
	if share <= w.params.Share {
		return nil
	}
	h := w.run.lakeHit("", "", fmt.Sprintf("%d of %d records delivered on %s were not understood (%.2g %%, at most %.2g %% are expected)",
		d.Quarantined, d.Records, d.Day, 100*share, 100*w.params.Share), "quarantine")
	h.Count = d.Quarantined
	w.run.Found(h)
	return nil
}

func (w *parsing) End() {
	for key, c := range w.unknown {
		h := w.run.lakeHit("", "", fmt.Sprintf("%d calls of %s, which this version does not know", c.count, key), key)
		h.Count, h.Evidence = c.count, c.evidence
		w.run.Found(h)
	}
}
