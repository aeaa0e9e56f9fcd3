package reader

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/schema"
)

// endedLake calls back between two files that it lists, and ends the listing there when
// that fails.
type endedLake struct {
	Lake
	behindFirst func() error
	open        func(ctx context.Context) error // before a file is opened; nil does nothing
}

func (l *endedLake) TouchFiles(ctx context.Context, table, from, to string, fn func(lake.TouchFile) error) error {
	n := 0
	return l.Lake.TouchFiles(context.WithoutCancel(ctx), table, from, to, func(f lake.TouchFile) error {
		if n++; n == 2 {
			if err := l.behindFirst(); err != nil {
				return err
			}
		}
		return fn(f)
	})
}

func (l *endedLake) OpenTouches(ctx context.Context, p schema.Partition, bucket int) (object.File, error) {
	if l.open != nil {
		if err := l.open(ctx); err != nil {
			return nil, err
		}
	}
	return l.Lake.OpenTouches(ctx, p, bucket)
}

// When the listing fails that is what Scan says, and not that reads were ended for it.
func TestListingFailsLate(t *testing.T) {
	opened := make(chan struct{})
	broken := errors.New("connection reset")
	l := &endedLake{
		Lake:        newLake(t, objecttest.NewMem(), sample(50)),
		behindFirst: func() error { <-opened; return broken },
		open: func(ctx context.Context) error {
			close(opened)
			<-ctx.Done()
			return ctx.Err()
		},
	}
	if _, _, err := scan(l, Query{}); !errors.Is(err, broken) {
		t.Errorf("listing failed: %v", err)
	}
}

// A scan that is interrupted while it lists comes to an end, whatever was under way.
func TestInterruptedListing(t *testing.T) {
	all := newLake(t, objecttest.NewMem(), sample(5))
	for range 50 {
		ctx, cancel := context.WithCancel(context.Background())
		handed := make(chan struct{}, 100)
		l := &endedLake{Lake: all, behindFirst: func() error { <-handed; cancel(); return nil }}
		ended := make(chan error, 1)
		go func() {
			_, err := Scan(ctx, l, Query{}, func(arrow.Record, schema.Partition) error {
				handed <- struct{}{}
				return nil
			})
			ended <- err
		}()
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("interrupted: %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("the scan goes on")
		}
	}
}
