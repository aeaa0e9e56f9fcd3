package engine

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// strike is something that goes wrong between us and the S3 server.
type strike struct {
	method, part string // of the requests that it may hit: part is in their URL
	from, to     int    // which of those, counted from 0; to 0 is no end
	eachKey      bool   // counted for every URL by itself
	do           func(p *faultProxy, w http.ResponseWriter, r *http.Request)
}

// faultProxy passes requests on to the S3 server, except where it strikes.
type faultProxy struct {
	*httptest.Server
	strike strike
	pass   http.Handler

	mu     sync.Mutex
	seen   map[string]int
	struck int
	pages  map[string][]byte // listings given so far, by their query
}

func newFaultProxy(t *testing.T, server string, s strike) *faultProxy {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	p := &faultProxy{strike: s, seen: map[string]int{}, pages: map[string][]byte{}}
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	p.pass = &httputil.ReverseProxy{
		Transport: transport,
		// The host stays as it was signed.
		Rewrite:      func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { hangUp(w) },
	}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *faultProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.hits(r) {
		p.strike.do(p, w, r)
		return
	}
	p.pass.ServeHTTP(w, r)
}

func (p *faultProxy) hits(r *http.Request) bool {
	s := p.strike
	at := r.URL.RequestURI()
	if r.Method != s.method || !strings.Contains(at, s.part) {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	of := ""
	if s.eachKey {
		of = at
	}
	n := p.seen[of]
	p.seen[of]++
	if n < s.from || s.to > 0 && n >= s.to {
		return false
	}
	p.struck++
	return true
}

// times is how often it struck.
func (p *faultProxy) times() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.struck
}

// refuse answers with an error of the service's.
func refuse(status int, code string) func(*faultProxy, http.ResponseWriter, *http.Request) {
	return func(_ *faultProxy, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>as the test says</Message></Error>`, code)
	}
}

func reset(_ *faultProxy, w http.ResponseWriter, _ *http.Request) { hangUp(w) }

func hangUp(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}

// loseAnswer lets the server do what is asked and hangs up.
func loseAnswer(p *faultProxy, w http.ResponseWriter, r *http.Request) {
	p.pass.ServeHTTP(httptest.NewRecorder(), r)
	hangUp(w)
}

// truncate sends half of the body and hangs up.
func truncate(p *faultProxy, w http.ResponseWriter, r *http.Request) {
	p.half(w, r)
	hangUp(w)
}

// stall sends the second half of the body after a while.
func stall(p *faultProxy, w http.ResponseWriter, r *http.Request) {
	rest := p.half(w, r)
	time.Sleep(300 * time.Millisecond)
	_, _ = w.Write(rest)
}

func (p *faultProxy) half(w http.ResponseWriter, r *http.Request) (rest []byte) {
	answer := httptest.NewRecorder()
	p.pass.ServeHTTP(answer, r)
	body := answer.Body.Bytes()
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body[:len(body)/2])
	w.(http.Flusher).Flush()
	return body[len(body)/2:]
}

// repeatPage gives every listing that fits on a page as two pages with the same
// content.
func repeatPage(p *faultProxy, w http.ResponseWriter, r *http.Request) {
	const again = "again"
	query := r.URL.Query()
	second := query.Get("continuation-token") == again
	query.Del("continuation-token")
	p.mu.Lock()
	page := p.pages[query.Encode()]
	p.mu.Unlock()
	if !second {
		answer := httptest.NewRecorder()
		p.pass.ServeHTTP(answer, r)
		page = answer.Body.Bytes()
		p.mu.Lock()
		p.pages[query.Encode()] = page
		p.mu.Unlock()
		page = bytes.Replace(page, []byte("<IsTruncated>false</IsTruncated>"),
			[]byte("<IsTruncated>true</IsTruncated><NextContinuationToken>"+again+"</NextContinuationToken>"), 1)
	}
	w.Header().Set("Content-Type", "application/xml")
	_, _ = w.Write(page)
}
