package main

import (
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// proxy stands before the S3 server and is far away: it waits before it passes a
// request on. It holds nothing back otherwise, and counts.
type proxy struct {
	latency atomic.Int64 // a [time.Duration]
	pass    *httputil.ReverseProxy
	server  http.Server

	mu          sync.Mutex
	connections int
	lists, gets traffic
}

// traffic is the requests of one kind.
type traffic struct {
	requests, now, most int // all, under way, and the most of those at a time
	begun, ended        time.Time
}

// startProxy puts a proxy before endpoint and returns it with its own.
func startProxy(endpoint string) (*proxy, string, error) {
	target, err := url.Parse(endpoint)
	if err != nil {
		return nil, "", err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	p := &proxy{}
	p.pass = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // it is signed
		},
		Transport:  &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 4096},
		BufferPool: &buffers{},
	}
	p.server = http.Server{Handler: p, ConnState: p.connected}
	go p.server.Serve(l)
	return p, "http://" + l.Addr().String(), nil
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind := &p.gets
	if r.URL.Query().Has("list-type") {
		kind = &p.lists
	}
	p.begin(kind)
	defer p.end(kind)
	time.Sleep(time.Duration(p.latency.Load()))
	p.pass.ServeHTTP(w, r)
}

func (p *proxy) begin(t *traffic) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.requests == 0 {
		t.begun = time.Now()
	}
	t.requests++
	t.now++
	t.most = max(t.most, t.now)
}

func (p *proxy) end(t *traffic) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t.now--
	t.ended = time.Now()
}

func (p *proxy) connected(_ net.Conn, state http.ConnState) {
	if state == http.StateNew {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.connections++
	}
}

// reset begins a new count, with another latency.
func (p *proxy) reset(latency time.Duration) {
	p.latency.Store(int64(latency))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.connections, p.lists, p.gets = 0, traffic{}, traffic{}
}

// counted is what has passed since the last reset.
func (p *proxy) counted() (connections int, lists, gets traffic) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.connections, p.lists, p.gets
}

// span is the time from the first request to the end of the last.
func (t traffic) span() time.Duration { return t.ended.Sub(t.begun) }

// buffers are what bodies are copied through.
type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte {
	if p, ok := b.pool.Get().(*[]byte); ok {
		return *p
	}
	return make([]byte, 32<<10)
}

func (b *buffers) Put(p []byte) { b.pool.Put(&p) }
