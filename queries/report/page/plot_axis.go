package page

import (
	"time"

	"github.com/keytrail/keytrail/queries/report"
)

// axis is the time axis of a timeline.
type axis struct {
	from, to    int64 // microseconds since 1970
	left, width float64
}

// axisOf is the plot's own span, or that of its moments if it has none.
func axisOf(p *report.Plot) axis {
	t := axis{p.From, p.To, 180, wide - 180 - 24}
	if t.to <= t.from {
		t.from, t.to = p.Moments[0].Time, p.Moments[0].Time
		for _, m := range p.Moments {
			t.from, t.to = min(t.from, m.Time), max(t.to, m.Time)
		}
		margin := max((t.to-t.from)/20, time.Minute.Microseconds())
		t.from, t.to = t.from-margin, t.to+margin
	}
	return t
}

// x is where a moment stands; those before and after the span stand at its ends.
func (t axis) x(at int64) float64 {
	part := float64(min(max(at, t.from), t.to)-t.from) / float64(t.to-t.from)
	return t.left + t.width*part
}

type tick struct {
	at   int64
	text string
}

// steps are how far apart the marks of the axis may be.
var steps = []time.Duration{
	time.Second, 10 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	24 * time.Hour, 48 * time.Hour, 7 * 24 * time.Hour, 14 * 24 * time.Hour, 28 * 24 * time.Hour, 91 * 24 * time.Hour, 365 * 24 * time.Hour,
}

// ticks are at most nine round times.
func (t axis) ticks() (list []tick) {
	step := steps[len(steps)-1]
	for _, s := range steps {
		if (t.to-t.from)/s.Microseconds() <= 9 {
			step = s
			break
		}
	}
	micros := step.Microseconds()
	for at := (t.from + micros - 1) / micros * micros; at <= t.to && len(list) < 24; at += micros {
		form := "Jan 2"
		switch moment := time.UnixMicro(at).UTC(); {
		case step >= 91*24*time.Hour:
			form = "Jan 2006"
		case step < time.Minute:
			form = "15:04:05"
		case step < 24*time.Hour && (moment.Hour() != 0 || moment.Minute() != 0):
			form = "15:04"
		}
		list = append(list, tick{at, time.UnixMicro(at).UTC().Format(form)})
	}
	return list
}
