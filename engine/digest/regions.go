package digest

import (
	"context"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/object"
)

// Region is a Region that digests are of. CloudTrail signs a digest with a key of
// that Region, wherever the trail's home is.
type Region struct {
	Name string
	// From and To are when its digests were signed, as far as their names tell and
	// with room to spare. Backfill digests are signed at any time after the hour they
	// cover, so with them there is no end: To is zero.
	From, To time.Time
}

const (
	signedBefore = 25 * time.Hour // more than any digest lies before its own end
	signedAfter  = signDelay
)

// Regions lists the Regions whose keys [Verify] needs for the same source, prefix and
// delivery days, by name. It lists digests and reads none.
func Regions(ctx context.Context, src Source, prefix, from, to string) ([]Region, error) {
	w, err := newWindow(from, to)
	if err != nil {
		return nil, err
	}
	v := newVerifier(src, prefix, nil, Options{})
	areas, _, err := v.find(ctx)
	if err != nil {
		return nil, err
	}
	found := map[string]*Region{}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(areasAtOnce)
	for _, a := range areas {
		g.Go(func() error {
			return w.around().list(ctx, src, a.digests(), a.digests(), func(o object.Info) error {
				name, end, ok := parseName(o.Key)
				if !ok {
					return nil
				}
				v.mu.Lock()
				defer v.mu.Unlock()
				r := found[a.region]
				if r == nil {
					r = &Region{a.region, end.Add(-signedBefore), end.Add(signedAfter)}
					found[a.region] = r
				}
				r.add(end, name.backfill)
				return nil
			})
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var regions []Region
	for _, name := range slices.Sorted(maps.Keys(found)) {
		regions = append(regions, *found[name])
	}
	return regions, nil
}

func (r *Region) add(end time.Time, backfill bool) {
	if t := end.Add(-signedBefore); t.Before(r.From) {
		r.From = t
	}
	if t := end.Add(signedAfter); !r.To.IsZero() && t.After(r.To) {
		r.To = t
	}
	if backfill {
		r.To = time.Time{}
	}
}
