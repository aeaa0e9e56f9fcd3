package lake

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/object/s3"
	"github.com/keytrail/keytrail/engine/object/s3/s3test"
)

func TestMain(m *testing.M) {
	if os.Getenv(childLake) != "" {
		childMain()
	}
	goleak.VerifyTestMain(m)
}

// everywhere runs a test on every kind of store, each time on an empty one.
func everywhere(t *testing.T, test func(t *testing.T, s Store)) {
	t.Run("mem", func(t *testing.T) { test(t, objecttest.NewMem()) })
	t.Run("dir", func(t *testing.T) { test(t, openDir(t, t.TempDir())) })
	t.Run("s3", func(t *testing.T) {
		s, err := s3.Open(t.Context(), "s3://"+s3test.Start(t).NewBucket(t)+"/lakes/one", s3.Options{})
		if err != nil {
			t.Fatal(err)
		}
		test(t, s)
	})
}

func openDir(t *testing.T, path string) Store {
	t.Helper()
	s, err := dir.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func create(t *testing.T, s Store) *Lake {
	t.Helper()
	l, err := Create(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func put(t *testing.T, s Store, key, body string) {
	t.Helper()
	if _, err := s.Put(t.Context(), key, strings.NewReader(body), int64(len(body)), object.Condition{}); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, s Store, key string) string {
	t.Helper()
	l := &Lake{store: s}
	data, _, err := l.readAll(t.Context(), key, maxTable, "")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// keys lists the store but for what dir keeps for itself.
func keys(t *testing.T, s Store) []string {
	t.Helper()
	var out []string
	err := s.List(t.Context(), "", func(o object.Info) error {
		if !strings.HasPrefix(o.Key, "_keytrail/tmp/") {
			out = append(out, o.Key)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// wantError fails unless err is cause and its text holds all of parts.
func wantError(t *testing.T, err, cause error, parts ...string) {
	t.Helper()
	if cause != nil && !errors.Is(err, cause) {
		t.Fatalf("error %v, want one that is %q", err, cause)
	}
	if err == nil {
		t.Fatal("no error")
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not say %q", err, p)
		}
	}
}

// meddler is a store in which things happen just before or after a put.
type meddler struct {
	Store
	puts   atomic.Int64
	mu     sync.Mutex
	before func(key string, cond object.Condition) error // its error is the put's, which is not made
	after  func(key string) error                        // its error is the put's, which was made
}

func (m *meddler) set(before func(string, object.Condition) error, after func(string) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.before, m.after = before, after
}

func (m *meddler) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, cond object.Condition) (string, error) {
	m.mu.Lock()
	before, after := m.before, m.after
	m.mu.Unlock()
	m.puts.Add(1)
	if before != nil {
		if err := before(key, cond); err != nil {
			return "", err
		}
	}
	etag, err := m.Store.Put(ctx, key, body, size, cond)
	if err == nil && after != nil {
		err = after(key)
	}
	return etag, err
}

var errTest = errors.New("the store has a bad day")

var noon = time.Date(2024, 3, 10, 12, 0, 0, 0, time.UTC)

func TestOpenAbsent(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		_, err := Open(t.Context(), s)
		wantError(t, err, ErrNoLake, s.URL(), "keytrail ingest")
		if got := keys(t, s); len(got) != 0 {
			t.Errorf("Open wrote %q", got)
		}
	})
}

func TestCreate(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		if l := create(t, s); l.URL() != s.URL() {
			t.Errorf("URL %q, want %q", l.URL(), s.URL())
		}
		if got, want := get(t, s, formatKey), `{"format":1,"schema":"1"}`+"\n"; got != want {
			t.Errorf("format file %q, want %q", got, want)
		}
		// Once more, and it is opened even with files of others in it.
		put(t, s, "notes.txt", "x")
		create(t, s)
		if _, err := Open(t.Context(), s); err != nil {
			t.Error(err)
		}
	})
}

func TestCreateForeign(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		put(t, s, "AWSLogs/123/x.json.gz", "x")
		_, err := Create(t.Context(), s)
		wantError(t, err, ErrForeign, s.URL(), "holds other files", "AWSLogs/123/x.json.gz", "of its own")
		if got := keys(t, s); len(got) != 1 {
			t.Errorf("Create wrote: %q", got)
		}
	})
}

func TestCreateTolerates(t *testing.T) {
	mem := objecttest.NewMem()
	put(t, mem, "folder/", "") // as a console leaves it
	put(t, mem, "_keytrail/tmp/put-1", "left by a crash")
	create(t, mem)

	path := t.TempDir()
	if err := os.MkdirAll(filepath.Join(path, "empty", "folders"), 0o700); err != nil {
		t.Fatal(err)
	}
	create(t, openDir(t, path))
}

// Two that create the same lake both end up with it.
func TestCreateRace(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		slow := &meddler{Store: s}
		slow.set(func(string, object.Condition) error {
			slow.set(nil, nil)
			create(t, s)
			return nil
		}, nil)
		create(t, slow)
	})
}

func TestOpenFormats(t *testing.T) {
	for _, c := range []struct {
		name, file string
		cause      error
		says       string
	}{
		{"newer format", `{"format":3,"schema":"1"}`, ErrNewer, "upgrade keytrail"},
		{"newer schema", `{"format":1,"schema":"7"}`, ErrNewer, "schema 7"},
		{"unknown members", `{"format":1,"schema":"1","x":[1]}`, nil, ""},
		{"empty", "", ErrCorrupt, `it should read {"format":1,"schema":"1"}`},
		{"no version", `{}`, ErrCorrupt, "format.json"},
		{"schema no number", `{"format":1,"schema":"one"}`, ErrCorrupt, `"one"`},
		{"cut", `{"format":1,"sch`, ErrCorrupt, "format.json"},
		{"huge", strings.Repeat("{", maxJSON+1), ErrCorrupt, "more than such a file holds"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := objecttest.NewMem()
			put(t, s, formatKey, c.file)
			for what, open := range map[string]func(context.Context, Store) (*Lake, error){"open": Open, "create": Create} {
				_, err := open(t.Context(), s)
				if c.cause == nil && err != nil {
					t.Errorf("%s: %v", what, err)
				}
				if c.cause != nil {
					wantError(t, err, c.cause, c.says, s.URL())
				}
			}
			if get(t, s, formatKey) != c.file {
				t.Error("the file was changed")
			}
		})
	}
}
