package page

import (
	"fmt"
	"math"

	"github.com/keytrail/keytrail/queries/report"
)

// maxGridRows is how many rows of a heat map or a matrix are drawn.
const maxGridRows = 60

// grid is where the cells of a heat map or a matrix lie.
type grid struct {
	left, top, w, h float64
	rows            []report.PlotRow
}

// newGrid makes room for the rows that are drawn, with their names and the columns'.
func (v *plotView) newGrid(p *report.Plot, least float64) grid {
	g := grid{top: 26, h: 26, rows: p.Rows[:min(len(p.Rows), maxGridRows)]}
	g.left = namesLeft(g.rows)
	if len(p.Rows) > len(g.rows) {
		v.Remarks = append(v.Remarks, fmt.Sprintf("The first %s of %s rows.", count(len(g.rows)), count(len(p.Rows))))
	}
	g.w = min(max((wide-g.left-beyond)/float64(len(p.Columns)), least), 84)
	v.Width = num(max(g.left+g.w*float64(len(p.Columns))+beyond, wide))
	v.Height = num(g.top + g.h*float64(len(g.rows)) + 4)
	for c, by := 0, every(p.Columns, g.w); c < len(p.Columns); c += by {
		v.text("soft mid", g.left+g.w*(float64(c)+0.5), g.top-9, shortColumn(p.Columns[c]), p.Columns[c])
	}
	for i, r := range g.rows {
		v.label("end", g.left-10, g.top+g.h*(float64(i)+0.5)+4.5, g.left-16, r.Name)
	}
	return g
}

// beyond is how far the name of the last column may reach over it.
const beyond = 16.0

// namesLeft is how much room the names of rows get: a table's with its account and Region
// is told whole.
func namesLeft(rows []report.PlotRow) float64 {
	longest := 0
	for _, r := range rows {
		longest = max(longest, width(r.Name))
	}
	return min(max(letter*float64(longest)+20, 120), 310)
}

// heat draws more as darker, as a number where there is room for one, and as a larger
// square where there is not: it can be read without colour.
func (v *plotView) heat(p *report.Plot) {
	g := v.newGrid(p, 12)
	var all []float64
	for _, r := range g.rows {
		all = append(all, r.Values...)
	}
	s := shadesOf(all)
	numbers := g.w >= 34
	gaps := false
	for i, r := range g.rows {
		for c, value := range r.Values {
			x, y := g.left+g.w*float64(c)+1, g.top+g.h*float64(i)+1
			w, h := g.w-2, g.h-2
			tip := fmt.Sprintf("%s, %s: %s", r.Name, p.Columns[c], amount(value, p.Unit))
			if !known(value) {
				v.gap(x, y, w, h, tip)
				gaps = true
				continue
			}
			shade := s.of(value)
			if numbers {
				v.rect(fmt.Sprintf("q%d", shade), x, y, w, h, tip)
				if value != 0 {
					v.text(fmt.Sprintf("mid small on%d", shade), x+w/2, y+h/2+4, brief(value), "")
				}
				continue
			}
			v.rect("q0", x, y, w, h, tip)
			if shade > 0 {
				part := 0.3 + 0.14*float64(shade)
				v.rect(fmt.Sprintf("q%d", shade), x+w*(1-part)/2, y+h*(1-part)/2, w*part, h*part, "")
			}
		}
	}
	v.Legend = append(v.Legend, s.legend(p.Unit)...)
	if gaps {
		v.Legend = append(v.Legend, gapLegend("no data"))
	}
}

// shades are the upper ends of five steps from nothing to the most: equal steps, or equal
// factors where the most is much.
type shades [5]float64

func shadesOf(values []float64) (s shades) {
	top := highest(values)
	for i := range s {
		part := float64(i+1) / 5
		if top > 20 {
			s[i] = math.Ceil(math.Pow(top, part) - 1e-9) // 32 to the power 1/5 is 2, not a little more
		} else {
			s[i] = top * part
		}
	}
	s[4] = top
	return s
}

// of is a number's step, 0 for none.
func (s shades) of(value float64) int {
	if value <= 0 {
		return 0
	}
	for i, end := range s {
		if value <= end {
			return i + 1
		}
	}
	return 5
}

func (s shades) legend(unit string) (list []legend) {
	if s[4] == 0 {
		return nil
	}
	for i, end := range s {
		var d drawing
		d.rect("q0", 0, 0, 16, 16, "")
		part := 0.3 + 0.14*float64(i+1)
		d.rect(fmt.Sprintf("q%d", i+1), 8-8*part, 8-8*part, 16*part, 16*part, "")
		text := "up to " + brief(end)
		if i == 4 && unit != "" {
			text += " " + unit
		}
		list = append(list, legend{d.Shapes, text})
	}
	return list
}
