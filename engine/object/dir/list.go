package dir

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/object"
)

// entry is a folder (a key that ends in "/") or an object.
type entry struct {
	info  object.Info
	stat  fs.FileInfo // of a folder
	isDir bool
}

// Children lists one level: the folders directly under prefix, as whole keys
// that end in "/", and the objects, both in key order. prefix is "" or ends in
// "/". A missing prefix has no children.
func (s *Store) Children(ctx context.Context, prefix string) (dirs []string, objects []object.Info, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, fail("list", prefix, err)
	}
	entries, err := s.readDir(prefix)
	for _, e := range entries {
		if e.isDir {
			dirs = append(dirs, e.info.Key)
		} else {
			objects = append(objects, e.info)
		}
	}
	return dirs, objects, err
}

// List calls fn once per object whose key begins with prefix, in key order, on
// the caller's goroutine. It stops at fn's first error and returns it unchanged.
// A missing prefix lists nothing. A folder that is reached again below itself,
// through a link, is not entered twice.
func (s *Store) List(ctx context.Context, prefix string, fn func(object.Info) error) error {
	folder := prefix[:strings.LastIndexByte(prefix, '/')+1]
	var above []fs.FileInfo
	if info, err := os.Stat(filepath.Join(s.root, filepath.FromSlash(folder))); err == nil {
		above = append(above, info)
	}
	return s.walk(ctx, folder, prefix, above, fn)
}

// walk lists folder, which is prefix or lies around or below it. above are the
// folders being walked, folder itself last.
func (s *Store) walk(ctx context.Context, folder, prefix string, above []fs.FileInfo, fn func(object.Info) error) error {
	entries, err := s.readDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return fail("list", folder, err)
		}
		same := func(a fs.FileInfo) bool { return os.SameFile(a, e.stat) }
		switch {
		case !strings.HasPrefix(e.info.Key, prefix):
		case !e.isDir:
			err = fn(e.info)
		case !slices.ContainsFunc(above, same):
			err = s.walk(ctx, e.info.Key, prefix, append(above, e.stat), fn)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readDir lists a folder in key order. A folder sorts as its key, with the "/",
// because that is where the keys below it stand.
func (s *Store) readDir(folder string) ([]entry, error) {
	path := s.root
	if folder != "" {
		p, err := s.path("list", strings.TrimSuffix(folder, "/"))
		if err != nil {
			return nil, err
		}
		path = p
	}
	s.meter.Asked()
	names, lstat, done, err := readFolder(path)
	defer done()
	switch gone := errors.Is(err, fs.ErrNotExist); {
	case gone && folder == "":
		err = object.ErrNoStore
	case gone, errors.Is(err, errNotDir):
		return nil, nil
	}
	if err != nil {
		return nil, fail("list", folder, err)
	}
	entries := make([]entry, 0, len(names))
	for i, name := range names {
		stat, err := lstat(i)
		e, ok, err := read(path, folder, name, stat, err)
		if err != nil {
			return nil, fail("list", e.info.Key, err)
		}
		if ok && !s.hidden(e.info.Key) {
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.info.Key, b.info.Key) })
	return entries, nil
}

// hidden reports whether a folder is the one for files being written, or holds
// nothing else: no object lies there.
func (s *Store) hidden(folder string) bool {
	above, name := path.Split(strings.TrimSuffix(aside, "/"))
	if folder != above {
		return folder == aside
	}
	list, err := os.ReadDir(filepath.Join(s.root, above))
	return err == nil && len(list) == 1 && list[0].Name() == name
}

// read says what a name in a folder is, by what was found to look at it, and looks
// through it if it is a link. ok is false for what is no object: gone meanwhile, or a
// pipe, socket or device.
func read(path, folder, name string, stat fs.FileInfo, err error) (e entry, ok bool, _ error) {
	e.info.Key = folder + name
	if err == nil && stat.Mode()&fs.ModeSymlink != 0 {
		target, err := os.Stat(filepath.Join(path, name))
		if err != nil {
			// The link leads nowhere. It is listed, so that whoever opens it
			// learns why, rather than lost.
			e.info = infoOf(e.info.Key, stat)
			return e, true, nil
		}
		stat = target
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return e, false, nil
	case err != nil:
		return e, false, err
	case stat.IsDir():
		return entry{info: object.Info{Key: e.info.Key + "/"}, stat: stat, isDir: true}, true, nil
	}
	e.info = infoOf(e.info.Key, stat)
	return e, stat.Mode().IsRegular(), nil
}
