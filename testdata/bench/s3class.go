package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// place is where the objects of a class are read from.
type place struct {
	name    string
	source  string
	latency time.Duration
	trips   []trip
}

// compareClass reads the objects of one size from a directory and from S3, in
// turn, always into a directory, and fails when the lakes are not the same.
func (f *far) compareClass(class string) error {
	about, err := f.about.only(class)
	if err != nil {
		return err
	}
	dir := filepath.Join(f.root, class)
	bucket := strings.ToLower(class) + "-objects"
	if err := linkTree(dir, filepath.Join(f.buckets, bucket)); err != nil {
		return err
	}
	places := []*place{{name: "a directory", source: dir}}
	for _, latency := range f.latencies {
		places = append(places, &place{name: "S3, " + latency.String(), source: "s3://" + bucket, latency: latency})
	}
	for round := range f.rounds {
		for _, p := range places {
			fmt.Fprintf(os.Stderr, "round %d of %d: %s objects from %s\n", round+1, f.rounds, class, p.name)
			t, err := f.fresh(p.latency, p.source)
			if err != nil {
				return err
			}
			p.trips = append(p.trips, t)
			first := places[0].trips[0]
			if t.records != about.Records || t.rows != first.rows || t.touches != first.touches {
				return fmt.Errorf("%s objects from %s: %d rows of %d records, touches %.16s; should be %d of %d, %.16s",
					class, p.name, t.rows, t.records, t.touches, first.rows, about.Records, first.touches)
			}
		}
	}
	about.reportPlaces(class, places)
	return nil
}

// reportPlaces prints the medians. A ratio is of two runs of the same round, and
// stands with the least and the most of its kind.
func (c *Corpus) reportPlaces(class string, places []*place) {
	objects := c.Classes[0].Objects
	fmt.Printf("%s objects of %s, %.1f MB raw, into a lake in a directory; %d rounds, in turn; medians\n\n",
		count(objects), class, float64(c.Raw)/1e6, len(places[0].trips))
	t := newTable("from", "CPU s", "MB/s per core", "µs per object", "CPU, × directory", "from", "to",
		"wall s", "from", "to", "GET/s", "most in flight", "connections", "wait s at least", "rows")
	for _, p := range places {
		cpu := middle(p.trips, func(t trip) float64 { return t.cpu.Seconds() })
		var ratios []float64
		for i, t := range p.trips {
			ratios = append(ratios, t.cpu.Seconds()/places[0].trips[i].cpu.Seconds())
		}
		ratio, wall := spread(ratios), spread(each(p.trips, func(t trip) float64 { return t.wall.Seconds() }))
		line := []string{p.name, f2(cpu), f1(float64(c.Raw) / 1e6 / cpu), count(int64(cpu * 1e6 / float64(objects))), ratio[0], ratio[1], ratio[2]}
		line = append(line, wall[:]...)
		t.row(append(append(line, p.requests()...), count(p.trips[0].rows))...)
	}
	t.print()
	fmt.Println()
}

// requests are the cells about requests; empty for a directory.
func (p *place) requests() []string {
	if p.trips[0].gets.requests == 0 {
		return []string{"", "", "", ""}
	}
	most := middle(p.trips, func(t trip) float64 { return float64(t.gets.most) })
	all := float64(p.trips[0].gets.requests)
	return []string{
		count(int64(middle(p.trips, func(t trip) float64 { return all / t.gets.span().Seconds() }))),
		count(int64(most)),
		count(int64(middle(p.trips, func(t trip) float64 { return float64(t.connections) }))),
		f2(all / most * p.latency.Seconds()),
	}
}

func each(trips []trip, of func(trip) float64) (v []float64) {
	for _, t := range trips {
		v = append(v, of(t))
	}
	return v
}

// spread is the median, the least and the most.
func spread(v []float64) [3]string {
	slices.Sort(v)
	return [3]string{f2(v[len(v)/2]), f2(v[0]), f2(v[len(v)-1])}
}

func middle(trips []trip, of func(trip) float64) float64 {
	v := each(trips, of)
	slices.Sort(v)
	return v[len(v)/2]
}
