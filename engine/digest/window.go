package digest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

// window is delivery days, both included; an empty one is no bound.
type window struct{ from, to string }

func newWindow(from, to string) (window, error) {
	for _, day := range []string{from, to} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return window{}, fmt.Errorf("%q is not a day of the form YYYY-MM-DD", day)
		}
	}
	if from != "" && to != "" && from > to {
		return window{}, fmt.Errorf("the window ends (%s) before it begins (%s)", to, from)
	}
	return window{from, to}, nil
}

// has reports whether a day is in the window; an unknown one is.
func (w window) has(day string) bool {
	return day == "" || day >= w.from && (w.to == "" || day <= w.to)
}

// around is where digests lie that can speak of logs in the window. A digest lies on
// the day at whose hour it ends, backfill digests too, and names what was delivered in
// the hour before: so the day after may speak of the last logs. The day before is what
// the first digest that matters is held against.
func (w window) around() window {
	return window{shift(w.from, -1), shift(w.to, 1)}
}

func shift(day string, by int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return "" // no bound
	}
	return t.AddDate(0, 0, by).Format(time.DateOnly)
}

// list calls fn with the objects of the window under a folder. base is the folder
// that has those of the years; under is base, or lies below it. Only folders
// of days in the window are listed.
func (w window) list(ctx context.Context, src Source, base, under string, fn func(object.Info) error) error {
	if w == (window{}) {
		return src.List(ctx, under, fn)
	}
	only := func(o object.Info) error {
		if !w.has(object.ParseKey(o.Key).Day) {
			return nil
		}
		return fn(o)
	}
	date := strings.Split(strings.TrimSuffix(strings.TrimPrefix(under, base), "/"), "/")
	if under == base {
		date = nil
	}
	if !w.mayHold(date) {
		return nil
	}
	if len(date) >= 3 {
		return src.List(ctx, under, only)
	}
	dirs, objects, err := src.Children(ctx, under)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if err := only(o); err != nil {
			return err
		}
	}
	for _, dir := range dirs {
		if err := w.list(ctx, src, base, dir, fn); err != nil {
			return err
		}
	}
	return nil
}

// mayHold reports whether days of the window can lie below YYYY, YYYY/MM or
// YYYY/MM/DD; below another name they can.
func (w window) mayHold(date []string) bool {
	text := strings.Join(date[:min(len(date), 3)], "-")
	const first = "0000-01-01"
	if len(text) > len(first) {
		return true
	}
	if _, err := time.Parse(time.DateOnly, text+first[len(text):]); err != nil {
		return true
	}
	return text >= cut(w.from, len(text)) && (w.to == "" || text <= cut(w.to, len(text)))
}

func cut(s string, n int) string { return s[:min(n, len(s))] }
