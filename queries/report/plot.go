package report

import (
	"fmt"
	"math"
)

// PlotKind is a form of [Plot].
type PlotKind string

// The forms.
const (
	Bars     PlotKind = "bars"     // one row: a bar for each column, largest first as a rule
	Stacked  PlotKind = "stacked"  // columns are days or hours; rows lie on each other
	Lines    PlotKind = "lines"    // columns are days; a small line for each row
	Heat     PlotKind = "heat"     // rows by columns, darker is more
	Matrix   PlotKind = "matrix"   // rows by columns, a state in each cell
	Timeline PlotKind = "timeline" // moments in lanes
)

// Plot is numbers to be drawn. Lead says what there is to be seen, for those too who
// cannot see it.
type Plot struct {
	ID    string // stable
	Title string
	Lead  string
	Kind  PlotKind
	Unit  string // of the numbers: touches, findings

	Columns []string // what stands along the x axis, in order
	Rows    []PlotRow
	// States are what the numbers of a [Matrix] mean, from 0.
	States []State
	// Moments are what a [Timeline] shows, in order of time; its rows are the lanes, without
	// values. From and To are its ends, microseconds since 1970.
	Moments  []Moment
	From, To int64
}

// PlotRow is a row of a plot, with a value for each column. NaN is none.
type PlotRow struct {
	Name   string
	Values []float64
	Level  Level
	// Low and High bound what was expected, in [Lines]: for each column, or nil.
	Low, High []float64
}

// State is what a cell of a [Matrix] is in. Sign is one character that tells it without
// colour.
type State struct {
	Name  string
	Sign  string
	Level Level
}

// Moment is a point of a [Timeline].
type Moment struct {
	Time  int64 // microseconds since 1970
	Lane  int   // index into Rows
	Text  string
	Level Level
}

// MaxMoments bounds a timeline: more can neither be drawn nor read.
const MaxMoments = 500

func (p *Plot) check() error {
	switch p.Kind {
	case Bars, Stacked, Lines, Heat, Matrix, Timeline:
	default:
		return fmt.Errorf("plot %s: there is no kind %q", p.ID, p.Kind)
	}
	for _, r := range p.Rows {
		if p.Kind != Timeline && len(r.Values) != len(p.Columns) {
			return fmt.Errorf("plot %s: row %q has %d values for %d columns", p.ID, r.Name, len(r.Values), len(p.Columns))
		}
		if len(r.Low) != len(r.High) || len(r.Low) != 0 && len(r.Low) != len(r.Values) {
			return fmt.Errorf("plot %s: row %q has %d values between %d lows and %d highs", p.ID, r.Name, len(r.Values), len(r.Low), len(r.High))
		}
		for _, v := range r.Values {
			if p.Kind == Matrix && !math.IsNaN(v) && (v != math.Trunc(v) || v < 0 || int(v) >= len(p.States)) {
				return fmt.Errorf("plot %s: row %q has the state %v of %d", p.ID, r.Name, v, len(p.States))
			}
		}
	}
	for _, m := range p.Moments {
		if m.Lane < 0 || m.Lane >= len(p.Rows) {
			return fmt.Errorf("plot %s: a moment is in lane %d of %d", p.ID, m.Lane, len(p.Rows))
		}
	}
	if p.Kind == Bars && len(p.Rows) != 1 && len(p.Columns) > 0 {
		return fmt.Errorf("plot %s: bars of %d rows", p.ID, len(p.Rows))
	}
	return nil
}

// Empty reports whether there is nothing to draw.
func (p *Plot) Empty() bool {
	if p.Kind == Timeline {
		return len(p.Moments) == 0
	}
	return len(p.Columns) == 0 || len(p.Rows) == 0
}
