package objecttest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

// Mem is a store in memory. Its ETags count the writes, so a test that writes
// the same objects in the same order sees the same ETags. Safe for concurrent
// use.
type Mem struct {
	mu      sync.Mutex
	writes  int
	objects map[string]version
	meter   object.Meter
}

type version struct {
	data []byte // never written to: readers share it
	info object.Info
}

// NewMem returns an empty store.
func NewMem() *Mem { return &Mem{objects: map[string]version{}} }

// URL is "mem:///".
func (m *Mem) URL() string { return "mem:///" }

// Usage is what the store was asked for: listings, streams, and reads of files.
func (m *Mem) Usage() object.Usage { return m.meter.Usage() }

// Children implements [Store].
func (m *Mem) Children(ctx context.Context, prefix string) (dirs []string, objects []object.Info, err error) {
	err = m.List(ctx, prefix, func(o object.Info) error {
		name := o.Key[len(prefix):]
		if i := strings.IndexByte(name, '/'); i >= 0 {
			dirs = append(dirs, prefix+name[:i+1])
		} else {
			objects = append(objects, o)
		}
		return nil
	})
	return slices.Compact(dirs), objects, err
}

// List implements [Store]. fn may call the store.
func (m *Mem) List(ctx context.Context, prefix string, fn func(object.Info) error) error {
	m.meter.Asked()
	m.mu.Lock()
	all := slices.Collect(maps.Values(m.objects))
	m.mu.Unlock()
	slices.SortFunc(all, func(a, b version) int { return cmp.Compare(a.info.Key, b.info.Key) })
	for _, v := range all {
		if err := ctx.Err(); err != nil {
			return fail("list", prefix, err)
		}
		if strings.HasPrefix(v.info.Key, prefix) {
			if err := fn(v.info); err != nil {
				return err
			}
		}
	}
	return nil
}

// Open implements [Store].
func (m *Mem) Open(ctx context.Context, obj object.Info) (io.ReadCloser, error) {
	v, err := m.current(ctx, "open", obj.Key)
	if err != nil {
		return nil, err
	}
	if obj.ETag != "" && obj.ETag != v.info.ETag {
		return nil, fail("open", obj.Key, object.ErrChanged)
	}
	if v.info.StorageClass != "" {
		return nil, fail("open", obj.Key, object.ErrArchived)
	}
	m.meter.Asked()
	return &memStream{ctx: ctx, store: m, key: obj.Key, r: bytes.NewReader(v.data)}, nil
}

// OpenAt implements [Store].
func (m *Mem) OpenAt(ctx context.Context, key string) (object.File, error) {
	v, err := m.current(ctx, "open", key)
	if err != nil {
		return nil, err
	}
	return &memFile{ctx: ctx, store: m, info: v.info}, nil
}

// Put implements [Store].
func (m *Mem) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, cond object.Condition) (string, error) {
	data, err := io.ReadAll(body)
	if err != nil {
		return "", fail("put", key, err)
	}
	if int64(len(data)) != size {
		return "", fail("put", key, fmt.Errorf("body has %d bytes, not %d", len(data), size))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return "", fail("put", key, err)
	}
	old, exists := m.objects[key]
	if (cond.IfAbsent && exists) || (cond.IfMatch != "" && cond.IfMatch != old.info.ETag) {
		return "", fail("put", key, object.ErrCondition)
	}
	m.writes++
	info := object.Info{Key: key, Size: size, ETag: fmt.Sprintf("%08x", m.writes), LastModified: time.Now().UTC()}
	m.objects[key] = version{data: data, info: info}
	return info.ETag, nil
}

// Delete implements [Store].
func (m *Mem) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return fail("delete", key, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.objects, key)
	return nil
}

// Archive gives an object a storage class whose bytes need a restore.
func (m *Mem) Archive(key, class string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.objects[key]; ok {
		v.info.StorageClass = class
		m.objects[key] = v
	}
}

func (m *Mem) current(ctx context.Context, op, key string) (version, error) {
	if err := ctx.Err(); err != nil {
		return version{}, fail(op, key, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.objects[key]
	if !ok {
		return version{}, fail(op, key, object.ErrNotExist)
	}
	return v, nil
}

type memStream struct {
	ctx   context.Context
	store *Mem
	key   string
	r     *bytes.Reader
}

func (s *memStream) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, fail("read", s.key, err)
	}
	n, err := s.r.Read(p)
	s.store.meter.Received(n)
	return n, err
}

func (s *memStream) Close() error { return nil }

type memFile struct {
	ctx   context.Context
	store *Mem
	info  object.Info
}

func (f *memFile) Info() object.Info { return f.info }
func (f *memFile) Close() error      { return nil }

func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	v, err := f.store.current(f.ctx, "read", f.info.Key)
	if err != nil {
		return 0, err
	}
	if v.info.ETag != f.info.ETag {
		return 0, fail("read", f.info.Key, object.ErrChanged)
	}
	n, err := bytes.NewReader(v.data).ReadAt(p, off)
	f.store.meter.Asked()
	f.store.meter.Received(n)
	return n, err
}

func fail(op, key string, err error) error {
	return &object.Error{Op: op, Key: key, Err: err}
}
