package sample

import (
	"slices"
	"strings"
	"time"
)

// A month. A sample of two weeks and more that has calls enough is not drawn call by
// call: then everybody in it does about as much every day as on other days of its kind,
// since that is what people who look for what is unusual go by. Each habit (monthcast.go)
// is cut into streams: one actor's calls of one kind on one table in one Region. A
// stream has so many calls a day, less on weekends, up to three tenths more or less by
// chance (monthcount.go), spread over the day in the actor's rhythm.
//
// What does not happen all the time stands in scenes (monthscenes.go): sign-ins,
// deployments, the night's backups and export, people on call, the end of the month.
// All of it is expected; policy.yaml says so. Nothing but the incident is not.
type month struct {
	start    int64
	seed     uint64
	streams  []stream
	places   [][]int             // streams by account and Region
	counts   [][]int             // calls by day and stream
	programs []*strings.Replacer // user agents by release, see release.go
}

// stream is what an actor does of one kind on one table in one Region.
type stream struct {
	place  int
	who    *actor
	n      int // the session; anyOf: any of the fleet
	table  *table
	kind   *kind // nil: calls of other services
	milli  int   // calls on a weekday, in thousandths
	rhythm *rhythm
	rest   int // of a weekday's calls on a weekend, in percent
}

const anyOf = -1

// A month has so many days and, on each, so many events at least.
const (
	monthDays   = 14
	monthEvents = 200
)

// isMonth reports whether a sample is long and full enough to be one. Where other
// tables than the world's own take the calls it is none.
func (o *Options) isMonth() bool {
	return o.Days >= monthDays && o.Tables == 0 && o.Events >= int64(o.Days)*monthEvents
}

// planMonth decides who does how much on each day of a month, and in which windows.
func planMonth(o Options) (*month, []window) {
	m := &month{start: o.Start.Unix(), seed: o.Seed, places: make([][]int, len(accounts)*len(regions))}
	for release := range 2 + o.Days/7 {
		m.programs = append(m.programs, programs(release/2))
	}
	scenes := slices.Concat(story(&o), m.scenes(&o))
	n := int(o.Events) - len(scenes) - 2*len(o.insights())
	m.cast(n, o.Days)
	m.count(n, o.Days)
	return m, m.windows(o, scenes)
}

// windows are those in which something happens. Few calls do not mean one call per
// object: then only some five minutes of each hour are busy, and stand for all of it.
func (m *month) windows(o Options, scenes []scene) []window {
	all := emptyWindows(o)
	for day := range o.Days {
		for place, streams := range m.places {
			total := 0
			for _, i := range streams {
				total += m.counts[day][i]
			}
			spans := spansFor(total, max(20, o.PerObject))
			length := windowsPerDay / spans
			for j := range spans {
				draw := scramble(m.seed ^ uint64(day*windowsPerDay+j)<<8 ^ uint64(place))
				w := &all[(day*windowsPerDay+j*length+int(draw%uint64(length)))*len(m.places)+place]
				w.from, w.to = j*length*windowSeconds, (j+1)*length*windowSeconds
			}
		}
	}
	hang(o, all, scenes)
	return slices.DeleteFunc(all, func(w window) bool { return w.to == 0 && len(w.set) == 0 })
}

// spansFor is how many windows of a day are busy where so many calls are made in it, if
// each should have about some: one an hour at least.
func spansFor(calls, each int) int {
	for _, spans := range [...]int{24, 48, 72, 96, 144} {
		if calls <= spans*each {
			return spans
		}
	}
	return windowsPerDay
}

// turns are the streams whose turn it is in a window, as often as it is, appended to all.
func (m *month) turns(all []*stream, w *window) []*stream {
	day := int(w.start-m.start) / (24 * hour)
	for _, i := range m.places[w.account*len(regions)+w.region] {
		s := &m.streams[i]
		phase := scramble(m.seed + uint64(day)<<32 + uint64(i))
		for range s.rhythm.upTo(m.counts[day][i], phase, w.to) - s.rhythm.upTo(m.counts[day][i], phase, w.from) {
			all = append(all, s)
		}
	}
	return all
}

// routine makes up a stream's next call.
func (g *gen) routine(s *stream, at int64) {
	k, n := s.kind, s.n
	if n == anyOf {
		n = g.intn(s.who.fleet)
	}
	g.table = s.table
	if k == nil {
		k = &quietKinds[g.intn(len(quietKinds))]
	}
	g.begin(k, at, s.who, n)
	g.mishap()
}

// workday reports a day that is not of a weekend.
func workday(at int64) bool {
	switch time.Unix(at, 0).UTC().Weekday() {
	case time.Saturday, time.Sunday:
		return false
	}
	return true
}
