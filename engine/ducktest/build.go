package ducktest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// missingError says why this machine cannot have DuckDB. Anything else that goes
// wrong while building it is a fault of ours.
type missingError struct{ reason string }

func (e *missingError) Error() string { return e.reason }

func inCI() bool {
	v := os.Getenv("CI")
	return v != "" && v != "false" && v != "0"
}

// program is the path of the built program: built once per machine and version,
// looked up once per test binary.
var program = sync.OnceValues(func() (string, error) {
	dir, err := sourceDir()
	if err != nil {
		return "", err
	}
	version, err := sourceHash(dir)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	cache = filepath.Join(cache, "keytrail-test")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	bin := filepath.Join(cache, "duckdb-"+version)
	if exists(bin) {
		return bin, nil
	}
	// Test binaries of several packages run at once: one builds, the others wait.
	unlock, err := lockedfile.MutexAt(filepath.Join(cache, "duckdb.lock")).Lock()
	if err != nil {
		return "", err
	}
	defer unlock()
	if exists(bin) {
		return bin, nil
	}
	return bin, build(dir, bin)
})

func build(dir, bin string) error {
	if err := compiler(dir); err != nil {
		return err
	}
	// Fetches what this platform needs; "go mod download" would fetch all others too.
	if out, err := goCommand(dir, "list", "-deps", ".").CombinedOutput(); err != nil {
		return &missingError{"its modules cannot be fetched: " + lastLine(out, err)}
	}
	aside := fmt.Sprintf("%s.%d", bin, os.Getpid())
	defer os.Remove(aside)
	if out, err := goCommand(dir, "build", "-trimpath", "-o", aside, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", dir, err, out)
	}
	return os.Rename(aside, bin)
}

// compiler reports whether DuckDB's libraries can be linked here.
func compiler(dir string) error {
	switch runtime.GOOS + "/" + runtime.GOARCH {
	case "linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64":
	default:
		return &missingError{"no library for " + runtime.GOOS + "/" + runtime.GOARCH}
	}
	out, err := goCommand(dir, "env", "CC", "CXX").Output()
	if err != nil {
		return fmt.Errorf("go env: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if _, err := exec.LookPath(name); err != nil {
			return &missingError{fmt.Sprintf("no C++ compiler: %s is not installed (apt-get install g++)", name)}
		}
	}
	return nil
}

func goCommand(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1", "GOFLAGS=-mod=readonly -buildvcs=false", "GOWORK=off")
	return cmd
}

// sourceDir is testdata/duckdb of the module that the test runs in.
func sourceDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		source := filepath.Join(dir, "testdata", "duckdb")
		if exists(filepath.Join(source, "go.mod")) {
			return source, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no testdata/duckdb above the working directory")
		}
		dir = parent
	}
}

func sourceHash(dir string) (string, error) {
	h := sha256.New()
	for _, name := range []string{"go.mod", "go.sum", "main.go"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return "", err
		}
		h.Write(text)
	}
	fmt.Fprint(h, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

func lastLine(out []byte, err error) string {
	text := strings.TrimSpace(string(out))
	if i := strings.LastIndexByte(text, '\n'); i >= 0 {
		text = text[i+1:]
	}
	if text == "" {
		return err.Error()
	}
	return text
}
