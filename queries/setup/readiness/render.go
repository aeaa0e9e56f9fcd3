package readiness

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/dustin/go-humanize/english"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// Summary are numbers of results.
type Summary struct {
	Met     int `json:"met"`
	Missing int `json:"missing"`
	Unknown int `json:"unknown"`
}

// Count counts results by status.
func Count(results []Result) (s Summary) {
	for i := range results {
		switch results[i].Status {
		case Met:
			s.Met++
		case Missing:
			s.Missing++
		default:
			s.Unknown++
		}
	}
	return s
}

// RenderJSON writes results as one JSON object, in which nothing can move a cursor.
func RenderJSON(w io.Writer, results []Result) error {
	text, err := json.Marshal(struct {
		Summary
		Requirements []Result `json:"requirements"`
	}{Count(results), results})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, queries.EscapeJSON(string(text)))
	return err
}

// Render writes results for a person: what is missing with what that hides, then what is
// not known, then what is met, a line each.
func Render(w io.Writer, results []Result, look queries.Look) error {
	var b strings.Builder
	for i := range results {
		r := &results[i]
		if i == 0 || results[i-1].Status != r.Status {
			if i > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(look.Heading(headings[r.Status]) + "\n")
		}
		r.write(&b, look)
	}
	s := Count(results)
	fmt.Fprintf(&b, "\n%s met, %d missing, %d not known.\n", english.Plural(s.Met, "requirement", ""), s.Missing, s.Unknown)
	_, err := io.WriteString(w, b.String())
	return err
}

var headings = map[Status]string{Missing: "Missing", Unknown: "Not known", Met: "Met"}

func (r *Result) write(b *strings.Builder, look queries.Look) {
	level := fmt.Sprintf("%-8s", r.Severity)
	if r.Status == Missing && r.Severity >= schema.SeverityHigh {
		level = look.Alarm(level)
	}
	if r.Status == Met {
		level = strings.Repeat(" ", 8)
	}
	fmt.Fprintf(b, "  %s  %s  %s, %s: %s\n", r.ID, level, r.Title, queries.Clean(r.About), queries.Clean(r.Found))
	if r.Status == Met {
		return
	}
	fmt.Fprintf(b, "      %s %s\n", look.Dim("hides"), r.Hides)
	fmt.Fprintf(b, "      %s  %s\n", look.Dim("mend"), r.Mend)
}
