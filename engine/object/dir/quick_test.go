package dir

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

// listed returns the listing entries by key.
func listed(t *testing.T, s *Store) map[string]object.Info {
	t.Helper()
	all := map[string]object.Info{}
	err := s.List(t.Context(), "", func(o object.Info) error {
		all[o.Key] = o
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What is read quickly is what a stream reads, behind what the caller has already.
func TestReadListed(t *testing.T) {
	s := create(t, t.TempDir())
	for _, size := range []int{0, 1, 700, 64 << 10, 3 << 20} {
		text := strings.Repeat("x", size)
		put(t, s, "a/b", text)
		o := listed(t, s)["a/b"]
		data, ok := s.ReadListed(t.Context(), o, append(make([]byte, 0, size+6), "start"...))
		switch {
		case ok && string(data) != "start"+text:
			t.Errorf("%d bytes come back as others", size)
		case !ok && string(data) != "start":
			t.Errorf("%d bytes not read, and what was there is not as it was", size)
		case !ok && runtime.GOOS == "linux":
			t.Errorf("%d bytes are not read", size)
		}
		if data, ok = s.ReadListed(t.Context(), o, make([]byte, 0, size)); ok {
			t.Errorf("%d bytes: no room to see the end, and yet read %d", size, len(data))
		}
	}
}

// What is not, or no longer, the object that was listed is left to Open, which says
// what it is. A pipe keeps nobody waiting.
func TestReadListedRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(path string) error
		want   error // of Open
	}{
		"gone":     {os.Remove, object.ErrNotExist},
		"longer":   {func(path string) error { return os.WriteFile(path, []byte("text and more"), 0o600) }, object.ErrChanged},
		"shorter":  {func(path string) error { return os.Truncate(path, 2) }, object.ErrChanged},
		"touched":  {func(path string) error { return os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)) }, object.ErrChanged},
		"a pipe":   {replaced(func(path string) error { return syscall.Mkfifo(path, 0o600) }), object.ErrNotExist},
		"a folder": {replaced(func(path string) error { return os.Mkdir(path, 0o700) }), object.ErrNotExist},
		"a link":   {replaced(func(path string) error { return os.Symlink("nowhere", path) }), object.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			root, s := tree(t, []string{"text"}, nil)
			o := listed(t, s)["text"]
			if err := c.change(filepath.Join(root, "text")); err != nil {
				t.Fatal(err)
			}
			if data, ok := s.ReadListed(t.Context(), o, make([]byte, 0, 100)); ok || len(data) > 0 {
				t.Errorf("read %q", data)
			}
			if _, err := s.Open(t.Context(), o); !errors.Is(err, c.want) {
				t.Errorf("open: %v", err)
			}
		})
	}
	_, s := tree(t, []string{"text"}, nil)
	o := listed(t, s)["text"]
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok := s.ReadListed(ctx, o, make([]byte, 0, 100)); ok {
		t.Error("read after cancel")
	}
	for _, o := range []object.Info{{Key: "text", Size: o.Size}, {Key: "../text", Size: o.Size, ETag: o.ETag}} {
		if data, ok := s.ReadListed(t.Context(), o, make([]byte, 0, 100)); ok {
			t.Errorf("%+v was never listed, and yet read: %q", o, data)
		}
	}
}

func replaced(by func(path string) error) func(path string) error {
	return func(path string) error { return errors.Join(os.Remove(path), by(path)) }
}

// The names in a folder are looked at alike, whether they are few or many.
func TestListFewAndMany(t *testing.T) {
	var files []string
	links := map[string]string{}
	for i := range 20 {
		name := string(rune('a' + i))
		files = append(files, "many/"+name, "few-"+name+"/below")
		links["many/link-to-"+name] = name
	}
	root, s := tree(t, files, links)
	all := listed(t, s)
	if len(all) != len(files)+len(links) {
		t.Errorf("%d objects listed, not %d", len(all), len(files)+len(links))
	}
	for key, o := range all {
		stat, err := os.Stat(filepath.Join(root, key))
		if err != nil {
			t.Fatal(err)
		}
		if want := infoOf(key, stat); o != want {
			t.Errorf("listed as %+v, is %+v", o, want)
		}
	}
}
