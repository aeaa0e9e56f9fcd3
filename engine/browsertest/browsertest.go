package browsertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// View is one way to look at a page.
type View struct {
	Width, Height int
	Dark          bool     // the reader prefers dark colours
	Forced        bool     // the reader's system forces its own colours
	Print         bool     // as on paper
	Screenshot    string   // file for a picture, PNG; empty: none
	Whole         bool     // a picture of the whole page, not of the window
	Axe           bool     // ask axe-core about WCAG 2.1, A and AA
	Tabs          int      // how many times to press Tab
	Eval          []string // JavaScript expressions to be answered
}

// Result is what became of a page while it was looked at.
type Result struct {
	Console  []string // what was written there, by the page or by the browser about it
	Errors   []string // that nobody caught, and dialogs
	Requests []string // addresses that the page asked for
	Views    []Seen   // as the views were given
}

// Seen is what became of a view.
type Seen struct {
	Axe   []Violation
	Focus []string          // what each Tab came to: tag#anchor, tag#id, tag@label or tag:text
	Eval  []json.RawMessage // the answers, as JSON
}

// Violation is a rule that the page breaks, and where.
type Violation struct {
	ID, Impact, Help string
	Nodes            []string
}

// Open looks at the page of an address in each of the ways. pdf names a file for its print,
// or is empty. What keeps the browser from it fails the test; what the page does wrong is in
// the result.
func Open(t testing.TB, address, pdf string, views ...View) Result {
	t.Helper()
	Need(t)
	chromium, _ := browser()
	driver, _ := program()
	request := struct {
		URL, PDF string
		Views    []any
	}{URL: address, PDF: pdf}
	for _, v := range views {
		asked := struct {
			View
			Axe string
		}{View: v}
		if v.Axe {
			asked.Axe = axe(t)
		}
		request.Views = append(request.Views, asked)
	}
	input, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, driver, chromium)
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("open %s: %v: %s", address, err, stderr.Bytes())
	}
	var result Result
	if err := json.Unmarshal(out, &result); err != nil {
		t.Fatalf("read what became of %s: %v", address, err)
	}
	if len(result.Views) != len(views) {
		t.Fatalf("%d views of %s, want %d", len(result.Views), address, len(views))
	}
	return result
}

// File is the address of a file.
func File(t testing.TB, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}

// Quiet fails the test if the page wrote to the console, threw, or asked for anything.
func (r *Result) Quiet(t testing.TB) {
	t.Helper()
	for _, s := range r.Console {
		t.Errorf("the console has: %s", s)
	}
	for _, s := range r.Errors {
		t.Errorf("the page threw: %s", s)
	}
	for _, s := range r.Requests {
		t.Errorf("the page asked for %s", s)
	}
}

// Accessible fails the test if axe-core found anything in any view.
func (r *Result) Accessible(t testing.TB) {
	t.Helper()
	for i, v := range r.Views {
		for _, fault := range v.Axe {
			t.Errorf("view %d: %s (%s): %s", i+1, fault.ID, fault.Impact, fault.Help)
			for _, node := range fault.Nodes {
				t.Logf("  %s", node)
			}
		}
	}
}

// Answer reads the answer to the n-th expression of a view into to.
func (s *Seen) Answer(t testing.TB, n int, to any) {
	t.Helper()
	if n >= len(s.Eval) {
		t.Fatalf("%d answers, want more than %d", len(s.Eval), n)
	}
	if err := json.Unmarshal(s.Eval[n], to); err != nil {
		t.Fatalf("answer %d: %v in %.200s", n, err, s.Eval[n])
	}
}

// Need skips the test where there is no browser, or fails it under CI.
func Need(t testing.TB) {
	t.Helper()
	_, err := browser()
	if err == nil {
		_, err = program()
	}
	refuse(t, err)
}

func refuse(t testing.TB, err error) {
	t.Helper()
	var missing *missingError
	switch {
	case err == nil:
	case !errors.As(err, &missing):
		t.Fatalf("browser: %v", err)
	case inCI():
		t.Fatalf("browser: %v (skipped elsewhere, required under CI)", err)
	default:
		t.Skipf("SKIPPED: browser: %v", err)
	}
}

// axe is the source of axe-core.
func axe(t testing.TB) string {
	t.Helper()
	path, err := axeCore()
	refuse(t, err)
	return path
}

func lastLine(out []byte, err error) string {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if last := lines[len(lines)-1]; len(last) > 0 {
		return string(last)
	}
	return fmt.Sprint(err)
}
