package s3

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const (
	testSecret = "SECRETSECRETSECRET"
	testToken  = "TOKENTOKENTOKEN"
)

// fake is an S3 service that answers as a test says. Listings, which every Open
// begins with, are empty unless handle answers them.
type fake struct {
	*httptest.Server
	handle func(w http.ResponseWriter, r *http.Request) (done bool)

	mu       sync.Mutex
	requests []*http.Request
}

// newFake starts a service and points the AWS environment at it.
func newFake(t testing.TB, handle func(w http.ResponseWriter, r *http.Request) bool) *fake {
	t.Helper()
	f := &fake{handle: handle}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	environment(t, f.URL)
	return f
}

func environment(t testing.TB, endpoint string) {
	t.Helper()
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": testSecret, "AWS_SESSION_TOKEN": testToken,
		"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "", "AWS_ENDPOINT_URL": endpoint, "AWS_ENDPOINT_URL_S3": "",
		"AWS_PROFILE": "", "AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none, "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.requests = append(f.requests, r)
	f.mu.Unlock()
	w.Header().Set("X-Amz-Request-Id", "REQ1")
	switch {
	case f.handle(w, r):
	case r.URL.Query().Get("list-type") == "2":
		io.WriteString(w, page(""))
	default:
		refuse(w, http.StatusNotImplemented, "NotImplemented", "the test has no answer to "+r.Method+" "+r.URL.String())
	}
}

// seen returns the requests that were not the first listing.
func (f *fake) seen() []*http.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests[1:]
}

func (f *fake) open(t testing.TB, o Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), "s3://bucket/root", o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func page(contents string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><IsTruncated>false</IsTruncated>` + contents + `</ListBucketResult>`
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message>`+
		`<AWSAccessKeyId>AKID</AWSAccessKeyId><StringToSign>AWS4-HMAC-SHA256</StringToSign></Error>`, code, message)
}

// isGet reports a request for root/k.
func isGet(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/root/k")
}

func isPut(r *http.Request) bool {
	return r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/root/k")
}

// hangUp breaks the connection under a request; what was not flushed is lost.
func hangUp(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}
