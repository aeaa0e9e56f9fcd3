package dir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/keytrail/keytrail/engine/object"
)

// Open streams an object's bytes, as they are stored. It fails with
// [object.ErrChanged] when obj has an ETag and the file another one, also when
// the file is written to while it is read. The caller closes it.
func (s *Store) Open(ctx context.Context, obj object.Info) (io.ReadCloser, error) {
	f, now, err := s.open(ctx, obj.Key)
	if err != nil {
		return nil, err
	}
	if obj.ETag != "" && obj.ETag != now.ETag {
		f.Close()
		return nil, fail("open", obj.Key, object.ErrChanged)
	}
	return &stream{ctx: ctx, store: s, file: f, info: now}, nil
}

// ReadListed appends the bytes of an object as it was listed to data, which has room
// for more than these. When it finds anything else than a file of the listed size and
// ETag, also when it is written to meanwhile, ok is false, and [Store.Open] says what
// it is. Not every system has a way to read that is quicker than a stream.
func (s *Store) ReadListed(ctx context.Context, obj object.Info, data []byte) (all []byte, ok bool) {
	path, err := s.path("open", obj.Key)
	if err != nil || ctx.Err() != nil || obj.ETag == "" {
		return data, false
	}
	all, ok = readQuickly(path, obj.ETag, data)
	if ok {
		s.count(len(all) - len(data))
	}
	return all, ok
}

// OpenAt opens the current version of an object for random access. Once it has
// been replaced or written to, reads fail with [object.ErrChanged]; once
// deleted, with [object.ErrNotExist]. ctx ends the reads too.
func (s *Store) OpenAt(ctx context.Context, key string) (object.File, error) {
	f, info, err := s.open(ctx, key)
	if err != nil {
		return nil, err
	}
	return &file{ctx: ctx, store: s, file: f, info: info}, nil
}

func (s *Store) open(ctx context.Context, key string) (*os.File, object.Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, object.Info{}, fail("open", key, err)
	}
	path, err := s.path("open", key)
	if err != nil {
		return nil, object.Info{}, err
	}
	// Should it be a pipe, O_NONBLOCK keeps opening it from waiting for a writer.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if errors.Is(err, errNotDir) || errors.Is(err, syscall.ENXIO) { // a file where the key has a folder; a socket
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, object.Info{}, fail("open", key, err)
	}
	stat, err := f.Stat()
	if err == nil && !stat.Mode().IsRegular() {
		err = fmt.Errorf("%w: it is no file", object.ErrNotExist)
	}
	if err != nil {
		f.Close()
		return nil, object.Info{}, fail("open", key, err)
	}
	return f, infoOf(key, stat), nil
}

// stream reads one version of a file to its end.
type stream struct {
	ctx   context.Context
	store *Store
	file  *os.File
	info  object.Info
	read  int64
}

func (s *stream) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, fail("read", s.info.Key, err)
	}
	n, err := s.file.Read(p)
	s.store.count(n)
	s.read += int64(n)
	if err == nil {
		return n, nil
	}
	if err == io.EOF {
		stat, statErr := s.file.Stat()
		if statErr == nil && s.read == s.info.Size && infoOf(s.info.Key, stat).ETag == s.info.ETag {
			return n, io.EOF
		}
		err = errors.Join(object.ErrChanged, statErr)
	}
	return n, fail("read", s.info.Key, err)
}

func (s *stream) Close() error { return s.file.Close() }

// file is one version of a file, for random access.
type file struct {
	ctx   context.Context
	store *Store
	file  *os.File
	info  object.Info
}

func (f *file) Info() object.Info { return f.info }
func (f *file) Close() error      { return f.file.Close() }

// ReadAt implements [io.ReaderAt]. It looks at the name after it has read, so
// that bytes of another version are never handed out as good.
func (f *file) ReadAt(p []byte, off int64) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, fail("read", f.info.Key, err)
	}
	n, err := f.file.ReadAt(p, off)
	f.store.count(n)
	if err != nil && err != io.EOF {
		return n, fail("read", f.info.Key, err)
	}
	if same, statErr := hasETag(f.file.Name(), f.info.ETag); statErr != nil {
		return 0, fail("read", f.info.Key, statErr)
	} else if !same {
		return 0, fail("read", f.info.Key, object.ErrChanged)
	}
	return n, err
}
