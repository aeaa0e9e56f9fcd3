package queries

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// renderCSV writes a header and a line per row, for people with spreadsheets. Null is
// an empty field; lists are JSON arrays; text is guarded. The other formats have it
// as it was logged.
func renderCSV(w io.Writer, a *Answer) error {
	out := csv.NewWriter(w)
	line := make([]string, 0, len(schema.Columns)+5)
	for _, c := range schema.Columns {
		line = append(line, c.Name)
	}
	line = append(line, schema.PartitionColumns...)
	if a.Question.CouldHave {
		line = append(line, couldHaveColumns...)
	}
	if a.Question.FollowRole {
		line = append(line, lineageNames...)
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for _, rows := range a.groups() {
		for i := range rows {
			r := &rows[i]
			line = line[:0]
			for j := range schema.Columns {
				line = append(line, field(&schema.Columns[j], &r.Touch))
			}
			line = append(line, guard(r.TableName), r.Day)
			if a.Question.CouldHave {
				line = append(line, strconv.FormatBool(r.CouldHave), guard(r.Reason), r.Certainty.String())
			}
			if a.Question.FollowRole {
				for _, value := range r.Lineage.values() {
					line = append(line, guard(value))
				}
			}
			if err := out.Write(line); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

func field(c *schema.Column, t *schema.Touch) string {
	switch {
	case c.Text != nil:
		return guard(*c.Text(t))
	case c.Tri != nil && *c.Tri(t) == schema.Null, c.List != nil && *c.List(t) == nil:
		return ""
	case c.Time != nil:
		return string(appendTime(nil, *c.Time(t)))
	default:
		return string(appendValue(nil, c, t))
	}
}

// guard makes text from the log safe for a spreadsheet and for a terminal: control
// characters become \uXXXX, and what would be taken for a formula has a quote before
// it. So has what begins with a quote: whoever drops one has the text again.
func guard(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n|%'", rune(s[0])) {
		return "'" + Clean(s)
	}
	return Clean(s)
}
