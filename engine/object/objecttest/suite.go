package objecttest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/object"
)

// Suite holds a store to the contract of [Store]. open returns an empty store
// that ends with its test.
func Suite(t *testing.T, open func(t *testing.T) Store) {
	cases := []struct {
		name string
		run  func(*testing.T, Store)
	}{
		{"list in key order", listOrder},
		{"list many pages", listPages},
		{"list stops", listStops},
		{"children", children},
		{"odd keys", oddKeys},
		{"missing", missing},
		{"sizes", sizes},
		{"wrong size", wrongSize},
		{"open a listed version", openVersion},
		{"ranged reads", rangedReads},
		{"pinned reads", pinnedReads},
		{"concurrent reads", concurrentReads},
		{"announced reads", announcedReads},
		{"announced reads of a replaced object", announcedReplaced},
		{"usage", usage},
		{"atomic put", atomicPut},
		{"conditions", conditions},
		{"one winner", oneWinner},
		{"counter", counter},
		{"delete", deleteObject},
		{"cancel", cancelled},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

// put writes an object without condition.
func put(t *testing.T, s Store, key string, data []byte) (etag string) {
	t.Helper()
	etag, err := s.Put(t.Context(), key, bytes.NewReader(data), int64(len(data)), object.Condition{})
	if err != nil {
		t.Fatalf("put %q: %v", key, err)
	}
	if etag == "" {
		t.Fatalf("put %q returns no ETag", key)
	}
	return etag
}

// fill writes one small object for each key, out of order.
func fill(t *testing.T, s Store, keys []string) {
	t.Helper()
	g, ctx := errgroup.WithContext(t.Context())
	g.SetLimit(16)
	for i := range keys {
		key := keys[(i*7+3)%len(keys)]
		if len(keys)%7 == 0 {
			key = keys[len(keys)-1-i]
		}
		g.Go(func() error {
			_, err := s.Put(ctx, key, strings.NewReader(key), int64(len(key)), object.Condition{})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, s Store, obj object.Info) []byte {
	t.Helper()
	r, err := s.Open(t.Context(), obj)
	if err != nil {
		t.Fatalf("open %q: %v", obj.Key, err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("read %q: %v", obj.Key, err)
	}
	return data
}

func list(t *testing.T, s Store, prefix string) (keys []string) {
	t.Helper()
	for _, o := range infos(t, s, prefix) {
		keys = append(keys, o.Key)
	}
	return keys
}

func infos(t *testing.T, s Store, prefix string) (all []object.Info) {
	t.Helper()
	err := s.List(t.Context(), prefix, func(o object.Info) error {
		all = append(all, o)
		return nil
	})
	if err != nil {
		t.Fatalf("list %q: %v", prefix, err)
	}
	return all
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// fails checks that err is an [object.Error] that names the key and wraps want.
func fails(t *testing.T, what, key string, err, want error) {
	t.Helper()
	var e *object.Error
	if !errors.Is(err, want) || !errors.As(err, &e) {
		t.Fatalf("%s: got error %v, want an object.Error of %v", what, err, want)
	}
	if e.Key != key || e.Op == "" {
		t.Errorf("%s: error %q has op %q and key %q, want key %q", what, err, e.Op, e.Key, key)
	}
}

// pattern is data in which every place is told from its neighbours, and seeds
// from each other.
func pattern(size int, seed byte) []byte {
	data := make([]byte, size)
	x := uint32(seed)*2654435761 + 1
	for i := range data {
		x = x*1664525 + 1013904223
		data[i] = byte(x >> 24)
	}
	return data
}

func missing(t *testing.T, s Store) {
	put(t, s, "a/b", []byte("x"))
	for _, key := range []string{"nothing", "a", "a/b/c", "a/nothing"} {
		_, err := s.Open(t.Context(), object.Info{Key: key})
		fails(t, "open", key, err, object.ErrNotExist)
		_, err = s.OpenAt(t.Context(), key)
		fails(t, "open at", key, err, object.ErrNotExist)
	}
	for _, prefix := range []string{"nothing/", "a/b/", "a/x"} {
		equal(t, "list "+prefix, list(t, s, prefix), nil)
		dirs, objects, err := s.Children(t.Context(), prefix)
		if err != nil || len(dirs)+len(objects) > 0 {
			t.Errorf("children of %q: %v, %v, %v", prefix, dirs, objects, err)
		}
	}
}

func deleteObject(t *testing.T, s Store) {
	fill(t, s, []string{"d/e/f", "d/g", "h"})
	for _, key := range []string{"d/e/f", "d/e/f", "nothing", "no/thing", "d/g/below"} {
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("delete %q: %v", key, err)
		}
	}
	equal(t, "after deletes", list(t, s, ""), []string{"d/g", "h"})
	dirs, _, err := s.Children(t.Context(), "d/")
	if err != nil || len(dirs) > 0 {
		t.Errorf("folders that hold nothing any more: %q, %v", dirs, err)
	}
	put(t, s, "d/e/f", []byte("again"))
	equal(t, "after a put", list(t, s, "d/"), []string{"d/e/f", "d/g"})
}

func cancelled(t *testing.T, s Store) {
	data := pattern(3<<20, 1)
	put(t, s, "k", data)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := s.Open(ctx, object.Info{Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	f, err := s.OpenAt(ctx, "k")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cancel()
	check := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s after cancel: %v", what, err)
		}
	}
	_, err = io.ReadAll(r)
	check("read", err)
	_, err = f.ReadAt(make([]byte, 10), 5)
	check("read at", err)
	_, err = s.Open(ctx, object.Info{Key: "k"})
	check("open", err)
	_, err = s.OpenAt(ctx, "k")
	check("open at", err)
	_, err = s.Put(ctx, "other", bytes.NewReader(data), int64(len(data)), object.Condition{})
	check("put", err)
	_, _, err = s.Children(ctx, "")
	check("children", err)
	check("list", s.List(ctx, "", func(object.Info) error { return nil }))
	check("delete", s.Delete(ctx, "k"))
	equal(t, "after a cancelled put and delete", list(t, s, ""), []string{"k"})
}
