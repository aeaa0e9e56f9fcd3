package s3

import (
	"bytes"
	"container/list"
	"errors"
	"io"
	"sync"
)

const (
	blockSize = 64 << 10
	maxRun    = 16  // blocks that one request reads ahead at most
	maxBlocks = 256 // blocks kept: 16 MiB
	direct    = 1 << 20
)

// blocks serves small reads of one file from blocks of it. The blocks that a
// read lacks and that lie side by side come in one request; a reader that goes
// on where the last request ended gets twice as much each time. Reads of 1 MiB
// and more go past the cache. Safe for concurrent use; a block that two readers
// want is fetched once.
type blocks struct {
	size  int64
	fetch func(p []byte, off int64) error

	mu    sync.Mutex
	held  map[int64]*block
	order list.List // of held blocks that are ready; the next to go is last
}

type block struct {
	index int64
	ready chan struct{} // closed when data or err is set
	data  []byte
	err   error
	run   int64 // blocks in the request that brought it
	place *list.Element
}

func newBlocks(size int64, fetch func([]byte, int64) error) *blocks {
	return &blocks{size: size, fetch: fetch, held: map[int64]*block{}}
}

// ReadAt implements [io.ReaderAt].
func (b *blocks) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("negative offset")
	}
	if off >= b.size {
		return 0, io.EOF
	}
	short := b.size-off < int64(len(p))
	if short {
		p = p[:b.size-off]
	}
	if len(p) >= direct {
		if err := b.fetch(p, off); err != nil {
			return 0, err
		}
		n = len(p)
	}
	for n < len(p) {
		at := off + int64(n)
		last := (off + int64(len(p)) - 1) / blockSize
		data, err := b.get(at/blockSize, last)
		if err != nil {
			return n, err
		}
		n += copy(p[n:], data[at%blockSize:])
	}
	if short {
		return n, io.EOF
	}
	return n, nil
}

// get returns block i. When it has to be fetched, those up to last that are not
// held either come with it.
func (b *blocks) get(i, last int64) ([]byte, error) {
	b.mu.Lock()
	if k, ok := b.held[i]; ok {
		if k.place != nil {
			b.order.MoveToFront(k.place)
		}
		b.mu.Unlock()
		<-k.ready
		return k.data, k.err
	}
	wanted := b.claim(i, last)
	b.mu.Unlock()
	b.fill(wanted)
	return wanted[0].data, wanted[0].err
}

// claim marks block i, and those to bring along, as being fetched.
func (b *blocks) claim(i, last int64) []*block {
	run := last - i + 1
	if before, ok := b.held[i-1]; ok {
		run = max(run, 2*before.run)
	}
	run = min(run, maxRun)
	var wanted []*block
	for j := i; j < i+run && j*blockSize < b.size; j++ {
		if _, ok := b.held[j]; ok {
			break
		}
		k := &block{index: j, ready: make(chan struct{})}
		b.held[j] = k
		wanted = append(wanted, k)
	}
	for _, k := range wanted {
		k.run = int64(len(wanted))
	}
	return wanted
}

// fill fetches blocks that lie side by side and wakes those who wait for them.
// Blocks that could not be had are forgotten, so that a later read tries again.
func (b *blocks) fill(wanted []*block) {
	off := wanted[0].index * blockSize
	end := min((wanted[len(wanted)-1].index+1)*blockSize, b.size)
	data := make([]byte, end-off)
	err := b.fetch(data, off)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, k := range wanted {
		if k.err = err; err != nil {
			delete(b.held, k.index)
		} else {
			from := k.index*blockSize - off
			to := min(from+blockSize, int64(len(data)))
			k.data = bytes.Clone(data[from:to]) // else one block would keep its whole run alive
			b.keep(k)
		}
		close(k.ready)
	}
}

// keep makes room for a block that is ready.
func (b *blocks) keep(k *block) {
	k.place = b.order.PushFront(k)
	for b.order.Len() > maxBlocks {
		oldest := b.order.Back()
		b.order.Remove(oldest)
		delete(b.held, oldest.Value.(*block).index)
	}
}
