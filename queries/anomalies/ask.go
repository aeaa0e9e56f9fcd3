package anomalies

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// Question asks what was odd on a day. What is asked of one table or actor is judged
// among all the others, so that a finding is one whoever asks; Tested and what follows
// are of the whole lake.
type Question struct {
	Day   string // event day, YYYY-MM-DD; empty: the latest that is over in the lake
	Table string // name or ARN; empty: all
	Actor string // glob of an actor's id, its name, or a person's; empty: all

	Policy   *policy.Policy // nil: no table has a class
	Calendar *Calendar      // nil: weekends only
	// History, if any, tells people behind shared roles apart, and how many different keys
	// there were before.
	History func(ctx context.Context, day int32) (detect.History, error)

	Strict  bool // hold false findings down however the tests depend on each other
	HotKeys bool // look for hot keys: reads all touches of the day

	// Progress is called, if it is set, as days are read, of so many in all.
	Progress func(done, all int)
}

// Lake is what a question is answered from: [lake.Lake] is one.
type Lake interface {
	queries.TopLake
	Coverage(ctx context.Context) (lake.Coverage, error)
}

// Report is what was odd, and what could not be judged.
type Report struct {
	Question Question
	Day      string
	Findings []schema.Finding // the worst first
	Insights []schema.Finding // what CloudTrail itself noticed on the day

	Tested int           // entities whose counts were tested: see package stats
	Chosen int           // of tests, denials and silences among them, too unlikely for so many
	Gated  int           // of those that are too small to matter, or came as often before
	States map[State]int // of pairs of actor and table
	Calibration
	Folded   int64 // touches of series beyond those that fit into memory
	HasTable bool  // there are touches of the table asked about, in the three months
	Days     int   // before the day, of which the lake has all that was delivered

	NotEvaluated []string     // what was not looked for, and why
	Gaps         queries.Gaps // what the lake lacks of the day
}

// Ask answers a question. It reads the hourly counts of three months, and the touches of
// the day for those that are behind a finding, or with a History of all.
func Ask(ctx context.Context, l Lake, q Question) (*Report, error) {
	held, err := l.Coverage(ctx)
	if err != nil {
		return nil, err
	}
	c := &held
	days, err := l.RollupDays(ctx)
	if err != nil {
		return nil, err
	}
	day, err := q.day(c, days)
	if err != nil {
		return nil, err
	}
	k := newKnowing(c, day, days)
	j := &judging{grid: newGrid(day, lookBack, q.Calendar, k.of), policy: q.Policy, strict: q.Strict}
	if err := j.read(ctx, l, days, q.Progress); err != nil {
		return nil, err
	}
	r := &Report{Question: q, Day: schema.DayString(day), Folded: j.folded, Days: k.before()}
	seen := newDayTouches(l, j)
	if err := j.people(ctx, &q, r, seen); err != nil {
		return nil, err
	}
	if j.logging, err = j.follow(ctx, l); err != nil {
		return nil, err
	}
	k.lost = j.logging.lost
	if why := j.logging.note(); why != "" {
		r.NotEvaluated = append(r.NotEvaluated, why)
	}
	for _, s := range j.series {
		r.HasTable = r.HasTable || q.isTable(s.name, s.table)
	}
	out := j.judge()
	j.breadths(seen)
	out.hits = slices.DeleteFunc(out.hits, func(h hit) bool { return !q.isTable(h.name, h.table) })
	who, err := seen.behind(ctx, out.hits)
	if err != nil {
		return nil, err
	}
	r.Findings = slices.DeleteFunc(j.findings(who), func(f schema.Finding) bool { return !q.isActor(&f) })
	r.Tested, r.Chosen, r.Gated, r.States, r.Calibration = out.tested, out.chosen, out.gated, out.states, out.self
	if err := r.beside(ctx, l, j); err != nil {
		return nil, err
	}
	r.Gaps = gapsOf(c, day)
	return r, nil
}

// day is the one that was asked for, or the latest that is over.
func (q *Question) day(c *lake.Coverage, days []string) (int32, error) {
	if q.Day != "" {
		day, err := schema.ParseDay(q.Day)
		if err != nil {
			return 0, fmt.Errorf("%q is no day: write 2026-03-03", q.Day)
		}
		return day, nil
	}
	last := c.Total().LastEvent
	for _, text := range slices.Backward(days) {
		if day, err := schema.ParseDay(text); err == nil && over(last, day) {
			return day, nil
		}
	}
	return 0, fmt.Errorf("the lake has no day that is over: name one with its counts so far, or ingest first")
}

// read fills the grid from hourly counts.
func (j *judging) read(ctx context.Context, l Lake, days []string, progress func(done, all int)) error {
	var index []int
	var wanted []string
	for _, text := range days {
		if day, err := schema.ParseDay(text); err == nil && day >= j.first && day < j.first+int32(j.days) {
			index, wanted = append(index, int(day-j.first)), append(wanted, text)
		}
	}
	begun := -1
	return l.EachCount(ctx, wanted, func(day int, counts []lake.Count) error {
		if begun < day && progress != nil {
			progress(day, len(wanted))
		}
		begun = day
		for i := range counts {
			if counts[i].Op != schema.OpInsight { // they are no calls
				j.add(index[day], &counts[i])
			}
		}
		return nil
	})
}

func (q *Question) isTable(name, arn string) bool {
	return q.Table == "" || q.Table == name || q.Table == arn
}

func (q *Question) isActor(f *schema.Finding) bool {
	return q.Actor == "" || slices.ContainsFunc([]string{f.Actor, f.ActorName, f.Principal}, func(s string) bool {
		return s != "" && (glob(q.Actor, s) || glob(q.Actor, s[strings.LastIndexByte(s, '/')+1:]))
	})
}

// glob reports whether a pattern, in which * and ? stand for any text and any character,
// is all of s; upper and lower case are the same.
func glob(pattern, s string) bool {
	p, t := []rune(strings.ToLower(pattern)), []rune(strings.ToLower(s))
	star, from := -1, 0
	i, k := 0, 0
	for k < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, from = i, k
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[k]):
			i, k = i+1, k+1
		case star >= 0:
			from++
			i, k = star+1, from
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
