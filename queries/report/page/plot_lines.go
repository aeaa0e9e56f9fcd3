package page

import (
	"fmt"
	"strings"

	"github.com/keytrail/keytrail/queries/report"
)

// maxLines is how many small lines are drawn.
const maxLines = 24

// lines draws a small line for each row, three abreast, each on a scale of its own. What
// lies outside the band of what was expected is ringed.
func (v *plotView) lines(p *report.Plot) {
	const abreast, gap, high = 3, 26.0, 128.0
	n := min(len(p.Rows), maxLines)
	if len(p.Rows) > n {
		v.Remarks = append(v.Remarks, fmt.Sprintf("The first %s of %s lines.", count(n), count(len(p.Rows))))
	}
	v.Remarks = append(v.Remarks, "Each line has its own scale, from 0 to the number above it.")
	w := (float64(wide) - gap*(abreast-1)) / abreast
	v.Width, v.Height = wide, num(high*float64((n+abreast-1)/abreast))
	banded := false
	for i, r := range p.Rows[:n] {
		s := spark{&v.drawing, p, r, float64(i%abreast) * (w + gap), float64(i/abreast) * high, w}
		s.draw()
		banded = banded || len(r.Low) > 0
	}
	if banded {
		var band, ring drawing
		band.rect("band", 0, 0, 16, 16, "")
		ring.path("out", circle(8, 8, 4), "")
		v.Legend = append(v.Legend, legend{band.Shapes, "expected"}, legend{ring.Shapes, "outside of it"})
	}
}

// spark is one small line at x, y.
type spark struct {
	*drawing
	p    *report.Plot
	row  report.PlotRow
	x, y float64
	w    float64
}

func (s spark) draw() {
	const top, height = 26.0, 66.0
	ceiling := max(highest(s.row.Values), highest(s.row.High))
	most := highest(s.row.Values)
	s.label("strong", s.x, s.y+14, s.w-84, s.row.Name)
	s.text("soft end", s.x+s.w, s.y+14, brief(most), "")
	if ceiling == 0 {
		ceiling = 1
	}
	at := func(c int, value float64) (x, y float64) {
		x = s.x + s.w/2
		if last := len(s.p.Columns) - 1; last > 0 {
			x = s.x + 4 + (s.w-8)*float64(c)/float64(last)
		}
		return x, s.y + top + height - height*(min(max(value, 0), ceiling)/ceiling)
	}
	s.band(at)
	s.across("axis", s.x, s.x+s.w, s.y+top+height)
	s.curve(at)
	s.text("soft small", s.x, s.y+top+height+15, shortColumn(s.p.Columns[0]), "")
	if last := len(s.p.Columns) - 1; last > 0 {
		s.text("soft small end", s.x+s.w, s.y+top+height+15, shortColumn(s.p.Columns[last]), "")
	}
}

// curve draws the runs of numbers that are known; a number alone is a dot.
func (s spark) curve(at func(int, float64) (x, y float64)) {
	var path strings.Builder
	open := false
	for c, value := range s.row.Values {
		if !known(value) {
			open = false
			continue
		}
		x, y := at(c, value)
		fmt.Fprintf(&path, "%s%v %v", map[bool]string{true: "L", false: "M"}[open], num(x), num(y))
		open = true
		tip := fmt.Sprintf("%s, %s: %s", s.row.Name, s.p.Columns[c], amount(value, s.p.Unit))
		if s.outside(c) {
			defer s.path("out", circle(x, y, 4), tip)
		} else if s.alone(c) {
			defer s.path("dot", circle(x, y, 2.5), tip)
		}
	}
	if path.Len() > 0 {
		s.path("line", path.String(), s.row.Name)
	}
}

func (s spark) outside(c int) bool {
	return len(s.row.Low) > 0 && known(s.row.Low[c]) && known(s.row.High[c]) &&
		(s.row.Values[c] < s.row.Low[c] || s.row.Values[c] > s.row.High[c])
}

// alone reports whether no line leads to or from a number.
func (s spark) alone(c int) bool {
	values := s.row.Values
	return (c == 0 || !known(values[c-1])) && (c == len(values)-1 || !known(values[c+1]))
}

// band draws what was expected, in runs of columns of which it is known.
func (s spark) band(at func(int, float64) (x, y float64)) {
	for from := 0; from < len(s.row.Low); from++ {
		to := from
		for to < len(s.row.Low) && known(s.row.Low[to]) && known(s.row.High[to]) {
			to++
		}
		if to == from {
			continue
		}
		var there, back string
		for c := from; c < to; c++ {
			x, y := at(c, s.row.High[c])
			there += fmt.Sprintf("L%v %v", num(x), num(y))
			x, y = at(c, s.row.Low[c])
			back = fmt.Sprintf("L%v %v", num(x), num(y)) + back
		}
		s.path("band", "M"+there[1:]+back+"Z", "")
		from = to
	}
}

// circle is the path of a circle.
func circle(x, y, r float64) string {
	return fmt.Sprintf("M%v %va%v %v 0 1 0 %v 0a%v %v 0 1 0 %v 0Z", num(x-r), num(y), num(r), num(r), num(2*r), num(r), num(r), num(-2*r))
}
