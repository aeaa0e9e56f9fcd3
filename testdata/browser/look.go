package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// ear hears what a page says and asks for.
type ear struct {
	mu     sync.Mutex
	result *Result
	url    string
}

func (e *ear) hear(event any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch event := event.(type) {
	case *runtime.EventConsoleAPICalled:
		var said []string
		for _, a := range event.Args {
			said = append(said, string(a.Value)+a.Description)
		}
		e.result.Console = append(e.result.Console, string(event.Type)+": "+strings.Join(said, " "))
	case *cdplog.EventEntryAdded:
		e.result.Console = append(e.result.Console, string(event.Entry.Level)+": "+event.Entry.Text+" "+event.Entry.URL)
	case *runtime.EventExceptionThrown:
		e.result.Errors = append(e.result.Errors, event.ExceptionDetails.Error())
	case *page.EventJavascriptDialogOpening:
		e.result.Errors = append(e.result.Errors, "a dialog was opened: "+event.Message)
	case *network.EventRequestWillBeSent:
		if address := event.Request.URL; address != e.url && !strings.HasPrefix(address, "data:") {
			e.result.Requests = append(e.result.Requests, address)
		}
	}
}

// open visits the page and looks at it in each way.
func open(ctx context.Context, visit Visit) (*Result, error) {
	e := &ear{result: &Result{Console: []string{}, Errors: []string{}, Requests: []string{}}, url: visit.URL}
	chromedp.ListenTarget(ctx, e.hear)
	if err := chromedp.Run(ctx, network.Enable(), cdplog.Enable(), runtime.Enable(), page.Enable(), chromedp.Navigate(visit.URL)); err != nil {
		return nil, fmt.Errorf("open %s: %w", visit.URL, err)
	}
	for i, v := range visit.Views {
		seen, err := look(ctx, v)
		if err != nil {
			return nil, fmt.Errorf("view %d: %w", i+1, err)
		}
		e.mu.Lock()
		e.result.Views = append(e.result.Views, seen)
		e.mu.Unlock()
	}
	if visit.PDF != "" {
		if err := chromedp.Run(ctx, show(View{}), chromedp.ActionFunc(func(ctx context.Context) error { return printTo(ctx, visit.PDF) })); err != nil {
			return nil, fmt.Errorf("print: %w", err)
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.result, nil
}

// show makes the page look as the view wants it.
func show(v View) chromedp.Action {
	media := emulation.SetEmulatedMedia()
	feature := func(name string, on bool, yes, no string) *emulation.MediaFeature {
		if on {
			no = yes
		}
		return &emulation.MediaFeature{Name: name, Value: no}
	}
	media.Features = []*emulation.MediaFeature{feature("prefers-color-scheme", v.Dark, "dark", "light"), feature("forced-colors", v.Forced, "active", "none")}
	if v.Print {
		media.Media = "print"
	}
	return media
}

func look(ctx context.Context, v View) (Seen, error) {
	seen := Seen{Axe: []Violation{}, Focus: []string{}}
	if err := chromedp.Run(ctx, show(v), chromedp.EmulateViewport(int64(v.Width), int64(v.Height))); err != nil {
		return seen, err
	}
	for _, expression := range v.Eval {
		var answer []byte
		if err := chromedp.Run(ctx, chromedp.Evaluate("JSON.stringify("+expression+")", &answer)); err != nil {
			return seen, fmt.Errorf("%s: %w", expression, err)
		}
		var text *string
		if err := json.Unmarshal(answer, &text); err != nil || text == nil {
			return seen, fmt.Errorf("%s: no answer", expression)
		}
		seen.Eval = append(seen.Eval, json.RawMessage(*text))
	}
	if v.Screenshot != "" {
		if err := picture(ctx, v); err != nil {
			return seen, err
		}
	}
	if err := seen.tab(ctx, v.Tabs); err != nil {
		return seen, err
	}
	if v.Axe != "" {
		return seen, seen.axe(ctx, v.Axe)
	}
	return seen, nil
}

func picture(ctx context.Context, v View) error {
	var png []byte
	action := chromedp.CaptureScreenshot(&png)
	if v.Whole {
		action = chromedp.FullScreenshot(&png, 100)
	}
	if err := chromedp.Run(ctx, action); err != nil {
		return err
	}
	return os.WriteFile(v.Screenshot, png, 0o644)
}

func printTo(ctx context.Context, path string) error {
	pdf, _, err := page.PrintToPDF().WithPreferCSSPageSize(true).WithPrintBackground(true).Do(ctx)
	if err != nil {
		return err
	}
	return os.WriteFile(path, pdf, 0o644)
}

// tab presses Tab and notes where that leads.
func (s *Seen) tab(ctx context.Context, times int) error {
	const where = `(e => e.tagName.toLowerCase() + (e.getAttribute('href') || (e.id ? '#' + e.id : '') || (e.getAttribute('aria-labelledby') ? '@' + e.getAttribute('aria-labelledby') : '') || ':' + (e.textContent || '').trim().slice(0, 40)))(document.activeElement)`
	for range times {
		var at string
		if err := chromedp.Run(ctx, chromedp.KeyEvent(kb.Tab), chromedp.Evaluate(where, &at)); err != nil {
			return err
		}
		s.Focus = append(s.Focus, at)
	}
	return nil
}

// axe runs axe-core with the rules of WCAG 2.1 A and AA.
func (s *Seen) axe(ctx context.Context, source string) error {
	script, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	const ask = `axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], preload: false, resultTypes: ['violations']}).then(r => JSON.stringify(
		r.violations.map(v => ({ID: v.id, Impact: v.impact, Help: v.help, Nodes: v.nodes.slice(0, 5).map(n => n.html.slice(0, 300) + ' | ' + (n.failureSummary || ''))}))))`
	var answer string
	await := func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
	if err := chromedp.Run(ctx, chromedp.Evaluate(string(script)+";0", nil), chromedp.Evaluate(ask, &answer, await)); err != nil {
		return fmt.Errorf("axe-core: %w", err)
	}
	if err := json.Unmarshal([]byte(answer), &s.Axe); err != nil {
		return err
	}
	slices.SortFunc(s.Axe, func(a, b Violation) int { return strings.Compare(a.ID, b.ID) })
	return nil
}
