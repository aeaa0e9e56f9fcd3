package report

import (
	"encoding/csv"
	"encoding/json"
	"io"

	"github.com/keytrail/keytrail/queries"
)

// WriteCSV writes a table, below the names of its columns, for people with spreadsheets:
// text from the log can neither be a formula nor do anything to a terminal. Lists are JSON
// arrays, what is not known is an empty field.
func WriteCSV(w io.Writer, t *Table) error {
	out := csv.NewWriter(w)
	line := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		line[i] = c.Name
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for _, row := range t.Rows {
		for i, v := range row {
			line[i] = csvField(v)
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func csvField(v Value) string {
	switch v.kind {
	case Text, Code, Word, Day:
		return queries.GuardCSV(v.text)
	case List:
		list, err := json.Marshal(v.list)
		if err != nil {
			return ""
		}
		return queries.GuardCSV(string(list))
	}
	return v.Plain() // a number below zero is one to a spreadsheet, too
}
