package dir

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSuite(t *testing.T) {
	objecttest.Suite(t, func(t *testing.T) objecttest.Store { return create(t, t.TempDir()) })
}

func create(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s *Store, key, text string) (etag string) {
	t.Helper()
	etag, err := s.Put(t.Context(), key, strings.NewReader(text), int64(len(text)), object.Condition{})
	if err != nil {
		t.Fatal(err)
	}
	return etag
}

func TestOpen(t *testing.T) {
	root := t.TempDir()
	file := filepath.Join(root, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(root, "nothing")); !errors.Is(err, object.ErrNoStore) {
		t.Errorf("open a missing directory: %v", err)
	}
	if _, err := Open(""); !errors.Is(err, object.ErrNoStore) {
		t.Errorf("open nothing: %v", err)
	}
	if _, err := Open(file); err == nil || !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("open a file: %v", err)
	}
	if _, err := Create(filepath.Join(file, "below")); err == nil {
		t.Error("a directory was made below a file")
	}
	s, err := Open("file://" + root + "/")
	if err != nil {
		t.Fatal(err)
	}
	if want := "file://" + root + "/"; s.URL() != want {
		t.Errorf("URL is %s, not %s", s.URL(), want)
	}
	if err := os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
	if err := s.List(t.Context(), "", nil); !errors.Is(err, object.ErrNoStore) {
		t.Errorf("list a directory that is gone: %v", err)
	}
}

func TestCreateIsPrivate(t *testing.T) {
	root := filepath.Join(t.TempDir(), "new", "lake")
	s := create(t, root)
	put(t, s, "a/b", "x")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		stat, err := d.Info()
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if err == nil && stat.Mode().Perm() != want {
			t.Errorf("%s has mode %v, not %v", path, stat.Mode(), want)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRefusedKeys(t *testing.T) {
	root := t.TempDir()
	s := create(t, filepath.Join(root, "lake"))
	put(t, s, "file", "x")
	for _, key := range []string{
		"", "/", "/etc/x", "..", "../x", "a/../../x", "a/..", "a/./b", ".", "a//b", "a/", "a\x00b", "_keytrail/tmp/x",
	} {
		_, err := s.Put(t.Context(), key, strings.NewReader("x"), 1, object.Condition{})
		if !errors.Is(err, object.ErrKey) {
			t.Errorf("put %q: %v", key, err)
		}
		if _, err := s.Open(t.Context(), object.Info{Key: key}); !errors.Is(err, object.ErrKey) {
			t.Errorf("open %q: %v", key, err)
		}
		if _, err := s.OpenAt(t.Context(), key); !errors.Is(err, object.ErrKey) {
			t.Errorf("open %q at random: %v", key, err)
		}
		if err := s.Delete(t.Context(), key); !errors.Is(err, object.ErrKey) {
			t.Errorf("delete %q: %v", key, err)
		}
	}
	put(t, s, "folder/x", "x")
	for _, key := range []string{"folder", "file/x"} {
		_, err := s.Put(t.Context(), key, strings.NewReader("x"), 1, object.Condition{})
		if !errors.Is(err, object.ErrKey) {
			t.Errorf("put %q: %v", key, err)
		}
	}
	for _, prefix := range []string{"../", "/etc/", "a//"} {
		if err := s.List(t.Context(), prefix, nil); !errors.Is(err, object.ErrKey) {
			t.Errorf("list %q: %v", prefix, err)
		}
	}
	left, err := os.ReadDir(root)
	if err != nil || len(left) != 1 {
		t.Errorf("beside the store: %v, %v", left, err)
	}
}

// A put that fails leaves the old object and nothing aside.
func TestFailedPut(t *testing.T) {
	root := t.TempDir()
	s := create(t, root)
	put(t, s, "k", "old")
	broken := errors.New("broken")
	_, err := s.Put(t.Context(), "k", &failing{Reader: *bytes.NewReader(make([]byte, 1<<20)), err: broken}, 1<<20, object.Condition{})
	if !errors.Is(err, broken) {
		t.Fatalf("put of a body that breaks: %v", err)
	}
	if _, err := s.Put(t.Context(), "k", strings.NewReader("new"), 3, object.Condition{IfAbsent: true}); !errors.Is(err, object.ErrCondition) {
		t.Fatalf("put if absent: %v", err)
	}
	if data, err := os.ReadFile(filepath.Join(root, "k")); string(data) != "old" {
		t.Errorf("holds %q, %v", data, err)
	}
	left, err := filepath.Glob(filepath.Join(root, aside, "put-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left aside: %v, %v", left, err)
	}
}

type failing struct {
	bytes.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	if f.Len() < 500_000 {
		return 0, f.err
	}
	return f.Reader.Read(p)
}

func (f *failing) WriteTo(io.Writer) (int64, error) { return 0, f.err }

func TestCreateSweeps(t *testing.T) {
	root := t.TempDir()
	create(t, root)
	old, fresh := filepath.Join(root, aside, "put-1"), filepath.Join(root, aside, "put-2")
	if err := os.MkdirAll(filepath.Dir(old), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{old, fresh} {
		if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-stale - time.Hour)
	if err := os.Chtimes(old, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	create(t, root)
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what a killed process left is still there: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("a file being written was removed: %v", err)
	}
}

// Versions of one size that follow each other within the file system's clock
// tick have ETags of their own, and also when that clock goes back.
func TestETagsDiffer(t *testing.T) {
	root := t.TempDir()
	s := create(t, root)
	seen := map[string]bool{}
	for range 200 {
		seen[put(t, s, "k", "same size")] = true
	}
	future := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(root, "k"), future, future); err != nil {
		t.Fatal(err)
	}
	stat, err := os.Stat(filepath.Join(root, "k"))
	if err != nil {
		t.Fatal(err)
	}
	seen[infoOf("k", stat).ETag] = true
	seen[put(t, s, "k", "same size")] = true
	if len(seen) != 202 {
		t.Errorf("202 versions have %d ETags", len(seen))
	}
}

// Two stores on one directory are like two processes: the lock file alone keeps
// them apart.
func TestTwoStoresTakeTurns(t *testing.T) {
	root := t.TempDir()
	var wins atomic.Int64
	var g errgroup.Group
	for range 8 {
		s := create(t, root)
		g.Go(func() error {
			for round := range 20 {
				key := fmt.Sprint("lease-", round)
				_, err := s.Put(context.Background(), key, strings.NewReader("x"), 1, object.Condition{IfAbsent: true})
				if err == nil {
					wins.Add(1)
				} else if !errors.Is(err, object.ErrCondition) {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if wins.Load() != 20 {
		t.Errorf("20 leases have %d holders", wins.Load())
	}
}

func TestLockEndsWithContext(t *testing.T) {
	root := t.TempDir()
	a, b := create(t, root), create(t, root)
	unlock, err := a.lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	for _, s := range []*Store{a, b} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, err := s.Put(ctx, "k", strings.NewReader("x"), 1, object.Condition{})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("put while another holds the lock: %v", err)
		}
		cancel()
	}
}
