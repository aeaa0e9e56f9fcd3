package verify

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

// crowd is a source of so many objects, which says what is in use when it is listed.
type crowd struct {
	objects int
	inUse   *int64
}

func (c crowd) URL() string { return "s3://crowd/" }

func (c crowd) info(i int) object.Info {
	key := fmt.Sprintf("AWSLogs/123456789012/CloudTrail/eu-west-1/2026/03/02/123456789012_CloudTrail_eu-west-1_20260302T1200Z_%016d.json.gz", i)
	return object.Info{Key: key, Size: 900, ETag: fmt.Sprintf("%032d", i)}
}

func (c crowd) List(_ context.Context, _ string, fn func(object.Info) error) error {
	*c.inUse = heapAfterGC()
	for i := range c.objects {
		if err := fn(c.info(i)); err != nil {
			return err
		}
	}
	return nil
}

// lake is one that has them as read, on one delivery day.
func (c crowd) lake(t *testing.T) *objecttest.Mem {
	t.Helper()
	m := objecttest.NewMem()
	l, err := lake.Create(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	entries := make([]lake.Entry, c.objects)
	for i := range entries {
		o := c.info(i)
		entries[i] = lake.Entry{
			SourceObject: o.Key, Source: c.URL(), ETag: o.ETag, Size: o.Size, InflatedBytes: 2000, LastModified: at, SHA256: fmt.Sprintf("%064d", i),
			AccountID: "123456789012", AWSRegion: "eu-west-1", Kind: string(object.KindCloudTrail), Status: lake.Done,
			Records: 1, InScope: 1, Touches: 1, FirstEventTime: at, LastEventTime: at,
		}
	}
	if err := l.MergeLedger(t.Context(), "2026-03-02", entries); err != nil {
		t.Fatal(err)
	}
	return m
}

// A lake may be of tens of millions of objects: each takes few bytes, also while the
// ledger is read.
func TestMemoryPerObject(t *testing.T) {
	const few, many = 20_000, 100_000
	keptFew, peakFew := measure(t, few)
	keptMany, peakMany := measure(t, many)
	kept, peak := (keptMany-keptFew)/(many-few), (peakMany-peakFew)/(many-few)
	t.Logf("each object takes %d bytes, and %d at the worst, beside %d MiB", kept, peak, peakFew>>20)
	if kept > 110 {
		t.Errorf("%d bytes are kept of each object", kept)
	}
	if peak > 700 { // with garbage, of which there is more or less
		t.Errorf("each object takes %d bytes at the worst", peak)
	}
}

// measure verifies a lake of so many objects. It returns the bytes in use when the
// source was listed, and the most that was in use, beyond what was before.
func measure(t *testing.T, objects int) (kept, peak int64) {
	t.Helper()
	c := crowd{objects, new(int64)}
	store := c.lake(t)
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	before := heapAfterGC()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				peak = max(peak, heapInUse())
			}
		}
	}()
	if rep := look(t, store, Input{Source: c}); !rep.Clean() || rep.ObjectsDone != int64(objects) || rep.ObjectsInSource != int64(objects) {
		t.Errorf("%d objects: %s", rep.ObjectsDone, rep.text())
	}
	close(stop)
	<-stopped
	runtime.KeepAlive(store)
	return *c.inUse - before, peak - before
}

// heapInUse is what the last collection of garbage found in use.
func heapInUse() int64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64())
}

// heapAfterGC is what is in use without pools, whose contents outlive a collection.
func heapAfterGC() int64 {
	for range 3 {
		runtime.GC()
	}
	return heapInUse()
}
