package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/dustin/go-humanize"
	"golang.org/x/term"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/profile"
	"github.com/keytrail/keytrail/schema"
)

// openHistory is what the lake knows of the days before a day. Where that cannot be kept
// in the lake for the next time, a line says so.
func openHistory(ctx context.Context, l *lake.Lake, day string, stderr io.Writer) (detect.History, error) {
	number, err := schema.ParseDay(day)
	if err != nil {
		return nil, usagef("--day: %q is no day (YYYY-MM-DD)", day)
	}
	at, stop := onTerminal(stderr, "history", "days")
	h, err := profile.Open(ctx, l, number, profile.MaxDays, func(done, all int) { at(int64(done), int64(all)) })
	stop()
	if err != nil {
		return nil, fmt.Errorf("history of the days before %s: %w", day, err)
	}
	if note := h.Note(); note != "" {
		fmt.Fprintf(stderr, "keytrail: %s\n", oneLine(note))
	}
	return h, nil
}

// showRows draws how many rows are judged.
func showRows(stderr io.Writer) (at func(done, all int64), stop func()) {
	return onTerminal(stderr, "judging", "rows")
}

// onTerminal draws how far something is on one line, if w is a terminal and it takes
// longer than a second.
func onTerminal(w io.Writer, doing, things string) (at func(done, all int64), stop func()) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func(int64, int64) {}, func() {}
	}
	next, drawn := time.Now().Add(time.Second), false
	at = func(done, all int64) {
		if now := time.Now(); now.After(next) {
			next, drawn = now.Add(200*time.Millisecond), true
			fmt.Fprintf(w, "\r%s: %s of %s %s ", doing, humanize.Comma(done), humanize.Comma(all), things)
		}
	}
	return at, func() {
		if drawn {
			fmt.Fprint(w, "\r\x1b[K")
		}
	}
}
