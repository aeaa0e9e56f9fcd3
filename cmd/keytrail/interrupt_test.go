package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/s3"
	"github.com/keytrail/keytrail/engine/object/s3/s3test"
)

// frozen is an S3 server that can be made to answer nothing more.
type frozen struct {
	*httptest.Server
	stuck   chan struct{} // closed when the first request went unanswered
	freeze  func(*http.Request) bool
	release chan struct{}
}

func newFrozen(t *testing.T, endpoint string, freeze func(*http.Request) bool) *frozen {
	t.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	f := &frozen{stuck: make(chan struct{}), release: make(chan struct{}), freeze: freeze}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host }}
	var is atomic.Bool
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !is.Load() && f.freeze(r) && is.CompareAndSwap(false, true) {
			close(f.stuck)
		}
		if is.Load() {
			<-f.release
			return
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	t.Cleanup(func() { close(f.release) })
	return f
}

// The first SIGINT or SIGTERM ends a run in order, with status 130. The second one
// ends it at once, when not even the lease can be given back because nothing answers.
func TestInterruptSignals(t *testing.T) {
	server := s3test.Start(t)
	bucket := server.NewBucket(t)
	source := server.NewBucket(t)
	if err := putFile(t, source, "good.json.gz", objectKinds["good"]()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		lake    string
		freeze  string // the part of a path whose request is the first one not answered
		method  string
		signals []os.Signal
	}{
		{"while logs are read, SIGINT", t.TempDir() + "/1", "/good.json.gz", http.MethodGet, []os.Signal{syscall.SIGINT}},
		{"while logs are read, SIGTERM", t.TempDir() + "/2", "/good.json.gz", http.MethodGet, []os.Signal{syscall.SIGTERM}},
		{"while touches are put, SIGINT twice", "s3://" + bucket + "/3", "/touches/", http.MethodPut, []os.Signal{syscall.SIGINT, syscall.SIGINT}},
		{"while the ledger is put, SIGTERM twice", "s3://" + bucket + "/4", "/ledger/", http.MethodPut, []os.Signal{syscall.SIGTERM, syscall.SIGTERM}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFrozen(t, server.Endpoint, func(r *http.Request) bool {
				return r.Method == c.method && strings.Contains(r.URL.Path, c.freeze)
			})
			cmd := exec.Command(builtBinary, "ingest", "s3://"+source, "--lake", c.lake, "--endpoint", f.URL)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			select {
			case <-f.stuck:
			case err := <-ended:
				t.Fatalf("ended early: %v\n%s", err, &stderr)
			}
			begun := time.Now()
			for _, s := range c.signals {
				if err := cmd.Process.Signal(s); err != nil {
					t.Fatal(err)
				}
				time.Sleep(200 * time.Millisecond)
			}
			select {
			case <-ended:
			case <-time.After(time.Minute):
				cmd.Process.Kill()
				t.Fatal("did not end")
			}
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("it took %v to end", took)
			}
			if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
				t.Errorf("exit status %d, want %d\n%s", code, exitInterrupted, &stderr)
			}
			if text := stderr.String(); len(c.signals) == 1 && (!strings.HasPrefix(text, "keytrail: interrupted") || strings.Count(text, "\n") != 1) {
				t.Errorf("stderr: %q", text)
			}
			if _, err := keytrail("ingest", "s3://"+source, "--lake", c.lake); err != nil {
				t.Errorf("the next run: %v", err)
			}
			if _, err := keytrail("verify", "--lake", c.lake); err != nil {
				t.Errorf("verify: %v", err)
			}
		})
	}
}

func putFile(t *testing.T, bucket, key string, data []byte) error {
	t.Helper()
	store, err := s3.Open(t.Context(), "s3://"+bucket, s3.Options{})
	if err != nil {
		return err
	}
	_, err = store.Put(t.Context(), key, bytes.NewReader(data), int64(len(data)), object.Condition{})
	return err
}
