package page

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/report"
)

// A table with more columns is wide, one with more rows tall.
const wideTable, tallTable = 8, 30

// MaxRows is how many rows of a table a page shows.
const MaxRows = 500

// A page, as the template wants it: all texts are clean.
type pageView struct {
	CSS                   template.CSS
	Policy                string
	Kind, Title, Subtitle string
	Status                noteView
	Facts                 []factView
	Sections              []sectionView
	Levels                []level
}

type sectionView struct {
	ID, Number, Title, Lead string
	Level                   level
	Big                     bool // begins a page of its own on paper
	Tiles                   []factView
	Abreast                 int // tiles in a row, where there is room
	Notes                   []noteView
	Plots                   []plotView
	Tables                  []tableView
}

type factView struct {
	ID, Section, Name, Text string
	Value                   cell
	Level                   level
	Words                   bool // the value is no number
}

type noteView struct {
	Level level
	Text  string
}

func (n noteView) Class() string { return n.Level.Class() }

type tableView struct {
	ID, Title, Lead, Empty, Below string
	Total                         int
	Columns                       []head
	Rows                          [][]cell
	Wide                          bool // too many columns for paper and telephones: there a row is told value by value
	Tall                          bool // too many rows to stand in the open
}

// head is the head of a column.
type head struct {
	Title  string
	Column string // of a table: its name in the JSON
	Number bool
}

// Class is the class of the head.
func (h head) Class() string {
	class := "name"
	if h.Number {
		class = "number"
	}
	if unbroken(h.Title) {
		class += " long"
	}
	return class
}

func view(d *report.Document) pageView {
	v := pageView{CSS: style, Policy: policy, Kind: clean(d.Kind), Title: name(d.Title), Subtitle: say(d.Subtitle)}
	v.Status = noteView{level(d.Status.Level), say(d.Status.Text)}
	v.Facts = factViews("cover", d.Facts)
	for i := range d.Sections {
		s := sectionOf(&d.Sections[i])
		s.Number = fmt.Sprintf("%02d", i+1)
		v.Sections = append(v.Sections, s)
	}
	for _, l := range report.Levels {
		v.Levels = append(v.Levels, level(l))
	}
	return v
}

func sectionOf(s *report.Section) sectionView {
	v := sectionView{ID: s.ID, Title: name(s.Title), Lead: say(s.Lead), Level: level(s.Level), Tiles: factViews(s.ID, s.Tiles), Abreast: abreast(len(s.Tiles))}
	for _, n := range s.Notes {
		v.Notes = append(v.Notes, noteView{level(n.Level), say(n.Text)})
	}
	rows := 0
	for i := range s.Plots {
		v.Plots = append(v.Plots, plotOf(&s.Plots[i]))
	}
	for i := range s.Tables {
		t := tableOf(&s.Tables[i])
		rows += len(t.Rows)
		v.Tables = append(v.Tables, t)
	}
	v.Big = rows > 15 || len(v.Plots) > 1
	return v
}

// abreast is how many of n tiles stand in a row, so that the last row is as full as can be.
func abreast(n int) int {
	best, left := 4, (n+3)%4+1 // in the last row
	for _, by := range []int{5, 3} {
		if in := (n+by-1)%by + 1; in*best > left*by {
			best, left = by, in
		}
	}
	return best
}

func factViews(section string, facts []report.Fact) (list []factView) {
	for _, f := range facts {
		v := factView{ID: f.ID, Section: section, Name: name(f.Name), Text: say(f.Text), Value: cellOf(f.Value), Level: level(f.Level)}
		v.Words = !f.Value.IsNull() && !numeric(f.Value.Kind())
		list = append(list, v)
	}
	return list
}

func tableOf(t *report.Table) tableView {
	v := tableView{ID: t.ID, Title: name(t.Title), Lead: say(t.Lead), Empty: say(t.Empty), Total: len(t.Rows)}
	if v.Empty == "" {
		v.Empty = "None."
	}
	rows := t.Rows[:min(len(t.Rows), shown(t))]
	var shown []int
	var hidden []string
	for i, c := range t.Columns {
		if !filled(rows, i) {
			hidden = append(hidden, name(c.Title))
			continue
		}
		shown = append(shown, i)
		v.Columns = append(v.Columns, head{name(c.Title), c.Name, numeric(c.Kind)})
	}
	v.Wide, v.Tall = len(shown) > wideTable, len(rows) > tallTable
	for _, row := range rows {
		cells := make([]cell, len(shown))
		for at, i := range shown {
			cells[at] = cellOf(row[i])
			if v.Wide {
				cells[at].Label = v.Columns[at].Title
			}
		}
		v.Rows = append(v.Rows, cells)
	}
	v.Below = below(t, hidden)
	return v
}

// shown is how many rows of a table are on the page.
func shown(t *report.Table) int {
	if t.Shown > 0 {
		return min(t.Shown, MaxRows)
	}
	return MaxRows
}

// below says what of a table is not on the page.
func below(t *report.Table, hidden []string) string {
	var parts []string
	if n := shown(t); len(t.Rows) > n {
		parts = append(parts, fmt.Sprintf("The first %s of %s rows. All of them are in %s.csv and in the JSON.", count(n), count(len(t.Rows)), t.ID))
	}
	if len(hidden) > 0 {
		parts = append(parts, "Columns with nothing in them are left out: "+strings.Join(hidden, ", ")+".")
	}
	return strings.Join(parts, " ")
}

// filled reports whether a column has any value: paper is not wide enough for the others.
func filled(rows [][]report.Value, column int) bool {
	for _, row := range rows {
		if !row[column].IsNull() {
			return true
		}
	}
	return false
}

func clean(s string) string { return queries.Clean(s) }

// How long a name may be, and a sentence: what is longer would push all else off the page.
const longName, longText = 200, 4000

func name(s string) string { return upTo(longName, s) }
func say(s string) string  { return upTo(longText, s) }

func upTo(n int, s string) string {
	s = clean(s)
	if short := leading(s, n); short != s {
		return short + "…"
	}
	return s
}

func count(n int) string { return report.CountOf(int64(n)).String() }
