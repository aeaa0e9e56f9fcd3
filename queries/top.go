package queries

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
)

// Subject is what a ranking is of.
type Subject string

// The subjects of a ranking.
const (
	TopKeys          Subject = "keys"           // items, by table and key
	TopPartitionKeys Subject = "partition-keys" // values of the partition key, by table
	TopActors        Subject = "actors"
	TopTables        Subject = "tables"     // by ARN
	TopOperations    Subject = "operations" // classes of operation
	TopErrors        Subject = "errors"     // error codes of calls that were denied or failed
	TopAgents        Subject = "agents"     // what user agents begin with, or the browser
)

// Subjects lists all of them.
var Subjects = []Subject{TopKeys, TopPartitionKeys, TopActors, TopTables, TopOperations, TopErrors, TopAgents}

// ParseSubject finds a subject by name.
func ParseSubject(s string) (Subject, error) {
	if !slices.Contains(Subjects, Subject(s)) {
		return "", fmt.Errorf("%q is nothing to rank: take one of %s", s, joined(Subjects))
	}
	return Subject(s), nil
}

func joined[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return strings.Join(texts, ", ")
}

// Limits of a ranking.
const (
	DefaultTopLimit  = 20
	MaxTopLimit      = 1000
	DefaultTopMemory = 1 << 30
)

// Top asks what there is most of.
//
// A touch is one item (or table, or stream) that a call reached; an event is one
// call. A batch of eight keys is eight touches and one event. Rankings are by touches
// unless ByEvents is set: then each call counts once for every row that it has
// touches of.
type Top struct {
	Subject  Subject
	Where    Who      // conditions on touches: Table, Key, Values, Actor, Ops, From, To; others are not looked at
	Outcomes []string // outcomes of touches, any of them; none is all
	ByEvents bool
	Detail   bool   // read the touches even where hourly counts have the order
	Member   string // name of the partition key, for [TopPartitionKeys]; empty: found out
	Limit    int    // rows; 0 is [DefaultTopLimit], more than [MaxTopLimit] is that
	Memory   int64  // bytes that counting may take; 0 is [DefaultTopMemory]

	// Progress is called, if it is set, as partitions are done, of so many in all.
	Progress func(done, all int)
}

// TopLake is what a ranking is read from: [lake.Lake] is one.
type TopLake interface {
	reader.Lake
	EachCount(ctx context.Context, days []string, fn func(day int, counts []lake.Count) error) error
	RollupDays(ctx context.Context) ([]string, error)
}

// Ranking is the answer to [Top].
type Ranking struct {
	Question Top
	Rows     []Ranked // most first; those alike by table and value
	Total    int64    // touches, or events, that belong to any row
	Outside  int64    // touches that match and belong to none: a Scan names no key

	Distinct      int64 // rows that there are in all
	DistinctExact bool  // else there are more
	// UnlistedAtMost is how many of them something may have that was not counted to the
	// end for want of memory. 0 when everything was.
	UnlistedAtMost int64

	FirstShare, TenShare float64 // of the first row and the first ten
	// Entropy says how even the touches are spread, from 0, all in one row, to 1, all
	// rows alike. NaN when not everything was counted.
	Entropy float64

	FromRollup bool     // from hourly counts: times are hours, and some numbers are not known
	Undecided  []string // tables whose partition key the log does not show
	namesakes  map[string]bool
}

// Ranked is one row of a ranking.
type Ranked struct {
	Rank            int
	TableName       string
	TableARN        string
	Value           string // the key, actor, class, code or agent; empty where the log has none
	Member          string // the partition key's name, for [TopPartitionKeys]
	Count           int64  // what the order is by
	Share           float64
	CumulativeShare float64 // with the rows above; NaN by events, which belong to several rows
	Certain         bool    // no row that is not listed has a larger count
	Tally
}

// AskTop ranks what a lake holds.
//
// Where hourly counts have the answer they are read, and touches only for the rest of
// an hour that From or To cuts. A run that was cut short may have left counts behind
// its touches, until the next one. Otherwise touches are read twice: the columns that
// are counted, and then more of them for the rows that will be shown. So all numbers
// shown are exact. Should there be too many values to count within Memory, those
// that may be among the most are kept ([Ranking.UnlistedAtMost], [Ranked.Certain]).
func AskTop(ctx context.Context, l TopLake, q Top) (*Ranking, error) {
	if _, err := ParseSubject(string(q.Subject)); err != nil {
		return nil, err
	}
	if q.Limit <= 0 {
		q.Limit = DefaultTopLimit
	}
	q.Limit = min(q.Limit, MaxTopLimit)
	if q.Memory <= 0 {
		q.Memory = DefaultTopMemory
	}
	if q.inRollup() {
		r, err := rankRollup(ctx, l, q)
		if !errors.Is(err, errTooMany) {
			return r, err
		}
	}
	c, err := countTouches(ctx, l, q)
	if err != nil {
		return nil, err
	}
	return c.ranking(ctx, l)
}

// errTooMany: more values than memory was allowed for.
var errTooMany = errors.New("too many different values for --memory: allow more, or ask for less time with --from and --to")

// inRollup reports whether hourly counts know what was asked. They have no names of
// actors, which a pattern may be for.
func (q *Top) inRollup() bool {
	switch q.Subject {
	case TopActors, TopTables, TopOperations:
		return !q.ByEvents && !q.Detail && q.Where.Actor == "" && !q.Where.ofItem()
	}
	return false
}

// order sorts the rows, keeps those asked for and numbers them.
func (r *Ranking) order(rows []Ranked) {
	slices.SortFunc(rows, compareRanked)
	sum := int64(0)
	for i := range rows {
		row := &rows[i]
		row.Rank = i + 1
		row.Share = share(row.Count, r.Total)
		row.Certain = row.Count >= r.UnlistedAtMost
		sum += row.Count
		row.CumulativeShare = share(sum, r.Total)
		if i == 0 {
			r.FirstShare = row.Share
		}
		if i < 10 {
			r.TenShare = row.CumulativeShare
		}
		if r.Question.ByEvents {
			row.CumulativeShare = math.NaN()
		}
	}
	if r.Question.ByEvents {
		r.TenShare = math.NaN()
	}
	r.Rows = rows[:min(len(rows), r.Question.Limit)]
}

func share(n, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

func compareRanked(a, b Ranked) int {
	return cmp.Or(
		cmp.Compare(b.Count, a.Count),
		strings.Compare(a.TableName, b.TableName),
		strings.Compare(a.TableARN, b.TableARN),
		strings.Compare(a.Value, b.Value),
	)
}

// evenness is the entropy of counts over the greatest they could have. They are
// sorted, so that rounding is the same in every run.
func evenness(counts []int64) float64 {
	total := 0.0
	for _, n := range counts {
		total += float64(n)
	}
	if total == 0 || len(counts) < 2 {
		return 0
	}
	h := 0.0
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / total
			h -= p * math.Log2(p)
		}
	}
	return h / math.Log2(float64(len(counts)))
}
