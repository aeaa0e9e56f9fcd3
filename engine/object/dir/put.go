package dir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

// stale is the age at which a file left aside by a killed process is removed.
const stale = 24 * time.Hour

// Put writes an object whole and returns its ETag. body is read from its current
// position and must hold size bytes. A reader sees the old file or the new one;
// once Put has returned, the new one survives a power cut.
func (s *Store) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, cond object.Condition) (string, error) {
	path, err := s.path("put", key)
	if err != nil {
		return "", err
	}
	temp, err := s.write(ctx, body, size)
	if err != nil {
		return "", fail("put", key, err)
	}
	etag, err := s.place(ctx, temp, path, cond)
	if err != nil {
		os.Remove(temp) // no longer there once it has its name
		return "", fail("put", key, err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return "", fail("put", key, err)
	}
	return etag, nil
}

// write copies body into a new file aside, down to the disk.
func (s *Store) write(ctx context.Context, body io.Reader, size int64) (temp string, err error) {
	dir := filepath.Join(s.root, filepath.FromSlash(aside))
	if err := makeDirs(dir); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, "put-") // mode 0600
	if err != nil {
		return "", err
	}
	n, err := io.Copy(f, io.LimitReader(reader{ctx, body}, size+1))
	if err == nil && n != size {
		err = fmt.Errorf("body does not have the %d bytes it should", size)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// place gives temp its name if cond holds. Writers take turns from the check to
// the rename.
func (s *Store) place(ctx context.Context, temp, path string, cond object.Condition) (etag string, err error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return "", err
	}
	defer unlock()
	now := time.Now()
	old, err := os.Stat(path)
	switch {
	case err == nil:
		if cond.IfAbsent || (cond.IfMatch != "" && cond.IfMatch != infoOf("", old).ETag) {
			return "", object.ErrCondition
		}
		if old.IsDir() {
			return "", fmt.Errorf("%w: a folder has that name", object.ErrKey)
		}
		if !now.After(old.ModTime()) {
			now = old.ModTime().Add(1)
		}
	case errors.Is(err, fs.ErrNotExist):
		if cond.IfMatch != "" {
			return "", object.ErrCondition
		}
	case errors.Is(err, errNotDir):
		return "", fmt.Errorf("%w: part of it is the name of a file", object.ErrKey)
	default:
		return "", err
	}
	if err := os.Chtimes(temp, now, now); err != nil {
		return "", err
	}
	if err := makeDirs(filepath.Dir(path)); err != nil {
		return "", err
	}
	if err := os.Rename(temp, path); err != nil {
		return "", err
	}
	stat, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	return infoOf("", stat).ETag, nil
}

// Delete removes an object and the folders that it leaves empty: in a bucket
// they would not exist either. A missing object is no error.
func (s *Store) Delete(ctx context.Context, key string) error {
	path, err := s.path("delete", key)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fail("delete", key, err)
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotDir) {
		return nil // asked first, so that a source is not written to for nothing
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return fail("delete", key, err)
	}
	defer unlock()
	if stat, err := os.Stat(path); err == nil && stat.IsDir() {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fail("delete", key, err)
	}
	if err := syncDir(s.prune(filepath.Dir(path))); err != nil {
		return fail("delete", key, err)
	}
	return nil
}

// prune removes empty folders from dir upwards and returns the first that
// stays. A link to a folder stays, whatever it leads to.
func (s *Store) prune(dir string) string {
	for dir != s.root {
		stat, err := os.Lstat(dir)
		if err != nil || !stat.IsDir() || os.Remove(dir) != nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	return dir
}

// Sweep removes what killed processes left aside: files that nobody has written to for so
// long. A put that takes longer than that fails.
func (s *Store) Sweep(age time.Duration) {
	dir := filepath.Join(s.root, filepath.FromSlash(aside))
	left, _ := os.ReadDir(dir)
	for _, d := range left {
		stat, err := d.Info()
		if err == nil && strings.HasPrefix(d.Name(), "put-") && time.Since(stat.ModTime()) > age {
			os.Remove(filepath.Join(dir, d.Name()))
		}
	}
}
