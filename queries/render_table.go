package queries

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
)

// column is one column of the table that people see.
type column struct {
	title string
	cell  func(*Row) string
}

// Titles of columns that are told apart.
const (
	titleWhat       = "WHAT"
	titlePerson     = "PERSON"
	titleTable      = "TABLE"
	titleItem       = "ITEM"
	titleAttributes = "ATTRIBUTES"
	titleOutcome    = "OUTCOME"
	titleCertainty  = "CERTAINTY"
	titleWhy        = "WHY"
)

// renderTable writes the touches, under them the calls that may have shown the item,
// and last, where it stands above the prompt, what sums it all up.
func renderTable(w io.Writer, a *Answer, look Look) error {
	if a.Empty() && len(a.calls) == 0 {
		return nil
	}
	var b strings.Builder
	say := func(lines ...told) {
		for _, line := range lines {
			b.WriteString(look.paint(line.colour, wrap(line.text, look.Width)) + "\n")
		}
	}
	if len(a.Touches) > 0 {
		b.WriteString(tableOf(a.Touches, look) + "\n")
	}
	if n := a.Count - int64(len(a.Touches)); n > 0 {
		say(told{text: fmt.Sprintf("%d older touches not shown; --limit 0 shows all.", n)})
	}
	if len(a.calls) > 0 {
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		say(a.couldHaveLines()...)
		if len(a.CouldHave) > 0 {
			b.WriteString(tableOf(a.CouldHave, look) + "\n")
		}
		if n := a.CouldHaveCount - int64(len(a.CouldHave)); n > 0 {
			say(told{text: fmt.Sprintf("%d less certain or older calls not shown; --limit 0 shows all.", n)})
		}
	}
	b.WriteString(a.stories(look.Width))
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	say(a.closing(look)...)
	say(a.Gaps.lines()...)
	_, err := io.WriteString(w, b.String())
	return err
}

// tableOf lays rows out in the look's width. Where columns would have to be
// narrower than the words in them, each row is told in a few lines instead.
func tableOf(rows []Row, look Look) string {
	columns := columnsOf(rows, look)
	cells := make([][]string, len(rows))
	natural, least := make([]int, len(columns)), make([]int, len(columns))
	for i, c := range columns {
		natural[i], least[i] = len(c.title), len(c.title)
	}
	for i := range rows {
		cells[i] = make([]string, len(columns))
		for j, c := range columns {
			cells[i][j] = c.cell(&rows[i])
			natural[j] = max(natural[j], cellWidth(cells[i][j]))
			least[j] = max(least[j], longestWord(cells[i][j]))
		}
	}
	least[0] = natural[0] // a time is one word
	fitted, ok := fit(natural, least, look.Width)
	if !ok {
		return stacked(rows, columns, look)
	}
	t := table.NewWriter()
	t.SetStyle(plain)
	header := make(table.Row, len(columns))
	for i, c := range columns {
		header[i] = look.paint(heading, c.title)
	}
	t.AppendHeader(header)
	for i, row := range cells {
		line := make(table.Row, len(row))
		for j, cell := range row {
			line[j] = look.paint(colourOf(&rows[i], columns[j].title), wrap(cell, fitted[j]))
		}
		t.AppendRow(line)
	}
	return trimLines(t.Render())
}

// stacked tells each row in a few lines: when and what, then who and from where,
// then why.
func stacked(rows []Row, columns []column, look Look) string {
	var b strings.Builder
	b.WriteString(look.paint(heading, columns[0].title) + "\n")
	for i := range rows {
		r := &rows[i]
		colour := noColour
		var first []string
		rest, reason := "by "+short(who(r))+" from "+short(where(r)), ""
		for j, c := range columns {
			if c := colourOf(r, c.title); c != noColour && colour == noColour {
				colour = c
			}
			switch value := c.cell(r); {
			case value == "":
			case j == 0, c.title == titleWhat, c.title == titleTable, c.title == titleItem, c.title == titleOutcome:
				first = append(first, value)
			case c.title == titleCertainty:
				first = append(first, "("+value+")")
			case c.title == titlePerson:
				rest += "; person " + value
			case c.title == titleAttributes:
				rest += "; attributes " + value
			case c.title == titleWhy:
				reason = value
			}
		}
		b.WriteString(look.paint(colour, wrap(strings.Join(first, gap), look.Width)) + "\n")
		for _, more := range []string{rest, reason} {
			if more == "" {
				continue
			}
			for line := range strings.SplitSeq(wrap(more, look.Width-2*len(gap)), "\n") {
				b.WriteString(gap + gap + line + "\n")
			}
		}
	}
	return trimLines(strings.TrimSuffix(b.String(), "\n"))
}

// columnsOf leaves out columns that would say nothing, and adds the table's name
// where the rows are of several.
func columnsOf(rows []Row, look Look) []column {
	tables, arns, attributes, calls := map[string]bool{}, map[string]bool{}, false, false
	for i := range rows {
		tables[rows[i].TableName] = true
		arns[rows[i].TableARN] = true
		attributes = attributes || len(rows[i].Attributes) > 0
		calls = calls || rows[i].CouldHave
	}
	columns := []column{{"WHEN (" + look.zone() + ")", func(r *Row) string { return look.time(r.EventTime) }}, {"WHO", who}}
	if len(rows) > 0 && rows[0].Lineage != nil {
		columns = append(columns, column{titlePerson, person})
	}
	columns = append(columns, column{titleWhat, what})
	if len(tables) > 1 || len(arns) > 1 {
		columns = append(columns, column{titleTable, func(r *Row) string { return place(r, len(arns) > len(tables)) }})
	}
	if !calls { // they named none
		columns = append(columns, column{titleItem, item})
	}
	if attributes {
		columns = append(columns, column{titleAttributes, func(r *Row) string { return Clean(strings.Join(r.Attributes, ", ")) }})
	}
	if calls { // they all succeeded
		columns = append(columns, column{titleCertainty, func(r *Row) string { return r.Certainty.words() }}, column{titleWhy, why})
	} else {
		columns = append(columns, column{titleOutcome, outcome})
	}
	columns = append(columns, column{"FROM", where})
	for i, c := range columns {
		columns[i].cell = func(r *Row) string { return short(c.cell(r)) }
	}
	return columns
}
