package anomalies

import (
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

const (
	lossy    = 0.01      // share of a day's logs or records that may be lacking
	dayIsOut = time.Hour // before its end: from then on what came later tells that the day is over
)

// knowing says of which days the lake has what was delivered.
type knowing struct {
	coverage *lake.Coverage
	last     time.Time // event
	first    int32
	all      []bool // for tables in areas that the ledger does not name
	areas    map[lake.Area][]bool
	spans    map[lake.Area]lake.AreaSpan
	lost     map[string][]bool // by table's ARN, days that no trail logged its items on
}

// newKnowing looks at the days up to one. counted are the days with counts, which stand in
// for deliveries where no log's name tells its day.
func newKnowing(c *lake.Coverage, day int32, counted []string) *knowing {
	k := &knowing{coverage: c, last: c.Total().LastEvent, first: day - lookBack, areas: map[lake.Area][]bool{}, spans: map[lake.Area]lake.AreaSpan{}}
	for _, a := range c.Areas() {
		k.spans[a.Area] = a
	}
	named, _ := c.Bounds()
	has := map[string]bool{}
	for _, d := range counted {
		has[d] = true
	}
	k.all = k.days(func(day string) bool {
		if named == "" {
			return has[day]
		}
		d := c.Day(day)
		return d != nil && d.Broken == "" && d.Logs() > 0 && whole(&d.Counts)
	})
	return k
}

// days asks is about each day, and whether it is over.
func (k *knowing) days(is func(day string) bool) []bool {
	known := make([]bool, lookBack+1)
	for i := range known {
		day := k.first + int32(i)
		known[i] = over(k.last, day) && is(schema.DayString(day))
	}
	return known
}

// over reports whether a day is, where the latest event was then: in its last hour or later.
func over(last time.Time, day int32) bool {
	return !last.Before(dayTime(day + 1).Add(-dayIsOut))
}

// of are the days known of a table.
func (k *knowing) of(table string) []bool {
	known, lost := k.delivered(table), k.lost[table]
	if lost == nil {
		return known
	}
	known = slices.Clone(known)
	for i := range known {
		known[i] = known[i] && !lost[i]
	}
	return known
}

// delivered are the days of which the lake has the logs with a table, by the account and
// the Region in its ARN.
func (k *knowing) delivered(table string) []bool {
	parts := strings.SplitN(table, ":", 6)
	if len(parts) < 6 {
		return k.all
	}
	a := lake.Area{Account: parts[4], Region: parts[3]}
	span, ok := k.spans[a]
	if !ok {
		return k.all
	}
	if k.areas[a] == nil {
		k.areas[a] = k.days(func(day string) bool { return k.areaHas(span, day) })
	}
	return k.areas[a]
}

// areaHas reports whether an area has its logs of a day.
func (k *knowing) areaHas(span lake.AreaSpan, day string) bool {
	d := k.coverage.Day(day)
	if d == nil || d.Broken != "" || day < span.First {
		return false
	}
	for i := range d.Areas {
		if c := &d.Areas[i]; c.Area == span.Area {
			return c.Logs() > 0 && whole(&c.Counts)
		}
	}
	return d.Folded && whole(&d.Counts)
}

// whole reports whether next to nothing is lacking.
func whole(c *lake.Counts) bool {
	return float64(c.Unread()) <= lossy*float64(c.Logs()) && float64(c.Quarantined) <= lossy*float64(c.Records)
}

// before is how many days before the last are known.
func (k *knowing) before() (n int) {
	for _, known := range k.all[:lookBack] {
		if known {
			n++
		}
	}
	return n
}

func gapsOf(c *lake.Coverage, day int32) queries.Gaps {
	return queries.GapsOf(&queries.Who{From: dayTime(day).UnixMicro(), To: dayTime(day + 1).UnixMicro()}, c, nil)
}
