package anomalies

import (
	"slices"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/stats"
)

// falseShare is how many of the findings of a day may be false, on average.
const falseShare = 0.05

// hit is something odd about an entity, before anybody knows who that is.
type hit struct {
	*entity
	id      string // of the detection
	op      string // that it is mostly about; empty: all
	count   float64
	stat    stat
	explain string
	score   float64  // of novelty
	sure    float64  // chance of a spike, cautiously
	grave   bool     // of novelty: of an operation that makes it worse
	newOps  []string // of novelty: what a known actor did for the first time
	calm    bool     // what the calendar or the series itself explains in part
}

// stat is what the numbers were.
type stat struct {
	observed, expected, low, high float64
	p                             float64
	series                        []float64
}

// judgment is what the numbers of a day come to.
type judgment struct {
	hits   []hit
	tested int // entities whose counts were tested
	chosen int // of those, and of denials and silences, that are too unlikely
	gated  int // of those that are too small to matter, or came as often before
	states map[State]int
	self   Calibration
}

// judging has what its parts need.
type judging struct {
	*grid
	policy  *policy.Policy
	history detect.History
	logging *logging // nil: of no lake
	strict  bool
	out     judgment

	own, tables, actors []*entity // that can be judged
}

// judge looks at all series of a grid.
func (j *judging) judge() *judgment {
	own, tables, actors := j.entities()
	j.out.states = map[State]int{}
	j.own = j.ready(own, true)
	j.tables, j.actors = j.ready(tables, false), j.ready(actors, false)
	j.spikes()
	j.denials()
	j.silences()
	j.rises()
	j.shifts()
	j.novelties(own)
	j.out.hits = absorb(j.out.hits)
	return &j.out
}

// ready are the entities that can be judged.
func (j *judging) ready(all []*entity, count bool) []*entity {
	var out []*entity
	for _, e := range all {
		s := j.stateOf(e)
		if count {
			j.out.states[s]++
		}
		if s == Tested {
			out = append(out, e)
		}
	}
	return out
}

// choose says which of the p-values of a family are too small for so many tests.
func (j *judging) choose(p []float64) []bool {
	if j.strict {
		return stats.BY(p, falseShare)
	}
	return stats.BH(p, falseShare)
}

// has reports whether there is a hit of a detection about an entity.
func (j *judging) has(id string, e *entity) bool {
	return slices.ContainsFunc(j.out.hits, func(h hit) bool { return h.id == id && h.table == e.table && h.actor == e.actor })
}

// statOf is a line's numbers beside a baseline.
func (j *judging) statOf(e *entity, line []float64, b *stats.Baseline, p float64) stat {
	return stat{observed: line[j.today()], expected: b.Mu, low: b.Low, high: b.High, p: p, series: j.show(e, line)}
}

// show is a series with -1 for days that nobody knows.
func (j *judging) show(e *entity, line []float64) []float64 {
	s := slices.Clone(line)
	for i, known := range e.known {
		if !known && s[i] == 0 {
			s[i] = -1
		}
	}
	return s[max(0, len(s)-oldDays):]
}
