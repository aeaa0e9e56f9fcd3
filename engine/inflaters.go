package engine

import (
	"sync"

	"github.com/keytrail/keytrail/engine/inflate"
)

// inflaters lends inflaters to workers, so that the few large buffers there is
// room for are used by whoever has a large object. Safe for concurrent use.
type inflaters struct {
	objectLimit int64 // most inflated bytes of one object
	keep        int   // most bytes of buffers kept while nobody uses them

	mu   sync.Mutex
	idle []*inflate.Inflater
	held int // bytes of the idle ones' buffers
}

// take returns the idle inflater whose buffer fits size bytes best: the smallest
// that is large enough, else the largest.
func (p *inflaters) take(size int) *inflate.Inflater {
	p.mu.Lock()
	defer p.mu.Unlock()
	best := -1
	for i, z := range p.idle {
		if best < 0 || fitsBetter(z.Held(), p.idle[best].Held(), size) {
			best = i
		}
	}
	if best < 0 {
		return inflate.New(p.objectLimit)
	}
	z, last := p.idle[best], len(p.idle)-1
	p.idle[best], p.idle = p.idle[last], p.idle[:last]
	p.held -= z.Held()
	return z
}

func fitsBetter(a, b, size int) bool {
	if a >= size && b >= size {
		return a < b
	}
	return a > b
}

func (p *inflaters) give(z *inflate.Inflater) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held+z.Held() > p.keep {
		z.Shrink(0)
	}
	p.idle = append(p.idle, z)
	p.held += z.Held()
}
