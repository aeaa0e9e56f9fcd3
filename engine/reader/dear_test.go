package reader

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/schema"
)

// dearLake is a lake whose files come by request: one for the end of a file as it is
// opened, one for each stretch of what is announced, one for a read that was not.
type dearLake struct {
	*lake.Lake
	tail int64

	mu          sync.Mutex
	requests    int
	unannounced int
	open, most  int // files, now and at most
	enough      chan struct{}
	once        sync.Once
	wait        int // for so many open files before anything is read
}

const gapWorthARequest = 256 << 10

func (l *dearLake) OpenTouches(ctx context.Context, p schema.Partition, bucket int) (object.File, error) {
	f, err := l.Lake.OpenTouches(ctx, p, bucket)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	if l.open++; l.open == l.wait {
		l.once.Do(func() { close(l.enough) })
	}
	l.most = max(l.most, l.open)
	size := f.Info().Size
	return &dearFile{File: f, lake: l, have: []object.Range{{Off: max(0, size-l.tail), Len: min(size, l.tail)}}}, nil
}

type dearFile struct {
	object.File
	lake *dearLake
	have []object.Range
}

func (f *dearFile) has(r object.Range) bool {
	return slices.ContainsFunc(f.have, func(h object.Range) bool { return h.Off <= r.Off && r.Off+r.Len <= h.Off+h.Len })
}

func (f *dearFile) Prefetch(ranges []object.Range) error {
	f.lake.mu.Lock()
	defer f.lake.mu.Unlock()
	ranges = slices.DeleteFunc(slices.Clone(ranges), f.has)
	slices.SortFunc(ranges, func(a, b object.Range) int { return cmp.Compare(a.Off, b.Off) })
	for i, r := range ranges {
		if last := len(f.have) - 1; i > 0 && r.Off < f.have[last].Off+f.have[last].Len+gapWorthARequest {
			f.have[last].Len = max(f.have[last].Len, r.Off+r.Len-f.have[last].Off)
			continue
		}
		f.lake.requests++
		f.have = append(f.have, r)
	}
	return nil
}

func (f *dearFile) ReadAt(b []byte, off int64) (int, error) {
	if f.lake.wait > 0 {
		select {
		case <-f.lake.enough:
		case <-time.After(20 * time.Second):
			return 0, io.ErrNoProgress
		}
	}
	f.lake.mu.Lock()
	if !f.has(object.Range{Off: off, Len: int64(len(b))}) {
		f.lake.requests++
		f.lake.unannounced++
	}
	f.lake.mu.Unlock()
	return f.File.ReadAt(b, off)
}

func (f *dearFile) Close() error {
	f.lake.mu.Lock()
	f.lake.open--
	f.lake.mu.Unlock()
	return f.File.Close()
}

// month has a row of each of some keys on each of thirty days, and one key on two days.
func month(t *testing.T, rows int) (*lake.Lake, map[schema.Partition][]schema.Touch) {
	all := map[schema.Partition][]schema.Touch{}
	for day := day0; day < day0+30; day++ {
		p := schema.Partition{Table: "orders", Day: day}
		for i := range rows {
			pk := "customer#" + strconv.Itoa(i)
			if i == 7 && day%15 == 2 {
				pk = "customer#7x"
			}
			id := fmt.Sprintf("%016x%016x", uint64(day)*0x9E3779B97F4A7C15, uint64(i)*0xBF58476D1CE4E5B9)
			all[p] = append(all[p], schema.Touch{EventID: id, RequestID: id + id, TouchCount: 1, KeyScope: schema.ScopeItem, Actor: "a" + strconv.Itoa(i%9),
				EventTime: int64(day)*86_400_000_000 + int64(i), ItemKey: `{"pk":"` + pk + `"}`, KeyValues: []string{pk}})
		}
		sortTouches(all[p])
	}
	return newLake(t, objecttest.NewMem(), all), all
}

// Looking a key up in a month takes little more than a request for each day's file.
func TestRequests(t *testing.T) {
	cheap, all := month(t, 3000)
	for name, c := range map[string]struct {
		key      string
		tail     int64
		requests int // at most
	}{
		"absent":              {"customer#7y", 128 << 10, 30},
		"absent, short tails": {"customer#7y", 40 << 10, 60},
		"on two days":         {"customer#7x", 128 << 10, 39},
	} {
		l := &dearLake{Lake: cheap, tail: c.tail}
		q := Query{Table: "orders", Key: []schema.KeyMember{{Name: "pk", Value: c.key}}, Where: []Condition{{schema.ColumnIndex("key_scope"), []string{schema.ScopeItem}}}}
		got, stats, err := scan(l, q)
		if err != nil || !slices.Equal(got, wantKey(all, q)) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if l.requests > c.requests || l.unannounced > 0 {
			t.Errorf("%s: %d requests, %d of them for reads that were not announced: %+v", name, l.requests, l.unannounced, stats)
		}
	}
}

// What is read of whole files is announced too.
func TestAllIsAnnounced(t *testing.T) {
	l, all := month(t, 500)
	dear := &dearLake{Lake: l, tail: 4 << 10}
	for _, q := range []Query{{}, {Where: []Condition{{schema.ColumnIndex("actor"), []string{"a3", "a5"}}}, From: int64(day0)*86_400_000_000 + 100}} {
		got, _, err := scan(dear, q)
		if err != nil || !slices.Equal(got, want(all, q)) {
			t.Errorf("%d rows, %v", len(got), err)
		}
	}
	if dear.unannounced > 0 {
		t.Errorf("%d reads were not announced", dear.unannounced)
	}
}

// Where reads are dear, many files are open at a time; where a query says how many,
// it is that.
func TestDearIsWide(t *testing.T) {
	cheap, _ := month(t, 20)
	l := &dearLake{Lake: cheap, tail: 128 << 10, wait: 20, enough: make(chan struct{})}
	if _, err := Scan(context.Background(), l, Query{}, func(arrow.Record, schema.Partition) error { return nil }); err != nil || l.most > DearParallel {
		t.Errorf("at most %d files open: %v", l.most, err)
	}
	l = &dearLake{Lake: cheap, tail: 128 << 10}
	if _, err := Scan(context.Background(), l, Query{Parallel: 3}, func(arrow.Record, schema.Partition) error { return nil }); err != nil || l.most > 3 {
		t.Errorf("%d files open, not 3: %v", l.most, err)
	}
}
