package browsertest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// missingError says why this machine cannot open pages. Anything else that goes wrong is
// a fault of ours.
type missingError struct{ reason string }

func (e *missingError) Error() string { return e.reason }

func inCI() bool {
	v := os.Getenv("CI")
	return v != "" && v != "false" && v != "0"
}

// browser is the path of Chromium. CHROMIUM names another.
var browser = sync.OnceValues(func() (string, error) {
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}
	if name := os.Getenv("CHROMIUM"); name != "" {
		names = []string{name}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", &missingError{fmt.Sprintf("no %s (apt-get install chromium)", names[0])}
})

// program is the path of the driver: built once per machine and version.
var program = sync.OnceValues(func() (string, error) {
	return once("browser", []string{"go.mod", "go.sum", "main.go", "look.go"}, runtime.Version()+runtime.GOOS+runtime.GOARCH, func(source, aside string) error {
		if out, err := goCommand(source, "list", "-deps", ".").CombinedOutput(); err != nil {
			return &missingError{"its modules cannot be fetched: " + lastLine(out, err)}
		}
		if out, err := goCommand(source, "build", "-trimpath", "-o", aside, ".").CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", source, err, out)
		}
		return nil
	})
})

// axeCore is the path of axe-core's source: installed once per machine and version.
var axeCore = sync.OnceValues(func() (string, error) {
	if _, err := exec.LookPath("npm"); err != nil {
		return "", &missingError{"axe-core cannot be installed: no npm (apt-get install npm)"}
	}
	dir, err := once("axe", []string{"package.json"}, "", func(source, aside string) error {
		if err := os.MkdirAll(aside, 0o755); err != nil {
			return err
		}
		manifest, err := os.ReadFile(filepath.Join(source, "package.json"))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(aside, "package.json"), manifest, 0o644); err != nil {
			return err
		}
		cmd := exec.Command("npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error")
		cmd.Dir = aside
		if out, err := cmd.CombinedOutput(); err != nil {
			return &missingError{"axe-core cannot be installed: " + lastLine(out, err)}
		}
		return nil
	})
	return filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"), err
})

// once makes what is named after the contents of some files of testdata/browser, unless it
// is there. Test binaries of several packages run at once: one makes it, the others wait.
func once(name string, files []string, salt string, do func(source, aside string) error) (string, error) {
	source, err := sourceDir()
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(source, f))
		if err != nil {
			return "", err
		}
		hash.Write(text)
	}
	hash.Write([]byte(salt))
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	cache = filepath.Join(cache, "keytrail-test")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	made := filepath.Join(cache, fmt.Sprintf("%s-%x", name, hash.Sum(nil)[:8]))
	if exists(made) {
		return made, nil
	}
	unlock, err := lockedfile.MutexAt(filepath.Join(cache, name+".lock")).Lock()
	if err != nil {
		return "", err
	}
	defer unlock()
	if exists(made) {
		return made, nil
	}
	aside := fmt.Sprintf("%s.%d", made, os.Getpid())
	defer os.RemoveAll(aside)
	if err := do(source, aside); err != nil {
		return "", err
	}
	return made, os.Rename(aside, made)
}

func goCommand(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly -buildvcs=false", "GOWORK=off")
	return cmd
}

// sourceDir is testdata/browser of the module that the test runs in.
func sourceDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		source := filepath.Join(dir, "testdata", "browser")
		if exists(filepath.Join(source, "go.mod")) {
			return source, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no testdata/browser above the working directory")
		}
		dir = parent
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
