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

// Render writes the answer to w; look is for tables only.
//
// In all formats but [Table] rows have the lake's columns and the partition columns
// table_name and day after them. Where the question asked for calls that may have
// shown the item, three more follow: could_have, and could_have_reason and
// could_have_certainty, which are null for touches. Where it asked to follow roles,
// person, person_certainty and person_chain come last. Touches come first, then the
// calls.
func Render(w io.Writer, a *Answer, f Format, look Look) error {
	switch f {
	case JSON, JSONL:
		return renderJSON(w, a, f)
	case CSV:
		return renderCSV(w, a)
	case Arrow:
		return renderArrow(w, a)
	default:
		return renderTable(w, a, look)
	}
}

// couldHaveColumns are the columns of an answer that has calls, after all others.
var couldHaveColumns = []string{"could_have", "could_have_reason", "could_have_certainty"}

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
