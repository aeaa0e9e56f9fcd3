package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// scaleCmd ingests the same objects on one processor and on several, in turn.
func scaleCmd(args []string) error {
	var r race
	flags, parse := r.flags("scale", args)
	rounds := flags.Int("rounds", 3, "times that everything runs")
	on := flags.String("on", "0 0,1", "the sets of processors, as taskset takes them; the first is what the others are held against")
	kinds := flags.String("classes", "all 6MB", "objects of which sizes")
	if err := parse(); err != nil {
		return err
	}
	var all []*scaled
	for kind := range strings.FieldsSeq(*kinds) {
		first := len(all)
		for cores := range strings.FieldsSeq(*on) {
			s := &scaled{race: r, kind: kind}
			s.cores = cores
			if kind != "all" {
				about, err := r.about.only(kind)
				if err != nil {
					return err
				}
				s.about = about
			}
			all = append(all, s)
			s.first = all[first]
		}
	}
	for round := range *rounds {
		for _, s := range all {
			fmt.Fprintf(os.Stderr, "round %d of %d: %s on processors %s\n", round+1, *rounds, s.kind, s.cores)
			if err := s.run(); err != nil {
				return err
			}
		}
	}
	printScaled(all, *rounds)
	return nil
}

// scaled is one kind of objects on one set of processors.
type scaled struct {
	race
	kind  string
	first *scaled // of its kind
	runs  []usage
}

func (s *scaled) run() error {
	lake := filepath.Join(s.scratch, "out")
	if err := os.RemoveAll(lake); err != nil {
		return err
	}
	defer os.RemoveAll(lake)
	var sources []string
	for _, cl := range s.about.Classes {
		sources = append(sources, filepath.Join(s.root, cl.Name))
	}
	u, rep, err := s.ingest(lake, sources...)
	if err != nil {
		return err
	}
	if rep.Records != s.about.Records {
		return fmt.Errorf("read %d of %d records", rep.Records, s.about.Records)
	}
	s.runs = append(s.runs, u)
	return nil
}

// printScaled prints medians, and how much faster each round was than the same
// round on the first set of processors. Least by least is the ratio of the
// shortest runs, which another program on the machine disturbs the least.
func printScaled(all []*scaled, rounds int) {
	fmt.Printf("%d rounds, in turn; medians\n\n", rounds)
	t := newTable("objects", "processors", "CPU s", "wall s", "busy", "peak MB", "times as fast", "from", "to", "least by least")
	for _, s := range all {
		wall := func(u usage) float64 { return u.wall.Seconds() }
		cpu := func(u usage) float64 { return u.cpu.Seconds() }
		var ratios []float64
		for i := range s.runs {
			ratios = append(ratios, wall(s.first.runs[i])/wall(s.runs[i]))
		}
		slices.Sort(ratios)
		t.row(s.kind, s.cores, f2(median(s.runs, cpu)), f2(median(s.runs, wall)),
			f2(median(s.runs, func(u usage) float64 { return cpu(u) / wall(u) })),
			f1(median(s.runs, func(u usage) float64 { return float64(u.rss) })/1e6),
			f2(ratios[len(ratios)/2]), f2(ratios[0]), f2(ratios[len(ratios)-1]),
			f2(least(s.first.runs, wall)/least(s.runs, wall)))
	}
	t.print()
}

func least(runs []usage, of func(usage) float64) float64 {
	best := of(runs[0])
	for _, u := range runs {
		best = min(best, of(u))
	}
	return best
}
