package s3

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/keytrail/keytrail/engine/object"
)

// The pauses of one request are what the limits promise: short where nothing
// answers.
func TestRetryPauses(t *testing.T) {
	r := newRetryer(0)
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	for range 20 {
		var busy, dead time.Duration
		for attempt := 1; attempt < r.MaxAttempts(); attempt++ {
			d, err := r.RetryDelay(attempt, errors.New("busy"))
			if err != nil {
				t.Fatal(err)
			}
			busy += d
			if d, err = r.RetryDelay(attempt, refused); err != nil {
				t.Fatal(err)
			}
			dead += d
		}
		if busy > patience || busy < patience/2 {
			t.Errorf("a busy service is given %v", busy)
		}
		if dead > 26*time.Second || dead < 10*time.Second {
			t.Errorf("a dead one is given %v", dead)
		}
	}
}

// A request that has been tried for long enough is not repeated, though there are
// attempts left, and the error is the one that it met.
func TestRetryPatience(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case isGet(r):
			time.Sleep(10 * time.Millisecond)
			hangUp(w)
		case isPut(r):
			time.Sleep(10 * time.Millisecond)
			refuse(w, http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.")
		default:
			return false
		}
		return true
	})
	cfg, err := load(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	hasty := newRetryer(0)
	hasty.patience = time.Millisecond
	cfg.Retryer = func() aws.Retryer { return hasty }
	s, err := open(t.Context(), "s3://bucket/root", Options{Endpoint: f.URL}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Open(t.Context(), object.Info{Key: "k"})
	if err == nil || !strings.Contains(err.Error(), "EOF") || strings.Contains(err.Error(), "\n") {
		t.Errorf("a connection that ends: %v", err)
	}
	_, err = s.Put(t.Context(), "k", strings.NewReader("x"), 1, object.Condition{})
	if err == nil || !strings.Contains(err.Error(), "SlowDown") || strings.Contains(err.Error(), "\n") {
		t.Errorf("a busy service: %v", err)
	}
	for _, r := range f.seen() { // the transport sends a GET again whose connection was an old one
		if attempt := r.Header.Get("Amz-Sdk-Request"); !strings.HasPrefix(attempt, "attempt=1;") {
			t.Errorf("%s was repeated: %s", r.Method, attempt)
		}
	}
}
