package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// flatCmd measures what a record costs, the more of them there are. It makes no
// objects itself: a process begins with the peak memory of the one that starts it.
func flatCmd(args []string) error {
	var r race
	flags, parse := r.flags("flat", args)
	rounds := flags.Int("rounds", 3, "times that everything of up to a million records runs; more records run once")
	memory := flags.String("memory", "1GiB,256MiB", "what keytrail gets for --memory")
	parts := partFlags(flags)
	if err := parse(); err != nil {
		return err
	}
	list, err := parts(r.about)
	if err != nil {
		return err
	}
	var all []*flatRun
	for m := range strings.SplitSeq(*memory, ",") {
		run := flatRun{race: &r, memory: m}
		for _, p := range list {
			if !whole(p.dir, p.set) {
				return fmt.Errorf("%s is not whole: bench grow with the same flags makes it", p.dir)
			}
			run.records, run.sources = p.to*p.set.PerObject, append(slices.Clone(run.sources), p.dir)
			next := run
			all = append(all, &next)
		}
	}
	for round := range *rounds {
		for _, run := range all {
			if round > 0 && run.records > 1_000_000 {
				continue
			}
			fmt.Fprintf(os.Stderr, "round %d of %d: %s records, memory %s\n", round+1, *rounds, count(run.records), run.memory)
			if err := run.once(); err != nil {
				return fmt.Errorf("%s records, memory %s: %w", count(run.records), run.memory, err)
			}
			u := run.runs[len(run.runs)-1]
			fmt.Fprintf(os.Stderr, "  %s CPU s, %s wall s, %s MB, %d runs spilled\n", f2(u.cpu.Seconds()), f2(u.wall.Seconds()), f1(float64(u.rss)/1e6), run.report.Spilled)
		}
	}
	printFlat(&r, list[0].set, all)
	return sameBytes(all)
}

// flatRun is one number of records with one limit of memory.
type flatRun struct {
	*race
	memory  string
	records int64
	sources []string
	runs    []usage
	report  ingested
	hashes  []string // of touches, one a run
}

func (r *flatRun) once() error {
	lake := filepath.Join(r.scratch, "out")
	if err := os.RemoveAll(lake); err != nil {
		return err
	}
	defer os.RemoveAll(lake)
	u, rep, err := r.ingest(lake, append([]string{"--memory", r.memory}, r.sources...)...)
	if err != nil {
		return err
	}
	if rep.Records != r.records {
		return fmt.Errorf("read %d records", rep.Records)
	}
	hash, err := hashTree(filepath.Join(lake, "touches"))
	if err != nil {
		return err
	}
	r.runs, r.report, r.hashes = append(r.runs, u), rep, append(r.hashes, hash)
	return nil
}

// cost is the CPU of one record, in microseconds.
func (r *flatRun) cost() float64 {
	return least(r.runs, func(u usage) float64 { return u.cpu.Seconds() }) * 1e6 / float64(r.records)
}

// printFlat holds each cost against the first of the same memory.
func printFlat(race *race, set grown, all []*flatRun) {
	fmt.Printf("processors %s; the best of %d runs, of one above a million; %s records a day, %s an object\n\n",
		race.cores, len(all[0].runs), count(set.PerDay), count(set.PerObject))
	t := newTable("records", "memory", "CPU s", "wall s", "µs a record", "to the first", "peak MB", "spilled", "objects", "partitions", "rows", "output MB")
	first := map[string]float64{}
	for _, r := range all {
		if first[r.memory] == 0 {
			first[r.memory] = r.cost()
		}
		t.row(count(r.records), r.memory, f2(least(r.runs, func(u usage) float64 { return u.cpu.Seconds() })),
			f2(least(r.runs, func(u usage) float64 { return u.wall.Seconds() })), f2(r.cost()), f1(100*(r.cost()/first[r.memory]-1))+" %",
			f1(median(r.runs, func(u usage) float64 { return float64(u.rss) })/1e6), count(r.report.Spilled), count(r.report.Done),
			count(r.report.Partitions), count(r.report.Rows), f1(float64(r.runs[0].output)/1e6))
	}
	t.print()
}

// sameBytes fails unless every run of the same records left the same touches.
func sameBytes(all []*flatRun) error {
	hashes := map[int64][]string{}
	for _, r := range all {
		hashes[r.records] = append(hashes[r.records], r.hashes...)
	}
	for n, h := range hashes {
		if slices.Sort(h); h[0] != h[len(h)-1] {
			return fmt.Errorf("the lakes of %s records differ", count(n))
		}
	}
	return nil
}
