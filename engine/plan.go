package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/schema"
)

// listers is the most listing requests in flight.
const listers = 64

// plan is where the objects of a run lie: the day folders of trails, by
// delivery day, and what lies outside of any.
type plan struct {
	days    map[string][]folder // by delivery day
	loose   []found             // objects whose folder tells no day
	foreign []found             // folders of other services, which are not listed
}

// folder is a prefix to list.
type folder struct {
	input  Input
	prefix string
}

// found is one object of one input.
type found struct {
	input Input
	object.Info
}

// discover finds the day folders under every input with delimiter listings, so
// that no year is listed to find a day.
func (r *run) discover(ctx context.Context) (*plan, error) {
	d := discovery{run: r, plan: &plan{days: map[string][]folder{}}, slots: semaphore.NewWeighted(listers)}
	g, ctx := errgroup.WithContext(ctx)
	d.group = g
	for _, in := range r.req.Inputs {
		d.walk(ctx, folder{in, in.Prefix})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return d.plan, nil
}

type discovery struct {
	*run
	group *errgroup.Group
	slots *semaphore.Weighted
	mu    sync.Mutex
	plan  *plan
}

// walk lists one level and goes on with what is below, side by side.
func (d *discovery) walk(ctx context.Context, f folder) {
	d.group.Go(func() error {
		if err := d.slots.Acquire(ctx, 1); err != nil {
			return err
		}
		dirs, objects, err := f.input.Source.Children(ctx, f.prefix)
		d.slots.Release(1)
		if err != nil {
			return fmt.Errorf("%s: %w", f.input.Source.URL(), err)
		}
		d.mu.Lock()
		for _, o := range objects {
			d.plan.loose = append(d.plan.loose, found{f.input, o})
		}
		d.mu.Unlock()
		for _, dir := range dirs {
			d.enter(ctx, folder{f.input, dir})
		}
		return nil
	})
}

func (d *discovery) enter(ctx context.Context, f folder) {
	p := placeOf(f.prefix)
	switch {
	case p.foreign && d.enterConfig(ctx, f):
	case p.foreign:
		d.mu.Lock()
		d.plan.foreign = append(d.plan.foreign, found{f.input, object.Info{Key: f.prefix}})
		d.mu.Unlock()
	case p.from > d.until() || p.to < d.req.From && p.to != "":
		// no delivery day of the window can lie below
	case p.day != "":
		d.mu.Lock()
		d.plan.days[p.day] = append(d.plan.days[p.day], f)
		d.mu.Unlock()
	default:
		d.walk(ctx, f)
	}
}

func (d *discovery) until() string {
	if d.req.To == "" {
		return "9999-12-31"
	}
	return d.req.To
}

// place says what a folder's path tells about the objects below it.
type place struct {
	foreign  bool
	day      string // set on a day's folder
	from, to string // the days that can lie below a year's, month's or day's folder; else empty
}

// placeOf reads a path of the form
// [prefix/]AWSLogs/[o-…/]account/FOLDER/region/YYYY/MM/DD/ (CloudTrail User
// Guide, "Getting and viewing your log files") as far as it goes. root is what
// lies above the store, which may be the upper part of that form.
func placeOf(prefix string) place {
	parts := strings.Split(strings.Trim(prefix, "/"), "/")
	at := -1
	for i, s := range parts {
		if s == "AWSLogs" {
			at = i
		}
	}
	if at < 0 {
		return place{}
	}
	parts = parts[at+1:]
	if len(parts) > 0 && strings.HasPrefix(parts[0], "o-") {
		parts = parts[1:]
	}
	if len(parts) < 2 {
		return place{}
	}
	if !strings.HasPrefix(parts[1], "CloudTrail") {
		return place{foreign: true}
	}
	if len(parts) < 4 {
		return place{}
	}
	return placeInTime(parts[3:])
}

// placeInTime reads [YYYY [MM [DD]]].
func placeInTime(parts []string) place {
	first, last := "-01-01", "-12-31"
	date := parts[0]
	if len(parts) >= 2 {
		date += "-" + parts[1]
		first, last = "-01", "-31"
	}
	if len(parts) >= 3 {
		date += "-" + parts[2]
		first, last = "", ""
	}
	if _, err := schema.ParseDay(date + first); err != nil {
		return place{} // some other folder: look below
	}
	p := place{from: date + first, to: date + last}
	if len(parts) == 3 {
		p.day = date
	}
	return p
}

// order returns the days found, in order.
func (p *plan) order() []string {
	days := make([]string, 0, len(p.days))
	for day := range p.days {
		days = append(days, day)
	}
	slices.Sort(days)
	return days
}

func checkDays(from, to string) error {
	for _, day := range []string{from, to} {
		if _, err := schema.ParseDay(day); day != "" && err != nil {
			return fmt.Errorf("%q is not a day of the form YYYY-MM-DD", day)
		}
	}
	if from != "" && to != "" && from > to {
		return fmt.Errorf("the window ends (%s) before it begins (%s)", to, from)
	}
	return nil
}
