package dir

import (
	"errors"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"time"
)

// readFolder lists the names in a folder, in no order, and returns what looks at each. It
// takes half the system calls of [os.ReadDir]. To look at names from the open folder pays
// when it holds many: their paths are long, and each is walked from the top.
func readFolder(path string) (names []string, lstat func(i int) (fs.FileInfo, error), done func(), err error) {
	done = func() {}
	if names, err = folderNames(path); err != nil {
		return nil, nil, done, err
	}
	const many = 8
	if len(names) >= many {
		if root, err := os.OpenRoot(path); err == nil {
			return names, func(i int) (fs.FileInfo, error) { return root.Lstat(names[i]) }, func() { root.Close() }, nil
		}
	}
	return names, func(i int) (fs.FileInfo, error) { return os.Lstat(path + "/" + names[i]) }, done, nil
}

func folderNames(path string) (names []string, err error) {
	fd, err := uninterrupted(func() (int, error) {
		return syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_DIRECTORY, 0)
	})
	if err != nil {
		return nil, err
	}
	defer syscall.Close(fd)
	room := folderRooms.Get().(*[8 << 10]byte)
	defer folderRooms.Put(room)
	for {
		n, err := uninterrupted(func() (int, error) { return syscall.ReadDirent(fd, room[:]) })
		if n <= 0 || err != nil {
			return names, err
		}
		_, _, names = syscall.ParseDirent(room[:n], -1, names)
	}
}

var folderRooms = sync.Pool{New: func() any { return new([8 << 10]byte) }}

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
	return stat.Size, isETag(etag, stat.Size, time.Unix(stat.Mtim.Unix()))
}

// hasETag reports whether the file of that name has an ETag. An [os.Stat] makes things of
// what it learns that nobody asks for, after each read.
func hasETag(path, etag string) (bool, error) {
	var stat syscall.Stat_t
	_, err := uninterrupted(func() (int, error) { return 0, syscall.Stat(path, &stat) })
	return isETag(etag, stat.Size, time.Unix(stat.Mtim.Unix())), err
}

// uninterrupted repeats a call that a signal has cut short.
func uninterrupted(call func() (int, error)) (n int, err error) {
	for {
		if n, err = call(); !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}
