package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// pageKeys is how many keys one answer of a listing can have.
const pageKeys = 1000

// window is a part of the year to ingest.
type window struct {
	name    string
	flags   []string
	objects int
	rounds  int
}

// listYear ingests the year, and one day of it, from far away. Every object is
// one row: fewer would tell that a folder was missed.
func (f *far) listYear() error {
	fmt.Fprintf(os.Stderr, "making a year of %d objects\n", yearObjects)
	if err := makeYear(filepath.Join(f.buckets, "year")); err != nil {
		return err
	}
	windows := []window{
		{"the year", nil, yearObjects, 1}, // half a minute each
		{"one day", []string{"--from", yearDay, "--to", yearDay}, yearFolders, f.rounds},
	}
	fmt.Printf("a year of %d accounts and %d Regions, an object in each of %s day folders; medians\n\n", yearAccounts, len(yearRegions), count(int64(yearObjects)))
	t := newTable("window, latency", "rounds", "lists", "a Region", "most in flight", "listing s", "from", "to",
		"flat: lists", "flat: s", "GETs", "most in flight", "wall s", "CPU s", "rows")
	for _, w := range windows {
		for _, latency := range f.latencies {
			if latency == 0 {
				continue
			}
			trips, err := f.listWindow(w, latency)
			if err != nil {
				return err
			}
			t.row(w.line(latency, trips)...)
		}
	}
	t.print()
	return nil
}

func (f *far) listWindow(w window, latency time.Duration) (trips []trip, err error) {
	for round := range w.rounds {
		fmt.Fprintf(os.Stderr, "round %d of %d: %s, %s\n", round+1, w.rounds, w.name, latency)
		t, err := f.fresh(latency, "s3://year", w.flags...)
		if err != nil {
			return nil, err
		}
		if t.rows != int64(w.objects) || t.records != t.rows {
			return nil, fmt.Errorf("%s: %d rows of %d records; should be %d", w.name, t.rows, t.records, w.objects)
		}
		trips = append(trips, t)
	}
	return trips, nil
}

// line is a line of the table. A flat listing is one page after the other of the
// whole year, which is what a window needs that is not planned by folders.
func (w window) line(latency time.Duration, trips []trip) []string {
	of := func(get func(trip) int) string {
		return count(int64(middle(trips, func(t trip) float64 { return float64(get(t)) })))
	}
	listing := spread(each(trips, func(t trip) float64 { return t.lists.span().Seconds() }))
	lists := middle(trips, func(t trip) float64 { return float64(t.lists.requests) })
	pages := (yearObjects + pageKeys - 1) / pageKeys
	return []string{
		w.name + ", " + latency.String(), count(int64(len(trips))),
		count(int64(lists)), f1(lists / float64(yearFolders)), of(func(t trip) int { return t.lists.most }),
		listing[0], listing[1], listing[2],
		count(int64(pages)), f2(float64(pages) * latency.Seconds()),
		of(func(t trip) int { return t.gets.requests }), of(func(t trip) int { return t.gets.most }),
		f2(middle(trips, func(t trip) float64 { return t.wall.Seconds() })),
		f2(middle(trips, func(t trip) float64 { return t.cpu.Seconds() })),
		count(trips[0].rows),
	}
}
