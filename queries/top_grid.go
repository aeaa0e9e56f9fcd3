package queries

import (
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// gridColumn is a column of a table of numbers.
type gridColumn struct {
	title string
	right bool // numbers
	order int  // where it does not fit, the column with the greatest goes; 0 stays
	cells []string
}

// grid lays columns out in width cells; 0 is any width. Columns that say nothing are
// left out; where the terminal is narrow so are the less important ones, and then
// text is wrapped. left names those that did not fit.
func grid(columns []gridColumn, width int) (laid string, left []string) {
	columns = slices.DeleteFunc(slices.Clone(columns), func(c gridColumn) bool {
		return !slices.ContainsFunc(c.cells, func(s string) bool { return s != "" })
	})
	for width > 0 && gridWidth(columns) > width {
		last := slices.MaxFunc(columns, func(a, b gridColumn) int { return a.order - b.order })
		if last.order == 0 {
			break
		}
		if last.title != "" {
			left = append(left, last.title)
		}
		columns = slices.DeleteFunc(columns, func(c gridColumn) bool { return c.order == last.order })
	}
	slices.Reverse(left)
	return layGrid(columns, width), left
}

func gridWidth(columns []gridColumn) int {
	sum := 0
	for i := range columns {
		sum += columns[i].width() + len(gap)
	}
	return sum
}

func (c *gridColumn) width() int {
	n := cellWidth(c.title)
	for _, s := range c.cells {
		n = max(n, cellWidth(s))
	}
	return n
}

func layGrid(columns []gridColumn, width int) string {
	natural, least := make([]int, len(columns)), make([]int, len(columns))
	for i := range columns {
		natural[i] = columns[i].width()
		least[i] = natural[i]
		if !columns[i].right {
			least[i] = min(natural[i], max(len(columns[i].title), 12))
		}
	}
	fitted, _ := fit(natural, least, width)
	t := table.NewWriter()
	t.SetStyle(plain)
	var header table.Row
	var configs []table.ColumnConfig
	rows := 0
	for i, c := range columns {
		header = append(header, c.title)
		if c.right {
			configs = append(configs, table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
		}
		rows = max(rows, len(c.cells))
	}
	t.SetColumnConfigs(configs)
	t.AppendHeader(header)
	for r := range rows {
		var line table.Row
		for i, c := range columns {
			line = append(line, wrap(c.cells[r], fitted[i]))
		}
		t.AppendRow(line)
	}
	return trimLines(t.Render())
}
