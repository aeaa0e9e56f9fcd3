package main

import (
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/keytrail/keytrail/queries"
)

// lookOf says how a table looks on w: in colours, and no wider than that, on a
// terminal. NO_COLOR and TERM=dumb say no to colours.
func lookOf(w io.Writer, zone *time.Location) queries.Look {
	look := queries.Look{Zone: zone}
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return look
	}
	if width, _, err := term.GetSize(int(file.Fd())); err == nil {
		look.Width = width
	}
	look.Colour = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return look
}
