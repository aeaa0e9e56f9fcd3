package digest

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/object"
)

// find lists the accounts and Regions under the prefix, with delimiter listings
// only, and the logs that lie in none.
func (v *verifier) find(ctx context.Context) (areas []area, loose []object.Info, err error) {
	var mu sync.Mutex
	seen := map[area]bool{}
	g, ctx := errgroup.WithContext(ctx)
	var walk func(folder string)
	walk = func(folder string) {
		a, ok, below := areaOf(folder)
		mu.Lock()
		defer mu.Unlock()
		if ok {
			seen[a] = true
		}
		if ok || !below {
			return
		}
		g.Go(func() error {
			if err := v.slots.Acquire(ctx, 1); err != nil {
				return err
			}
			dirs, objects, err := v.src.Children(ctx, folder)
			v.slots.Release(1)
			if err != nil {
				return err
			}
			mu.Lock()
			for _, o := range objects {
				if object.ParseKey(o.Key).Kind == object.KindCloudTrail {
					loose = append(loose, o)
				}
			}
			mu.Unlock()
			for _, dir := range dirs {
				walk(dir)
			}
			return nil
		})
	}
	walk(v.prefix)
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	for a := range seen {
		areas = append(areas, a)
	}
	slices.SortFunc(areas, func(a, b area) int { return cmp.Or(cmp.Compare(a.base, b.base), cmp.Compare(a.region, b.region)) })
	slices.SortFunc(loose, func(a, b object.Info) int { return cmp.Compare(a.Key, b.Key) })
	return areas, loose, nil
}
