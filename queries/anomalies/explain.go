package anomalies

import (
	"fmt"
	"math"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/stats"
)

func (j *judging) tellSpike(h *hit, b *stats.Baseline) string {
	s := fmt.Sprintf("%s%s, %s; %s, %s", number(h.count), ofOp(h.op), j.usual(h, b), times(h.count, b.Mu), chance(h.stat.p))
	if b.Out > 0 {
		s += fmt.Sprintf("; the usual leaves out %s far above the others", plural(b.Out, "day"))
	}
	if who := j.biggest(h); who != "" {
		s += "; most by " + queries.Clean(who)
	}
	return s
}

func (j *judging) tellSilence(h *hit, b *stats.Baseline) string {
	return fmt.Sprintf("%s%s, %s; %s; the log of the day is there", number(h.count), ofOp(""), j.usual(h, b), chance(h.stat.p))
}

func (j *judging) tellDenied(h *hit, calls float64) string {
	return fmt.Sprintf("%s of %s calls were denied, where %s were to be expected; %s", number(h.count), number(calls), number(h.stat.expected), chance(h.stat.p))
}

func (j *judging) tellRise(h *hit, r *stats.Rise, days int) string {
	return fmt.Sprintf("rises for %s, to %s a day of late and %s today, where %s were usual: no day is odd by itself, all of them together are",
		plural(days, "day"), number(r.Level), number(h.count), number(r.Usual))
}

func tellShift(s *stats.Shift, ops []*line) string {
	var parts []string
	for _, i := range s.Main {
		parts = append(parts, fmt.Sprintf("%s was %.0f %% and is %.0f %%", ops[i].op, 100*s.Before[i], 100*s.Today[i]))
	}
	return fmt.Sprintf("%s; the mix is %.2f from the usual one, where up to %.2f is none to tell", strings.Join(parts, ", "), s.Distance, s.Threshold)
}

func (j *judging) tellNewActor(e *entity, ops []string, s sightings) string {
	return fmt.Sprintf("not seen on this table for %d days or ever, and now %s (%s)%s; %s",
		newAfter, plural(int(e.total().calls(j.today())), "touch"), strings.Join(ops, ", "), e.total().refused(j.today()), s.told("actor"))
}

func (j *judging) tellNewOps(news []*line, s sightings) string {
	parts := make([]string, len(news))
	for i, l := range news {
		parts[i] = fmt.Sprintf("%s %s%s", l.op, plural(int(l.calls(j.today())), "time"), l.refused(j.today()))
	}
	return fmt.Sprintf("%s, not done by it on this table for %d days or ever; %s", strings.Join(parts, ", "), newAfter, s.told("operation"))
}

// refused is how many of a day's calls came to nothing: " (all denied)".
func (l *line) refused(day int) string {
	switch denied := l.denied[day]; denied {
	case 0:
		return ""
	case l.calls(day):
		return " (all denied)"
	default:
		return fmt.Sprintf(" (%s of them denied)", number(denied))
	}
}

// told is how rare new ones are.
func (s sightings) told(thing string) string {
	return fmt.Sprintf("of %s seen in 28 days, each counted once a day, new: %d", plural(s.seen, thing), s.news)
}

// usual is "usual 1,210 (middle 90 %: 800 to 1,700, 20 weekdays)".
func (j *judging) usual(h *hit, b *stats.Baseline) string {
	return fmt.Sprintf("usual %s (middle 90 %%: %s to %s, %d %s)", number(b.Mu), number(b.Low), number(b.High),
		b.Days(), j.calendar.typeOf(j.day(j.today())))
}

// biggest is the actor with most touches of what a table's sum is of.
func (j *judging) biggest(h *hit) (who string) {
	if h.actor != "" {
		return ""
	}
	done := map[string]int64{}
	for k, s := range j.series {
		if k.table != h.table || h.op != "" && k.op != h.op || len(s.cells) == 0 || s.role != "" {
			continue
		}
		if last := s.cells[len(s.cells)-1]; int(last.day) == j.today() {
			done[k.actor] += last.done
		}
	}
	for actor, n := range done {
		if n > done[who] || n == done[who] && n > 0 && actor < who {
			who = actor
		}
	}
	return who
}

func ofOp(op string) string {
	if op == "" {
		return " touches"
	}
	return " " + op
}

func times(y, mu float64) string {
	if y/mu >= 1000 {
		return "more than 1,000 times as many"
	}
	return humanize.FtoaWithDigits(y/mu, 1) + " times as many"
}

// chance is a p-value as people read it: what is far beyond belief is not told exactly.
func chance(p float64) string {
	if p < 1e-12 {
		return "p<1e-12"
	}
	return fmt.Sprintf("p=%.1g", p)
}

// number is a count, or a mean of counts in few digits.
func number(f float64) string {
	if f >= 100 || f == math.Trunc(f) {
		return humanize.Comma(int64(math.Round(f)))
	}
	return humanize.FtoaWithDigits(f, 1)
}

func plural(n int, thing string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(thing, "ch"):
		thing += "es"
	default:
		thing += "s"
	}
	return humanize.Comma(int64(n)) + " " + thing
}
