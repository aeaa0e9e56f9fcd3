package engine

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/s3"
	"github.com/keytrail/keytrail/engine/object/s3/s3test"
)

// nameServer is the DNS of this process: all names are this machine's until they are
// said to fail.
type nameServer struct {
	mu   sync.Mutex
	fate map[string]byte // by name, as a response code
}

const (
	serverFailure = 2
	noSuchName    = 3
)

func newNameServer(t *testing.T) *nameServer {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &nameServer{fate: map[string]byte{}}
	old := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = old
		conn.Close()
	})
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if answer := s.answer(buf[:n]); answer != nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	}()
	return s
}

// answer makes the response to a query of one question (RFC 1035).
func (s *nameServer) answer(query []byte) []byte {
	const header, typeAndClass = 12, 4
	at := header
	var labels []string
	for at < len(query) && query[at] != 0 {
		end := at + 1 + int(query[at])
		if end > len(query) {
			return nil
		}
		labels = append(labels, string(query[at+1:end]))
		at = end
	}
	question := at + 1 + typeAndClass
	if question > len(query) {
		return nil
	}
	s.mu.Lock()
	code := s.fate[strings.Join(labels, ".")]
	s.mu.Unlock()
	out := append([]byte{query[0], query[1], 0x81, 0x80 | code, 0, 1, 0, 0, 0, 0, 0, 0}, query[header:question]...)
	if isAddress := binary.BigEndian.Uint16(query[at+1:]) == 1; isAddress && code == 0 {
		out[7] = 1
		out = append(out, 0xc0, header, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1)
	}
	return out
}

// lose makes a name fail, and ends the connections made by it.
func (s *nameServer) lose(name string, code byte) func(*faultProxy, http.ResponseWriter, *http.Request) {
	return func(p *faultProxy, w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		s.fate[name] = code
		s.mu.Unlock()
		hangUp(w)
		go p.CloseClientConnections()
	}
}

// listedFirst is a source whose objects are read when all of them have been listed.
type listedFirst struct {
	Source
	progress *Progress // of the run
}

func (l listedFirst) Open(ctx context.Context, obj object.Info) (io.ReadCloser, error) {
	for !l.progress.listed.Load() && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	return l.Source.Open(ctx, obj)
}

// An endpoint whose name is lost, or that refuses connections, in the middle of a
// run fails the objects that it has, or the run when it has the lake; soon, and
// nothing is half-written.
func TestFaultUnreachable(t *testing.T) {
	server := s3test.Start(t)
	t.Setenv("AWS_MAX_ATTEMPTS", "2")
	bucket := server.NewBucket(t)
	logs := makeOddSample(t, 60)
	objects := files(t, logs)
	source := openSource(t, "s3://"+bucket+"/logs/")
	upload(t, logs, source, objects)
	want := cleanTouches(t, logs, objects)
	dns := newNameServer(t)

	for _, c := range []struct {
		host   string // by which the endpoint goes that is lost; its address when ""
		lake   bool   // it is the lake's, not the source's
		strike strike
		why    string
	}{
		{"source-gone.test", false, strike{from: len(objects) - 5, do: dns.lose("source-gone.test", noSuchName)}, "no address for source-gone.test"},
		{"source-sick.test", false, strike{from: len(objects) - 5, do: dns.lose("source-sick.test", serverFailure)}, "no address for source-sick.test"},
		{"", false, strike{from: len(objects) - 5, do: shut}, "connection refused"},
		{"lake-gone.test", true, strike{from: 2, do: dns.lose("lake-gone.test", noSuchName)}, "no address for lake-gone.test"},
		{"lake-sick.test", true, strike{from: 2, do: dns.lose("lake-sick.test", serverFailure)}, "no address for lake-sick.test"},
	} {
		t.Run(fmt.Sprintf("lake %v, %s", c.lake, c.why), func(t *testing.T) {
			if c.strike.method, c.strike.part = getObject, logsURL+"AWSLogs"; c.lake {
				c.strike.method, c.strike.part = putMethod, touchURL
			}
			p := newFaultProxy(t, server.Endpoint, c.strike)
			lost := p.URL
			if c.host != "" {
				lost = strings.Replace(lost, "127.0.0.1", c.host, 1)
			}
			sourceAt, lakeAt := lost, server.Endpoint
			if c.lake {
				sourceAt, lakeAt = lakeAt, sourceAt
			}
			url := fmt.Sprintf("s3://%s/%s/lake/", bucket, strings.ReplaceAll(t.Name(), "/", "-"))
			from, err := s3.Open(t.Context(), source.URL(), s3.Options{Endpoint: sourceAt})
			if err != nil {
				t.Fatal(err)
			}
			into, err := s3.Open(t.Context(), url, s3.Options{Endpoint: lakeAt})
			if err != nil {
				t.Fatal(err)
			}
			l, err := lake.Create(t.Context(), into)
			if err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			progress := new(Progress)
			rep, err := (&placed{l, into}).try(&Engine{Progress: progress}, listedFirst{from, progress})
			if took := time.Since(begun); took > 30*time.Second { // a few seconds, on a machine with nothing else to do
				t.Errorf("it took %v to say so", took)
			}
			if p.times() == 0 {
				t.Error("the fault never struck")
			}
			after := openPlace(t, url)
			failed := after.failed(t, source.URL())
			again := &Engine{}
			again.Lease.Break = c.lake // nobody could give it back
			switch {
			case c.lake:
				if err == nil || !strings.Contains(err.Error(), c.why) {
					t.Errorf("the run's error is %v; want one with %q", err, c.why)
				}
				oldOrNew(t, nil, want, after.touches(t))
			case err != nil:
				t.Errorf("the run failed: %v", err)
			case len(failed) == 0 || int64(len(failed)) != rep.ObjectsFailed:
				t.Errorf("of %d objects, %d failed in the ledger, %d in the report", len(objects), len(failed), rep.ObjectsFailed)
			}
			for name, why := range failed {
				if !strings.Contains(why, c.why) && !strings.Contains(why, "EOF") && !strings.Contains(why, "reset") {
					t.Errorf("%s: %q does not say %q", name, why, c.why)
				}
			}
			after.run(t, again, source)
			t.Logf("of %d objects %d failed; %v", len(objects), len(failed), err)
			after.finish(t, source.URL())
			sameFiles(t, want, after.touches(t))
			after.balanced(t)
			if failed := after.failed(t, source.URL()); len(failed) > 0 {
				t.Errorf("still failed once it was over: %v", failed)
			}
		})
	}
}
