package queries

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// column is one column of the table that people see.
type column struct {
	title string
	cell  func(*Row) string
}

// renderTable writes the touches, what may have shown the item under a heading of
// its own, and a line that sums up.
func renderTable(w io.Writer, a *Answer, width int) error {
	if a.Empty() {
		return nil
	}
	var b strings.Builder
	if len(a.Touches) > 0 {
		b.WriteString(tableOf(a.Touches, width))
		b.WriteByte('\n')
	}
	left(&b, "touches", a.Count, len(a.Touches))
	b.WriteString(wrap(a.closing(), width))
	b.WriteByte('\n')
	if len(a.CouldHave) > 0 {
		heading := fmt.Sprintf("COULD HAVE SHOWN IT: %s that named no item. The log does not say what they returned.", count(a.CouldHaveCount, "call"))
		b.WriteString("\n" + wrap(heading, width) + "\n")
		b.WriteString(tableOf(a.CouldHave, width))
		b.WriteByte('\n')
		left(&b, "calls", a.CouldHaveCount, len(a.CouldHave))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// left says how many rows a limit cut off.
func left(b *strings.Builder, things string, all int64, shown int) {
	if n := all - int64(shown); n > 0 {
		fmt.Fprintf(b, "%d older %s not shown; --limit 0 shows all.\n", n, things)
	}
}

// closing sums up the touches.
func (a *Answer) closing() string {
	s := fmt.Sprintf("%s by %s", count(a.Count, "touch"), count(int64(a.Actors), "actor"))
	if a.Unsuccessful > 0 {
		s += fmt.Sprintf(", %d of them denied or failed", a.Unsuccessful)
	}
	if a.Count == 0 {
		return s
	}
	if a.LastWrite == nil {
		return s + "; no successful write"
	}
	return s + fmt.Sprintf("; last successful write by %s at %s", short(who(a.LastWrite)), when(a.LastWrite))
}

func count(n int64, thing string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(thing, "ch"):
		thing += "es"
	default:
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// tableOf lays rows out in width cells; 0 is any width. Where columns would have
// to be narrower than the words in them, each row is told in a few lines instead.
func tableOf(rows []Row, width int) string {
	columns := columnsOf(rows)
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
	fitted, ok := fit(natural, least, width)
	if !ok {
		return stacked(rows, width)
	}
	t := table.NewWriter()
	t.SetStyle(plain)
	header := make(table.Row, len(columns))
	for i, c := range columns {
		header[i] = c.title
	}
	t.AppendHeader(header)
	for _, row := range cells {
		line := make(table.Row, len(row))
		for i, cell := range row {
			line[i] = wrap(cell, fitted[i])
		}
		t.AppendRow(line)
	}
	return trimLines(t.Render())
}

func cellWidth(s string) int { return text.StringWidthWithoutEscSequences(s) }

// longestWord is how narrow a column can be and not break the words of s. Very
// long words may be broken.
func longestWord(s string) int {
	const unbroken = 24
	n := 0
	for _, word := range strings.Fields(s) {
		n = max(n, cellWidth(word))
	}
	return min(n, unbroken)
}

// stacked tells each row in a few lines: when and what, then who and from where.
func stacked(rows []Row, width int) string {
	columns := columnsOf(rows)
	var b strings.Builder
	for i := range rows {
		r := &rows[i]
		first := []string{when(r), short(what(r))}
		rest := "by " + short(who(r)) + " from " + short(where(r))
		for _, c := range columns {
			switch value := c.cell(r); {
			case value == "":
			case c.title == "TABLE", c.title == "ITEM", c.title == "OUTCOME":
				first = append(first, value)
			case c.title == "ATTRIBUTES":
				rest += "; attributes " + value
			}
		}
		b.WriteString(wrap(strings.Join(first, gap), width) + "\n")
		for line := range strings.SplitSeq(wrap(rest, width-2*len(gap)), "\n") {
			b.WriteString(gap + gap + line + "\n")
		}
	}
	return trimLines(strings.TrimSuffix(b.String(), "\n"))
}

// plain has no borders: space is dear, and the text is to be copied.
var plain = func() table.Style {
	s := table.StyleDefault
	s.Name = "plain"
	s.Options = table.OptionsNoBordersAndSeparators
	s.Format.Header = text.FormatDefault
	s.Box.PaddingLeft, s.Box.PaddingRight = "", gap
	return s
}()

const gap = "  "

// columnsOf leaves out columns that would say nothing, and adds the table's name
// where the rows are of several.
func columnsOf(rows []Row) []column {
	tables, arns, attributes := map[string]bool{}, map[string]bool{}, false
	for i := range rows {
		tables[rows[i].TableName] = true
		arns[rows[i].TableARN] = true
		attributes = attributes || len(rows[i].Attributes) > 0
	}
	columns := []column{{"WHEN", when}, {"WHO", who}, {"WHAT", what}}
	if len(tables) > 1 || len(arns) > 1 {
		columns = append(columns, column{"TABLE", func(r *Row) string { return place(r, len(arns) > len(tables)) }})
	}
	columns = append(columns, column{"ITEM", item})
	if attributes {
		columns = append(columns, column{"ATTRIBUTES", func(r *Row) string { return Clean(strings.Join(r.Attributes, ", ")) }})
	}
	columns = append(columns, column{"OUTCOME", outcome}, column{"FROM", where})
	for i, c := range columns {
		columns[i].cell = func(r *Row) string { return short(c.cell(r)) }
	}
	return columns
}

// short cuts text that would push everything else out of sight: one endless user
// agent would make every line of a table as long. The other formats have it whole.
func short(s string) string {
	const most = 400
	if len(s) <= most {
		return s
	}
	cut := strings.ToValidUTF8(s[:most], "")
	return fmt.Sprintf("%s… (%d bytes)", cut, len(s))
}

// fit narrows the widest columns until the table fits, but none below its least
// width. ok is false when that is too wide still.
func fit(natural, least []int, width int) (fitted []int, ok bool) {
	fitted = append(fitted, natural...)
	if width <= 0 {
		return fitted, true
	}
	room := width - len(gap)*len(natural)
	for {
		sum, widest := 0, -1
		for i, n := range fitted {
			sum += n
			if n > least[i] && (widest < 0 || n > fitted[widest]) {
				widest = i
			}
		}
		if sum <= room || widest < 0 {
			return fitted, sum <= room
		}
		fitted[widest]--
	}
}

// wrap breaks text into lines of at most width cells, between words where it can;
// 0 is any width.
func wrap(s string, width int) string {
	if width <= 0 || text.StringWidthWithoutEscSequences(s) <= width {
		return s
	}
	return trimLines(strings.TrimRight(text.WrapSoft(s, width), "\n"))
}

func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
