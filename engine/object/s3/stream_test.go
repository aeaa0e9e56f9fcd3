package s3

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

var body = bytes.Repeat([]byte("0123456789abcdef"), 40_000)

// serve answers a GET of an object whole or in part, and breaks the connection
// once cut bytes of the answer are out (never when cut < 0).
func serve(w http.ResponseWriter, r *http.Request, data []byte, etag string, cut int) {
	if m := r.Header.Get("If-Match"); m != "" && m != etag {
		refuse(w, http.StatusPreconditionFailed, "PreconditionFailed", "no match")
		return
	}
	w.Header().Set("ETag", etag)
	w.Header().Set("Last-Modified", time.Unix(1767600000, 0).UTC().Format(http.TimeFormat))
	status := http.StatusOK
	if want := r.Header.Get("Range"); want != "" {
		from, to := 0, len(data)-1
		if last, ok := strings.CutPrefix(want, "bytes=-"); ok {
			n, _ := strconv.Atoi(last)
			from = max(0, len(data)-n)
		} else if n, _ := fmt.Sscanf(want, "bytes=%d-%d", &from, &to); n == 1 {
			to = len(data) - 1
		}
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to, len(data)))
		data, status = data[from:to+1], http.StatusPartialContent
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(status)
	if cut >= 0 && cut < len(data) {
		w.Write(data[:cut])
		w.(http.Flusher).Flush()
		hangUp(w)
		return
	}
	w.Write(data)
}

func readAll(t *testing.T, s *Store, obj object.Info) ([]byte, error) {
	t.Helper()
	r, err := s.Open(t.Context(), obj)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func TestStreamIsTakenUpAgain(t *testing.T) {
	for _, c := range []struct {
		name string
		cuts []int // of each answer; the last one's holds for all after it
		want error
		gets int
	}{
		{"whole", []int{-1}, nil, 1},
		{"broken once", []int{300_000, -1}, nil, 2},
		{"broken at the start", []int{0, -1}, nil, 2},
		{"broken often", []int{1000, 1, 200_000, 0, -1}, nil, 5},
		{"broken always", []int{1000}, io.ErrUnexpectedEOF, 1 + resumes},
	} {
		t.Run(c.name, func(t *testing.T) {
			gets := 0
			f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
				if !isGet(r) {
					return false
				}
				gets++
				serve(w, r, body, `"v1"`, c.cuts[min(gets, len(c.cuts))-1])
				return true
			})
			data, err := readAll(t, f.open(t, Options{}), object.Info{Key: "k"})
			if !errors.Is(err, c.want) || err == nil && !bytes.Equal(data, body) {
				t.Errorf("%d bytes, %v", len(data), err)
			}
			if gets != c.gets {
				t.Errorf("%d requests, not %d", gets, c.gets)
			}
			for _, r := range f.seen()[1:] {
				if r.Header.Get("If-Match") != `"v1"` || r.Header.Get("Range") == "" && c.cuts[0] > 0 {
					t.Errorf("taken up again with %v", r.Header)
				}
			}
		})
	}
}

// A stream is of one version: it does not go on with another.
func TestStreamStaysItsVersion(t *testing.T) {
	gets := 0
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !isGet(r) {
			return false
		}
		gets++
		serve(w, r, body, fmt.Sprintf(`"v%d"`, gets), 1000)
		return true
	})
	if _, err := readAll(t, f.open(t, Options{}), object.Info{Key: "k"}); !errors.Is(err, object.ErrChanged) {
		t.Errorf("replaced while it was read: %v", err)
	}
}

// A store that ignores the range would hand out the beginning twice.
func TestRangeIsChecked(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !isGet(r) {
			return false
		}
		if r.Header.Get("Range") != "bytes=-131072" {
			r.Header.Del("Range")
		}
		serve(w, r, body, `"v1"`, 1000)
		return true
	})
	s := f.open(t, Options{})
	if _, err := readAll(t, s, object.Info{Key: "k"}); !errors.Is(err, errOtherBytes) {
		t.Errorf("stream: %v", err)
	}
	file, err := s.OpenAt(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.ReadAt(make([]byte, 10), 1); !errors.Is(err, errOtherBytes) {
		t.Errorf("file: %v", err)
	}
}

// Logs often carry Content-Encoding: gzip. They arrive as stored all the same.
func TestNothingIsDecompressed(t *testing.T) {
	stored := append([]byte{0x1f, 0x8b, 8, 0}, body[:1000]...) // no good gzip either
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !isGet(r) {
			return false
		}
		w.Header().Set("Content-Encoding", "gzip")
		serve(w, r, stored, `"v1"`, -1)
		return true
	})
	data, err := readAll(t, f.open(t, Options{}), object.Info{Key: "k"})
	if err != nil || !bytes.Equal(data, stored) {
		t.Errorf("%d bytes of %d, %v", len(data), len(stored), err)
	}
	for _, r := range f.seen() {
		if got := r.Header.Get("Accept-Encoding"); got != "identity" {
			t.Errorf("asked for encoding %q", got)
		}
	}
}

// A checksum that the service sends along is checked.
func TestChecksum(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !isGet(r) {
			return false
		}
		w.Header().Set("X-Amz-Checksum-Crc32", "AAAAAA==")
		serve(w, r, body, `"v1"`, -1)
		return true
	})
	if _, err := readAll(t, f.open(t, Options{}), object.Info{Key: "k"}); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("wrong checksum: %v", err)
	}
}

// TestFileRequests counts what the many small reads of a columnar reader cost.
func TestFileRequests(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<18) // 4 MiB
	broken := false
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !isGet(r) {
			return false
		}
		cut := -1
		if broken {
			cut, broken = 5000, false
		}
		serve(w, r, data, `"v1"`, cut)
		return true
	})
	s := f.open(t, Options{})
	file, err := s.OpenAt(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if want := time.Unix(1767600000, 0); !file.Info().LastModified.Equal(want) {
		t.Errorf("last modified %v", file.Info().LastModified)
	}
	read := func(off, n int) {
		t.Helper()
		p := make([]byte, n)
		if _, err := file.ReadAt(p, int64(off)); err != nil || !bytes.Equal(p, data[off:off+n]) {
			t.Fatalf("read %d at %d: %v", n, off, err)
		}
	}
	var ranges []string
	step := func(name string, want ...string) {
		t.Helper()
		ranges = ranges[:0]
		for _, r := range f.seen() {
			ranges = append(ranges, r.Header.Get("Range"))
		}
		f.mu.Lock()
		f.requests = f.requests[:1]
		f.mu.Unlock()
		if !slices.Equal(ranges, want) {
			t.Errorf("%s: requests for %q, not %q", name, ranges, want)
		}
	}
	step("open", "bytes=-131072")
	read(len(data)-8, 8)
	read(len(data)-100_000, 90_000)
	step("footer")
	for i := range 100 {
		read(64*i, 8)
	}
	step("small reads in one block", "bytes=0-65535")
	for off := 65536; off < 1<<20; off += 4096 {
		read(off, 4096)
	}
	step("going on", "bytes=65536-196607", "bytes=196608-458751", "bytes=458752-983039", "bytes=983040-2031615")
	read(2_100_000, 200_000)
	step("across blocks", "bytes=2097152-2359295")
	read(2_500_000, 1<<20)
	step("large", "bytes=2500000-3548575")
	broken = true
	read(3_600_000, 10)
	step("broken off", "bytes=3538944-3604479", "bytes=3543944-3604479")
}
