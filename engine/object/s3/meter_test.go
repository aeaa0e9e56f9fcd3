package s3

import (
	"net/http"
	"testing"

	"github.com/keytrail/keytrail/engine/object"
)

// Every attempt counts, whoever made it, and of answers what they bring.
func TestUsageCountsAttempts(t *testing.T) {
	gets := 0
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !isGet(r) {
			return false
		}
		if gets++; gets <= 2 { // ours, and the SDK's first
			refuse(w, http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.")
		} else {
			serve(w, r, body, `"v1"`, -1)
		}
		return true
	})
	s := f.open(t, Options{})
	if got := s.Usage(); got.Requests != 1 || got.Bytes != int64(len(page(""))) {
		t.Errorf("to open the store took %+v", got)
	}
	before := s.Usage()
	if _, err := readAll(t, s, object.Info{Key: "k"}); err != nil {
		t.Fatal(err)
	}
	got := s.Usage().Sub(before)
	if refused := got.Bytes - int64(len(body)); got.Requests != 3 || refused < 100 || refused > 2000 {
		t.Errorf("an object of %d bytes, got by the third attempt, took %+v", len(body), got)
	}
}
