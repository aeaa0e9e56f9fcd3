package objecttest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

func listOrder(t *testing.T, s Store) {
	// "/" sorts between "." and "0", so folders do not sort by their names.
	keys := []string{"a.b", "a/b", "a/b.c", "a/b0", "a/c/d/e", "a/c/d0", "a0", "b", "é/x"}
	fill(t, s, keys)
	equal(t, "list", list(t, s, ""), keys)
	equal(t, "list a/", list(t, s, "a/"), []string{"a/b", "a/b.c", "a/b0", "a/c/d/e", "a/c/d0"})
	equal(t, "list a/c/d", list(t, s, "a/c/d"), []string{"a/c/d/e", "a/c/d0"})
	equal(t, "list a/b", list(t, s, "a/b"), []string{"a/b", "a/b.c", "a/b0"})
	for _, o := range infos(t, s, "") {
		if o.Size != int64(len(o.Key)) || o.ETag == "" || o.StorageClass != "" {
			t.Errorf("listed as %+v", o)
		}
		if age := time.Since(o.LastModified); age < -time.Minute || age > time.Hour || o.LastModified.Location() != time.UTC {
			t.Errorf("%s was last modified at %v", o.Key, o.LastModified)
		}
		if data := get(t, s, o); string(data) != o.Key {
			t.Errorf("%s holds %q", o.Key, data)
		}
	}
}

func listPages(t *testing.T, s Store) {
	var keys []string
	for i := range 1105 {
		keys = append(keys, fmt.Sprintf("p/%02d/%04d", i%3, i))
	}
	fill(t, s, keys)
	slices.Sort(keys)
	equal(t, "list", list(t, s, "p/"), keys)
	keys = keys[:0]
	for i := range 1004 {
		keys = append(keys, fmt.Sprintf("q/%04d/x", i))
	}
	fill(t, s, keys)
	dirs, objects, err := s.Children(t.Context(), "q/")
	if err != nil || len(objects) > 0 {
		t.Fatalf("children: %v, %v", objects, err)
	}
	for i := range keys {
		keys[i] = strings.TrimSuffix(keys[i], "x")
	}
	equal(t, "children", dirs, keys)
}

func listStops(t *testing.T, s Store) {
	fill(t, s, []string{"a", "b", "c"})
	stop := errors.New("enough")
	var seen []string
	err := s.List(t.Context(), "", func(o object.Info) error {
		seen = append(seen, o.Key)
		if o.Key == "b" {
			return stop
		}
		return nil
	})
	if err != stop {
		t.Errorf("list returns %v, not the callback's error itself", err)
	}
	equal(t, "seen", seen, []string{"a", "b"})
}

func children(t *testing.T, s Store) {
	fill(t, s, []string{"a/b/c/1", "a/b/2", "a/b.x/3", "a/4", "a/b0", "5", "z/6"})
	for _, c := range []struct {
		prefix        string
		dirs, objects []string
	}{
		{"", []string{"a/", "z/"}, []string{"5"}},
		{"a/", []string{"a/b.x/", "a/b/"}, []string{"a/4", "a/b0"}},
		{"a/b/", []string{"a/b/c/"}, []string{"a/b/2"}},
		{"a/b/c/", nil, []string{"a/b/c/1"}},
	} {
		dirs, objects, err := s.Children(t.Context(), c.prefix)
		if err != nil {
			t.Fatalf("children of %q: %v", c.prefix, err)
		}
		var keys []string
		for _, o := range objects {
			keys = append(keys, o.Key)
			if o.Size != int64(len(o.Key)) || o.ETag == "" {
				t.Errorf("child %+v", o)
			}
		}
		equal(t, "folders of "+c.prefix, dirs, c.dirs)
		equal(t, "objects of "+c.prefix, keys, c.objects)
	}
}

func oddKeys(t *testing.T, s Store) {
	keys := []string{
		"day=2026-01-05/part-00.parquet", "with space/and space ", "plus+plus", "100%", "%41", "%2F", "a&b", "q?x=1",
		"#hash", "semi;colon", "co:lon", "quote'\"", "back\\slash", "tab\there", "line\nfeed", "<tag>&amp;", "ü/日本/🔑",
		"~tilde", "[brackets]{}", "*", "a=b=c", "...", "..x/y", "x/...", "@at", "$HOME", "-dash",
		strings.Repeat("long", 60),
	}
	fill(t, s, keys)
	slices.Sort(keys)
	equal(t, "list", list(t, s, ""), keys)
	for _, o := range infos(t, s, "") {
		if data := get(t, s, o); string(data) != o.Key {
			t.Errorf("%q holds %q", o.Key, data)
		}
		f, err := s.OpenAt(t.Context(), o.Key)
		if err != nil {
			t.Errorf("open %q: %v", o.Key, err)
			continue
		}
		f.Close()
	}
	dirs, _, err := s.Children(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "folders", dirs, []string{"..x/", "day=2026-01-05/", "with space/", "x/", "ü/"})
	for _, key := range keys {
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("delete %q: %v", key, err)
		}
	}
	equal(t, "after deletes", list(t, s, ""), nil)
}
