package page

import (
	"fmt"
	"math"

	"github.com/keytrail/keytrail/queries/report"
)

// maxSeries is how many rows are told apart in a stack; the others are drawn as one.
const maxSeries = 8

// stacked draws a stack for each column. A column of which nothing is known is hatched,
// which is not the same as an empty one.
func (v *plotView) stacked(p *report.Plot) {
	const left, top, height = 64.0, 14.0, 250.0
	rows := v.series(p)
	sums, unknown := sumsOf(rows, len(p.Columns))
	marks := ticks(highest(sums))
	ceiling := marks[len(marks)-1]
	step := max((float64(wide)-left-8)/float64(len(p.Columns)), 4)
	v.Width, v.Height = num(left+step*float64(len(p.Columns))+8), top+height+30
	v.scaleUp(marks, left, top, height, p.Unit)
	bar := step * 0.78
	if step > 70 {
		bar = 54
	}
	gaps := false
	for c, name := range p.Columns {
		x := left + step*float64(c) + (step-bar)/2
		if unknown[c] {
			v.gap(x, top, bar, height, name+": no data")
			gaps = true
			continue
		}
		y := top + height
		for i, r := range rows {
			if value := r.Values[c]; known(value) && value > 0 {
				h := height * min(value/ceiling, 1)
				y -= h
				tip := fmt.Sprintf("%s, %s: %s", name, r.Name, amount(value, p.Unit))
				v.rect(seriesClass(r, i), x, y, bar, h, tip)
				v.pattern(i, x, y, bar, h)
			}
		}
	}
	v.namesBelow(p.Columns, left, step, top+height+20)
	for i, r := range rows {
		v.Legend = append(v.Legend, seriesLegend(seriesClass(r, i), i, r.Name))
	}
	if gaps {
		v.Legend = append(v.Legend, gapLegend("no data"))
	}
}

// series are the rows to be drawn: those beyond maxSeries become one.
func (v *plotView) series(p *report.Plot) []report.PlotRow {
	if len(p.Rows) <= maxSeries {
		return p.Rows
	}
	rest := p.Rows[maxSeries-1:]
	sums, unknown := sumsOf(rest, len(p.Columns))
	for c := range sums {
		if unknown[c] {
			sums[c] = math.NaN()
		}
	}
	others := report.PlotRow{Name: count(len(rest)) + " others", Values: sums}
	return append(append([]report.PlotRow(nil), p.Rows[:maxSeries-1]...), others)
}

func seriesClass(r report.PlotRow, i int) string {
	if r.Level != report.Plain {
		return "f-" + classOf(r.Level)
	}
	return fmt.Sprintf("s%d", i%8)
}

// sumsOf are the sums of the columns, and of which of them no number is known.
func sumsOf(rows []report.PlotRow, columns int) (sums []float64, unknown []bool) {
	sums, unknown = make([]float64, columns), make([]bool, columns)
	for c := range sums {
		unknown[c] = true
		for _, r := range rows {
			if value := r.Values[c]; known(value) {
				sums[c] += max(value, 0)
				unknown[c] = false
			}
		}
	}
	return sums, unknown
}

// scaleUp draws the lines and numbers of an upright scale, and its unit.
func (v *plotView) scaleUp(marks []float64, left, top, height float64, unit string) {
	ceiling := marks[len(marks)-1]
	for _, m := range marks {
		y := top + height - height*(m/ceiling)
		class := "grid"
		if m == 0 {
			class = "axis"
		}
		v.across(class, left, float64(v.Width)-4, y)
		v.text("soft end", left-8, y+4, brief(m), "")
	}
	if unit != "" {
		v.Remarks = append(v.Remarks, "Upright: "+unit+".")
	}
}

// namesBelow are the columns' names, as many as there is room for.
func (v *plotView) namesBelow(columns []string, left, step, y float64) {
	by := every(columns, step)
	for c := 0; c < len(columns); c += by {
		v.text("soft mid", left+step*(float64(c)+0.5), y, shortColumn(columns[c]), columns[c])
	}
}
