package cache

import (
	"slices"

	"github.com/keytrail/keytrail/engine/object"
)

// Prefetch implements [object.Prefetcher]: the source is told of the blocks that are
// lacking.
func (f *file) Prefetch(ranges []object.Range) error {
	blocks := f.lacking(ranges)
	if len(blocks) == 0 {
		return nil
	}
	source, err := f.open()
	if err != nil {
		return err
	}
	p, ok := source.(object.Prefetcher)
	if !ok {
		return nil
	}
	lacking := make([]object.Range, len(blocks))
	for k, i := range blocks {
		lacking[k].Off, lacking[k].Len = f.extent(i, 1)
	}
	if err := p.Prefetch(lacking); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.announced = append(f.announced, blocks...)
	if !f.draining && !f.closed {
		f.draining = true
		f.running.Go(f.drain)
	}
	return nil
}

// lacking are the blocks of some ranges that are neither here nor on disk, in order.
func (f *file) lacking(ranges []object.Range) (blocks []int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range ranges {
		from, to := max(r.Off, 0), f.info.Size
		if r.Len < to-r.Off {
			to = r.Off + r.Len
		}
		if from >= to {
			continue
		}
		first, last := f.widen(from/blockSize, (to-1)/blockSize)
		for i := first; i <= last; i++ {
			if f.lacks(i) {
				blocks = append(blocks, i)
			}
		}
	}
	slices.Sort(blocks)
	return slices.Compact(blocks)
}

// drain reads what was announced.
func (f *file) drain() {
	for {
		run := f.next()
		if run == nil {
			return
		}
		if f.fill(run); run[0].err != nil {
			f.mu.Lock()
			f.announced = nil
			f.mu.Unlock()
		}
	}
}

// next claims the announced blocks that are to be read next, or returns nil.
func (f *file) next() (run []*block) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.announced) > 0 && len(run) < maxRun {
		i := f.announced[0]
		if len(run) > 0 && (i != run[len(run)-1].index+1 || !f.lacks(i)) {
			break
		}
		f.announced = f.announced[1:]
		if f.lacks(i) {
			run = append(run, f.claim(i))
		}
	}
	f.draining = len(run) > 0
	return run
}
