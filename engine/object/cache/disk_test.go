package cache

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/object"
)

// Files that are not what was written are not believed but removed, and answers are
// right.
func TestDamage(t *testing.T) {
	flip := func(at int) func([]byte) []byte {
		return func(b []byte) []byte { b[(at+len(b))%len(b)] ^= 0x10; return b }
	}
	data := random(5*blockSize+100, 5)
	for name, spoil := range map[string]func(file []byte) []byte{
		"empty":       func([]byte) []byte { return nil },
		"short":       func(b []byte) []byte { return b[:len(b)-1] },
		"long":        func(b []byte) []byte { return append(b, 0) },
		"zeros":       func(b []byte) []byte { return make([]byte, len(b)) },
		"magic":       flip(0),
		"identity":    flip(len(magic) + 3),
		"index":       flip(headerSize - 8),
		"first byte":  flip(headerSize),
		"last byte":   flip(-sumSize - 1),
		"checksum":    flip(-1),
		"lost halves": func(b []byte) []byte { return append(b[:len(b)/2], make([]byte, len(b)-len(b)/2)...) },
	} {
		t.Run(name, func(t *testing.T) {
			dir, s := t.TempDir(), newSource()
			put(t, s, "k", data)
			c := open(t, dir, s, 1<<30)
			listAll(t, c)
			mustRead(t, openAt(t, c, "k"), data, 0, len(data))
			all := files(t, dir)
			if len(all) != 6 {
				t.Fatalf("%d blocks on disk", len(all))
			}
			for _, path := range all {
				good, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, spoil(good), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for round, want := range []bool{true, false} { // asked for again, and then kept
				s.asked()
				c := open(t, dir, s, 1<<30)
				listAll(t, c)
				mustRead(t, openAt(t, c, "k"), data, 0, len(data))
				if asked := len(s.asked()) > 0; asked != want {
					t.Errorf("round %d: asked for it: %v", round, asked)
				}
			}
		})
	}
}

// A block in the place of another is not believed either, whole as it is.
func TestMisplaced(t *testing.T) {
	dir, s := t.TempDir(), newSource()
	one, two := random(4*blockSize, 6), random(4*blockSize, 7)
	put(t, s, "one", one)
	put(t, s, "two", two)
	c := open(t, dir, s, 1<<30)
	listAll(t, c)
	mustRead(t, openAt(t, c, "one"), one, 0, len(one))
	mustRead(t, openAt(t, c, "two"), two, 0, len(two))
	all := files(t, dir)
	for i, path := range all { // all in a circle
		if err := os.Rename(path, fmt.Sprint(all[(i+1)%len(all)], "x")); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range all {
		if err := os.Rename(path+"x", path); err != nil {
			t.Fatal(err)
		}
	}
	c = open(t, dir, s, 1<<30)
	listAll(t, c)
	mustRead(t, openAt(t, c, "one"), one, 0, len(one))
	mustRead(t, openAt(t, c, "two"), two, 0, len(two))
}

// The cache never outgrows its limit. What was used least recently goes, and nothing
// that is not ours does.
func TestBound(t *testing.T) {
	const room = 40
	dir, s := t.TempDir(), newSource()
	for i := range 30 {
		put(t, s, fmt.Sprint("k", i), random(4*blockSize, byte(i)))
	}
	foreign := filepath.Join(dir, strings.Repeat("a", shelfDigits), "holiday.jpg")
	if err := os.MkdirAll(filepath.Dir(foreign), 0o700); err != nil {
		t.Fatal(err)
	}
	dead := filepath.Join(filepath.Dir(foreign), asidePrefix+"1")
	for _, path := range []string{foreign, dead, filepath.Join(dir, "thesis.tex")} {
		if err := os.WriteFile(path, random(blockSize, 1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	age := func(path string, by time.Duration) {
		t.Helper()
		if err := os.Chtimes(path, time.Now(), time.Now().Add(-by)); err != nil {
			t.Fatal(err)
		}
	}
	age(dead, 2*asideAge)

	read := func(from, to int) {
		t.Helper()
		c := open(t, dir, s, room*fileSize)
		listAll(t, c)
		for i := from; i < to; i++ {
			f := openAt(t, c, fmt.Sprint("k", i))
			mustRead(t, f, random(4*blockSize, byte(i)), 0, 4*blockSize)
			if n := len(files(t, dir)) - 2; n > room+1 { // and the dead one at first
				t.Fatalf("%d blocks on disk", n)
			}
		}
	}
	read(0, 9)
	for _, path := range files(t, dir) {
		if path != foreign && path != dead {
			age(path, 3*touchAge)
		}
	}
	read(0, 2) // used once more: these stay
	read(9, 16)
	s.asked()
	read(0, 2)
	if got := s.asked(); len(got) > 0 {
		t.Errorf("what was used is gone: asked for %v", got)
	}
	read(2, 3)
	if got := s.asked(); len(got) == 0 {
		t.Error("what was not used for longest is still there")
	}
	read(0, 30)
	if _, err := os.Stat(dead); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what a dead process left aside: %v", err)
	}
	for _, path := range []string{foreign, filepath.Join(dir, "thesis.tex")} {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("not ours, and gone: %v", err)
		}
	}
	shelves, err := os.ReadDir(dir)
	if err != nil || len(shelves) > 3+room {
		t.Errorf("%d directories, %v: empty ones stay", len(shelves), err)
	}
}

// Nobody else can read what is kept, its names tell nothing, backups pass it over, and a
// directory that others can write to is refused.
func TestPrivate(t *testing.T) {
	dir, s := filepath.Join(t.TempDir(), "new", "cache"), newSource()
	put(t, s, "table_name=secret", random(100, 1))
	c := open(t, dir, s, 1<<30)
	listAll(t, c)
	mustRead(t, openAt(t, c, "table_name=secret"), random(100, 1), 0, 100)
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		if strings.Contains(path[len(dir):], "secret") {
			t.Errorf("%s tells what it holds", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	tag, err := os.ReadFile(filepath.Join(dir, "CACHEDIR.TAG"))
	if err != nil || !strings.HasPrefix(string(tag), "Signature: 8a477f597d28d172789f06886806bc55\n") {
		t.Errorf("tag %q, %v", tag, err)
	}
	for _, mode := range []os.FileMode{0o777 | os.ModeSticky, 0o770} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		var e *object.Error
		if _, err := Open(dir, s, Options{Limit: 1 << 30}); !errors.As(err, &e) || e.Hint == "" {
			t.Errorf("mode %v: %v", mode, err)
		}
	}
	if _, err := Open(filepath.Join(dir, tagFile), s, Options{Limit: 1 << 30}); err == nil {
		t.Error("a file is taken for a directory")
	}
}

// A disk that takes no more is told of once, and spoils no answer.
func TestDiskFails(t *testing.T) {
	dir, s := t.TempDir(), newSource()
	data := random(10*blockSize, 8)
	put(t, s, "k", data)
	var warnings []string
	c, err := Open(dir, s, Options{Limit: 1 << 30, Warn: func(err error) { warnings = append(warnings, err.Error()) }})
	if err != nil {
		t.Fatal(err)
	}
	listAll(t, c)
	place := c.disk.shelf(s.URL(), object.Info{Key: "k"}).dir
	if err := os.WriteFile(place, nil, 0o600); err != nil { // where the blocks' directory should be
		t.Fatal(err)
	}
	f := openAt(t, c, "k")
	for i := range 10 {
		mustRead(t, f, data, i*blockSize, blockSize)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "nothing more is kept") {
		t.Errorf("warnings %q", warnings)
	}
}

// Several processes, of which each has many readers, share a directory that is too small
// for them, while objects are replaced and the cache is removed beneath them. Every byte
// read is of the version that was opened.
func TestManyAtOnce(t *testing.T) {
	const keys, size, rounds = 6, 7*blockSize + 123, 100
	dir, s := t.TempDir(), newSource()
	var all [keys][8][]byte // versions, of lengths that tell them apart
	for k := range all {
		for n := range all[k] {
			all[k][n] = random(size+n, byte(k*16+n))
		}
	}
	for k := range keys {
		put(t, s, fmt.Sprint(k), all[k][0])
	}
	var g errgroup.Group
	for range 3 {
		c := open(t, dir, s, 20*fileSize)
		for range 3 {
			g.Go(func() error {
				for range rounds {
					k := rand.IntN(keys)
					if rand.IntN(4) == 0 {
						listAll(t, c)
					}
					f, err := c.OpenAt(t.Context(), fmt.Sprint(k))
					if err != nil {
						return err
					}
					off, n := rand.IntN(size), 1+rand.IntN(3*blockSize)
					n = min(n, size-off)
					want := all[k][f.Info().Size-size]
					p := make([]byte, n)
					_, err = f.ReadAt(p, int64(off))
					f.Close()
					if err != nil && !errors.Is(err, object.ErrChanged) {
						return err
					}
					if err == nil && !bytes.Equal(p, want[off:off+n]) {
						return fmt.Errorf("%d bytes of %d at %d are wrong", n, k, off)
					}
				}
				return nil
			})
		}
	}
	g.Go(func() error {
		for n := 1; n < 8; n++ {
			time.Sleep(10 * time.Millisecond)
			k := n % keys
			put(t, s, fmt.Sprint(k), all[k][n])
			_ = os.RemoveAll(dir) // as far as nobody writes into it meanwhile
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}
