package queries

import (
	"github.com/keytrail/keytrail/schema"
)

// Tally is what is counted of one row of a ranking. Numbers that hourly counts do not
// have are -1 where a ranking is from those.
type Tally struct {
	Touches   int64
	Events    int64 // distinct event ids; -1 unless the ranking is by events
	Reads     int64 // of items, ranges, tables and streams
	Writes    int64 // puts, updates and deletes of items
	BulkReads int64 // of the reads: Scan, SELECT without a key, export
	Denied    int64
	Failed    int64
	Throttled int64 // of those that failed
	Unmet     int64 // of those that failed: a condition did not hold

	First, Last int64 // microseconds since 1970; the hours' where from hourly counts

	Hour           Peak // the busiest of each
	Minute, Second Peak // only of keys

	Keys, Actors   int64 // distinct ones; -1 where not known
	KeysAtLeast    bool  // there was no memory to tell more keys apart
	MainActor      string
	MainActorShare float64 // of the touches
	Name, Kind     string  // of an actor: its commonest name
	Names          int64   // distinct ones; -1 where not known
}

// Peak is the busiest unit of time: the first, of those alike.
type Peak struct {
	At      int64 // its begin, microseconds since 1970
	Touches int64
	// The most reads and the most writes in any such unit, not necessarily this one.
	Reads, Writes int64
}

// What one partition of a DynamoDB table serves in a second, in items of up to 4 kB
// read and 1 kB written. CloudTrail has no item sizes, so more requests than that are
// too many for certain, and fewer may be.
const (
	partitionReads  = 3000
	partitionWrites = 1000
)

// RequestHot reports whether one key had more requests in a second than one
// partition serves, whatever the size of its items.
func (t *Tally) RequestHot() bool {
	return t.Second.Reads >= partitionReads || t.Second.Writes >= partitionWrites
}

// Dominant reports whether a row has a tenth or more of ten thousand touches or more.
func (r *Ranking) Dominant(row *Ranked) bool { return r.Total >= 10_000 && row.Share >= 0.1 }

// isRead and isWrite say what a class of operation is to capacity.
func isRead(op string) bool {
	switch op {
	case schema.OpReadPoint, schema.OpReadRange, schema.OpReadBulk, schema.OpReadStream:
		return true
	}
	return false
}

func isWrite(op string) bool { return op == schema.OpWriteItem || op == schema.OpDeleteItem }

// isThrottle reports whether an error says that there was too much at once.
func isThrottle(code string) bool {
	switch code {
	case "ProvisionedThroughputExceededException", "ThrottlingException", "ThrottledException", "Throttling",
		"RequestLimitExceeded", "TooManyRequestsException", "SlowDown":
		return true
	}
	return false
}

// count adds n touches of one operation and outcome.
func (t *Tally) count(op, outcome string, n int64) {
	t.Touches += n
	switch {
	case isRead(op):
		t.Reads += n
		if op == schema.OpReadBulk {
			t.BulkReads += n
		}
	case isWrite(op):
		t.Writes += n
	}
	switch outcome {
	case schema.OutcomeDenied:
		t.Denied += n
	case schema.OutcomeFailed:
		t.Failed += n
	}
}

// seen notes a time, before what happened then is counted.
func (t *Tally) seen(at int64) {
	if t.Touches == 0 {
		t.First, t.Last = at, at
	}
	t.First, t.Last = min(t.First, at), max(t.Last, at)
}

// peak finds the busiest unit of time, of times that come day by day.
type peak struct {
	Peak
	unit int64 // microseconds
	day  int32
	load map[int64]load // of that day, by begin of the unit
}

type load struct{ touches, reads, writes int64 }

const (
	secondMicros = 1_000_000
	minuteMicros = 60 * secondMicros
	hourMicros   = 60 * minuteMicros
)

func (p *peak) add(at int64, op string, n int64) {
	if day := schema.DayOf(at); day != p.day {
		p.fold()
		p.day = day
	}
	if p.load == nil {
		p.load = map[int64]load{}
	}
	start := at - mod(at, p.unit)
	l := p.load[start]
	l.touches += n
	switch {
	case isRead(op):
		l.reads += n
	case isWrite(op):
		l.writes += n
	}
	p.load[start] = l
}

// mod is the remainder that is never negative: records may be from before 1970.
func mod(a, b int64) int64 { return ((a % b) + b) % b }

// fold takes the day that is over into account.
func (p *peak) fold() {
	for at, l := range p.load {
		if l.touches > p.Touches || l.touches == p.Touches && at < p.At {
			p.At, p.Touches = at, l.touches
		}
		p.Reads, p.Writes = max(p.Reads, l.reads), max(p.Writes, l.writes)
	}
	clear(p.load)
}
