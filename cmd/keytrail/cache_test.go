package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/keytrail/keytrail/engine/object/s3/s3test"
)

// counter passes requests on to an S3 server and notes what each was for.
type counter struct {
	*httptest.Server
	mu  sync.Mutex
	all []string
}

func newCounter(t *testing.T, server *s3test.Server) *counter {
	t.Helper()
	target, err := url.Parse(server.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // is signed
	}}
	c := &counter{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		what := r.Method + " " + r.URL.Path[strings.Index(r.URL.Path[1:], "/")+1:]
		if r.URL.Query().Get("list-type") == "2" {
			what = "list " + r.URL.Query().Get("prefix")
		}
		c.mu.Lock()
		c.all = append(c.all, what)
		c.mu.Unlock()
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(c.Close)
	return c
}

// asked is what was asked for since the last time.
func (c *counter) asked() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.all
	c.all = nil
	return all
}

// The same question asked again asks the bucket for nothing but what is in it, and has
// the same answer; so it has after the lake was written to, and whatever becomes of the
// cache.
func TestCache(t *testing.T) {
	server := s3test.Start(t)
	service := newCounter(t, server)
	t.Setenv("AWS_ENDPOINT_URL", service.URL)
	dir := t.TempDir()
	logs, more, cache := filepath.Join(dir, "logs"), filepath.Join(dir, "more"), filepath.Join(dir, "cache")
	lake := "s3://" + server.NewBucket(t) + "/some/lake"
	run := func(args ...string) string {
		t.Helper()
		out, err := keytrail(args...)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	run("sample", "--out", logs, "--events", "3000")
	run("sample", "--out", more, "--events", "3000", "--seed", "5")
	run("ingest", logs, "--lake", lake)

	who := func(more ...string) string {
		t.Helper()
		return run(append([]string{"who", "customers", "pk=customer#1042", "--lake", lake, "--format", "jsonl"}, more...)...)
	}
	same := func(what string) {
		t.Helper()
		want := who()
		if service.asked(); !strings.Contains(want, `"op":`) {
			t.Fatalf("%s: nothing is found: %q", what, want)
		}
		if got := who("--cache", cache); got != want {
			t.Errorf("%s: with a cache:\n%s\nwithout:\n%s", what, got, want)
		}
	}
	files := func() (all []string) {
		t.Helper()
		all, err := filepath.Glob(filepath.Join(cache, "*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	isFile := func(what string) bool { return strings.HasSuffix(what, ".parquet") }

	same("first")
	if asked := service.asked(); !slices.ContainsFunc(asked, isFile) || len(files()) == 0 {
		t.Errorf("first: asked for %q, %d blocks are kept", asked, len(files()))
	}
	same("again")
	if asked := service.asked(); slices.ContainsFunc(asked, isFile) || !slices.Contains(asked, "list some/lake/touches/table_name=customers/") {
		t.Errorf("again: asked for %q", asked)
	}
	for _, path := range files() {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text[len(text)/2] ^= 1
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	same("damaged")
	run("ingest", more, "--lake", lake)
	same("written to")
	same("again after it was written to")
	if asked := service.asked(); slices.ContainsFunc(asked, isFile) {
		t.Errorf("again after it was written to: asked for %q", asked)
	}
	if err := os.RemoveAll(cache); err != nil {
		t.Fatal(err)
	}
	same("removed")
}
