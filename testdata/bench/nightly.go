package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// nights is a lake with years behind it, and the day that comes next.
type nights struct {
	Days      int `json:"days"`
	Tables    int `json:"tables"`
	Events    int `json:"events"`
	DayEvents int `json:"day_events"`
	PerObject int `json:"per_object"`
}

var nightsStart = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// nightlyCmd measures what one more day costs a lake of many.
func nightlyCmd(args []string) error {
	var r race
	var n nights
	flags, parse := r.flags("nightly", args)
	rounds := flags.Int("rounds", 3, "times that everything runs")
	dir := flags.String("dir", "", "directory of the objects; kept")
	flags.IntVar(&n.Days, "days", 400, "days that the lake has")
	flags.IntVar(&n.Tables, "tables", 50, "tables, each with calls on every day")
	flags.IntVar(&n.Events, "events", 400_000, "events of those days, all together")
	flags.IntVar(&n.DayEvents, "day-events", 50_000, "events of the day that is added")
	flags.IntVar(&n.PerObject, "per-object", 20, "records of one object, about")
	if err := parse(); err != nil {
		return err
	}
	if err := n.sample(&r, *dir); err != nil {
		return err
	}
	base, past, added := filepath.Join(r.scratch, "base"), filepath.Join(*dir, "past"), filepath.Join(*dir, "new")
	defer os.RemoveAll(base)
	rep, err := n.firstDays(&r, base, past)
	if err != nil {
		return err
	}
	partitions, err := files(filepath.Join(base, "touches"))
	if err != nil {
		return err
	}
	all := []*night{
		{name: "into an empty lake", args: []string{added}},
		{name: "into the lake, --from that day", base: base, args: []string{past, added, "--from", n.day(0)}},
		{name: "into the lake, all days listed", base: base, args: []string{past, added}},
	}
	for round := range *rounds {
		for _, w := range all {
			fmt.Fprintf(os.Stderr, "round %d of %d: %s\n", round+1, *rounds, w.name)
			if err := r.night(w, all[0]); err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
		}
	}
	fmt.Printf("processors %s; the best of %d rounds, in turn; the lake has %s files of %s objects, %s rows\n\n",
		r.cores, *rounds, count(partitions), count(rep.Done), count(rep.Rows))
	printNights(all)
	return nil
}

// sample makes the objects, unless they are there. One sample has a year at most.
func (n nights) sample(r *race, dir string) error {
	if whole(dir, n) {
		return nil
	}
	if err := begin(dir); err != nil {
		return err
	}
	const atATime = 200
	for from := 0; from < n.Days; from += atATime {
		days := min(atATime, n.Days-from)
		out := filepath.Join(dir, "past", strconv.Itoa(from))
		if err := n.one(r, out, from, days, n.Events*days/n.Days); err != nil {
			return err
		}
	}
	if err := n.one(r, filepath.Join(dir, "new"), n.Days, 1, n.DayEvents); err != nil {
		return err
	}
	return finish(dir, n)
}

// one makes one sample, with its first day for a seed.
func (n nights) one(r *race, out string, from, days, events int) error {
	if err := os.MkdirAll(filepath.Dir(out), 0o777); err != nil {
		return err
	}
	cmd := exec.Command(r.keytrail, "sample", "--out", out, "--start", n.day(from-n.Days),
		"--days", strconv.Itoa(days), "--tables", strconv.Itoa(n.Tables), "--events", strconv.Itoa(events),
		"--per-object", strconv.Itoa(n.PerObject), "--seed", strconv.Itoa(from+1))
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("keytrail sample: %w", err)
	}
	return nil
}

// firstDays makes the lake that all later runs get a copy of: all at once but the
// last day, then that one. So its last commit is a night's, as it is in life.
func (n nights) firstDays(r *race, lake, past string) (ingested, error) {
	fmt.Fprintln(os.Stderr, "making the lake")
	if err := os.RemoveAll(lake); err != nil {
		return ingested{}, err
	}
	_, many, err := r.ingest(lake, past, "--to", n.day(-2))
	if err != nil {
		return many, err
	}
	_, last, err := r.ingest(lake, past)
	many.Done += last.Done
	many.Rows += last.Rows
	return many, err
}

// day is so many days from the one that is added.
func (n nights) day(from int) string {
	return nightsStart.AddDate(0, 0, n.Days+from).Format(time.DateOnly)
}

// night is one way to take in the new day.
type night struct {
	name   string
	base   string // the lake it is added to; "" for none
	args   []string
	runs   []usage
	report ingested
}

// night runs one way once, and holds what it took in against the first way.
func (r *race) night(w, first *night) error {
	lake := filepath.Join(r.scratch, "out")
	if err := os.RemoveAll(lake); err != nil {
		return err
	}
	defer os.RemoveAll(lake)
	if w.base != "" {
		if err := os.CopyFS(lake, os.DirFS(w.base)); err != nil {
			return err
		}
	}
	u, rep, err := r.ingest(lake, w.args...)
	if err != nil {
		return err
	}
	w.runs, w.report = append(w.runs, u), rep
	if want := first.report; rep.Records != want.Records || rep.Rows != want.Rows {
		return fmt.Errorf("%d records gave %d rows; the empty lake got %d and %d", rep.Records, rep.Rows, want.Records, want.Rows)
	}
	return nil
}

func printNights(all []*night) {
	cpu := func(u usage) float64 { return u.cpu.Seconds() }
	wall := func(u usage) float64 { return u.wall.Seconds() }
	t := newTable("the new day", "CPU s", "wall s", "CPU, × empty", "wall, × empty", "CPU more, ms", "peak MB", "objects read", "known", "records", "partitions merged")
	for _, w := range all {
		more := least(w.runs, cpu) - least(all[0].runs, cpu)
		t.row(w.name, f2(least(w.runs, cpu)), f2(least(w.runs, wall)), f2(least(w.runs, cpu)/least(all[0].runs, cpu)),
			f2(least(w.runs, wall)/least(all[0].runs, wall)), f1(more*1e3), f1(median(w.runs, func(u usage) float64 { return float64(u.rss) })/1e6),
			count(w.report.Done), count(w.report.Known), count(w.report.Records), count(w.report.Partitions))
	}
	t.print()
}

// files counts the files below dir.
func files(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	return n, err
}
