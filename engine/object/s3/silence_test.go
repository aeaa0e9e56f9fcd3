package s3

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

// Connections that go silent, before the answer, in the middle of it, or while we
// send, end by our own limit, are made anew as often as others, and then named.
func TestSilence(t *testing.T) {
	const limit = 150 * time.Millisecond
	large := make([]byte, 32<<20) // more than the buffers on the way hold
	list := func(s *Store) error { return s.List(t.Context(), "p/", nil) }
	get := func(s *Store) error {
		data, err := readAll(t, s, object.Info{Key: "k"})
		if err == nil && !bytes.Equal(data, body) {
			t.Errorf("%d bytes of %d, and no error", len(data), len(body))
		}
		return err
	}
	file := func(s *Store) error { _, err := s.OpenAt(t.Context(), "k"); return err }
	put := func(data []byte) func(*Store) error {
		return func(s *Store) error {
			_, err := s.Put(t.Context(), "k", bytes.NewReader(data), int64(len(data)), object.Condition{})
			return err
		}
	}
	never := func(http.ResponseWriter, *http.Request) {}
	half := func(w http.ResponseWriter, r *http.Request) {
		from, status := 0, http.StatusOK
		if n, _ := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); n == 1 {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(body)-1, len(body)))
			status = http.StatusPartialContent
		}
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)-from))
		w.WriteHeader(status)
		w.Write(body[from : (from+len(body))/2])
		w.(http.Flusher).Flush()
	}
	unread := func(w http.ResponseWriter, r *http.Request) { r.Body.Read(make([]byte, 1)) }
	for _, c := range []struct {
		name   string
		op     func(*Store) error
		answer func(http.ResponseWriter, *http.Request)
		times  int // it is silent; 0 is for ever
		want   error
	}{
		{"list, no answer", list, never, 0, os.ErrDeadlineExceeded},
		{"get, no answer", get, never, 0, os.ErrDeadlineExceeded},
		{"get, half an answer", get, half, 0, os.ErrDeadlineExceeded},
		{"file, no answer", file, never, 0, os.ErrDeadlineExceeded},
		{"put, no answer", put(body), never, 0, os.ErrDeadlineExceeded},
		{"put, not taken", put(large), unread, 0, os.ErrDeadlineExceeded},
		{"list, no answer at first", list, never, 1, nil},
		{"get, no answer at first", get, never, 1, nil},
		{"get, half an answer at first", get, half, 1, nil},
		{"put, no answer at first", put(body), never, 1, nil},
		{"put, not taken at first", put(large), unread, 1, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var opening atomic.Bool
			var silent atomic.Int64
			opening.Store(true)
			release := make(chan struct{})
			f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
				switch {
				case opening.Load():
					return false
				case c.times == 0 || silent.Add(1) <= int64(c.times):
					c.answer(w, r)
					<-release
				case isGet(r):
					serve(w, r, body, `"v1"`, -1)
				case isPut(r):
					io.Copy(io.Discard, r.Body)
					w.Header().Set("ETag", `"v1"`)
				default:
					return false
				}
				return true
			})
			t.Cleanup(func() { close(release) }) // before the server closes
			// A machine with too much to do may be silent itself: that is tried again, too.
			t.Setenv("AWS_MAX_ATTEMPTS", strconv.Itoa(1+4*c.times))
			s := f.open(t, Options{Silence: limit})
			opening.Store(false)
			start := time.Now()
			err := c.op(s)
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if err != nil && !strings.Contains(err.Error(), "silent for 150ms") {
				t.Errorf("does not say why: %v", err)
			}
		})
	}
}

// What is slow but gets on is left alone, however long it takes.
func TestSlowIsNotSilent(t *testing.T) {
	const limit = time.Second
	const pause = limit / 20
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<20) // 16 MiB
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case isPut(r):
			for n := int64(1); n > 0; {
				n, _ = io.CopyN(io.Discard, r.Body, 512<<10)
				time.Sleep(pause)
			}
			w.Header().Set("ETag", `"v1"`)
		case isGet(r):
			w.Header().Set("ETag", `"v1"`)
			w.Header().Set("Content-Length", "16777216")
			for rest := data; len(rest) > 0; rest = rest[512<<10:] {
				w.Write(rest[:512<<10])
				w.(http.Flusher).Flush()
				time.Sleep(pause)
			}
		default:
			return false
		}
		return true
	})
	s := f.open(t, Options{Silence: limit})
	for name, op := range map[string]func() error{
		"put": func() error {
			_, err := s.Put(t.Context(), "k", bytes.NewReader(data), int64(len(data)), object.Condition{})
			return err
		},
		"get": func() error { _, err := readAll(t, s, object.Info{Key: "k"}); return err },
	} {
		start, before := time.Now(), len(f.seen())
		if err := op(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(start); took < limit {
			t.Errorf("%s took %v: not slow", name, took)
		}
		if n := len(f.seen()) - before; n != 1 {
			t.Errorf("%s took %d requests", name, n)
		}
	}
}
