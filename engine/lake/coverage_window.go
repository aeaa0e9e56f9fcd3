package lake

import "time"

// Window is what the lake may lack of a span of event time. A touch of event day D is
// delivered on D or the day after, as a rule, and now and then late: up to a month
// has been seen. A log that was not read tells no event times. So what concerns the
// span is cut by delivery day.
type Window struct {
	// From and To are the delivery days on which the span's events come as a rule, both
	// included; "" where the span is open.
	From, To string
	// Usual sums up those days.
	Usual Counts
	// Trouble are those of them of which the lake may lack touches, in order.
	Trouble []*DeliveryDay
	// Late are the days after them, and the one without a name, of which the lake may
	// lack touches: some of these may be events of the span that were delivered late.
	Late []*DeliveryDay
	// Gaps are the areas' gaps that touch those days, whole.
	Gaps []Gap
	// First and Last are the first and the last delivery day of the lake that have a
	// log, "" when none has: where From is before the one, or To after the other, the
	// span goes on where the lake has nothing.
	First, Last string
}

// Window says what the lake may lack of the events with from <= time < to. A zero
// time leaves that end open.
func (c *Coverage) Window(from, to time.Time) Window {
	var w Window
	if !from.IsZero() {
		w.From = from.UTC().Format(time.DateOnly)
	}
	if !to.IsZero() {
		w.To = to.UTC().Add(-time.Microsecond).AddDate(0, 0, 1).Format(time.DateOnly)
	}
	for i := range c.Days {
		d := &c.Days[i]
		switch {
		case d.Day != "" && d.Day < w.From:
			// what is delivered before the span begins is none of it
		case d.Day == "" || w.To != "" && d.Day > w.To:
			if d.Trouble() {
				w.Late = append(w.Late, d)
			}
		default:
			w.Usual.Add(&d.Counts)
			if d.Trouble() {
				w.Trouble = append(w.Trouble, d)
			}
		}
	}
	for _, g := range c.Gaps() {
		if g.To >= w.From && (w.To == "" || g.From <= w.To) {
			w.Gaps = append(w.Gaps, g)
		}
	}
	w.First, w.Last = c.Bounds()
	return w
}
