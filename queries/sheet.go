package queries

import (
	"io"
)

// What packages that answer questions of their own need, to write their answers the way
// this one does.

// Datum is a named value of a row or of what holds for a whole answer.
type Datum = datum

// The kinds of [Datum]. What is not known is null: an empty text, a number below 0, and a
// time of 0.
func TextDatum(name, s string) Datum              { return textDatum(name, s) }
func CountDatum(name string, n int64) Datum       { return countDatum(name, n) }
func BoolDatum(name string, v bool) Datum         { return boolDatum(name, v) }
func TimeDatum(name string, micros int64) Datum   { return timeDatum(name, micros, micros != 0) }
func ListDatum(name string, texts []string) Datum { return listDatum(name, texts) }

// WriteData writes rows as one JSON object that has them as its member "rows" after
// those of summary, as JSON lines, or as CSV below the names of columns. All texts
// are made safe for a terminal, and in CSV for a spreadsheet.
func WriteData(w io.Writer, f Format, summary, columns []Datum, rows [][]Datum) error {
	return writeData(w, f, summary, columns, rows)
}

// Wrap breaks text into lines of at most width cells, between words where it can;
// 0 is any width.
func Wrap(s string, width int) string { return wrap(s, width) }

// Short is clean text from a log, cut where it is endless.
func Short(s string) string { return Clean(short(s)) }

// ActorLabel is the part of an actor's id that a person would use, clean.
func ActorLabel(id string) string { return Clean(actorLabel(id)) }

// Clock is a point in time as tables have it, UTC.
func Clock(micros int64) string { return clock(micros, secondMicros) }

// GuardCSV makes text from the log safe for a spreadsheet and for a terminal.
func GuardCSV(s string) string { return guard(s) }

// ShellWord is text as one word of a POSIX shell, safe to paste.
func ShellWord(s string) string { return shellQuoted(s) }

// Heading, Dim, Warning and Alarm are text in colours, where the look has any.
func (l Look) Heading(s string) string { return l.paint(heading, s) }
func (l Look) Dim(s string) string     { return l.paint(dim, s) }
func (l Look) Warning(s string) string { return l.paint(warning, s) }
func (l Look) Alarm(s string) string   { return l.paint(alarm, s) }

// Lines are the gaps as they stand under a table, one a line.
func (g Gaps) Lines(look Look) (lines []string) {
	for _, line := range g.lines() {
		lines = append(lines, look.paint(line.colour, wrap(line.text, look.Width)))
	}
	return lines
}
