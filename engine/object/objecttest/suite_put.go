package objecttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/object"
)

// atomicPut replaces an object by ones of other sizes while readers read it:
// each must see one version whole, or be told that it changed.
func atomicPut(t *testing.T, s Store) {
	version := func(i int) []byte { return bytes.Repeat([]byte{byte(i)}, 100_000+i*50_000) }
	put(t, s, "k", version(0))
	var stop atomic.Bool
	var seen atomic.Int64
	g, ctx := errgroup.WithContext(t.Context())
	for range 3 {
		g.Go(func() error {
			for !stop.Load() {
				data, err := readAll(ctx, s, "k")
				if errors.Is(err, object.ErrChanged) {
					continue
				}
				if err != nil {
					return err
				}
				if !bytes.Equal(data, version(int(data[0]))) {
					return fmt.Errorf("a reader saw %d bytes that no put wrote", len(data))
				}
				seen.Add(1)
			}
			return nil
		})
	}
	g.Go(func() error {
		defer stop.Store(true)
		for i := 1; i < 40 || (i < 2000 && seen.Load() < 10); i++ {
			data := version(i % 20)
			if _, err := s.Put(ctx, "k", bytes.NewReader(data), int64(len(data)), object.Condition{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	if seen.Load() == 0 {
		t.Error("no reader saw any version")
	}
	equal(t, "list", list(t, s, ""), []string{"k"})
}

func readAll(ctx context.Context, s Store, key string) ([]byte, error) {
	r, err := s.Open(ctx, object.Info{Key: key})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func conditions(t *testing.T, s Store) {
	try := func(key, text string, c object.Condition) (string, error) {
		return s.Put(t.Context(), key, strings.NewReader(text), int64(len(text)), c)
	}
	first, err := try("k", "one", object.Condition{IfAbsent: true})
	if err != nil {
		t.Fatalf("put if absent: %v", err)
	}
	_, err = try("k", "xxx", object.Condition{IfAbsent: true})
	fails(t, "put if absent, present", "k", err, object.ErrCondition)
	second, err := try("k", "two", object.Condition{IfMatch: first})
	if err != nil || second == first {
		t.Fatalf("put if match: ETag %s after %s, %v", second, first, err)
	}
	_, err = try("k", "xxx", object.Condition{IfMatch: first})
	fails(t, "put if match, replaced", "k", err, object.ErrCondition)
	_, err = try("other", "xxx", object.Condition{IfMatch: first})
	fails(t, "put if match, absent", "other", err, object.ErrCondition)
	equal(t, "list", list(t, s, ""), []string{"k"})
	if data := get(t, s, object.Info{Key: "k", ETag: second}); string(data) != "two" {
		t.Errorf("holds %q", data)
	}
	// An ETag from a listing is as good as one from a put.
	if _, err := try("k", "three", object.Condition{IfMatch: infos(t, s, "k")[0].ETag}); err != nil {
		t.Errorf("put if match with a listed ETag: %v", err)
	}
}

func oneWinner(t *testing.T, s Store) {
	for round := range 5 {
		key := fmt.Sprintf("lease-%d", round)
		var wins atomic.Int64
		var g errgroup.Group
		for i := range 16 {
			g.Go(func() error {
				text := fmt.Sprintf("writer %2d", i)
				_, err := s.Put(t.Context(), key, strings.NewReader(text), int64(len(text)), object.Condition{IfAbsent: true})
				if err == nil {
					wins.Add(1)
					return nil
				}
				if !errors.Is(err, object.ErrCondition) {
					return err
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		if wins.Load() != 1 {
			t.Errorf("%d of 16 writers were told that they made the object", wins.Load())
		}
	}
}

// counter adds one to a number in an object from many writers, each of which
// starts over when its condition fails: no addition may be lost.
func counter(t *testing.T, s Store) {
	const writers, each = 4, 5
	put(t, s, "n", []byte("0"))
	add := func(ctx context.Context) error {
		for {
			f, err := s.OpenAt(ctx, "n")
			if err != nil {
				return err
			}
			text := make([]byte, f.Info().Size)
			_, err = f.ReadAt(text, 0)
			f.Close()
			if errors.Is(err, object.ErrChanged) {
				continue
			}
			if err != nil && err != io.EOF {
				return err
			}
			n, err := strconv.Atoi(string(text))
			if err != nil {
				return err
			}
			next := strconv.Itoa(n + 1)
			_, err = s.Put(ctx, "n", strings.NewReader(next), int64(len(next)), object.Condition{IfMatch: f.Info().ETag})
			if !errors.Is(err, object.ErrCondition) {
				return err
			}
		}
	}
	g, ctx := errgroup.WithContext(t.Context())
	for range writers {
		g.Go(func() error {
			for range each {
				if err := add(ctx); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := string(get(t, s, object.Info{Key: "n"})); got != strconv.Itoa(writers*each) {
		t.Errorf("%d additions made %s", writers*each, got)
	}
}
