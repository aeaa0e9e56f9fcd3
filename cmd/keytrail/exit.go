package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/keytrail/keytrail/queries"
)

// Exit statuses. Scripts depend on them.
const (
	exitDone        = 0
	exitFailed      = 1 // nothing half-written
	exitUsage       = 2
	exitIncomplete  = 3 // done, but some input was skipped or quarantined
	exitFindings    = 4 // done, and what was looked for was found
	exitInterrupted = 130
)

const exitStatusHelp = `
Exit status:
  0    done
  1    failed; nothing is half-written
  2    wrong usage
  3    done, but some input could not be read or understood: the ledger says which
  4    done, and there are findings
  130  interrupted
`

// errInterrupted ends a run that a signal stopped.
var errInterrupted = errors.New("interrupted; what was committed stays, the next run goes on from there")

// errIncomplete ends a run that did what it could. It is not printed: the
// summary has said it.
var errIncomplete = errors.New("some input could not be read or understood")

// errFindings ends a command that found what it looks for. It is not printed: the
// findings have been.
var errFindings = errors.New("there are findings")

// usageError is a mistake in the command line.
type usageError struct{ msg string }

func (e *usageError) Error() string { return e.msg }

// usagef makes an error that exits with the status for wrong usage.
func usagef(format string, a ...any) error { return &usageError{fmt.Sprintf(format, a...)} }

// exitStatus prints err as one line and returns the exit status it stands for.
func exitStatus(stderr io.Writer, err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errIncomplete):
		return exitIncomplete
	case errors.Is(err, errFindings):
		return exitFindings
	}
	fmt.Fprintf(stderr, "keytrail: %s\n", oneLine(err.Error()))
	switch {
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	}
	return exitFailed
}

// oneLine makes text from anywhere, object keys among it, safe to print: a
// message is one line and cannot move the cursor.
func oneLine(s string) string {
	return queries.Clean(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, s))
}

// writeJSON writes v as one line of JSON. What a terminal would obey or hide is
// escaped, which changes nothing for a parser.
func writeJSON(w io.Writer, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, queries.EscapeJSON(string(text)))
	return err
}
