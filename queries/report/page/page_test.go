package page

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/browsertest"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/queries/report/reporttest"
)

// write writes a page into a file of its own and returns its address.
func write(t *testing.T, d *report.Document) (address, text string) {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, d); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return browsertest.File(t, path), out.String()
}

func jsonOf(t *testing.T, d *report.Document) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := report.WriteJSON(&out, d); err != nil {
		t.Fatal(err)
	}
	reporttest.Valid(t, out.Bytes())
	return out.Bytes()
}

// pageWidth is how wide a page is in its window; strays are what sticks out of it.
const (
	pageWidth = `document.documentElement.scrollWidth`
	title     = `document.title`
	active    = `[...document.querySelectorAll('script, img, iframe, object, embed, link:not([rel=icon]), form, input, base')].length +
		[...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => a.name.startsWith('on') || !a.name.startsWith('data-') && /^\s*javascript:/i.test(a.value))).length`
	background = `getComputedStyle(document.body).backgroundColor`
)

// looks are the ways in which all pages are looked at.
var looks = []browsertest.View{
	{Width: 1280, Height: 900, Axe: true, Eval: []string{pageWidth, title, active, background, reporttest.Numbers, reporttest.Misplaced}},
	{Width: 1280, Height: 900, Dark: true, Axe: true, Eval: []string{pageWidth, title, active, background}},
	{Width: 400, Height: 800, Axe: true, Eval: []string{pageWidth, title, active, background}},
	{Width: 673, Height: 980, Print: true, Dark: true, Eval: []string{pageWidth, title, active, background}},
	{Width: 1280, Height: 900, Forced: true, Eval: []string{pageWidth, title, active, background}},
}

// good holds a page to what every page must be: silent, self-contained, accessible, not
// wider than its window, with the JSON's numbers. It is printed to pdf, if that is given.
func good(t *testing.T, d *report.Document, wantTitle, pdf string, tabs int) browsertest.Result {
	t.Helper()
	address, _ := write(t, d)
	views := slices.Clone(looks)
	views[0].Tabs = tabs
	r := browsertest.Open(t, address, pdf, views...)
	r.Quiet(t)
	r.Accessible(t)
	for i, v := range r.Views {
		var width, things int
		var name, colour string
		v.Answer(t, 0, &width)
		v.Answer(t, 1, &name)
		v.Answer(t, 2, &things)
		v.Answer(t, 3, &colour)
		if width > looks[i].Width {
			t.Errorf("the page is %d wide in a window of %d", width, looks[i].Width)
		}
		if name != wantTitle || things != 0 {
			t.Errorf("title %q, want %q; %d things that could act", name, wantTitle, things)
		}
		if dark := colour != "rgb(242, 245, 246)" && !looks[i].Print && !looks[i].Forced; dark != looks[i].Dark && !looks[i].Print {
			t.Errorf("view %d: background %s", i+1, colour)
		}
		if looks[i].Print && colour != "rgba(0, 0, 0, 0)" {
			t.Errorf("on paper the background is %s", colour)
		}
	}
	var misplaced int
	r.Views[0].Answer(t, 5, &misplaced)
	if misplaced > 0 {
		t.Errorf("%d cells do not stand below the heads of their columns", misplaced)
	}
	var page []reporttest.OnPage
	r.Views[0].Answer(t, 4, &page)
	reporttest.SamePage(t, jsonOf(t, d), page)
	return r
}

func TestPage(t *testing.T) {
	d := demo()
	pdf := filepath.Join(t.TempDir(), "report.pdf")
	r := good(t, d, d.Title+", "+d.Subtitle, pdf, 32)
	if content, err := os.ReadFile(pdf); err != nil || !bytes.HasPrefix(content, []byte("%PDF-")) {
		t.Errorf("no print: %v", err)
	}
	// Tab leads through the page as it reads.
	want := []string{"a#report.body"}
	for _, s := range d.Sections {
		want = append(want, "a#"+s.ID)
	}
	for _, s := range d.Sections {
		for _, p := range s.Plots {
			want = append(want, "div@plot."+p.ID, "summary:The numbers of: "+p.Title)
		}
		for _, table := range s.Tables {
			if len(table.Rows) > 0 {
				want = append(want, "div@table."+table.ID)
			}
		}
	}
	got := r.Views[0].Focus
	for i, w := range want {
		if len(w) > len("summary:")+40 {
			w = w[:len("summary:")+40]
		}
		if i >= len(got) || got[i] != w {
			t.Fatalf("Tab %d leads to %q, want %q", i+1, got[min(i, len(got)-1)], w)
		}
	}
}

// hostileDocument has a hostile text wherever a text can be.
func hostileDocument() *report.Document {
	all := strings.Join(hostileTexts[:10], " ")
	d := &report.Document{Kind: "subject", Title: "Hostile", Subtitle: all, Status: report.Note{Level: report.Alarm, Text: all}}
	for i, s := range hostileTexts {
		d.Facts = append(d.Facts, report.Fact{ID: fmt.Sprintf("fact_%d", i), Name: s, Value: report.TextOf(s), Text: s})
		table := report.Table{ID: fmt.Sprintf("table_%d", i), Title: s, Lead: s, Empty: s}
		for kind := report.Text; kind <= report.List; kind++ {
			table.Columns = append(table.Columns, report.Column{Name: kind.String() + "_value", Title: s, Kind: kind})
		}
		table.Add(report.TextOf(s), report.CodeOf(s), report.WordOf(s, report.Attention), report.CountOf(math.MinInt64), report.RealOf(-1e300), report.ShareOf(1, 3), report.MoneyOf(-0.001),
			report.TimeOf(math.MaxInt64/1000), report.DayOf(s), report.FlagOf(false), report.ListOf(slices.Repeat([]string{s}, 15)))
		table.Add(report.TextOf("x").Marked(report.Alarm), report.CodeOf(s).Marked(report.OK), report.WordOf("x", report.Plain), report.CountOf(1).Marked(report.Unknown), report.Value{},
			report.Value{}, report.Value{}, report.Value{}, report.Value{}, report.Value{}, report.Value{})
		empty := table
		empty.ID, empty.Rows = fmt.Sprintf("empty_%d", i), nil
		d.Sections = append(d.Sections, report.Section{ID: fmt.Sprintf("section-%d", i), Title: s, Lead: s, Level: report.Attention, Notes: []report.Note{{Text: s, Level: report.Unknown}},
			Tiles:  []report.Fact{{ID: "tile", Name: s, Value: report.TextOf(s), Text: s}, {ID: "number", Name: s, Value: report.CountOf(math.MaxInt64)}},
			Tables: []report.Table{table, empty}})
		if i%3 == 0 {
			d.Sections[i].Plots = hostilePlots(i, s)
		}
	}
	return d
}

// hostilePlots have hostile names, and numbers at the ends of what there is.
func hostilePlots(i int, s string) []report.Plot {
	values := []float64{0, 1e300, -5, math.NaN(), math.Inf(1), 0.1}
	columns := []string{s, "b", "c", "d", "e", "f"}
	row := report.PlotRow{Name: s, Values: values, Level: report.Alarm}
	banded := row
	banded.Low, banded.High = []float64{0, 0, 0, 0, 0, 0}, []float64{1, 1, math.NaN(), 1, 1, math.Inf(1)}
	return []report.Plot{
		{ID: fmt.Sprintf("bars_%d", i), Kind: report.Bars, Title: s, Lead: s, Unit: s, Columns: columns, Rows: []report.PlotRow{row}},
		{ID: fmt.Sprintf("stacked_%d", i), Kind: report.Stacked, Title: s, Lead: s, Unit: s, Columns: columns, Rows: slices.Repeat([]report.PlotRow{row, {Name: s, Values: values}}, 10)},
		{ID: fmt.Sprintf("lines_%d", i), Kind: report.Lines, Title: s, Lead: s, Unit: s, Columns: columns, Rows: []report.PlotRow{banded, {Name: "none", Values: slices.Repeat([]float64{math.NaN()}, 6)}}},
		{ID: fmt.Sprintf("heat_%d", i), Kind: report.Heat, Title: s, Lead: s, Unit: s, Columns: columns, Rows: []report.PlotRow{row}},
		{ID: fmt.Sprintf("matrix_%d", i), Kind: report.Matrix, Title: s, Lead: s, Columns: columns[:2], Rows: []report.PlotRow{{Name: s, Values: []float64{0, math.NaN()}}}, States: []report.State{{Name: s, Sign: s, Level: report.Alarm}}},
		{ID: fmt.Sprintf("timeline_%d", i), Kind: report.Timeline, Title: s, Lead: s, Rows: []report.PlotRow{{Name: s}},
			Moments: slices.Repeat([]report.Moment{{Time: firstDay.UnixMicro(), Text: s}, {Time: math.MaxInt64 / 1000, Text: s}}, 20), From: 1, To: math.MaxInt64 / 1000},
	}
}

func TestHostilePage(t *testing.T) {
	d := hostileDocument()
	good(t, d, "Hostile, "+clean(d.Subtitle), "", 0)
	_, text := write(t, d)
	for _, bad := range []string{"\x1b", "\u202e", "\u2066", "\x00", "\r", "<script", "<img"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
}

func TestEmptyPage(t *testing.T) {
	good(t, &report.Document{Title: "Nothing"}, "Nothing", "", 0)
	d := &report.Document{Title: "Little", Sections: []report.Section{{ID: "empty", Title: "Empty"}}}
	for _, kind := range []report.PlotKind{report.Bars, report.Stacked, report.Lines, report.Heat, report.Matrix, report.Timeline} {
		d.Sections[0].Plots = append(d.Sections[0].Plots, report.Plot{ID: string(kind), Kind: kind, Title: string(kind)},
			report.Plot{ID: string(kind) + "_row", Kind: kind, Title: string(kind) + " of nothing", Rows: []report.PlotRow{{}}})
	}
	d.Sections[0].Tables = []report.Table{{ID: "no_columns", Title: "No columns"}, {ID: "no_rows", Title: "No rows", Columns: []report.Column{{Name: "a", Kind: report.Text}}}}
	good(t, d, "Little", "", 0)
}

// A page of a hundred thousand findings shows the first and says where the others are.
func TestLargePage(t *testing.T) {
	d := demo()
	d.Sections = []report.Section{demoFindings(rand.New(rand.NewPCG(3, 4)), 100_000)}
	good(t, d, d.Title+", "+d.Subtitle, "", 0)
	_, text := write(t, d)
	if rows := strings.Count(text, "\n<tr><td"); rows != MaxRows {
		t.Errorf("%d rows, want %d", rows, MaxRows)
	}
	if !strings.Contains(text, "The first 500 of 100,000 rows. All of them are in findings.csv and in the JSON.") {
		t.Error("the page does not say where the other rows are")
	}
	if len(text) > 1<<20 {
		t.Errorf("the page has %d bytes", len(text))
	}
}

// A table that says how many of its rows to show has so many, and says where the others are.
func TestShownRows(t *testing.T) {
	d := &report.Document{Title: "Long", Sections: []report.Section{demoFindings(rand.New(rand.NewPCG(3, 4)), 100)}}
	for i := range d.Sections[0].Tables {
		d.Sections[0].Tables[i].Shown = 30
	}
	_, text := write(t, d)
	if rows := strings.Count(text, "\n<tr><td"); rows != 30 || !strings.Contains(text, "The first 30 of 100 rows. All of them are in findings.csv and in the JSON.") {
		t.Errorf("%d rows", rows)
	}
}

func TestSameBytes(t *testing.T) {
	_, first := write(t, demo())
	if _, second := write(t, demo()); first != second {
		t.Error("the same document gives other bytes the second time")
	}
}

func TestWriteRefuses(t *testing.T) {
	var out bytes.Buffer
	if err := Write(&out, &report.Document{Sections: []report.Section{{ID: "No"}}}); err == nil || out.Len() > 0 {
		t.Errorf("got %v and %d bytes of a document with a wrong id", err, out.Len())
	}
	if err := Write(full{}, demo()); err == nil {
		t.Error("no error from a disk that is full")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, os.ErrClosed }

// Tiles stand so that no row of them is nearly empty.
func TestAbreast(t *testing.T) {
	for n, want := range map[int]int{1: 3, 2: 3, 3: 3, 4: 4, 5: 5, 6: 3, 7: 4, 8: 4, 9: 3, 10: 5, 11: 4, 12: 4, 13: 5} {
		if got := abreast(n); got != want {
			t.Errorf("%d tiles: %d abreast, want %d", n, got, want)
		}
	}
	abreast(0)
}
