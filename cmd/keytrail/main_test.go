package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"
	"time"
)

var (
	// builtBinary is keytrail as users get it: these tests run it, not its parts.
	builtBinary string
	// scratch is a directory for what tests share, removed at the end.
	scratch string
)

func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	var err error
	if scratch, err = os.MkdirTemp("", "keytrail-test"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(scratch)
	builtBinary = filepath.Join(scratch, "bin", "keytrail")
	if out, err := buildCommand(builtBinary).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build keytrail: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// buildCommand builds the static binary, or one with the race detector when the
// tests themselves run under it.
func buildCommand(out string) *exec.Cmd {
	args := []string{"build", "-trimpath", "-o", out}
	env := append(os.Environ(), "CGO_ENABLED=0")
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		args = append(args, "-race")
		env = append(env, "CGO_ENABLED=1")
	}
	cmd := exec.Command("go", append(args, ".")...)
	cmd.Env = env
	return cmd
}

// Memory is collected late once, and after that as usual.
func TestCollectLater(t *testing.T) {
	t.Setenv("GOGC", "")
	defer debug.SetGCPercent(debug.SetGCPercent(90))
	collectLater()
	if now := debug.SetGCPercent(800); now != 800 {
		t.Errorf("before the first collection: %d %%", now)
	}
	usual := func() bool { // to look at it is to set it
		now := debug.SetGCPercent(800)
		debug.SetGCPercent(now)
		return now == 90
	}
	for try := 0; !usual(); try++ {
		if try == 100 {
			t.Fatal("still so after many collections")
		}
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	t.Setenv("GOGC", "90")
	if collectLater(); !usual() {
		t.Error("it is not as somebody wanted it")
	}
}
