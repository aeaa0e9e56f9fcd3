package dir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

// TestUnreadable looks at a source as a user who may not read all of it. Root
// may, so the test gives up root's rights to files, on its own thread alone.
func TestUnreadable(t *testing.T) {
	root, s := tree(t, []string{"open/file", "shut/file", "open/secret"}, nil)
	for name, mode := range map[string]os.FileMode{"shut": 0, "open/secret": 0, "": 0o555, "..": 0o755} {
		if err := os.Chmod(filepath.Join(root, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { // so that the folder can be removed
		os.Chmod(root, 0o700)
		os.Chmod(filepath.Join(root, "shut"), 0o700)
	})
	if os.Getuid() == 0 {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		const nobody = 65534
		if err := syscall.Setfsuid(nobody); err != nil {
			t.Fatal(err)
		}
		defer syscall.Setfsuid(0)
	}
	err := s.List(t.Context(), "", func(object.Info) error { return nil })
	if !errors.Is(err, object.ErrDenied) || !strings.Contains(err.Error(), `"shut/"`) {
		t.Errorf("list does not name the folder that cannot be read: %v", err)
	}
	if _, _, err := s.Children(t.Context(), "shut/"); !errors.Is(err, object.ErrDenied) {
		t.Errorf("children: %v", err)
	}
	if _, err := s.Open(t.Context(), object.Info{Key: "open/secret"}); !errors.Is(err, object.ErrDenied) {
		t.Errorf("open: %v", err)
	}
	if _, err := s.Put(t.Context(), "k", strings.NewReader("x"), 1, object.Condition{}); !errors.Is(err, object.ErrDenied) {
		t.Errorf("put: %v", err)
	}
	r, err := s.Open(t.Context(), object.Info{Key: "open/file"})
	if err != nil {
		t.Fatalf("what may be read: %v", err)
	}
	r.Close()
}

// What is written to while it is read is not read quickly, whatever came of it.
func TestWrittenWhileReadQuickly(t *testing.T) {
	defer func() { sysRead = syscall.Read }()
	for name, change := range map[string]func(path string) error{
		"longer":  func(path string) error { return os.WriteFile(path, []byte("text and more"), 0o600) },
		"shorter": func(path string) error { return os.Truncate(path, 2) },
		"touched": func(path string) error { return os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)) },
	} {
		root, s := tree(t, []string{"text"}, nil)
		o := listed(t, s)["text"]
		sysRead = func(fd int, p []byte) (int, error) {
			n, err := syscall.Read(fd, p)
			return n, errors.Join(err, change(filepath.Join(root, "text")))
		}
		if data, ok := s.ReadListed(t.Context(), o, make([]byte, 0, 100)); ok || len(data) > 0 {
			t.Errorf("%s: read %q", name, data)
		}
	}
	// A signal, and a read that gives a part.
	_, s := tree(t, []string{"text"}, nil)
	o := listed(t, s)["text"]
	fates := []error{syscall.EINTR, nil, syscall.EIO}
	sysRead = func(fd int, p []byte) (int, error) {
		fate := fates[0]
		if fates = fates[1:]; fate != nil {
			return 0, fate
		}
		return syscall.Read(fd, p)
	}
	if data, ok := s.ReadListed(t.Context(), o, make([]byte, 0, 100)); !ok || string(data) != "text" {
		t.Errorf("after a signal: %q, %t", data, ok)
	}
	if data, ok := s.ReadListed(t.Context(), o, make([]byte, 0, 100)); ok {
		t.Errorf("after an error: %q", data)
	}
	sysRead = func(fd int, p []byte) (int, error) { return syscall.Read(fd, p[:2]) }
	if data, ok := s.ReadListed(t.Context(), o, make([]byte, 0, 100)); ok {
		t.Errorf("of a part: %q", data)
	}
}

// A folder of more names than one system call tells is listed whole, and a socket in it
// is no object.
func TestListManyNames(t *testing.T) {
	root, s := tree(t, []string{"a/first"}, nil)
	for i := range 2000 {
		if err := os.WriteFile(filepath.Join(root, "a", fmt.Sprintf("a-longer-name-%04d", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: filepath.Join(root, "a", "socket")}); err != nil {
		t.Skip("no socket here:", err)
	}
	if got := keys(t, s, "a/"); len(got) != 2001 || got[0] != "a/a-longer-name-0000" || got[2000] != "a/first" {
		t.Errorf("%d names listed", len(got))
	}
	if _, err := s.OpenAt(t.Context(), "a/socket"); !errors.Is(err, object.ErrNotExist) {
		t.Errorf("open a socket: %v", err)
	}
}
