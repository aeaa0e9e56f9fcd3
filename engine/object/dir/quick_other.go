//go:build !linux

package dir

import (
	"io/fs"
	"os"
)

// readFolder lists the names in a folder, and returns what looks at each: some systems
// have told all about them already.
func readFolder(path string) (names []string, lstat func(i int) (fs.FileInfo, error), done func(), err error) {
	list, err := os.ReadDir(path)
	for _, d := range list {
		names = append(names, d.Name())
	}
	return names, func(i int) (fs.FileInfo, error) { return list[i].Info() }, func() {}, err
}

// readQuickly leaves it to [Store.Open].
func readQuickly(_, _ string, data []byte) (all []byte, ok bool) { return data, false }

// hasETag reports whether the file of that name has an ETag.
func hasETag(path, etag string) (bool, error) {
	stat, err := os.Stat(path)
	return err == nil && isETag(etag, stat.Size(), stat.ModTime()), err
}
