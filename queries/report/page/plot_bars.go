package page

import (
	"fmt"

	"github.com/keytrail/keytrail/queries/report"
)

// maxBars is how many bars are drawn: what matters comes first.
const maxBars = 30

// bars draws a bar for each column, its name before and its number behind it.
func (v *plotView) bars(p *report.Plot) {
	const left, right, row, thick = 270.0, 110.0, 28.0, 16.0
	values := p.Rows[0].Values
	n := min(len(values), maxBars)
	if len(values) > n {
		v.Remarks = append(v.Remarks, fmt.Sprintf("The first %s of %s bars.", count(n), count(len(values))))
	}
	v.Width, v.Height = wide, num(float64(n)*row+8)
	span := float64(wide) - left - right
	top := highest(values[:n])
	class := "s0"
	if l := p.Rows[0].Level; l != report.Plain {
		class = "f-" + classOf(l)
	}
	for i, value := range values[:n] {
		y := 4 + float64(i)*row
		tip := p.Columns[i] + ": " + amount(value, p.Unit)
		v.label("end", left-12, y+row/2+4.5, left-20, p.Columns[i])
		v.rect("track", left, y+(row-thick)/2, span, thick, tip)
		if !known(value) {
			v.gap(left, y+(row-thick)/2, span, thick, tip)
			v.text("soft", left+span+10, y+row/2+4.5, "no data", "")
			continue
		}
		if value > 0 {
			v.rect(class, left, y+(row-thick)/2, max(span*(value/top), 1.5), thick, tip)
		}
		v.text("strong", left+span+10, y+row/2+4.5, figure(value), "")
	}
}
