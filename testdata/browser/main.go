// Command browser opens a page in headless Chromium and says what became of it. It is a
// module of its own, so that nothing of it gets into the program.
//
//	browser CHROMIUM < visit.json > result.json
//
// A visit names the page, how to look at it (views), and the file for its print. The
// result has all that the page said and asked for while it was looked at.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/chromedp/chromedp"
)

// Visit is what to do.
type Visit struct {
	URL   string
	Views []View
	PDF   string // file for the print on A4; empty: none
}

// View is one way to look at the page.
type View struct {
	Width, Height int
	Dark, Forced  bool // colour scheme, forced colours
	Print         bool // as on paper
	Screenshot    string
	Whole         bool   // of the whole page, not of the window
	Axe           string // source file of axe-core; empty: do not run it
	Tabs          int    // how many times to press Tab
	Eval          []string
}

// Result is what became of a visit.
type Result struct {
	Console  []string // what the page wrote there, and the browser about it
	Errors   []string // that nobody caught
	Requests []string // addresses it asked for, but for its own
	Views    []Seen
}

// Seen is what became of a view.
type Seen struct {
	Axe   []Violation
	Focus []string // what Tab came to: tag#id, or its text
	Eval  []json.RawMessage
}

// Violation is a rule of axe-core that the page breaks, and where.
type Violation struct {
	ID, Impact, Help string
	Nodes            []string
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "browser:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: browser CHROMIUM < visit.json")
	}
	var visit Visit
	if err := json.NewDecoder(os.Stdin).Decode(&visit); err != nil {
		return fmt.Errorf("read the visit: %w", err)
	}
	profile, err := os.MkdirTemp("", "keytrail-browser-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(profile)
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
	defer cancel()
	ctx, cancel = chromedp.NewExecAllocator(ctx, options(args[0], profile)...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	result, err := open(ctx, visit)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

func options(chromium, profile string) []chromedp.ExecAllocatorOption {
	list := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	return append(list, chromedp.ExecPath(chromium), chromedp.UserDataDir(profile), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.WSURLReadTimeout(60*time.Second))
}
