package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/keytrail/keytrail/engine/browsertest"
	"github.com/keytrail/keytrail/queries/compliance"
	"github.com/keytrail/keytrail/queries/report/reporttest"
)

// What is asked of every page, in every look at it: how wide it is, how many things of it
// could act, and which sections and plots it shows.
const (
	pageWidth = `document.documentElement.scrollWidth`
	pageActs  = `document.querySelectorAll('script, img, iframe, object, embed, link:not([rel=icon]), form, input, base').length +
		[...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => a.name.startsWith('on') || !a.name.startsWith('data-') && /^\s*javascript:/i.test(a.value))).length`
	pageSections = `[...document.querySelectorAll('main > section')].map(e => e.id)`
	pagePlots    = `[...document.querySelectorAll('figure:has(svg[role=img])')].map(e => e.getAttribute('aria-labelledby').replace('plot.', ''))`
)

// pageLooks have both widths and both themes; axe-core, which takes most of the time, sees
// each of them once.
var pageLooks = []browsertest.View{
	{Width: 1280, Height: 900, Axe: true, Eval: []string{pageWidth, pageActs, pageSections, pagePlots, reporttest.Numbers, reporttest.Misplaced}},
	{Width: 1280, Height: 900, Dark: true, Eval: []string{pageWidth, pageActs}},
	{Width: 400, Height: 800, Eval: []string{pageWidth, pageActs}},
	{Width: 400, Height: 800, Dark: true, Axe: true, Eval: []string{pageWidth, pageActs}},
}

// outlineJSON is which sections and plots a report has.
type outlineJSON struct {
	Sections []struct {
		ID    string
		Plots []struct {
			ID            string
			Kind          string
			Columns       []string
			Rows, Moments []any
		}
	}
}

func (o *outlineJSON) ids() (sections, plots, kinds []string) {
	for _, s := range o.Sections {
		sections = append(sections, s.ID)
		for _, p := range s.Plots {
			if len(p.Rows) > 0 && len(p.Columns) > 0 || len(p.Moments) > 0 {
				plots, kinds = append(plots, p.ID), append(kinds, p.Kind)
			}
		}
	}
	return sections, plots, kinds
}

// goodReport makes a report as page and JSON and holds the page to what every report must
// be in a browser: silent, asking for nothing, accessible, no wider than its window, and
// with the JSON's sections, plots and numbers. The JSON is as its schema has it.
func goodReport(t *testing.T, pdf string, tabs int, args ...string) (*outlineJSON, browsertest.Result) {
	t.Helper()
	browsertest.Need(t)
	out := t.TempDir()
	html, numbers := filepath.Join(out, "report.html"), filepath.Join(out, "report.json")
	r := runHere(append([]string{"report"}, append(args, "--out", html, "--json-out", numbers)...)...)
	if r.status != exitDone && r.status != exitFindings {
		t.Fatalf("%+v", r)
	}
	r.harmless(t)
	text, err := os.ReadFile(numbers)
	if err != nil {
		t.Fatal(err)
	}
	reporttest.Valid(t, text)
	o := new(outlineJSON)
	if err := json.Unmarshal(text, o); err != nil {
		t.Fatal(err)
	}
	looks := slices.Clone(pageLooks)
	looks[0].Tabs = tabs
	seen := browsertest.Open(t, browsertest.File(t, html), pdf, looks...)
	seen.Quiet(t)
	seen.Accessible(t)
	for i, v := range seen.Views {
		var width, acts int
		v.Answer(t, 0, &width)
		v.Answer(t, 1, &acts)
		if width > looks[i].Width || acts != 0 {
			t.Errorf("the page is %d wide in a window of %d; %d things of it could act", width, looks[i].Width, acts)
		}
	}
	var sections, plots []string
	seen.Views[0].Answer(t, 2, &sections)
	seen.Views[0].Answer(t, 3, &plots)
	wantSections, wantPlots, _ := o.ids()
	if !slices.Equal(sections, wantSections) || !slices.Equal(plots, wantPlots) {
		t.Errorf("the page has the sections %q and plots %q, the JSON %q and %q", sections, plots, wantSections, wantPlots)
	}
	var misplaced int
	seen.Views[0].Answer(t, 5, &misplaced)
	if misplaced > 0 {
		t.Errorf("%d cells do not stand below the heads of their columns", misplaced)
	}
	var page []reporttest.OnPage
	seen.Views[0].Answer(t, 4, &page)
	reporttest.SamePage(t, text, page)
	return o, seen
}

// The report of the demo's month, as it is opened from a mail: in a browser, by keyboard,
// on a telephone, in the dark, on paper.
func TestComplianceInBrowser(t *testing.T) {
	browsertest.Need(t)
	dir, err := demo()
	if err != nil {
		t.Fatal(err)
	}
	made := filepath.Join(dir, "bin", "demo")
	pdf := filepath.Join(t.TempDir(), "report.pdf")
	o, seen := goodReport(t, pdf, 24, "compliance", "--period", "2026-03", "--policy", filepath.Join(made, "policy.yaml"),
		"--trails", filepath.Join(made, "trails.json"), "--lake", filepath.Join(made, "month"))
	sections, _, kinds := o.ids()
	for _, want := range []string{compliance.Summary, compliance.Coverage, compliance.ByTable, compliance.ByPerson, compliance.Unexpected, compliance.Privileged,
		compliance.WaysOut, compliance.DeniedAccess, compliance.FindingsOf, compliance.Integrity, compliance.Restated, compliance.Controls, compliance.SignOff, compliance.Provenance} {
		if !slices.Contains(sections, want) {
			t.Errorf("no section %s", want)
		}
	}
	for _, want := range []string{"timeline", "heat", "matrix"} {
		if !slices.Contains(kinds, want) {
			t.Errorf("no plot is a %s, of %q", want, kinds)
		}
	}
	// Tab comes to the way past the contents first, then to the contents as they stand.
	want := []string{"a#report.body"}
	for _, id := range sections {
		want = append(want, "a#"+id)
	}
	if got := seen.Views[0].Focus; len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
		t.Errorf("Tab leads to %q, want %q", got, want)
	}
	content, err := os.ReadFile(pdf)
	if err != nil || !bytes.HasPrefix(content, []byte("%PDF-")) {
		t.Fatalf("no print: %v", err)
	}
	if pages := pagesOf(content); pages < 20 || pages > 200 {
		t.Errorf("the print has %d pages", pages)
	}
}

// pagesOf is how many pages a PDF of Chromium has.
func pagesOf(pdf []byte) int {
	return bytes.Count(pdf, []byte("/Type /Page\n"))
}

func TestOtherReportsInBrowser(t *testing.T) {
	browsertest.Need(t)
	dir, err := demo()
	if err != nil {
		t.Fatal(err)
	}
	made := filepath.Join(dir, "bin", "demo")
	month, log := filepath.Join(made, "month"), filepath.Join(t.TempDir(), "access.log")
	subject := []string{"subject", "customer#1042", "--policy", filepath.Join(made, "policy.yaml"), "--access-log", log, "--lake", month, "--for"}
	for name, args := range map[string][]string{
		"investigator": append(slices.Clone(subject), "investigator"),
		"person":       append(slices.Clone(subject), "person"),
		"coverage":     {"coverage", "--lake", month},
		"cost":         {"cost", "--lake", month},
	} {
		t.Run(name, func(t *testing.T) { goodReport(t, "", 0, args...) })
	}
}
