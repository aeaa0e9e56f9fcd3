package s3test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStart(t *testing.T) {
	var endpoint string
	t.Run("server", func(t *testing.T) {
		s := Start(t)
		endpoint = s.Endpoint
		if got := os.Getenv("AWS_ENDPOINT_URL"); got != endpoint || endpoint == "" {
			t.Errorf("AWS_ENDPOINT_URL is %q, the server is at %q", got, endpoint)
		}
		a, b := s.NewBucket(t), s.NewBucket(t)
		if a == b {
			t.Errorf("two buckets are called %s", a)
		}
		if os.Getenv("S3TEST_ENDPOINT") == "" {
			if stat, err := os.Stat(filepath.Join(s.Dir, a)); err != nil || !stat.IsDir() {
				t.Errorf("bucket is not a directory: %v", err)
			}
		}
	})
	if endpoint == "" || os.Getenv("S3TEST_ENDPOINT") != "" {
		return // skipped, or not ours to end
	}
	if r, err := http.Get(endpoint); err == nil {
		r.Body.Close()
		t.Errorf("the server at %s outlives its test", endpoint)
	}
}

func TestOtherServer(t *testing.T) {
	t.Setenv("S3TEST_ENDPOINT", "http://127.0.0.1:1")
	t.Setenv("AWS_ACCESS_KEY_ID", "them")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "theirs")
	s := Start(t)
	if want := (Server{Endpoint: "http://127.0.0.1:1", AccessKey: "them", SecretKey: "theirs"}); *s != want {
		t.Errorf("uses %+v, not %+v", *s, want)
	}
}
