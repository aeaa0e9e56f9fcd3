package s3

import (
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/object"
)

func TestMetadata(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodHead {
			return false
		}
		if r.Header.Get("X-Amz-Request-Payer") != "requester" || r.Header.Get("X-Amz-Expected-Bucket-Owner") != "111122223333" {
			t.Errorf("options are not sent: %v", r.Header)
		}
		switch {
		case strings.HasSuffix(r.URL.Path, "/root/digest"):
			w.Header().Set("X-Amz-Meta-Signature", "0a1b")
			w.Header().Set("x-amz-meta-signature-algorithm", "SHA256withRSA")
		case strings.HasSuffix(r.URL.Path, "/root/plain"):
		case strings.HasSuffix(r.URL.Path, "/root/secret"):
			w.WriteHeader(http.StatusForbidden)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
		return true
	})
	s := f.open(t, Options{RequestPayer: true, ExpectedBucketOwner: "111122223333"})
	got, err := s.Metadata(t.Context(), "digest")
	if want := map[string]string{"signature": "0a1b", "signature-algorithm": "SHA256withRSA"}; err != nil || !maps.Equal(got, want) {
		t.Errorf("metadata %v, %v", got, err)
	}
	if got, err := s.Metadata(t.Context(), "plain"); err != nil || len(got) != 0 {
		t.Errorf("an object without: %v, %v", got, err)
	}
	for key, want := range map[string]error{"": object.ErrKey, "none": object.ErrNotExist, "secret": object.ErrDenied} {
		if _, err := s.Metadata(t.Context(), key); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", key, err, want)
		}
	}
}
