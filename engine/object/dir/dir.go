package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

// aside is where files are written before they get their name. It is no part of
// the store's contents.
const aside = "_keytrail/tmp/"

// Store holds objects as files. Safe for concurrent use, also by several
// processes on one machine.
type Store struct {
	root  string // absolute, without the last separator
	under string // root with it
	url   string
	turn  chan struct{} // holds one value while this process changes names
	meter object.Meter
}

// Open opens a directory that exists. path may be a file:// URL.
func Open(path string) (*Store, error) {
	s, err := at(path)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(s.root)
	if errors.Is(err, fs.ErrNotExist) {
		err = object.ErrNoStore
	}
	if err != nil {
		return nil, fail("open", path, err)
	}
	if !info.IsDir() {
		return nil, &object.Error{Op: "open", Key: path, Err: errors.New("not a directory"),
			Hint: "name the folder that holds the file"}
	}
	return s, nil
}

// Create opens a directory and makes it, for its owner alone, when it is missing.
func Create(path string) (*Store, error) {
	s, err := at(path)
	if err != nil {
		return nil, err
	}
	if err := makeDirs(s.root); err != nil {
		return nil, fail("create", path, err)
	}
	s, err = Open(path)
	if err != nil {
		return nil, err
	}
	s.Sweep(stale)
	return s, nil
}

func at(path string) (*Store, error) {
	path = strings.TrimPrefix(path, "file://")
	root, err := filepath.Abs(filepath.FromSlash(path))
	if path == "" || err != nil {
		return nil, fail("open", path, errors.Join(object.ErrNoStore, err))
	}
	url := "file://" + strings.TrimSuffix(filepath.ToSlash(root), "/") + "/"
	const separator = string(filepath.Separator)
	under := strings.TrimSuffix(root, separator) + separator
	return &Store{root: root, under: under, url: url, turn: make(chan struct{}, 1)}, nil
}

// URL is file:///absolute/path/, not percent-encoded.
func (s *Store) URL() string { return s.url }

// Usage is what the store was asked for since it was opened: folders listed, and reads
// of files with the bytes they gave.
func (s *Store) Usage() object.Usage { return s.meter.Usage() }

// count counts a read of a file.
func (s *Store) count(n int) {
	s.meter.Asked()
	s.meter.Received(n)
}

// path is the file of a key. It refuses keys that another store would keep
// apart and a file system would not, and those that lead out of the root.
func (s *Store) path(op, key string) (string, error) {
	refuse := func(why string) (string, error) {
		return "", fail(op, key, fmt.Errorf("%w: %s", object.ErrKey, why))
	}
	if strings.IndexByte(key, 0) >= 0 {
		return refuse("it holds a NUL byte")
	}
	if strings.HasPrefix(key, aside) {
		return refuse(aside + " is for files being written")
	}
	for segment := range strings.SplitSeq(key, "/") {
		switch segment {
		case "":
			return refuse("it has an empty segment")
		case ".", "..":
			return refuse("it has a segment " + segment)
		}
	}
	name := filepath.FromSlash(key)
	if !filepath.IsLocal(name) {
		return refuse("it is no path below the root")
	}
	return s.under + name, nil // as it is: nothing in it is to be cleaned
}

// infoOf is the listing entry of a file.
func infoOf(key string, f fs.FileInfo) object.Info {
	return object.Info{
		Key:          key,
		Size:         f.Size(),
		ETag:         string(appendETag(nil, f.Size(), f.ModTime())),
		LastModified: f.ModTime().UTC(),
	}
}

// appendETag appends the ETag of a file.
func appendETag(b []byte, size int64, modified time.Time) []byte {
	b = append(strconv.AppendInt(b, size, 16), '-')
	return strconv.AppendInt(b, modified.UnixNano(), 16)
}

// isETag reports whether an ETag is that of a file.
func isETag(etag string, size int64, modified time.Time) bool {
	var room [64]byte
	return string(appendETag(room[:0], size, modified)) == etag
}

// fail names the operation, the key and a cause that callers can tell apart.
func fail(op, key string, err error) error {
	var known *object.Error
	if errors.As(err, &known) {
		return err
	}
	e := &object.Error{Op: op, Key: key, Err: err}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // the key says where, in the words the user knows
		e.Err = err
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
	case errors.Is(err, fs.ErrNotExist):
		e.Err = object.ErrNotExist
	case errors.Is(err, fs.ErrPermission):
		e.Err, e.Hint = fmt.Errorf("%w (%w)", object.ErrDenied, err), "give this user the right to it"
	}
	return e
}
