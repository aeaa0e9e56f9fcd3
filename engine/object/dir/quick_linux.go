package dir

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// lstats returns what looks at the n entries of a folder. To open the folder for that
// pays when it holds many: their paths are long, and each is walked from the top.
func lstats(path string, n int) (lstat func(fs.DirEntry) (fs.FileInfo, error), done func()) {
	const many = 8
	if n >= many {
		if root, err := os.OpenRoot(path); err == nil {
			return func(d fs.DirEntry) (fs.FileInfo, error) { return root.Lstat(d.Name()) }, func() { root.Close() }
		}
	}
	return fs.DirEntry.Info, func() {}
}

// readQuickly is [Store.ReadListed] in five system calls; an [os.File] takes twice as
// many, of which most ask whether the file is one to wait for. Should it be a pipe by
// now, O_NONBLOCK keeps opening and reading it from waiting. No descriptor leaves here.
func readQuickly(path, etag string, data []byte) (all []byte, ok bool) {
	fd, err := uninterrupted(func() (int, error) {
		return syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	})
	if err != nil {
		return data, false
	}
	defer syscall.Close(fd)
	size, same := sizeIf(fd, etag)
	if !same || size >= int64(cap(data)-len(data)) {
		return data, false
	}
	n, err := uninterrupted(func() (int, error) { return sysRead(fd, data[len(data):cap(data)]) })
	if err != nil || int64(n) != size {
		return data, false
	}
	// Less came than was asked for, so that was the end; and it was so at one time.
	if _, same = sizeIf(fd, etag); !same {
		return data, false
	}
	return data[:len(data)+n], true
}

// sysRead is the system's, but where a test has the file change meanwhile.
var sysRead = syscall.Read

// sizeIf is the size of a regular file that has the ETag.
func sizeIf(fd int, etag string) (size int64, same bool) {
	var stat syscall.Stat_t
	_, err := uninterrupted(func() (int, error) { return 0, syscall.Fstat(fd, &stat) })
	if err != nil || stat.Mode&syscall.S_IFMT != syscall.S_IFREG {
		return 0, false
	}
	var room [64]byte
	now := appendETag(room[:0], stat.Size, time.Unix(stat.Mtim.Unix()))
	return stat.Size, string(now) == etag
}

// uninterrupted repeats a call that a signal has cut short.
func uninterrupted(call func() (int, error)) (n int, err error) {
	for {
		if n, err = call(); !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}
