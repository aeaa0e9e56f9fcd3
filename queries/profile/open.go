package profile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// MaxDays is how many days before a history goes back at most.
const MaxDays = 90

const (
	// ahead is how many profiles are read at a time: a store far away takes its time.
	ahead = 32
	// maxSettings bounds what the touches that are kept whole take in memory.
	maxSettings = 512 << 20
)

// Lake is what Open asks of a lake: [lake.Lake] is one. Safe for concurrent use.
type Lake interface {
	reader.Lake
	Manifest(ctx context.Context, day string) ([]lake.FileState, error)
	EachProfileRow(ctx context.Context, day string, fn func([]lake.ProfileRow) error) (etag string, err error)
	PutProfile(ctx context.Context, day, etag string, each func(emit func(lake.ProfileRow) error) error) error
}

// Open reads the profiles of the n days before a day, at most [MaxDays], and makes those
// that are missing or of other touches than there are now, which takes a look through all
// touches of the day. They are kept in the lake; one that cannot be written to is no error
// ([History.Note]).
//
// progress, if it is set, is called as days are made, of so many that have to be.
func Open(ctx context.Context, l Lake, day int32, n int, progress func(done, all int)) (*History, error) {
	if n < 0 || n > MaxDays {
		return nil, fmt.Errorf("a history of %d days: it goes back %d at most", n, MaxDays)
	}
	o := &opening{lake: l, progress: progress, history: newHistory(day, n)}
	if err := o.list(ctx); err != nil {
		return nil, err
	}
	if err := o.read(ctx); err != nil {
		return nil, err
	}
	if err := o.make(ctx); err != nil {
		return nil, err
	}
	return o.history, o.merge()
}

// opening is one call of [Open].
type opening struct {
	lake     Lake
	progress func(done, all int)
	history  *History
	days     []openDay
}

// openDay is a day on its way into the history.
type openDay struct {
	name    string
	files   []lake.TouchFile
	etag    string // of the profile there was, fresh or not
	profile *dayProfile
}

// list lists the files of touches of all days, of which each is a part.
func (o *opening) list(ctx context.Context) error {
	o.days = make([]openDay, len(o.history.known))
	if len(o.days) == 0 {
		return nil
	}
	for i := range o.days {
		o.days[i].name = schema.DayString(o.history.number(uint16(i)))
	}
	first := o.history.number(0)
	err := o.lake.TouchFiles(ctx, "", o.days[0].name, o.days[len(o.days)-1].name, func(f lake.TouchFile) error {
		d := &o.days[f.Partition.Day-first]
		d.files = append(d.files, f)
		return nil
	})
	for i := range o.days {
		slices.SortFunc(o.days[i].files, func(a, b lake.TouchFile) int {
			return cmp.Or(cmp.Compare(a.Partition.Table, b.Partition.Table), cmp.Compare(a.Bucket, b.Bucket))
		})
	}
	return err
}

// read reads the profiles there are.
func (o *opening) read(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(ahead)
	for i := range o.days {
		if d := &o.days[i]; len(d.files) > 0 {
			g.Go(func() error { return d.read(ctx, o.lake) })
		}
	}
	return g.Wait()
}

// errOther: a profile was written by another version of this program.
var errOther = errors.New("the profile is of another version")

// read reads the day's profile, if there is one and it is of the files there are now.
func (d *openDay) read(ctx context.Context, l Lake) (err error) {
	var p dayProfile
	var broken error // rows that make no sense
	d.etag, err = l.EachProfileRow(ctx, d.name, func(rows []lake.ProfileRow) error {
		broken = p.add(rows)
		return broken
	})
	switch {
	case broken != nil || errors.Is(err, lake.ErrCorrupt):
		return nil // it is made anew
	case err != nil:
		return fmt.Errorf("read the profile of %s: %w", d.name, err)
	case !p.ended: // or it is not there at all
		return nil
	}
	fresh, err := p.version.fresh(ctx, l, d.name, d.files)
	if err != nil || !fresh {
		return err
	}
	d.profile = &p
	return nil
}

// make makes the profiles that are still to be had.
func (o *opening) make(ctx context.Context) error {
	var all []*openDay
	for i := range o.days {
		if d := &o.days[i]; len(d.files) > 0 && d.profile == nil {
			all = append(all, d)
		}
	}
	for done, d := range all {
		if o.progress != nil {
			o.progress(done, len(all))
		}
		rows, err := build(ctx, o.lake, d.name, d.files)
		if err != nil {
			return err
		}
		if err := o.keep(ctx, d, rows); err != nil {
			return err
		}
		d.profile = new(dayProfile)
		if err := d.profile.add(rows); err != nil {
			return fmt.Errorf("profile of %s: %w", d.name, err)
		}
	}
	if o.progress != nil && len(all) > 0 {
		o.progress(len(all), len(all))
	}
	return nil
}

// keep puts a profile into the lake. That it cannot is noted, once.
func (o *opening) keep(ctx context.Context, d *openDay, rows []lake.ProfileRow) error {
	if o.history.note != "" {
		return nil
	}
	err := o.lake.PutProfile(ctx, d.name, d.etag, func(emit func(lake.ProfileRow) error) error {
		for _, r := range rows {
			if err := emit(r); err != nil {
				return err
			}
		}
		return nil
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && !errors.Is(err, object.ErrCondition) { // else somebody else has just kept it
		o.history.note = fmt.Sprintf("what the days before looked like was worked out and could not be kept for the next time: %v", err)
	}
	return nil
}

// merge makes the days a history, the latest first.
func (o *opening) merge() error {
	var bytes int64
	for i := len(o.days) - 1; i >= 0; i-- {
		d := &o.days[i]
		if d.profile == nil {
			continue
		}
		if bytes += d.profile.bytes; bytes > maxSettings {
			return fmt.Errorf("calls that changed or told settings on the days from %s on take more than %d MiB: ask for fewer days", d.name, maxSettings>>20)
		}
		if err := o.history.merge(i, d.profile); err != nil {
			return fmt.Errorf("profile of %s: %w", d.name, err)
		}
		d.profile = nil
	}
	return nil
}
