package sample

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// writer makes the objects of windows. Each worker has its own.
type writer struct {
	Options
	page    page
	gen     gen
	zip     *gzip.Writer
	out     bytes.Buffer
	scratch []byte
	times   []int64
	order   []int
	turns   []*stream       // of a month's window
	made    map[string]bool // directories that exist
	sum     Summary
}

func newWriter(o Options) *writer {
	zip, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	return &writer{Options: o, gen: gen{tables: o.Tables}, zip: zip, made: map[string]bool{}}
}

// windows writes the windows in the queue.
func (w *writer) windows(queue <-chan *window) error {
	for win := range queue {
		if err := w.window(win); err != nil {
			return err
		}
	}
	return nil
}

// window writes all objects of a window.
func (w *writer) window(win *window) error {
	w.gen.rng = newRNG(w.Seed, 2, win.number)
	w.gen.acct, w.gen.region = &accounts[win.account], win.region
	set, left := win.set, win.calls
	if m := w.gen.month; m != nil {
		w.turns = m.turns(w.turns[:0], win)
		w.gen.shuffle(len(w.turns), func(i, j int) { w.turns[i], w.turns[j] = w.turns[j], w.turns[i] })
		left = len(w.turns)
	}
	for left > 0 || len(set) > 0 {
		n, arrival := min(left, w.size(win)), w.arrival(win)
		w.page.reset()
		for i := range set {
			set[i].play(&w.gen)
			w.gen.emit(&w.page)
		}
		w.ordinary(win, n)
		set, left = nil, left-n
		if err := w.deliver(cloudTrail, arrival); err != nil {
			return err
		}
	}
	return nil
}

// size is how many calls the next object of a window holds: mostly few.
func (w *writer) size(win *window) int {
	r := w.gen.rng
	if w.PerObject > 0 {
		return w.PerObject
	}
	if win.burst {
		return 25_000
	}
	switch n := r.intn(100); {
	case n < 55:
		return r.between(2, 16)
	case n < 85:
		return r.between(17, 90)
	case n < 97:
		return r.between(91, 500)
	default:
		return r.between(501, 2500)
	}
}

// ordinary adds n ordinary calls at random times of the window.
func (w *writer) ordinary(win *window, n int) {
	w.times = w.times[:0]
	for range n {
		w.times = append(w.times, win.start+int64(w.gen.intn(windowSeconds)))
	}
	slices.Sort(w.times)
	for i, at := range w.times {
		if w.gen.month != nil {
			w.gen.routine(w.turns[i], at)
		} else {
			w.gen.everyday(at)
		}
		w.gen.emit(&w.page)
	}
	if w.gen.month != nil {
		w.turns = w.turns[n:]
	}
}

// arrival draws when the next object of a window is delivered: up to five minutes
// after the window ends, so that the last ones of a day lie in the next day's
// folder. Some are held up for hours, and their records say so; but none, in a month, that
// a scene is in.
func (w *writer) arrival(win *window) int64 {
	r := w.gen.rng
	arrival := win.start + windowSeconds + int64(r.intn(windowSeconds))
	w.gen.late = r.oneIn(70) && (w.gen.month == nil || len(win.set) == 0)
	if w.gen.late {
		arrival += int64(r.between(1, 30)) * hour
	}
	return arrival
}

// deliver writes the page as an object of the first trail and, now and then, the
// second trail's copy of it. Records stand in the order of time in most objects,
// in any order in the others.
func (w *writer) deliver(folder string, arrival int64) error {
	r := w.gen.rng
	w.order = w.order[:0]
	for i := range w.page.records {
		w.order = append(w.order, i)
	}
	slices.SortStableFunc(w.order, func(a, b int) int { return int(w.page.records[a].at - w.page.records[b].at) })
	if r.oneIn(4) {
		w.shuffle()
	}
	if err := w.object(w.name(folder, arrival), arrival, 0); err != nil {
		return err
	}
	w.sum.Events += int64(len(w.order))
	if !r.percent(15) {
		return nil
	}
	turn := 0
	if r.percent(40) {
		turn = r.between(1, 12)
		w.shuffle()
	}
	w.sum.Copies += int64(len(w.order))
	arrival += int64(r.intn(120))
	return w.object(w.name(folder, arrival), arrival, turn)
}

func (w *writer) shuffle() {
	w.gen.shuffle(len(w.order), func(i, j int) { w.order[i], w.order[j] = w.order[j], w.order[i] })
}

// Folders of a trail bucket below an account.
const (
	cloudTrail = "CloudTrail"
	insights   = "CloudTrail-Insight"
	digests    = "CloudTrail-Digest"
)

// folder is where the account's objects of one kind, Region and day lie.
func (w *writer) folder(kind string, t time.Time) string {
	path := "AWSLogs/"
	if w.gen.acct.org != "" {
		path += w.gen.acct.org + "/"
	}
	return path + w.gen.acct.id + "/" + kind + "/" + w.gen.regionName() + "/" + t.Format("2006/01/02") + "/"
}

// name draws the key of an object.
func (w *writer) name(kind string, arrival int64) string {
	t := time.Unix(arrival, 0).UTC()
	unique := w.gen.appendFrom(nil, base62, 16)
	return w.folder(kind, t) + w.gen.acct.id + "_" + kind + "_" + w.gen.regionName() + t.Format("_20060102T1504Z_") + string(unique) + ".json.gz"
}

// object writes the records of the page in w.order to one object.
func (w *writer) object(key string, arrival int64, turn int) error {
	w.out.Reset()
	w.zip.Reset(&w.out)
	var err error
	if w.scratch, err = w.page.object(w.zip, w.order, turn, w.scratch); err != nil {
		return err
	}
	return w.put(key, arrival)
}

// put closes the gzip stream and stores it. The file's time is the arrival, as
// an object's is, and not the clock's.
func (w *writer) put(key string, arrival int64) error {
	if err := w.zip.Close(); err != nil {
		return err
	}
	path := filepath.Join(w.Dir, filepath.FromSlash(key))
	if dir := filepath.Dir(path); !w.made[dir] {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		w.made[dir] = true
	}
	if err := os.WriteFile(path, w.out.Bytes(), 0o644); err != nil {
		return err
	}
	w.sum.Objects++
	w.sum.Bytes += int64(w.out.Len())
	t := time.Unix(arrival, 0)
	return os.Chtimes(path, t, t)
}
