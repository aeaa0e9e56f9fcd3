package page

import (
	"fmt"
	"slices"
	"time"

	"github.com/keytrail/keytrail/queries/report"
)

// A lane has so many lines of words at most.
const maxLanes, maxWords = 40, 4

// timeline draws moments as marks in lanes, with their words where these find room.
func (v *plotView) timeline(p *report.Plot) {
	t := axisOf(p)
	lanes := t.place(p)
	n := min(len(p.Rows), maxLanes)
	y := 32.0
	silent := 0
	for lane := range n {
		l := &lanes[lane]
		height := 16*float64(max(l.lines, 1)) + 18
		if lane%2 == 0 {
			v.rect("track", 0, y, wide, height, "")
		}
		v.label("strong", 8, y+height/2+4.5, t.left-20, p.Rows[lane].Name)
		l.y = y
		y += height
	}
	for _, tick := range t.ticks() {
		v.down("grid", t.x(tick.at), 26, y)
		v.text("soft mid small", t.x(tick.at), 17, tick.text, "")
	}
	for lane := range n {
		silent += v.moments(p, lanes[lane])
	}
	v.Width, v.Height = wide, num(y+4)
	if silent > 0 {
		v.Remarks = append(v.Remarks, fmt.Sprintf("%s marks stand without their words for want of room; the numbers below have them.", count(silent)))
	}
	if more := len(p.Rows) - n; more > 0 {
		v.Remarks = append(v.Remarks, fmt.Sprintf("%s more lanes are not drawn.", count(more)))
	}
	v.Legend = momentLegend(p)
}

// moments draws those of a lane and says how many of them stand without words.
func (v *plotView) moments(p *report.Plot, l lane) (silent int) {
	for _, m := range l.placed {
		text := p.Moments[m.index]
		tip := time.UnixMicro(text.Time).UTC().Format("2006-01-02 15:04:05") + " " + text.Text
		y := l.y + 17 + 16*float64(max(m.line, 0))
		if m.line < 0 {
			silent++
			y = l.y + 17
		}
		v.mark(text.Level, m.x, y-4, tip)
	}
	for _, m := range l.placed {
		if m.line >= 0 {
			class := "small"
			if m.left {
				class = "small end"
			}
			v.text(class, m.words, l.y+17+16*float64(m.line), m.text, p.Moments[m.index].Text)
		}
	}
	return silent
}

// mark is a shape of its own for each level.
func (d *drawing) mark(l report.Level, x, y float64, tip string) {
	at := func(form string, args ...float64) string {
		list := make([]any, len(args))
		for i, a := range args {
			list[i] = num(a)
		}
		return fmt.Sprintf(form, list...)
	}
	class := "mark f-" + classOf(l)
	switch l {
	case report.Alarm:
		d.path(class, at("M%v %vh6l4 4v6l-4 4h-6l-4-4v-6Z", x-3, y-7), tip)
	case report.Attention:
		d.path(class, at("M%v %vl7 12h-14Z", x, y-7), tip)
	case report.Unknown:
		d.path(class, at("M%v %vl6 6-6 6-6-6Z", x, y-6), tip)
	case report.OK:
		d.rect(class, x-5, y-5, 10, 10, tip)
	default:
		d.path(class, circle(x, y, 5), tip)
	}
}

func momentLegend(p *report.Plot) (list []legend) {
	for _, l := range append(slices.Clone(report.Levels), report.Plain) {
		if !slices.ContainsFunc(p.Moments, func(m report.Moment) bool { return m.Level == l }) {
			continue
		}
		var d drawing
		d.mark(l, 8, 8, "")
		text := l.Word()
		if l == report.Plain {
			text = "for information"
		}
		list = append(list, legend{d.Shapes, text})
	}
	return list
}

// lane is where the moments of a lane are drawn.
type lane struct {
	y      float64
	lines  int
	ends   []float64 // how far each line of words is taken
	placed []placed
}

type placed struct {
	index int // of the moment
	x     float64
	line  int // of words; -1 without words
	words float64
	left  bool // the words stand left of the mark
	text  string
}

// place finds room for the moments' words: on the first line that is free, in the order
// of time.
func (t axis) place(p *report.Plot) []lane {
	order := make([]int, len(p.Moments))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(min(max(p.Moments[a].Time-p.Moments[b].Time, -1), 1)) })
	lanes := make([]lane, len(p.Rows))
	for _, i := range order {
		l := &lanes[p.Moments[i].Lane]
		l.placed = append(l.placed, t.find(l, i, p.Moments[i]))
	}
	return lanes
}

func (t axis) find(l *lane, index int, m report.Moment) placed {
	const letter, aside = 6.3, 11.0
	at := placed{index: index, x: t.x(m.Time), line: -1, text: cut(m.Text, 38)}
	long := letter * float64(width(at.text))
	from, to := at.x-8, at.x+aside+long
	at.words = at.x + aside
	if to > t.left+t.width {
		at.left, at.words = true, at.x-aside
		from, to = at.x-aside-long, at.x+8
	}
	if from < t.left-8 && at.left {
		return at
	}
	for line := range maxWords {
		if line == len(l.ends) {
			l.ends = append(l.ends, 0)
		}
		if l.ends[line] <= from {
			l.ends[line] = to + 6
			l.lines = max(l.lines, line+1)
			at.line = line
			return at
		}
	}
	return at
}
