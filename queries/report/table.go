package report

import "fmt"

// Table is a list of like things. All its rows are in the JSON and the CSV; a page shows
// the first of them, so the ones that matter come first.
type Table struct {
	ID      string // stable, like changes_unexpected; the CSV file's name too
	Title   string
	Lead    string // what a row is, and the order, where that is not plain
	Columns []Column
	Rows    [][]Value
	Empty   string // what to say when there is no row: "nobody was denied"
	// Shown is how many rows a page shows, for long lists that people look things up in; 0
	// leaves it to the page. The JSON and the CSV have all rows whatever it is.
	Shown int
}

// Column is a column of a [Table]. Kind says what its values are, or Null.
type Column struct {
	Name  string // stable, like first_seen
	Title string
	Kind  Kind
}

// Add adds a row. It panics when the row does not fit the columns: that is a fault of the
// program that no lake can cause.
func (t *Table) Add(row ...Value) {
	if len(row) != len(t.Columns) {
		panic(fmt.Sprintf("report: table %s has %d columns, row has %d values", t.ID, len(t.Columns), len(row)))
	}
	t.Rows = append(t.Rows, row)
}

func (t *Table) check() error {
	seen := map[string]bool{}
	for _, c := range t.Columns {
		if !memberID.MatchString(c.Name) || seen[c.Name] {
			return fmt.Errorf("table %s: column %q is twice there or has no proper name", t.ID, c.Name)
		}
		seen[c.Name] = true
	}
	for i, row := range t.Rows {
		if len(row) != len(t.Columns) {
			return fmt.Errorf("table %s: row %d has %d values for %d columns", t.ID, i, len(row), len(t.Columns))
		}
		for j, v := range row {
			if v.kind != Null && v.kind != t.Columns[j].Kind {
				return fmt.Errorf("table %s: row %d has a value of another kind in column %s", t.ID, i, t.Columns[j].Name)
			}
		}
	}
	return nil
}
