package main

import (
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// growVersion changes whenever the same settings give other objects.
const growVersion = 1

// grown is what a set of grown objects was made from. Every object depends on its
// number and these only, so that the objects of few records are the first of many.
type grown struct {
	Version   int    `json:"version"`
	Seed      uint64 `json:"seed"`
	PerDay    int64  `json:"per_day"`    // records
	PerObject int64  `json:"per_object"` // records
	Corpus    string `json:"corpus"`     // whose records are taken for templates
}

// grower makes as many different records as are wanted out of those of the corpus:
// with ids, times, sessions and keys of their own.
type grower struct {
	grown
	streams []growStream
	total   int // templates of all streams
}

// growStream is the templates of one account and Region.
type growStream struct {
	account, region string
	templates       []*template
}

var growStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// newGrower takes for templates the records of the largest objects of the corpus:
// they are some ten thousand, no two of them the same.
func newGrower(r *race, set grown) (*grower, error) {
	largest := r.about.Classes[len(r.about.Classes)-1]
	streams, err := readSample(filepath.Join(r.root, largest.Name), new(Corpus))
	if err != nil {
		return nil, err
	}
	g := &grower{grown: set}
	for _, s := range streams {
		gs := growStream{account: s.account, region: s.region}
		for _, rec := range s.records {
			if t := newTemplate(rec.json); t != nil {
				gs.templates = append(gs.templates, t)
			}
		}
		if len(gs.templates) > 0 {
			g.streams = append(g.streams, gs)
			g.total += len(gs.templates)
		}
	}
	return g, nil
}

// objects writes the objects numbered from from up to to.
func (g *grower) objects(dir string, from, to int64) error {
	var next, done atomic.Int64
	next.Store(from)
	var wg sync.WaitGroup
	failed := make(chan error, runtime.NumCPU())
	for range cap(failed) {
		wg.Go(func() {
			w := newGrowWriter(g, dir)
			for n := next.Add(1) - 1; n < to; n = next.Add(1) - 1 {
				if err := w.object(n); err != nil {
					failed <- err
					next.Store(to)
					return
				}
				done.Add(1)
			}
		})
	}
	finished := make(chan struct{})
	go func() { wg.Wait(); close(finished) }()
	for tick := time.Tick(5 * time.Second); ; {
		select {
		case <-tick:
			fmt.Fprintf(os.Stderr, "making records: %s of %s\n", count(done.Load()*g.PerObject), count((to-from)*g.PerObject))
		case <-finished:
			close(failed)
			return <-failed
		}
	}
}

// growWriter is what one goroutine needs to write objects.
type growWriter struct {
	*grower
	dir  string
	made map[string]bool
	text []byte
	out  appender
	zip  *gzip.Writer
}

// appender is the least an io.Writer can be.
type appender []byte

func (a *appender) Write(p []byte) (int, error) {
	*a = append(*a, p...)
	return len(p), nil
}

func newGrowWriter(g *grower, dir string) *growWriter {
	zip, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return &growWriter{grower: g, dir: dir, made: map[string]bool{}, zip: zip}
}

// object writes object number n: records one after the other in time, in the
// forms that some stretch of a stream has.
func (w *growWriter) object(n int64) error {
	rng := rand.New(rand.NewPCG(w.Seed, uint64(n)))
	s, from := w.pick(rng)
	var at time.Time
	w.text = append(w.text[:0], `{"Records":[`...)
	for i := range w.PerObject {
		if i > 0 {
			w.text = append(w.text, ',')
		}
		at = w.at(n*w.PerObject + i)
		w.text = s.templates[(from+int(i))%len(s.templates)].write(w.text, at, rng)
	}
	w.text = append(w.text, "]}"...)
	w.out = w.out[:0]
	w.zip.Reset(&w.out)
	if _, err := w.zip.Write(w.text); err != nil {
		return err
	}
	if err := w.zip.Close(); err != nil {
		return err
	}
	return w.deliver(s, at.Add(5*time.Minute), rng.Uint64())
}

// pick draws a template, each as likely as any other.
func (g *grower) pick(rng *rand.Rand) (*growStream, int) {
	n := rng.IntN(g.total)
	for i := range g.streams {
		s := &g.streams[i]
		if n < len(s.templates) {
			return s, n
		}
		n -= len(s.templates)
	}
	panic("total is not the sum")
}

// at is the time of a record.
func (g *grower) at(n int64) time.Time {
	const day = 24 * time.Hour
	return growStart.Add(time.Duration(n/g.PerDay)*day + time.Duration(float64(n%g.PerDay)/float64(g.PerDay)*float64(day)))
}

func (w *growWriter) deliver(s *growStream, at time.Time, id uint64) error {
	dir := filepath.Join(w.dir, "AWSLogs", s.account, "CloudTrail", s.region, at.Format("2006/01/02"))
	if !w.made[dir] {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
		w.made[dir] = true
	}
	name := fmt.Sprintf("%s_CloudTrail_%s_%s_%016X.json.gz", s.account, s.region, at.Format("20060102T1504Z"), id)
	return os.WriteFile(filepath.Join(dir, name), w.out, 0o666)
}
