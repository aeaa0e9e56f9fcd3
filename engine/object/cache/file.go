package cache

import (
	"bytes"
	"container/list"
	"context"
	"errors"
	"io"
	"sync"

	"github.com/keytrail/keytrail/engine/object"
)

const (
	blockSize = 64 << 10
	maxRun    = 32 // blocks that are read of the source at a time
	maxBlocks = 64 // blocks that a file keeps in memory: 4 MiB

	// tailBlocks at the end of a file come together: that is where columnar files say
	// what they hold, and what every question begins with.
	tailBlocks = 3
)

// file is one version of an object. Its blocks come from disk or, in runs of those that
// are lacking, from the source. A block that two readers want is fetched once. What was
// announced is taken to disk as it comes, whether it is then read or not: the source is
// asked for it, and would be again by the next question.
type file struct {
	ctx    context.Context
	cancel context.CancelFunc
	store  *Store
	info   object.Info
	shelf  shelf
	blocks int64 // of the whole object

	mu     sync.Mutex
	held   map[int64]*block
	order  list.List      // of held blocks that are ready; the next to go is last
	onDisk map[int64]bool // as far as is known
	source object.File    // nil as long as nothing was lacking

	announced []int64 // blocks, in order
	draining  bool    // they are being taken to disk
	closed    bool
	running   sync.WaitGroup
}

type block struct {
	index int64
	ready chan struct{} // closed when data or err is set
	data  []byte
	err   error
	place *list.Element
}

func newFile(ctx context.Context, s *Store, o object.Info) *file {
	f := &file{store: s, info: o, shelf: s.disk.shelf(s.URL(), o), held: map[int64]*block{}}
	f.ctx, f.cancel = context.WithCancel(ctx)
	f.blocks = (o.Size + blockSize - 1) / blockSize
	f.onDisk = f.shelf.look()
	return f
}

func (f *file) Info() object.Info { return f.info }

// Close waits for what was announced, unless the context has ended.
func (f *file) Close() error {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.running.Wait()
	f.cancel()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.source == nil {
		return nil
	}
	return f.source.Close()
}

// ReadAt implements [io.ReaderAt].
func (f *file) ReadAt(p []byte, off int64) (n int, err error) {
	if err := f.ctx.Err(); err != nil {
		return 0, &object.Error{Op: "read", Key: f.info.Key, Err: err}
	}
	if off < 0 {
		return 0, &object.Error{Op: "read", Key: f.info.Key, Err: errors.New("negative offset")}
	}
	if off >= f.info.Size {
		return 0, io.EOF
	}
	short := f.info.Size-off < int64(len(p))
	if short {
		p = p[:f.info.Size-off]
	}
	for n < len(p) {
		at := off + int64(n)
		data, err := f.get(at/blockSize, (off+int64(len(p))-1)/blockSize)
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

// get returns block i. When it is lacking, those up to last that are too come with it.
func (f *file) get(i, last int64) ([]byte, error) {
	f.mu.Lock()
	if b, ok := f.held[i]; ok {
		if b.place != nil {
			f.order.MoveToFront(b.place)
		}
		f.mu.Unlock()
		<-b.ready
		return b.data, b.err
	}
	if f.onDisk[i] {
		b := f.claim(i)
		f.mu.Unlock()
		return f.load(b)
	}
	first, last := f.widen(i, last)
	from := i
	for from > first && f.lacks(from-1) {
		from--
	}
	var run []*block
	for j := from; j <= last && j < from+maxRun && f.lacks(j); j++ {
		run = append(run, f.claim(j))
	}
	f.mu.Unlock()
	f.fill(run)
	return run[i-from].data, run[i-from].err
}

// widen makes a run of blocks that reaches the tail have all of it.
func (f *file) widen(first, last int64) (int64, int64) {
	if from := max(f.blocks-tailBlocks, 0); last >= from {
		return min(first, from), f.blocks - 1
	}
	return first, last
}

// lacks reports whether a block is neither here, nor on its way, nor on disk.
func (f *file) lacks(i int64) bool { return f.held[i] == nil && !f.onDisk[i] }

// claim marks a block as being fetched.
func (f *file) claim(i int64) *block {
	b := &block{index: i, ready: make(chan struct{})}
	f.held[i] = b
	return b
}

// load takes a block from disk, or else from the source.
func (f *file) load(b *block) ([]byte, error) {
	_, n := f.extent(b.index, 1)
	data, ok := f.shelf.load(b.index, int(n))
	if !ok {
		f.mu.Lock()
		delete(f.onDisk, b.index)
		f.mu.Unlock()
		f.fill([]*block{b})
		return b.data, b.err
	}
	f.store.meter.Spared(len(data))
	f.mu.Lock()
	defer f.mu.Unlock()
	f.settle(b, data, nil)
	return b.data, nil
}

// fill reads blocks that lie side by side from the source, wakes those who wait for
// them, and puts them on disk.
func (f *file) fill(run []*block) {
	off, n := f.extent(run[0].index, int64(len(run)))
	data, err := f.read(off, n)
	if err != nil { // before those who wait hear of it, and try again
		f.store.forgetBeside(f.info.Key)
	}
	f.mu.Lock()
	for k, b := range run {
		var part []byte
		if err == nil {
			part = data[k*blockSize : min((k+1)*blockSize, len(data))]
			part = bytes.Clone(part) // else one block would keep its whole run alive
		}
		f.settle(b, part, err)
	}
	f.mu.Unlock()
	if err != nil {
		return
	}
	for _, b := range run {
		if f.shelf.save(b.index, b.data) {
			f.mu.Lock()
			f.onDisk[b.index] = true
			f.mu.Unlock()
		}
	}
}

// settle ends the fetching of a block. One that could not be had is forgotten, so that a
// later read tries again.
func (f *file) settle(b *block, data []byte, err error) {
	b.data, b.err = data, err
	close(b.ready)
	if err != nil {
		delete(f.held, b.index)
		return
	}
	b.place = f.order.PushFront(b)
	for f.order.Len() > maxBlocks {
		oldest := f.order.Back()
		f.order.Remove(oldest)
		delete(f.held, oldest.Value.(*block).index)
	}
}

// extent is where n blocks from the ith on lie.
func (f *file) extent(i, n int64) (off, length int64) {
	off = i * blockSize
	return off, min(off+n*blockSize, f.info.Size) - off
}

func (f *file) read(off, n int64) ([]byte, error) {
	source, err := f.open()
	if err != nil {
		return nil, err
	}
	data := make([]byte, n)
	got, err := source.ReadAt(data, off)
	switch {
	case got == len(data):
		return data, nil
	case err == io.EOF: // it is shorter than it was listed
		err = &object.Error{Op: "read", Key: f.info.Key, Err: io.ErrUnexpectedEOF}
	}
	return nil, err
}

// open opens the source's file when something is lacking for the first time.
func (f *file) open() (object.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ctx.Err(); err != nil {
		return nil, &object.Error{Op: "read", Key: f.info.Key, Err: err}
	}
	if f.source != nil {
		return f.source, nil
	}
	source, err := f.store.Source.OpenListed(f.ctx, f.info)
	if err == nil {
		f.source = source
	}
	return source, err
}
