// Package golden compares what a test got with a file that a person has read and
// agreed to.
//
// Inputs live in testdata/ at the top of the repository, where every package can
// share them; what is expected of them lives in testdata/golden. A new case is a
// new input file. After a wanted change run the tests with -update, read the
// difference, and commit it: the golden is the judgement, not what the code
// happens to print.
package golden

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite golden files with what the tests got")

// Inputs returns the files under testdata that match the pattern, as
// [filepath.Glob] has it, sorted by name. No match fails the test.
func Inputs(t testing.TB, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(testdata(t), filepath.FromSlash(pattern)))
	if err != nil {
		t.Fatalf("golden: %v", err)
	}
	if len(paths) == 0 {
		t.Fatalf("golden: no input matches testdata/%s", pattern)
	}
	return paths
}

// Check fails the test unless got is what testdata/golden/<name>.txt holds. With
// -update it writes the file instead.
func Check(t testing.TB, name, got string) {
	t.Helper()
	path := filepath.Join(testdata(t), "golden", filepath.FromSlash(name)+".txt")
	if *update {
		if err := write(path, got); err != nil {
			t.Fatalf("golden: %v", err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("golden: %v (run with -update to write it, then read it)", err)
	}
	if diff := firstDifference(string(want), got); diff != "" {
		t.Errorf("%s: %s", name, diff)
	}
}

func write(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o644)
}

// firstDifference says where two texts part, or nothing.
func firstDifference(want, got string) string {
	if want == got {
		return ""
	}
	wantLines, gotLines := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(wantLines), len(gotLines)) {
		w, g := lineAt(wantLines, i), lineAt(gotLines, i)
		if w != g {
			return fmt.Sprintf("line %d\n  got  %s\n  want %s", i+1, g, w)
		}
	}
	return ""
}

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(end)"
}

// testdata is the repository's testdata directory.
func testdata(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatalf("golden: %v", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "testdata")
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("golden: no go.mod above the working directory")
		}
		dir = parent
	}
}
