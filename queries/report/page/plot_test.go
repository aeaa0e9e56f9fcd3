package page

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/golden"
	"github.com/keytrail/keytrail/queries/report"
)

// small plots, one of each kind: their drawings are goldens.
func small() []report.Plot {
	nan := math.NaN()
	at := func(hour int) int64 { return firstDay.Add(time.Duration(hour) * time.Hour).UnixMicro() }
	return []report.Plot{
		{ID: "bars", Title: "Bars", Kind: report.Bars, Unit: "touches", Columns: []string{"orders-service", "bob@example.com", "nothing", "gone"}, Rows: []report.PlotRow{{Name: "touches", Values: []float64{1200, 7, 0, nan}}}},
		{ID: "stacked", Title: "Stacked", Kind: report.Stacked, Unit: "findings", Columns: days(3), Rows: []report.PlotRow{{Name: "critical", Values: []float64{1, nan, 0}, Level: report.Alarm}, {Name: "low", Values: []float64{2, nan, 3}}}},
		{ID: "lines", Title: "Lines", Kind: report.Lines, Columns: days(4), Rows: []report.PlotRow{{Name: "bob on orders", Values: []float64{1, 9, nan, 2}, Low: []float64{0, 0, nan, 0}, High: []float64{3, 3, nan, 3}}}},
		{ID: "heat", Title: "Heat", Kind: report.Heat, Columns: []string{"read", "write"}, Rows: []report.PlotRow{{Name: "orders", Values: []float64{1234, 0}}, {Name: "carts", Values: []float64{3, nan}}}},
		{ID: "matrix", Title: "Matrix", Kind: report.Matrix, Columns: days(2), Rows: []report.PlotRow{{Name: "orders", Values: []float64{0, 1}}, {Name: "carts", Values: []float64{nan, 1}}},
			States: []report.State{{Name: "covered", Sign: "✓", Level: report.OK}, {Name: "no events", Sign: "×", Level: report.Alarm}, {Name: "never", Sign: "n"}}},
		{ID: "timeline", Title: "Timeline", Kind: report.Timeline, Rows: []report.PlotRow{{Name: "Trail"}, {Name: "orders"}}, From: at(0), To: at(24),
			Moments: []report.Moment{{Time: at(2), Text: "StopLogging", Level: report.Alarm}, {Time: at(2), Text: "StartLogging", Level: report.OK}, {Time: at(23), Lane: 1, Text: "exported to a foreign bucket", Level: report.Attention}}},
	}
}

func figureOf(t *testing.T, p *report.Plot) string {
	t.Helper()
	var out bytes.Buffer
	if err := page.ExecuteTemplate(&out, "plot", plotOf(p)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPlotGoldens(t *testing.T) {
	for _, p := range small() {
		t.Run(p.ID, func(t *testing.T) { golden.Check(t, "report/plot-"+p.ID, figureOf(t, &p)) })
	}
}

// No number makes a drawing that a browser could not read.
func TestPlotNumbers(t *testing.T) {
	extremes := []float64{0, -1, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64, 1e-9, 1}
	for _, kind := range []report.PlotKind{report.Bars, report.Stacked, report.Lines, report.Heat} {
		for _, a := range extremes {
			for _, b := range extremes {
				p := report.Plot{ID: "p", Title: "p", Kind: kind, Columns: []string{"x", "y"}, Rows: []report.PlotRow{{Name: "r", Values: []float64{a, b}, Low: []float64{b, a}, High: []float64{a, a}}}}
				figure := figureOf(t, &p)
				drawing := figure[:strings.Index(figure, "</svg>")]
				for _, bad := range []string{"NaN", "Inf", "e+", `width="-`, `height="-`} {
					if strings.Contains(drawing, bad) {
						t.Fatalf("%s of %v and %v has %q in its drawing", kind, a, b, bad)
					}
				}
			}
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"short", 5, "short"},
		{"arn:aws:iam::111122223333:role/app/orders-service", 20, "arn:aws:iam::…ervice"},
		{"漢字漢字漢字漢字", 10, "漢字…漢字"},
		{"abc", 1, "a…"},
		{"", 0, ""},
	} {
		if got := cut(c.text, c.n); got != c.want {
			t.Errorf("cut(%q, %d) is %q, want %q", c.text, c.n, got, c.want)
		}
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		top  float64
		last float64
		n    int
	}{{0, 1, 6}, {1, 1, 6}, {7, 8, 5}, {19, 20, 5}, {100, 100, 6}, {12345, 15000, 4}, {0.3, 0.3, 4}, {math.Inf(1), 1, 6}, {math.NaN(), 1, 6}, {1e300, 1e300, 6}} {
		got := ticks(c.top)
		if last := got[len(got)-1]; math.Abs(last-c.last) > 1e-9*c.last || len(got) != c.n {
			t.Errorf("ticks(%v) are %v, want %d up to %v", c.top, got, c.n, c.last)
		}
	}
}

func TestBrief(t *testing.T) {
	for f, want := range map[float64]string{0: "0", 999: "999", 9999: "9,999", 10000: "10k", 12345: "12k", 1234567: "1.2M", 2.5e9: "2.5G", 0.25: "0.25", -12345: "-12k", 1e300: "1e+300"} {
		if got := brief(f); got != want {
			t.Errorf("brief(%v) is %s, want %s", f, got, want)
		}
	}
}

// Every step of a heat map is reached, and no number lies above the last.
func TestShades(t *testing.T) {
	for _, top := range []float64{1, 5, 20, 21, 100, 1e6} {
		s := shadesOf([]float64{0, top, math.NaN()})
		if s.of(0) != 0 || s.of(top) != 5 || s.of(top/1e9) != 1 {
			t.Errorf("of %v: %v", top, s)
		}
		for i := 1; i < len(s); i++ {
			if s[i] <= s[i-1] {
				t.Errorf("of %v: %v does not grow", top, s)
			}
		}
	}
}

// Words of moments never lie on each other, and none lies outside the drawing.
func TestTimelineRoom(t *testing.T) {
	p := report.Plot{ID: "t", Kind: report.Timeline, Rows: []report.PlotRow{{Name: "a"}}, From: 0, To: 1000}
	for i := range int64(200) {
		p.Moments = append(p.Moments, report.Moment{Time: i * 37 % 1000, Text: strings.Repeat("word ", int(i%9)+1)})
	}
	axis := axisOf(&p)
	type span struct{ from, to float64 }
	lines := map[int][]span{}
	for _, m := range axis.place(&p)[0].placed {
		if m.line < 0 {
			continue
		}
		s := span{m.words, m.words + 6.3*float64(width(m.text))}
		if m.left {
			s = span{m.words - 6.3*float64(width(m.text)), m.words}
		}
		if s.from < 0 || s.to > wide {
			t.Errorf("%q lies from %v to %v", m.text, s.from, s.to)
		}
		for _, o := range lines[m.line] {
			if s.from < o.to && o.from < s.to {
				t.Errorf("%v and %v lie on each other in line %d", s, o, m.line)
			}
		}
		lines[m.line] = append(lines[m.line], s)
	}
	if len(lines) != maxWords {
		t.Errorf("%d lines of words, want %d", len(lines), maxWords)
	}
}
