package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/keytrail/keytrail/queries"
)

// textRows is how many rows of a table a terminal is shown.
const textRows = 20

// WriteText writes a report for people at a terminal: leads, notes and tiles, and the
// first rows of each table. Plots are left to the page. All texts are made safe.
func WriteText(w io.Writer, d *Document, look queries.Look) error {
	t := textWriter{look: look}
	t.line(look.Heading(queries.Clean(d.Title)))
	t.say(d.Subtitle)
	t.note(d.Status)
	t.facts(d.Facts)
	for i := range d.Sections {
		t.section(&d.Sections[i])
	}
	_, err := io.WriteString(w, t.out.String())
	return err
}

type textWriter struct {
	look queries.Look
	out  strings.Builder
}

func (t *textWriter) line(s string) { t.out.WriteString(strings.TrimRight(s, " ") + "\n") }

// say writes a text, if there is any.
func (t *textWriter) say(s string) {
	if s != "" {
		t.line(queries.Wrap(queries.Clean(s), t.look.Width))
	}
}

func (t *textWriter) note(n Note) {
	if n.Text == "" {
		return
	}
	s := queries.Clean(n.Text)
	if word := n.Level.Word(); word != "" {
		s = word + ": " + s
	}
	t.line(t.paint(n.Level, queries.Wrap(s, t.look.Width)))
}

// paint gives what has been said of a level its colour, too.
func (t *textWriter) paint(l Level, s string) string {
	switch l {
	case Alarm:
		return t.look.Alarm(s)
	case Attention, Unknown:
		return t.look.Warning(s)
	}
	return s
}

// mark is a level behind what has it.
func (t *textWriter) mark(l Level) string {
	if word := l.Word(); word != "" {
		return "  " + t.paint(l, "["+word+"]")
	}
	return ""
}

func (t *textWriter) section(s *Section) {
	t.line("")
	t.line(t.look.Heading(queries.Clean(s.Title)) + t.mark(s.Level))
	t.say(s.Lead)
	t.facts(s.Tiles)
	for _, n := range s.Notes {
		t.note(n)
	}
	for i := range s.Tables {
		t.table(&s.Tables[i])
	}
}

// facts are names with their values beneath each other.
func (t *textWriter) facts(facts []Fact) {
	width := 0
	for _, f := range facts {
		width = max(width, text.StringWidthWithoutEscSequences(queries.Clean(f.Name)))
	}
	for _, f := range facts {
		s := "  " + text.Pad(queries.Clean(f.Name), width, ' ') + "  " + cmp.Or(valueText(f.Value), "–") + t.mark(f.Level)
		if f.Text != "" {
			s += "  " + t.look.Dim(queries.Clean(f.Text))
		}
		t.line(s)
	}
}

func (t *textWriter) table(tab *Table) {
	if len(tab.Rows) == 0 {
		t.say(tab.Empty)
		return
	}
	t.line("")
	t.say(tab.Title)
	grid := table.NewWriter()
	grid.SetStyle(table.StyleDefault)
	grid.Style().Options = table.OptionsNoBordersAndSeparators
	grid.Style().Format.Header = text.FormatUpper
	shown := tab.filled()
	head := table.Row{}
	var configs []table.ColumnConfig
	for at, i := range shown {
		c := tab.Columns[i]
		head = append(head, queries.Clean(c.Title))
		config := table.ColumnConfig{Number: at + 1, WidthMax: t.widest(len(shown)), WidthMaxEnforcer: text.WrapSoft}
		switch c.Kind {
		case Count, Real, Share, Money:
			config.Align, config.AlignHeader = text.AlignRight, text.AlignRight
		}
		configs = append(configs, config)
	}
	grid.SetColumnConfigs(configs)
	grid.AppendHeader(head)
	for _, row := range tab.Rows[:min(len(tab.Rows), textRows)] {
		cells := table.Row{}
		for _, i := range shown {
			cells = append(cells, valueText(row[i]))
		}
		grid.AppendRow(cells)
	}
	for _, line := range strings.Split(grid.Render(), "\n") {
		t.line(line)
	}
	if more := len(tab.Rows) - textRows; more > 0 {
		t.line(t.look.Dim(fmt.Sprintf("%d more rows; --csv-out and --json-out have them all", more)))
	}
}

// filled are the columns that have any value: a terminal has no room for the others.
func (tab *Table) filled() (list []int) {
	for i := range tab.Columns {
		for _, row := range tab.Rows {
			if !row[i].IsNull() {
				list = append(list, i)
				break
			}
		}
	}
	return list
}

// widest is how wide a column may get; texts from the log may be endless.
func (t *textWriter) widest(columns int) int {
	if t.look.Width == 0 {
		return 80
	}
	return max(12, 2*t.look.Width/max(columns, 1))
}

func valueText(v Value) string { return queries.Short(v.String()) }
