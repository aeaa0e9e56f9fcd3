package queries

import (
	"fmt"
	"io"
	"time"
)

// Format is a way to write an answer.
type Format string

// The formats of an answer.
const (
	Table Format = "table" // for people
	JSON  Format = "json"  // one array
	JSONL Format = "jsonl" // one object per line
	CSV   Format = "csv"   // with a header
	Arrow Format = "arrow" // an Arrow IPC stream
)

// Formats lists all of them.
var Formats = []Format{Table, JSON, JSONL, CSV, Arrow}

// ParseFormat finds a format by name.
func ParseFormat(s string) (Format, error) {
	for _, f := range Formats {
		if string(f) == s {
			return f, nil
		}
	}
	return "", fmt.Errorf("%q is no format: take one of %v", s, Formats)
}

// Render writes the answer to w. width is the terminal's, for tables that have to
// fit one; 0 lets them be as wide as their content.
//
// In all formats but [Table] rows have the lake's columns, the partition columns
// table_name and day after them, and could_have last when the question asked for
// that. Touches come first, calls that may have shown the item follow.
func Render(w io.Writer, a *Answer, f Format, width int) error {
	switch f {
	case JSON, JSONL:
		return renderJSON(w, a, f)
	case CSV:
		return renderCSV(w, a)
	case Arrow:
		return renderArrow(w, a)
	default:
		return renderTable(w, a, width)
	}
}

// groups are the rows of an answer in the order they are written.
func (a *Answer) groups() [][]Row { return [][]Row{a.Touches, a.CouldHave} }

// Empty reports whether nothing was found.
func (a *Answer) Empty() bool { return a.Count+a.CouldHaveCount == 0 }

// appendTime appends microseconds since 1970 as RFC 3339, with a fraction only
// where there is one.
func appendTime(b []byte, micros int64) []byte {
	layout := "2006-01-02T15:04:05Z"
	if micros%1_000_000 != 0 {
		layout = "2006-01-02T15:04:05.000000Z"
	}
	return time.UnixMicro(micros).UTC().AppendFormat(b, layout)
}
