package lake

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/object/s3"
	"github.com/keytrail/keytrail/engine/object/s3/s3test"
)

// A commit reads no day of the ledger beside those that changed without it, and writes
// nothing when nothing has changed.
func TestRecordCoverageReadsNoYear(t *testing.T) { everywhere(t, readsNoYear) }

func readsNoYear(t *testing.T, s Store) {
	l := yearLake(t, s, 30, 2, 1)
	recordCoverage(t, l)
	opens := func(do func(l *Lake)) (ledger, puts int) {
		c := &counted{Store: s}
		m := &meddler{Store: c}
		do(&Lake{store: m})
		return int(c.ledger.Load()), int(m.puts.Load())
	}
	if ledger, puts := opens(func(l *Lake) { recordCoverage(t, l) }); ledger != 0 || puts != 0 {
		t.Errorf("nothing new: %d days read, %d puts", ledger, puts)
	}
	d, err := l.MergeLedgerDay(t.Context(), "2024-01-07", entries("new e1 done"))
	if err != nil {
		t.Fatal(err)
	}
	if ledger, puts := opens(func(l *Lake) { coverage(t, l) }); ledger != 1 || puts != 0 {
		t.Errorf("a reader, of a day that is new: %d days read, %d puts", ledger, puts)
	}
	if ledger, puts := opens(func(l *Lake) { recordCoverage(t, l, d) }); ledger != 0 || puts != 1 {
		t.Errorf("a day merged: %d days read, %d puts", ledger, puts)
	}
	for _, day := range []string{"2024-01-02", "2024-01-03"} { // by a run that was killed
		if err := l.MergeLedger(t.Context(), day, entries("late e1 failed")); err != nil {
			t.Fatal(err)
		}
	}
	if ledger, puts := opens(func(l *Lake) { recordCoverage(t, l, d) }); ledger != 2 || puts != 1 {
		t.Errorf("two days behind: %d days read, %d puts", ledger, puts)
	}
	upToDate(t, l)
	c := coverage(t, l)
	if c.Total().Failed != 2 || len(c.Trouble()) != 30 {
		t.Errorf("%+v", c.Total())
	}
}

// counted counts how often a day of the ledger is opened.
type counted struct {
	Store
	ledger atomic.Int64
}

func (c *counted) OpenAt(ctx context.Context, key string) (object.File, error) {
	if strings.HasPrefix(key, ledgerDir) {
		c.ledger.Add(1)
	}
	return c.Store.OpenAt(ctx, key)
}

// What happens to the put: its error is the commit's, and the next one mends it. A
// faster writer is merged with, an answer that was lost is found out.
func TestRecordCoverageFaults(t *testing.T) {
	m := &meddler{Store: objecttest.NewMem()}
	l := create(t, m)
	merge(t, l, entries("a e1 done")...)
	m.set(func(string, object.Condition) error { return errTest }, nil)
	wantError(t, l.RecordCoverage(t.Context(), nil), errTest, "summary")
	m.set(nil, nil)
	got := coverage(t, l)
	if got.Total().Done != 1 {
		t.Errorf("without a summary: %+v", got)
	}
	m.set(func(string, object.Condition) error { // somebody else merges, and is faster
		m.set(nil, nil)
		other := &Lake{store: m.Store}
		merge(t, other, entries("b e1 done")...)
		recordCoverage(t, other)
		return nil
	}, nil)
	recordCoverage(t, l)
	upToDate(t, l)
	got = coverage(t, l)
	if got.Total().Done != 2 {
		t.Errorf("beside another: %+v", got)
	}
	merge(t, l, entries("c e1 done")...)
	m.set(nil, func(string) error {
		m.set(nil, nil)
		return &object.Error{Op: "put", Key: coverageKey, Err: object.ErrCondition}
	})
	recordCoverage(t, l)
	upToDate(t, l)
	merge(t, l, entries("d e1 done")...)
	m.set(func(key string, _ object.Condition) error { // it goes away, and comes again
		m.set(nil, nil)
		return m.Store.Delete(t.Context(), key)
	}, nil)
	recordCoverage(t, l)
	upToDate(t, l)
}

// Of a bucket, it takes two requests, however large the summary is; and one more for a
// day that has changed.
func TestCoverageRequestsS3(t *testing.T) {
	server := s3test.Start(t)
	target, err := url.Parse(server.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	var requests atomic.Int64
	proxy := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		proxy.ServeHTTP(w, r)
	}))
	defer front.Close()
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	bucket := "s3://" + server.NewBucket(t)
	direct, err := s3.Open(t.Context(), bucket, s3.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l := yearLake(t, direct, 60, 100, 1)
	recordCoverage(t, l)
	if n := len(get(t, direct, coverageKey)); n < 128<<10/2 {
		t.Errorf("a summary of %d bytes is small", n)
	}
	store, err := s3.Open(t.Context(), bucket, s3.Options{Endpoint: front.URL})
	if err != nil {
		t.Fatal(err)
	}
	through := &Lake{store: store}
	asked := func() int64 {
		before := requests.Load()
		if got, want := coverage(t, through), coverage(t, l); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, want %+v", got, want)
		}
		return requests.Load() - before
	}
	if n := asked(); n != 2 {
		t.Errorf("%d requests", n)
	}
	if err := l.MergeLedger(t.Context(), "2024-01-07", entries("new e1 done")); err != nil {
		t.Fatal(err)
	}
	if n := asked(); n != 3 {
		t.Errorf("%d requests where a day has changed", n)
	}
}
