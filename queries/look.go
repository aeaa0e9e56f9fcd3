package queries

import (
	"strings"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// Look is how a table looks. The other formats have no looks.
type Look struct {
	Width  int            // of the terminal that the table has to fit; 0 is as wide as its content
	Colour bool           // with the escape sequences of a terminal
	Zone   *time.Location // of times; nil is UTC
}

// zone is the name of the zone as a heading has it.
func (l Look) zone() string {
	switch l.Zone {
	case nil, time.UTC:
		return "UTC"
	case time.Local:
		return "local"
	}
	return l.Zone.String()
}

// time is a point in time as [ParseTime] reads it, with its offset from UTC.
func (l Look) time(micros int64) string {
	if l.Zone == nil {
		return utc(micros)
	}
	return time.UnixMicro(micros).In(l.Zone).Format("2006-01-02 15:04:05Z07:00")
}

// Colours, as the numbers of escape sequences. None of them says what the text does
// not say.
const (
	noColour = ""
	heading  = "1"    // bold
	dim      = "2"    // what is no more than possible
	warning  = "33"   // yellow: what was refused or went wrong
	alarm    = "1;31" // bold red: what is gone
)

// paint puts text between escape sequences, each line by itself: lines are padded
// and cut afterwards.
func (l Look) paint(colour, s string) string {
	if !l.Colour || colour == noColour || s == "" {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = "\x1b[" + colour + "m" + line + "\x1b[0m"
	}
	return strings.Join(lines, "\n")
}

// colourOf is the colour of one cell of a row.
func colourOf(r *Row, title string) string {
	switch {
	case r.CouldHave:
		return dim
	case title == titleWhat && r.deletes():
		return alarm
	case title == titleOutcome && r.Outcome != schema.OutcomeOK:
		return warning
	}
	return noColour
}
