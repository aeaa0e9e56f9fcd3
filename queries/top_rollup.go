package queries

import (
	"context"
	"slices"
	"strings"
)

// hourly ranks by hourly counts.
type hourly struct {
	*counter
	of   map[groupKey]*hourTally
	used int64
}

type hourTally struct {
	Tally
	hours peak
}

// hourTallyBytes is about what a value takes beside its text: its tally and the hours
// of a day.
const hourTallyBytes = 1500

// rankRollup ranks by hourly counts, and by touches for what is left of an hour that
// the question begins or ends in. [errTooMany] when there is no memory for that.
func rankRollup(ctx context.Context, l TopLake, q Top) (*Ranking, error) {
	h := &hourly{counter: newCounter(q), of: map[groupKey]*hourTally{}}
	if err := h.acts(ctx, l, nil, h.add); err != nil {
		return nil, err
	}
	r := &Ranking{Question: q, Total: h.total, Distinct: int64(len(h.of)), DistinctExact: true, FromRollup: true, namesakes: h.tables.namesakes()}
	var rows []Ranked
	var counts []int64
	for g, t := range h.of {
		t.hours.fold()
		t.Hour = t.hours.Peak
		owner := h.owner(g)
		rows = append(rows, Ranked{TableName: owner.name, TableARN: owner.arn, Value: g.value, Count: t.Touches, Tally: t.Tally})
		counts = append(counts, t.Touches)
	}
	slices.Sort(counts)
	r.Entropy = evenness(counts)
	r.order(rows)
	return r, nil
}

// groupOf is the group of a touch, as [counter.group] has it.
func (h *hourly) groupOf(a *act) groupKey {
	switch h.Subject {
	case TopTables:
		return groupKey{table: h.tables.of(a.partition, a.arn)}
	case TopActors:
		return groupKey{value: a.actor}
	default:
		return groupKey{value: a.op}
	}
}

func (h *hourly) add(a *act) error {
	g := h.groupOf(a)
	t := h.of[g]
	if t == nil {
		if h.used += hourTallyBytes + int64(len(g.value)); h.used > h.countBytes() {
			return errTooMany
		}
		g.value = strings.Clone(g.value)
		t = &hourTally{Tally: Tally{Events: -1, Throttled: -1, Unmet: -1, Keys: -1, Actors: -1, Names: -1}, hours: peak{unit: hourMicros}}
		h.of[g] = t
	}
	t.seen(a.hour)
	t.count(a.op, a.outcome, a.touches)
	t.hours.add(a.hour, a.op, a.touches)
	h.total += a.touches
	return nil
}
