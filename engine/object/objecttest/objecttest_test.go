package objecttest_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMem(t *testing.T) {
	objecttest.Suite(t, func(*testing.T) objecttest.Store { return objecttest.NewMem() })
}

func TestFaultsWithoutFaults(t *testing.T) {
	objecttest.Suite(t, func(*testing.T) objecttest.Store {
		return objecttest.NewFaults(objecttest.NewMem(), objecttest.Fault{Op: objecttest.OpOpen, Key: "no such key", Err: io.ErrClosedPipe})
	})
}

var errBroken = errors.New("broken")

func TestMemArchive(t *testing.T) {
	m := objecttest.NewMem()
	put(t, m, "k", "text")
	m.Archive("k", "GLACIER")
	m.Archive("none", "GLACIER")
	err := m.List(t.Context(), "", func(o object.Info) error {
		if o.StorageClass != "GLACIER" {
			t.Errorf("listed as %+v", o)
		}
		_, err := m.Open(t.Context(), o)
		return err
	})
	if !errors.Is(err, object.ErrArchived) {
		t.Errorf("opening an archived object: %v", err)
	}
}

// TestFaults strikes every operation once, on the second call on one key.
func TestFaults(t *testing.T) {
	calls := map[string]func(ctx context.Context, s objecttest.Store) error{
		objecttest.OpChildren: func(ctx context.Context, s objecttest.Store) error {
			_, _, err := s.Children(ctx, "bad/")
			return err
		},
		objecttest.OpList: func(ctx context.Context, s objecttest.Store) error {
			return s.List(ctx, "bad/", func(object.Info) error { return nil })
		},
		objecttest.OpOpen: func(ctx context.Context, s objecttest.Store) error { return read(ctx, s, "bad/k") },
		objecttest.OpRead: func(ctx context.Context, s objecttest.Store) error { return read(ctx, s, "bad/k") },
		objecttest.OpOpenAt: func(ctx context.Context, s objecttest.Store) error {
			return readAt(ctx, s, "bad/k")
		},
		objecttest.OpReadAt: func(ctx context.Context, s objecttest.Store) error { return readAt(ctx, s, "bad/k") },
		objecttest.OpPut: func(ctx context.Context, s objecttest.Store) error {
			_, err := s.Put(ctx, "bad/k", strings.NewReader("text"), 4, object.Condition{})
			return err
		},
		objecttest.OpDelete: func(ctx context.Context, s objecttest.Store) error { return s.Delete(ctx, "bad/other") },
	}
	for op, call := range calls {
		for _, stall := range []bool{false, true} {
			m := objecttest.NewMem()
			put(t, m, "bad/k", "text")
			put(t, m, "good", "text")
			f := objecttest.NewFaults(m, objecttest.Fault{Op: op, Key: "bad", Nth: 2, Err: errBroken, Stall: stall})
			want := errBroken
			if stall {
				want = context.DeadlineExceeded
			}
			for i, want := range []error{nil, want, nil} {
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
				if err := read(ctx, f, "good"); err != nil {
					t.Errorf("%s: another key fails: %v", op, err)
				}
				if err := call(ctx, f); !errors.Is(err, want) {
					t.Errorf("%s, stall %v, call %d: %v, want %v", op, stall, i+1, err, want)
				}
				cancel()
			}
			if f.Struck(0) != 1 {
				t.Errorf("%s struck %d times", op, f.Struck(0))
			}
		}
	}
}

func TestFaultTruncates(t *testing.T) {
	m := objecttest.NewMem()
	put(t, m, "k", "0123456789")
	f := objecttest.NewFaults(m, objecttest.Fault{Op: objecttest.OpRead, Keep: 4})
	r, err := f.Open(t.Context(), object.Info{Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if string(data) != "0123" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("read %q, %v", data, err)
	}
}

func TestFaultAfter(t *testing.T) {
	m := objecttest.NewMem()
	f := objecttest.NewFaults(m, objecttest.Fault{Op: objecttest.OpPut, After: true, Err: errBroken})
	_, err := f.Put(t.Context(), "k", strings.NewReader("text"), 4, object.Condition{})
	if !errors.Is(err, errBroken) {
		t.Errorf("put: %v", err)
	}
	if err := read(t.Context(), m, "k"); err != nil {
		t.Errorf("the put was not done: %v", err)
	}
}

func put(t *testing.T, s objecttest.Store, key, text string) {
	t.Helper()
	if _, err := s.Put(t.Context(), key, strings.NewReader(text), int64(len(text)), object.Condition{}); err != nil {
		t.Fatal(err)
	}
}

func read(ctx context.Context, s objecttest.Store, key string) error {
	r, err := s.Open(ctx, object.Info{Key: key})
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.ReadAll(r)
	return err
}

func readAt(ctx context.Context, s objecttest.Store, key string) error {
	f, err := s.OpenAt(ctx, key)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.ReadAt(make([]byte, 4), 0)
	return err
}
