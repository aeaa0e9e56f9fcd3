package cache

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

// source is a store in memory whose listed versions can be opened. It notes what is read
// and announced of them.
type source struct {
	*objecttest.Mem
	mu        sync.Mutex
	opened    int
	read      []object.Range
	announced []object.Range
}

func newSource() *source { return &source{Mem: objecttest.NewMem()} }

func (s *source) OpenListed(ctx context.Context, o object.Info) (object.File, error) {
	f, err := s.OpenAt(ctx, o.Key)
	if err == nil && f.Info().ETag != o.ETag {
		return &gone{File: f, info: o}, nil
	}
	return &sourceFile{f, s}, err
}

// OpenAt implements [Source].
func (s *source) OpenAt(ctx context.Context, key string) (object.File, error) {
	s.mu.Lock()
	s.opened++
	s.mu.Unlock()
	return s.Mem.OpenAt(ctx, key)
}

// asked is what was read of the source since it was last called.
func (s *source) asked() []object.Range {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.read
	s.read = nil
	return all
}

type sourceFile struct {
	object.File
	source *source
}

func (f *sourceFile) ReadAt(p []byte, off int64) (int, error) {
	f.source.mu.Lock()
	f.source.read = append(f.source.read, object.Range{Off: off, Len: int64(len(p))})
	f.source.mu.Unlock()
	return f.File.ReadAt(p, off)
}

func (f *sourceFile) Prefetch(ranges []object.Range) error {
	f.source.mu.Lock()
	defer f.source.mu.Unlock()
	f.source.announced = append(f.source.announced, ranges...)
	return nil
}

// gone is a version that is no more.
type gone struct {
	object.File
	info  object.Info
	reads int
}

func (g *gone) Prefetch([]object.Range) error { return nil }
func (g *gone) Close() error                  { return nil }

func (g *gone) ReadAt([]byte, int64) (int, error) {
	g.reads++
	return 0, &object.Error{Op: "read", Key: g.info.Key, Err: object.ErrChanged}
}

func open(t *testing.T, dir string, s Source, limit int64) *Store {
	t.Helper()
	c, err := Open(dir, s, Options{Limit: limit, Warn: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func put(t *testing.T, s Source, key string, data []byte) {
	t.Helper()
	if _, err := s.Put(t.Context(), key, bytes.NewReader(data), int64(len(data)), object.Condition{}); err != nil {
		t.Fatal(err)
	}
}

func listAll(t *testing.T, s Source) {
	t.Helper()
	if err := s.List(t.Context(), "", func(object.Info) error { return nil }); err != nil {
		t.Fatal(err)
	}
}

func random(n int, seed byte) []byte {
	data := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(data)
	return data
}

func openAt(t *testing.T, s Source, key string) object.File {
	t.Helper()
	f, err := s.OpenAt(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func mustRead(t *testing.T, f object.File, data []byte, off, n int) {
	t.Helper()
	p := make([]byte, n)
	if _, err := f.ReadAt(p, int64(off)); err != nil || !bytes.Equal(p, data[off:off+n]) {
		t.Fatalf("read %d at %d: %v", n, off, err)
	}
}

// files are the paths of all blocks in a cache.
func files(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != tagFile {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// whole is a cached store with all that a store has; it lists an object before it opens
// it, so that it is cached.
type whole struct {
	*Store
	*source
}

func (w whole) List(ctx context.Context, prefix string, fn func(object.Info) error) error {
	return w.Store.List(ctx, prefix, fn)
}

func (w whole) OpenAt(ctx context.Context, key string) (object.File, error) {
	if err := w.List(ctx, key, func(object.Info) error { return nil }); err != nil {
		return nil, err
	}
	return w.Store.OpenAt(ctx, key)
}

func (w whole) OpenListed(ctx context.Context, o object.Info) (object.File, error) {
	return w.Store.OpenListed(ctx, o)
}

func (w whole) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, cond object.Condition) (string, error) {
	return w.Store.Put(ctx, key, body, size, cond)
}

func (w whole) Delete(ctx context.Context, key string) error { return w.Store.Delete(ctx, key) }
func (w whole) URL() string                                  { return w.Store.URL() }

// A cached store keeps the contract of every store, with room for all blocks and for few.
func TestSuite(t *testing.T) {
	for name, limit := range map[string]int64{"roomy": 1 << 30, "tight": 10 * fileSize, "no room": 1} {
		t.Run(name, func(t *testing.T) {
			objecttest.Suite(t, func(t *testing.T) objecttest.Store {
				s := newSource()
				return whole{open(t, t.TempDir(), s, limit), s}
			})
		})
	}
}

// The second question, of another process, asks the source for nothing but the listing.
func TestSecondTime(t *testing.T) {
	dir, s := t.TempDir(), newSource()
	data := random(10*blockSize+100, 1)
	put(t, s, "k", data)
	ask := func() object.Usage {
		c := open(t, dir, s, 1<<30)
		listAll(t, c)
		f := openAt(t, c, "k")
		mustRead(t, f, data, len(data)-8, 8)
		mustRead(t, f, data, len(data)-blockSize, blockSize)
		mustRead(t, f, data, 2*blockSize+10, 100)
		mustRead(t, f, data, 2*blockSize+200, 100)
		mustRead(t, f, data, 4*blockSize-1, 2)
		return c.Usage()
	}
	first := ask()
	want := []object.Range{{Off: 8 * blockSize, Len: 2*blockSize + 100}, {Off: 2 * blockSize, Len: blockSize}, {Off: 3 * blockSize, Len: 2 * blockSize}}
	if got := s.asked(); !slices.Equal(got, want) {
		t.Errorf("asked for %v, not %v", got, want)
	}
	if s.opened != 1 || first.Cached != 0 {
		t.Errorf("%d opened, usage %+v", s.opened, first)
	}
	second := ask()
	if got := s.asked(); len(got) > 0 || s.opened != 1 {
		t.Errorf("asked again for %v, %d opened", got, s.opened)
	}
	if want := int64(4*blockSize + 100); second.Cached != want {
		t.Errorf("%d bytes came from disk, not %d", second.Cached, want)
	}
}

// What is announced of a file reaches the source, without the blocks that are here, and
// with the whole tail.
func TestAnnouncements(t *testing.T) {
	dir, s := t.TempDir(), newSource()
	data := random(40*blockSize, 2)
	put(t, s, "k", data)
	c := open(t, dir, s, 1<<30)
	listAll(t, c)
	f := openAt(t, c, "k").(*file)
	for _, step := range []struct {
		ranges []object.Range
		want   []int64 // blocks
	}{
		{[]object.Range{{Off: 39*blockSize + 5, Len: 10}}, []int64{37, 38, 39}},
		{[]object.Range{{Off: 5, Len: 10}, {Off: 3 * blockSize, Len: blockSize + 1}}, []int64{0, 3, 4}},
		{[]object.Range{{Off: 0, Len: 2 * blockSize}, {Off: -5, Len: 3}, {Off: 41 * blockSize, Len: 1}}, []int64{1}},
		{[]object.Range{{Off: 38 * blockSize, Len: 1 << 62}}, nil},
	} {
		s.announced = nil
		if err := f.Prefetch(step.ranges); err != nil {
			t.Fatal(err)
		}
		var blocks []int64
		for _, r := range s.announced {
			if r.Len != blockSize || r.Off%blockSize != 0 {
				t.Errorf("announced %v", r)
			}
			blocks = append(blocks, r.Off/blockSize)
		}
		if !slices.Equal(blocks, step.want) {
			t.Errorf("%v: announced blocks %v, not %v", step.ranges, blocks, step.want)
		}
		for _, i := range blocks {
			mustRead(t, f, data, int(i)*blockSize, 10)
		}
	}
	f.Close()
	if err := f.Prefetch([]object.Range{{Off: 20 * blockSize, Len: 1}}); !errors.Is(err, context.Canceled) {
		t.Errorf("announced to a closed file: %v", err)
	}
}

// What was announced is kept although nobody read it: the source was asked for it. When
// it cannot be had, the rest is not asked for.
func TestAnnouncedIsKept(t *testing.T) {
	dir, s := t.TempDir(), newSource()
	data := random(200*blockSize, 9)
	put(t, s, "k", data)
	ranges := []object.Range{{Off: 5, Len: 10}, {Off: 10 * blockSize, Len: 50 * blockSize}, {Off: 100 * blockSize, Len: 1}}
	for round := range 2 {
		c := open(t, dir, s, 1<<30)
		listAll(t, c)
		f := openAt(t, c, "k").(*file)
		s.announced = nil
		if err := f.Prefetch(ranges); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if asked := s.asked(); len(s.announced)+len(asked) > 0 != (round == 0) {
			t.Errorf("round %d: announced %v, asked for %v", round, s.announced, asked)
		}
	}
	if n := len(files(t, dir)); n != 52 {
		t.Errorf("%d blocks are kept, not 52", n)
	}

	c := open(t, t.TempDir(), s, 1<<30)
	listAll(t, c)
	put(t, s, "k", data)
	f := openAt(t, c, "k").(*file)
	f.source = &gone{info: f.info} // as it is to who opens it now
	if err := f.Prefetch(ranges); err != nil {
		t.Fatal(err)
	}
	f.running.Wait()
	if n := f.source.(*gone).reads; n != 1 {
		t.Errorf("what is gone was asked for %d times", n)
	}
}

// A replaced object is never served from old blocks, which are removed as soon as the
// new version is listed and opened; nor are two versions mixed.
func TestReplaced(t *testing.T) {
	dir, s := t.TempDir(), newSource()
	old, now := random(20*blockSize, 3), random(20*blockSize+7, 4)
	put(t, s, "k", old)
	put(t, s, "other", old)
	c := open(t, dir, s, 1<<30)
	listAll(t, c)
	f := openAt(t, c, "k")
	mustRead(t, f, old, 0, 10)
	mustRead(t, openAt(t, c, "other"), old, 0, 10)
	put(t, s, "k", now) // by somebody else

	again := openAt(t, c, "k") // still as listed
	mustRead(t, again, old, 5, 10)
	if _, err := again.ReadAt(make([]byte, 10), 5*blockSize); !errors.Is(err, object.ErrChanged) {
		t.Errorf("a block that is not on disk: %v", err)
	}
	mustRead(t, openAt(t, c, "k"), now, 0, 100) // asked for, now that this is known

	listAll(t, c)
	fresh := openAt(t, c, "k")
	if left := len(files(t, dir)); left != 1 {
		t.Errorf("%d blocks are left, and should be that of the other object", left)
	}
	if fresh.Info().Size != int64(len(now)) {
		t.Errorf("opened %+v", fresh.Info())
	}
	mustRead(t, fresh, now, 0, len(now))
	put(t, c, "k", old) // through the cache
	mustRead(t, openAt(t, c, "k"), old, 0, len(old))
	if err := c.Delete(t.Context(), "k"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.OpenAt(t.Context(), "k"); !errors.Is(err, object.ErrNotExist) {
		t.Errorf("deleted through the cache: %v", err)
	}
	if err := s.Delete(t.Context(), "other"); err != nil {
		t.Fatal(err)
	}
	listAll(t, c)
	if _, err := c.OpenAt(t.Context(), "other"); !errors.Is(err, object.ErrNotExist) {
		t.Errorf("not listed any more: %v", err)
	}
}

// When an object of a folder turns out to be replaced, those beside it are not served as
// they were listed either: a partition that is split has its rows elsewhere now.
func TestReplacedBeside(t *testing.T) {
	s := newSource()
	old, now := random(20*blockSize, 5), random(20*blockSize, 6)
	keys := []string{"day=1/part-00", "day=1/part-01", "day=2/part-00"}
	for _, key := range keys {
		put(t, s, key, old)
	}
	c := open(t, t.TempDir(), s, 1<<30)
	listAll(t, c)
	for _, key := range keys[1:] {
		mustRead(t, openAt(t, c, key), old, 0, len(old))
	}
	for _, key := range keys {
		put(t, s, key, now) // by somebody else
	}
	if _, err := openAt(t, c, keys[0]).ReadAt(make([]byte, 10), 0); !errors.Is(err, object.ErrChanged) {
		t.Errorf("replaced since it was listed: %v", err)
	}
	mustRead(t, openAt(t, c, keys[0]), now, 0, 100)
	mustRead(t, openAt(t, c, keys[1]), now, 0, 100)
	mustRead(t, openAt(t, c, keys[2]), old, 0, 100) // as listed, from disk
}

// BenchmarkWarm reads a file that is on disk: what a question asked again spends.
func BenchmarkWarm(b *testing.B) {
	s := newSource()
	data := random(100*blockSize, 1)
	if _, err := s.Put(b.Context(), "k", bytes.NewReader(data), int64(len(data)), object.Condition{}); err != nil {
		b.Fatal(err)
	}
	c, err := Open(b.TempDir(), s, Options{Limit: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	if err := c.List(b.Context(), "", func(object.Info) error { return nil }); err != nil {
		b.Fatal(err)
	}
	p := make([]byte, 1000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		f, err := c.OpenAt(b.Context(), "k")
		if err != nil {
			b.Fatal(err)
		}
		for off := 0; off < len(data); off += blockSize {
			if _, err := f.ReadAt(p, int64(off)); err != nil {
				b.Fatal(err)
			}
		}
		f.Close()
	}
}
