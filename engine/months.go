package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/object"
)

// A trail that delivers little has few objects in a day's folder, and asking for
// every folder takes longer than reading what is in them. So the first page of a
// month's folder is listed first. Where that is all there is, its days need not be
// asked for; where it is not, they are listed one by one as if nothing had been.

// monthKeys is how many objects a month's folder is too large with: a page of a
// listing, so that finding out costs one request.
const monthKeys = 1000

// monthDays is how many days of a month must be wanted for that: where it is in vain,
// it adds a tenth to the requests at most.
const monthDays = 10

// monthObjects is how many objects of months are held at a time, at some 350 bytes
// each: a twenty-fourth of the memory.
func (e *Engine) monthObjects() int64 { return e.Memory >> 13 }

var errTooMany = errors.New("more than a page of objects")

// month is a folder that holds day folders of the plan.
type month struct {
	folder
	days    map[string]string  // delivery days, by the prefixes of their folders
	objects map[string][]found // by delivery day
	whole   bool               // objects are all that its days hold
}

// byMonth cuts days, which are in order, where the month changes.
func byMonth(days []string) (months [][]string) {
	for i, day := range days {
		if i == 0 || len(day) < len("2006-01") || !strings.HasPrefix(days[i-1], day[:len("2006-01")]) {
			months = append(months, nil)
		}
		last := &months[len(months)-1]
		*last = append(*last, day)
	}
	return months
}

// months are the folders that hold those of days, by their names.
func (p *plan) months(days []string) map[string]*month {
	months := map[string]*month{}
	for _, day := range days {
		for _, f := range p.days[day] {
			name, prefix := f.month()
			m, ok := months[name]
			if !ok {
				m = &month{folder: folder{f.input, prefix}, days: map[string]string{}, objects: map[string][]found{}}
				months[name] = m
			}
			m.days[f.prefix] = day
		}
	}
	return months
}

// month is the folder that a day's folder lies in, and a name for it that no other
// one has.
func (f folder) month() (name, prefix string) {
	prefix = above(f.prefix)
	return f.input.Source.URL() + "\n" + f.input.Prefix + "\n" + prefix, prefix
}

// above is the folder that a folder lies in.
func above(prefix string) string {
	return prefix[:strings.LastIndexByte(strings.TrimSuffix(prefix, "/"), '/')+1]
}

// listMonth lists the folders that hold those of some days of one month, side by
// side, as long as there is room for what they hold. What is left to list stays in
// the plan.
func (r *run) listMonth(p *plan, days []string) (listed map[string][]found, err error) {
	months := p.months(days)
	// Half of the room is for what is under way when the other half is full.
	half := r.monthObjects() / 2
	var held atomic.Int64
	g, ctx := errgroup.WithContext(r.ctx)
	g.SetLimit(int(min(max(half/monthKeys, 1), listers)))
	for _, m := range months {
		if len(m.days) < monthDays {
			continue
		}
		g.Go(func() error {
			if held.Load() >= half {
				return nil
			}
			n, err := m.list(ctx)
			held.Add(n)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return p.take(days, months), nil
}

// take moves what whole months hold out of the plan.
func (p *plan) take(days []string, months map[string]*month) (listed map[string][]found) {
	listed = map[string][]found{}
	for _, m := range months {
		for day, objects := range m.objects {
			listed[day] = append(listed[day], objects...)
		}
	}
	for _, day := range days {
		p.days[day] = slices.DeleteFunc(p.days[day], func(f folder) bool {
			name, _ := f.month()
			return months[name].whole
		})
	}
	return listed
}

// list lists the month, unless it holds too much, and returns how many objects it
// keeps.
func (m *month) list(ctx context.Context) (kept int64, err error) {
	n := 0
	err = m.input.Source.List(ctx, m.prefix, func(o object.Info) error {
		if n++; n == monthKeys {
			return errTooMany
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(o.Key, m.prefix), "/")
		if day, ok := m.days[m.prefix+name+"/"]; ok {
			m.objects[day] = append(m.objects[day], found{m.input, o})
			kept++
		}
		return nil
	})
	m.whole = err == nil
	if !m.whole {
		m.objects, kept = nil, 0
	}
	if errors.Is(err, errTooMany) {
		err = nil
	}
	return kept, err
}
