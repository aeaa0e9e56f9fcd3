package page

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/keytrail/keytrail/queries/report"
)

// wide is how wide a drawing is, unless it has too many columns for that.
const wide = 860

// plotView is a plot as the template wants it.
type plotView struct {
	ID, Title, Lead string
	Drawing         bool // there is something to draw
	Description     string
	Legend          []legend
	Remarks         []string
	drawing
	table
}

// drawing is what is drawn. Its shapes lie on each other in their order.
type drawing struct {
	Width, Height num
	Shapes        []shape
}

// shape is a rect, a text or a path.
type shape struct {
	Kind, Class, Fill string
	X, Y, W, H, Round num
	Path, Text, Tip   string
}

// legend says what a colour and a pattern mean.
type legend struct {
	Shapes []shape
	Text   string
}

// num is a coordinate. It has one decimal, so that the same numbers give the same bytes.
type num float64

func (n num) String() string {
	if s := strconv.FormatFloat(float64(n), 'f', 1, 64); s != "-0.0" {
		return strings.TrimSuffix(s, ".0")
	}
	return "0"
}

func (d *drawing) rect(class string, x, y, w, h float64, tip string) {
	d.Shapes = append(d.Shapes, shape{Kind: "rect", Class: class, X: num(x), Y: num(y), W: num(w), H: num(h), Tip: tip})
}

// pattern lays the pattern of a series on what is below it, which keeps the tip; the
// first has none.
func (d *drawing) pattern(i int, x, y, w, h float64) {
	if i%8 > 0 {
		d.Shapes = append(d.Shapes, shape{Kind: "rect", Fill: hatch(i), X: num(x), Y: num(y), W: num(w), H: num(h)})
	}
}

// text is letters, with a tip unless that says the same.
func (d *drawing) text(class string, x, y float64, s, tip string) {
	if tip == s {
		tip = ""
	}
	d.Shapes = append(d.Shapes, shape{Kind: "text", Class: class, X: num(x), Y: num(y), Text: s, Tip: tip})
}

func (d *drawing) path(class, path, tip string) {
	d.Shapes = append(d.Shapes, shape{Kind: "path", Class: class, Path: path, Tip: tip})
}

func (d *drawing) across(class string, x1, x2, y float64) {
	d.path(class, fmt.Sprintf("M%v %vH%v", num(x1), num(y), num(x2)), "")
}

func (d *drawing) down(class string, x, y1, y2 float64) {
	d.path(class, fmt.Sprintf("M%v %vV%v", num(x), num(y1), num(y2)), "")
}

// label is a text of at most so many units, with the whole of it for whoever points at it.
func (d *drawing) label(class string, x, y, width float64, s string) {
	d.text(class, x, y, cut(s, int(width/letter)), s)
}

// gap marks that there is no number.
func (d *drawing) gap(x, y, w, h float64, tip string) {
	d.Shapes = append(d.Shapes, shape{Kind: "rect", Fill: "url(#gap)", X: num(x), Y: num(y), W: num(w), H: num(h), Tip: tip})
}

func hatch(i int) string { return "url(#hatch." + strconv.Itoa(i%8) + ")" }

func gapLegend(text string) legend {
	var d drawing
	d.gap(0, 0, 16, 16, "")
	return legend{d.Shapes, text}
}

func seriesLegend(class string, i int, text string) legend {
	var d drawing
	d.rect(class, 0, 0, 16, 16, "")
	d.pattern(i, 0, 0, 16, 16)
	return legend{d.Shapes, text}
}

// maxName is how long a name in a drawing may be. The JSON has all of it.
const maxName = 160

// plotOf draws a plot.
func plotOf(p *report.Plot) plotView {
	v := plotView{ID: p.ID, Title: name(p.Title), Lead: say(p.Lead)}
	if p.Empty() {
		return v
	}
	v.Drawing = true
	q := cleaned(p)
	v.Description = describe(q)
	switch q.Kind {
	case report.Bars:
		v.bars(q)
	case report.Stacked:
		v.stacked(q)
	case report.Lines:
		v.lines(q)
	case report.Heat:
		v.heat(q)
	case report.Matrix:
		v.matrix(q)
	case report.Timeline:
		v.timeline(q)
	}
	v.table = numbersOf(q)
	return v
}

// cleaned is a copy of a plot with clean texts, cut where they are endless: a drawing
// repeats them in every cell.
func cleaned(p *report.Plot) *report.Plot {
	c := *p
	c.Title, c.Lead, c.Unit = name(p.Title), say(p.Lead), cut(clean(p.Unit), 40)
	c.Columns = make([]string, len(p.Columns))
	for i, s := range p.Columns {
		c.Columns[i] = cut(clean(s), maxName)
	}
	c.Rows = append([]report.PlotRow(nil), p.Rows...)
	for i := range c.Rows {
		c.Rows[i].Name = cut(clean(c.Rows[i].Name), maxName)
	}
	c.States = append([]report.State(nil), p.States...)
	for i := range c.States {
		c.States[i].Name, c.States[i].Sign = cut(clean(c.States[i].Name), maxName), cut(clean(c.States[i].Sign), 2)
	}
	c.Moments = append([]report.Moment(nil), p.Moments[:min(len(p.Moments), report.MaxMoments)]...)
	for i := range c.Moments {
		c.Moments[i].Text = say(c.Moments[i].Text)
	}
	return &c
}

// describe says what is drawn to those who cannot see it.
func describe(p *report.Plot) string {
	var b strings.Builder
	if p.Lead != "" {
		b.WriteString(p.Lead + " ")
	}
	if p.Kind == report.Timeline {
		fmt.Fprintf(&b, "%s in %s.", counted(len(p.Moments), "moment"), counted(len(p.Rows), "lane"))
	} else {
		fmt.Fprintf(&b, "%s by %s.", counted(len(p.Rows), "row"), counted(len(p.Columns), "column"))
	}
	b.WriteString(" The numbers stand below it.")
	return b.String()
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return count(n) + " " + what + "s"
}

// amount is a number in words for a tip, or that there is none.
func amount(f float64, unit string) string {
	s := "no data"
	if !math.IsNaN(f) {
		s = figure(f)
		if unit != "" {
			s += " " + unit
		}
	}
	return s
}

// figure is a number as people read it, whole if it is.
func figure(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return report.CountOf(int64(f)).String()
	}
	return report.RealOf(f).String()
}

func classOf(l report.Level) string { return level(l).Class() }
