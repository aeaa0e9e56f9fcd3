package s3

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/s3/s3test"
)

// TestLostAnswer: the first put is done, but its answer is lost, and the retry
// meets its own object.
func TestLostAnswer(t *testing.T) {
	var holder string // the write id of the object that is there
	var puts int
	var lose func(http.ResponseWriter)
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		const id = "X-Amz-Meta-" + writeID
		switch {
		case isPut(r):
			io.Copy(io.Discard, r.Body)
			puts++
			if holder != "" {
				refuse(w, http.StatusPreconditionFailed, "PreconditionFailed", "it is there")
				return true
			}
			holder = r.Header.Get(id)
			lose(w)
		case r.Method == http.MethodHead:
			w.Header().Set(id, holder)
			w.Header().Set("ETag", `"v1"`)
		default:
			return false
		}
		return true
	})
	s := f.open(t, Options{})
	put := func() (string, error) {
		return s.Put(t.Context(), "k", strings.NewReader("text"), 4, object.Condition{IfAbsent: true})
	}
	lose = hangUp // before the answer: the SDK asks again
	if etag, err := put(); err != nil || etag != `"v1"` || puts != 2 {
		t.Errorf("our own object: %s, %v, %d puts", etag, err, puts)
	}
	holder, puts = "", 0
	lose = func(w http.ResponseWriter) { // within it
		w.(http.Flusher).Flush()
		hangUp(w)
	}
	if etag, err := put(); err != nil || etag != `"v1"` || puts != 2 {
		t.Errorf("our own object, half an answer: %s, %v, %d puts", etag, err, puts)
	}
	if _, err := put(); !errors.Is(err, object.ErrCondition) {
		t.Errorf("another's object: %v", err)
	}
}

// A request that is told to slow down is made again, body and all.
func TestSlowDown(t *testing.T) {
	calls := 0
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !isPut(r) {
			return false
		}
		data, _ := io.ReadAll(r.Body)
		if calls++; calls == 1 {
			refuse(w, http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.")
			return true
		}
		if !bytes.Equal(data, body) {
			t.Errorf("the retry sent %d bytes of %d", len(data), len(body))
		}
		w.Header().Set("ETag", `"v1"`)
		return true
	})
	if _, err := f.open(t, Options{}).Put(t.Context(), "k", bytes.NewReader(body), int64(len(body)), object.Condition{}); err != nil {
		t.Error(err)
	}
	if calls != 2 {
		t.Errorf("%d puts", calls)
	}
}

// TestParts writes objects that are larger than one request takes, on a real
// server, under every condition.
func TestParts(t *testing.T) {
	server := s3test.Start(t)
	bucket := server.NewBucket(t)
	s, err := Open(t.Context(), "s3://"+bucket+"/p", Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.single = 1 << 20
	data := bytes.Repeat([]byte("0123456789abcde\n"), partSize/16+1000) // one part and a bit
	put := func(key string, r io.ReadSeeker, c object.Condition) (string, error) {
		return s.Put(t.Context(), key, r, int64(len(data)), c)
	}
	first, err := put("k", bytes.NewReader(data), object.Condition{IfAbsent: true})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(first, `-2"`) {
		t.Errorf("ETag %s is not that of an object in 2 parts", first)
	}
	if got, err := readAll(t, s, object.Info{Key: "k", ETag: first}); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d bytes come back, %v", len(got), err)
	}
	if _, err := put("k", bytes.NewReader(data), object.Condition{IfAbsent: true}); !errors.Is(err, object.ErrCondition) {
		t.Errorf("put if absent, present: %v", err)
	}
	if _, err := put("k", bytes.NewReader(data), object.Condition{IfMatch: first}); err != nil {
		t.Errorf("put if match: %v", err)
	}
	data[0] = 'x'
	second, err := put("k", bytes.NewReader(data), object.Condition{})
	if err != nil || second == first {
		t.Fatalf("put: %s after %s, %v", second, first, err)
	}
	if _, err := put("k", bytes.NewReader(data), object.Condition{IfMatch: first}); !errors.Is(err, object.ErrCondition) {
		t.Errorf("put if match, replaced: %v", err)
	}
	if _, err := put("other", bytes.NewReader(data), object.Condition{IfMatch: first}); !errors.Is(err, object.ErrCondition) {
		t.Errorf("put if match, absent: %v", err)
	}

	broken := errors.New("broken")
	if _, err := put("k", &failing{ReadSeeker: bytes.NewReader(data), err: broken}, object.Condition{}); !errors.Is(err, broken) {
		t.Errorf("put of a body that breaks: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	stop := &failing{ReadSeeker: bytes.NewReader(data), then: cancel}
	if _, err := s.Put(ctx, "k", stop, int64(len(data)), object.Condition{}); !errors.Is(err, context.Canceled) {
		t.Errorf("put that is cancelled: %v", err)
	}
	if got, err := readAll(t, s, object.Info{Key: "k", ETag: second}); err != nil || !bytes.Equal(got, data) {
		t.Errorf("after failed puts: %v", err)
	}
	left, err := s.client.ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: &bucket})
	if err != nil || len(left.Uploads) > 0 {
		t.Errorf("uploads left open: %v, %v", left, err)
	}
}

// failing is a body that breaks, or does something, after 10 MiB.
type failing struct {
	io.ReadSeeker
	err  error
	then func()
	read int
}

func (f *failing) Read(p []byte) (int, error) {
	if f.read += len(p); f.read > 10<<20 {
		if f.then != nil {
			f.then()
		}
		if f.err != nil {
			return 0, f.err
		}
	}
	return f.ReadSeeker.Read(p)
}

func TestPartSize(t *testing.T) {
	for _, c := range []struct{ size, want int64 }{
		{singlePut + 1, partSize},
		{maxParts * partSize, partSize},
		{maxParts*partSize + 1, partSize + 1<<20},
		{5 << 40, 525 << 20},
	} {
		got := partOf(c.size)
		if got != c.want || (c.size+got-1)/got > maxParts {
			t.Errorf("%d bytes go in parts of %d, not %d", c.size, got, c.want)
		}
	}
}
