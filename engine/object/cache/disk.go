package cache

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// tagFile tells backups to leave the directory out ("Cache Directory Tagging
	// Specification").
	tagFile = "CACHEDIR.TAG"
	tagText = "Signature: 8a477f597d28d172789f06886806bc55\n# Blocks of a lake in a bucket, kept by keytrail. May be removed at any time.\n"

	asidePrefix = ".new-"
	asideAge    = time.Hour // a file aside that is older was left by a process that died
	touchAge    = time.Hour // a block's time of use is this exact: each note of it is a write
)

// disk is the directory. What lies in it that is not ours is left alone.
type disk struct {
	dir   string
	limit int64
	warn  func(error)

	mu     sync.Mutex
	blocks int64 // that are on disk, or -1 before they were counted
	broken bool  // blocks cannot be written
}

func openDisk(dir string, o Options) (*disk, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := private(dir); err != nil {
		return nil, err
	}
	tag, err := os.OpenFile(filepath.Join(dir, tagFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case err == nil:
		_, err = tag.WriteString(tagText)
		err = errors.Join(err, tag.Close())
	case errors.Is(err, fs.ErrExist):
		err = nil
	}
	return &disk{dir: dir, limit: o.Limit, warn: o.Warn, blocks: -1}, err
}

// failed stops the writing of blocks and says so once.
func (d *disk) failed(err error) {
	d.mu.Lock()
	first := !d.broken
	d.broken = true
	d.mu.Unlock()
	if first && d.warn != nil {
		d.warn(fmt.Errorf("cache %s: nothing more is kept in it: %w", d.dir, err))
	}
}

// admit reports whether one more block may be written, for which others may have to go.
func (d *disk) admit() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken || d.limit < fileSize {
		return false
	}
	if d.blocks < 0 { // the first block that this process writes
		d.blocks = int64(len(d.list()))
	}
	if (d.blocks+1)*fileSize > d.limit {
		d.evict()
	}
	if (d.blocks+1)*fileSize > d.limit {
		return false
	}
	d.blocks++
	return true
}

// evict removes those blocks that were used least recently, so many that it is not asked
// for again soon.
func (d *disk) evict() {
	type aged struct {
		path string
		used time.Time
	}
	var all []aged
	for _, path := range d.list() { // anew: other processes write and remove too
		if info, err := os.Lstat(path); err == nil {
			all = append(all, aged{path, info.ModTime()})
		}
	}
	slices.SortFunc(all, func(a, b aged) int {
		return cmp.Or(a.used.Compare(b.used), strings.Compare(a.path, b.path))
	})
	d.blocks = int64(len(all))
	leave := d.limit / fileSize * 9 / 10
	for _, a := range all[:max(d.blocks-leave, 0)] {
		if err := os.Remove(a.path); err == nil || errors.Is(err, fs.ErrNotExist) {
			d.blocks--
		}
		_ = os.Remove(filepath.Dir(a.path)) // works when it was the last one
	}
}

// list returns the paths of all blocks, and removes what dead processes left aside.
func (d *disk) list() (blocks []string) {
	for _, shelf := range names(d.dir) {
		if !isHex(shelf, shelfDigits) {
			continue
		}
		dir := filepath.Join(d.dir, shelf)
		for _, name := range names(dir) {
			if _, _, ok := parseName(name); ok {
				blocks = append(blocks, dir+string(filepath.Separator)+name)
			} else if strings.HasPrefix(name, asidePrefix) {
				removeOld(filepath.Join(dir, name))
			}
		}
	}
	return blocks
}

// names are those in a directory, in no order. What cannot be listed has none.
func names(dir string) []string {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	all, _ := f.Readdirnames(-1)
	return all
}

func removeOld(aside string) {
	if info, err := os.Lstat(aside); err == nil && time.Since(info.ModTime()) > asideAge {
		_ = os.Remove(aside)
	}
}
