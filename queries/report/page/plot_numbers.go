package page

import (
	"fmt"
	"math"
	"strconv"

	"github.com/keytrail/keytrail/queries/report"
)

// table is a plot's numbers, for those who want to read them.
type table struct {
	Heads []head
	Lines []line
	Below string
}

type line struct {
	Name  string
	Cells []cell
}

// numbersOf are a plot's numbers. Days and hours go downwards, since there are many of
// them, but for maps, which stay as they are drawn.
func numbersOf(p *report.Plot) (t table) {
	switch p.Kind {
	case report.Timeline:
		t = momentsOf(p)
	case report.Heat, report.Matrix:
		t.Heads = []head{{Title: "Row"}}
		for _, c := range p.Columns {
			t.Heads = append(t.Heads, head{Title: c, Number: p.Kind == report.Heat})
		}
		for i, r := range p.Rows {
			l := line{Name: r.Name}
			for c, value := range r.Values {
				l.Cells = append(l.Cells, plotCell(p, i, c, value))
			}
			t.Lines = append(t.Lines, l)
		}
	default:
		t.Heads = []head{{Title: "Name"}}
		for _, r := range p.Rows {
			name := r.Name
			if name == "" {
				name = p.Unit
			}
			t.Heads = append(t.Heads, head{Title: name, Number: true})
		}
		for c, name := range p.Columns {
			l := line{Name: name}
			for i, r := range p.Rows {
				l.Cells = append(l.Cells, plotCell(p, i, c, r.Values[c]))
			}
			t.Lines = append(t.Lines, l)
		}
	}
	if n := len(t.Lines); n > MaxRows {
		t.Lines = t.Lines[:MaxRows]
		t.Below = fmt.Sprintf("The first %s of %s rows. All of them are in the JSON.", count(MaxRows), count(n))
	}
	return t
}

// plotCell is a number of a plot; At is its row and column.
func plotCell(p *report.Plot, row, column int, value float64) cell {
	var v report.Value
	switch {
	case math.IsNaN(value) || math.IsInf(value, 0):
	case p.Kind == report.Matrix:
		v = report.TextOf(p.States[int(value)].Name)
	case value == math.Trunc(value) && math.Abs(value) < 1e15:
		v = report.CountOf(int64(value))
	default:
		v = report.RealOf(value)
	}
	c := cellOf(v)
	c.At = strconv.Itoa(row) + "," + strconv.Itoa(column)
	return c
}

func momentsOf(p *report.Plot) (t table) {
	t.Heads = []head{{Title: "Lane"}, {Title: "Time"}, {Title: "What"}, {Title: "Level"}}
	for i, m := range p.Moments {
		l := line{Name: p.Rows[m.Lane].Name, Cells: []cell{
			cellOf(report.TimeOf(m.Time)), cellOf(report.TextOf(m.Text)), cellOf(report.WordOf(m.Level.Word(), m.Level)),
		}}
		for c := range l.Cells {
			l.Cells[c].At = strconv.Itoa(i) + "," + strconv.Itoa(c)
		}
		t.Lines = append(t.Lines, l)
	}
	return t
}
