package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
)

// crampedRun is a run in a process of its own that can write no file beyond a size,
// which is how a disk looks that fills up while a file is written.
type crampedRun struct {
	deadRun
	Most uint64 // bytes of any file
}

const crampedRunEnv = "KEYTRAIL_TEST_CRAMPED_RUN"

// A test binary with a crampedRun in its environment is that process.
func init() {
	text := os.Getenv(crampedRunEnv)
	if text == "" {
		return
	}
	var r crampedRun
	err := json.Unmarshal([]byte(text), &r)
	if err == nil {
		signal.Ignore(syscall.SIGXFSZ) // so that it is an error
		err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: r.Most, Max: r.Most})
	}
	if err == nil {
		err = r.ingest(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Wherever a disk fills up, under a sorted run, a file merged aside or one on its
// way into the lake, the run fails, the old files stay, and nothing is left aside.
func TestFaultDiskFull(t *testing.T) {
	logs := makeOddSample(t, 150)
	objects := files(t, logs)
	want := cleanTouches(t, logs, objects)
	failures := 0
	for _, spillAt := range []int64{1, 0} { // sorted runs in files, and in memory
		path := filepath.Join(t.TempDir(), "lake")
		l := openPlace(t, path)
		l.run(t, &Engine{}, only{openSource(t, logs), objects[:len(objects)/2]})
		old, temp := l.touches(t), t.TempDir()
		most, ok := uint64(4<<10), false
		for ; !ok; most += most / 3 {
			r := crampedRun{Most: most, deadRun: deadRun{Source: logs, Lake: path, Objects: objects, Jobs: 2, SpillAt: spillAt}}
			text, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), crampedRunEnv+"="+string(text), "TMPDIR="+temp)
			out, err := cmd.CombinedOutput()
			if ok = err == nil; !ok {
				failures++
				if text := string(out); cmd.ProcessState.ExitCode() != 1 || !strings.Contains(text, syscall.EFBIG.Error()) || strings.Count(text, "\n") > 1 {
					t.Fatalf("at most %d bytes: %v\n%s", most, err, out)
				}
			}
			oldOrNew(t, old, want, l.touches(t))
			l.whole(t)
			l.leaseFree(t, fmt.Sprintf("files of %d bytes", most))
			if left := append(leftAside(t, path), files(t, temp)...); len(left) > 0 {
				t.Errorf("at most %d bytes: left aside: %v", most, left)
			}
		}
		l.finish(t, logs)
		sameFiles(t, want, l.touches(t))
		l.balanced(t)
	}
	if failures < 10 {
		t.Errorf("only %d runs failed", failures)
	}
	t.Logf("%d disks tried that fill up under one file or another: nothing lost, nothing left aside", failures)
}

// A lake on a disk that is full keeps what it has.
func TestFaultLakeDiskFull(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=16m"); err != nil {
		t.Skip("SKIPPED: no right to mount a small disk")
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	logs := makeOddSample(t, 150)
	objects := files(t, logs)
	want := cleanTouches(t, logs, objects)
	path := filepath.Join(disk, "lake")
	l := openPlace(t, path)
	l.run(t, &Engine{}, only{openSource(t, logs), objects[:len(objects)/2]})
	old := l.touches(t)
	filler := filepath.Join(disk, "filler")
	failures := 0
	for free := int64(16 << 10); ; free += 48 << 10 {
		fill(t, disk, filler, free)
		_, err := l.try(&Engine{Jobs: 2, Lease: lake.LeaseOptions{Break: true}}, openSource(t, logs))
		oldOrNew(t, old, want, l.touches(t))
		l.whole(t)
		if left := leftAside(t, path); len(left) > 0 {
			t.Errorf("%d bytes free: left aside: %v", free, left)
		}
		if err == nil {
			break
		}
		if failures++; !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("%d bytes free: %v", free, err)
		}
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if failures == 0 {
		t.Error("the disk was never full")
	}
	l.finish(t, logs)
	sameFiles(t, want, l.touches(t))
	l.balanced(t)
	t.Logf("%d full disks under the lake tried", failures)
}

// fill leaves so many bytes of a disk.
func fill(t *testing.T, disk, filler string, free int64) {
	t.Helper()
	if err := os.RemoveAll(filler); err != nil {
		t.Fatal(err)
	}
	var stat syscall.Statfs_t
	if err := syscall.Statfs(disk, &stat); err != nil {
		t.Fatal(err)
	}
	write(t, filler, make([]byte, max(0, int64(stat.Bavail)*stat.Bsize-free)))
}

// leftAside is what puts into a lake's directory have left on the way.
func leftAside(t *testing.T, root string) []string {
	t.Helper()
	var left []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasPrefix(d.Name(), "put-") {
			left = append(left, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return left
}
