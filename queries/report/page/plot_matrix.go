package page

import (
	"fmt"

	"github.com/keytrail/keytrail/queries/report"
)

// matrix draws the state of each cell: the colour of its level, a pattern of its own and
// its sign.
func (v *plotView) matrix(p *report.Plot) {
	g := v.newGrid(p, 13)
	gaps := false
	used := make([]bool, len(p.States))
	for i, r := range g.rows {
		for c, value := range r.Values {
			x, y := g.left+g.w*float64(c)+1, g.top+g.h*float64(i)+1
			w, h := g.w-2, g.h-2
			if !known(value) {
				v.gap(x, y, w, h, fmt.Sprintf("%s, %s: no data", r.Name, p.Columns[c]))
				gaps = true
				continue
			}
			state := p.States[int(value)]
			used[int(value)] = true
			v.state(state, x, y, w, h, fmt.Sprintf("%s, %s: %s", r.Name, p.Columns[c], state.Name))
		}
	}
	for i, s := range p.States {
		if used[i] {
			var d drawing
			d.state(s, 0.5, 0.5, 15, 15, "")
			v.Legend = append(v.Legend, legend{d.Shapes, s.Name})
		}
	}
	if gaps {
		v.Legend = append(v.Legend, gapLegend("no data"))
	}
}

func (d *drawing) state(s report.State, x, y, w, h float64, tip string) {
	class := classOf(s.Level)
	d.rect("w-"+class, x, y, w, h, tip)
	if s.Sign != "" {
		d.text("mid strong small over t-"+class, x+w/2, y+h/2+4, s.Sign, "")
	}
}
