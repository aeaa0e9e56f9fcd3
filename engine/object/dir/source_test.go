package dir

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/keytrail/keytrail/engine/object"
)

// tree makes files (and the folders above them) and links, and opens it.
func tree(t *testing.T, files []string, links map[string]string) (root string, s *Store) {
	t.Helper()
	root = t.TempDir()
	for _, name := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range links {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return root, s
}

func keys(t *testing.T, s *Store, prefix string) (keys []string) {
	t.Helper()
	err := s.List(t.Context(), prefix, func(o object.Info) error {
		keys = append(keys, o.Key)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestLinks(t *testing.T) {
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "far"), []byte("far away"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, s := tree(t, []string{"a/b/file", "c"}, map[string]string{
		"a/link":     "../c",
		"a/b/up":     "..",
		"a/b/self":   ".",
		"a/b/root":   "../..",
		"a/elsewhat": other,
		"a/loop":     "loop",
		"nowhere":    "gone",
	})
	want := []string{"a/b/file", "a/elsewhat/far", "a/link", "a/loop", "c", "nowhere"}
	if got := keys(t, s, ""); !slices.Equal(got, want) {
		t.Errorf("list:\n got %q\nwant %q", got, want)
	}
	for key, text := range map[string]string{"a/link": "c", "a/elsewhat/far": "far away"} {
		r, err := s.Open(t.Context(), object.Info{Key: key})
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		r.Close()
		if string(data) != text || err != nil {
			t.Errorf("%s holds %q, %v", key, data, err)
		}
	}
	if _, err := s.Open(t.Context(), object.Info{Key: "nowhere"}); !errors.Is(err, object.ErrNotExist) {
		t.Errorf("open a link that leads nowhere: %v", err)
	}
	if _, err := s.Open(t.Context(), object.Info{Key: "a/loop"}); err == nil {
		t.Error("a link to itself was opened")
	}
	// A list that begins inside a cycle ends too.
	if got := keys(t, s, "a/b/up/b/"); !slices.Contains(got, "a/b/up/b/file") {
		t.Errorf("list through a link: %q", got)
	}
}

// Deleting the last file behind a link leaves the link.
func TestDeleteKeepsLinks(t *testing.T) {
	other := t.TempDir()
	root, s := tree(t, nil, map[string]string{"link": other})
	put(t, s, "link/x/y", "text")
	if err := s.Delete(t.Context(), "link/x/y"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(filepath.Join(root, "link")); err != nil {
		t.Errorf("the link: %v", err)
	}
	if _, err := os.Stat(filepath.Join(other, "x")); err == nil {
		t.Error("the empty folder is still there")
	}
}

// Reading a source writes nothing to it, and what is no file is no object.
func TestSourceIsLeftAlone(t *testing.T) {
	root, s := tree(t, []string{"a/b"}, nil)
	if err := syscall.Mkfifo(filepath.Join(root, "a", "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got := keys(t, s, ""); !slices.Equal(got, []string{"a/b"}) {
		t.Errorf("list: %q", got)
	}
	if _, err := s.Open(t.Context(), object.Info{Key: "a/pipe"}); !errors.Is(err, object.ErrNotExist) {
		t.Errorf("open a pipe: %v", err)
	}
	if err := s.Delete(t.Context(), "nothing"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(root, "_keytrail")); err == nil {
		t.Error("a source got a _keytrail folder")
	}
}

func TestNamesOutsideUTF8(t *testing.T) {
	_, s := tree(t, []string{"caf\xe9/\xff.json"}, nil)
	got := keys(t, s, "")
	if !slices.Equal(got, []string{"caf\xe9/\xff.json"}) {
		t.Fatalf("list: %q", got)
	}
	r, err := s.Open(t.Context(), object.Info{Key: got[0]})
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
}

// A file that is written to while it is read is no version of anything.
func TestWrittenWhileRead(t *testing.T) {
	for name, change := range map[string]func(f *os.File) error{
		"longer":   func(f *os.File) error { _, err := f.WriteAt([]byte("more"), 4); return err },
		"shorter":  func(f *os.File) error { return f.Truncate(2) },
		"replaced": func(f *os.File) error { _, err := f.WriteAt([]byte("B"), 0); return err },
	} {
		t.Run(name, func(t *testing.T) {
			root, s := tree(t, []string{"text"}, nil)
			r, err := s.Open(t.Context(), object.Info{Key: "text"})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			at, err := s.OpenAt(t.Context(), "text")
			if err != nil {
				t.Fatal(err)
			}
			defer at.Close()
			old, err := os.Stat(filepath.Join(root, "text"))
			if err != nil {
				t.Fatal(err)
			}
			f, err := os.OpenFile(filepath.Join(root, "text"), os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(change(f), f.Close()); err != nil {
				t.Fatal(err)
			}
			// As if it had not happened within the clock tick of the file's birth.
			later := old.ModTime().Add(1000)
			if err := os.Chtimes(filepath.Join(root, "text"), later, later); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(r); !errors.Is(err, object.ErrChanged) {
				t.Errorf("read: %v", err)
			}
			if _, err := at.ReadAt(make([]byte, 2), 0); !errors.Is(err, object.ErrChanged) {
				t.Errorf("read at: %v", err)
			}
		})
	}
}

// Listings count by folder, reads by call, bytes as they come.
func TestUsage(t *testing.T) {
	s := create(t, t.TempDir())
	for _, key := range []string{"a/b/one", "a/two", "three"} {
		if _, err := s.Put(t.Context(), key, strings.NewReader("12345678"), 8, object.Condition{}); err != nil {
			t.Fatal(err)
		}
	}
	before := s.Usage()
	var all []object.Info
	err := s.List(t.Context(), "", func(o object.Info) error { all = append(all, o); return nil })
	if err != nil || len(all) != 3 {
		t.Fatal(all, err)
	}
	if got := s.Usage().Sub(before); got != (object.Usage{Requests: 3}) {
		t.Errorf("a listing of three folders counts as %+v", got)
	}
	f, err := s.OpenAt(t.Context(), "three")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	before = s.Usage()
	for range 2 {
		if _, err := f.ReadAt(make([]byte, 5), 1); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Usage().Sub(before); got != (object.Usage{Requests: 2, Bytes: 10}) {
		t.Errorf("two reads of five bytes count as %+v", got)
	}
	before = s.Usage()
	if _, ok := s.ReadListed(t.Context(), all[0], make([]byte, 0, 100)); ok { // not on every system
		if got := s.Usage().Sub(before); got != (object.Usage{Requests: 1, Bytes: 8}) {
			t.Errorf("a file read at once counts as %+v", got)
		}
	}
}
